"""One case: what it is, what can be done, what happened, what is due, what was told. Every look at it is recorded."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import FastAPI
from pydantic import Field
from sqlalchemy import and_
from sqlmodel import Session, col
from starlette.responses import Response

from api import cursors
from api.deps import Asked, Query, reading
from api.documents import describe
from api.looking import deadline_whole, deadlines_of, event, whole
from api.picking import pick
from api.schemas import AnswersShown, CaseShown, Completeness, Deadlines, Offers, Timeline, answer, etag, stamp
from api.seeing import Seen, looking, the_case
from api.v1.moves import COLLECTIONS
from referral.access import Act, May, Role
from referral.access.policy import who_can
from referral.errors import NotAllowed
from referral.form.branching import REFERRAL
from referral.form.complete import blocking, problems
from referral.models import Answers, Event, Key, Note, Person, Strand
from referral.models.person import IDENTITY
from referral.reckoning import local_day
from referral.vault import Vault, opened
from workflows import catalogue
from workflows.guards import DECIDES_ELSEWHERE
from workflows.offered import offered


class Page(Query):
    """Where the page begins, and how long it is."""

    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=100, ge=1, le=500)


def add_routes(app: FastAPI) -> None:
    """The same looks for every kind of case; the referral form only for people."""
    for kind, collection in COLLECTIONS.items():
        one = f"/v1/{collection}/{{case}}"
        # fmt: off
        looks: list[tuple[str, Act, str, Callable[[Asked, str], Response], type[Query], type[Any], str]] = [
            ("",           Act.READ_CASE, "show",      _show,      Query, CaseShown, "The case: strands, owner, participants, running deadlines"),
            ("/offered",   Act.READ_OFFERED, "offered",   _offered,   Query, Offers,    "What can be done now, why not, and who could"),
            ("/timeline",  Act.READ_TIMELINE, "timeline",  _timeline,  Page,  Timeline,  "What happened, oldest first"),
            ("/deadlines", Act.READ_DEADLINES, "deadlines", _deadlines, Query, Deadlines, "Every deadline, with what its date is based on"),
        ]
        if kind == "person":
            looks += [
                ("/answers",      Act.READ_ANSWERS, "answers",      _answers,      Query, AnswersShown, "The referral form so far, and who the person is"),
                ("/completeness", Act.READ_MISSING, "completeness", _completeness, Query, Completeness, "What is missing before the form can be sent"),
            ]
        # fmt: on
        for tail, act, name, look, query, shape, says in looks:
            app.router.add_api_route(
                one + tail, reading(looking(_of_kind(look, kind), name), query, act=act), methods=["GET"], response_model=shape,
                **describe(f"{collection}.{name}", says, query, one_case=True),
            )  # fmt: skip


def _of_kind(look: Callable[[Asked, str], Response], kind: str) -> Callable[[Asked], Response]:
    return lambda asked: look(asked, kind)


def _show(asked: Asked, kind: str) -> Response:
    with asked.db.read() as session:
        case = the_case(session, asked, kind)
        shown = whole(session, case.row, asked.now, birthdays=case.sight.birthdays) | {"glass": stamp(case.glass)}
    case.saw(asked, "case")
    return answer(case.sight.show(CaseShown, shown), headers=case.headers)


def _offered(asked: Asked, kind: str) -> Response:
    with asked.db.read() as session:
        case = the_case(session, asked, kind)
    found = offered(
        asked.db, asked.house.law, asked.actor, case.id, asked.now, asked.house.settings.reveal_factor
    )  # fmt: skip
    case.saw(asked, "offered")
    items = [
        {
            "move": offer.move, "strand": offer.strand, "yes": offer.yes, "who": list(offer.who),
            "reasons": [{"code": reason.code, "says": reason.says} for reason in offer.reasons],
            "href": f"/v1/{COLLECTIONS[kind]}/{case.id}/{offer.move.replace('.', '/')}",
        }
        for offer in found
    ]  # fmt: skip
    tag = etag(case.version)
    shown = case.sight.show(Offers, {"version": case.version, "etag": tag, "items": items})
    return answer(shown, headers=case.headers)


def _timeline(asked: Asked, kind: str) -> Response:
    after = cursors.event_behind(asked.query.cursor) if asked.query.cursor is not None else 0
    limit = asked.query.limit
    with asked.db.read() as session:
        case = the_case(session, asked, kind)
        rows = session.execute(
            pick(Event.seq, Event.body, Event.recorded_at, Event.hash, Note.text, Note.names_person)
            .join(Note, and_(col(Note.case_id) == col(Event.case_id), col(Note.seq) == col(Event.seq)), isouter=True)
            .where(col(Event.case_id) == case.id, col(Event.seq) > after)
            .order_by(col(Event.seq))
            .limit(limit + 1)
        ).all()
        kept = session.get(Key, case.id)
    case.saw(asked, "timeline")
    items = [
        event(
            row.body,
            row.recorded_at,
            row.hash,
            _note(asked, kept, case.id, row),
            asked.actor,
            names_person=bool(row.names_person),
        )
        for row in rows[:limit]
    ]
    more = cursors.of_event(rows[limit - 1].seq) if len(rows) > limit else None
    shown = case.sight.show(Timeline, {"items": items, "next": more})
    return answer(shown, headers=case.headers)


def _note(asked: Asked, kept: Key | None, case: str, row: Any) -> str | None:
    return opened(asked.db.vault, kept, "notes", f"{case}/{row.seq}", {"text": row.text}).get("text")


def _deadlines(asked: Asked, kind: str) -> Response:
    with asked.db.read() as session:
        case = the_case(session, asked, kind)
        rows = deadlines_of(session, case.id, running=False)
    case.saw(asked, "deadlines")
    law, now, birthdays = asked.house.law, asked.now, case.sight.birthdays
    first = sorted(rows, key=lambda row: row.state not in ("running", "paused"))
    shown = case.sight.show(Deadlines, {"items": [deadline_whole(row, law, now, birthdays=birthdays) for row in first]})
    return answer(shown, headers=case.headers)


def _answers(asked: Asked, kind: str) -> Response:
    with asked.db.read() as session:
        case = the_case(session, asked, kind)
        _decides_here(asked, case)
        told, saved_at, identity, basis = _told(session, asked.db.vault, case.id)
    case.saw(asked, "answers")
    sight, given = case.sight, {**told, **identity}
    withheld = sorted(name for name, value in given.items() if sight.answer(name, value) != value)
    shown = {"basis": basis, "answers": told, "identity": identity, "saved_at": saved_at, "withheld": withheld}
    return answer(sight.show(AnswersShown, shown), headers=case.headers)


def _completeness(asked: Asked, kind: str) -> Response:
    with asked.db.read() as session:
        case = the_case(session, asked, kind)
        _decides_here(asked, case)
        told, _, identity, _ = _told(session, asked.db.vault, case.id)
        facts = session.execute(
            pick(Strand.facts).where(col(Strand.case_id) == case.id, col(Strand.workflow) == catalogue.ROOTS[kind].name)
        ).scalar()
    case.saw(asked, "completeness")
    basis = str(orjson.loads(facts or "{}").get("basis", REFERRAL))
    today = local_day(asked.now, asked.house.law[case.row.jurisdiction].zone)
    found = problems(told, identity, case.row.child in ("yes", "not_sure"), basis, today)
    items = [
        {"field": one.field, "code": one.code, "says": one.says, "warning": one.warning}
        for one in found
        if one.field != "reference"  # it is told with the move itself
    ]
    complete = not any(one.field != "reference" for one in blocking(found))
    shown = case.sight.show(Completeness, {"complete": complete, "basis": basis, "items": items})
    return answer(shown, headers=case.headers)


def _decides_here(asked: Asked, case: Seen) -> None:
    """Raise NotAllowed for a caseworker, or a machine that decides, whose agency is not the one that decides this case."""
    actor = asked.actor
    decides = (
        set(actor.roles) == {Role.CASEWORKER}
        if actor.kind == "user"
        else actor.may.isdisjoint((May.PREPARE, May.SUBMIT))
    )
    if decides and not case.sight.relation.decides and not case.glass:
        raise NotAllowed(DECIDES_ELSEWHERE, who=who_can(Act.READ_ANSWERS), needs=str(May.DECIDE))


def _told(
    session: Session, vault: Vault | None, case: str
) -> tuple[dict[str, Any], str | None, dict[str, Any], str | None]:
    """The answers, when they were saved, who the person is, and on what basis that is kept."""
    saved = session.get(Answers, case)
    person = session.get(Person, case)
    kept = session.get(Key, case)
    hidden = {name: getattr(person, name) for name in IDENTITY} if person else {}
    identity = opened(vault, kept, "people", case, hidden)
    told = opened(vault, kept, "answers", case, {"answers": saved.answers} if saved else {})
    answers = orjson.loads(told["answers"]) if told else {}
    return answers, stamp(saved.saved_at) if saved else None, identity, person.basis if person else None
