"""What is held about a person, put in order for them: who they are, what they told, agreed and were decided, who helped, every step.

Pure: what is held comes in as a value, and the account goes out as one, in no language yet. Names of staff, other people,
free notes of staff and places where the person may live are never in it.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from referral.access import Part
from referral.audit import canonical
from referral.form.field import Field, Kind
from referral.form.fields import FIELDS
from referral.form.redaction import OTHER, PLACE, SAFE_PLACES, Known, known, redacted
from referral.reckoning import local_day
from workflows import catalogue

DECIDING = ("decision", "stay")  # workflows whose new states are decisions about the person
UNNAMED = (Part.HOUSING,)  # whoever keeps a safe place is not named: this paper may fall into wrong hands
ABOUT_ITSELF = frozenset({Kind.CONFIRM})  # ticks of staff


@dataclass(frozen=True, slots=True)
class Held:
    """All that an account is made of."""

    case: str  # its id
    reference: str
    zone: str
    kept_months: int  # after the case has come to rest
    bodies: tuple[str, ...]  # of the events that it covers, in their order, as they are stored
    answers: Mapping[str, Any]
    identity: Mapping[str, Any]
    purposes: Mapping[int, str]  # number of a strand of consent -> its purpose
    agencies: Mapping[str, str]  # id -> name
    notes: int  # how many steps carry free notes of staff


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a sentence of the wording with what fills it, or a question of the form with its answer."""

    says: str  # a name in the wording; empty for a question and its answer
    slots: tuple[tuple[str, str], ...]

    def as_list(self) -> list[Any]:
        """As JSON."""
        return [self.says, [list(slot) for slot in self.slots]]


Account = tuple[tuple[str, tuple[Line, ...]], ...]  # heading in the wording -> its lines


def account(held: Held) -> Account:
    """The account, heading by heading; one without a line says so itself."""
    events = [orjson.loads(body) for body in held.bodies]
    about = known(held.answers, held.identity)
    return (
        ("who", tuple(_form(held.identity, about, identity=True))),
        ("told", tuple(_form(held.answers, about, identity=False))),
        ("agreed", tuple(_agreed(events, held))),
        ("decided", tuple(_reached(events, held, DECIDING))),
        ("helped", tuple(_helped(events, held))),
        ("steps", tuple(_steps(events, held))),
        ("kept", tuple(_kept(held))),
        ("rights", tuple(_line(name) for name in ("rights_wrong", "rights_erase", "rights_complain"))),
    )


def content(told: Account, key: bytes, case: str) -> str:
    """The keyed digest of an account: whoever holds the database alone can guess nothing from it."""
    plain = canonical([[heading, [line.as_list() for line in lines]] for heading, lines in told])
    return hmac.new(key, b"account:" + case.encode() + b":" + plain, hashlib.sha256).hexdigest()


def masked(told: Account) -> int:
    """How often somebody or some place was taken out."""
    return sum(
        value.count(OTHER) + value.count(PLACE) for _, lines in told for line in lines for _, value in line.slots
    )


def _form(values: Mapping[str, Any], about: Known, *, identity: bool) -> Iterator[Line]:
    for row in FIELDS:
        value = values.get(row.name)
        if row.identity is not identity or value in (None, "", []) or row.kind in ABOUT_ITSELF:
            continue
        yield Line("", (("question", row.says), ("answer", _answer(row, value, about))))


def _answer(row: Field, value: Any, about: Known) -> str:
    if row.others:
        return OTHER
    if row.name in SAFE_PLACES:
        return PLACE
    if row.identity:
        return str(value)
    told = value if isinstance(value, list) else [value]
    if row.values:
        return "; ".join(row.values[one].says for one in told if one in row.values)
    return "; ".join(redacted(str(one), about) for one in told)


def _agreed(events: Iterable[Mapping[str, Any]], held: Held) -> Iterator[Line]:
    for event in events:
        workflow, _, _ = event["move"].partition(".")
        if workflow == "consent" and event["to"] != event["from"]:
            purpose = held.purposes.get(event["strand"], "other")
            yield _line(f"consent_{event['to']}", day=_day(event, held), purpose=purpose)


def _reached(events: Iterable[Mapping[str, Any]], held: Held, workflows: tuple[str, ...]) -> Iterator[Line]:
    for event in events:
        workflow, _, _ = event["move"].partition(".")
        if workflow in workflows and event["to"] != event["from"]:
            yield _line("reached", day=_day(event, held), state=_says(workflow, event["to"]))


def _helped(events: Iterable[Mapping[str, Any]], held: Held) -> Iterator[Line]:
    seen = set[tuple[str, str]]()
    for event in events:
        for agency, part, *_ in event.get("joined", ()):  # and when it ends by itself
            if (agency, part) not in seen:
                seen.add((agency, part))
                yield _part("helped", agency, part, event, held)
        for agency, part in event.get("left", ()):
            if (agency, part) in seen:
                seen.discard((agency, part))
                yield _part("helped_until", agency, part, event, held)


def _part(says: str, agency: str, part: str, event: Mapping[str, Any], held: Held) -> Line:
    if part in UNNAMED:
        return _line(f"{says}_unnamed", day=_day(event, held), part=part)
    return _line(says, day=_day(event, held), part=part, agency=held.agencies.get(agency, agency))


def _steps(events: Iterable[Mapping[str, Any]], held: Held) -> Iterator[Line]:
    for event in events:
        workflow, _, _ = event["move"].partition(".")
        if event["to"] != event["from"]:
            yield _line("step", day=_day(event, held), state=_says(workflow, event["to"]))
        else:
            title = catalogue.WORKFLOWS[workflow].title if workflow in catalogue.WORKFLOWS else workflow
            yield _line("step_within", day=_day(event, held), title=title)


def _kept(held: Held) -> Iterator[Line]:
    yield _line("kept_long", months=str(held.kept_months))
    yield _line("kept_steps")
    if held.notes:
        yield _line("kept_notes", number=str(held.notes))


def _says(workflow: str, state: str) -> str:
    known_ = catalogue.WORKFLOWS.get(workflow)
    return next((one.says for one in known_.states if str(one) == state), state) if known_ else state


def _day(event: Mapping[str, Any], held: Held) -> str:
    return local_day(datetime.fromisoformat(event["occurred"]), held.zone).isoformat()


def _line(says: str, **slots: str) -> Line:
    return Line(says, tuple(slots.items()))
