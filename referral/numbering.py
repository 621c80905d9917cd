"""Numbers committed events without gaps into one tree over all cases, and reads proofs from it.

It stands beside the moves, not in them: a move adds its events to a queue; whoever numbers takes them from there, in
one transaction with the tree. The row of the tree's head is locked meanwhile, so any number of processes may do it.
"""

from dataclasses import dataclass

from sqlalchemy import and_, delete, exists, insert, select, text, tuple_, update
from sqlmodel import Session, col

from referral import merkle
from referral.db import Database
from referral.merkle import Edge, Nodes
from referral.models import Event, Leaf, TreeHead, TreeNode, Unsealed

_PLACE = (col(Unsealed.case_id), col(Unsealed.seq))
BATCH = 1000  # events of one transaction
STRIDE = 4  # of the levels of the tree, every fourth is stored
_FIRST = text(
    "insert into tree_heads (id, size, cases, edge, root) values (1, 0, 0, :edge, :root) on conflict do nothing"
)


@dataclass(frozen=True, slots=True)
class Head:
    """How far the tree has grown."""

    size: int
    root: bytes
    cases: int  # how many have begun in it


def leaf_of(prev: bytes, body: bytes) -> bytes:
    """The hash of the leaf of an event: RFC 6962 over what the event's own hash is taken of."""
    return merkle.leaf_hash(prev + body)


def number(db: Database, most: int = BATCH) -> int:
    """Number what has been committed, batch by batch; how many there were."""
    done = 0
    while _waits(db):
        with db.write() as session:
            some = _number(session, most)
        done += some
        if not some:  # what is left waits for events that are not there; `verify` names them
            break
    return done


def head(session: Session) -> Head:
    """The tree as it stands."""
    row = session.execute(select(col(TreeHead.size), col(TreeHead.root), col(TreeHead.cases))).first()
    return Head(row[0], bytes(row[1]), row[2]) if row else Head(0, merkle.EMPTY, 0)


def number_of(session: Session, case: str, seq: int) -> int | None:
    """The number of an event; None while it waits, or where there is none."""
    wanted = select(col(Leaf.number)).where(col(Leaf.case_id) == case, col(Leaf.seq) == seq)
    return session.execute(wanted).scalar()


def nodes(session: Session) -> Nodes:
    """The hashes of complete subtrees, from what is stored. Raises LookupError where a row of them is missing."""

    def node(level: int, position: int) -> bytes:
        below = level % STRIDE
        many = 1 << below
        first = position << below
        if level < STRIDE:
            wanted = select(col(Leaf.hash)).where(col(Leaf.number).between(first + 1, first + many))
            found = session.execute(wanted.order_by(col(Leaf.number))).scalars().all()
        else:
            of_level = and_(
                col(TreeNode.level) == level - below, col(TreeNode.position).between(first, first + many - 1)
            )
            found = (
                session.execute(select(col(TreeNode.hash)).where(of_level).order_by(col(TreeNode.position)))
                .scalars()
                .all()
            )
        if len(found) != many:
            raise LookupError("the tree is not whole")
        edge = Edge()
        edge.extend(bytes(one) for one in found)
        return edge.root()

    return node


def _waits(db: Database) -> bool:
    """A look that locks nothing: mostly there is nothing to do."""
    with db.read() as session:
        return session.execute(select(col(Unsealed.seq)).limit(1)).first() is not None


def _number(session: Session, most: int) -> int:
    session.execute(_FIRST, {"edge": b"", "root": merkle.EMPTY})
    row = session.execute(select(TreeHead).with_for_update()).scalar_one()
    edge, begun = Edge(row.size, bytes(row.edge)), row.cases
    # By case and then by seq: what a case has committed is always the beginning of its history, so that no later event
    # of it can get a lower number.
    queue = select(col(Unsealed.case_id), col(Unsealed.seq)).order_by(*_PLACE).limit(most).subquery()
    waits = session.execute(
        select(col(Event.case_id), col(Event.seq), col(Event.prev), col(Event.body))
        .join(queue, and_(queue.c.case_id == col(Event.case_id), queue.c.seq == col(Event.seq)))
        .outerjoin(Leaf, and_(col(Leaf.case_id) == col(Event.case_id), col(Leaf.seq) == col(Event.seq)))
        .where(col(Leaf.number).is_(None))
        .order_by(col(Event.case_id), col(Event.seq))
    ).all()
    leaves, inner = [], []
    for case, seq, prev, body in waits:
        own = leaf_of(bytes(prev), body.encode())
        done = edge.append(own)
        leaves.append({"number": edge.size, "case_id": case, "seq": seq, "hash": own})
        inner += [{"level": lv, "position": at, "hash": one} for lv, at, one in done if lv % STRIDE == 0]
        begun += seq == 1
    if leaves:
        session.execute(insert(Leaf), leaves)
        if inner:
            session.execute(insert(TreeNode), inner)
        grown = {"size": edge.size, "cases": begun, "edge": edge.packed(), "root": edge.root()}
        session.execute(update(TreeHead).values(**grown))
        first, last = waits[0], waits[-1]
        standing = exists().where(col(Leaf.case_id) == col(Unsealed.case_id), col(Leaf.seq) == col(Unsealed.seq))
        among = tuple_(*_PLACE).between(tuple_(first[0], first[1]), tuple_(last[0], last[1]))
        session.execute(delete(Unsealed).where(among, standing).execution_options(synchronize_session=False))
    return len(leaves)
