"""Bring a database to the present schema, or say how it differs. The only user of Alembic."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlmodel import SQLModel

from referral import grants, models, second_line  # noqa: F401  the tables must be known
from referral.db import EVERYBODY, Database


def migrate(db: Database, to: str = "head", *, role: str | None = None) -> None:
    """Run every step that is missing, in one transaction each. Several processes may ask at once: the others wait.

    On PostgreSQL the second line is then put up for tables that are new, and `role` may do what grants.py says.
    Raises grants.NoSuchRoleError.
    """
    with _connection(db) as connection:
        if db.is_postgres:
            connection.detach()  # it acts for everybody, so it must not go back to the pool
            connection.exec_driver_sql("select pg_advisory_lock(779001)")
            connection.exec_driver_sql(f"select set_config('lodestar.agency', '{EVERYBODY}', false)")
            connection.commit()
        try:
            config = _config(connection)
            config.attributes["vault"] = db.vault  # what stands open is sealed on the way
            command.upgrade(config, to) if to != "base" else command.downgrade(config, to)
            if db.is_postgres and to == "head":
                second_line.put_up(connection)
                if role is not None:
                    grants.grant(connection, role)
            connection.commit()
        finally:
            if db.is_postgres:
                connection.rollback()
                connection.exec_driver_sql("select pg_advisory_unlock(779001)")
                connection.commit()


def is_current(db: Database) -> bool:
    """Whether the database stands at the newest step."""
    with db.engine.connect() as connection:
        return (
            MigrationContext.configure(connection).get_current_revision()
            == ScriptDirectory.from_config(_config(None)).get_current_head()
        )


def differences(db: Database) -> list[Any]:
    """What the models say and the database does not. Empty when the steps lead to exactly the models."""
    with db.engine.connect() as connection:
        return list(
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), SQLModel.metadata)
        )


def _connection(db: Database) -> Connection:
    engine = db.engine.execution_options(isolation_level="READ COMMITTED") if db.is_postgres else db.engine
    return engine.connect()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
