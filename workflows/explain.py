"""The calculator: one rule, one start, and everything the answer is based on. Knows no case and reads no time."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from referral import working_days
from referral.errors import Reason, Refusal
from referral.ladder import Span, reminders
from referral.reckoning import Count, Reading, Reckoning, at_local, birthday, local_day, reckon
from workflows.jurisdiction import Jurisdiction, Law, Rule, Version


class CannotReckon(Refusal):
    """The deadline cannot be calculated."""

    code = "cannot_reckon"


def calculate(
    law: Law,
    rule_id: str,
    start: date | datetime,
    *,
    jurisdiction: str | None = None,
    calendar: str | None = None,
    born: date | None = None,
) -> dict[str, Any]:
    """When a period that starts then is due, and why. The rule is given by its id, its name or the id of a version.

    Without a jurisdiction: England and Wales where it has the rule, else the first that has it. Hours that start on a plain
    date are counted from its beginning; a time without a zone is one of the place.
    """
    try:
        place, rule, wanted = _find(law, rule_id, jurisdiction)
        if isinstance(start, datetime) and start.tzinfo is None:
            start = start.replace(tzinfo=ZoneInfo(place.zone))
        version = _in_force(place, rule, wanted, local_day(start, place.zone))
        if calendar is not None and not working_days.known(calendar):
            raise _cannot(
                "unknown_calendar", f"There is no calendar of this name. Known: {_list(working_days.CALENDARS)}."
            )
        due = _reckon(place, version, start, calendar, born)
    except (ValueError, OverflowError) as error:
        raise _cannot("out_of_range", str(error)) from error
    return _told(place, rule, version, start, due) | _scope(place, version, start, due, born)


def _find(law: Law, rule_id: str, jurisdiction: str | None) -> tuple[Jurisdiction, Rule, str]:
    """The rule, and the id of the version that was asked for, if it was."""
    if jurisdiction is not None and jurisdiction not in law:
        raise _cannot("unknown_jurisdiction", f"There is no jurisdiction of this name. Known: {_list(law)}.")
    first = "england-and-wales"
    keys = [jurisdiction] if jurisdiction else sorted(law, key=lambda key: (key != first, key))
    places = [law[key] for key in keys]
    for place in places:
        rule = place.rule(rule_id)
        if rule is not None:
            return place, rule, ""
    for place in places:
        for rule in place.rules.values():
            if any(version.id == rule_id for version in rule.versions):
                return place, rule, rule_id
    forms = sorted({r.id for place in places for r in place.rules.values() if r.id.startswith(f"{rule_id}-")})
    if forms:
        raise _cannot("several_rules", f"This rule has several forms: {_list(forms)}. Ask for one of them.")
    where = f" in {law[jurisdiction].name}" if jurisdiction else ""
    ids = sorted(
        set(chain.from_iterable((rule.id for rule in place.rules.values()) for place in places)), key=_by_number
    )
    raise _cannot("unknown_rule", f"There is no rule of this id or name{where}. Known: {_list(ids)}.")


def _in_force(place: Jurisdiction, rule: Rule, wanted: str, day: date) -> Version:
    version = rule.on(day)
    spans = "; ".join(f"{v.id} from {v.from_}" + (f" to {v.until}" if v.until else "") for v in rule.versions)
    if version is None:
        before = f" {rule.before}" if rule.before else ""
        raise _cannot("not_in_force", f"{rule.id} was not in force in {place.name} on {day}: {spans}.{before}")
    if wanted and version.id != wanted:
        raise _cannot("not_in_force", f"{wanted} was not in force in {place.name} on {day}, but {version.id}: {spans}.")
    return version


def _reckon(
    place: Jurisdiction, version: Version, start: date | datetime, calendar: str | None, born: date | None
) -> Reckoning:
    if calendar is None:
        return place.reckon(version, start, born)
    return reckon(
        start,
        version.lasts,
        version.count,
        calendar=calendar,
        zone=place.zone,
        other=version.alternative,
        born=place.born(born, version.from_) if born else None,
    )


def _told(place: Jurisdiction, rule: Rule, version: Version, start: date | datetime, due: Reckoning) -> dict[str, Any]:
    hours = version.count in (Count.HR, Count.IMMEDIATE)
    began = start.astimezone(UTC) if isinstance(start, datetime) else at_local(start, place.zone)
    span = Span(began, due.due_day, due.due_at, due.calendar, place.zone)
    told: dict[str, Any] = {
        "rule": rule.id,
        "name": rule.name,
        "version": version.id,
        "says": rule.says,
        "jurisdiction": place.key,
        "kind": rule.kind,
        "lasts": version.lasts,
        "count": str(version.count),
        "calendar": due.calendar,
        "calendar_version": due.calendar_version,
        "start": _instant(began) if hours else due.start_day.isoformat(),
        "due": _instant(due.due_at) if hours else due.due_day.isoformat(),
        "due_at": _instant(due.due_at),
        "safe_by": due.safe_by.isoformat(),
        "skipped": [{"date": day.isoformat(), "why": why} for day, why in due.skipped],
        "alternatives": [_reading(reading) for reading in due.alternatives],
        "local": _reading(due.local) if due.local else None,
        "reminders": [{"says": says, "at": _instant(at), "on": _on(at, place.zone)} for says, at in reminders(version.remind or rule.remind, span)],
        "owed_by": rule.owed_by,
        "source": f"{version.source}, {version.document}",
        "grade": version.grade,
        "house": rule.house,
        "note": version.note,
    }  # fmt: skip
    if hours:
        told["due_local"] = due.due_at.astimezone(ZoneInfo(place.zone)).isoformat()
    return told


def _scope(
    place: Jurisdiction, version: Version, start: date | datetime, due: Reckoning, born: date | None
) -> dict[str, Any]:
    """For a test against the eighteenth birthday: how many days lie before it, and whether that is enough."""
    if version.count is not Count.BEFORE_BIRTHDAY or born is None:
        return {}
    day = local_day(start, place.zone)
    return {"days_before_18": (birthday(place.born(born, version.from_)) - day).days, "in_scope": day <= due.due_day}


def _reading(reading: Reading) -> dict[str, str]:
    return {"says": reading.says, "calendar": reading.calendar, "due": reading.due_day.isoformat()}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _on(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).date().isoformat()


def _by_number(rule_id: str) -> tuple[str, int, str]:
    digits = "".join(c for c in rule_id.partition("-")[0] if c.isdigit())
    return rule_id[0], int(digits or 0), rule_id


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


def _cannot(code: str, says: str) -> CannotReckon:
    return CannotReckon(Reason(code, says))
