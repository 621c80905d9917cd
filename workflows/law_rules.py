"""From the blocks of a rule file to rules and terms, each name, length, date and source checked on the way."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypedDict

from referral import ladder, reckoning, working_days
from referral.reckoning import Count, Other
from workflows.jurisdiction import AUDIENCES, GRADES, KINDS, WHO, Known, Rule, Term, TermVersion, Version
from workflows.law_text import Block

VERSION_KEYS = frozenset(
    {
        "id",
        "from",
        "until",
        "lasts",
        "count",
        "calendar",
        "source",
        "document",
        "grade",
        "note",
        "alternative",
        "remind",
    }
    | {"tell"}
)
MOVE_KEYS = ("starts_on", "stops_on", "pauses_on", "resumes_on", "extends_on")
RULE_KEYS = frozenset(
    {
        "id",
        "name",
        "says",
        "of",
        "kind",
        "owed_by",
        "fires",
        "remind",
        "tell",
        "house",
        "restarts",
        "only_for",
        "enabled",
    }
    | {"before", "named_by", "counts_from", "only_in", *MOVE_KEYS}
)
TERM_VERSION_KEYS = frozenset({"value", "from", "until", "source", "document", "grade", "note"})
COMMON_KEYS = (VERSION_KEYS | RULE_KEYS) - {"id", "name", "says", "until"}
OWN = "own"  # the calendar of the jurisdiction that includes the rule


@dataclass(frozen=True, slots=True)
class Reader:
    """What the reading of one jurisdiction leans on: the names it may use, its calendar, and the file's defaults."""

    known: Known
    calendar: str
    common: dict[str, Any]

    def rule(self, own: Block, versions: Sequence[Block]) -> Rule:
        """One deadline, whole."""
        own.only(RULE_KEYS if versions else RULE_KEYS | VERSION_KEYS)
        block = own.with_(**{key: value for key, value in self.common.items() if key in RULE_KEYS})
        of = one_of(block, "of", self.known.workflows, "workflow")
        fires = block.take("fires", str, "")
        if fires and (fires not in self.known.moves or not fires.startswith(f"{of}.")):
            raise block.wrong(
                f'"{fires}" is no move of the workflow {of}, whose strand carries this deadline.', "fires"
            )
        moves = {key: self._moves(block, key) for key in MOVE_KEYS}
        if bool(moves["pauses_on"]) != bool(moves["resumes_on"]):
            raise block.wrong("What pauses must be able to resume, and the other way round.", "pauses_on")
        rule = Rule(
            id=block.take("id", str),
            name=block.take("name", str),
            says=block.take("says", str),
            of=of,
            kind=one_of(block, "kind", KINDS, "kind of deadline"),
            owed_by=one_of(block, "owed_by", self.known.roles, "role"),
            fires=fires,
            remind=steps(block),
            tell=audiences(block),
            house=block.take("house", bool, default=False),
            restarts=block.take("restarts", bool, default=False),
            only_for=one_of(block, "only_for", WHO, "group of people", empty=True),
            enabled=block.take("enabled", bool, default=True),
            before=block.take("before", str, ""),
            named_by=block.take("named_by", str, "due_on"),
            counts_from=self._counts_from(block),
            only_in=self._states(block, of),
            versions=tuple(self._versions(own, versions)),
            **moves,
        )
        for version, place in zip(rule.versions, versions or [own], strict=True):
            if (version.grade == "D") and not rule.house:
                raise place.wrong("A rule of grade D is our own: say house = true.", "grade")
        if not rule.tell:
            raise block.wrong("`tell` is missing: somebody must hear of it.", "tell")
        return rule

    def term(self, own: Block, versions: Sequence[Block]) -> Term:
        """One dated value for guards."""
        own.only(frozenset({"name", "says"}) if versions else frozenset({"name", "says"}) | TERM_VERSION_KEYS)
        places = versions or [own]
        read = []
        for place in places:
            if versions:
                place.only(TERM_VERSION_KEYS)
            block = place.with_(**{key: value for key, value in self.common.items() if key in TERM_VERSION_KEYS})
            read.append(
                TermVersion(
                    value=block.take("value", (bool, int, str)),
                    from_=_day(block, "from"),
                    until=_last_day(block),
                    **_source(block),
                )
            )
        _in_order([(version.from_, version.until) for version in read], places)
        return Term(own.take("name", str), own.take("says", str), tuple(read))

    def _versions(self, own: Block, versions: Sequence[Block]) -> list[Version]:
        """The versions in order; a deadline with only one may say it in its own block."""
        read = []
        for place in versions or [own]:
            if versions:
                place.only(VERSION_KEYS)
            defaults = {key: value for key, value in self.common.items() if key in VERSION_KEYS}
            inherited = {key: own.told[key] for key in ("id", "remind", "tell") if key in own.told}
            block = place.with_(**(defaults | inherited))
            read.append(self.version(block))
        _in_order([(version.from_, version.until) for version in read], versions or [own])
        for place, version in zip(versions[1:], read[1:], strict=True):
            if version.id in [other.id for other in read if other is not version]:
                raise place.wrong("Each version needs an id of its own.", "id")
        return read

    def version(self, block: Block) -> Version:
        """One version, its length fitting its count."""
        calendar = block.take("calendar", str)
        if calendar != OWN and not working_days.known(calendar):
            raise block.wrong(f'"{calendar}" is no calendar.', "calendar")
        lasts, count = length(block, block.take("lasts", str), block.take("count", str), "lasts")
        other = None
        if "alternative" in block.told:
            told = block.take("alternative", dict)
            if set(told) != {"lasts", "count", "says"}:
                raise block.wrong("An alternative has lasts, count and says.", "alternative")
            other = Other(*length(block, str(told["lasts"]), str(told["count"]), "alternative"), str(told["says"]))
        return Version(
            id=block.take("id", str),
            from_=_day(block, "from"),
            until=_last_day(block),
            lasts=lasts,
            count=count,
            calendar=self.calendar if calendar == OWN else calendar,
            alternative=other,
            remind=steps(block),
            tell=audiences(block),
            **_source(block),
        )

    def _counts_from(self, block: Block) -> str:
        fact: str = block.take("counts_from", str, "")
        if "." in fact and fact.partition(".")[0] not in self.known.workflows:
            raise block.wrong(f'"{fact}" is no fact of any workflow.', "counts_from")
        return fact

    def _states(self, block: Block, of: str) -> tuple[str, ...]:
        states = tuple(state if "." in state else f"{of}.{state}" for state in block.texts("only_in"))
        for state in states:
            if state not in self.known.states:
                raise block.wrong(f'"{state}" is no state of any workflow.', "only_in")
        return states

    def _moves(self, block: Block, key: str) -> tuple[str, ...]:
        moves = block.texts(key)
        for move in moves:
            if move not in self.known.moves:
                raise block.wrong(f'"{move}" is no move of any workflow.', key, f'"{move}"')
        return moves


