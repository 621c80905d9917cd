"""Who may know where somebody lives: a list that two people keep, one reveal at a time, a lock that two open."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import orjson
import pytest
from sqlmodel import col, select

from referral import places, reveals
from referral.access import SYSTEM, Actor, Role
from referral.errors import (
    AddressChanged,
    BadForm,
    BadTime,
    Blocked,
    Locked,
    NoKeys,
    NotAllowed,
    Refusal,
    RevealEnded,
    ShownAlready,
    Taken,
)
from referral.models import Address, Reveal
from referral.rotation import rotate
from referral.vault import Vault
from tests.sheltered import (
    BED,
    CEDAR,
    COORDINATOR,
    KEEPER,
    OTHER_BED,
    WILLOW,
    WORKER,
    address,
    asked_for,
    houses,
    moved,
    on_the_list,
    revealed,
    sheltered,
    strong,
)
from tests.thorough import CHANGES
from tests.workflows.walks import damage, rows
from tests.world import START, World, a, vault
from workflows.ask import Ask
from workflows.bound_rows import differing
from workflows.engine import perform
from workflows.four_eyes import LASTS, NEW, Request, may_approve
from workflows.offered import offered


def reasons(refused: pytest.ExceptionInfo[Blocked]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def shown(world: World, case: str, reveal: str, who: Role = WORKER) -> dict[str, str] | Refusal:
    with world.db.write() as session:
        return reveals.show(session, world.db.vault, case, reveal, a(who).id, world.now)


@pytest.fixture
def home(world: World) -> str:
    """A case whose person lives in Willow."""
    world.later(days=2)
    houses(world)
    return sheltered(world)


def test_two_people_let_a_third_see_where_the_person_lives_and_the_owner_is_told(world: World, home: str) -> None:
    on_the_list(world, home)
    before = {row[0] for row in rows(world, "select id from messages")}
    reveal = revealed(world, home)
    told = shown(world, home, reveal)
    assert told == {
        "street": WILLOW.street, "town": WILLOW.town, "postcode": WILLOW.postcode, "way": WILLOW.way,
        "phone": WILLOW.phone,
    }  # fmt: skip
    # The owner of the case is the worker who looked, and nobody is told of their own act.
    assert {row[0] for row in rows(world, "select id from messages")} == before


def test_the_owner_is_told_of_somebody_elses_reveal_at_once(world: World, home: str) -> None:
    entry = asked_for(world, home, a(KEEPER))
    world.ask(COORDINATOR, "housing.let_know", home, entry=entry)
    revealed(world, home, KEEPER)
    told = rows(world, "select user_id, kind, about, created_at from messages where about = 'housing.reveal'")
    assert [(user, kind) for user, kind, *_ in told] == [(a(WORKER).id, "moved")]


def test_an_address_is_shown_once(world: World, home: str) -> None:
    on_the_list(world, home)
    reveal = revealed(world, home)
    assert isinstance(shown(world, home, reveal), dict)
    assert isinstance(shown(world, home, reveal), ShownAlready)


def test_a_reveal_belongs_to_one_person_and_lasts_ten_minutes(world: World, home: str) -> None:
    on_the_list(world, home)
    reveal = revealed(world, home)
    assert isinstance(shown(world, home, reveal, KEEPER), Refusal)
    world.later(minutes=10)
    assert isinstance(shown(world, home, reveal), RevealEnded)


REFUSED: dict[str, tuple[str, Role, dict[str, Any]]] = {
    "without a second factor": ("step_up_needed", WORKER, {"factor": "none", "stepped_up_at": None}),
    "with a password alone": ("step_up_needed", WORKER, {"factor": "password"}),
    "with a code from an app": ("step_up_needed", WORKER, {"factor": "totp"}),
    "shown too long ago": ("step_up_needed", WORKER, {"stepped_up_at": timedelta(minutes=-5, seconds=-1)}),
    "shown in the future": ("step_up_needed", WORKER, {"stepped_up_at": timedelta(minutes=1)}),
    "by somebody not on the list": ("not_on_the_list", COORDINATOR, {}),
    "by a machine": ("needs_a_person", WORKER, {"kind": "client"}),
}


@pytest.mark.parametrize("what", REFUSED)
def test_nobody_reveals(world: World, home: str, what: str) -> None:
    why, role, how = REFUSED[what]
    how = {name: world.now + value if isinstance(value, timedelta) else value for name, value in how.items()}
    on_the_list(world, home)
    with pytest.raises(Blocked) as refused:
        world.ask(strong(world, role, **how), "housing.reveal", home, purpose="visit")
    assert why in reasons(refused)
    assert rows(world, "select count(*) from reveals") == [(0,)]
    revealed(world, home)  # and it was possible all the time


def test_roles_that_are_shown_no_address_hold_no_right_to_it(world: World, home: str) -> None:
    for role in (Role.FIRST_RESPONDER, Role.CASEWORKER):
        with pytest.raises(NotAllowed):
            world.ask(strong(world, role), "housing.reveal", home, purpose="visit")
    with pytest.raises(Blocked):
        world.ask(SYSTEM, "housing.reveal", home, purpose="visit")


def test_a_reveal_needs_a_reason_from_the_list(world: World, home: str) -> None:
    on_the_list(world, home)
    for form in ({}, {"purpose": "curious"}, {"purpose": "visit", "travels": "Zoe"}):
        with pytest.raises(BadForm):
            world.ask(strong(world, WORKER), "housing.reveal", home, **form)


@pytest.mark.parametrize(("setting", "factor", "can"), (
    ("passkey", "passkey", True), ("passkey", "totp", False), ("totp", "totp", True), ("totp", "passkey", True),
    ("totp", "password", False), ("none", "none", True),
))  # fmt: skip
def test_an_installation_says_what_an_address_asks_for(
    world: World, home: str, setting: str, factor: str, can: bool
) -> None:
    on_the_list(world, home)
    actor = strong(world, WORKER, factor=factor)
    ask = Ask(actor, "housing.reveal", world.now, case=home, form={"purpose": "visit"}, reveal_factor=setting)
    (offer,) = [o for o in offered(world.db, world.law, actor, home, world.now, setting) if o.move == "housing.reveal"]
    assert offer.yes is can
    if can:
        assert perform(world.db, world.law, ask).reveal
    else:
        with pytest.raises(Blocked):
            perform(world.db, world.law, ask)


def test_one_at_a_time_and_five_an_hour(world: World, home: str) -> None:
    other = sheltered(world, OTHER_BED)
    for case in (home, other):
        on_the_list(world, case)
    first = revealed(world, home)
    with pytest.raises(Blocked) as refused:
        revealed(world, other)
    assert reasons(refused) == ["still_open"]
    for _ in range(4):
        done(world, home, first)
        first = revealed(world, home)
    done(world, home, first)
    with pytest.raises(Blocked) as refused:
        revealed(world, other)
    assert reasons(refused) == ["too_many"]
    world.later(hours=1)
    revealed(world, other)


def done(world: World, case: str, reveal: str) -> None:
    with world.db.write() as session:
        reveals.close(session, reveals.find(session, case, reveal, a(WORKER).id), world.now)


def test_of_two_reveals_at_the_same_moment_in_two_cases_one_is_made(world: World, home: str) -> None:
    other = sheltered(world, OTHER_BED)
    for case in (home, other):
        on_the_list(world, case)

    def attempt(case: str) -> str:
        try:
            return revealed(world, case)
        except Blocked as refusal:
            return refusal.reasons[0].code

    for _ in range(10):
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(attempt, [home, other, home, other]))
        assert sorted(answers, key=len)[:3] == ["still_open"] * 3
        world.later(hours=2)


def test_only_where_an_address_is_kept_can_one_be_shown(world: World) -> None:
    case = sheltered(world)  # in a bed that stands in no place
    on_the_list(world, case)
    with pytest.raises(Blocked) as refused:
        revealed(world, case)
    assert reasons(refused) == ["no_address"]


def test_on_the_way_the_next_place_is_shown(world: World, home: str) -> None:
    on_the_list(world, home)
    day = world.now.date().isoformat()
    world.ask(KEEPER, "housing.start_move", home, reason="traced", to_bed=OTHER_BED, to_from=day, meets=[], risk="high",
              transport="taxi", agrees="yes")  # fmt: skip
    told = shown(world, home, revealed(world, home))
    assert told == {"street": CEDAR.street, "town": CEDAR.town, "postcode": CEDAR.postcode}


def newcomer(world: World) -> Actor:
    """A navigator's account that is younger than a day."""
    actor = replace(a(COORDINATOR), id="7" * 32)
    damage(world, "insert into users (id, agency_id, name, email, password_hash, roles, active, created_at) values "
           "(:id, 'harbour', 'Invented', 'new@example.invalid', '-', 'support_coordinator', :yes, :at)",
           id=actor.id, yes=True, at=world.now - timedelta(hours=23) if world.db.is_postgres
           else (world.now - timedelta(hours=23)).strftime("%Y-%m-%d %H:%M:%S.%f"))  # fmt: skip
    return actor


