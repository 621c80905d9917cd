"""Small invented installations with a numbered, signed history, and the hands of somebody who owns the database."""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert, select, text
from sqlmodel import Session, SQLModel

from referral import attesting, audit, checkpoints, merkle, numbering, witness
from referral.audit import GENESIS, Damage
from referral.checkpoints import Statement, public_key
from referral.db import Database
from referral.models import Agency, Case, Checkpoint, Event, Leaf, TreeHead, TreeNode, Unsealed
from referral.numbering import STRIDE, leaf_of
from referral.signer import OwnSigner
from tests.roles import unguarded
from tests.world import START
from workflows.proving import Witness
from workflows.verifying import Against, Report, verify

ORIGIN = "lodestar.invalid/log"
Line = tuple[str, int, bytes, str]  # case, seq, prev, body


@dataclass
class Ledger:
    """An installation: its database, its signer, and a witness file elsewhere."""

    db: Database
    folder: Path
    dice: random.Random
    now: datetime = START
    marks: list[int] = field(default_factory=list)  # sizes of the checkpoints

    @property
    def signer(self) -> OwnSigner:
        return OwnSigner(self.folder / "signer", ORIGIN)

    @property
    def seen(self) -> Path:
        return self.folder / "witness.jsonl"

    def grow(self, cases: list[str], events: int) -> None:
        """So many events more, on any of these cases, as moves leave them."""
        with self.db.read() as session:
            rows = session.execute(text("select id, version, head from cases")).all()
        stands = {row[0]: (row[1], bytes(row[2])) for row in rows}
        new, lines = [], []
        for _ in range(events):
            case = self.dice.choice(cases)
            if case not in stands:
                new.append(case)
            seq, prev = stands.get(case, (0, GENESIS))
            told = {"case": case, "seq": seq + 1, "move": "invented.move", "recorded": self.now.isoformat()}
            body = audit.canonical(told | {"digest": self.dice.randbytes(8).hex(), "rows": {f"cases:{case}": "0" * 32}})
            own = audit.link(prev, body)
            lines.append({
                "case_id": case, "seq": seq + 1, "recorded_at": self.now, "body": body.decode(), "prev": prev,
                "hash": own,
            })  # fmt: skip
            stands[case] = (seq + 1, own)
        if not lines:
            return
        with self.db.write() as session:
            if new:
                session.execute(insert(Case), [_case(case, number) for number, case in enumerate(new, len(rows))])
            session.execute(insert(Event), lines)
            session.execute(insert(Unsealed), [{"case_id": one["case_id"], "seq": one["seq"]} for one in lines])
            for case in {str(one["case_id"]) for one in lines}:
                seq, own = stands[case]
                session.execute(
                    text("update cases set version = :seq, head = :own where id = :case"),
                    {"seq": seq, "own": own, "case": case},
                )

    def sign(self) -> None:
        """A checkpoint, which the witness sees too."""
        numbering.number(self.db)
        made = attesting.checkpoint(self.db, self.signer, self.now)
        if made.size not in self.marks:
            witness.add_to_witness(self.seen, made.note)
            self.marks.append(made.size)

    def verify(self, *, outside: bool, checks: Any = ()) -> Report:
        """As somebody does who has the signer's public key, and with `outside` also its state and a witness."""
        known = Against(keys=self.signer.published())
        if outside:
            known = Against(known.keys, self.signer.last(), [Witness(self.seen)])
        return verify(self.db, against=known, checks=checks)

    def lines(self, session: Session) -> list[Line]:
        """All numbered events in their order."""
        wanted = (
            "select l.case_id, l.seq, e.prev, e.body from leaves l "
            "join events e on e.case_id = l.case_id and e.seq = l.seq order by l.number"
        )
        return [(row[0], row[1], bytes(row[2]), row[3]) for row in session.execute(text(wanted))]


