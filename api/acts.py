"""No route without an act, no field of an answer without its group: the app is not put together otherwise."""

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.schemas import Answer
from api.sight import unclassed

OPEN = {  # addresses that answer before anybody is known
    "/healthz", "/readyz", "/openapi.json", "/oauth/token", "/v1/session", "/.well-known/jwks.json",
    "/v1/session/passkey/begin", "/v1/session/passkey", "/v1/session/provider/begin", "/v1/session/provider",
    "/v1/invitations/accept",
}  # fmt: skip


def check(app: FastAPI) -> None:
    """Raise ValueError naming every route that does not say what it does, and every field that says not what it is."""
    if without := sorted({route.path for route in app.routes if isinstance(route, APIRoute) and not _acts(route)}):
        raise ValueError(f"These routes name no act: {', '.join(without)}")
    if fields := unclassed(answers()):
        raise ValueError(f"These fields have no group: {', '.join(fields)}")


def answers(base: type[Answer] = Answer) -> Iterator[type[Answer]]:
    """Every answer there is."""
    for model in base.__subclasses__():
        yield model
        yield from answers(model)


def _acts(route: APIRoute) -> bool:
    return route.path in OPEN or getattr(route.endpoint, "act", None) is not None