@pytest.mark.parametrize(("who", "why"), ((newcomer, "new_account"), (lambda _: a(COORDINATOR), "own_access")))
def test_nobody_approves(world: World, home: str, who: Callable[[World], Actor], why: str) -> None:
    entry = asked_for(world, home, a(COORDINATOR))
    actor = who(world)
    if actor.id != a(COORDINATOR).id:
        world.ask(COORDINATOR, "contact.add_member", home, colleague=actor.id)
    with pytest.raises(Blocked) as refused:
        world.ask(actor, "housing.let_know", home, entry=entry)
    assert reasons(refused) == [why]


def test_who_asks_never_approves_whatever_their_roles(world: World, home: str) -> None:
    both = replace(a(KEEPER), roles=(*a(KEEPER).roles, *a(COORDINATOR).roles), may=a(KEEPER).may | a(COORDINATOR).may)
    entry = asked_for(world, home)
    with pytest.raises(Blocked) as refused:
        world.ask(both, "housing.let_know", home, entry=entry)
    assert reasons(refused) == ["own_request"]
    with pytest.raises(NotAllowed):
        world.ask(KEEPER, "housing.let_know", home, entry=entry)


def test_a_request_is_approved_once_and_within_72_hours(world: World, home: str) -> None:
    first = on_the_list(world, home)
    with pytest.raises(Blocked) as refused:
        world.ask(COORDINATOR, "housing.let_know", home, entry=first)
    assert reasons(refused) == ["used_before"]
    second = asked_for(world, home, a(KEEPER))
    world.later(hours=72)
    with pytest.raises(Blocked) as refused:
        world.ask(COORDINATOR, "housing.let_know", home, entry=second)
    assert reasons(refused) == ["request_expired"]


