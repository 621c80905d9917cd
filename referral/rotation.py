"""Wraps every key anew under the newest key of the ring, a batch at a time, while moves go on.

Stopped anywhere, it goes on there.
"""

from collections.abc import Callable, Iterator

from sqlalchemy import func, select, update
from sqlmodel import col

from referral.db import Database
from referral.errors import NoKeys
from referral.models import Key
from referral.vault import Wrapped

BATCH = 500  # keys of one transaction: a move on one of their cases waits no longer than that
Progress = Callable[[int, int], None]  # keys done, keys in all


def rotate(db: Database, progress: Progress = lambda _done, _all: None, batch: int = BATCH) -> int:
    """How many keys were wrapped anew. What they have sealed stays as it is. NoKeys where one cannot be opened."""
    if db.vault is None:
        raise NoKeys
    db.vault.read_again()
    done, total = 0, left(db, db.vault.newest)
    progress(done, total)
    for many in _batches(db, batch):
        done += many
        progress(done, max(total, done))
    return done


def left(db: Database, newest: str) -> int:
    """How many keys another key of the ring still wraps."""
    with db.read() as session:
        waits = select(func.count()).where(col(Key.ring) != newest, col(Key.wrapped).is_not(None))
        return int(session.execute(waits).scalar_one())


def in_use(db: Database) -> dict[str, int]:
    """How many keys each key of the ring wraps."""
    with db.read() as session:
        held = select(col(Key.ring), func.count()).where(col(Key.wrapped).is_not(None)).group_by(col(Key.ring))
        return {str(ring): int(many) for ring, many in session.execute(held)}


def _batches(db: Database, batch: int) -> Iterator[int]:
    """The number of keys of each batch. Nobody else's batch is waited for, so two rotations share the work."""
    vault = db.vault
    assert vault is not None  # noqa: S101  rotate() has looked
    while True:
        newest = vault.newest
        with db.write() as session:
            waits = select(col(Key.id), col(Key.ring), col(Key.wrapped))
            waits = waits.where(col(Key.ring) != newest, col(Key.wrapped).is_not(None)).limit(batch)
            rows = session.execute(waits.with_for_update(skip_locked=True)).all()
            for subject, ring, wrapped in rows:
                fresh = vault.wrap_anew(Wrapped(subject, ring, bytes(wrapped)))
                # Only where it still stands as it was read: an erasure may have come first.
                same = (col(Key.id) == subject, col(Key.ring) == ring, col(Key.wrapped).is_not(None))
                session.execute(update(Key).where(*same).values(ring=fresh.ring, wrapped=fresh.wrapped))
        if not rows:
            return
        yield len(rows)
