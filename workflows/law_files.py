"""Reads the shipped rule files and an installation's own, and refuses what it does not understand with file, line and reason.

A jurisdiction includes folders of shared files; what it says itself takes the place of a shared house default of the same
name. An installation's folder may hold overrides, whole jurisdictions, or both. Shipped files are never touched.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from referral import working_days
from referral.reckoning import Count
from workflows.jurisdiction import Jurisdiction, Known, Law, Rule, Term, TermVersion, Version
from workflows.law_rules import COMMON_KEYS, TERM_VERSION_KEYS, Reader, audiences, length, steps
from workflows.law_text import Block, LawError, LawText, read_text

__all__ = ["SHIPPED", "LawError", "read_law"]

SHIPPED = Path(__file__).parent / "jurisdictions"
HEAD_KEYS = frozenset({"key", "name", "zone", "calendar", "include", "common", "deadline", "term", "override"})
OVERRIDE_KEYS = frozenset(
    {
        "jurisdiction",
        "deadline",
        "lasts",
        "count",
        "calendar",
        "remind",
        "tell",
        "enabled",
        "from",
        "until",
        "source",
        "why",
    }
)


TERM_OVERRIDE_KEYS = frozenset({"jurisdiction", "term", "value", "from", "source", "why"})


def read_law(known: Known, own: Path | None = None, shipped: Path = SHIPPED) -> Law:
    """Every jurisdiction by its key, with this installation's overrides laid over the shipped files."""
    texts = [read_text(file) for file in sorted(shipped.glob("*.toml"))]
    local = [read_text(file) for file in sorted(own.glob("*.toml"))] if own else []
    law: dict[str, Jurisdiction] = {}
    for text in [*texts, *(text for text in local if "key" in text.told)]:
        found = _jurisdiction(text, known, shipped)
        if found.key in law:
            raise text.head.wrong("A jurisdiction of this key exists already; use [[override]] to change it.", "key")
        law[found.key] = found
    for text in local:
        if not {"key", "override"} & set(text.told):
            raise text.head.wrong("This file holds neither a jurisdiction nor an [[override]].")
        for block, _ in text.blocks("override"):
            if "term" in block.told:
                key, term = _override_term(block, law)
                law[key] = replace(law[key], terms={**law[key].terms, term.name: term})
                continue
            key, rule = _override(block, law)
            law[key] = replace(law[key], rules={**law[key].rules, rule.name: rule})
    return law


def _jurisdiction(text: LawText, known: Known, shipped: Path) -> Jurisdiction:
    head = text.head
    head.only(HEAD_KEYS)
    zone, calendar = head.take("zone", str), head.take("calendar", str)
    if zone not in available_timezones():
        raise head.wrong(f'"{zone}" is no time zone.', "zone")
    if not working_days.known(calendar):
        raise head.wrong(f'"{calendar}" is no calendar.', "calendar")
    rules: dict[str, Rule] = {}
    terms: dict[str, Term] = {}
    for group in [*_included(head, shipped), [text]]:
        before = dict(rules)  # a later group may take the place of what is a house default here
        for part in group:
            reader = Reader(known, calendar, _common(part))
            for own, versions in part.blocks("deadline"):
                _add(rules, reader.rule(own, versions), own, before)
            for own, versions in part.blocks("term"):
                term = reader.term(own, versions)
                if term.name in terms:
                    raise own.wrong(f'A term of the name "{term.name}" exists already.', "name")
                terms[term.name] = term
    return Jurisdiction(head.take("key", str), head.take("name", str), zone, calendar, rules, terms)


def _common(part: LawText) -> dict[str, Any]:
    common = part.common()
    for key in common:
        if key not in COMMON_KEYS | TERM_VERSION_KEYS:
            raise part.head.wrong(f'[common] cannot say "{key}".')
    return common


def _included(head: Block, shipped: Path) -> list[list[LawText]]:
    """The shared folders that a jurisdiction names, each a group of files; an installation may have its own beside."""
    groups = []
    for name in head.texts("include"):
        folders = [folder / "shared" / name for folder in (head.file.parent, shipped)]
        found = next((sorted(folder.glob("*.toml")) for folder in folders if folder.is_dir()), [])
        if not found:
            raise head.wrong(f'There is no shared folder "{name}".', "include", f'"{name}"')
        groups.append([read_text(file) for file in found])
    return groups


