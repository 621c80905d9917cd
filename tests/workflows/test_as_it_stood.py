from datetime import datetime, timedelta

from sqlmodel import col, select

from referral.access import SYSTEM, Role
from referral.models import Deadline, Event
from tests.workflows.walks import OFFICER, accepted, in_recovery, rows, submitted
from tests.world import START, World, a
from workflows.as_it_stood import Stood, stood
from workflows.ask import Ask
from workflows.engine import perform


def bodies(world: World, case: str) -> list[str]:
    with world.db.read() as session:
        return list(session.exec(select(Event.body).where(col(Event.case_id) == case).order_by(col(Event.seq))))


def live(world: World, case: str) -> tuple[object, ...]:
    """What the tables say now, to hold the history against."""
    (owner,) = rows(world, "select owner_agency, owner_user, child, open from cases where id = :case", case=case)
    strands = rows(world, "select workflow, number, state from strands where case_id = :case", case=case)
    parts = rows(world, "select agency_id, part from participants where case_id = :case and until is null", case=case)
    return (owner[0], owner[1], owner[2], bool(owner[3])), sorted(strands), sorted(parts)


def told(case: Stood) -> tuple[object, ...]:
    strands = [(name, number, state) for name, numbers in case.strands.items() for number, state in numbers.items()]
    return (case.owner_agency, case.owner_user, case.child, case.open), sorted(strands), sorted(case.parts)


def test_every_past_moment_is_told_as_it_was_seen_then(world: World) -> None:
    """After each step the tables are remembered; told again from the end, every moment comes out the same."""
    seen: list[tuple[datetime, tuple[object, ...]]] = []
    case = submitted(world)
    for who, move, form in (
        (Role.CASEWORKER, "intake.acknowledge", {"reference": "R1", "authority": "SCA"}),
        (Role.CASEWORKER, "decision.find_reasonable", {"reasons": ["account"]}),
        (a(Role.SUPPORT_COORDINATOR, "eastshire-police"), "assignment.offer", {"provider": "harbour"}),
        (Role.SUPPORT_COORDINATOR, "assignment.take", {}),
        (Role.SUPPORT_COORDINATOR, "assignment.propose", {"worker": a(Role.SUPPORT_WORKER).id}),
        (Role.SUPPORT_WORKER, "assignment.accept", {}),
        (OFFICER, "contact.lose", {"attempts": 2}),
    ):
        world.later(hours=5)
        world.ask(who, move, case, **form)
        seen.append((world.now, live(world, case)))
    for at, then in seen:
        assert told(stood(bodies(world, case), at + timedelta(minutes=1))) == then
    assert not stood(bodies(world, case), START - timedelta(days=1)).there


def test_what_was_recorded_late_counts_from_when_it_happened_only_by_occurred_time(world: World) -> None:
    case = in_recovery(world)
    happened = world.now
    world.later(days=3)
    ask = Ask(a(OFFICER), "contact.lose", world.now, case=case, form={"attempts": 1}, occurred=happened)
    perform(world.db, world.law, ask)
    between = happened + timedelta(days=1)
    assert stood(bodies(world, case), between, "recorded").states["contact"] == "in_contact"
    assert stood(bodies(world, case), between, "occurred").states["contact"] == "unreachable"


def test_a_deadline_is_told_with_the_due_time_that_it_had_then(world: World) -> None:
    case = accepted(world)
    before = world.now
    with world.db.read() as session:
        stands = {row.id: row for row in session.exec(select(Deadline).where(col(Deadline.case_id) == case))}
    then = stood(bodies(world, case), before)
    running = {one for one, (state, _) in then.deadlines.items() if state == "running"}
    assert running == {one for one, row in stands.items() if row.state == "running"}
    for one in running:
        assert datetime.fromisoformat(str(then.deadlines[one][1])) == stands[one].due_at


def test_what_the_system_did_is_part_of_the_past(world: World) -> None:
    case = accepted(world)
    world.later(hours=1)
    perform(world.db, world.law, Ask(SYSTEM, "assignment.worker_leaves", world.now, case=case))
    assert stood(bodies(world, case), world.now - timedelta(minutes=1)).owner_user == a(Role.SUPPORT_WORKER).id
    assert stood(bodies(world, case), world.now).owner_user is None


def test_events_from_before_the_history_told_all_are_said_not_to_be_whole() -> None:
    old = (
        '{"schema":1,"case":"c","seq":1,"move":"intake.encounter","strand":1,"from":null,"to":"identified",'
        '"occurred":"2026-01-01T00:00:00+00:00","recorded":"2026-01-01T00:00:00+00:00"}'
    )
    assert stood([old], START).whole is False
