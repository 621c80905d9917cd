"""Past moments from the database: told again as they were seen, for one case and for an agency's."""

import random
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from referral import storage
from referral.access import SYSTEM, Role
from referral.errors import Refusal
from referral.storage import Wanted
from tests.told import told
from tests.workflows.walks import OFFICER, accepted, in_recovery, met, rows, submitted
from tests.world import World, a
from workflows import binding, past
from workflows.ask import Ask
from workflows.engine import perform
from workflows.offered import offers
from workflows.past import Past

ASKERS = [a(role) for role in Role]
WALKS = settings(
    max_examples=6, deadline=None, database=None, phases=(Phase.generate,), print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


def then(world: World, case: str, at: datetime, by: Any = "recorded") -> Past:
    with world.db.read() as session:
        return past.of_case(session, case, at, by)


def page(world: World, agency: str, at: datetime, by: Any = "recorded", limit: int = 50) -> list[Past]:
    """Every page, one after the other."""
    found, behind = [], None
    while True:
        with world.db.read() as session:
            some, behind = past.of_agency(session, agency, at, by, behind, limit, world.now)
        found += some
        if behind is None:
            return found


def live(world: World, case: str) -> tuple[Any, ...]:
    """What the tables say now."""
    (owner,) = rows(
        world, "select owner_agency, owner_user, child, authority, open from cases where id = :case", case=case
    )
    strands = rows(world, "select workflow, number, state from strands where case_id = :case", case=case)
    parts = rows(world, "select agency_id, part from participants where case_id = :case and until is null", case=case)
    due = rows(world, "select id, state, kind, ended_seq from deadlines where case_id = :case", case=case)
    standing = [(one, binding.standing(state, kind, seq, on_time=True)) for one, state, kind, seq in due]
    return (*owner[:4], bool(owner[4])), sorted(strands), sorted(parts), sorted(standing)


def as_told(one: Past) -> tuple[Any, ...]:
    case = one.stood
    strands = [(name, number, state) for name, numbers in case.strands.items() for number, state in numbers.items()]
    due = [(deadline, state) for deadline, (state, _) in case.deadlines.items()]
    owner = (case.owner_agency, case.owner_user, case.child, case.authority, case.open)
    return owner, sorted(strands), sorted(case.parts), sorted(due)


@WALKS
@given(which=st.randoms(use_true_random=False))
def test_after_any_walk_every_moment_of_it_is_told_as_it_was(world: World, which: random.Random) -> None:
    start = which.choice([met, submitted, in_recovery, accepted])
    case = start(world)
    seen = [(world.now, live(world, case))]
    for _ in range(25):
        asker = which.choice(ASKERS)
        with storage.door(world.db) as door:
            snapshot = door.read(Wanted(case=case, answers=True, identity=True))
        try:
            possible = [offer.move for offer in offers(world.law, snapshot, asker, world.now) if offer.yes]
            if possible:
                move = which.choice(possible)
                world.later(hours=which.randint(1, 200))
                perform(world.db, world.law, Ask(asker, move, world.now, case=case, form=told(move)))
        except Refusal:
            continue
        seen.append((world.now, live(world, case)))
    last: dict[datetime, tuple[Any, ...]] = dict(seen)  # of one instant, what stood last
    for at, stands in last.items():
        assert as_told(then(world, case, at)) == stands
    assert then(world, case, world.now, "occurred").stood.version == then(world, case, world.now).stood.version


def test_an_agency_is_told_of_a_case_only_from_when_it_took_part(world: World) -> None:
    case = submitted(world)
    before = world.now
    world.later(hours=3)
    world.ask(a(Role.SUPPORT_COORDINATOR, "eastshire-police"), "assignment.offer", case, provider="harbour")
    assert [one.id for one in page(world, "harbour", world.now)] == [case]
    assert page(world, "harbour", before) == []
    assert page(world, "stranger", world.now) == []


def test_a_late_record_about_the_past_is_not_told_to_an_agency_that_had_left(world: World) -> None:
    """By occurred time the past changes when something is recorded later: not for whoever had gone by then."""
    case = submitted(world)
    world.later(hours=1)
    offering = a(Role.SUPPORT_COORDINATOR, "eastshire-police")
    world.ask(offering, "assignment.offer", case, provider="harbour")
    inside = world.later(hours=1)
    world.later(hours=1)
    world.ask(Role.SUPPORT_COORDINATOR, "assignment.decline_offer", case, reason="full")
    gone = rows(world, "select until from participants where case_id = :case and agency_id = 'harbour'", case=case)
    assert gone[0][0] is not None, "a declined service takes no part any more"
    world.later(hours=1)
    ask = Ask(a(OFFICER), "contact.lose", world.now, case=case, form={"attempts": 1}, occurred=inside)
    perform(world.db, world.law, ask)
    at = inside + timedelta(minutes=1)
    (police,) = page(world, "eastshire-police", at, "occurred")
    (harbour,) = page(world, "harbour", at, "occurred")
    assert (police.here, harbour.here) == (True, False)
    assert police.stood.states["contact"] == "unreachable"
    assert harbour.stood.states["contact"] == "in_contact"
    assert page(world, "harbour", world.now, "occurred") == []


def test_pages_of_one_give_what_one_page_gives(world: World) -> None:
    for start in (met, submitted, in_recovery, met):
        start(world)
        world.later(hours=1)
    whole = [one.id for one in page(world, "eastshire-police", world.now)]
    assert len(whole) == 4
    assert [one.id for one in page(world, "eastshire-police", world.now, limit=1)] == whole


def test_a_deadline_that_had_passed_was_overdue_then_and_not_before(world: World) -> None:
    case = submitted(world)
    running = [due for due in then(world, case, world.now).deadlines if due.state == "running" and due.due]
    one = next(due for due in running if due.kind == "target")
    due = datetime.fromisoformat(str(one.due))
    world.later(days=400)

    def late(at: datetime) -> bool:
        return next(d for d in then(world, case, at).deadlines if d.id == one.id).overdue

    assert (late(due - timedelta(minutes=1)), late(due)) == (False, True)


def test_what_the_system_did_since_is_not_told_of_an_earlier_moment(world: World) -> None:
    case = accepted(world)
    before = world.now
    world.later(hours=1)
    perform(world.db, world.law, Ask(SYSTEM, "assignment.worker_leaves", world.now, case=case))
    assert then(world, case, before).stood.owner_user == a(Role.SUPPORT_WORKER).id
    assert then(world, case, world.now).stood.owner_user is None


def test_a_share_that_ended_by_itself_is_told_until_then_and_no_further(world: World) -> None:
    case = in_recovery(world)
    agreed = {"how": "written", "language": "en", "interpreter": "none_needed", "notice_version": "2024-10"}
    due_on = (world.now + timedelta(days=10)).date()
    world.ask(
        OFFICER, "consent.give", case, purpose="sharing", shared_with="border", due_on=due_on, classes=["C1"], **agreed
    )
    given = world.now
    assert [one.id for one in page(world, "border", given)] == [case]
    world.later(days=20)
    ask = Ask(a(OFFICER), "contact.lose", world.now, case=case, form={"attempts": 1}, occurred=given)
    perform(world.db, world.law, ask)
    (border,) = page(world, "border", given, "occurred")
    assert (border.here, border.stood.states["contact"]) == (False, "in_contact")
    assert page(world, "border", given + timedelta(days=15)) == []
    assert [one.id for one in page(world, "border", given + timedelta(days=5))] == [case]
