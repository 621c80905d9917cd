"""Twelve attacks on the history by somebody who owns the database, and some more. Each must be named with its place.

Three of them cannot be seen from inside the database: there, it is shown that only a witness tells.
"""

import random
from pathlib import Path

import pytest

from referral.db import Database
from tests.attacks.ledgers import (
    Ledger,
    furnished,
    holds,
    kept,
    owning,
    put_back,
)
from tests.attacks.tampering import ATTACKS, MORE, Bad, rows_as_told
from tests.thorough import CLEAN, TRIALS
from workflows.verifying import Report

ANEW = 20  # trials on one history


def named(report: Report, bad: Bad, marks: list[int]) -> bool:
    """Whether the first damage is this one, at this place."""
    damage = report.damage
    if damage is None or damage.kind != bad.kind:
        return False
    if bad.case and (damage.case_id, damage.seq, damage.number) != (bad.case, bad.seq, bad.number):
        return False
    if bad.kind in ("cut", "rolled_back"):
        return damage.number == bad.number
    return bad.number is None or bool(bad.case) or holds(damage, bad.kind, bad.number, marks)


def tried(db: Database, folder: Path, name: str, trials: int) -> None:
    """So many random trials; the history is whole before each."""
    attack, inside = ATTACKS[name]
    ledger, rows = None, None
    for trial in range(trials):
        if ledger is None or rows is None or trial % ANEW == 0:
            if rows is not None and ledger is not None:
                put_back(ledger, [[] for _ in rows])
            ledger = furnished(db, folder, trial)
            rows = kept(ledger)
            for outside in (False, True):
                assert ledger.verify(outside=outside, checks=[rows_as_told]).damage is None
        with owning(ledger) as session:
            lines = ledger.lines(session)
            bad = attack(session, ledger, lines, random.Random(f"{name} {trial}"))
        alone = ledger.verify(outside=False, checks=[rows_as_told])
        witnessed = ledger.verify(outside=True, checks=[rows_as_told])
        assert named(witnessed, bad, ledger.marks), (trial, bad, witnessed, ledger.marks)
        if inside:
            assert named(alone, bad, ledger.marks), (trial, bad, alone, ledger.marks)
        else:
            assert alone.damage is None, (trial, bad, alone)  # only a witness can tell
        put_back(ledger, rows)
    assert ledger is not None
    assert ledger.verify(outside=True, checks=[rows_as_told]).damage is None


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_named_with_its_first_bad_place(db: Database, tmp_path: Path, name: str) -> None:
    tried(db, tmp_path, name, 2)


@pytest.mark.slow
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_named_however_often_it_is_tried_at_random(db: Database, tmp_path: Path, name: str) -> None:
    tried(db, tmp_path, name, TRIALS.times)


@pytest.mark.parametrize("name", MORE)
def test_clumsier_attacks_are_named_too(db: Database, tmp_path: Path, name: str) -> None:
    ledger = furnished(db, tmp_path, 7)
    with owning(ledger) as session:
        bad = MORE[name](session, ledger, ledger.lines(session), random.Random(name))
    report = ledger.verify(outside=False)
    if bad.case or bad.kind != "missing":
        assert report.damage is not None
        assert (report.damage.kind, report.damage.number) == (bad.kind, bad.number)
        assert not bad.case or (report.damage.case_id, report.damage.seq) == (bad.case, bad.seq)
    else:
        assert named(report, bad, ledger.marks)


@pytest.mark.parametrize("every", (2, 5))
def test_what_is_whole_raises_no_alarm(db: Database, tmp_path: Path, every: int) -> None:
    _clean(db, tmp_path, every, 6)


@pytest.mark.slow
def test_however_often_it_is_verified_what_is_whole_raises_no_alarm(db: Database, tmp_path: Path) -> None:
    _clean(db, tmp_path, 5, CLEAN.times // 2)  # from inside and with the witnesses


def _clean(db: Database, folder: Path, every: int, turns: int) -> None:
    """Growing all the while, with crashes before a checkpoint was kept, restarts of the signer, and new keys."""
    ledger = furnished(db, folder, every, events=8)
    dice = random.Random(every)
    for turn in range(turns):
        cases = [dice.randbytes(16).hex()] if turn % every == 0 else []
        with db.read() as session:
            cases += [line[0] for line in ledger.lines(session)][-6:]
        ledger.grow(cases, dice.randrange(1, 5))
        if turn % every == 1:
            ledger.signer.renew(ledger.now)
        if turn % every == 0:  # signed and then killed: the database knows nothing of it
            _signed_and_killed(ledger)
        elif dice.random() < 0.7:
            ledger.sign()
        for outside in (False, True):
            report = ledger.verify(outside=outside, checks=[rows_as_told])
            assert (report.damage, report.remarks) == (None, ()), turn


def _signed_and_killed(ledger: Ledger) -> None:
    from referral import merkle, numbering

    numbering.number(ledger.db)
    last = ledger.signer.last()
    with ledger.db.read() as session:
        head = numbering.head(session)
        proof = merkle.consistency(numbering.nodes(session), last.size, head.size)
    ledger.signer.sign(head.size, head.root, head.cases, ledger.now, proof)
