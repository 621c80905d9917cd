"""create_app(): the only place where the parts are put together. Importing this builds nothing."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import cache
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.routing import BaseRoute

from api import acts, documents, errors, headers, sealing
from api.deps import Covers, House, utc_now
from api.gate import hosts_of
from api.guard import Guard
from api.limits import Limits
from api.providers import read_providers
from api.tokens import Keyring, load_or_make
from api.v1 import (
    account,
    accounts,
    acknowledgements,
    agreements,
    approvals,
    cases,
    checkpoints,
    client_keys,
    factors,
    glass,
    health,
    law,
    lists,
    matching,
    me,
    moves,
    oauth,
    operations,
    past,
    places,
    provider,
    reveals,
    session,
    staff,
)
from referral import attesting
from referral.db import EVERYBODY, NOBODY, Database
from referral.settings import Settings
from referral.signer_socket import signer_for
from referral.vault import open_vault
from workflows import catalogue
from workflows.jurisdiction import Law
from workflows.law_files import read_law

# FastAPI would send traces, figures and log lines wherever the environment says.
SILENT: TelemetryConfig = {"auto_configure": False, "tracing": False, "metrics": False, "logs": False}
PARTS = (
    health, oauth, session, provider, me, factors, lists, acknowledgements, agreements, cases, past, account,
    operations, matching, glass, law, staff, accounts, approvals, client_keys, checkpoints, places, reveals, moves,
)  # fmt: skip


def create_app(
    settings: Settings, db: Database | None = None, rules: Law | None = None, now: Callable[[], datetime] = utc_now,
    keyring: Keyring | None = None, covers: Covers | None = None,
) -> FastAPI:  # fmt: skip
    """The API on this database, under these rules. What is not given is made from the settings."""
    base = db or Database(settings.database, pool=settings.pool, vault=open_vault(settings.key_folder, now()))
    house = House(
        settings=settings,
        db=base.acting_for(NOBODY),
        law=rules if rules is not None else read_law(catalogue.known(), settings.rules),
        box=sealing.load_or_make(settings.key_folder, now()),
        providers=read_providers(settings.providers),
        keyring=keyring or load_or_make(settings.key_folder, now()),
        now=now,
        limits=Limits(settings),
        covers=covers or covered_by(settings),
    )
    app = FastAPI(
        title=documents.TITLE, version=documents.VERSION, docs_url=None, redoc_url=None, redirect_slashes=False,
        lifespan=_lifespan(house, own_db=db is None), telemetry=SILENT,
    )  # fmt: skip
    app.state.house = house
    app.add_middleware(Guard, limits=house.limits, hosts=hosts_of(settings), secure=headers.is_secure(settings.address))
    app.openapi = lambda: documents.openapi(app)  # type: ignore[method-assign]
    errors.add_handlers(app)
    app.router.routes.extend(addresses())
    return app


@cache
def addresses() -> tuple[BaseRoute, ...]:
    """Every address there is, checked. Made once: it knows no installation but the state of the app that serves it."""
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, telemetry=SILENT)
    for part in PARTS:
        part.add_routes(made)
    acts.check(made)
    return tuple(made.router.routes)


def covered_by(settings: Settings) -> Covers:
    """Waits for a checkpoint that the installation's signer has signed."""
    return lambda db, case, seq, now: attesting.cover(db, settings, signer_for(settings), case, seq, now)


def _lifespan(house: House, *, own_db: bool) -> Callable[[FastAPI], AbstractAsyncContextManager[Mapping[str, Any]]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        # No more threads than connections: whoever waits, waits here and not for a connection.
        to_thread.current_default_thread_limiter().total_tokens = house.settings.pool
        heartbeat = None
        if house.settings.heartbeat:
            from workflows.heartbeat import Heartbeat  # noqa: PLC0415  APScheduler is not loaded where it does not run

            heartbeat = Heartbeat(house.db.acting_for(EVERYBODY), house.law, house.settings)
            heartbeat.start()
        try:
            yield {"settings": house.settings}  # patience.py reads them
        finally:
            if heartbeat is not None:
                heartbeat.stop()
            if own_db:
                house.db.close()

    return lifespan
