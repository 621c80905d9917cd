"""Break the glass, and approve by two: who broke it on which case, and what waits for a second person."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Grants and approvals."""
    op.create_table(
        "approvals",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column(
            "kind",
            sqlmodel.sql.sqltypes.AutoString(length=16),
            nullable=False,
            comment="roles: of a person; scopes: of a client",
        ),
        sa.Column(
            "about",
            sqlmodel.sql.sqltypes.AutoString(length=64),
            nullable=False,
            comment="the id of that person or client",
        ),
        sa.Column(
            "content",
            sqlmodel.sql.sqltypes.AutoString(),
            nullable=False,
            comment="what is asked for, as canonical JSON: codes alone",
        ),
        sa.Column(
            "digest",
            sqlmodel.sql.sqltypes.AutoString(length=64),
            nullable=False,
            comment="SHA-256 of kind, about and content, in hexadecimal",
        ),
        sa.Column(
            "asked_by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="who asked: a user's id"
        ),
        sa.Column(
            "asked_agency", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="for which agency"
        ),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was asked"),
        sa.Column(
            "expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="until when it can be answered"
        ),
        sa.Column(
            "answered_by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True, comment="who else answered"
        ),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True, comment="when they did"),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True, comment="approved or refused"),
        sa.Column(
            "used_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=True,
            comment="when what was approved was carried out",
        ),
        sa.Column(
            "withdrawn_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=True,
            comment="when whoever asked took it back",
        ),
        sa.ForeignKeyConstraint(["asked_agency"], ["agencies.id"], name=op.f("fk_approvals_asked_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    with op.batch_alter_table("approvals", schema=None) as batch_op:
        batch_op.create_index("ix_approvals_about", ["about", "kind"], unique=False)
        batch_op.create_index("ix_approvals_agency", ["asked_agency", "asked_at"], unique=False)

    op.create_table(
        "glass_grants",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column("case_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the case"),
        sa.Column(
            "seq", sa.Integer(), nullable=False, comment="its event in the case; the reason is that event's note"
        ),
        sa.Column("user_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="who may read"),
        sa.Column("agency_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="for which agency"),
        sa.Column(
            "ground",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=False,
            comment="threat_to_life, legal_duty or persons_request",
        ),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="from when they may read"),
        sa.Column(
            "ends_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=False,
            comment="until when; earlier than an hour where a review ended it",
        ),
        sa.Column("reviewed_by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True, comment="who reviewed it"),
        sa.Column("reviewed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True, comment="when it was reviewed"),
        sa.Column(
            "review",
            sqlmodel.sql.sqltypes.AutoString(length=16),
            nullable=True,
            comment="justified or not_justified; empty while nobody has reviewed it",
        ),
        sa.Column(
            "escalated_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=True,
            comment="when it had waited too long for its review",
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_glass_grants_agency_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_glass_grants_case_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_glass_grants_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glass_grants")),
    )
    with op.batch_alter_table("glass_grants", schema=None) as batch_op:
        batch_op.create_index("ix_glass_grants_at", ["at"], unique=False)
        batch_op.create_index("ix_glass_grants_case_id", ["case_id", "at"], unique=False)
        batch_op.create_index("ix_glass_grants_user_id", ["user_id", "case_id"], unique=False)


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("glass_grants", schema=None) as batch_op:
        batch_op.drop_index("ix_glass_grants_user_id")
        batch_op.drop_index("ix_glass_grants_case_id")
        batch_op.drop_index("ix_glass_grants_at")

    op.drop_table("glass_grants")
    with op.batch_alter_table("approvals", schema=None) as batch_op:
        batch_op.drop_index("ix_approvals_agency")
        batch_op.drop_index("ix_approvals_about")

    op.drop_table("approvals")
