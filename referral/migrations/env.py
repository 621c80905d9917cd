"""What Alembic runs: the steps, on the connection that migrate.py hands over."""

from alembic import context
from sqlmodel import SQLModel

from referral import models  # noqa: F401  the tables must be known

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",  # SQLite changes a table by copying it
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
