"""The OpenAPI document: what every address takes, gives and refuses; for moves, from the rows of the tables."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel

from api.deps import Query
from api.examples import example, resolved
from api.problems import MEDIA_TYPE
from api.schemas import Moved, Problem
from api.v1.moves import MoveRoute, Row
from referral.access import SCOPES, May, who_may

TITLE, VERSION = "Lodestar", "1"
# fmt: off
REFUSED = {  # code of a refusal -> status, and when
    "not_signed_in":    (401, "The token is missing, wrong or has expired."),
    "not_allowed":      (403, "None of your roles or scopes gives the right that this needs."),
    "not_for_machines": (403, "Addresses are for people who have signed in."),
    "second_factor_needed": (403, "Show your second factor first, or set one up."),
    "step_up_needed":   (403, "Show your second factor again."),
    "other_site":       (403, "A change by cookie did not come from our own pages."),
    "not_found":        (404, "There is no such case, or it is not one that you take part in."),
    "not_offered":      (409, "The move is not possible from the present state."),
    "blocked":          (409, "Something is missing; every reason is told."),
    "taken":            (409, "Somebody else has just taken this."),
    "locked":           (409, "The addresses are locked: two people have to open them."),
    "shown_already":    (409, "An address is shown once."),
    "address_changed":  (409, "The address is no longer the one that was asked for."),
    "reveal_ended":     (409, "Ten minutes have passed, or it was closed."),
    "not_covered":      (503, "The signer of the log does not answer."),
    "stale":            (412, "The case has changed since you saw it."),
    "bad_form":         (422, "What the move was told is incomplete or wrong."),
    "bad_code":         (422, "The code of an invitation or a reset is wrong, was used, or has ended."),
    "bad_query":        (422, "A query parameter is unknown or wrong."),
    "bad_time":         (422, "The time lies in the future, or too far back."),
    "key_reused":       (422, "This Idempotency-Key was used with another request."),
    "version_required": (428, "If-Match is missing."),
    "key_required":     (400, "The Idempotency-Key is missing."),
    "too_many":         (429, "The caller asks more than it may just now; Retry-After says how long to wait."),
    "unavailable":      (503, "The database does not answer; nothing was changed."),
    "overloaded":       (503, "There is too much to do just now; nothing was changed."),
}
EVERY_LOOK = ("not_signed_in", "not_allowed", "too_many", "unavailable", "overloaded")
EVERY_MOVE = (
    "not_signed_in", "not_allowed", "blocked", "taken", "bad_form", "bad_time", "key_reused", "too_many", "unavailable",
    "overloaded",
)
# fmt: on
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_KEY = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 255}}
_VERSION = {
    "name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"},
    "description": 'The version of the case that you saw, as in "7", or * for any.',
}  # fmt: skip
_CASE = {"name": "case", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"}}


def describe(
    operation_id: str, summary: str, query: type[Query] = Query, *, one_case: bool = False,
    body: type[BaseModel] | None = None, more: tuple[str, ...] = (),
) -> dict[str, Any]:  # fmt: skip
    """What a route that is no move says of itself; `more` are the codes of its own refusals."""
    parameters = [*([_CASE] if one_case else []), *_query_parameters(query), *([] if body is None else [_KEY])]
    takes = (
        {}
        if body is None
        else {"requestBody": {"required": True, "content": {"application/json": {"schema": resolved(body)}}}}
    )
    codes = (
        *EVERY_LOOK,
        *(("not_found",) if one_case else ()),
        *(("bad_query",) if query is not Query else ()),
        *(() if body is None else ("bad_form", "key_reused")),
        *more,
    )
    return {
        "operation_id": operation_id, "name": operation_id, "summary": summary, "responses": refusals(codes),
        "openapi_extra": {"parameters": parameters, "security": [{"bearer": []}], **takes},
    }  # fmt: skip


def open_to_all(operation_id: str, summary: str, body: type[BaseModel], told: type[BaseModel] | None) -> dict[str, Any]:
    """What a route for somebody who is not signed in says of itself."""
    takes = {"required": True, "content": {"application/json": {"schema": resolved(body)}}}
    return {
        "operation_id": operation_id, "name": operation_id, "summary": summary, "response_model": told,
        "responses": refusals(("not_signed_in", "bad_form", "unavailable")), "openapi_extra": {"requestBody": takes},
    }  # fmt: skip


def refusals(codes: tuple[str, ...]) -> dict[int | str, dict[str, Any]]:
    """Refusals as responses; those of one status stand together."""
    told: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        status, says = REFUSED[code]
        said = told.setdefault(status, {"description": "", "content": {MEDIA_TYPE: {"schema": _PROBLEM}}})
        said["description"] = f"{said['description']} `{code}`: {says}".strip()
    return told


def openapi(app: FastAPI) -> dict[str, Any]:
    """The whole document, made when it is first asked for."""
    if app.openapi_schema is None:
        told = get_openapi(title=TITLE, version=VERSION, routes=app.routes, description=__doc__ or "")
        for route in app.routes:
            act = getattr(getattr(route, "endpoint", None), "act", None)
            if isinstance(route, APIRoute) and act is not None and route.include_in_schema:
                for method in route.methods or ():
                    told["paths"][route.path][method.lower()]["x-act"] = str(act)
            if isinstance(route, MoveRoute):
                told["paths"][route.path]["post"] = _move(route.row)
        parts = told.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        parts["schemas"]["Moved"] = Moved.model_json_schema()
        parts["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            "client": {"type": "oauth2", "flows": {"clientCredentials": {
                "tokenUrl": "/oauth/token", "scopes": {scope: ", ".join(acts) for scope, acts in _acts().items()},
            }}},
        }  # fmt: skip
        app.openapi_schema = told
    return app.openapi_schema


def _move(row: Row) -> dict[str, Any]:
    move = row.move
    codes = EVERY_MOVE if row.opens else (*EVERY_MOVE, "not_found", "not_offered", "stale", "version_required")
    done = {
        "description": "What the move did.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Moved"}}},
    }
    responses = {"201" if row.opens else "200": done} | {
        str(status): told for status, told in refusals((*codes, "key_required") if row.opens else codes).items()
    }
    return {
        "operationId": row.name,
        "tags": [row.workflow.name],
        "summary": (move.asks.__doc__ or "").strip().splitlines()[0],
        "description": _says(row),
        "parameters": [{**_KEY, "required": True}] if row.opens else [_CASE, _VERSION, {**_KEY, "required": False}],
        "requestBody": {"required": True, "content": {"application/json": {
            "schema": _body(row), "example": {"form": dict(example(move.asks))},
        }}},
        "responses": responses,
        "security": [{"bearer": []}, {"client": _scopes(move.needs)}],
        "x-needs": str(move.needs),
        "x-leaves": [str(state) for state in move.leaves],
        "x-enters": None if move.enters is None else str(move.enters),
        "x-then": list(move.then),
    }  # fmt: skip


def _says(row: Row) -> str:
    move, states = row.move, {str(state): state.says for state in row.workflow.states}
    leaves = ", ".join(f"`{state}`" for state in move.leaves) or "nothing: it opens"
    enters = "stays in its state" if move.enters is None else f"enters `{move.enters}` ({states[str(move.enters)]})"
    who = ", ".join(who_may(move.needs))
    lines = [f"{row.workflow.says}", f"From {leaves}; {enters}.", f"Who may: {who} (`{move.needs}`)."]
    if move.only_if:
        lines.append("Only if: " + " ".join(_first_line(guard) for guard in move.only_if))
    if move.then:
        lines.append("Then, where possible: " + ", ".join(f"`{name}`" for name in move.then) + ".")
    if move.tells:
        lines.append("Told: " + ", ".join(move.tells) + ".")
    return "\n\n".join(lines)


def _first_line(guard: Any) -> str:
    lines = (guard.__doc__ or "").strip().splitlines()
    return lines[0] if lines else ""


def _body(row: Row) -> dict[str, Any]:
    form = resolved(row.move.asks)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["form"] if form.get("required") else [],
        "properties": {
            "form": form,
            "occurred_at": {
                "type": "string",
                "format": "date-time",
                "description": "When it happened; left out means now.",
            },
            "strand": {
                "type": "string",
                "description": 'Which of several strands: its number as text, "1", or its id.',
            },
            "on_behalf_of": {"type": "string", "description": "A reference of your own, never a name."},
        },
    }


def _acts() -> dict[str, list[str]]:
    return {scope: sorted(acts) for scope, acts in SCOPES.items()}


def _scopes(needs: May) -> list[str]:
    return [scope for scope, acts in SCOPES.items() if needs in acts]


def _query_parameters(query: type[Query]) -> list[Mapping[str, Any]]:
    schema = query.model_json_schema()
    fields, required = schema.get("properties", {}), schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field} for name, field in fields.items()
    ]
