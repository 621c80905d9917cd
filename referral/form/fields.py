"""The form as one table: every question with its official key. Refused when it is declared, not when it is used."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from collections.abc import Sequence

from referral.access import Group
from referral.form import codes
from referral.form.field import MUST, Field, Kind
from referral.form.fields_account import ACCOUNT
from referral.form.fields_person import PERSON
from referral.form.predicates import always

# fmt: off
RESPONDER = [
    # name, official key, section, kind, asked when, required, says
    # The reference is the first responder's own label: e-mails quote it, so it must not carry the person's name.
    Field("reference",       "reference",          "first_responder", Kind.SHORT_TEXT, always, MUST, "Your own reference, without the person's name", group=Group.WORKFLOW),
    Field("responder_email", "user-email",         "first_responder", Kind.EMAIL,      always, MUST, "Your work e-mail address", group=Group.CONTACT, others=True),
    Field("organisation",    "user-organisation",  "first_responder", Kind.SHORT_TEXT, always, MUST, "Your organisation", group=Group.CONTACT),
    Field("made_in",         "fr-location",        "first_responder", Kind.CHOICE,     always, MUST, "The nation where this report is made", codes=codes.NATIONS, statistics="nation", group=Group.WORKFLOW),
]

RESPONDER_CONTACT = [
    Field("responder_first_name", "fr-details-first-name",  "first_responder_contact", Kind.SHORT_TEXT, always, MUST, "Your first name", group=Group.CONTACT, others=True),
    Field("responder_last_name",  "fr-details-last-name",   "first_responder_contact", Kind.SHORT_TEXT, always, MUST, "Your last name", group=Group.CONTACT, others=True),
    Field("responder_role",       "fr-details-role",        "first_responder_contact", Kind.SHORT_TEXT, always, MUST, "Your role", group=Group.CONTACT),
    Field("responder_phone",      "fr-details-phone",       "first_responder_contact", Kind.PHONE,      always, MUST, "Your phone number", group=Group.CONTACT, others=True),
    Field("second_contact_email", "fr-alternative-contact", "first_responder_contact", Kind.EMAIL,      always, MUST, "E-mail address of a second contact", group=Group.CONTACT, others=True),
]
# fmt: on


def table(rows: Sequence[Field]) -> dict[str, Field]:
    """The rows by name, after a look at what no row may do."""
    by_name: dict[str, Field] = {}
    keys: set[str] = set()
    for row in rows:
        if row.name in by_name:
            raise ValueError(f"{row.name} is declared twice")
        if row.official_key and row.official_key in keys:
            raise ValueError(f"{row.name} repeats the official key {row.official_key}")
        if row.kind in (Kind.CHOICE, Kind.CHOICES) and not row.values:
            raise ValueError(f"{row.name} is a choice without values")
        by_name[row.name] = row
        keys.add(row.official_key)
    return by_name


FIELDS: tuple[Field, ...] = (*RESPONDER, *PERSON, *ACCOUNT, *RESPONDER_CONTACT)
BY_NAME: dict[str, Field] = table(FIELDS)
IDENTITY: frozenset[str] = frozenset(row.name for row in FIELDS if row.identity)
SECTIONS: tuple[str, ...] = tuple(dict.fromkeys(row.section for row in FIELDS))
