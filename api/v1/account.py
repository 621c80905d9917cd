"""What is held about a person, as they are given it: read by who releases it, then fetched once by who asked for it."""

from typing import Annotated

from fastapi import FastAPI
from pydantic import field_validator
from sqlmodel import Session
from starlette.responses import Response

from api.actors import require
from api.deps import Asked, Query, reading
from api.documents import describe
from api.schemas import Answer, answer, stamp
from api.seeing import Seen, looking, the_case
from referral.access import Act, Group, May
from referral.errors import Blocked, NoKeys, NotOffered, Reason
from referral.reckoning import local_day
from workflows.account import telling
from workflows.account.held import Requested, held, newest
from workflows.account.wording import FIRST, languages, read_words, written
from workflows.ask import Ask
from workflows.engine import perform
from workflows.offered import offered

NOT_STORED = {"Cache-Control": "no-store", "Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
PAPER = "text/markdown; charset=utf-8"
NOBODY_ASKED = Reason("not_asked", "Nobody has asked for this account.")


class Language(Query):
    """In which language; without one, that in which the person wanted it, where it is shipped, or else English."""

    language: Annotated[str, Group.WORKFLOW] | None = None

    @field_validator("language")
    @classmethod
    def _shipped(cls, language: str | None) -> str | None:
        if language is not None and language not in languages():
            raise ValueError("there is no such language here")
        return language


class Preview(Answer):
    """The account as it would be handed over. `content` is what the release must name."""

    content: Annotated[str, Group.WORKFLOW]
    language: Annotated[str, Group.WORKFLOW]
    wanted: Annotated[str, Group.WORKFLOW]  # the language in which the person wanted it
    languages: Annotated[list[str], Group.WORKFLOW]
    masked: Annotated[int, Group.WORKFLOW]  # how often another person or a place was taken out
    covers: Annotated[int, Group.WORKFLOW]  # up to which event it reaches
    text: Annotated[str, Group.ACCOUNT]


def add_routes(app: FastAPI) -> None:
    """Two addresses, for people's cases alone."""
    app.router.add_api_route(
        "/v1/cases/{case}/account", reading(looking(_hand_over, "account"), Language, act=Act.READ_ACCOUNT),
        methods=["GET"], response_class=Response,
        **describe("cases.account", "What is held about the person, once", Language, one_case=True),
    )  # fmt: skip
    app.router.add_api_route(
        "/v1/cases/{case}/account/preview",
        reading(looking(_preview, "account_preview"), Language, act=Act.READ_ACCOUNT),
        methods=["GET"], response_model=Preview,
        **describe("cases.account_preview", "The same, for whoever is to release it", Language, one_case=True),
    )  # fmt: skip


def _hand_over(asked: Asked) -> Response:
    """The move comes before the paper leaves: a second asking finds that it was handed over."""
    with asked.db.read() as session:
        case = the_case(session, asked, "person")
        require(asked.actor, May.ASK_ACCOUNT)
        request, told, digest = _account(session, asked, case)
    language = asked.query.language or _spoken(request)
    form = {"content": digest, "given_in": language}
    perform(asked.db, asked.house.law, Ask(asked.actor, "account.hand_over", asked.now, case=case.id, form=form))
    asked.saw(case.id, "account")
    paper = written(told, read_words(language), _mark(asked, case.row.reference))
    return Response(paper, headers=NOT_STORED, media_type=PAPER)


def _preview(asked: Asked) -> Response:
    """For whoever could release it now, and nobody else."""
    with asked.db.read() as session:
        case = the_case(session, asked, "person")
        require(asked.actor, May.KEEP_RECORDS)
        request, told, digest = _account(session, asked, case)
    offers = offered(asked.db, asked.house.law, asked.actor, case.id, asked.now)
    if reasons := next(offer.reasons for offer in offers if offer.move == "account.release"):
        raise Blocked(*reasons)
    asked.saw(case.id, "account_preview")
    language = asked.query.language or _spoken(request)
    paper = written(told, read_words(language), _mark(asked, case.row.reference))
    shown = {
        "content": digest, "language": language, "wanted": request.language, "languages": list(languages()),
        "masked": telling.masked(told), "covers": request.covers, "text": paper,
    }  # fmt: skip
    return answer(shown, headers={"Cache-Control": "no-store"})


def _account(session: Session, asked: Asked, case: Seen) -> tuple[Requested, telling.Account, str]:
    request = newest(session, case.id)
    if request is None:
        raise NotOffered(NOBODY_ASKED)
    vault, law = asked.db.vault, asked.house.law[case.row.jurisdiction]
    if vault is None:
        raise NoKeys
    today = local_day(asked.now, law.zone)
    told = telling.account(held(session, vault, law, case.id, request.covers, today))
    return request, told, telling.content(told, vault.index_key, case.id)


def _spoken(request: Requested) -> str:
    return request.language if request.language in languages() else FIRST


def _mark(asked: Asked, reference: str) -> dict[str, str]:
    """Who holds the paper, without a name: the agency and the id of who fetched it."""
    return {"reference": reference, "who": f"{asked.actor.agency} ({asked.actor.id})", "when": str(stamp(asked.now))}
