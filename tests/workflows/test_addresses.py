"""Addresses of safe places: sealed, followed by others, planned for later, and never told by a note."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from sqlmodel import col, select

from referral import places
from referral.errors import (
    AddressChanged,
    BadTime,
    Blocked,
    NoKeys,
    Refusal,
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
    WILLOW,
    address,
    houses,
    moved,
    on_the_list,
    revealed,
    sheltered,
    shown,
)
from tests.thorough import CHANGES
from tests.workflows.walks import damage, rows
from tests.world import World, vault
from workflows.bound_rows import differing


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


def test_an_address_opens_after_its_key_was_wrapped_anew(world: World, home: str) -> None:
    on_the_list(world, home)
    ring = {"20260101": bytes(range(32)), "20270101": bytes(range(1, 33))}
    world.db.vault = Vault(ring, {"20260101": bytes(range(32, 64))}, lambda: ring)
    assert rotate(world.db) >= 3  # two houses, and a case
    told = shown(world, home, revealed(world, home))
    assert isinstance(told, dict)
    assert told["postcode"] == WILLOW.postcode


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
