"""Databases on a running PostgreSQL: copied from a template, emptied, dropped. Knows nothing of what is in them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import text
from sqlmodel import Session

from referral.db import Database


def plain(url: str) -> str:
    """The address as psycopg itself wants it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def beside(url: str, name: str) -> str:
    """The address of another database on the same server."""
    return f"{url.rpartition('/')[0]}/{name}"


def make_template(url: str, name: str, build: Callable[[str], object]) -> None:
    """Let `build(address)` fill a database to copy from, unless another process did already; one at a time."""
    with psycopg.connect(plain(url), autocommit=True) as db:
        db.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        if not db.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            unfinished, finished = sql.Identifier(f"{name}_unfinished"), sql.Identifier(name)
            db.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(unfinished))
            db.execute(sql.SQL("CREATE DATABASE {}").format(unfinished))
            build(beside(url, f"{name}_unfinished"))
            db.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(unfinished, finished))


def make_database(url: str, name: str, template: str) -> str:
    """Copy the template, which nobody may be connected to, and give back the copy's address."""
    with psycopg.connect(plain(url), autocommit=True) as db:
        db.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    return beside(url, name)


def drop_database(url: str) -> None:
    """Take a database away, whoever is still connected."""
    with psycopg.connect(plain(beside(url, "postgres")), autocommit=True) as db:
        name = sql.Identifier(url.rpartition("/")[2])
        db.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def empty(url: str) -> None:
    """Delete every row but Alembic's, past all triggers and foreign keys; begin every sequence anew."""
    with psycopg.connect(plain(url), autocommit=True) as db:
        db.execute(EMPTY)


@contextmanager
def unguarded(db: Database) -> Iterator[Session]:
    """Write as somebody does who owns the database: past every trigger, which stand again afterwards."""
    with db.write() as session:
        if db.is_postgres:
            session.execute(text("set local session_replication_role = replica"))
            yield session
            return
        guards = session.execute(text("select name, sql from sqlite_master where type = 'trigger'")).all()
        for name, _ in guards:
            session.execute(text(f'drop trigger "{name}"'))
        yield session
        session.flush()
        for _, statement in guards:
            session.connection().exec_driver_sql(statement)


# A transaction that the test before left open would hold its locks for ever.
EMPTY = """
DO $$ DECLARE it record; BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle';
    PERFORM set_config('session_replication_role', 'replica', true);
    FOR it IN SELECT schemaname, tablename FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> 'alembic_version'
    LOOP EXECUTE format('DELETE FROM %I.%I', it.schemaname, it.tablename); END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename), start_value, false) FROM pg_sequences;
END $$
"""