def test_only_who_takes_part_in_a_fitting_role_can_be_put_on_the_list(world: World, home: str) -> None:
    for who in (a(WORKER, "lantern"), a(Role.CASEWORKER), a(Role.FIRST_RESPONDER)):
        with pytest.raises(Blocked) as refused:
            asked_for(world, home, who)
        assert reasons(refused) == ["cannot_know"]
    with pytest.raises(Blocked) as refused:
        asked_for(world, home, days=91)
    assert reasons(refused) == ["bad_until"]
    asked_for(world, home)
    with pytest.raises(Blocked) as refused:
        asked_for(world, home)
    assert reasons(refused) == ["already_listed"]


def test_an_entry_ends_by_itself_and_at_once_when_somebody_takes_it_off(world: World, home: str) -> None:
    entry = on_the_list(world, home)
    reveal = revealed(world, home)
    world.ask(KEEPER, "housing.take_off_list", home, entry=entry)
    assert isinstance(shown(world, home, reveal), RevealEnded)
    world.later(hours=1)
    with pytest.raises(Blocked) as refused:
        revealed(world, home)
    assert reasons(refused) == ["not_on_the_list"]
    on_the_list(world, home)
    world.later(days=30)
    with pytest.raises(Blocked) as refused:
        revealed(world, home)
    assert reasons(refused) == ["not_on_the_list"]


def test_one_act_locks_and_two_people_open(world: World, home: str) -> None:
    waiting = asked_for(world, home, a(KEEPER))
    on_the_list(world, home)
    reveal = revealed(world, home)
    world.ask(WORKER, "housing.lock_addresses", home)
    assert isinstance(shown(world, home, reveal), Locked)
    world.later(minutes=20)
    for act in (
        lambda: revealed(world, home), lambda: asked_for(world, home, a(COORDINATOR)),
        lambda: world.ask(COORDINATOR, "housing.let_know", home, entry=waiting),
        lambda: world.ask(KEEPER, "housing.lock_addresses", home),
    ):  # fmt: skip
        with pytest.raises(Blocked) as refused:
            act()
        assert "locked" in reasons(refused)
    place = str(rows(world, "select place_id from beds where id = :bed", bed=BED)[0][0])
    with pytest.raises(Locked):
        moved(world, place, CEDAR)
    with pytest.raises(Blocked) as refused:
        world.ask(COORDINATOR, "housing.unlock_addresses", home)
    assert reasons(refused) == ["not_asked"]
    world.ask(COORDINATOR, "housing.ask_to_unlock", home)
    with pytest.raises(Blocked) as refused:
        world.ask(COORDINATOR, "housing.unlock_addresses", home)
    assert reasons(refused) == ["own_request"]
    world.ask(KEEPER, "housing.unlock_addresses", home)
    assert isinstance(shown(world, home, revealed(world, home)), dict)


