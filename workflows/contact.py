"""R7, whether the person can be reached and is safe to call. It lies over everything else and never ends a case by itself.

Somebody missing is reported as a vulnerable missing person at once, and deadlines of the authorities run on (competent authorities'
guidance as reproduced by a safeguarding manual, 2017 and 2021, grade A, historic).
"""

from typing import Literal

from pydantic import Field

from referral.access import May, Role
from referral.errors import Reason
from workflows.facts import Effect, Facts, to_the_team
from workflows.forms import AgencyId, Code, Day, Form, Line, Note, Nothing, Text
from workflows.states import States, because, by
from workflows.table import OPENING, STAY, Move, Workflow
from workflows.teaming import Colleague, dismiss, enlist, is_a_colleague, is_not_accountable


class Contact(States):
    """Where the person stands with those who look after them."""

    # fmt: off
    IN_CONTACT  = "in_contact", "The person can be reached.", by(Role.NAVIGATOR, Role.FIRST_RESPONDER, Role.SUPPORT_WORKER, deadline="contact_check")
    UNREACHABLE = "unreachable", "The person has not been reached, and is not known to be missing.", by(Role.NAVIGATOR, Role.FIRST_RESPONDER, Role.SUPPORT_WORKER)
    MISSING     = "missing", "The person was reported to the police as a vulnerable missing person.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR, Role.SUPPORT_WORKER, deadline="missing_review")
    LEFT_UK     = "left_uk", "The person has left the country; the authority decides what follows.", by(Role.CASEWORKER, Role.NAVIGATOR, deadline="abroad_review")
    DETAINED    = "detained", "The person is detained or in custody.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR, Role.CASEWORKER, deadline="detention_review")
    DECEASED    = "deceased", "The person has died. Nothing is sent to them or their family any more.", because("Nothing is to be done; only a mistake is put right.")
    # fmt: on


class Channel(Form):
    """How the person can be reached safely; only codes and ticks are remembered, the number or address never."""

    channel: Code | None = None  # own_phone, third_party_phone, email, messenger, through_worker, in_person
    safe_to_call: bool | None = None
    safe_to_write: bool | None = None
    safe_voicemail: bool | None = None
    shared_with_others: bool | None = None  # somebody else uses the phone or reads the post
    best_times: Line | None = None
    details: Text | None = None


class Lost(Form):
    """How it was noticed that nobody answers."""

    reason: Code | None = None
    attempts: int = Field(default=0, ge=0, le=1000)
    last_contact_on: Day | None = None
    note: Text | None = None


class Missing(Form):
    """The report to the police."""

    police_reference: Line
    force: AgencyId | None = None
    risk: Literal["high", "medium", "low"] = "high"
    last_seen_on: Day | None = None
    told: list[Code] = Field(default_factory=list, max_length=20)  # who was told besides the police
    note: Text | None = None


class Found(Form):
    """How contact came back."""

    how: Code | None = None
    well: bool | None = None
    note: Text | None = None


class Departure(Form):
    """Leaving the country."""

    left_on: Day | None = None
    how: Literal["voluntary", "removed", "unknown"] = "unknown"
    destination: Line | None = None


class Detention(Form):
    """Where somebody is held."""

    place_kind: Literal["immigration_detention", "prison", "police_custody", "hospital", "other"]
    since: Day | None = None
    note: Text | None = None


class Death(Form):
    """What must be known, and no more."""

    died_on: Day | None = None
    note: Text | None = None


class Mistaken(Form):
    """How it turned out that the person lives."""

    reason: Literal["wrong_person", "wrong_report", "wrong_entry"]
    note: Text | None = None


def is_a_force(facts: Facts) -> Reason | None:
    """The force that is named must be a police force."""
    if not isinstance(facts.form, Missing) or facts.form.force is None:
        return None
    force = facts.agencies.get(facts.form.force)
    if force is None or not force.active or force.kind != "police":
        return Reason("not_a_force", "This agency is not a police force that can be named.")
    return None


