"""Share on a basis: every participation says why, for what and until when; agreements between agencies are dated rows."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime
# What those who took part before this step are given; the next move of their case works it out anew.
BEFORE = {"basis": "public_task", "purpose": "referral", "classes": "C1 C2 C3"}


def upgrade() -> None:
    """Add the agreements, then the columns of who takes part."""
    op.create_table(
        "agreements",
        sa.Column("id", Text(length=32), nullable=False, comment="random id"),
        sa.Column("from_agency", Text(length=64), nullable=False, comment="the agency that shares"),
        sa.Column("to_agency", Text(length=64), nullable=False, comment="the agency that receives"),
        sa.Column("purposes", Text(length=200), nullable=False, comment="for what, separated by spaces"),
        sa.Column("classes", Text(length=16), nullable=False, comment="which classes of data, separated by spaces"),
        sa.Column("starts_on", sa.Date(), nullable=False, comment="its first day"),
        sa.Column("ends_on", sa.Date(), nullable=False, comment="its last day, as it was agreed"),
        sa.Column(
            "runs_until",
            Moment(),
            nullable=False,
            comment="the instant it ends: after its last day, or earlier where it was ended",
        ),
        sa.Column("source", Text(length=200), nullable=False, comment="the reference of the signed paper"),
        sa.Column("made_at", Moment(), nullable=False, comment="when it was recorded"),
        sa.Column("ended_at", Moment(), nullable=True, comment="when it was ended before its last day"),
        sa.ForeignKeyConstraint(["from_agency"], ["agencies.id"], name=op.f("fk_agreements_from_agency")),
        sa.ForeignKeyConstraint(["to_agency"], ["agencies.id"], name=op.f("fk_agreements_to_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
    )
    op.create_index("ix_agreements_from_agency", "agreements", ["from_agency", "to_agency"], unique=False)
    asks = sa.text("workflow = 'acknowledgement'")
    op.create_index(
        "ix_strands_acknowledgement", "strands", ["opened_at", "id"], postgresql_where=asks, sqlite_where=asks
    )
    with op.batch_alter_table("participants") as table:
        for name, length, says in (
            ("basis", 24, "the lawful basis on which it takes part, see referral/basis.py"),
            ("purpose", 24, "for what it takes part"),
            ("classes", 16, "which classes of data that covers, separated by spaces"),
        ):
            table.add_column(sa.Column(name, Text(length=length), nullable=True, comment=says))
        table.add_column(
            sa.Column(
                "ends_on",
                Moment(),
                nullable=True,
                comment="the instant at which it ends by itself; empty where none is set",
            )
        )
        table.add_column(
            sa.Column(
                "agreement_id",
                Text(length=32),
                nullable=True,
                comment="the sharing agreement it rests on, and with which it ends",
            )
        )
    participants = sa.table("participants", *(sa.column(name) for name in BEFORE))
    op.execute(participants.update().values(BEFORE))
    with op.batch_alter_table("participants") as table:
        for name in BEFORE:
            table.alter_column(name, existing_type=Text(), nullable=False)
        table.create_foreign_key(op.f("fk_participants_agreement_id"), "agreements", ["agreement_id"], ["id"])


def downgrade() -> None:
    """Take them out again."""
    with op.batch_alter_table("participants") as table:
        table.drop_constraint(op.f("fk_participants_agreement_id"), type_="foreignkey")
        for name in ("agreement_id", "ends_on", *BEFORE):
            table.drop_column(name)
    op.drop_index("ix_strands_acknowledgement", table_name="strands")
    op.drop_index("ix_agreements_from_agency", table_name="agreements")
    op.drop_table("agreements")
