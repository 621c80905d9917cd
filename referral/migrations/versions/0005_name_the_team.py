"""Name the team: who of an agency's staff is of a case's team, so that a colleague is no participant by being one."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Name the team."""
    text = sqlmodel.sql.sqltypes.AutoString
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "members",
        sa.Column("case_id", text(length=32), nullable=False, comment="the case, which the same statement changes"),
        sa.Column("user_id", text(length=32), nullable=False, comment="the member of staff"),
        sa.Column("agency_id", text(length=64), nullable=False, comment="the agency for which they are of the team"),
        sa.Column("since", moment(), nullable=False, comment="since when"),
        sa.Column("until", moment(), nullable=True, comment="until when; empty while they are of the team"),
        sa.Column("purpose", text(length=80), nullable=False, comment="what for: the move by which they joined"),
        sa.PrimaryKeyConstraint("case_id", "user_id", name=op.f("pk_members")),
    )
    op.create_index("ix_members_user_id", "members", ["user_id", "case_id"], unique=False)


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_members_user_id", table_name="members")
    op.drop_table("members")
