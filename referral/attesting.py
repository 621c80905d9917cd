"""Checkpoints: when one is due, how one is made, and which covers an event. Numbers first, then has signed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import desc, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from referral import checkpoints, merkle, numbering, witness
from referral.db import Database
from referral.errors import NotCovered
from referral.models import Checkpoint
from referral.settings import Settings
from referral.signer import NoSigner, Signer, WillNotSign

EVERY = timedelta(seconds=60)
MANY = 256  # events after which one is due at once
TRIES = 3


@dataclass(frozen=True, slots=True)
class Attested:
    """What was done."""

    numbered: int = 0
    size: int | None = None  # of the checkpoint that was made; None where none was due


def attest(db: Database, settings: Settings, signer: Signer, now: datetime) -> Attested:
    """Number what waits; have a checkpoint signed where one is due, and let it leave the database.

    Raises NoSigner or WillNotSign: then everything is numbered, and nothing is signed.
    """
    numbered = numbering.number(db)
    with db.read() as session:
        due = _due(session, now)
    if not due:
        return Attested(numbered)
    made = checkpoint(db, signer, now)
    publish(settings, made, now)
    return Attested(numbered, made.size)


def cover(db: Database, settings: Settings, signer: Signer, case: str, seq: int, now: datetime) -> Checkpoint:
    """The first checkpoint there is that covers this event; where there is none, one is made now.

    Raises NotCovered where the signer does not answer or refuses, or where there is no such event.
    """
    number = _number_of(db, case, seq)
    if number is None:
        numbering.number(db)
        number = _number_of(db, case, seq)
    if number is None:
        raise NotCovered
    try:
        with db.read() as session:
            standing = covering(session, number)
        # Whoever writes to the database could put one there: it counts if it was signed.
        if standing is not None and checkpoints.signer_of(standing.note, signer.published()):
            return standing
        made = checkpoint(db, signer, now)
        publish(settings, made, now)
    except (NoSigner, WillNotSign, OSError):
        raise NotCovered from None
    return made


def checkpoint(db: Database, signer: Signer, now: datetime) -> Checkpoint:
    """Have the tree as it stands signed, and keep that. Raises NoSigner, WillNotSign."""
    for turn in range(TRIES):
        last = signer.last()
        with db.read() as session:
            head = numbering.head(session)
            if last.size > head.size:
                raise WillNotSign("The log is smaller than what was signed before.")
            try:
                proof = merkle.consistency(numbering.nodes(session), last.size, head.size)
            except LookupError:
                raise WillNotSign("The stored tree is not whole.") from None
        try:
            note = signer.sign(head.size, head.root, head.cases, now, proof)
        except WillNotSign:
            if turn + 1 == TRIES or signer.last() == last:
                raise
            continue  # somebody else had a larger tree signed in between
        return _keep(db, signer, note)
    raise WillNotSign("Others were always quicker.")


def latest(session: Session) -> Checkpoint | None:
    """The newest checkpoint."""
    return session.execute(select(Checkpoint).order_by(desc(col(Checkpoint.size))).limit(1)).scalar()


def covering(session: Session, number: int) -> Checkpoint | None:
    """The first checkpoint that covers the event of this number."""
    wanted = select(Checkpoint).where(col(Checkpoint.size) >= number).order_by(col(Checkpoint.size)).limit(1)
    return session.execute(wanted).scalar()


def publish(settings: Settings, made: Checkpoint, now: datetime) -> None:
    """Let a checkpoint leave the database: to the witness file, and once a day to the digest. Raises OSError."""
    if settings.witness_file is not None:
        witness.add_to_witness(settings.witness_file, made.note)
    witness.add_to_digest(settings.data, made.note, now)


def _due(session: Session, now: datetime) -> bool:
    """When the tree has grown, and enough, or long enough ago."""
    head, last = numbering.head(session), latest(session)
    if last is None:
        return head.size > 0
    return head.size - last.size >= MANY or (head.size > last.size and now - last.at >= EVERY)


def _number_of(db: Database, case: str, seq: int) -> int | None:
    with db.read() as session:
        return numbering.number_of(session, case, seq)


def _keep(db: Database, signer: Signer, note: str) -> Checkpoint:
    """Keep a signed note; where the same tree was signed a moment ago, what is kept stays."""
    said, key = checkpoints.read(note), checkpoints.signer_of(note, signer.published())
    if key is None:
        raise NoSigner("The signer does not sign with a key that it has published.")
    row = Checkpoint(size=said.size, root=said.root, at=said.at, note=note, key=str(key))
    try:
        with db.write() as session:
            standing = session.get(Checkpoint, said.size)
            if standing is not None:
                return standing
            session.add(row)
    except IntegrityError:  # somebody else kept theirs in between
        with db.read() as session:
            return session.get_one(Checkpoint, said.size)
    return row
