"""Search by name and day of birth among one's own cases, and the question whether another service knows a person.

What is looked for stands in the body and never in an address; it is neither kept nor logged. Both are counted.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal, Self

import structlog
from fastapi import FastAPI
from pydantic import StringConstraints, model_validator
from sqlmodel import Session, col
from starlette.responses import Response

from api.actors import require
from api.deps import Asked, Body, writing
from api.documents import describe
from api.looking import strands_of, summary
from api.picking import pick
from api.schemas import BY_WORKFLOW, Answer, answer
from api.seeing import CASE_COLUMNS, sights, the_case, visible
from api.v1.moves import digest
from referral import blind, finding
from referral.access import Act, Actor, Group, Level, May
from referral.db import EVERYBODY
from referral.errors import Blocked, NoKeys, Reason, Refusal, Unavailable
from referral.ids import read_reference
from referral.models import Case, Key, Participant, Person
from referral.models.person import IDENTITY
from referral.records import record_refusal
from referral.taking_part import covers
from referral.vault import opened
from workflows.forms import BirthDay

MOST = 20
DESK = "Another service may know this person: ask through the duty contact."
SAYS = {
    "none": "No service has written down anybody who seems to be this person.",
    "yours": "You have other cases of somebody who may be this person.",
    "desk": DESK,
}
NOBODY_YET = Reason("no_identity", "Save a name with a day of birth, a number or a reference first; then ask.")


class Search(Body):
    """Whom to look for: two words of a name, or one with the day of birth, or the day alone; or a spoken reference."""

    reference: Annotated[str, StringConstraints(min_length=9, max_length=20)] | None = None
    name: Annotated[str, StringConstraints(min_length=2, max_length=200)] | None = None
    date_of_birth: BirthDay | None = None
    match: Literal["exact", "sound"] = "sound"

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.reference is not None:
            if self.name or self.date_of_birth:
                raise ValueError("a reference is looked for alone")
            return self
        kinds = {kind for kind, _ in blind.forms_of(self.identity())}
        if self.match == "exact" and not kinds & ({"name"} if self.name else {"birth"}):
            raise ValueError("an exact search needs two words of a name, or the day of birth alone")
        if not kinds & ({"name", "born"} if self.name else {"birth"}):
            raise ValueError("give two words of a name, or one with the day of birth, or the day alone")
        return self

    def identity(self) -> dict[str, Any]:
        """As the columns of a person."""
        return {"first_name": self.name, "date_of_birth": self.date_of_birth}

    def fits(self, signals: set[str]) -> bool:
        """Whether these signals answer what was asked."""
        named = "name" in signals or (self.match == "sound" and "sound" in signals)
        if self.name is None:
            return "birth" in signals
        if self.date_of_birth is None:
            return named
        if self.match == "exact":
            return named and "birth" in signals
        return bool(signals & {"born", blind.NEAR})


class Purpose(Body):
    """Why it is asked."""

    purpose: Literal["before_referral", "before_support", "person_says_so"]


class Hit(Answer):
    """A case that was found."""

    id: Annotated[str, Group.WORKFLOW]
    reference: Annotated[str, Group.WORKFLOW]
    open: Annotated[bool, Group.WORKFLOW]
    states: Annotated[dict[str, str], BY_WORKFLOW]


class Found(Answer):
    """What a search found among the cases that you take part in; the newest first, at most twenty."""

    count: Annotated[int, Group.OPEN]
    items: list[Hit]


class Known(Answer):
    """Whether the person seems to be known: none, yours, or desk. The cases are your own, and only for `yours`."""

    answer: Annotated[str, Group.OPEN]
    says: Annotated[str, Group.OPEN]
    items: list[Hit]


def add_routes(app: FastAPI) -> None:
    """A search, and a question about one case. Both are asked by POST: what is looked for stands in no address."""
    app.router.add_api_route(
        "/v1/search", writing(_noted(_search, "people.search"), Search, digest, act=Act.SEARCH),
        methods=["POST"], response_model=Found,
        **describe("cases.search", "Find a case of your own by name or day of birth", body=Search, more=("too_many",)),
    )  # fmt: skip
    app.router.add_api_route(
        "/v1/cases/{case}/duplicates",
        writing(_noted(_duplicates, "people.duplicates"), Purpose, digest, act=Act.CHECK_DUPLICATE),
        methods=["POST"], response_model=Known,
        **describe("cases.duplicates", "Ask whether another service may know this person", one_case=True, body=Purpose,
                   more=("blocked", "too_many")),
    )  # fmt: skip


def _noted(do: Callable[[Asked], Response], what: str) -> Callable[[Asked], Response]:
    """What was refused is recorded too: whoever is told no very often is trying something."""

    def noted(asked: Asked) -> Response:
        try:
            return do(asked)
        except Unavailable:
            raise
        except Refusal as refusal:
            case = asked.path.get("case")
            record_refusal(asked.db, refusal, actor=asked.actor, move=what, case=case, now=asked.now)
            raise

    return noted


def _search(asked: Asked) -> Response:
    told: Search = asked.body
    return _by_reference(asked, told.reference) if told.reference is not None else _by_name(asked, told)


def _by_reference(asked: Asked, spoken: str) -> Response:
    """A reference that somebody read out finds a case of one's own, and nothing else; a wrong one counts as well."""
    require(asked.actor, May.READ_CASE)
    with asked.db.acting_for(EVERYBODY).write() as session:  # the marks of all agencies
        often = finding.count_in(session, asked.actor, "reference", asked.now)
        reference = read_reference(spoken)
        found = set(session.execute(pick(Case.id).where(col(Case.reference) == reference)).scalars())
        mine = _mine(session, asked.actor, found, Level.WORKFLOW, asked.now)
        finding.record(session, asked.actor, "reference", asked.now, how="spoken", found=str(len(mine)))
        shown = {"count": len(mine), "items": _hits(session, asked, mine)}
    _say(asked, "reference", often=often)
    return answer(shown)


