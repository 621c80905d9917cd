"""An operation: several agencies, some places, one day or one week, and the people who were met there.

What it knows of people is a list of outcomes; whoever needs more than advice has a case of their own, opened in the same call.
"""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from referral.access import May, Part, Role
from referral.errors import Reason
from referral.ids import new_id
from workflows.facts import Effect, Facts, Row, to_the_team
from workflows.forms import AgencyId, Because, Code, Day, Form, Moment, Note, Nothing
from workflows.guards import agreed_between
from workflows.states import States, by
from workflows.table import OPENING, STAY, Move, Workflow

OPENS = frozenset({"referred", "notified", "child", "opened"})  # outcomes that need a case of their own
Outcome = Literal["advised", "checked", "referred", "notified", "declined_help", "child", "opened"]
PLACE_OF = {"raid": "raid", "airport": "airport"}  # kind of operation -> kind of place where nothing else is said


class Operation(States):
    """How far the operation has come."""

    # fmt: off
    PLANNED = "planned", "The operation is being prepared.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR, deadline="operation_start")
    RUNNING = "running", "The operation is on; people are being met.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR, deadline="operation_close")
    CLOSED  = "closed", "The operation is over. The cases that came of it go on."
    # fmt: on


class Plan(Form):
    """What is planned. The name is a code word."""

    jurisdiction: Code | None = None
    kind: Literal["raid", "airport", "other"]
    name: Code
    starts_on: Day
    ends_on: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("ends before it starts")
        return self


class Partner(Form):
    """Which agency takes part."""

    partner: AgencyId


class Place(Form):
    """A place by a label of the operation's own, never by its address."""

    place_kind: Code
    label: Code
    region: Code


class Tally(Form):
    """What is to be added to the counters; less than nothing corrects a mistake."""

    flights_watched: int = Field(default=0, ge=-100_000, le=100_000)
    passengers_spoken_to: int = Field(default=0, ge=-100_000, le=100_000)
    enhanced_checks: int = Field(default=0, ge=-100_000, le=100_000)
    addresses_entered: int = Field(default=0, ge=-100_000, le=100_000)
    suspects_held: int = Field(default=0, ge=-100_000, le=100_000)
    leaflets_given: int = Field(default=0, ge=-100_000, le=100_000)


class Met(Form):
    """One person, without who they are."""

    outcome: Outcome
    place_kind: (
        Literal["raid", "airport", "port", "police_station", "detention", "hospital", "street", "other"] | None
    ) = None
    met_at: Moment | None = None  # empty means when the move happened
    under_18: Literal["yes", "no", "not_sure"] | None = None
    indicators: list[Code] = Field(default_factory=list, max_length=30)
    needs: list[Code] = Field(default_factory=list, max_length=20)
    language: Code | None = None
    immediate_danger: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        young = self.under_18 in ("yes", "not_sure")
        if self.outcome == "child" and not young:
            raise ValueError("a child, or somebody who may be one, is recorded as under 18: yes or not_sure")
        if self.outcome == "notified" and young:
            raise ValueError("a child, or somebody who may be one, is referred and never only notified")
        if young and self.indicators and self.outcome not in OPENS:
            raise ValueError("a child, or somebody who may be one, with signs of exploitation gets a case")
        return self


class Capture(Form):
    """Up to fifty people in one call."""

    people: list[Met] = Field(min_length=1, max_length=50)


def leads(facts: Facts) -> Reason | None:
    """The agency that leads decides about the operation."""
    if facts.actor.is_system or facts.takes_part(facts.actor.agency, Part.LEAD):
        return None
    return Reason("not_the_lead", "Only the agency that leads the operation does this.")


def can_be_partner(facts: Facts) -> Reason | None:
    """A working agency that does not take part already."""
    if not isinstance(facts.form, Partner):
        return None
    agency = facts.agencies.get(facts.form.partner)
    if agency is None or not agency.active:
        return Reason("no_such_agency", "There is no such working agency.")
    if facts.takes_part(facts.form.partner):
        return Reason("takes_part", "This agency takes part already.")
    return agreed_between(facts, facts.form.partner, "operation")


def label_is_new(facts: Facts) -> Reason | None:
    """Two places of one operation are not called the same."""
    if not isinstance(facts.form, Place):
        return None
    used = any(place["label"] == facts.form.label for place in facts.told().get("places", []))
    return Reason("label_used", "Another place of this operation has this label.") if used else None