def furnished(db: Database, folder: Path, seed: int, *, events: int = 48, cases: int = 6, every: int = 8) -> Ledger:
    """A history of so many events with a checkpoint after every few, and some events that still wait."""
    ledger = Ledger(db, folder, random.Random(seed))
    shutil.rmtree(folder / "signer", ignore_errors=True)
    ledger.seen.unlink(missing_ok=True)
    with db.write() as session:
        for name in ("nobody", "somebody"):
            if session.get(Agency, name) is None:
                session.add(Agency(id=name, name=name, kind="police", created_at=START))
    names = [ledger.dice.randbytes(16).hex() for _ in range(cases)]
    for _ in range(events // every):
        ledger.now += timedelta(minutes=1)
        ledger.grow(names, every)
        ledger.sign()
    ledger.grow(names, ledger.dice.randrange(3))
    return ledger


def _case(case: str, number: int) -> dict[str, Any]:
    return {
        "id": case, "reference": f"{number:04d}-{case[:4]}", "kind": "person", "jurisdiction": "scotland", "version": 0,
        "opened_at": START, "updated_at": START, "head": GENESIS, "salt": b"", "open": True, "owner_agency": "nobody",
    }  # fmt: skip


@contextmanager
def owning(ledger: Ledger) -> Iterator[Session]:
    """Whatever the owner of the database can do."""
    with unguarded(ledger.db) as session:
        yield session


def relinked(lines: list[Line]) -> list[Line]:
    """The same events, each case counted and chained anew."""
    stands: dict[str, tuple[int, bytes]] = {}
    made = []
    for case, _, _, body in lines:
        seq, prev = stands.get(case, (0, GENESIS))
        told = orjson.loads(body) | {"seq": seq + 1}
        new = audit.canonical(told)
        made.append((case, seq + 1, prev, new.decode()))
        stands[case] = (seq + 1, audit.link(prev, new))
    return made


def rebuild(session: Session, lines: list[Line]) -> None:
    """Write this history in place of the one that is there: events, heads of cases, leaves, nodes, head of the tree."""
    session.execute(text("delete from unsealed"))
    session.execute(text("delete from events"))
    stands: dict[str, tuple[int, bytes]] = {}
    for case, seq, prev, body in lines:
        stands[case] = (seq, audit.link(prev, body.encode()))
        session.add(Event(case_id=case, seq=seq, recorded_at=START, body=body, prev=prev, hash=stands[case][1]))
    for case, (seq, own) in stands.items():
        session.execute(
            text("update cases set version = :seq, head = :own where id = :case"),
            {"seq": seq, "own": own, "case": case},
        )
    replant(session, lines)


def replant(session: Session, lines: list[Line]) -> None:
    """The whole tree anew over these events."""
    for table in ("leaves", "tree_nodes", "tree_heads"):
        session.execute(text(f"delete from {table}"))  # noqa: S608
    session.expire_all()
    edge = merkle.Edge()
    for number, (case, seq, prev, body) in enumerate(lines, 1):
        own = leaf_of(prev, body.encode())
        nodes = [node for node in edge.append(own) if node[0] % STRIDE == 0]
        session.add(Leaf(number=number, case_id=case, seq=seq, hash=own))
        session.add_all(TreeNode(level=level, position=place, hash=one) for level, place, one in nodes)
    begun = sum(seq == 1 for _, seq, _, _ in lines)
    session.add(TreeHead(id=1, size=edge.size, cases=begun, edge=edge.packed(), root=edge.root()))


def resign(session: Session, lines: list[Line], marks: list[int], key: Ed25519PrivateKey, now: datetime) -> None:
    """New checkpoints at the same places, over this history, by this key."""
    session.execute(text("delete from cosignatures"))
    session.execute(text("delete from checkpoints"))
    for size in marks:
        edge = merkle.Edge()
        edge.extend(leaf_of(prev, body.encode()) for _, _, prev, body in lines[:size])
        said = Statement(ORIGIN, size, edge.root(), sum(seq == 1 for _, seq, _, _ in lines[:size]), now)
        note, public = checkpoints.sign(key, ORIGIN, said), public_key(key, ORIGIN)
        session.add(Checkpoint(size=size, root=edge.root(), at=now, note=note, key=str(public)))


def stolen(ledger: Ledger) -> Ed25519PrivateKey:
    """The signer's own key, by somebody who reads its files."""
    (path,) = (ledger.folder / "signer").glob("key-*.pem")
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def edited(line: Line) -> Line:
    """The event with something else in it."""
    case, seq, prev, body = line
    return case, seq, prev, body.replace("invented.move", "another.move")


def holds(damage: Damage | None, kind: str, number: int, marks: list[int]) -> bool:
    """Whether this kind was named, at the number itself or as closely as the checkpoints around it allow."""
    if damage is None or damage.kind != kind or damage.number is None:
        return False
    if damage.until is None:
        return damage.number == number
    before = max((size for size in marks if size < number), default=0)
    behind = min(size for size in marks if size >= number)
    return (damage.number, damage.until) == (before + 1, behind)


TABLES = [
    SQLModel.metadata.tables[name]
    for name in ("cases", "events", "unsealed", "leaves", "tree_nodes", "tree_heads", "checkpoints")
]
History = list[list[dict[str, Any]]]


def kept(ledger: Ledger) -> History:
    """Every row of the history, to be put back."""
    with ledger.db.read() as session:
        return [[dict(row._mapping) for row in session.execute(select(table))] for table in TABLES]


def put_back(ledger: Ledger, rows: History) -> None:
    """Undo whatever was done to the history."""
    with owning(ledger) as session:
        for table in TABLES[::-1]:
            session.execute(delete(table))
        for table, lines in zip(TABLES, rows, strict=True):
            if lines:
                session.execute(insert(table), lines)
