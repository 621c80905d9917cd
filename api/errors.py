"""Refusals on their way out: which status each has, and what is told with it."""

import sqlite3
from collections.abc import Mapping
from typing import Any

import psycopg
from fastapi import FastAPI
from pydantic import BaseModel, ValidationError
from sqlalchemy import exc
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.body import BadBody
from api.gate import NOTHING_HERE
from api.problems import NO_TRACE, field_errors, problem, refused_body
from referral import errors
from workflows.explain import CannotReckon

# fmt: off
STATUS: Mapping[type[errors.Refusal], int] = {
    errors.NotSignedIn: 401,
    errors.NotAllowed:  403,
    errors.NotFound:    404,
    errors.UnknownMove: 404,
    errors.NotOffered:  409,
    errors.Blocked:     409,
    errors.Taken:       409,
    errors.Stale:       412,
    errors.BadForm:     422,
    errors.BadTime:     422,
    errors.KeyReused:   422,
    CannotReckon:       422,
    errors.TooMany:     429,
    errors.Unavailable: 503,
    errors.NoKeys:      503,
    errors.Erased:      409,
    errors.NotCovered:  503,
}
HEADERS: Mapping[type[errors.Refusal], dict[str, str]] = {
    errors.NotSignedIn: {"WWW-Authenticate": 'Bearer realm="lodestar"'},
    errors.TooMany: {"Retry-After": "600"},
    errors.Unavailable: {"Retry-After": "5"},
    errors.NotCovered: {"Retry-After": "5"},
}
PLAIN = {  # what Starlette itself refuses
    400: ("bad_request", "The request cannot be read."),
    404: (errors.NotFound.code, NOTHING_HERE),
    405: ("method_not_allowed", "This address does not answer to this method."),
    413: ("too_large", "The body is too large."),
    415: ("wrong_content_type", "Send the body as application/json, in UTF-8."),
}
# fmt: on
NO_DATABASE = (
    exc.OperationalError,
    exc.InterfaceError,
    exc.TimeoutError,
    psycopg.OperationalError,
    sqlite3.OperationalError,
)
TOLD = ("needs", "version")  # what a refusal may carry besides reasons and who


def refusal_problem(refusal: errors.Refusal) -> Response:
    """A refusal as an answer. What is not there and what is hidden are told in the same bytes."""
    kind = next((kind for kind in type(refusal).__mro__ if kind in STATUS), errors.Refusal)
    status, headers = STATUS.get(kind, 409), HEADERS.get(kind)
    first = (type(refusal).__doc__ or "").strip().splitlines()[0]
    if kind is errors.NotFound:
        return problem(status, refusal.code, first, trace_id=NO_TRACE)
    more: dict[str, Any] = {name: refusal.more[name] for name in TOLD if name in refusal.more}
    if refusal.reasons:
        more["reasons"] = [{"code": reason.code, "says": reason.says} for reason in refusal.reasons]
    if refusal.who:
        more["who"] = refusal.who
    if isinstance(wrong := refusal.more.get("wrong"), ValidationError):
        form = refusal.more["form"]
        more["errors"] = field_errors(wrong, form if _is_model(form) else (), own_words=True)
    return problem(status, refusal.code, first, headers=headers, **more)


def add_handlers(app: FastAPI) -> None:
    """Answer every error as a problem."""
    app.add_exception_handler(errors.Refusal, _refused)
    app.add_exception_handler(BadBody, _bad_body)
    app.add_exception_handler(HTTPException, _plain)
    for broken in NO_DATABASE:
        app.add_exception_handler(broken, _no_database)


async def _refused(_: Request, refusal: Exception) -> Response:
    return refusal_problem(refusal if isinstance(refusal, errors.Refusal) else errors.Refusal())


async def _bad_body(_: Request, bad: Exception) -> Response:
    return refused_body(bad) if isinstance(bad, BadBody) else problem(400, "bad_body", "")


async def _no_database(_: Request, __: Exception) -> Response:
    return refusal_problem(errors.Unavailable())


async def _plain(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400
    code, says = PLAIN.get(status, PLAIN[400])
    headers = {
        name: value for name, value in (getattr(error, "headers", None) or {}).items() if name.lower() == "allow"
    }
    return problem(status, code, says, headers=headers, trace_id=NO_TRACE if status == 404 else None)  # noqa: PLR2004


def _is_model(form: object) -> bool:
    return isinstance(form, type) and issubclass(form, BaseModel)
