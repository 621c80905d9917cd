"""Tell of changes to an account: what its owner is to hear of, until it has left the house."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Notices."""
    op.create_table(
        "notices",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the change"),
        sa.Column(
            "user_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="whose, and who is told"
        ),
        sa.Column(
            "what",
            sqlmodel.sql.sqltypes.AutoString(length=40),
            nullable=False,
            comment="what has changed, see SignInChange",
        ),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it changed"),
        sa.Column(
            "next_try_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=True,
            comment="when it is tried next; empty once delivered or given up",
        ),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="how often it was tried"),
        sa.Column("delivered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True, comment="when it was delivered"),
        sa.Column(
            "failed", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True, comment="the last failure, by kind"
        ),
        sa.ForeignKeyConstraint(["id"], ["sign_in_events.id"], name=op.f("fk_notices_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notices_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    unsent = sa.text("next_try_at is not null")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notices_next_try_at", ["next_try_at", "id"], unique=False, postgresql_where=unsent, sqlite_where=unsent
        )


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index("ix_notices_next_try_at")

    op.drop_table("notices")
