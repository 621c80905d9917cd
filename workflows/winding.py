"""What a move does to deadlines: starts, stops, pauses, resumes, extends. Which move does what stands in the jurisdictions alone."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from referral.ids import new_id
from referral.ladder import Span, next_reminder
from referral.pauses import after_pause, extended, extended_to
from referral.reckoning import TELLS_BIRTHDAY, Count, Reckoning, at_local, named_day, settle
from referral.snapshot import DeadlineRow, StrandRow
from workflows.jurisdiction import Rule, Version
from workflows.made import Made
from workflows.plan import Plan

MOMENT = timedelta(microseconds=1)
LAPSED = {"target": "late", "review": "late", "floor": "met", "test": "met"}  # what time alone makes of a deadline


def wind(plan: Plan, final: Mapping[str, frozenset[str]], outlasts: frozenset[str]) -> None:
    """Stop, pause, resume, extend and start what the moves of a plan call for; end what runs in an ended strand or,
    but for workflows about the file itself, in a closed case.

    The moves are numbered already and not yet hashed: each notes the rule versions that it truly started or stopped.
    """
    law = plan.law
    for made in plan.made:
        name = made.name
        for rule in law.stops.get(name, ()):
            _stop(plan, rule, made)
        for rule in law.pauses.get(name, ()):
            _pause(plan, rule)
        for rule in law.resumes.get(name, ()):
            _resume(plan, rule)
        for rule in law.extends.get(name, ()):
            _extend(plan, rule, made)
        for rule in law.starts.get(name, ()):
            _start(plan, rule, made, final)
    carried = {
        strand.id
        for strand in plan.strands
        if (plan.case.open or strand.workflow in outlasts) and strand.state not in final[strand.workflow]
    }
    for row in plan.deadlines:
        if row.strand_id not in carried and row.state in ("running", "paused"):
            _end(plan, row, "ended", plan.made[-1])


def _start(plan: Plan, rule: Rule, made: Made, final: Mapping[str, frozenset[str]]) -> None:
    """A deadline begins; one of the same rule that still runs on the strand is replaced by it."""
    if rule.only_for and rule.only_for != ("child" if plan.case.child in ("yes", "not_sure") else "adult"):
        return
    strand = _carrier(plan, rule, made)
    if strand is None or strand.state in final[strand.workflow] or (rule.only_in and not _is_in(plan, rule, strand)):
        return
    start = _counted_from(plan, rule, strand)
    elsewhere = "." in rule.counts_from  # a day in another workflow: without it nothing starts, and its law holds
    version = rule.on(start if elsewhere and start else plan.day)
    if version is None or (elsewhere and start is None):
        return
    due = _reckon(plan, rule, version, made, start)
    standing = _running(plan, rule, strand)
    if due is None or (standing and not rule.restarts):
        return
    if due.count is Count.BIRTHDAY and any(row.due_day == due.due_day for row in standing):
        return  # told again, not changed
    for old in standing:
        _end(plan, old, outcome(rule.kind, plan.occurred, old.due_at), made)
    row = DeadlineRow(
        new_id(), strand.id, rule.id, rule.name, version.id, rule.kind, plan.occurred, due.due_at, due.due_day,
        "running", None, _how(due, version, rule),
    )  # fmt: skip
    plan.deadlines.append(row)
    plan.change.add("deadlines", {
        **_values(plan, row, version.remind or rule.remind), "case_id": plan.case.id, "strand_id": row.strand_id, "name": row.name, "rule": row.rule, "rule_version": row.rule_version,
        "jurisdiction": plan.law.key, "kind": row.kind, "owed_by": rule.owed_by, "started_at": row.started_at,
        "started_seq": made.seq,
    })  # fmt: skip
    made.rules.append(f"{rule.id}@{version.id}")
    told = {} if due.count in TELLS_BIRTHDAY else {"due": due.due_at.isoformat()}
    plan.started.append({"rule": rule.id, "name": rule.name, **told})


def _stop(plan: Plan, rule: Rule, made: Made) -> None:
    strand = made.strand if made.workflow.name == rule.of else None  # what happens elsewhere stops it on every strand
    for row in _running(plan, rule, strand):
        by_itself = made.leads and made.name == rule.fires  # time alone brought this, and nobody did what was due
        state = LAPSED.get(rule.kind, "ended") if by_itself else outcome(rule.kind, plan.occurred, row.due_at)
        _end(plan, row, state, made)


def outcome(kind: str, at: datetime, due_at: datetime) -> str:
    """What became of a deadline that was stopped at an instant. A floor is never late; nor is what only ages."""
    if kind == "floor":
        return "met" if at >= due_at else "ended"
    return "met" if at <= due_at or kind in ("ageing", "test", "window") else "late"


def _pause(plan: Plan, rule: Rule) -> None:
    for row in _running(plan, rule, None):
        if row.state == "running":
            row.state, row.paused_at = (
                "paused",
                max(plan.occurred, row.started_at),
            )  # told late, it still has its whole length
            _change(plan, row, ladder(rule, row))


def _resume(plan: Plan, rule: Rule) -> None:
    for row in _running(plan, rule, None):
        if row.state == "paused" and row.paused_at:
            until = max(plan.occurred, row.paused_at)
            due = after_pause(_again(row), row.paused_at, until)
            row.how["pauses"] = [*row.how.get("pauses", []), [row.paused_at.isoformat(), until.isoformat()]]
            row.state, row.paused_at = "running", None
            _moved(plan, row, due, ladder(rule, row))


def _extend(plan: Plan, rule: Rule, made: Made) -> None:
    told = made.form.facts()
    day, by = told.get("until"), told.get("by")
    for row in _running(plan, rule, _carrier(plan, rule, made)):
        if day or by:
            due = extended_to(_again(row), date.fromisoformat(day)) if day else extended(_again(row), str(by))
            row.how["extensions"] = [*row.how.get("extensions", []), [plan.occurred.isoformat(), str(day or by)]]
            _moved(plan, row, due, ladder(rule, row))


def _moved(plan: Plan, row: DeadlineRow, due: Reckoning, remind: tuple[str, ...]) -> None:
    row.due_day, row.due_at = due.due_day, due.due_at
    row.how |= {"skipped": _skipped(due), "safe_by": due.safe_by.isoformat()}
    if due.due_at <= plan.ask.now:
        _change(plan, row, remind)
        return
    row.how.pop("marked", None)  # a new end, which has not come yet
    _change(plan, row, remind, {"marked_at": None})


def ladder(rule: Rule, row: DeadlineRow) -> tuple[str, ...]:
    """The reminders of the version that a deadline is bound to."""
    version = next((version for version in rule.versions if version.id == row.rule_version), None)
    return (version and version.remind) or rule.remind


def _end(plan: Plan, row: DeadlineRow, state: str, made: Made) -> None:
    row.state = state
    plan.ended.append(row.name)
    named = f"{row.rule}@{row.rule_version}"
    if named not in made.rules:
        made.rules.append(named)
    ended = {"id": row.id, "state": state, "next_at": None, "ended_at": plan.occurred, "ended_seq": made.seq}
    plan.change.update("deadlines", ended)


def _change(plan: Plan, row: DeadlineRow, remind: tuple[str, ...], more: dict[str, Any] | None = None) -> None:
    plan.change.update("deadlines", _values(plan, row, remind) | (more or {}))


def _values(plan: Plan, row: DeadlineRow, remind: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": row.id, "state": row.state, "due_at": row.due_at, "due_day": row.due_day, "paused_at": row.paused_at,
        "safe_by": date.fromisoformat(row.how["safe_by"]), "how": orjson.dumps(row.how).decode(),
        "next_at": next_look(row, remind, plan.ask.now) if row.state == "running" else None,
    }  # fmt: skip


def next_look(row: DeadlineRow, remind: tuple[str, ...], now: datetime) -> datetime | None:
    """When the heartbeat looks at a running deadline next: at a step of its ladder, or when it is due."""
    span = Span(row.started_at, row.due_day, row.due_at, row.how["calendar"], row.how["zone"])
    step = next_reminder(remind, span, now - MOMENT)
    due = None if row.how.get("marked") else row.due_at
    soonest = min((at for at in (step, due) if at is not None), default=None)
    return soonest and max(soonest, now)  # what was recorded late is looked at straight away


def _running(plan: Plan, rule: Rule, strand: StrandRow | None) -> list[DeadlineRow]:
    return [
        row
        for row in plan.deadlines
        if row.name == rule.name
        and row.state in ("running", "paused")
        and (strand is None or row.strand_id == strand.id)
    ]


def _carrier(plan: Plan, rule: Rule, made: Made) -> StrandRow | None:
    """The strand that carries a deadline: the one that moved if it is of the rule's workflow, else the newest of it."""
    if made.workflow.name == rule.of:
        return made.strand
    return next((strand for strand in reversed(plan.strands) if strand.workflow == rule.of), None)


