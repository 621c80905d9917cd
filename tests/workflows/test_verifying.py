import hashlib
import tracemalloc
from collections.abc import Iterator

import orjson
import pytest
from sqlmodel import Session, col, select

from referral.access import Role
from referral.audit import GENESIS, link
from referral.errors import NotFound
from referral.models import Case, Event, Unsealed
from tests.roles import behind, unguarded
from tests.workflows.walks import damage, met, rows, submitted
from tests.world import START, World
from workflows import walking
from workflows.explaining import explain_case, export_case
from workflows.verifying import verify


def relink(session: Session, case: str) -> None:
    """Make the chain fit again, as somebody would who may write to the events and to nothing else."""
    last = GENESIS
    for event in session.exec(select(Event).where(col(Event.case_id) == case).order_by(col(Event.seq))):
        event.prev, event.hash = last, link(last, event.body.encode())
        last = event.hash


def without_foreign_keys(world: World, statement: str) -> None:
    with behind(world.db) as db, db.raw() as connection:
        connection.execute(
            "set session_replication_role = replica" if world.db.is_postgres else "pragma foreign_keys = off"
        )
        connection.execute(statement)
        connection.execute(
            "set session_replication_role = origin" if world.db.is_postgres else "pragma foreign_keys = on"
        )


def test_what_nobody_touched_is_whole_however_small_the_pages(world: World) -> None:
    cases = [submitted(world), met(world), met(world)]
    events = rows(world, "select count(*) from events")[0][0]
    for page in (1, 2, 3, 5000):
        report = verify(world.db, page=page)
        assert (report.cases, report.events, report.damage) == (3, events, None)
    (reference,) = rows(world, "select reference from cases where id = :case", case=cases[1])[0]
    assert verify(world.db, reference.lower()).events == verify(world.db, cases[1]).events == 2
    with pytest.raises(NotFound):
        verify(world.db, "nobody")


# fmt: off
DAMAGES = [
    # done to a case of many events: the first bad event (0 for the last one), and the kind
    ("update events set body = replace(body, 'consent', 'refuse') where case_id = :case and seq = 4", 4, "edited"),
    ("update events set body = '{' where case_id = :case and seq = 4", 4, "edited"),
    ("update events set hash = prev where case_id = :case and seq = 4", 4, "edited"),
    ("update events set prev = hash where case_id = :case and seq = 4", 4, "relinked"),
    ("delete from events where case_id = :case and seq = 4", 4, "missing"),
    ("delete from events where case_id = :case and seq = 1", 1, "missing"),
    ("delete from events where case_id = :case and seq >= 4", 4, "missing"),
    ("delete from events where case_id = :case", 1, "missing"),
    ("update events set seq = -1 where case_id = :case and seq = 4", -1, "inserted"),
    ("update cases set version = version - 1 where id = :case", 0, "head"),
    ("update cases set head = salt where id = :case", 0, "head"),
]
# fmt: on


@pytest.mark.parametrize(("statement", "seq", "kind"), DAMAGES)
@pytest.mark.parametrize("page", (3, 5000))
def test_damage_is_named_by_its_case_its_first_event_and_its_kind(
    world: World, statement: str, seq: int, kind: str, page: int
) -> None:
    cases = [submitted(world) for _ in range(3)]
    hurt = sorted(cases)[1]
    last = rows(world, "select version from cases where id = :case", case=hurt)[0][0]
    damage(world, statement, case=hurt)
    report = verify(world.db, page=page)
    assert report.damage is not None
    assert (report.damage.case_id, report.damage.seq, report.damage.kind) == (hurt, seq or last, kind)
    assert (report.cases, report.damaged) == (3, 1)
    assert report.reference
    assert verify(world.db, hurt).damage == report.damage
    assert verify(world.db, cases[0] if cases[0] != hurt else cases[1]).damage is None


def test_an_event_of_another_case_is_told_from_a_true_one(world: World) -> None:
    one, two = submitted(world), submitted(world)
    with unguarded(world.db) as session:
        body = session.get_one(Event, (two, 4)).body
        session.get_one(Event, (one, 4)).body = body
        session.flush()
        relink(session, one)
    found = verify(world.db, one).damage
    assert found is not None
    assert (found.seq, found.kind) == (4, "inserted")


@pytest.mark.parametrize("body", ("nonsense", "[]", '"text"'))
def test_a_body_that_is_no_event_is_damage_and_no_crash(world: World, body: str) -> None:
    case = met(world)
    with unguarded(world.db) as session:
        session.get_one(Event, (case, 2)).body = body
        session.flush()
        relink(session, case)
    found = verify(world.db).damage
    assert found is not None
    assert (found.seq, found.kind) == (2, "edited")


def test_a_rewritten_chain_is_betrayed_by_the_head(world: World) -> None:
    case = met(world)
    with unguarded(world.db) as session:
        event = session.get_one(Event, (case, 2))
        event.body = event.body.replace("contact.open", "contact.lose")
        session.flush()
        relink(session, case)
    found = verify(world.db).damage
    assert found is not None
    assert (found.seq, found.kind) == (2, "head")