def _add(rules: dict[str, Rule], rule: Rule, own: Block, before: Mapping[str, Rule]) -> None:
    """Take a rule in. It may displace a house default of an earlier group; nothing else is said twice."""
    there = rules.get(rule.name)
    if there is not None and not (there.house and before.get(rule.name) is there):
        raise own.wrong(f'A deadline of the name "{rule.name}" exists already.', "name")
    if any(other.id == rule.id and other.name != rule.name for other in rules.values()):
        raise own.wrong(f'A deadline of the id "{rule.id}" exists already.', "id")
    rules[rule.name] = rule


def _override(block: Block, law: Mapping[str, Jurisdiction]) -> tuple[str, Rule]:
    """The rule as this installation has it, from a date on (and up to another, where one is given)."""
    block.only(OVERRIDE_KEYS)
    key = block.take("jurisdiction", str)
    if key not in law:
        raise block.wrong(f'"{key}" is no jurisdiction. Known are {", ".join(sorted(law))}.', "jurisdiction")
    name = block.take("deadline", str)
    rule = law[key].rule(name)
    if rule is None:
        raise block.wrong(f'"{name}" is no deadline of {key}, neither by id nor by name.', "deadline")
    if not {"lasts", "remind", "tell", "enabled"} & set(block.told):
        raise block.wrong("An override says lasts, remind, tell or enabled.")
    version = _local_version(block, rule)
    kept = [piece for shipped in rule.versions for piece in _around(shipped, version)]
    versions = sorted([*kept, version], key=lambda one: one.from_)
    for one, two in pairwise(versions):
        if one.until is None or two.from_ != one.until + timedelta(days=1):
            raise block.wrong("This override leaves a gap in the versions of the deadline.", "from")
    return key, replace(rule, versions=tuple(versions), enabled=block.take("enabled", bool, rule.enabled))


def _override_term(block: Block, law: Mapping[str, Jurisdiction]) -> tuple[str, Term]:
    """A house default as this installation has it, from a date on. What the law itself says is nobody's to change."""
    block.only(TERM_OVERRIDE_KEYS)
    key = block.take("jurisdiction", str)
    if key not in law:
        raise block.wrong(f'"{key}" is no jurisdiction. Known are {", ".join(sorted(law))}.', "jurisdiction")
    term = law[key].terms.get(block.take("term", str))
    if term is None or any(version.grade not in ("D", "local") for version in term.versions):
        raise block.wrong(f"This is no house default of {key}; only those can be changed.", "term")
    dated, shipped = block.take("from", date), term.versions[0].value
    value = block.take("value", type(shipped))
    before = [version for version in term.versions if version.from_ < dated]
    local = TermVersion(
        value, dated, None, block.take("source", str), f"override in {block.file.name}", "local", block.take("why", str)
    )
    ends = dated - timedelta(days=1)
    kept = [replace(version, until=min(version.until or ends, ends)) for version in before]
    return key, replace(term, versions=(*kept, local))


def _local_version(block: Block, rule: Rule) -> Version:
    dated = block.take("from", type(rule.versions[0].from_))
    base = rule.on(dated)
    if base is None:
        raise block.wrong("The deadline has no version in force on this day that could be changed.", "from")
    until = block.take("until", type(dated), dated) if "until" in block.told else None
    if until is not None and until < dated:
        raise block.wrong("`until` lies before `from`.", "until")
    calendar = block.take("calendar", str, base.calendar)
    if not working_days.known(calendar):
        raise block.wrong(f'"{calendar}" is no calendar.', "calendar")
    lasts, count = length(
        block, block.take("lasts", str, base.lasts), block.take("count", str, str(base.count)), "lasts"
    )
    return replace(
        base,
        id=f"{base.id}-local-{dated}",
        from_=dated,
        until=until,
        lasts=lasts,
        count=Count(count),
        calendar=calendar,
        source=block.take("source", str),
        document=f"override in {block.file.name}",
        grade="local",
        note=block.take("why", str),
        alternative=None if {"lasts", "count"} & set(block.told) else base.alternative,
        remind=steps(block) if "remind" in block.told else base.remind,
        tell=audiences(block) if "tell" in block.told else base.tell,
        local=True,
    )


def _around(shipped: Version, local: Version) -> list[Version]:
    """What is left of a version before and after a local one."""
    pieces = []
    if shipped.from_ < local.from_:
        ends = local.from_ - timedelta(days=1)
        pieces.append(replace(shipped, until=ends if shipped.until is None else min(shipped.until, ends)))
    if local.until and (shipped.until is None or shipped.until > local.until):
        begins = max(shipped.from_, local.until + timedelta(days=1))
        again = f"{shipped.id}-after-{local.until}" if pieces else shipped.id
        pieces.append(replace(shipped, id=again, from_=begins))
    return pieces
