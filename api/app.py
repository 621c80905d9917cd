"""create_app(): the only place where the parts are put together. Importing this builds nothing."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

from anyio import to_thread
from fastapi import FastAPI

from api import documents, errors
from api.deps import House, utc_now
from api.tokens import Keyring, load_or_make
from api.v1 import account, cases, health, law, lists, moves, operations, past, session, staff
from referral.db import Database
from referral.settings import Settings
from referral.vault import open_vault
from workflows import catalogue
from workflows.jurisdiction import Law
from workflows.law_files import read_law


def create_app(
    settings: Settings, db: Database | None = None, rules: Law | None = None, now: Callable[[], datetime] = utc_now,
    keyring: Keyring | None = None,
) -> FastAPI:  # fmt: skip
    """The API on this database, under these rules. What is not given is made from the settings."""
    house = House(
        settings=settings,
        db=db or Database(settings.database, pool=settings.pool, vault=open_vault(settings.key_folder, now())),
        law=rules if rules is not None else read_law(catalogue.known(), settings.rules),
        keyring=keyring or load_or_make(settings.key_folder, now()),
        now=now,
    )
    app = FastAPI(
        title=documents.TITLE, version=documents.VERSION, docs_url=None, redoc_url=None, redirect_slashes=False,
        lifespan=_lifespan(house, own_db=db is None),
    )  # fmt: skip
    app.state.house = house
    app.openapi = lambda: documents.openapi(app)  # type: ignore[method-assign]
    errors.add_handlers(app)
    for part in (health, session, lists, cases, past, account, operations, law, staff, moves):
        part.add_routes(app)
    return app


def _lifespan(house: House, *, own_db: bool) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # No more threads than connections: whoever waits, waits here and not for a connection.
        to_thread.current_default_thread_limiter().total_tokens = house.settings.pool
        heartbeat = None
        if house.settings.heartbeat:
            from workflows.heartbeat import Heartbeat  # noqa: PLC0415  APScheduler is not loaded where it does not run

            heartbeat = Heartbeat(house.db, house.law, house.settings)
            heartbeat.start()
        try:
            yield
        finally:
            if heartbeat is not None:
                heartbeat.stop()
            if own_db:
                house.db.close()

    return lifespan