def test_an_added_event_is_told_on(world: World) -> None:
    case = met(world)
    with behind(world.db) as db, db.write() as session:
        head = session.get_one(Case, case).head
        body = orjson.dumps({"case": case, "seq": 3}).decode()
        session.add(
            Event(
                case_id=case,
                seq=3,
                recorded_at=START,
                body=body,
                prev=head,
                hash=hashlib.sha256(head + body.encode()).digest(),
            )
        )
    found = verify(world.db).damage
    assert found is not None
    assert (found.seq, found.kind) == (3, "inserted")


@pytest.mark.parametrize("place", (0, 1, 2))
@pytest.mark.parametrize("page", (1, 5000))
def test_events_without_a_case_are_told_on(world: World, place: int, page: int) -> None:
    cases = sorted(met(world) for _ in range(3))
    without_foreign_keys(world, f"delete from cases where id = '{cases[place]}'")  # noqa: S608
    report = verify(world.db, page=page)
    assert report.damage is not None
    assert (report.damage.case_id, report.damage.seq, report.damage.kind) == (cases[place], 1, "orphan")
    assert (report.cases, report.events, report.damaged, report.reference) == (2, 6, 1, None)


def test_a_case_without_any_history_is_told_on(world: World) -> None:
    case = met(world)
    damage(world, "delete from events")
    damage(world, "update cases set version = 0, head = :genesis", genesis=GENESIS)
    found = verify(world.db).damage
    assert found is not None
    assert (found.case_id, found.seq, found.kind) == (case, 1, "missing")


def test_a_move_made_between_the_reading_of_a_head_and_its_events_is_no_damage(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = {met(world) for _ in range(3)}
    read = walking.heads

    def meanwhile(session: Session, only: str | None) -> Iterator[walking.Head]:
        for head in list(read(session, only)):
            if head[0] in cases:  # each is moved once, just after its head was read
                cases.remove(head[0])
                world.ask(Role.FIRST_RESPONDER, "intake.save", head[0], answers={})
            yield head

    monkeypatch.setattr(walking, "heads", meanwhile)
    told: list[tuple[int, int]] = []
    report = verify(world.db, progress=lambda *done: told.append(done))
    assert (report.cases, report.damage, cases) == (3, None, set())
    assert told == [(3, report.events)]


def test_the_walk_needs_no_more_memory_for_more_events(world: World) -> None:
    case = met(world)
    with behind(world.db) as db, db.write() as session:
        stored = session.get_one(Case, case)
        filler = "x" * 2000
        last = stored.head
        for seq in range(3, 4000):
            body = orjson.dumps({"case": case, "seq": seq, "filler": filler}).decode()
            event = Event(
                case_id=case, seq=seq, recorded_at=START, body=body, prev=last, hash=link(last, body.encode())
            )
            session.add(event)
            session.add(Unsealed(case_id=case, seq=seq))
            last = event.hash
        stored.head, stored.version = last, 3999
    tracemalloc.start()
    report = verify(world.db, page=100)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (report.damage, report.events) == (None, 3999)
    assert peak < 4_000_000  # the bodies alone are 8 MB


def test_an_exported_case_can_be_checked_without_us_and_names_nobody(world: World) -> None:
    case = submitted(world)
    bundle = orjson.loads(orjson.dumps(export_case(world.db, world.law, case)))
    last = GENESIS
    for event in bundle["events"]:
        assert bytes.fromhex(event["prev"]) == last
        last = hashlib.sha256(last + event["body"].encode()).digest()
        assert last.hex() == event["hash"]
    assert last.hex() == bundle["case"]["head"]
    text = str(bundle)
    for secret in ("Testina", "Muster", "1996-", "testina@person.example", "07700"):
        assert secret not in text
    assert "salt" not in bundle["case"]


def test_every_deadline_of_a_case_is_explained(world: World) -> None:
    case = submitted(world)
    (reference,) = rows(world, "select reference from cases")[0]
    told = explain_case(world.db, world.law, reference)
    assert told == explain_case(world.db, world.law, case)
    row = next(row for row in told["deadlines"] if row["name"] == "support_expected")
    assert (row["start"], row["due"], row["safe_by"], row["grade"]) == ("2026-09-16", "2026-09-21", "2026-09-21", "A")
    assert row["version"]
    assert row["stops_on"]
    assert row["skipped"] == []
    skipping = next(row for row in told["deadlines"] if row["name"] == "crime_recorded")
    assert skipping["state"] == "running"
    with pytest.raises(NotFound):
        explain_case(world.db, world.law, "0000-0000-0")


def test_a_due_day_that_tells_a_birthday_is_shown_and_never_handed_out(world: World) -> None:
    case = world.ask(
        Role.FIRST_RESPONDER, "intake.encounter", place_kind="raid", under_18="yes", born="2010-07-01"
    ).case
    shown = {row["name"]: row for row in explain_case(world.db, world.law, case)["deadlines"]}
    assert shown["turning_eighteen"]["due"] == "2028-07-01"
    assert "2028-0" not in str(export_case(world.db, world.law, case))