def test_a_reveal_from_before_a_lock_stays_ended_once_it_is_open_again(world: World, home: str) -> None:
    on_the_list(world, home)
    reveal = revealed(world, home)
    world.later(minutes=1)
    world.ask(WORKER, "housing.lock_addresses", home)
    world.ask(COORDINATOR, "housing.ask_to_unlock", home)
    world.ask(KEEPER, "housing.unlock_addresses", home)
    assert isinstance(shown(world, home, reveal), Locked)


def test_a_lock_and_its_opening_tell_owner_worker_and_manager(world: World, home: str) -> None:
    world.ask(KEEPER, "housing.lock_addresses", home)
    told = rows(world, "select agency_id, user_id, audience from messages where about = 'housing.lock_addresses'")
    assert {tuple(row) for row in told} == {("harbour", a(WORKER).id, "owner"), ("harbour", None, "manager")}


def test_a_force_that_is_no_longer_accountable_cannot_open_a_lock(world: World, home: str) -> None:
    with pytest.raises(Blocked) as refused:
        world.ask(Role.FIRST_RESPONDER, "housing.lock_addresses", home)
    assert reasons(refused) == ["not_accountable"]


def test_a_new_address_ends_the_one_before_and_every_open_reveal(world: World, home: str) -> None:
    on_the_list(world, home)
    reveal = revealed(world, home)
    place = str(rows(world, "select place_id from beds where id = :bed", bed=BED)[0][0])
    world.later(minutes=1)
    moved(world, place, CEDAR)
    assert isinstance(shown(world, home, reveal), AddressChanged)
    told = shown(world, home, revealed(world, home))
    assert isinstance(told, dict)
    assert told["street"] == CEDAR.street


def test_an_address_of_later_counts_from_then_on(world: World, home: str) -> None:
    on_the_list(world, home)
    place = str(rows(world, "select place_id from beds where id = :bed", bed=BED)[0][0])
    moved(world, place, CEDAR, world.now + timedelta(minutes=5))
    reveal = revealed(world, home)
    world.later(minutes=5)
    assert isinstance(shown(world, home, reveal), AddressChanged)


def test_a_planned_address_that_is_planned_anew_never_comes_into_force(world: World) -> None:
    willow, _ = houses(world)
    moved(world, willow, CEDAR, world.now + timedelta(days=2))
    moved(world, willow, WILLOW, world.now + timedelta(days=1))
    for hours, where in ((0, WILLOW), (25, WILLOW), (49, WILLOW)):
        with world.db.read() as session:
            found = places.in_force(session, willow, world.now + timedelta(hours=hours))
            assert found is not None
            assert places.opened(session, vault(), found) == where


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_planned_and_planned_anew_the_last_plan_stands_alone(world: World, seed: int) -> None:
    chance, start = Random(seed), world.now
    willow, _ = houses(world)
    plans = [(start, WILLOW)]
    for number in range(8):
        world.later(hours=chance.randrange(48))
        begins = world.now + timedelta(hours=chance.choice((0, 0, 1, 24, 72)))
        where = replace(CEDAR, street=f"{number} Invented Row")
        moved(world, willow, where, begins)
        plans = [plan for plan in plans if plan[0] < begins] + [(begins, where)]
    with world.db.read() as session:
        stored = session.execute(select(Address).where(col(Address.place_id) == willow)).scalars().all()
        for hours in range(0, 500, 5):
            at = start + timedelta(hours=hours)
            stands = [one for one in stored if one.from_at <= at and (one.until_at is None or at < one.until_at)]
            assert len(stands) == 1
            assert places.opened(session, vault(), stands[0]) == [where for begins, where in plans if begins <= at][-1]


