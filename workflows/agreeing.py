"""Whether the head, the queue, the events and the cosignatures say the same as the leaves of the tree. Looks only."""

from collections.abc import Iterator

from sqlmodel import Session, col, select

from referral import checkpoints, merkle, numbering
from referral.audit import Damage
from referral.db import Database
from referral.models import Checkpoint, Cosignature

TOLD = 20  # damages of one kind


def agree(db: Database, session: Session, sealed: int, edge: merkle.Edge) -> Iterator[Damage]:
    """Where events and queue do not fit the leaves. `sealed` events have a number, `edge` is of all leaves."""
    if sealed != edge.size:
        for number, case, seq, gone in db.rows(session, _WITHOUT_EVENT, TOLD):
            yield Damage(case, seq, "case_removed" if gone else "missing", number)
    if not db.rows(session, "select 1 from unsealed limit ?", 1):  # as it mostly is: then the joins look in vain
        return
    for case, seq in db.rows(session, _WAITS_FOR_NOTHING, TOLD):
        yield Damage(case, seq, "missing")
    for case, seq, number in db.rows(session, _WAITS_TWICE, TOLD):
        yield Damage(case, seq, "queue", number)


def head_fits(session: Session, edge: merkle.Edge, cases: int) -> Damage | None:
    """Whether the stored head is that of the leaves."""
    head = numbering.head(session)
    if (head.size, head.root, head.cases) == (edge.size, edge.root(), cases):
        return None
    return Damage("", 0, "tree_head", min(head.size, edge.size) + 1, what="tree_heads")


_WITHOUT_EVENT = """
select l.number, l.case_id, l.seq,
    not exists(select 1 from events o where o.case_id = l.case_id) and not exists(select 1 from cases c where c.id = l.case_id)
from leaves l left join events e on e.case_id = l.case_id and e.seq = l.seq
where e.case_id is null order by l.number limit ?
"""
_WAITS_FOR_NOTHING = """
select u.case_id, u.seq from unsealed u left join events e on e.case_id = u.case_id and e.seq = u.seq
where e.case_id is null order by u.case_id, u.seq limit ?
"""
_WAITS_TWICE = """
select u.case_id, u.seq, l.number from unsealed u join leaves l on l.case_id = u.case_id and l.seq = u.seq
order by l.number limit ?
"""


def cosigned(session: Session) -> Iterator[Damage | None]:
    """For every cosignature, whether it is its witness's own over the checkpoint beside which it stands."""
    wanted = select(Cosignature, Checkpoint.note).join(
        Checkpoint, col(Checkpoint.size) == col(Cosignature.size), isouter=True
    )
    for row, note in session.exec(wanted.execution_options(yield_per=500)):
        try:
            seen = checkpoints.cosigned_at(row.line, note or "", checkpoints.read_key(row.key))
        except ValueError:
            seen = None
        bad = Damage("", 0, "cosignature", row.size, what=f"{row.agency_id}, checkpoint {row.size}")
        yield None if seen else bad
