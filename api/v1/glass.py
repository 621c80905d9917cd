"""Breaking the glass: one hour to read one case that is otherwise hidden; who did it, who looked at a case, and how often.

Whoever breaks it must know the id of the case. A wrong one is counted and recorded like a right one, and answers like
every case that is not there.
"""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from datetime import timedelta
from typing import Annotated, Any, Literal

import orjson
import structlog
from fastapi import FastAPI
from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy import and_, case, func, or_
from sqlmodel import Session, col
from starlette.responses import Response

from api import cursors
from api.actors import expect_step_up
from api.deps import Asked, Body, Query, reading, writing
from api.documents import describe
from api.picking import pick
from api.schemas import Answer, answer, stamp
from api.seeing import looking, the_case
from api.v1.moves import digest
from referral import finding
from referral.access import Act, Context, Group, Matter, decide
from referral.db import EVERYBODY
from referral.errors import NotFound, Refusal, Unavailable
from referral.models import Case, GlassGrant, Key, Note, Read
from referral.records import record_refusal
from referral.vault import opened
from workflows.ask import Ask
from workflows.engine import perform
from workflows.glass import says_why

MOVE = "glass.begin"
COUNTED = timedelta(days=365)


def _says_why(words: str) -> str:
    if not says_why(words):
        raise ValueError("say in words why, with at least 20 letters: a manager will read it")
    return words


class Broken(Body):
    """On which ground, and why in words: at least 20 letters, for the manager who reviews it."""

    ground: Literal["threat_to_life", "legal_duty", "persons_request"]
    # Judged before anything is looked for: otherwise a poor reason would tell whether there is such a case.
    reason: Annotated[str, StringConstraints(max_length=2000), AfterValidator(_says_why)] = Field(repr=False)


class Page(Query):
    """Where the page begins, and how long it is."""

    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=100, ge=1, le=500)


class Hour(Answer):
    """The hour that runs now. Show it as a banner on every page of the case."""

    case: Annotated[str, Group.OPEN]
    at: Annotated[str, Group.OPEN]
    ends_at: Annotated[str, Group.OPEN]


class GlassShown(Answer):
    """One time that somebody broke the glass on this case."""

    strand: Annotated[int, Group.LOOKS]
    user: Annotated[str, Group.LOOKS]
    agency: Annotated[str, Group.LOOKS]
    ground: Annotated[str, Group.LOOKS]
    reason: Annotated[str | None, Group.LOOKS]
    at: Annotated[str, Group.LOOKS]
    ends_at: Annotated[str, Group.LOOKS]
    review: Annotated[str | None, Group.LOOKS]
    reviewed_by: Annotated[str | None, Group.LOOKS]
    reviewed_at: Annotated[str | None, Group.LOOKS]
    escalated_at: Annotated[str | None, Group.LOOKS]


class GlassList(Answer):
    """All of them, the newest first."""

    items: list[GlassShown]


class LookShown(Answer):
    """One look at this case. `what` begins with `glass:` where the glass was broken for it."""

    who: Annotated[str, Group.LOOKS]
    agency: Annotated[str, Group.LOOKS]
    at: Annotated[str, Group.LOOKS]
    what: Annotated[str, Group.LOOKS]


class LookPage(Answer):
    """One page of the looks, the newest first."""

    items: list[LookShown]
    next: Annotated[str | None, Group.LOOKS]


class GlassCount(Answer):
    """How often an agency's people broke the glass in the last 365 days. Numbers only."""

    agency: Annotated[str, Group.OPEN]
    broken: Annotated[int, Group.OPEN]
    justified: Annotated[int, Group.OPEN]
    not_justified: Annotated[int, Group.OPEN]
    waiting: Annotated[int, Group.OPEN]  # for their review
    escalated: Annotated[int, Group.OPEN]  # waited too long, whether or not they were reviewed since


class GlassCounts(Answer):
    """Every agency that broke it at all."""

    items: list[GlassCount]


def add_routes(app: FastAPI) -> None:
    """Four addresses."""
    one = "/v1/cases/{case}"
    # fmt: off
    app.router.add_api_route(one + "/glass", writing(_break, Broken, digest, act=Act.BREAK_GLASS), methods=["POST"], response_model=Hour, status_code=201, **describe("glass.break", "Break the glass: read this case for an hour, in an emergency", one_case=True, body=Broken, more=("step_up_needed", "blocked", "too_many")))
    app.router.add_api_route(one + "/glass", reading(looking(_list, "glass"), act=Act.READ_LOOKS), methods=["GET"], response_model=GlassList, **describe("glass.list", "Who broke the glass on this case, and why", one_case=True))
    app.router.add_api_route(one + "/looks", reading(looking(_looks, "looks"), Page, act=Act.READ_LOOKS), methods=["GET"], response_model=LookPage, **describe("cases.looks", "Who looked at this case, when, and at what", Page, one_case=True))
    app.router.add_api_route("/v1/glass/counts", reading(_counts, act=Act.COUNT_GLASS), methods=["GET"], response_model=GlassCounts, **describe("glass.counts", "How often the glass was broken, by agency"))
    # fmt: on


def _break(asked: Asked) -> Response:
    """The hour, once the role, a fresh second factor and the number of tries allow it. The door does the rest."""
    try:
        _expect_may(asked)
        found = _tried(asked)
    except Unavailable:
        raise
    except Refusal as refusal:
        record_refusal(asked.db, refusal, actor=asked.actor, move=MOVE, case=asked.path["case"], now=asked.now)
        raise
    told = {"ground": asked.body.ground, "why": asked.body.reason}
    ask = Ask(
        asked.actor, MOVE, asked.now, case=found, form=told, key=asked.key, request=asked.request, let_in=True
    )  # fmt: skip
    perform(asked.db, asked.house.law, ask)
    with asked.db.read() as session:
        at, ends_at = _newest(session, asked, found)
    structlog.get_logger().warning("glass broken", actor=asked.actor.id, agency=asked.actor.agency, case=found)
    return answer({"case": found, "at": stamp(at), "ends_at": stamp(ends_at)}, 201)