def test_an_address_begins_now_or_within_a_year(world: World) -> None:
    willow, _ = houses(world)
    for away in (timedelta(minutes=-6), timedelta(days=367)):
        with pytest.raises(BadTime):
            moved(world, willow, CEDAR, world.now + away)


def test_an_address_stands_sealed_under_the_key_of_its_place_and_at_its_row(world: World) -> None:
    willow, cedar = houses(world)
    with world.db.read() as session:
        found, other = places.in_force(session, willow, world.now), places.in_force(session, cedar, world.now)
        assert found is not None
        assert other is not None
        assert places.opened(session, vault(), found) == WILLOW
        assert repr(places.opened(session, vault(), found)) == "Where()"
        swapped = Address(**{**other.model_dump(), "street": found.street})
        with pytest.raises(NoKeys):
            places.opened(session, vault(), swapped)
        with pytest.raises(NoKeys):
            places.opened(session, None, found)


def test_a_code_name_is_used_once_and_a_bed_stands_in_one_place(world: World) -> None:
    houses(world)
    for name, beds in (("Willow", []), ("Oak", ["Willow 1"])):
        with pytest.raises(Taken), world.db.write() as session:
            places.add_place(session, vault(), "harbour", name, "north-west", beds, world.now)


def test_the_history_binds_the_list_the_ledger_and_the_locks(world: World, home: str) -> None:
    from tests.workflows.test_bound_rows import told

    entry = on_the_list(world, home)
    shown(world, home, revealed(world, home))
    world.ask(KEEPER, "housing.lock_addresses", home)
    world.ask(COORDINATOR, "housing.ask_to_unlock", home)
    world.ask(KEEPER, "housing.take_off_list", home, entry=entry)
    with world.db.read() as session:
        assert differing(session, {home: told(session, home)}) == {}
    edits: tuple[tuple[str, str], ...] = (
        ("delete from reveals where case_id = :case", "reveals:"),
        ("update address_readers set approved_by = asked_by where case_id = :case", "address_readers:"),
        ("update address_locks set opened_at = locked_at where case_id = :case", "address_locks:"),
    )
    for number, (statement, row) in enumerate(edits, 1):
        damage(world, statement, case=home)
        with world.db.read() as session:
            found = differing(session, {home: told(session, home)})[home]
        assert len(found) == number
        assert any(name.startswith(row) for name in found)


@pytest.mark.parametrize(("asked_by", "hours", "age", "used", "why"), (
    ("another", 0, 48, False, None), ("another", 71.9, 48, False, None), ("another", 72, 48, False, "request_expired"),
    ("another", 0, 24, False, None), ("another", 0, 23.9, False, "new_account"),
    ("another", 0, None, False, "new_account"),
    ("me", 0, 48, False, "own_request"), ("another", 0, 48, True, "used_before"),
))  # fmt: skip
def test_four_eyes(asked_by: str, hours: float, age: float | None, used: bool, why: str | None) -> None:
    actor = a(COORDINATOR)
    request = Request(actor.id if asked_by == "me" else asked_by, START - timedelta(hours=hours), used)
    since = None if age is None else START - timedelta(hours=age)
    reason = may_approve(request, actor, START, since)
    assert (reason.code if reason else None) == why
    assert (timedelta(hours=72), timedelta(hours=24)) == (LASTS, NEW)


def test_a_machine_approves_nothing() -> None:
    machine = replace(a(COORDINATOR), kind="client")
    for actor in (machine, SYSTEM):
        reason = may_approve(Request("another", START), actor, START, START - timedelta(days=9))
        assert reason is not None
        assert reason.code == "needs_a_person"


def race(world: World, home: str, rounds: int) -> None:
    """In each round the address changes while somebody looks: they see it only if that was over before the change."""
    place = str(rows(world, "select place_id from beds where id = :bed", bed=BED)[0][0])

    def change(reveal: str) -> bool:
        """Whether the address had been shown when it was changed, as the change itself sees it."""
        with world.db.write() as session:
            address(session, world, places.hold(session, "harbour", place), CEDAR)
            return session.get_one(Reveal, reveal).shown_at is not None

    for _ in range(rounds):
        reveal = revealed(world, home)
        with ThreadPoolExecutor(2) as pool:
            seen, before = pool.submit(shown, world, home, reveal), pool.submit(change, reveal)
            assert isinstance(seen.result(), dict | AddressChanged)
            assert isinstance(seen.result(), dict) == before.result()
        assert isinstance(shown(world, home, reveal), Refusal)
        world.later(hours=1)


