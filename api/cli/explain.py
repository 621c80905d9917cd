"""`lodestar explain`: how the deadlines of a case came about, or, without a database, what one rule gives."""

import argparse
from datetime import date, datetime
from typing import Any

from api.cli.parser import Commands, as_json

MORE = """
Without a case it is a calculator and needs no database: the rule by its id (docs/rules.md lists them), and a start,
which is a day or a moment. Says rule, version, source and grade, the calendar, each skipped day and why, and the day by
which it is safe to act."""


def declare(commands: Commands) -> None:
    """The command and its options."""
    command = commands.listed(
        "explain",
        "lodestar explain --rule C7 --start 2026-03-28T22:00+00:00",
        "lodestar explain --rule C21 --start 2026-09-16 --born 2008-11-03",
        "lodestar explain 7KQ4-2MX9-T",
        run=run,
        more=MORE,
    )
    command.add_argument("case", nargs="?", help="a case, by its id or its spoken reference")
    command.add_argument("--rule", help="a rule, by its id or name: C1, reasonable_grounds ...")
    command.add_argument("--start", help="the day or moment on which it starts: 2026-12-24, 2026-12-24T15:30Z")
    command.add_argument("--jurisdiction", help="england-and-wales, scotland, northern-ireland, germany ...")
    command.add_argument("--calendar", help="count in these bank holidays instead of those the rule names")
    command.add_argument("--born", help="day of birth, for rules about the eighteenth birthday")
    as_json(command)


def run(asked: argparse.Namespace) -> int:
    """A case, or the calculator."""
    from api.cli.words import Wrong

    if asked.rule and not asked.case:
        return _calculate(asked)
    if asked.case and not asked.rule:
        return _case(asked)
    raise Wrong("Name either a case, or a rule with --rule and --start.")


def _calculate(asked: argparse.Namespace) -> int:
    from api.cli.place import read_rules
    from api.cli.words import Wrong, tell_json
    from referral.settings import Settings
    from workflows.explain import calculate

    if not asked.start:
        raise Wrong("Say when it starts: --start 2026-12-24, or --start 2026-12-24T15:30Z.")
    law = read_rules(Settings().rules)
    place = law.get(asked.jurisdiction or "england-and-wales")
    start = _start(asked.start, place.zone if place else "Europe/London")
    born = _day(asked.born) if asked.born else None
    told = calculate(law, asked.rule, start, jurisdiction=asked.jurisdiction, calendar=asked.calendar, born=born)
    if asked.json:
        tell_json(told)
    else:
        _tell(told)
    return 0


def _tell(told: dict[str, Any]) -> None:
    """The same in lines."""
    print(f"{told['rule']} {told['name']}, version {told['version']}, in {told['jurisdiction']}")
    print(f"  {told['says']}")
    print(f"  lasts      {told['lasts']} ({told['count']}), a {told['kind']}, owed by {told['owed_by']}")
    print(f"  start      {told['start']}")
    print(f"  due        {told.get('due_local', told['due'])}")
    print(f"  safe by    {told['safe_by']}")
    print(f"  calendar   {told['calendar']} ({told['calendar_version']})")
    for day in told["skipped"]:
        print(f"  skipped    {day['date']}  {day['why']}")
    for other in [*told["alternatives"], *([told["local"]] if told["local"] else [])]:
        print(f"  otherwise  {other['due']}  {other['says']} ({other['calendar']})")
    if "in_scope" in told:
        print(f"  in scope   {'yes' if told['in_scope'] else 'no'}, {told['days_before_18']} days before eighteen")
    for reminder in told["reminders"]:
        print(f"  reminder   {reminder['on']}  {reminder['says']}")
    print(f"  source     {told['source']} (grade {told['grade']}{', house rule' if told['house'] else ''})")
    if told["note"]:
        print(f"  note       {told['note']}")


def _case(asked: argparse.Namespace) -> int:
    from datetime import UTC

    from api.cli.place import one_case, open_database, read_rules
    from api.cli.words import Wrong, tell_json
    from referral.access import SYSTEM
    from referral.records import record_reads
    from referral.settings import Settings
    from workflows.explaining import explain_case

    settings = Settings()
    law = read_rules(settings.rules)
    if any(place.rule(asked.case) for place in law.values()):
        raise Wrong(f"{asked.case} is a rule: lodestar explain --rule {asked.case} --start 2026-12-24")
    db = open_database(settings)
    with one_case():
        told = explain_case(db, law, asked.case)
    record_reads(db, actor=SYSTEM, cases=[told["case"]], what="explain", now=datetime.now(UTC))
    if asked.json:
        tell_json(told)
        return 0
    print(f"Case {told['reference']}, rules of {told['jurisdiction']}, {'open' if told['open'] else 'closed'}")
    for deadline in told["deadlines"]:
        _tell_deadline(deadline)
    return 0


def _tell_deadline(told: dict[str, Any]) -> None:
    """One deadline of a case in lines."""
    print(f"\n{told['rule']} {told['name']} ({told['state']}), version {told['version']}")
    print(f"  {told['says'] or ''}")
    print(f"  lasts      {told['lasts']} ({told['count']}), a {told['kind']}, owed by {told['owed_by']}")
    print(f"  started    {told['started_at']} by event {told['started_by_event']}")
    print(f"  due        {told['due']} (ends {told['due_at']}), safe by {told['safe_by']}")
    print(f"  calendar   {told['calendar']} ({told['calendar_version']})")
    for day in told["skipped"]:
        print(f"  skipped    {day['date']}  {day['why']}")
    for pause in told["pauses"]:
        print(f"  paused     {pause['from']} to {pause['until']}")
    for longer in told["extensions"]:
        print(f"  extended   {longer['at']}: {longer['to']}")
    for other in [*told["alternatives"], *([told["local"]] if told["local"] else [])]:
        print(f"  otherwise  {other['due']}  {other['says']}")
    if told["ended_at"]:
        print(f"  ended      {told['ended_at']} by event {told['ended_by_event']}")
    print(f"  source     {told['source']} (grade {told['grade']}{', house rule' if told['house'] else ''})")


def _start(told: str, zone: str) -> date | datetime:
    """A day, or a moment; one without a zone is the local time of the place."""
    from zoneinfo import ZoneInfo

    from api.cli.words import Wrong

    try:
        return date.fromisoformat(told)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        raise Wrong(
            f'"{told[:40]}" is neither a day such as 2026-12-24 nor a moment such as 2026-12-24T15:30Z.'
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def _day(told: str) -> date:
    from api.cli.words import Wrong

    try:
        return date.fromisoformat(told)
    except ValueError:
        raise Wrong(f'"{told[:40]}" is no day such as 2008-11-03.') from None
