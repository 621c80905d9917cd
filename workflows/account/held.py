"""Reads all that an account is made of, as the request says how far it reaches. Opens what is sealed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlmodel import Session, col

from referral.models import Agency, Answers, Case, Event, Key, Note, Participant, Person, Strand
from referral.models.person import IDENTITY
from referral.vault import Vault, opened
from workflows.account.telling import Held
from workflows.jurisdiction import Jurisdiction
from workflows.keeping import PERIOD


@dataclass(frozen=True, slots=True)
class Requested:
    """The newest request of a case."""

    state: str
    language: str
    covers: int  # up to which event the account reaches


def newest(session: Session, case: str) -> Requested | None:
    """The newest request, or None where nobody has asked."""
    wanted = select(col(Strand.state), col(Strand.facts)).where(
        col(Strand.case_id) == case, col(Strand.workflow) == "account"
    )
    row = session.execute(wanted.order_by(col(Strand.number).desc()).limit(1)).first()
    if row is None:
        return None
    told = orjson.loads(row.facts)
    return Requested(row.state, str(told["language"]), int(told["covers"]))


def held(session: Session, vault: Vault | None, law: Jurisdiction, case_id: str, covers: int, today: date) -> Held:
    """What is held of the person of a case. Raises NoKeys where it cannot be opened."""
    case = session.get_one(Case, case_id)
    kept = session.get(Key, case_id)
    person, saved = session.get(Person, case_id), session.get(Answers, case_id)
    hidden = {name: getattr(person, name) for name in IDENTITY} if person else {}
    answers = opened(vault, kept, "answers", case_id, {"answers": saved.answers} if saved else {})
    bodies = session.execute(
        select(col(Event.body))
        .where(col(Event.case_id) == case_id, col(Event.seq) <= covers)
        .order_by(col(Event.seq))
    )  # fmt: skip
    return Held(
        case=case_id, reference=case.reference, zone=law.zone, kept_months=int(law.term(PERIOD, today) or 0),
        bodies=tuple(bodies.scalars()), answers=orjson.loads(answers["answers"]) if answers else {},
        identity=opened(vault, kept, "people", case_id, hidden), purposes=_purposes(session, case_id),
        agencies=_agencies(session, case_id), notes=_notes(session, case_id, covers),
    )  # fmt: skip


def _purposes(session: Session, case: str) -> dict[int, str]:
    wanted = select(col(Strand.number), col(Strand.facts)).where(
        col(Strand.case_id) == case, col(Strand.workflow) == "consent"
    )
    return {row.number: str(_facts(row).get("purpose", "other")) for row in session.execute(wanted)}


def _agencies(session: Session, case: str) -> dict[str, str]:
    """The names of all that ever took part."""
    wanted = (
        select(col(Agency.id), col(Agency.name))
        .join(Participant, col(Participant.agency_id) == col(Agency.id))
        .where(col(Participant.case_id) == case)
    )
    return {row.id: row.name for row in session.execute(wanted)}


def _notes(session: Session, case: str, covers: int) -> int:
    wanted = select(func.count()).select_from(Note).where(col(Note.case_id) == case, col(Note.seq) <= covers)
    return int(session.execute(wanted).scalar_one())


def _facts(row: Any) -> Mapping[str, Any]:
    told: Mapping[str, Any] = orjson.loads(row.facts)
    return told
