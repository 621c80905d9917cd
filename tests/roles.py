"""The two roles of a PostgreSQL: tests serve as the one that owns nothing, and tamper as the owner of the tables."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlmodel import Session

from referral.db import Database
from referral.migrate import migrate
from tests.databases import plain
from tests.postgres import OWNER
from tests.world import vault

SERVES = "lodestar_web"
ROLE = f"""
do $$ begin
    perform pg_advisory_xact_lock(779002);
    if not exists (select from pg_roles where rolname = '{SERVES}') then create role {SERVES} login; end if;
end $$
"""


def build(url: str) -> None:
    """Migrate a database as its owner; on PostgreSQL, let the run-time role in."""
    with closing(Database(url, vault=vault())) as db:
        if db.is_postgres:
            with psycopg.connect(plain(url), autocommit=True) as connection:
                connection.execute(ROLE)
        migrate(db, role=SERVES)


def serving(url: str) -> str:
    """The address at which the run-time role is let in."""
    return make_url(url).set(username=SERVES).render_as_string(hide_password=False)


@contextmanager
def behind(db: Database) -> Iterator[Database]:
    """The same database for somebody who owns it and has put its triggers to sleep: what an attacker behind us has."""
    if not db.is_postgres:
        yield db
        return
    owner = db.url.set(username=OWNER).render_as_string(hide_password=False)
    with closing(Database(owner, vault=db.vault)) as owned:

        @event.listens_for(owned.engine, "connect")
        def _put_to_sleep(connection: Any, _: Any) -> None:
            connection.autocommit = True
            connection.execute("set session_replication_role = replica")

        yield owned


@contextmanager
def unguarded(db: Database) -> Iterator[Session]:
    """A session of whoever has put the append-only triggers to sleep; on SQLite they are made anew at its end."""
    with behind(db) as owned, owned.write() as session:
        if owned.is_postgres:
            yield session
            return
        guards = session.execute(text("select name, sql from sqlite_master where type = 'trigger'")).all()
        for name, _ in guards:
            session.execute(text(f'drop trigger "{name}"'))
        yield session
        session.flush()
        for _, statement in guards:
            session.connection().exec_driver_sql(statement)
