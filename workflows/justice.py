"""R12, the crime behind the case: recorded, investigated, tried, and the person told of it. No account of the crime is kept here.

Every referral is recordable as a crime under the counting rules (grade A); whether somebody cooperates is theirs to say each time.
"""

from typing import Annotated, Literal

from pydantic import Field

from referral.access import AgencyKind, May, Part, Role
from referral.errors import Reason
from workflows.facts import Effect, Facts
from workflows.forms import AgencyId, Code, Day, Form, Line, Note, Text
from workflows.guards import strand_is_not
from workflows.states import States, by
from workflows.table import OPENING, STAY, Move, Workflow


class Justice(States):
    """How far the matter has come."""

    # fmt: off
    NOT_REPORTED      = "not_reported", "No police force is known to have the matter.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR)
    REPORTED          = "reported", "A police force has the matter.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR)
    INVESTIGATING     = "investigating", "The force investigates.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR)
    CHARGED           = "charged", "Somebody is charged.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR)
    AT_TRIAL          = "at_trial", "The matter is before a court.", by(Role.NAVIGATOR, Role.FIRST_RESPONDER)
    NO_FURTHER_ACTION = "no_further_action", "The matter is not taken further."
    CONCLUDED         = "concluded", "The matter has ended in court."
    # fmt: on


Willing = Literal["yes", "no", "not_yet", "not_asked"]


class Report(Form):
    """Which force was told. With the person's identity only if they agree, or are a child."""

    force: AgencyId
    with_identity: bool
    willing: Willing = "not_asked"
    note: Text | None = None


class Crime(Form):
    """Under which reference the force has recorded it."""

    force: AgencyId
    crime_reference: Line
    recorded_on: Day
    with_identity: bool = False
    officer: Line | None = None
    willing: Willing = "not_asked"


class Charge(Form):
    """How many are charged."""

    suspects: Annotated[int, Field(ge=1, le=1000)]
    charged_on: Day
    note: Text | None = None


class Trial(Form):
    """When it begins."""

    begins_on: Day
    note: Text | None = None


class Update(Form):
    """What the person was told, and how."""

    about: Code
    channel: Literal["in_person", "phone", "letter", "through_navigator", "through_support_worker"]
    note: Text | None = None


class Cooperation(Form):
    """Whether the person cooperates, and what helps them to."""

    willing: Literal["yes", "no", "not_yet"]
    special_measures: list[Code] = Field(default_factory=list, max_length=20)
    note: Text | None = None


class Ended(Form):
    """Why nothing more is done, and that the person knows."""

    reason: Code
    person_told: Literal["yes", "not_reached", "not_wanted"]
    note: Text | None = None


class Outcome(Form):
    """How it ended, and that the person knows."""

    outcome: Literal["convicted", "acquitted", "mixed", "discontinued"]
    person_told: Literal["yes", "not_reached", "not_wanted"]
    compensation: Literal["ordered", "not_ordered", "not_asked"] = "not_asked"
    note: Text | None = None


def is_a_force(facts: Facts) -> Reason | None:
    """The agency named is a police force that works here."""
    form = facts.form
    if not isinstance(form, (Report, Crime)):
        return None
    row = facts.agencies.get(form.force)
    if row is None or not row.active or row.kind != AgencyKind.POLICE:
        return Reason("not_a_force", "This agency is not a police force that can be told.")
    return None


def may_be_named(facts: Facts) -> Reason | None:
    """An adult's identity goes to the police only where they agree to it."""
    form = facts.form
    if not isinstance(form, (Report, Crime)) or not form.with_identity or facts.case.child == "yes":
        return None
    if any(strand.state == "given" and strand.facts.get("purpose") == "police" for strand in facts.each("consent")):
        return None
    return Reason("no_consent", "The person has not agreed that the police know who they are.")


def join_force(_: Facts, form: Report | Crime) -> Effect:
    """A force that may know who the person is takes part from now on; another one is only named."""
    return Effect(join=((form.force, Part.POLICE),) if form.with_identity else ())


J = Justice
UNDER_WAY = [J.NOT_REPORTED, J.REPORTED, J.INVESTIGATING, J.CHARGED, J.AT_TRIAL]
GOES_ON = (strand_is_not("intake", "linked_duplicate"),)  # a duplicate's crime is followed in the case that goes on
REPORTABLE = (is_a_force, may_be_named)
NEAR = ("owner", "worker", "referrer")

# fmt: off
JUSTICE = Workflow("justice", Justice, {J.NO_FURTHER_ACTION, J.CONCLUDED}, again=True, says="Is the crime recorded, and what becomes of it?", moves=[
    #    move                  leaves                        enters               needs               asks         only if     does        then tells
    Move("open",               OPENING,                      J.NOT_REPORTED,      May.RECORD_JUSTICE, Note,        GOES_ON),
    Move("report",             [J.NOT_REPORTED],             J.REPORTED,          May.RECORD_JUSTICE, Report,      REPORTABLE, join_force, (), ("police", *NEAR)),
    Move("record_crime",       [J.NOT_REPORTED, J.REPORTED], J.REPORTED,          May.RECORD_JUSTICE, Crime,       REPORTABLE, join_force, (), ("police", *NEAR)),
    Move("investigate",        [J.REPORTED],                 J.INVESTIGATING,     May.RECORD_JUSTICE, Note,        (),         None,       (), NEAR),
    Move("charge",             [J.INVESTIGATING],            J.CHARGED,           May.RECORD_JUSTICE, Charge,      (),         None,       (), (*NEAR, "support")),
    Move("go_to_trial",        [J.CHARGED],                  J.AT_TRIAL,          May.RECORD_JUSTICE, Trial,       (),         None,       (), (*NEAR, "support")),
    Move("update_person",      UNDER_WAY,                    STAY,                May.RECORD_JUSTICE, Update),
    Move("record_cooperation", UNDER_WAY,                    STAY,                May.RECORD_JUSTICE, Cooperation, (),         None,       (), ("police",)),
    Move("drop",               UNDER_WAY,                    J.NO_FURTHER_ACTION, May.RECORD_JUSTICE, Ended,       (),         None,       (), (*NEAR, "support")),
    Move("conclude",           [J.CHARGED, J.AT_TRIAL],      J.CONCLUDED,         May.RECORD_JUSTICE, Outcome,     (),         None,       (), (*NEAR, "support")),
])
# fmt: on
