"""Walks the chains of all cases and names the first bad event and the kind of damage. Reads pages, so that memory stays flat."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlmodel import Session, col

from referral.audit import Damage, first_damage
from referral.db import Database
from referral.models import Case, Event
from workflows.explaining import find

CASES = 1000  # cases of one page
Row = tuple[str, int, str, bytes, bytes]  # case, seq, body, prev, hash
Head = tuple[str, str, bytes, int]  # case, reference, head, version
Progress = Callable[[int, int], None]  # cases and events so far


@dataclass(frozen=True, slots=True)
class Report:
    """How far the walk came, and what it found."""

    cases: int
    events: int
    damaged: int = 0  # cases
    damage: Damage | None = None  # the first
    reference: str | None = None  # of its case; None where an event has none


def verify(
    db: Database, case: str | None = None, page: int = 5000, progress: Progress = lambda _cases, _events: None
) -> Report:
    """Every chain, or that of one case by its id or reference (NotFound where there is none). Goes on after the first damage, to count the cases."""
    cases = damaged = 0
    first: tuple[Damage, str | None] | None = None
    with db.read() as session:
        only = find(session, case).id if case else None
        events = _Events(session, page, only)
        for head in _heads(session, only):
            for orphan in events.before(head[0]):
                damaged, first = damaged + 1, first or (orphan, None)
            if damage := _damage(head, events):
                damaged, first = damaged + 1, first or (damage, head[1])
            cases += 1
            if cases % CASES == 0:
                progress(cases, events.count)
        for orphan in events.before(None):
            damaged, first = damaged + 1, first or (orphan, None)
    progress(cases, events.count)
    damage, reference = first or (None, None)
    return Report(cases, events.count, damaged, damage, reference)


def _damage(head: Head, events: "_Events") -> Damage | None:
    """The first damage of one case. All its events are taken, also those behind the damage."""
    case, _, newest, version = head
    seen = [0]

    def links() -> Iterator[tuple[int, str, bytes, bytes]]:
        for _, seq, body, prev, own in events.of(case):
            seen[0] = seq
            yield seq, body, bytes(prev), bytes(own)

    chain = links()
    try:
        damage = first_damage(case, bytes(newest), version, chain)
    except (ValueError, AttributeError):  # a body that is no JSON, or no event, under a hash that fits it
        damage = Damage(case, seen[0], "edited")
    for _ in chain:
        pass
    for _ in events.of(case):
        pass
    return damage or (Damage(case, 1, "missing") if not seen[0] else None)


class _Events:
    """The events in the order of their cases, read page by page, and put back once too far was read."""

    def __init__(self, session: Session, page: int, only: str | None) -> None:
        self.count = 0
        self._rows = _rows(session, page, only)
        self._next: Row | None = next(self._rows, None)
        self._known = _known(session)

    def of(self, case: str) -> Iterator[Row]:
        """Those of one case, which must be the next."""
        while self._next is not None and self._next[0] == case:
            row, self._next = self._next, next(self._rows, None)
            self.count += 1
            yield row

    def before(self, case: str | None) -> Iterator[Damage]:
        """Events that belong to no case: what stands before this one, though it should be the next. Told once for each."""
        while self._next is not None and self._next[0] != case and not self._known(self._next[0]):
            orphan = self._next[0]
            yield Damage(orphan, self._next[1], "orphan")
            for _ in self.of(orphan):
                pass


def _known(session: Session) -> Callable[[str], bool]:
    """Whether there is such a case. Asked only where the order does not answer it."""
    return lambda case: session.execute(select(col(Case.id)).where(col(Case.id) == case)).first() is not None


def _heads(session: Session, case: str | None) -> Iterator[Head]:
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


def _rows(session: Session, page: int, only: str | None) -> Iterator[Row]:
    columns = (col(Event.case_id), col(Event.seq), col(Event.body), col(Event.prev), col(Event.hash))
    place = (col(Event.case_id), col(Event.seq))
    wanted = select(*columns).order_by(*place).limit(page)
    if only is not None:
        wanted = wanted.where(col(Event.case_id) == only)
    rows = session.execute(wanted).all()
    while rows:
        yield from (tuple(row) for row in rows)
        if len(rows) < page:
            return
        case, seq = rows[-1][0], rows[-1][1]
        rows = session.execute(wanted.where(tuple_(*place) > tuple_(case, seq))).all()
