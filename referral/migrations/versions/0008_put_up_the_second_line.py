"""Put up the second line: row-level security on every table that holds a case, and triggers on history. PostgreSQL only."""

from alembic import op

from referral import second_line

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Guard the tables that there are; `migrate()` guards those of later steps."""
    if op.get_context().dialect.name == "postgresql":
        second_line.put_up(op.get_bind())


def downgrade() -> None:
    """Undo it."""
    if op.get_context().dialect.name == "postgresql":
        second_line.take_down(op.get_bind())
