"""Bad tries to sign in: counted in the database, so that any number of processes agree, and slower with each one.

A try is counted before the password is looked at; whoever comes in while waiting gets the same answer as for a wrong
password, and does not make the wait longer, so that nobody can be kept out for ever.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from api.sealing import Box
from referral.db import Database
from referral.models import Tries

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Limit:
    """From which bad try on one waits, doubling each time; and from which on for the whole window."""

    free: int
    most: int

    def wait(self, bad: int) -> timedelta:
        """How long after this many bad tries."""
        if bad >= self.most:
            return WINDOW
        return timedelta(seconds=min(2 ** (bad - self.free), 60)) if bad > self.free else timedelta()


ACCOUNT = Limit(free=3, most=10)
SOURCE = Limit(free=30, most=100)  # a whole service may come from one address


@dataclass(frozen=True, slots=True)
class Trier:
    """Whose account is tried, and from where, as keyed digests."""

    account: str
    source: str

    @classmethod
    def of(cls, box: Box, account: str, source: str | None) -> "Trier":
        """Name account and place."""
        return cls(account_key(box, account), box.digest("source", source or "nowhere"))


def account_key(box: Box, account: str) -> str:
    """An e-mail address, as it is known here."""
    return box.digest("account", account.strip().lower())


def reserve(db: Database, trier: Trier, now: datetime) -> bool:
    """Count a try as bad, before it is known to be good. False while account or place has to wait."""
    with db.write() as session:
        rows = [(_held(session, trier.account, now), ACCOUNT), (_held(session, trier.source, now), SOURCE)]
        if any(now < row.wait_until for row, _ in rows):
            # As much is written as for any other try, so that the time taken does not tell that one has to wait.
            again = update(Tries).where(col(Tries.key).in_([row.key for row, _ in rows]))
            session.connection().execute(again.values(bad=Tries.bad))
            return False
        for row, limit in rows:
            if now >= row.since + WINDOW:
                row.bad, row.since = 0, now
            row.bad += 1
            row.wait_until = now + limit.wait(row.bad)
            session.add(row)
        return True


def forgive(session: Session, trier: Trier) -> None:
    """It was a good one: the account begins anew, its place gets this one try back."""
    unlock(session, trier.account)
    row = session.get(Tries, trier.source)
    if row is not None:
        row.bad = max(0, row.bad - 1)
        session.add(row)


def unlock(session: Session, account: str) -> None:
    """Let an account be tried again at once."""
    session.connection().execute(delete(Tries).where(col(Tries.key) == account))


def _held(session: Session, key: str, now: datetime) -> Tries:
    """The row of this key, held until the transaction ends; two processes that try at once come one after the other."""
    values = {"key": key, "bad": 0, "since": now, "wait_until": now}
    connection = session.connection()
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(kind.insert(Tries).values(values).on_conflict_do_nothing())
    return session.exec(select(Tries).where(col(Tries.key) == key).with_for_update()).one()
