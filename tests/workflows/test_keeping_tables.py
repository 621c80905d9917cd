from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from referral.access import Actor, Role, rights
from referral.db import Database
from referral.errors import Blocked, Erased
from referral.models import User
from tests.standing import snapshot, store
from tests.workflows.test_bound_rows import wrong
from tests.workflows.walks import OFFICER, met, rows
from tests.world import START, World
from workflows import retention
from workflows.verifying import verify

SPOKEN = {"language": "en", "interpreter": "none_needed", "notice_version": "2024-10"}


def a_manager(number: int, agency: str = "eastshire-police") -> Actor:
    """One of several managers of the agency that is accountable."""
    return Actor(f"{number:032x}", "user", agency, "police", ("manager",), rights(("manager",)), nation="england")


FIRST, SECOND = a_manager(1), a_manager(2)


def managers(db: Database) -> None:
    """The staff records of the two managers."""
    with db.write() as session:
        session.add_all(
            User(id=one.id, agency_id=one.agency, name="Invented", roles="manager", password_hash="-",
                 email=f"{one.id}@example.invalid", created_at=START - timedelta(days=2))
            for one in (FIRST, SECOND)
        )  # fmt: skip


def a_closed_case(world: World, note: str, first_name: str) -> str:
    """A case with identity, answers and free text, that has been withdrawn."""
    case = met(world)
    world.ask(OFFICER, "intake.explain", case, private=True, capacity="has_capacity", note=note, **SPOKEN)
    world.ask(OFFICER, "intake.consent", case, how="written", referral=True, support=False, police=False, **SPOKEN)
    identity = {"first_name": first_name, "last_name": "Invented"}
    world.ask(OFFICER, "intake.save", case, answers={"gender": "female"}, identity=identity)
    world.ask(OFFICER, "intake.withdraw", case, how="written", language="en", interpreter="none_needed")
    return case


@pytest.fixture
def closed(world: World) -> str:
    """A closed case, and two managers of the agency that is accountable."""
    managers(world.db)
    return a_closed_case(world, "Invented words.", "Zorica")


def count(db: Database, table: str, case: str) -> int:
    with db.read() as session:
        found = session.execute(text(f"select count(*) from {table} where case_id = :case"), {"case": case})  # noqa: S608
        return int(found.scalar_one())


def test_two_people_erase_what_one_alone_cannot(world: World, closed: str) -> None:
    world.ask(FIRST, "keeping.ask_erasure", closed, reason="person_asked", file_was_read=True)
    with pytest.raises(Blocked) as refused:
        world.ask(FIRST, "keeping.erase", closed, file_was_read=True)
    assert [reason.code for reason in refused.value.reasons] == ["own_request"]
    world.ask(SECOND, "keeping.erase", closed, file_was_read=True)
    assert [count(world.db, table, closed) for table in ("people", "answers", "notes")] == [0, 0, 0]
    assert rows(world, "select wrapped is null, destroyed_at is null from keys where id = :case", case=closed) == [
        (True, False)
    ]


def test_the_history_of_an_erased_person_is_still_whole(world: World, closed: str) -> None:
    world.ask(FIRST, "keeping.ask_erasure", closed, reason="person_asked", file_was_read=True)
    world.ask(SECOND, "keeping.erase", closed, file_was_read=True)
    assert verify(world.db).damage is None
    assert wrong(world, closed) == {}


def test_after_erasure_nothing_personal_is_kept_here_again(world: World, closed: str) -> None:
    world.ask(FIRST, "keeping.ask_erasure", closed, reason="person_asked", file_was_read=True)
    world.ask(SECOND, "keeping.erase", closed, file_was_read=True)
    with pytest.raises(Erased):
        world.ask(OFFICER, "contact.lose", closed, attempts=1, note="Invented.")


def test_the_figures_stay_without_who_it_was(world: World, closed: str) -> None:
    world.ask(FIRST, "keeping.ask_erasure", closed, reason="person_asked", file_was_read=True)
    world.ask(SECOND, "keeping.erase", closed, file_was_read=True)
    (facts,) = rows(world, "select facts from strands where case_id = :case and workflow = 'keeping'", case=closed)[0]
    assert '"gender":"female"' in facts
    assert "Zorica" not in facts


def test_nothing_is_erased_while_the_case_is_open(world: World) -> None:
    case = met(world)
    with pytest.raises(Blocked) as refused:
        world.ask(FIRST, "keeping.ask_erasure", case, reason="person_asked", file_was_read=True)
    assert [reason.code for reason in refused.value.reasons] == ["case_is_open"]


def test_a_hold_stops_an_erasure_until_two_people_release_it(world: World, closed: str) -> None:
    world.ask(FIRST, "keeping.ask_erasure", closed, reason="person_asked", file_was_read=True)
    world.ask(FIRST, "keeping.hold", closed, law="criminal_proceedings")
    world.ask(FIRST, "keeping.ask_release", closed, reason="proceedings_over")
    with pytest.raises(Blocked):
        world.ask(FIRST, "keeping.release", closed)
    assert world.ask(SECOND, "keeping.release", closed).state == "review_due"


def test_only_the_accountable_agency_erases(world: World, closed: str) -> None:
    with world.db.write() as session:
        session.execute(text("update cases set owner_agency = 'border' where id = :case"), {"case": closed})
    with pytest.raises(Blocked) as refused:
        world.ask(FIRST, "keeping.ask_erasure", closed, reason="person_asked", file_was_read=True)
    assert [reason.code for reason in refused.value.reasons] == ["not_accountable"]


@pytest.mark.parametrize(("months", "put"), ((71, 0), (73, 1)))
def test_a_closed_case_is_put_before_a_person_when_its_period_has_passed(
    world: World, closed: str, months: int, put: int
) -> None:
    later: datetime = world.now + timedelta(days=30.5 * months)
    assert retention.fall_due(world.db, world.law, later) == put
    assert retention.fall_due(world.db, world.law, later) == 0
    assert count(world.db, "people", closed) == 1


def test_what_is_kept_until_a_day_is_looked_at_again_after_it(world: World, closed: str) -> None:
    later = world.later(days=2300)
    assert retention.fall_due(world.db, world.law, later) == 1
    world.ask(FIRST, "keeping.keep", closed, reason="claim_possible", until_on=(later + timedelta(days=30)).date())
    assert retention.fall_due(world.db, world.law, later + timedelta(days=30)) == 0
    assert retention.fall_due(world.db, world.law, later + timedelta(days=31)) == 1


def test_an_open_case_never_falls_due_however_old_it_is(world: World) -> None:
    store(world.db, snapshot("person", "intake", "drafting"))
    assert retention.fall_due(world.db, world.law, world.now + timedelta(days=9000)) == 0


def test_a_caseworker_erases_nothing(world: World, closed: str) -> None:
    assert "records:keep" not in rights((Role.CASEWORKER.value,))