def _expect_may(asked: Asked) -> None:
    """Whoever's role can never break it is told no more than at any other address of the case."""
    if not decide(asked.actor, Act.BREAK_GLASS, Matter(), Context(asked.now)).allowed:
        with asked.db.read() as session:
            the_case(session, asked, "person")  # NotFound where hidden, NotAllowed where not
        raise NotFound
    expect_step_up(asked.actor, asked.house.settings.second_factor, asked.now)


def _tried(asked: Asked) -> str:
    """The case of this id. Raises TooMany, and NotFound; both after the try was counted, with the same work."""
    named, ground = asked.path["case"], asked.body.ground
    with asked.db.acting_for(EVERYBODY).write() as session:  # it is hidden from whoever breaks the glass
        often = finding.count_in(session, asked.actor, "glass", asked.now)
        there = col(Case.id) == named, col(Case.kind) == "person"
        found = session.execute(pick(Case.id).where(*there)).scalar()
        finding.record(session, asked.actor, "glass", asked.now, how=ground, found="1" if found else "0", case=found)
    if often:
        structlog.get_logger().warning("many look-ups", kind="glass", actor=asked.actor.id, agency=asked.actor.agency)
    if found is None:
        raise NotFound
    return str(found)


def _newest(session: Session, asked: Asked, named: str) -> Any:
    mine = col(GlassGrant.user_id) == asked.actor.id, col(GlassGrant.case_id) == named
    newest = pick(GlassGrant.at, GlassGrant.ends_at).where(*mine).order_by(col(GlassGrant.at).desc()).limit(1)
    return session.execute(newest).one()


def _list(asked: Asked) -> Response:
    with asked.db.read() as session:
        seen = the_case(session, asked, "person")
        note = and_(col(Note.case_id) == col(GlassGrant.case_id), col(Note.seq) == col(GlassGrant.seq))
        rows = session.execute(
            pick(GlassGrant, Note.text)
            .join(Note, note, isouter=True)
            .where(col(GlassGrant.case_id) == seen.id)
            .order_by(col(GlassGrant.seq))
        ).all()
        kept = session.get(Key, seen.id)
    seen.saw(asked, "glass")
    items = [
        {
            "strand": number, "user": row.user_id, "agency": row.agency_id, "ground": row.ground,
            "reason": _reason(asked, kept, row, text), "at": stamp(row.at), "ends_at": stamp(row.ends_at),
            "review": row.review, "reviewed_by": row.reviewed_by, "reviewed_at": stamp(row.reviewed_at),
            "escalated_at": stamp(row.escalated_at),
        }
        for number, (row, text) in enumerate(rows, 1)
    ]  # fmt: skip
    return answer(seen.sight.show(GlassList, {"items": items[::-1]}), headers=seen.headers)


def _reason(asked: Asked, kept: Key | None, row: GlassGrant, text: bytes | None) -> str | None:
    """None once the person was erased."""
    hidden = {"text": text} if text is not None else {}
    told = opened(asked.db.vault, kept, "notes", f"{row.case_id}/{row.seq}", hidden).get("text")
    return orjson.loads(told).get("why") if told else None


def _looks(asked: Asked) -> Response:
    limit = asked.query.limit
    with asked.db.read() as session:
        seen = the_case(session, asked, "person")
        wanted = pick(Read.id, Read.at, Read.actor, Read.agency, Read.what).where(col(Read.case_id) == seen.id)
        if asked.query.cursor is not None:
            at, behind = cursors.case_behind(asked.query.cursor)
            wanted = wanted.where(or_(col(Read.at) < at, and_(col(Read.at) == at, col(Read.id) > behind)))
        rows = session.execute(wanted.order_by(col(Read.at).desc(), col(Read.id)).limit(limit + 1)).all()
    seen.saw(asked, "looks")
    items = [
        {"who": row.actor, "agency": row.agency, "at": stamp(row.at), "what": row.what} for row in rows[:limit]
    ]  # fmt: skip
    more = cursors.of_case(rows[limit - 1].at, rows[limit - 1].id) if len(rows) > limit else None
    return answer(seen.sight.show(LookPage, {"items": items, "next": more}), headers=seen.headers)


def _counts(asked: Asked) -> Response:
    """Of every agency, for the managers of all: whoever breaks it often is seen by everybody who could say so."""
    since = asked.now - COUNTED

    def many(condition: Any) -> Any:
        return func.sum(case((condition, 1), else_=0))

    rows = (
        pick(
            GlassGrant.agency_id,
            func.count().label("broken"),
            many(col(GlassGrant.review) == "justified").label("justified"),
            many(col(GlassGrant.review) == "not_justified").label("not_justified"),
            many(col(GlassGrant.review).is_(None)).label("waiting"),
            many(col(GlassGrant.escalated_at).is_not(None)).label("escalated"),
        )
        .where(col(GlassGrant.at) > since)
        .group_by(col(GlassGrant.agency_id))
        .order_by(col(GlassGrant.agency_id))
    )
    with asked.db.acting_for(EVERYBODY).read() as session:  # numbers alone leave this function
        found = session.execute(rows).all()
    return answer({"items": [
        {
            "agency": row.agency_id, "broken": int(row.broken), "justified": int(row.justified),
            "not_justified": int(row.not_justified), "waiting": int(row.waiting), "escalated": int(row.escalated),
        }
        for row in found
    ]})  # fmt: skip
