"""Tell since when roles are held: whoever was given one a moment ago approves nothing yet."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """When somebody was last given a role; for those who have theirs already, as the approvals tell it."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "roles_since",
                sqlmodel.sql.sqltypes.UTCDateTime(),
                nullable=True,
                comment="when they were last given a role that they did not hold before",
            )
        )
    op.execute(
        "update users set roles_since = (select max(a.used_at) from approvals a "
        "where a.kind = 'roles' and a.about = users.id and a.used_at is not null)"
    )


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("roles_since")
