"""Which cases somebody sees: one is loaded with how they stand to it, and a list is narrowed by the same rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, exists, false, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col
from sqlmodel.sql.sqltypes import UTCDateTime
from starlette.responses import Response

from api.deps import Asked, expect
from api.picking import pick
from api.schemas import etag, stamp
from api.sight import Sight, level_of, reads_state
from referral.access import ACTS, Act, Actor, Code, Level, Matter, Relation, Role, relation_of
from referral.access.relation import OF_THE_AGENCY
from referral.basis import Participation
from referral.db import Database
from referral.errors import NotAllowed, NotFound
from referral.models import Case, GlassGrant, Member, Participant, User
from referral.records import record_refusal
from referral.taking_part import covers, takes_part

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
    Participant.agency_id, Participant.part, Participant.basis, Participant.purpose, Participant.classes,
    col(User.id).label("member"), col(User.roles).label("roles"),
)  # fmt: skip
_GLASS = (  # until when somebody who broke the glass may read a case; nothing where no hour of theirs runs
    pick(GlassGrant.ends_at)
    .where(
        col(GlassGrant.user_id) == bindparam("who"), col(GlassGrant.case_id) == bindparam("case"),
        col(GlassGrant.at) <= _NOW, col(GlassGrant.ends_at) > _NOW,
    )
    .order_by(col(GlassGrant.ends_at).desc())
    .limit(1)
)  # fmt: skip
_ALONE = pick(*CASE_COLUMNS).where(col(Case.id) == bindparam("case"), col(Case.kind) == bindparam("kind"))
_OF_A_CASE = (
    pick(*CASE_COLUMNS, *_STANDING, _GLASS.scalar_subquery().label("glass"))
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
    glass: datetime | None = None  # until when, where nothing but a broken glass shows it whole

    @property
    def id(self) -> str:
        """The case's id."""
        return str(self.row.id)

    @property
    def version(self) -> int:
        """Its version."""
        return int(self.row.version)

    @property
    def headers(self) -> dict[str, str]:
        """Its version; and for whoever broke the glass until when they read."""
        banner = {"Lodestar-Glass": f"until {stamp(self.glass)}"} if self.glass else {}
        return {"ETag": etag(self.version), **banner}

    def saw(self, asked: Asked, what: str) -> None:
        """Record that somebody looked, and whether it was through a broken glass."""
        asked.saw(self.id, f"glass:{what}" if self.glass else what)


def the_case(session: Session, asked: Asked, kind: str) -> Seen:
    """The case in the path, loaded and decided by one statement. Raises NotFound where hidden, then NotAllowed."""
    act, actor, now = asked.act, asked.actor, asked.now
    named = {"case": asked.path["case"], "who": actor.id, "now": now}
    rows = session.execute(
        _OF_A_CASE.where(
            col(Case.id) == asked.path["case"], col(Case.kind) == kind, col(Participant.agency_id) == actor.agency
        ),
        named,
    ).all()
    if act is None:
        raise NotFound
    row, until = (rows[0], rows[0].glass) if rows else _through_glass(session, asked, {**named, "kind": kind})
    relation = _relation(actor, kind, row.owner_user, rows, now)
    glass = None if relation.team else until  # whoever is of the team needs no hour
    relation = replace(relation, glass=glass is not None)
    expect(actor, act, Matter(relation), now)
    return Seen(row, Sight(actor, act, relation, now), glass)


def _through_glass(session: Session, asked: Asked, named: dict[str, Any]) -> tuple[Row[Any], Any]:
    """The case and until when, for whoever's agency takes no part and who broke the glass. Raises NotFound.

    Only once their own hour was found does the rest of this transaction see the case: PostgreSQL's second line would
    hide it. Whoever has no hour leaves here, whether or not there is such a case.
    """
    until = session.execute(_GLASS, {name: named[name] for name in ("case", "who", "now")}).scalar()
    if until is None:
        raise NotFound
    asked.db.widen(session)
    row = session.execute(_ALONE, {name: named[name] for name in ("case", "kind")}).first()
    if row is None:
        raise NotFound
    return row, until


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
        relation = _relation(asked.actor, case.kind, case.owner_user, found.get(case.id, ()), asked.now)
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


def is_covered(actor: Actor, level: str, now: datetime) -> ColumnElement[bool]:
    """Of cases, those in which a part of the actor's agency covers this class of data now."""
    own = aliased(Participant)  # the list may go by the participants already
    return exists().where(
        col(own.case_id) == col(Case.id), col(own.agency_id) == actor.agency, covers(now, level, own)
    )  # fmt: skip


def may_hear(db: Database, actor: Actor, case: str | None, workflow: str, now: datetime) -> bool:
    """Whether a refusal may say to this actor where a workflow of this case stands."""
    level = level_of(workflow)
    if not reads_state(actor, workflow) or level is Level.WORKFLOW or case is None:
        return reads_state(actor, workflow)
    with db.acting_for(actor.agency).read() as session:
        covered = is_covered(actor, level, now)
        return session.execute(pick(Case.id).where(col(Case.id) == case, covered)).first() is not None


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


def _relation(actor: Actor, kind: str, owner: str | None, rows: Sequence[Row[Any]], now: datetime) -> Relation:
    """From the lines of a statement that has left out whatever is over."""
    shares = {
        Participation(row.agency_id, row.part, row.basis, row.purpose, tuple(row.classes.split())) for row in rows
    }  # fmt: skip
    members = {(row.agency_id, row.member, tuple(row.roles.split())) for row in rows if row.member}
    return relation_of(actor, kind, owner, shares, members, now)
