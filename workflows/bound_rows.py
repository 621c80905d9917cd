"""Holds the rows of cases against the digests that their history names: whoever edits a table behind the log is named here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from referral.models import BedHold, Case, Deadline, Encounter, Member, Participant, Strand
from referral.storage_rows import SEALED
from workflows import binding

Digests = Mapping[str, str]  # row -> digest of its newest version
Live = Iterator[tuple[str, str, str]]  # case, row, digest
NOTHING = binding.digest([None])


def differing(session: Session, told: Mapping[str, Digests]) -> dict[str, list[str]]:
    """The rows of these cases that are not as their history says: edited, taken out, or put in beside it."""
    cases = [case for case, digests in told.items() if digests]
    live: dict[str, dict[str, str]] = {case: {} for case in cases}
    for look in LOOKS:
        for case, row, digest in look(session, cases):
            live[case][row] = digest
    found = {case: sorted(_differing(told[case], live[case])) for case in cases}
    return {case: rows for case, rows in found.items() if rows}


def _differing(told: Digests, live: Digests) -> Iterator[str]:
    for row, digest in told.items():
        if live.get(row, NOTHING) != digest:
            yield row
    for row in live:
        if row not in told:
            yield row


def _cases(session: Session, cases: Sequence[str]) -> Live:
    columns = [getattr(Case, name) for name in binding.CASE]
    for case, *values in session.execute(select(col(Case.id), *columns).where(col(Case.id).in_(cases))):
        yield case, "cases", binding.digest(values)


def _strands(session: Session, cases: Sequence[str]) -> Live:
    columns = [getattr(Strand, name) for name in ("case_id", "id", *binding.STRAND)]
    for row in session.execute(select(*columns).where(col(Strand.case_id).in_(cases))):
        yield row.case_id, f"strands:{row.id}", binding.strand_digest(row)


def _deadlines(session: Session, cases: Sequence[str]) -> Live:
    more = ("case_id", "id", "state", "ended_seq", "ended_at", "how")
    columns = [getattr(Deadline, name) for name in (*more, *binding.DEADLINE)]
    for row in session.execute(select(*columns).where(col(Deadline.case_id).in_(cases))):
        state = binding.standing(row.state, row.kind, row.ended_seq, on_time=row.ended_at == row.due_at)
        yield row.case_id, f"deadlines:{row.id}", binding.deadline_digest(row, state)


def _participants(session: Session, cases: Sequence[str]) -> Live:
    columns = [getattr(Participant, name) for name in ("case_id", "part", *binding.PART)]
    for case, part, *values in session.execute(select(*columns).where(col(Participant.case_id).in_(cases))):
        yield case, f"participants:{values[0]}:{part}", binding.digest(values)


def _members(session: Session, cases: Sequence[str]) -> Live:
    columns = [getattr(Member, name) for name in binding.TEAM]
    rows = select(col(Member.case_id), *columns).where(col(Member.case_id).in_(cases))
    for case, user, *values in session.execute(rows):
        yield case, f"members:{user}", binding.digest([user, *values])


def _bed_holds(session: Session, cases: Sequence[str]) -> Live:
    columns = [getattr(BedHold, name) for name in binding.HOLD]
    rows = select(col(BedHold.case_id), col(BedHold.id), *columns).where(col(BedHold.case_id).in_(cases))
    for case, hold, *values in session.execute(rows):
        yield case, f"bed_holds:{hold}", binding.digest(values)


def _encounters(session: Session, cases: Sequence[str]) -> Live:
    """A line of the list belongs to the case that was opened for the person; without one, to the operation."""
    columns = [getattr(Encounter, name) for name in binding.MET]
    met = select(col(Encounter.case_id), col(Encounter.id), *columns)
    theirs = met.where(col(Encounter.case_id).in_(cases))
    nobodys = met.where(col(Encounter.case_id).is_(None), col(Encounter.operation_id).in_(cases))
    for rows in (theirs, nobodys):
        for case, encounter, operation, *values in session.execute(rows):
            yield case or operation, f"encounters:{encounter}", binding.digest([operation, *values])


def _sealed(session: Session, cases: Sequence[str]) -> Live:
    for table, columns in SEALED.items():
        rows = SQLModel.metadata.tables[table]
        for row in session.execute(select(rows).where(rows.c.case_id.in_(cases))).mappings():
            held = {name: value for name, value in row.items() if name not in columns or value is not None}
            for name, digest in binding.sealed_digests(table, columns, held).items():
                yield row["case_id"], name, digest


LOOKS: Sequence[Any] = (_cases, _strands, _deadlines, _participants, _members, _bed_holds, _encounters, _sealed)
