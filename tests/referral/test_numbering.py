"""Numbers without gaps, in the order of each case, whoever gives them; and history that is only ever added to."""

import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from referral import merkle, numbering
from referral.access import Role
from referral.errors import Refusal
from referral.models import Leaf
from referral.numbering import leaf_of, number
from tests.roles import unguarded
from tests.workflows.walks import damage, met, rows, submitted
from tests.world import World

WAITS = "insert into unsealed (case_id, seq) select case_id, seq from events"  # the step's own words


def numbered(world: World) -> list[tuple[str, int]]:
    """The events of all cases in the order of their numbers, which must have no gap and no wrong hash."""
    found = rows(
        world,
        "select l.number, l.case_id, l.seq, l.hash, e.prev, e.body from leaves l "
        "join events e on e.case_id = l.case_id and e.seq = l.seq order by l.number",
    )
    assert [row[0] for row in found] == list(range(1, len(found) + 1))
    assert all(bytes(own) == leaf_of(bytes(prev), body.encode()) for *_, own, prev, body in found)
    return [(case, seq) for _, case, seq, *_ in found]


def test_every_event_waits_until_it_is_numbered_once(world: World) -> None:
    submitted(world)
    events = rows(world, "select case_id, seq from events order by case_id, seq")
    assert rows(world, "select case_id, seq from unsealed order by case_id, seq") == events
    assert number(world.db) == len(events)
    assert number(world.db) == 0
    assert rows(world, "select count(*) from unsealed") == [(0,)]
    assert sorted(numbered(world)) == events


def test_a_refused_move_waits_for_nothing(world: World) -> None:
    case = met(world)
    before = rows(world, "select count(*) from unsealed")
    with pytest.raises(Refusal):
        world.ask(Role.CASEWORKER, "decision.find_reasonable", case, reasons=["account"])
    assert rows(world, "select count(*) from unsealed") == before


@pytest.mark.parametrize("batch", (1, 2, 7, 1000))
def test_each_case_keeps_its_order_however_small_the_batches(world: World, batch: int) -> None:
    for _ in range(2):
        submitted(world)
        met(world)
        number(world.db, batch)
    order = numbered(world)
    assert len(order) == rows(world, "select count(*) from events")[0][0]
    for case in {case for case, _ in order}:
        seqs = [seq for other, seq in order if other == case]
        assert seqs == list(range(1, len(seqs) + 1))


def test_the_head_and_every_stored_node_are_those_of_the_leaves(world: World) -> None:
    for _ in range(3):
        submitted(world)
    number(world.db, 5)
    with world.db.read() as session:
        leaves = [bytes(one) for one in session.execute(select(col(Leaf.hash)).order_by(col(Leaf.number))).scalars()]
        head, nodes = numbering.head(session), numbering.nodes(session)
        edge = merkle.Edge()
        edge.extend(leaves)
        assert (head.size, head.root, head.cases) == (len(leaves), edge.root(), 3)
        for index, leaf in enumerate(leaves):
            assert merkle.included(leaf, index, head.size, merkle.inclusion(nodes, index, head.size), head.root)
        for first in range(1, head.size):
            smaller = merkle.tree_hash(nodes, 0, first)
            proof = merkle.consistency(nodes, first, head.size)
            assert merkle.consistent(first, head.size, smaller, head.root, proof)
    damage(world, "delete from tree_nodes")
    with world.db.read() as session, pytest.raises(LookupError):
        merkle.inclusion(numbering.nodes(session), 16, 17)


def test_an_empty_installation_has_the_empty_tree(world: World) -> None:
    assert number(world.db) == 0
    with world.db.read() as session:
        assert numbering.head(session) == numbering.Head(0, merkle.EMPTY, 0)


def test_many_may_number_at_once_while_moves_go_on(world: World) -> None:
    cases = [met(world) for _ in range(6)]
    stop, wrong = threading.Event(), list[BaseException]()

    def keep_numbering() -> None:
        try:
            while not stop.is_set():
                number(world.db, 3)
        except BaseException as why:  # noqa: BLE001  told below
            wrong.append(why)

    threads = [threading.Thread(target=keep_numbering) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(3):
        for case in cases:
            world.ask(Role.FIRST_RESPONDER, "intake.save", case, answers={"reference": str(turn)})
    stop.set()
    for thread in threads:
        thread.join()
    number(world.db)
    assert wrong == []
    order = numbered(world)
    assert len(order) == rows(world, "select count(*) from events")[0][0]
    for case in cases:
        assert [seq for other, seq in order if other == case] == [1, 2, 3, 4, 5]


def test_a_queue_that_names_what_is_not_there_keeps_nobody_waiting(world: World) -> None:
    damage(world, "insert into unsealed (case_id, seq) values ('0', 1), ('0', 2), ('1', 1)")
    case = met(world)
    assert number(world.db) == 2
    assert [one for one, _ in numbered(world)] == [case, case]


@pytest.mark.parametrize("table", ("events", "leaves", "checkpoints", "cosignatures"))
@pytest.mark.parametrize("how", ("delete from {table}", "update {table} set {column} = {column}"))
def test_history_is_only_ever_added_to(world: World, table: str, how: str) -> None:
    column = {"events": "seq", "leaves": "seq"}.get(table, "size")
    damage(world, "insert into checkpoints (size, root, at, note, key) values (1, :b, '2026-09-16', '', '')", b=b"")
    damage(
        world,
        "insert into cosignatures (size, key, agency_id, actor, at, line) values (1, '', 'sca', '', '2026-09-16', '')",
    )
    met(world)
    number(world.db)
    with pytest.raises(DBAPIError, match=r"only ever added|permission denied"), world.db.write() as session:
        session.execute(text(how.format(table=table, column=column)))


def test_what_was_there_before_is_numbered_too(world: World) -> None:
    case = met(world)
    with unguarded(world.db) as session:  # as the step finds an installation that is older than it
        session.execute(text("delete from unsealed"))
        session.execute(text(WAITS))
    assert number(world.db) == 2
    assert numbered(world) == [(case, 1), (case, 2)]
