"""Holds the numbered tree against its signed checkpoints, its queue, the signer and witnesses. Looks, and mends nothing.

A rewritten past is dated by checkpoints: the first bad place lies behind the last one that still holds, and not behind
the first that does not.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from referral import checkpoints, merkle, witness
from referral.audit import Damage
from referral.checkpoints import PublicKey, Statement
from referral.db import Database
from referral.models import Checkpoint
from referral.signer import Last
from workflows import agreeing

HOUSE, SIGNER = "database", "signer"  # where a checkpoint was found; otherwise the name of a witness
TOLD = 20  # damages of one kind
BACKWARDS = timedelta(minutes=5)  # the signer's own times


@dataclass(frozen=True, slots=True)
class Witness:
    """A file that was kept elsewhere: checkpoints in the order in which they were seen."""

    path: Path

    def __iter__(self) -> Iterator[tuple[Statement, str]]:
        """What it holds. Raises ValueError where it is no witness file."""
        return witness.read_witness(self.path)


@dataclass
class Proof:
    """How far the tree was walked, and what was found."""

    leaves: int = 0
    checkpoints: int = 0
    cosignatures: int = 0
    damages: list[Damage] = field(default_factory=list)
    remarks: list[Damage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Seen:
    """One checkpoint from one place."""

    size: int
    root: bytes
    source: str
    cases: int | None = None
    note: str = ""
    key: str = ""
    at: datetime | None = None


@dataclass
class _Marks:
    """What the comparison at each size has shown."""

    held: int = 0  # the largest size at which everything agreed so far
    bad: dict[str, _Seen] = field(default_factory=dict)  # by source, the first whose root is another
    before: dict[str, int] = field(default_factory=dict)  # and what held before it
    again: set[str] = field(default_factory=set)  # sources that agree again behind a bad one
    beyond: dict[str, int] = field(default_factory=dict)  # by source, the first size that the tree does not reach
    dropped: tuple[int, int, str] | None = None  # (held before, size, source) of the first that the database lacks
    resigned: tuple[int, int] | None = None  # (signed well before, size) of the first under an unknown key
    signed: int = 0  # the largest size under a known key
    house: int = 0  # the largest size in the database
    cases: int = 0  # the most cases that a checkpoint of the database says
    at: datetime | None = None  # of the checkpoint before


def prove(
    db: Database, session: Session, sealed: int, keys: Sequence[PublicKey] | None, last: Last | None,
    witnesses: Sequence[Witness], page: int,
) -> Proof:  # fmt: skip
    """Walk the leaves in the order of their numbers. `sealed` is how many events have one."""
    proof, marks, edge = Proof(), _Marks(), merkle.Edge()
    leaves = _Leaves(db, session, page, edge, proof)
    seen = heapq.merge(
        _house(session), _signer(last), *(_witness(one, keys) for one in witnesses), key=lambda one: one.size
    )
    known = keys if keys is not None else _published(session)
    for size, group in groupby(seen, key=lambda one: one.size):
        leaves.up_to(size)
        _compare(list(group), size, edge, marks, proof, known)
    leaves.up_to(None)
    proof.leaves = edge.size
    _judge(marks, edge, leaves.cases, proof)
    head = agreeing.head_fits(session, edge, leaves.cases)
    if head is not None and not proof.damages:
        proof.damages.append(head)
    proof.damages += agreeing.agree(db, session, sealed, edge)
    for bad in agreeing.cosigned(session):
        proof.cosignatures += 1
        if bad is not None:
            _tell(proof, bad)
    return proof


class _Leaves:
    """The leaves, page by page, into an edge."""

    def __init__(self, db: Database, session: Session, page: int, edge: merkle.Edge, proof: Proof) -> None:
        self.cases = 0
        self._edge, self._proof, self._page = edge, proof, page
        self._db, self._session = db, session
        self._rest: list[Any] = []
        self._place, self._ended = 0, False

    def up_to(self, size: int | None) -> None:
        """Until the tree has this size, or to the end of all leaves."""
        while not self._ended and (size is None or self._edge.size < size):
            if self._place == len(self._rest):
                self._fetch()
                continue
            many = len(self._rest) - self._place if size is None else size - self._edge.size
            some = self._rest[self._place : self._place + many]
            self._gap(some)
            self._edge.extend([leaf for _, _, leaf in some])
            self.cases += [seq for _, seq, _ in some].count(1)
            self._place += len(some)

    def _gap(self, some: list[tuple[int, int, bytes]]) -> None:
        """Numbers without gaps; only the first gap is told."""
        expected = self._edge.size + 1
        if some[0][0] == expected and some[-1][0] == expected + len(some) - 1:
            return
        if not any(one.kind == "missing" and not one.case_id for one in self._proof.damages):
            first = next(place for place, row in enumerate(some) if row[0] != expected + place)
            self._proof.damages.append(Damage("", 0, "missing", expected + first, what="leaf"))

    def _fetch(self) -> None:
        after = self._rest[-1][0] if self._rest else -(2**31)
        wanted = "select number, seq, hash from leaves where number > ? order by number limit ?"
        self._rest = self._db.rows(self._session, wanted, after, self._page)
        self._place, self._ended = 0, not self._rest


def _house(session: Session) -> Iterator[_Seen]:
    """The checkpoints of the database, page by page."""
    after = -1
    while True:
        wanted = select(Checkpoint).where(col(Checkpoint.size) > after).order_by(col(Checkpoint.size)).limit(1000)
        rows = session.exec(wanted).all()
        for row in rows:
            try:
                said = checkpoints.read(row.note)
            except ValueError:
                said = None
            same = said is not None and (said.size, said.root) == (row.size, bytes(row.root))
            note = row.note if same else ""  # a row that says something else than its note is not signed at all
            yield _Seen(row.size, bytes(row.root), HOUSE, said.cases if said else None, note, row.key, row.at)
        session.expunge_all()
        if not rows:
            return
        after = rows[-1].size


def _signer(last: Last | None) -> Iterator[_Seen]:
    if last is not None and last.size:
        yield _Seen(last.size, last.root, SIGNER)


def _witness(one: Witness, keys: Sequence[PublicKey] | None) -> Iterator[_Seen]:
    """Only what is well signed: a witness cannot make up a checkpoint."""
    before = 0
    for said, note in one:
        if said.size >= before and (keys is None or checkpoints.signer_of(note, keys)):
            before = said.size
            yield _Seen(said.size, said.root, str(one.path), said.cases, note, at=said.at)


def _published(session: Session) -> list[PublicKey]:
    """The keys that the database itself names: better than none, and worth nothing against whoever writes to it."""
    found = []
    for line in session.exec(select(Checkpoint.key).distinct()).all():
        try:
            found.append(checkpoints.read_key(line))
        except ValueError:
            continue
    return found


def _compare(
    group: list[_Seen], size: int, edge: merkle.Edge, marks: _Marks, proof: Proof, keys: Sequence[PublicKey]
) -> None:  # fmt: skip
    """All that is said about one size."""
    house = next((one for one in group if one.source == HOUSE), None)
    reached, root = edge.size >= size, edge.root() if edge.size == size else b""
    agreed = reached
    for one in group:
        if one.source == HOUSE:
            _signed(one, marks, proof, keys)
        if not reached:
            marks.beyond.setdefault(one.source, size)
        elif one.root != root:
            agreed = False
            marks.bad.setdefault(one.source, one)
            marks.before.setdefault(one.source, marks.held)
        elif HOUSE in marks.bad:
            marks.again.add(one.source)
        elif house is None and one.source != SIGNER and marks.dropped is None:
            marks.dropped = (marks.held, size, one.source)
    if house is None and marks.dropped is None:
        wrong = next((one for one in group if reached and one.root != root), None)
        if wrong is not None:
            marks.dropped = (marks.held, size, wrong.source)
    if agreed and not marks.bad:
        marks.held = size


def _signed(one: _Seen, marks: _Marks, proof: Proof, keys: Sequence[PublicKey]) -> None:
    """Whether a checkpoint of the database is well signed, and by whom."""
    proof.checkpoints += 1
    marks.house, marks.cases = max(marks.house, one.size), max(marks.cases, one.cases or 0)
    if one.note and checkpoints.signer_of(one.note, keys):
        marks.signed = one.size
    elif any(checkpoints.names_key(one.note, key) for key in keys) or not one.note:
        _tell(proof, Damage("", 0, "checkpoint", one.size, what=f"checkpoint {one.size}"))
    elif marks.resigned is None:
        marks.resigned = (marks.signed, one.size)
    if one.at is not None:
        if marks.at is not None and marks.at - one.at > BACKWARDS and not proof.remarks:
            proof.remarks.append(Damage("", 0, "time", one.size, what=f"checkpoint {one.size}"))
        marks.at = one.at


def _judge(marks: _Marks, edge: merkle.Edge, cases: int, proof: Proof) -> None:
    """What all comparisons together mean; each kind is told once."""
    if marks.resigned is not None:
        before, size = marks.resigned
        _tell(proof, Damage("", 0, "resigned", before + 1, size, f"checkpoint {size}"))
    if HOUSE in marks.bad:
        kind = "rewritten"
        if marks.again:
            kind = "forked"
        elif edge.size < marks.house and cases < marks.cases:
            kind = "case_removed"
        _tell(proof, _between(marks, HOUSE, kind))
    elif HOUSE in marks.beyond:
        _tell(proof, Damage("", 0, "cut", edge.size + 1, marks.house, f"checkpoint {marks.house}"))
    others = [source for source in marks.bad if source != HOUSE]
    if others and HOUSE not in marks.bad:
        source = min(others, key=lambda name: marks.bad[name].size)
        lacks = marks.dropped is not None and marks.dropped[1] <= marks.bad[source].size
        _tell(proof, _between(marks, source, "checkpoints_dropped" if lacks else "rewritten"))
    elif marks.dropped is not None and not others:
        before, size, source = marks.dropped
        _tell(proof, Damage("", 0, "checkpoints_dropped", before + 1, size, source))
    outside = {source: size for source, size in marks.beyond.items() if source != HOUSE}
    if outside and HOUSE not in marks.beyond and not marks.bad:
        source = min(outside, key=lambda name: outside[name])
        _tell(proof, Damage("", 0, "rolled_back", edge.size + 1, outside[source], source))


def _between(marks: _Marks, source: str, kind: str) -> Damage:
    one = marks.bad[source]
    place = source if source != HOUSE else f"checkpoint {one.size}"
    return Damage("", 0, kind, marks.before[source] + 1, one.size, place)


def _tell(proof: Proof, damage: Damage) -> None:
    if sum(one.kind == damage.kind for one in proof.damages) < TOLD:
        proof.damages.append(damage)