def counts_up(facts: Facts) -> Reason | None:
    """No counter falls below nothing, and an empty count is none."""
    if not isinstance(facts.form, Tally):
        return None
    if not any(facts.form.model_dump().values()):
        return Reason("nothing_counted", "Nothing was counted.")
    below = any(number < 0 for number in _added(facts, facts.form).values())
    return Reason("below_zero", "A counter would fall below nothing.") if below else None


def lead(facts: Facts, _: Form) -> Effect:
    """The agency that plans it leads it."""
    return Effect(join=((facts.actor.agency, Part.LEAD),))


def add_partner(_: Facts, form: Partner) -> Effect:
    """The partner sees the operation; the cases of people stay with those who take part in them."""
    return Effect(join=((form.partner, Part.PARTNER),), forget=("partner",))


def add_place(facts: Facts, form: Place) -> Effect:
    """One place more."""
    places = [*facts.told().get("places", []), form.facts()]
    return Effect(remember={"places": places}, forget=("place_kind", "label", "region"))


def tally(facts: Facts, form: Tally) -> Effect:
    """Counters only ever hold the sum."""
    return Effect(remember={"counters": _added(facts, form)}, forget=tuple(Tally.model_fields))


def capture(facts: Facts, form: Capture) -> Effect:
    """Who needs more than advice has a case of their own from now on; the others are a line in the list."""
    lines = [_line(facts, met) for met in form.people if met.outcome not in OPENS]
    cases = [("intake.encounter", _meeting(facts, met), new_id()) for met in form.people if met.outcome in OPENS]
    return Effect(
        remember={"people_met": facts.told().get("people_met", 0) + len(form.people)},
        forget=("people",),
        opens=tuple(cases),
        rows=tuple(lines),
    )


def _added(facts: Facts, form: Tally) -> dict[str, int]:
    before = facts.told().get("counters", {})
    return {name: before.get(name, 0) + more for name, more in form.model_dump().items() if more or name in before}


def _line(facts: Facts, met: Met) -> Row:
    return Row("encounters", {
        "id": new_id(), "operation_id": facts.case.id, "case_id": None, "met_at": met.met_at or facts.occurred,
        "outcome": met.outcome, "child": met.under_18, "indicators": " ".join(met.indicators),
    })  # fmt: skip


def _meeting(facts: Facts, met: Met) -> dict[str, Any]:
    """The first meeting of the new case; it writes its own line in the list."""
    told = met.model_dump(mode="json", exclude_none=True)
    place = PLACE_OF.get(str(facts.told().get("kind")), "other")
    return {"place_kind": place, **told, "jurisdiction": facts.case.jurisdiction}


O = Operation  # noqa: E741  one letter, as in every table
ON = [O.PLANNED, O.RUNNING]

# fmt: off
OPERATION = Workflow("operation", Operation, {O.CLOSED}, of="operation", says="Who does what where, and who was met?", moves=[
    #    move           leaves       enters     needs               asks     only if                   does         then  tells
    Move("plan",        OPENING,     O.PLANNED, May.LEAD_OPERATION, Plan,    (),                       lead),
    Move("add_partner", ON,          STAY,      May.LEAD_OPERATION, Partner, (leads, can_be_partner),  add_partner, (),   ("partner",), ("agreements",)),
    Move("add_place",   ON,          STAY,      May.LEAD_OPERATION, Place,   (leads, label_is_new),    add_place),
    Move("start",       [O.PLANNED], O.RUNNING, May.LEAD_OPERATION, Note,    (leads,),                 None,        (),   ("partner",)),
    Move("tally",       [O.RUNNING], STAY,      May.CAPTURE,        Tally,   (counts_up,),             tally),
    Move("capture",     [O.RUNNING], STAY,      May.CAPTURE,        Capture, (),                       capture,     (),   ("lead",)),
    Move("worker_leaves", ON,        STAY,      May.ACT_AS_SYSTEM,  Nothing, (),                       to_the_team, (),   ("owner",)),
    Move("close",       ON,          O.CLOSED,  May.LEAD_OPERATION, Because, (leads,),                 None,        (),   ("lead", "partner")),
])
# fmt: on