def _by_name(asked: Asked, told: Search) -> Response:
    require(asked.actor, May.SEARCH)
    sought = blind.sought(_key(asked), told.identity(), by_sound=told.match == "sound")
    with asked.db.acting_for(EVERYBODY).write() as session:  # the marks of all agencies
        often = finding.count_in(session, asked.actor, "search", asked.now)
        fitting = {case for case, signals in finding.signals_of(session, sought).items() if told.fits(signals)}
        mine = _mine(session, asked.actor, fitting, Level.PERSONAL, asked.now)
        how = " ".join(
            part for part in ("name" * bool(told.name), "birth" * bool(told.date_of_birth), told.match) if part
        )
        finding.record(session, asked.actor, "search", asked.now, how=how, found=str(len(mine)))
        shown = {"count": len(mine), "items": _hits(session, asked, mine)}
    _say(asked, "search", often=often)
    return answer(shown)


def _duplicates(asked: Asked) -> Response:
    with asked.db.acting_for(EVERYBODY).write() as session:  # the marks of all agencies
        case = the_case(session, asked, "person").id
        require(asked.actor, May.CHECK_DUPLICATES)
        identity = _identity(session, asked, case)
        if not {kind for kind, _ in blind.forms_of(identity)} & {"born", "phone", "reference"}:
            raise Blocked(NOBODY_YET)
        often = finding.count_in(session, asked.actor, "duplicates", asked.now)
        mine, elsewhere = alike(session, asked.actor, case, blind.sought(_key(asked), identity), identity, asked.now)
        told = "desk" if elsewhere else "yours" if mine else "none"
        finding.ask_both(session, case, elsewhere, asked.now)  # the heartbeat asks both sides, later than this answer
        finding.record(session, asked.actor, "duplicates", asked.now, how=asked.body.purpose, found=told, case=case)
        shown = {"answer": told, "says": SAYS[told], "items": _hits(session, asked, mine if told == "yours" else [])}
    _say(asked, "duplicates", often=often)
    return answer(shown)


def alike(
    session: Session, actor: Actor, case: str, sought: dict[str, str], identity: dict[str, Any], now: datetime
) -> tuple[list[str], list[str]]:
    """Cases of somebody who may be this person: the actor's own, and those of others, of which nobody is told."""
    found = finding.signals_of(session, sought)
    same = {other for other, signals in found.items() if other != case and blind.is_same(signals, identity)}
    mine = _mine(session, actor, same, Level.PERSONAL, now)
    return mine, sorted(same.difference(mine))


def _identity(session: Session, asked: Asked, case: str) -> dict[str, Any]:
    """Who the person of one's own case is."""
    person, kept = session.get(Person, case), session.get(Key, case)
    hidden = {name: getattr(person, name) for name in IDENTITY} if person else {}
    return dict(opened(asked.db.vault, kept, "people", case, hidden))


def _mine(session: Session, actor: Actor, cases: set[str], level: Level, now: datetime) -> list[str]:
    """Those of the cases in which the basis of the actor's agency covers now what they were found by; newest first."""
    condition = visible(actor, "person")
    rows = (
        pick(Case.id, Case.opened_at)
        .join(Participant, col(Participant.case_id) == col(Case.id))
        .where(
            col(Case.id).in_(sorted(cases)), col(Case.kind) == "person", col(Participant.agency_id) == actor.agency,
            covers(now, level), *([condition] if condition is not None else []),
        )
        .distinct()
        .order_by(col(Case.opened_at).desc(), col(Case.id))
    )  # fmt: skip
    return [row.id for row in session.execute(rows)]


def _hits(session: Session, asked: Asked, cases: list[str]) -> list[dict[str, Any]]:
    """References and states, and nothing of the person."""
    shown = cases[:MOST]
    rows = {row.id: row for row in session.execute(pick(*CASE_COLUMNS).where(col(Case.id).in_(shown)))}
    strands, seen = strands_of(session, shown), sights(session, asked, list(rows.values()))
    return [
        seen[case].show(Hit, {
            "id": case, "reference": rows[case].reference, "open": rows[case].open,
            "states": summary(strand for strand in strands if strand.case_id == case),
        })
        for case in shown
    ]  # fmt: skip


def _key(asked: Asked) -> bytes:
    if asked.db.vault is None:
        raise NoKeys
    return asked.db.vault.index_key


def _say(asked: Asked, kind: str, *, often: bool) -> None:
    """A line for whoever watches: somebody asks unusually often. Ids only."""
    if often:
        structlog.get_logger().warning("many look-ups", kind=kind, actor=asked.actor.id, agency=asked.actor.agency)