def _is_in(plan: Plan, rule: Rule, strand: StrandRow) -> bool:
    """Whether every workflow that the rule names stands, by its newest strand, in one of the states named."""
    stands = {other.workflow: other.state for other in plan.strands} | {strand.workflow: strand.state}
    named = {state.partition(".")[0] for state in rule.only_in}
    return all(f"{workflow}.{stands.get(workflow)}" in rule.only_in for workflow in named)


def _counted_from(plan: Plan, rule: Rule, strand: StrandRow) -> date | None:
    """The day that counts instead of the day of the move, where one is remembered: by its own strand, or by another's newest."""
    if not rule.counts_from:
        return None
    workflow, _, fact = rule.counts_from.rpartition(".")
    if workflow and workflow != strand.workflow:
        facts = next((other.facts for other in reversed(plan.strands) if other.workflow == workflow), {})
    else:
        facts = strand.facts
    told = facts.get(fact)
    return date.fromisoformat(told) if told else None


def _reckon(plan: Plan, rule: Rule, version: Version, made: Made, start: date | None) -> Reckoning | None:
    """When it is due; None where a birthday is needed and not known, or a day that the form did not name."""
    law, calendar = plan.law, version.calendar
    if version.count is Count.BIRTHDAY:
        day = plan.case.adult_on
        if day is None:
            return None
        return settle(plan.day, day, at_local(day, law.zone), Count.BIRTHDAY, calendar, law.zone, ())
    named = getattr(made.form, rule.named_by, None)
    if named is not None:
        return named_day(plan.occurred, named, calendar=calendar, zone=law.zone)
    if version.count is Count.NAMED:
        return None
    return law.reckon(version, start or plan.occurred)


