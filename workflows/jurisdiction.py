"""Dated law as values: rules with their versions, terms for guards, and which moves touch which rule. Reads no file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from referral.reckoning import Born, Count, Other, Reckoning, reckon

# fmt: off
KINDS = {  # what the end of a period means
    "target": "Somebody should have acted by then; later is late.",
    "floor":  "At least so long: from then on it may end, and nobody is late.",
    "window": "A right that lapses.",
    "expiry": "Something stops being valid.",
    "review": "Something is looked at again.",
    "ageing": "No period is laid down: attention at certain ages, never late.",
    "test":   "A date that decides a question, not something to be done.",
}
LATE_KINDS = ("target", "review", "expiry")  # the end of the others makes nobody late
AUDIENCES = frozenset({
    "worker", "owner", "referrer", "first_responder", "authority", "support", "housing", "local_authority", "holder", "manager",
})
GRADES = {
    "A": "an official or primary text was read",
    "B": "a reputable secondary source was read",
    "C": "background knowledge, to be confirmed",
    "D": "a house rule, where no published number exists",
    "local": "set by this installation",
}
# fmt: on
WHO = frozenset({"", "adult", "child"})
Value = bool | int | str


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a rule file may use, from the workflow tables."""

    moves: frozenset[str]
    workflows: frozenset[str]
    roles: frozenset[str]
    states: frozenset[str] = frozenset()  # each with its workflow, such as support.extended


@dataclass(frozen=True, slots=True)
class Version:
    """What a rule says in one span of dates, and where that is written."""

    id: str
    from_: date
    until: date | None
    lasts: str
    count: Count
    calendar: str
    source: str
    document: str
    grade: str
    note: str = ""
    alternative: Other | None = None
    remind: tuple[str, ...] = ()
    tell: tuple[str, ...] = ()
    local: bool = False  # set by this installation

    def covers(self, day: date) -> bool:
        """True when it was in force on this day."""
        return self.from_ <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Rule:
    """One deadline: what it is for, who owes it, the moves that touch it, and its versions in order of date."""

    id: str
    name: str
    says: str
    of: str  # the workflow whose strand carries it
    kind: str
    owed_by: str
    starts_on: tuple[str, ...]
    stops_on: tuple[str, ...]
    pauses_on: tuple[str, ...]
    resumes_on: tuple[str, ...]
    extends_on: tuple[str, ...]
    fires: str  # the system move made when the due instant comes, or ""
    remind: tuple[str, ...]
    tell: tuple[str, ...]
    house: bool
    versions: tuple[Version, ...]
    restarts: bool = False  # a start while it runs begins anew; otherwise the first start stands
    only_for: str = ""  # "child" or "adult" where it does not hold for everybody
    enabled: bool = True  # a rule that is off can be calculated but is not started by any move
    before: str = ""  # what is known of the time before the first version
    named_by: str = "due_on"  # the field of the move's form that may name the last day instead
    only_in: tuple[
        str, ...
    ] = ()  # workflow.state: it starts only where each workflow named here stands in one of these
    counts_from: str = (
        ""  # a day that its strand, or workflow.fact another's, remembers and that counts instead of the move's
    )

    def on(self, day: date) -> Version | None:
        """The version in force on this day."""
        return next((version for version in reversed(self.versions) if version.covers(day)), None)


@dataclass(frozen=True, slots=True)
class TermVersion:
    """The value of a term in one span of dates, and where that is written."""

    value: Value
    from_: date
    until: date | None
    source: str
    document: str
    grade: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A dated value that guards ask for and that is no deadline."""

    name: str
    says: str
    versions: tuple[TermVersion, ...]

    def on(self, day: date) -> TermVersion | None:
        """The version in force on this day."""
        return next(
            (v for v in reversed(self.versions) if v.from_ <= day and (v.until is None or day <= v.until)), None
        )


Index = Mapping[str, tuple[Rule, ...]]


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The rules of one place. The indexes answer at once which rules a move starts, stops, pauses, resumes or extends."""

    key: str
    name: str
    zone: str
    calendar: str
    rules: Mapping[str, Rule]  # by name
    terms: Mapping[str, Term]
    starts: Index = field(init=False, repr=False, compare=False)
    stops: Index = field(init=False, repr=False, compare=False)
    pauses: Index = field(init=False, repr=False, compare=False)
    resumes: Index = field(init=False, repr=False, compare=False)
    extends: Index = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Build the indexes."""
        for name in ("starts", "stops", "pauses", "resumes", "extends"):
            object.__setattr__(self, name, _index(self.rules.values(), f"{name}_on"))

    def rule(self, name_or_id: str) -> Rule | None:
        """Find a rule by its name or its id."""
        return self.rules.get(name_or_id) or next((r for r in self.rules.values() if r.id == name_or_id), None)

    def term(self, name: str, day: date) -> Value | None:
        """What held on this day; None where nothing is known of that time. An unknown name is a KeyError."""
        found = self.terms[name].on(day)
        return None if found is None else found.value

    def reckon(self, version: Version, start: date | datetime, born: date | None = None) -> Reckoning:
        """When a period under this version that starts then is due, with the local reading where it differs."""
        return reckon(
            start,
            version.lasts,
            version.count,
            calendar=version.calendar,
            zone=self.zone,
            local_calendar=self.calendar,
            other=version.alternative,
            born=self.born(born, version.from_) if born else None,
        )

    def born(self, on: date, day: date) -> Born:
        """A day of birth, with what the law of a day says of those born on 29 February."""
        leap_day = self.term("leap_birthday", day) if "leap_birthday" in self.terms else None
        return Born(on, str(leap_day or "1 March"))


Law = Mapping[str, Jurisdiction]


def _index(rules: Iterable[Rule], column: str) -> Index:
    found: dict[str, tuple[Rule, ...]] = {}
    for rule in rules:
        if rule.enabled:
            for move in getattr(rule, column):
                found[move] = (*found.get(move, ()), rule)
    return found
