"""The dated law as a page, with every version, its source and its grade. Made, never written by hand."""

from collections.abc import Iterable

from api.cli.drawing import MADE, table
from workflows.jurisdiction import GRADES, KINDS, Jurisdiction, Law, Rule, Version

INTRODUCTION = """The first jurisdiction is told whole; of the others, only what differs from it.
`lodestar explain --rule C1 --start 2026-12-24` says what any of them gives, and why.
"""
COUNTS = {
    "WD-X": "working days; the day of the event does not count",
    "WD-R": "the same, but an event on a day off counts as made on the next working day",
    "CD-I": "calendar days; the day of the event is day 1",
    "CD-X": "calendar days; the day of the event does not count",
    "CM": "months; the same day number, or the end of the month",
    "HR": "elapsed time",
    "BIRTHDAY": "the birthday itself",
    "BEFORE-BIRTHDAY": "the last day that lies strictly more than so many days before the 18th birthday",
    "IMMEDIATE": "at once",
    "NAMED": "a letter or a form names the day",
}


def rulebook(law: Law) -> str:
    """All jurisdictions."""
    parts = [
        "# The rules and their sources\n",
        MADE,
        INTRODUCTION,
        "## How to read it\n",
        table(("kind", "what its end means"), KINDS.items()),
        table(("count", "how it is counted"), COUNTS.items()),
        table(("grade", "what the source is"), ((grade, says) for grade, says in GRADES.items() if grade != "local")),
    ]
    first = law["england-and-wales"]
    for place in [first, *(place for place in law.values() if place is not first)]:
        parts += _place(place, None if place is first else first)
    return "\n".join(parts)


def _place(place: Jurisdiction, beside: Jurisdiction | None) -> Iterable[str]:
    rules = [rule for rule in place.rules.values() if beside is None or beside.rules.get(rule.name) != rule]
    terms = [term for term in place.terms.values() if beside is None or beside.terms.get(term.name) != term]
    yield f"## {place.name}\n"
    yield f"Key `{place.key}`, zone {place.zone}, calendar {place.calendar}.\n"
    if beside is not None:
        missing = [rule.id for rule in beside.rules.values() if rule.name not in place.rules]
        same = sum(beside.rules.get(rule.name) == rule for rule in place.rules.values())
        yield f"{same} of its {len(place.rules)} deadlines are as in {beside.name}." + (
            f" Not here: {', '.join(missing)}.\n" if missing else "\n"
        )
    yield table(
        ("id", "deadline", "kind", "owed by", "version", "lasts", "in force", "calendar", "source", "grade"),
        (_row(rule, version) for rule in sorted(rules, key=_by_id) for version in rule.versions),
    )
    yield f"### Terms of {place.name}\n"
    yield table(
        ("term", "value", "in force", "source", "grade"),
        (
            (f"`{term.name}`: {term.says}", str(one.value), _span(one.from_, one.until),
             f"{one.source}, {one.document}", one.grade)
            for term in terms for one in term.versions
        ),
    )  # fmt: skip


def _row(rule: Rule, version: Version) -> tuple[str, ...]:
    says = f"`{rule.name}`: {rule.says}"
    says += " House default." if rule.house else ""
    says += "" if rule.enabled else " Started by no move."
    source = f"{version.source}, {version.document}" + (f" {version.note}" if version.note else "")
    return (
        rule.id, says, rule.kind, rule.owed_by.replace("_", " "), version.id, f"{version.lasts}, {version.count}",
        _span(version.from_, version.until), version.calendar, source, version.grade,
    )  # fmt: skip


def _span(start: object, end: object) -> str:
    return f"{start} to {end}" if end else f"from {start}"


def _by_id(rule: Rule) -> tuple[str, int, str]:
    digits = "".join(letter for letter in rule.id.partition("-")[0] if letter.isdigit())
    return rule.id[0], int(digits or 0), rule.id