class Source(TypedDict):
    """Where something is written, and how well we know it."""

    source: str
    document: str
    grade: str
    note: str


def one_of(block: Block, key: str, names: Container[str], what: str, *, empty: bool = False) -> str:
    """A name out of a list."""
    name: str = block.take(key, str, "" if empty else None)
    if name not in names:
        raise block.wrong(f'"{name}" is no {what}.', key)
    return name


def length(block: Block, lasts: str, count: str, key: str) -> tuple[str, Count]:
    """A length with a count that can count it."""
    if count not in set(Count):
        raise block.wrong(f'"{count}" is no way of counting. Known are {", ".join(Count)}.', "count")
    try:
        reckoning.check_length(lasts, Count(count))
    except ValueError as error:
        raise block.wrong(str(error), key) from error
    return lasts, Count(count)


def steps(block: Block) -> tuple[str, ...]:
    """The reminder ladder, every step readable."""
    rungs = block.texts("remind")
    for rung in rungs:
        try:
            ladder.step(rung)
        except ValueError as error:
            raise block.wrong(str(error), "remind", f'"{rung}"') from error
    return rungs


def audiences(block: Block) -> tuple[str, ...]:
    """Who is told."""
    names = block.texts("tell")
    for name in names:
        if name not in AUDIENCES:
            raise block.wrong(
                f'"{name}" is no audience. Known are {", ".join(sorted(AUDIENCES))}.', "tell", f'"{name}"'
            )
    return names


def _source(block: Block) -> Source:
    grade = one_of(block, "grade", set(GRADES) - {"local"}, "grade (A, B, C or D)")
    return {
        "source": block.take("source", str),
        "document": block.take("document", str),
        "grade": grade,
        "note": block.take("note", str, ""),
    }


def _day(block: Block, key: str) -> date:
    day = block.take(key, date)
    if type(day) is not date:
        raise block.wrong(f"`{key}` must be a day without a time.", key)
    return day


def _last_day(block: Block) -> date | None:
    if "until" not in block.told:
        return None
    until = _day(block, "until")
    if until < _day(block, "from"):
        raise block.wrong("`until` lies before `from`.", "until")
    return until


def _in_order(spans: list[tuple[date, date | None]], places: Sequence[Block]) -> None:
    """Refuse an overlap or a gap: each version begins on the day after the one before it ended."""
    for (_, until), (start, _), place in zip(spans, spans[1:], places[1:], strict=False):
        if until is None or start <= until:
            raise place.wrong("This version overlaps with the one before it.", "from")
        if start != until + timedelta(days=1):
            raise place.wrong(
                f"There is a gap: the version before ends on {until}, this one begins on {start}.", "from"
            )
