"""Which cases somebody sees: one is loaded with how they stand to it, and a list is narrowed by the same rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, exists, false, or_
from sqlmodel import Session, col
from sqlmodel.sql.sqltypes import UTCDateTime
from starlette.responses import Response

from api.deps import Asked, expect
from api.picking import pick
from api.sight import Sight
from referral.access import ACTS, Act, Actor, Code, Matter, Relation, Role, relation_of
from referral.access.relation import OF_THE_AGENCY
from referral.errors import NotAllowed, NotFound
from referral.models import Case, Member, Participant, User
from referral.records import record_refusal
from referral.taking_part import takes_part

CASE_COLUMNS = (
    Case.id, Case.reference, Case.kind, Case.jurisdiction, Case.opened_at, Case.updated_at, Case.version, Case.open,
    Case.child, Case.authority, Case.owner_agency, Case.owner_user, Case.operation_id, Case.next_due_at,
)  # fmt: skip
_NOW = bindparam("now", type_=UTCDateTime())
_TEAM = and_(
    col(Member.case_id) == col(Participant.case_id), col(Member.agency_id) == col(Participant.agency_id),
    col(Member.until).is_(None),
)  # fmt: skip
_LIVE = and_(col(User.id) == col(Member.user_id), col(User.active))
_STANDING: tuple[Any, ...] = (
    Participant.agency_id, Participant.part, col(User.id).label("member"), col(User.roles).label("roles"),
)  # fmt: skip
_OF_A_CASE = (
    pick(*CASE_COLUMNS, *_STANDING)
    .join(Participant, col(Participant.case_id) == col(Case.id))
    .join(Member, _TEAM, isouter=True)
    .join(User, _LIVE, isouter=True)
    .where(takes_part(_NOW))
)
_OF_CASES = (
    pick(Participant.case_id, *_STANDING)
    .join(Member, _TEAM, isouter=True)
    .join(User, _LIVE, isouter=True)
    .where(takes_part(_NOW))
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A case that may be seen, and what of it."""

    row: Row[Any]
    sight: Sight

    @property
    def id(self) -> str:
        """The case's id."""
        return str(self.row.id)

    @property
    def version(self) -> int:
        """Its version."""
        return int(self.row.version)


def the_case(session: Session, asked: Asked, kind: str) -> Seen:
    """The case in the path, loaded and decided by one statement. Raises NotFound where hidden, then NotAllowed."""
    act, actor = asked.act, asked.actor
    rows = session.execute(
        _OF_A_CASE.where(
            col(Case.id) == asked.path["case"], col(Case.kind) == kind, col(Participant.agency_id) == actor.agency
        ),
        {"now": asked.now},
    ).all()
    if not rows or act is None:
        raise NotFound
    relation = _relation(actor, kind, rows[0].owner_user, rows)
    expect(actor, act, Matter(relation), asked.now)
    return Seen(rows[0], Sight(actor, act, relation, asked.now))


def sights(session: Session, asked: Asked, cases: Sequence[Row[Any]]) -> dict[str, Sight]:
    """What of each of these cases is seen. Cases to which one stands in the same way share one look at the policy."""
    if not cases or asked.act is None:
        return {}
    found: dict[str, list[Row[Any]]] = {}
    mine = (col(Participant.case_id).in_([case.id for case in cases]), col(Participant.agency_id) == asked.actor.agency)
    for row in session.execute(_OF_CASES.where(*mine), {"now": asked.now}):
        found.setdefault(row.case_id, []).append(row)
    known: dict[Relation, Sight] = {}
    told = {}
    for case in cases:
        relation = _relation(asked.actor, case.kind, case.owner_user, found.get(case.id, ()))
        if relation not in known:
            known[relation] = Sight(asked.actor, asked.act, relation, asked.now)
        told[case.id] = known[relation]
    return told


def visible(actor: Actor, kind: str) -> ColumnElement[bool] | None:
    """Of the agency's cases, those that the actor sees; None for all. The same rule as relation_of()."""
    if actor.kind != "user" or kind != "person" or any(_sees_all(role) for role in actor.roles):
        return None
    named = exists().where(
        col(Member.case_id) == col(Case.id), col(Member.user_id) == actor.id, col(Member.agency_id) == actor.agency,
        col(Member.until).is_(None),
    )  # fmt: skip
    free = [~_colleague(actor, role) for role in actor.roles if role not in OF_THE_AGENCY]
    return or_(col(Case.owner_user) == actor.id, named, *free) if free else false()


def looking(look: Callable[[Asked], Response], what: str) -> Callable[[Asked], Response]:
    """The same look; whoever is refused it is recorded, with the same work for what is hidden and what is not there."""

    def looked(asked: Asked) -> Response:
        try:
            return look(asked)
        except (NotFound, NotAllowed) as refusal:
            move, case = f"look.{what}", asked.path.get("case")
            record_refusal(asked.db, refusal, actor=asked.actor, move=move, case=case, now=asked.now)
            raise

    return looked


def _colleague(actor: Actor, role: str) -> ColumnElement[bool]:
    """Somebody else of the agency, who has this role and still works there, was named for the case."""
    padded = " " + col(User.roles) + " "
    return exists().where(
        col(Member.case_id) == col(Case.id), col(Member.agency_id) == actor.agency, col(Member.until).is_(None),
        col(Member.user_id) != actor.id, _LIVE, padded.contains(f" {role} "),
    )  # fmt: skip


def _sees_all(role: str) -> bool:
    return role in set(Role) and ACTS[Act.READ_CASE].get(role) in (Code.OWN, Code.COUNTS)


def _relation(actor: Actor, kind: str, owner: str | None, rows: Sequence[Row[Any]]) -> Relation:
    parts = {(row.agency_id, row.part) for row in rows}
    members = {(row.agency_id, row.member, tuple(row.roles.split())) for row in rows if row.member}
    return relation_of(actor, kind, owner, parts, members)