def _again(row: DeadlineRow) -> Reckoning:
    """The reckoning of a stored deadline, as it was stored: a library that has changed since must not move it."""
    how = row.how
    return Reckoning(
        date.fromisoformat(how["start"]), row.due_day, row.due_at, date.fromisoformat(how["safe_by"]),
        Count(how["count"]), how["calendar"], how["calendar_version"], how["zone"],
        tuple((date.fromisoformat(day), why) for day, why in how["skipped"]),
    )  # fmt: skip


def _how(due: Reckoning, version: Version, rule: Rule) -> dict[str, Any]:
    how: dict[str, Any] = {
        "start": due.start_day.isoformat(), "lasts": version.lasts, "count": str(due.count), "calendar": due.calendar,
        "calendar_version": due.calendar_version, "zone": due.zone, "safe_by": due.safe_by.isoformat(),
        "skipped": _skipped(due), "source": version.source, "grade": version.grade, "house": rule.house,
    }  # fmt: skip
    if due.alternatives:
        how["alternatives"] = [[reading.says, reading.due_day.isoformat()] for reading in due.alternatives]
    if due.local:
        how["local"] = [due.local.says, due.local.due_day.isoformat()]
    return how


def _skipped(due: Reckoning) -> list[list[str]]:
    return [[day.isoformat(), why] for day, why in due.skipped]