def test_whoever_looks_while_the_address_changes_sees_it_before_or_never(world: World, home: str) -> None:
    on_the_list(world, home)
    race(world, home, 20)


@pytest.mark.slow
def test_however_often_it_changes_nobody_is_shown_an_address_that_has_ended(world: World, home: str) -> None:
    for _ in range(2):
        on_the_list(world, home)
        race(world, home, CHANGES.times // 2)
        world.later(days=31)  # longer than an entry lasts


def test_whoever_looks_while_the_case_is_locked_sees_it_before_or_never(world: World, home: str) -> None:
    on_the_list(world, home)
    for _ in range(8):
        reveal = revealed(world, home)
        with ThreadPoolExecutor(2) as pool:
            seen = pool.submit(shown, world, home, reveal)
            pool.submit(world.ask, COORDINATOR, "housing.lock_addresses", home).result()
            assert isinstance(seen.result(), dict | Locked)
        assert isinstance(shown(world, home, reveal), Refusal)
        world.ask(COORDINATOR, "housing.ask_to_unlock", home)
        world.ask(KEEPER, "housing.unlock_addresses", home)
        world.later(hours=1)


def test_the_ledger_names_the_event_that_must_be_covered(world: World, home: str) -> None:
    on_the_list(world, home)
    reveal = revealed(world, home)
    ((body,),) = rows(world, """
        select e.body from reveals r join events e on e.case_id = r.case_id and e.seq = r.seq
        where r.id = :reveal""", reveal=reveal)  # fmt: skip
    event = orjson.loads(body)
    assert (event["move"], event["actor"]["id"]) == ("housing.reveal", a(WORKER).id)
    assert f"reveals:{reveal}" in event["rows"]
    assert "visit" not in str(body)  # what it was needed for stands in the ledger alone


def test_an_address_opens_after_its_key_was_wrapped_anew(world: World, home: str) -> None:
    on_the_list(world, home)
    ring = {"20260101": bytes(range(32)), "20270101": bytes(range(1, 33))}
    world.db.vault = Vault(ring, {"20260101": bytes(range(32, 64))}, lambda: ring)
    assert rotate(world.db) >= 3  # two houses, and a case
    told = shown(world, home, revealed(world, home))
    assert isinstance(told, dict)
    assert told["postcode"] == WILLOW.postcode


def test_what_a_move_of_the_list_was_told_stays_out_of_the_strand(world: World, home: str) -> None:
    entry = on_the_list(world, home)
    revealed(world, home)
    world.ask(KEEPER, "housing.lock_addresses", home)
    ((facts,),) = rows(world, "select facts from strands where case_id = :case and workflow = 'housing'", case=home)
    kept = orjson.loads(facts) if isinstance(facts, str) else facts
    assert not {"user", "purpose", "until", "entry"} & set(kept)
    assert entry not in str(facts)


# fmt: off
SAYS_WHERE = (
    # a note of a move                                       what it is refused for
    (f"She is at {WILLOW.postcode} now.",                    "place_in_text"),
    ("Post goes to qx97zj.",                                 "place_in_text"),
    (f"Ring the bell at {WILLOW.street}.",                   "place_in_text"),
    (f"The house answers on +44 {(WILLOW.phone or '')[1:]}.", "contact_in_text"),
)
# fmt: on


def offer_again(world: World, case: str, note: str) -> None:
    world.ask(KEEPER, "housing.start_move", case, reason="unsafe", to_bed=f"{2:032x}", risk="low", transport="taxi",
              to_from=world.now.date().isoformat(), meets=[], agrees="yes", note=note)  # fmt: skip


@pytest.mark.parametrize(("note", "code"), SAYS_WHERE)
def test_a_note_that_says_where_the_house_lies_is_refused(world: World, note: str, code: str) -> None:
    """Everybody who works on the case reads notes; only whoever is on the list is shown where the person lives."""
    world.later(days=2)
    houses(world)
    case = sheltered(world)
    with pytest.raises(Blocked) as refused:
        offer_again(world, case, note)
    assert [reason.code for reason in refused.value.reasons] == [code]
    offer_again(world, case, "She is at ZZ1 1ZZ now, in Invented Row.")  # any other place can be said
