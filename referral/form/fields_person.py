"""The rows on the person: age, consent, support, identity, needs, and where the decision goes."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from referral.access import Group
from referral.form import codes
from referral.form.field import MAY, MUST, Field, Kind
from referral.form.predicates import (
    adult,
    adult_agrees,
    always,
    both,
    gives_gender,
    is_referral,
    names_the_person,
    refuses,
    said,
    support_asked,
    ticked,
    treated_as_child,
    wants_support,
    writes_to_person,
    writes_to_someone_else,
)

OWN_PHONE = both(wants_support, said("phone_route", "own"))
OTHER_PHONE = both(wants_support, said("phone_route", "alternative"))
NO_PHONE = both(wants_support, said("phone_route", "none"))
BY_EMAIL = both(writes_to_person, ticked("contact_methods", "email"))
BY_POST = both(writes_to_person, ticked("contact_methods", "post"))
ELSE_BY_EMAIL = both(writes_to_someone_else, ticked("someone_else_methods", "email"))
ELSE_BY_POST = both(writes_to_someone_else, ticked("someone_else_methods", "post"))

LA = "local-authority-contacted-about-child-local-authority-"
PV = "pv-contact-details"

# fmt: off
PERSON = [
    # name, official key, section, kind, asked when, required, says
    Field("under_18", "pv-under-age", "age", Kind.YES_NO_NOT_SURE, always, MUST, "Is the person under 18? Not sure is treated as a child", statistics="age_now", group=Group.IDENTITY),
    Field("under_18_when_exploited", "pv-under-age-at-time-of-exploitation", "age", Kind.YES_NO_NOT_SURE, adult, MUST, "Were they under 18 when they were exploited?", statistics="age_group", group=Group.IDENTITY),
    Field("authority_name",       LA + "name",       "child", Kind.SHORT_TEXT, treated_as_child, MUST,  "The local authority that was told", group=Group.CONTACT),
    Field("authority_phone",      LA + "phone",      "child", Kind.PHONE,      treated_as_child, MUST,  "Its phone number", group=Group.CONTACT, others=True),
    Field("authority_email",      LA + "email",      "child", Kind.EMAIL,      treated_as_child, MUST,  "Its e-mail address", group=Group.CONTACT, others=True),
    Field("authority_first_name", LA + "first-name", "child", Kind.SHORT_TEXT, treated_as_child, MAY, "First name of the contact there", group=Group.CONTACT, others=True),
    Field("authority_last_name",  LA + "last-name",  "child", Kind.SHORT_TEXT, treated_as_child, MAY, "Last name of the contact there", group=Group.CONTACT, others=True),

    Field("wants_referral", "pv-want-to-submit-nrm", "consent", Kind.YES_NO, adult, MUST, "Was it explained with the privacy notice, and do they agree to be referred?", group=Group.CONSENT),
    Field("refusal_reason", "refuse-nrm", "notification", Kind.TEXT, refuses, MAY, "Why they do not want to be referred, if they say so", group=Group.CONSENT),

    Field("needs_support",   "does-pv-need-support", "support", Kind.YES_NO, support_asked, MUST, "Do they want support?", group=Group.CONSENT),
    Field("phone_route",     "pv-phone-number", "support", Kind.CHOICE, wants_support, MUST, "Which phone can be called?", codes=codes.PHONE_ROUTES, group=Group.CONTACT),
    Field("phone",           "pv-phone-number-yes", "support", Kind.PHONE, OWN_PHONE, MUST, "Their own number", identity=True, group=Group.CONTACT),
    Field("alternative_phone", "pv-phone-number-alternative", "support", Kind.PHONE, OTHER_PHONE, MUST, "Someone else's number, never the exploiter's", identity=True, group=Group.CONTACT, others=True),
    Field("alternative_phone_relation", "alternative-number-relation-to-pv", "support", Kind.SHORT_TEXT, OTHER_PHONE, MUST, "Whose number it is", group=Group.CONTACT, others=True),
    Field("alternative_phone_checked",  "", "support", Kind.CONFIRM, OTHER_PHONE, MAY, "We made sure that it is not the exploiter's number", group=Group.CONTACT),
    Field("no_phone_reason", "no-contact-details", "support", Kind.TEXT, NO_PHONE, MUST, "Why there is no number", group=Group.CONTACT),

    Field("first_name",    "pv-name-first-name", "person", Kind.SHORT_TEXT, names_the_person, MUST,  "First name", identity=True, group=Group.IDENTITY),
    Field("last_name",     "pv-name-last-name",  "person", Kind.SHORT_TEXT, names_the_person, MUST,  "Last name", identity=True, group=Group.IDENTITY),
    Field("nickname",      "pv-name-nickname",   "person", Kind.SHORT_TEXT, names_the_person, MAY, "Nickname or other name", identity=True, group=Group.IDENTITY),
    Field("date_of_birth", "pv-dob",             "person", Kind.DATE,       is_referral,      MAY, "Date of birth, if known", identity=True, group=Group.IDENTITY),
    # Trap: "unknown" is the official code of an answer, and not that the answer is missing.
    Field("gender",        "pv-gender",          "person", Kind.CHOICE,     gives_gender,     MUST,  "Gender", codes=codes.GENDERS, statistics="gender", group=Group.IDENTITY),
    Field("has_children",   "does-pv-have-children",            "person", Kind.YES_NO, is_referral, MUST, "Do they have children?", group=Group.ASSOCIATES),
    Field("children_count", "does-pv-have-children-yes-amount", "person", Kind.NUMBER, both(is_referral, said("has_children", "yes")), MUST, "How many", group=Group.ASSOCIATES),
    Field("nationality",        "pv-nationality",        "person", Kind.NATIONALITY, gives_gender, MUST,  "Nationality", statistics="nationality", group=Group.IDENTITY),
    Field("second_nationality", "pv-nationality-second", "person", Kind.NATIONALITY, gives_gender, MAY, "Second nationality", statistics="nationality", group=Group.IDENTITY),
    Field("needs_interpreter",    "pv-interpreter-requirements",          "person", Kind.YES_NO,     is_referral, MUST, "Do they need an interpreter?", group=Group.CONTACT),
    Field("interpreter_language", "pv-interpreter-requirements-language", "person", Kind.SHORT_TEXT, both(is_referral, said("needs_interpreter", "yes")), MUST, "Which language", group=Group.CONTACT),
    Field("needs_communication_help", "pv-other-help-with-communication",     "person", Kind.YES_NO,     is_referral, MUST, "Do they need other help to communicate?", group=Group.HEALTH),
    Field("communication_help",       "pv-other-help-with-communication-aid", "person", Kind.SHORT_TEXT, both(is_referral, said("needs_communication_help", "yes")), MUST, "Which help", group=Group.HEALTH),
    Field("has_home_office_reference", "pv-ho-reference",      "person", Kind.YES_NO,     is_referral, MUST, "Is there a Home Office reference?", group=Group.IMMIGRATION),
    Field("home_office_reference",     "pv-ho-reference-type", "person", Kind.SHORT_TEXT, both(is_referral, said("has_home_office_reference", "yes")), MUST, "The reference", identity=True, group=Group.IMMIGRATION),

    # Not asked about children: their decision goes to the local authority and the first responder.
    Field("decision_to",     "who-contact",     "decision", Kind.CHOICE,  adult_agrees,     MUST, "Who should get the decision?", codes=codes.DECISION_TO, group=Group.CONTACT),
    Field("contact_methods", PV,                "decision", Kind.CHOICES, writes_to_person, MUST, "How to write to the person", codes=codes.CONTACT_METHODS, group=Group.CONTACT),
    Field("email",           PV + "-email-input", "decision", Kind.EMAIL,      BY_EMAIL, MUST,  "Their e-mail address", identity=True, group=Group.CONTACT),
    Field("email_is_safe",   PV + "-email-check", "decision", Kind.CONFIRM,    BY_EMAIL, MUST,  "It is safe to write to this e-mail address", group=Group.CONTACT),
    Field("address_street",  PV + "-street",      "decision", Kind.SHORT_TEXT, BY_POST,  MUST,  "Street, never where they were exploited", identity=True, group=Group.ADDRESS),
    Field("address_town",    PV + "-town",        "decision", Kind.SHORT_TEXT, BY_POST,  MUST,  "Town", identity=True, group=Group.ADDRESS),
    Field("address_county",  PV + "-county",      "decision", Kind.SHORT_TEXT, BY_POST,  MAY, "County", identity=True, group=Group.ADDRESS),
    Field("address_postcode", PV + "-postcode",   "decision", Kind.SHORT_TEXT, BY_POST,  MUST,  "Postcode", identity=True, group=Group.ADDRESS),
    Field("post_is_safe",    PV + "-post-check",  "decision", Kind.CONFIRM,    BY_POST,  MUST,  "It is safe to write to this address", group=Group.CONTACT),

    Field("someone_else_methods",    "someone-else",             "decision", Kind.CHOICES,    writes_to_someone_else, MUST,  "How to write to them", codes=codes.CONTACT_METHODS, group=Group.ASSOCIATES),
    Field("someone_else_first_name", "someone-else-first-name",  "decision", Kind.SHORT_TEXT, writes_to_someone_else, MAY, "Their first name", group=Group.ASSOCIATES, others=True),
    Field("someone_else_last_name",  "someone-else-last-name",   "decision", Kind.SHORT_TEXT, writes_to_someone_else, MAY, "Their last name", group=Group.ASSOCIATES, others=True),
    Field("someone_else_email",      "someone-else-email-input", "decision", Kind.EMAIL,      ELSE_BY_EMAIL,          MUST,  "Their e-mail address", group=Group.ASSOCIATES, others=True),
    Field("someone_else_street",     "someone-else-street",      "decision", Kind.SHORT_TEXT, ELSE_BY_POST,           MUST,  "Their street", group=Group.ASSOCIATES, others=True),
    Field("someone_else_town",       "someone-else-town",        "decision", Kind.SHORT_TEXT, ELSE_BY_POST,           MUST,  "Their town", group=Group.ASSOCIATES, others=True),
    Field("someone_else_county",     "someone-else-county",      "decision", Kind.SHORT_TEXT, ELSE_BY_POST,           MAY, "Their county", group=Group.ASSOCIATES, others=True),
    Field("someone_else_postcode",   "someone-else-postcode",    "decision", Kind.SHORT_TEXT, ELSE_BY_POST,           MUST,  "Their postcode", group=Group.ASSOCIATES, others=True),
    Field("someone_else_permission", "someone-else-permission-check", "decision", Kind.CONFIRM, writes_to_someone_else, MUST, "The person gave permission", group=Group.ASSOCIATES),
]
# fmt: on
