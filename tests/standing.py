"""Cases put straight into any state, for tests that must stand everywhere. Everybody else asks the door."""

from datetime import date
from typing import Any

import orjson

from referral import audit
from referral.access import Part, Role
from referral.basis import Participation
from referral.db import Database
from referral.ids import new_id, new_reference
from referral.models import Answers, Case, Key, Participant, Person, Strand
from referral.snapshot import CaseRow, Snapshot, StrandRow
from tests.told import ANSWERS, IDENTITY
from tests.world import AGENCIES, START, user_id, vault

WORKER = user_id(Role.SUPPORT_WORKER, "harbour")
# Whatever earlier moves may have told; a strand of any workflow finds here what its guards look for.
TOLD: dict[str, Any] = {
    "provider": "harbour", "worker": WORKER, "basis": "referral", "about": "reasonable", "asked": "eastshire-police",
    "asked_agency": "eastshire-police", "to": "eastshire-police", "asked_of": "navigators",
    "reasonable_on": "2026-07-01", "holder": "navigators",
}  # fmt: skip
AROUND = {
    "decision": "cg_pending", "support": "in_support", "assignment": "active", "contact": "in_contact",
    "intake": "received",
}  # fmt: skip
PARTS = {
    "navigators": Part.REFERRER, "eastshire-police": Part.FIRST_RESPONDER, "sca": Part.AUTHORITY,
    "harbour": Part.SUPPORT, "border": Part.PARTNER, "system": Part.PARTNER,
}  # fmt: skip


def snapshot(kind: str, workflow: str, state: str | None, *, child: str = "no", alone: bool = False) -> Snapshot:
    """A case of this kind with one strand in this state, and the others around it unless it is alone."""
    case = CaseRow(
        new_id(), new_reference(), kind, "england-and-wales", START, 3, audit.GENESIS, bytes(16), True, child,
        date(2027, 3, 1) if child == "yes" else None, "SCA", "harbour", WORKER, None, None,
    )  # fmt: skip
    standing = {} if alone or kind != "person" else dict(AROUND)
    standing.pop(workflow, None)
    strands = [_strand(name, where) for name, where in standing.items()]
    if standing:
        strands += [_strand("consent", "given", 1 + (to == "support"), to) for to in ("referral", "support")]
    if state is not None:
        strands.append(_strand(workflow, state, 3 if workflow == "consent" else 1, "police"))
    return Snapshot(
        case=case, strands=strands, parts=frozenset((agency, str(part)) for agency, part in PARTS.items()),
        shares=tuple(Participation(agency, str(part)) for agency, part in PARTS.items()), key_read=True,
        answers=dict(ANSWERS), identity={**dict.fromkeys(_COLUMNS), **IDENTITY, "basis": "referral"},
    )  # fmt: skip


_COLUMNS = [column.name for column in Person.__table__.columns if column.name != "case_id"]  # type: ignore[attr-defined]


def _strand(workflow: str, state: str, number: int = 1, purpose: str = "referral") -> StrandRow:
    return StrandRow(new_id(), workflow, number, state, 1, START, {**TOLD, "purpose": purpose})


def store(db: Database, seen: Snapshot) -> str:
    """Write the case as it stands, and give back its id."""
    row = seen.case
    assert row is not None
    with db.write() as session:
        session.add(Case(**{name: getattr(row, name) for name in row.__slots__}, updated_at=START))
        session.flush()
        session.add_all(
            Strand(
                id=strand.id, case_id=row.id, workflow=strand.workflow, number=strand.number, state=strand.state,
                version=strand.version, opened_at=START, entered_at=START, facts=orjson.dumps(strand.facts).decode(),
            )
            for strand in seen.strands
        )  # fmt: skip
        session.add_all(
            Participant(case_id=row.id, agency_id=agency, part=part, since=START, opened_at=START, open=True)
            for agency, part in seen.parts
            if agency in AGENCIES
        )
        if row.kind == "person":
            key, kept = vault().make(row.id)
            session.add(Key(id=row.id, ring=kept.ring, wrapped=kept.wrapped, made_at=START))
            hidden = {name: key.seal("people", name, row.id, told) for name, told in IDENTITY.items()}
            session.add(Person(case_id=row.id, basis="referral", **hidden))
            told = key.seal("answers", "answers", row.id, orjson.dumps(ANSWERS).decode())
            session.add(Answers(case_id=row.id, answers=told, saved_at=START))
    return row.id
