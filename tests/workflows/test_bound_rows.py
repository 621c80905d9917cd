from pathlib import Path

import orjson
import pytest
from sqlmodel import Session, col, select

from referral.models import Event
from tests.workflows.walks import OFFICER, accepted, beats, damage, in_recovery, met, rows, submitted
from tests.world import World
from workflows.bound_rows import differing


def told(session: Session, case: str) -> dict[str, str]:
    """The newest digest of every row that the history of a case names."""
    found: dict[str, str] = {}
    for body in session.exec(select(Event.body).where(col(Event.case_id) == case).order_by(col(Event.seq))):
        event = orjson.loads(body)
        gone = tuple(f"{table}:" for table in event.get("dropped", ()))
        found = {row: digest for row, digest in found.items() if not (gone and row.startswith(gone))}
        found |= event.get("rows", {})
    return found


def wrong(world: World, *cases: str) -> dict[str, list[str]]:
    with world.db.read() as session:
        return differing(session, {case: told(session, case) for case in cases})


def test_whatever_the_door_wrote_is_as_the_history_says(world: World) -> None:
    cases = [met(world), submitted(world), in_recovery(world), accepted(world)]
    world.ask(OFFICER, "intake.make_safe", cases[0], note="Invented.")
    assert wrong(world, *cases) == {}


def test_what_was_forgotten_by_a_move_is_not_missed(world: World) -> None:
    case = met(world)
    spoken = {"language": "en", "interpreter": "none_needed", "notice_version": "2024-10"}
    world.ask(OFFICER, "intake.explain", case, private=True, capacity="has_capacity", note="Invented.", **spoken)
    world.ask(OFFICER, "intake.refuse", case, will_cooperate=False)
    assert wrong(world, case) == {}


# fmt: off
EDITS = [  # and the row that is named
    ("update cases set owner_agency = 'lantern' where id = :case", "cases"),
    ("update cases set reference = 'AAAA-AAAA-A' where id = :case", "cases"),
    ("update strands set state = 'in_support' where case_id = :case and workflow = 'contact'", "strands:"),
    ("update strands set facts = '{}' where case_id = :case and workflow = 'intake'", "strands:"),
    ("update deadlines set due_day = '2030-01-01' where case_id = :case and state = 'running'", "deadlines:"),
    ("update deadlines set state = 'met' where case_id = :case and state = 'running'", "deadlines:"),
    ("delete from deadlines where case_id = :case and state = 'running'", "deadlines:"),
    ("update participants set until = since where case_id = :case and agency_id = 'sca'", "participants:"),
    ("update participants set agency_id = 'stranger' where case_id = :case and agency_id = 'sca'", "participants:"),
    ("delete from participants where case_id = :case and agency_id = 'sca'", "participants:"),
    ("update people set last_name = first_name where case_id = :case", "people:last_name"),
    ("update people set first_name = null where case_id = :case", "people:first_name"),
    ("delete from people where case_id = :case", "people:"),
    ("delete from answers where case_id = :case", "answers:"),
    ("delete from notes where case_id = :case", "notes:"),
]
# fmt: on


@pytest.mark.parametrize(("statement", "row"), EDITS)
def test_a_row_that_was_edited_behind_the_log_is_named(world: World, statement: str, row: str) -> None:
    hurt, whole = in_recovery(world), in_recovery(world)
    for case in (hurt, whole):
        world.ask(OFFICER, "contact.lose", case, attempts=1, note="Invented.")
    assert wrong(world, hurt, whole) == {}
    damage(world, statement, case=hurt)
    found = wrong(world, hurt, whole)
    assert list(found) == [hurt]
    assert [name for name in found[hurt] if not name.startswith(row)] == []


def test_what_time_alone_makes_of_a_deadline_is_no_damage(world: World, tmp_path: Path) -> None:
    case = in_recovery(world)
    for _ in range(40):
        world.later(days=2)
        beats(world, tmp_path)
    assert rows(world, "select count(*) from deadlines where state <> 'running' and ended_seq is null")[0][0] > 0
    assert wrong(world, case) == {}
