"""Walks the chains of all cases beside the numbered tree, and names the first bad event and the kind of damage.

Everything is recomputed from stored bytes, which workflows/walking.py reads. What the tree must agree with, checkpoints,
the signer and witnesses, is told apart in workflows/proving.py.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlmodel import Session

from referral.audit import Chain, Damage
from referral.checkpoints import PublicKey
from referral.db import Database
from referral.signer import Last
from workflows import proving, walking
from workflows.bound_rows import differing
from workflows.explaining import find
from workflows.proving import Witness
from workflows.walking import NONE, Events, Head

MOST = 100  # of further damages that are told
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
    db: Database, case: str | None = None, page: int = 2000, progress: Progress = lambda _cases, _events: None,
    against: Against | None = None, checks: Sequence[RowCheck] = CHECKS,
) -> Report:  # fmt: skip
    """Every chain and the tree, or the chain of one case by its id or reference (NotFound where there is none).

    Goes on after the first damage, to count the cases. `checks` look at the rows that events name.
    """
    found, against = _Found(), against or Against()
    with db.read() as session:
        only = find(session, case).id if case else None
        events = Events(db, session, page, only)
        for head in walking.heads(session, only):
            for orphan in events.before(head[0]):
                found.bad(orphan, None)
            _look(head, events, found, keeps_rows=bool(checks))
            found.cases += 1
            if found.cases % walking.CASES == 0:
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


def _look(head: Head, events: Events, found: _Found, *, keeps_rows: bool) -> None:
    """One case: all its events are taken, also those behind a damage."""
    case, reference, newest, version = head
    chain, wrong = Chain(case, keeps_rows=keeps_rows), None
    for some, leaves in events.of(case):
        chain.follow(some, leaves)
        if without := leaves.count(NONE):
            placeless = [
                seq
                for (_, seq, *_), leaf in zip(some, leaves, strict=True)
                if leaf is NONE and not events.waits(case, seq)
            ]
            found.waiting += without - len(placeless)
            if placeless and wrong is None:
                wrong = Damage(case, placeless[0], "inserted", None)
        found.sealed += len(leaves) - without
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
