"""Reads all cases, and all events with their leaves, in the order of the cases. Page by page, so that memory stays flat.

Events and leaves are read apart, each along its own index, and put together here: joined, every event would cost the
database a search of its own, which takes longer than all that is hashed.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from referral.audit import Damage, Leaf, Stored
from referral.db import Database
from referral.models import Case

CASES = 1000  # cases of one page
Head = tuple[str, str, bytes, int]  # case, reference, head, version
NONE: Leaf = (None, b"")  # of an event without a number
_BEFORE_ALL = ("", -(2**31) - 1)


class Events:
    """The events in the order of their cases, read page by page, and kept once too far was read."""

    def __init__(self, db: Database, session: Session, page: int, only: str | None) -> None:
        """`only` names the one case whose events are wanted."""
        self.count = 0
        self._pages = _Pages(db, session, page, only)
        self._page, self._leaves = self._pages.next()
        self._place = 0
        self._known = _known(session)

    def of(self, case: str) -> Iterator[tuple[list[Stored], list[Leaf]]]:
        """Those of one case, which must be the next, in pieces; with their leaves."""
        while self._page:
            page, start = self._page, self._place
            end, last = start, len(page)
            while end < last and page[end][0] == case:
                end += 1
            self._place = end
            self.count += end - start
            if end > start:
                yield page[start:end], self._leaves[start:end]
            if end < last:
                return
            (self._page, self._leaves), self._place = self._pages.next(), 0

    def waits(self, case: str, seq: int) -> bool:
        """Whether an event of the page at hand waits for its number."""
        return (case, seq) in self._pages.waiting

    def before(self, case: str | None) -> Iterator[Damage]:
        """Events that belong to no case: what stands before this one, though it should be the next. Told once for each."""
        while self._page and (orphan := self._page[self._place])[0] != case and not self._known(orphan[0]):
            yield Damage(orphan[0], orphan[1], "orphan", self._leaves[self._place][0])
            for _ in self.of(orphan[0]):
                pass


class _Pages:
    """One page after the other, and which events of the page at hand wait for a number."""

    def __init__(self, db: Database, session: Session, most: int, only: str | None) -> None:
        self.waiting: frozenset[tuple[str, int]] = frozenset()
        self._db, self._session, self._most = db, session, most
        self._of, self._only = ("case_id = ? and", [only]) if only is not None else ("", [])
        self._last: tuple[str, int] | None = _BEFORE_ALL

    def next(self) -> tuple[list[Stored], list[Leaf]]:
        """The next events and their leaves; nothing behind the last."""
        if self._last is None:
            return [], []
        body = "convert_to(body, 'UTF8')" if self._db.is_postgres else "cast(body as blob)"
        events = self._rows(f"case_id, seq, {body}, prev, hash", "events", "order by case_id, seq limit ?", self._most)
        if not events:
            return [], []
        until = ("and (case_id, seq) <= (?, ?)", *events[-1][:2])
        numbered = self._rows("case_id, seq, number, hash", "leaves", *until)
        found: dict[tuple[str, int], Leaf] = {(case, seq): (number, leaf) for case, seq, number, leaf in numbered}
        leaves = [found.get(event[:2], NONE) for event in events]
        self.waiting = frozenset(self._rows("case_id, seq", "unsealed", *until) if NONE in leaves else ())
        self._last = events[-1][:2] if len(events) == self._most else None
        return events, leaves

    def _rows(self, columns: str, table: str, rest: str, *values: object) -> list[Any]:
        wanted = f"select {columns} from {table} where {self._of} (case_id, seq) > (?, ?) {rest}"  # noqa: S608  our own names
        return self._db.rows(self._session, wanted, *self._only, *(self._last or ()), *values)


def _known(session: Session) -> Callable[[str], bool]:
    """Whether there is such a case. Asked only where the order does not answer it."""
    return lambda case: session.execute(select(col(Case.id)).where(col(Case.id) == case)).first() is not None


def heads(session: Session, case: str | None) -> Iterator[Head]:
    """Every case, in the order in which the database keeps ids: Python never compares them."""
    columns = (col(Case.id), col(Case.reference), col(Case.head), col(Case.version))
    if case is not None:
        found = session.execute(select(*columns).where(col(Case.id) == case))
        yield from (tuple(head) for head in found)
        return
    last = ""
    while True:
        page = session.execute(select(*columns).where(col(Case.id) > last).order_by(col(Case.id)).limit(CASES)).all()
        yield from (tuple(head) for head in page)
        if len(page) < CASES:
            return
        last = page[-1][0]