def verified(facts: Facts, _: Form) -> Effect:
    """When the way to the person was last known to work."""
    return Effect(remember={"verified_at": facts.occurred.isoformat()})


def found(facts: Facts, _: Form) -> Effect:
    """Contact works again; the old alarm is no longer true."""
    return Effect(
        remember={"verified_at": facts.occurred.isoformat()},
        forget=("risk", "attempts", "last_contact_on", "last_seen_on"),
    )


def lives(facts: Facts, _: Form) -> Effect:
    """The day of a death that did not happen is not kept."""
    return Effect(remember={"verified_at": facts.occurred.isoformat()}, forget=("died_on",))


def since_when(facts: Facts, _: Form) -> Effect:
    """Since when nobody reaches the person."""
    return Effect(remember={"lost_at": facts.occurred.isoformat()})


C = Contact
ALL = [C.IN_CONTACT, C.UNREACHABLE, C.MISSING, C.LEFT_UK, C.DETAINED]
ROUND = ("owner", "worker", "referrer", "first_responder", "support")

# fmt: off
CONTACT = Workflow("contact", Contact, (), holds_open=False, says="Can the person be reached, and are they safe?", moves=[
    #    move              leaves                                   enters         needs               asks       only if           does        then  tells
    Move("open",           OPENING,                                 C.IN_CONTACT,  May.RECORD_CONTACT, Channel,   (),               verified),
    Move("verify",         [C.IN_CONTACT, C.DETAINED, C.LEFT_UK],   STAY,          May.RECORD_CONTACT, Channel,   (),               verified),
    Move("lose",           [C.IN_CONTACT],                          C.UNREACHABLE, May.RECORD_CONTACT, Lost,      (),               since_when, (),   ("owner", "worker", "referrer", "first_responder")),
    Move("report_missing", [C.IN_CONTACT, C.UNREACHABLE],           C.MISSING,     May.RECORD_CONTACT, Missing,   (is_a_force,),  since_when, (),   (*ROUND, "local_authority", "authority", "police", "housing")),
    Move("find",           [C.UNREACHABLE, C.MISSING, C.LEFT_UK],   C.IN_CONTACT,  May.RECORD_CONTACT, Found,     (),               found,      (),   (*ROUND, "local_authority", "authority", "police", "housing")),
    Move("leave_uk",       [C.IN_CONTACT, C.UNREACHABLE, C.MISSING, C.DETAINED], C.LEFT_UK, May.RECORD_CONTACT, Departure, (), None,      (),   (*ROUND, "authority", "housing")),
    Move("detain",         [C.IN_CONTACT, C.UNREACHABLE, C.MISSING, C.LEFT_UK], C.DETAINED, May.RECORD_CONTACT, Detention, (), None,      (),   (*ROUND, "authority", "housing")),
    Move("release",        [C.DETAINED],                            C.IN_CONTACT,  May.RECORD_CONTACT, Note,      (),               verified,   (),   (*ROUND, "authority", "housing")),
    Move("add_member",     [*ALL, C.DECEASED],                      STAY,          May.TEAM,           Colleague, (is_a_colleague,), enlist),
    Move("remove_member",  [*ALL, C.DECEASED],                      STAY,          May.TEAM,           Colleague, (is_a_colleague, is_not_accountable), dismiss),
    Move("worker_leaves",  [*ALL, C.DECEASED],                      STAY,          May.ACT_AS_SYSTEM,  Nothing,   (),               to_the_team, (),  ("owner",)),
    Move("record_death",   ALL,                                     C.DECEASED,    May.RECORD_CONTACT, Death,     (),               None,       (),   (*ROUND, "local_authority", "authority", "police", "housing", "manager")),
    Move("correct_death",  [C.DECEASED],                            C.IN_CONTACT,  May.RECORD_CONTACT, Mistaken,  (),               lives,      (),   (*ROUND, "local_authority", "authority", "police", "housing", "manager")),
])
# fmt: on
