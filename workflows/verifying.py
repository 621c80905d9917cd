"""Walks the chains of all cases beside the numbered tree, and names the first bad event and the kind of damage.

Everything is recomputed from stored bytes. Reads pages, so that memory stays flat. What the tree must agree with,
checkpoints, the signer and witnesses, is told apart in workflows/proving.py.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlmodel import Session, col

from referral.audit import Chain, Damage
from referral.checkpoints import PublicKey
from referral.db import Database
from referral.models import Case
from referral.signer import Last
from workflows import proving
from workflows.bound_rows import differing
from workflows.explaining import find
from workflows.proving import Witness

CASES = 1000  # cases of one page
MOST = 100  # of further damages that are told
Row = tuple[str, int, bytes, bytes, bytes, int | None, bytes | None, bool]
Head = tuple[str, str, bytes, int]  # case, reference, head, version
Progress = Callable[[int, int], None]  # cases and events so far
# (session, case -> row -> digest of its newest version): the rows of each case that are not as its history says
RowCheck = Callable[[Session, Mapping[str, Mapping[str, str]]], Mapping[str, Sequence[str]]]
CHECKS: tuple[RowCheck, ...] = (differing,)


@dataclass(frozen=True, slots=True)
class Against:
    """What the history is held against, beside itself."""

    keys: Sequence[PublicKey] | None = None  # the signer's; None where nobody could say: then those in the database
    last: Last | None = None  # what the signer signed last
    witnesses: Sequence[Witness] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """How far the walk came, and what it found."""

    cases: int
    events: int
    damaged: int = 0  # cases
    damage: Damage | None = None  # the first
    reference: str | None = None  # of its case; None where an event has none
    others: tuple[Damage, ...] = ()  # further ones, as far as they are told
    leaves: int = 0  # numbered events
    waiting: int = 0  # events that have no number yet
    checkpoints: int = 0
    cosignatures: int = 0
    remarks: tuple[Damage, ...] = ()  # where times run backwards


@dataclass
class _Found:
    """What is collected on the way."""

    cases: int = 0
    damaged: int = 0
    sealed: int = 0
    waiting: int = 0
    chains: list[tuple[Damage, str | None]] = field(default_factory=list)
    remarks: list[Damage] = field(default_factory=list)
    rows: dict[str, tuple[Chain, str]] = field(default_factory=dict)  # whole chains whose rows wait to be looked at

    def bad(self, damage: Damage, reference: str | None) -> None:
        self.damaged += 1
        if len(self.chains) < MOST:
            self.chains.append((damage, reference))


def verify(
    db: Database, case: str | None = None, page: int = 5000, progress: Progress = lambda _cases, _events: None,
    against: Against | None = None, checks: Sequence[RowCheck] = CHECKS,
) -> Report:  # fmt: skip
    """Every chain and the tree, or the chain of one case by its id or reference (NotFound where there is none).

    Goes on after the first damage, to count the cases. `checks` look at the rows that events name.
    """
    found, against = _Found(), against or Against()
    with db.read() as session:
        only = find(session, case).id if case else None
        events = _Events(db, session, page, only)
        for head in _heads(session, only):
            for orphan in events.before(head[0]):
                found.bad(orphan, None)
            _look(head, events, found, keeps_rows=bool(checks))
            found.cases += 1
            if found.cases % CASES == 0:
                _look_at_rows(session, found, checks)
                progress(found.cases, events.count)
        _look_at_rows(session, found, checks)
        for orphan in events.before(None):
            found.bad(orphan, None)
        proof = proving.Proof()
        if only is None:
            proof = proving.prove(db, session, found.sealed, against.keys, against.last, against.witnesses, page)
    progress(found.cases, events.count)
    return _report(found, proof, events.count)


def _report(found: _Found, proof: proving.Proof, events: int) -> Report:
    """The first damage is the one with the lowest number; of those without one, the first of the walk."""
    placed = {(one.case_id, one.seq): one.number for one in proof.damages if one.case_id}
    chains = [
        (replace(one, number=placed.pop((one.case_id, one.seq), None)) if one.number is None else one, reference)
        for one, reference in found.chains
    ]
    known = {(one.case_id, one.seq) for one, _ in chains}
    tree = [(one, None) for one in proof.damages if (one.case_id, one.seq) not in known or not one.case_id]
    told = sorted([*chains, *tree], key=lambda one: _place(one[0]))
    damage, reference = told[0] if told else (None, None)
    if damage is not None and reference is None:
        reference = next((known for one, known in found.chains if one.case_id == damage.case_id), None)
    return Report(
        found.cases, events, found.damaged, damage, reference, tuple(one for one, _ in told[1:MOST]),
        proof.leaves, found.waiting, proof.checkpoints, proof.cosignatures, (*found.remarks, *proof.remarks),
    )  # fmt: skip


def _place(damage: Damage) -> tuple[bool, int, bool]:
    """What is known to the event comes before what is only known to lie around it."""
    return damage.number is None, damage.until or damage.number or 0, damage.until is not None


def _look(head: Head, events: "_Events", found: _Found, *, keeps_rows: bool) -> None:
    """One case: all its events are taken, also those behind a damage."""
    case, reference, newest, version = head
    chain, wrong = Chain(case, keeps_rows=keeps_rows), None
    for rows in events.of(case):
        for _, seq, body, prev, own, number, leaf, waits in rows:
            chain.add(seq, body, prev, own, number, leaf or b"")
            if leaf is not None:
                found.sealed += 1
            elif waits:
                found.waiting += 1
            elif wrong is None:
                wrong = Damage(case, seq, "inserted", None)
    damage = chain.end(bytes(newest), version) if chain.count else Damage(case, 1, "missing")
    if damage is None or (damage.kind == "head" and wrong is not None):
        damage = wrong
    if chain.back is not None and len(found.remarks) < MOST:
        found.remarks.append(chain.back)
    if damage is None and chain.rows:
        found.rows[case] = (chain, reference)
    if damage is not None:
        found.bad(damage, reference)


def _look_at_rows(session: Session, found: _Found, checks: Sequence[RowCheck]) -> None:
    """The rows of a page of cases, all at once: one by one would take longer than all the rest."""
    for check in checks:
        for case, rows in check(session, {case: chain.rows for case, (chain, _) in found.rows.items()}).items():
            chain, reference = found.rows[case]
            found.bad(Damage(case, *_named(chain, rows[0]), what=rows[0]), reference)
    found.rows.clear()


def _named(chain: Chain, row: str) -> tuple[int, str, int | None]:
    seq, number = chain.named.get(row, (chain.count, None))
    return seq, "row_edited", number


class _Events:
    """The events in the order of their cases, read page by page, and kept once too far was read."""

    def __init__(self, db: Database, session: Session, page: int, only: str | None) -> None:
        self.count = 0
        self._pages = _pages(db, session, page, only)
        self._page: list[Row] = next(self._pages, [])
        self._place = 0
        self._known = _known(session)

    def of(self, case: str) -> Iterator[list[Row]]:
        """Those of one case, which must be the next, in pieces."""
        while self._page:
            page, start = self._page, self._place
            end, last = start, len(page)
            while end < last and page[end][0] == case:
                end += 1
            self._place = end
            self.count += end - start
            if end > start:
                yield page[start:end]
            if end < last:
                return
            self._page, self._place = next(self._pages, []), 0

    def before(self, case: str | None) -> Iterator[Damage]:
        """Events that belong to no case: what stands before this one, though it should be the next. Told once for each."""
        while self._page and (orphan := self._page[self._place])[0] != case and not self._known(orphan[0]):
            yield Damage(orphan[0], orphan[1], "orphan", orphan[5])
            for _ in self.of(orphan[0]):
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


_EVENTS = """
select e.case_id, e.seq, {body}, e.prev, e.hash, l.number, l.hash,
    case when l.number is null then exists(select 1 from unsealed u where u.case_id = e.case_id and u.seq = e.seq) end
from events e left join leaves l on l.case_id = e.case_id and l.seq = e.seq
{where} order by e.case_id, e.seq limit ?
"""


def _pages(db: Database, session: Session, page: int, only: str | None) -> Iterator[list[Row]]:
    body = "convert_to(e.body, 'UTF8')" if db.is_postgres else "cast(e.body as blob)"
    begins = ["e.case_id = ?"] if only is not None else []
    goes_on = [*begins, "(e.case_id, e.seq) > (?, ?)"]
    values = [] if only is None else [only]
    first = _EVENTS.format(body=body, where=f"where {begins[0]}" if begins else "")
    more = _EVENTS.format(body=body, where=f"where {' and '.join(goes_on)}")
    rows = db.rows(session, first, *values, page)
    while rows:
        yield rows
        if len(rows) < page:
            return
        rows = db.rows(session, more, *values, rows[-1][0], rows[-1][1], page)
