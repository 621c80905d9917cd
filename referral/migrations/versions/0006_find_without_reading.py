"""Find without reading: keyed marks, who looked, which two cases may be of one person, and which notes name the person."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_Text = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    """Make three tables, and say of every note whether it names the person."""
    op.create_table(
        "marks",
        sa.Column("case_id", _Text(length=32), nullable=False, comment="the case, which the same statement changes"),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="the version of the case at which it was made; older marks are deleted",
        ),
        sa.Column(
            "kind",
            _Text(length=16),
            nullable=False,
            comment="name, sound, born, birth, phone, reference, or text_ and what a text may not say",
        ),
        sa.Column(
            "mark",
            _Text(length=32),
            nullable=False,
            comment="128 bits of an HMAC under the index key, in hexadecimal PERSONAL.",
        ),
        sa.PrimaryKeyConstraint("case_id", "version", "kind", "mark", name=op.f("pk_marks")),
    )
    op.create_index("ix_marks_mark", "marks", ["mark"])
    op.create_table(
        "lookups",
        sa.Column("id", _Text(length=32), nullable=False, comment="random id"),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when"),
        sa.Column("kind", _Text(length=16), nullable=False, comment="search, reference or duplicates"),
        sa.Column("actor", _Text(length=64), nullable=False, comment="who asked"),
        sa.Column("agency", _Text(length=64), nullable=False, comment="for which agency"),
        sa.Column("case_id", _Text(length=32), nullable=True, comment="for a duplicate check: the case it was made in"),
        sa.Column(
            "how",
            _Text(length=40),
            nullable=False,
            comment="for a search: by name, by birth, by both, exact or by sound; for a check: its purpose",
        ),
        sa.Column(
            "found", _Text(length=8), nullable=False, comment="for a search: how many; for a check: none, yours or desk"
        ),
        sa.ForeignKeyConstraint(["agency"], ["agencies.id"], name=op.f("fk_lookups_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookups")),
    )
    op.create_index("ix_lookups_actor", "lookups", ["actor", "kind", "at"])
    op.create_index("ix_lookups_agency", "lookups", ["agency", "kind", "at"])
    op.create_table(
        "introductions",
        sa.Column("id", _Text(length=32), nullable=False, comment="random id"),
        sa.Column("case_a", _Text(length=32), nullable=False, comment="one case, the id that sorts first"),
        sa.Column("case_b", _Text(length=32), nullable=False, comment="the other"),
        sa.Column(
            "asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when somebody asked for it first"
        ),
        sa.Column(
            "settled_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=True,
            comment="when both sides had come to an end",
        ),
        sa.ForeignKeyConstraint(["case_a"], ["cases.id"], name=op.f("fk_introductions_case_a")),
        sa.ForeignKeyConstraint(["case_b"], ["cases.id"], name=op.f("fk_introductions_case_b")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introductions")),
        sa.UniqueConstraint("case_a", "case_b", name=op.f("uq_introductions_case_a_case_b")),
    )
    op.create_index("ix_introductions_settled_at", "introductions", ["settled_at", "asked_at"])
    op.add_column("notes", sa.Column(
        "names_person", sa.Boolean(), nullable=False, server_default=sa.false(),
        comment="whether it names the person: then only for those who may read the name",
    ))  # fmt: skip


def downgrade() -> None:
    """Drop them again."""
    op.drop_column("notes", "names_person")
    op.drop_table("introductions")
    op.drop_table("lookups")
    op.drop_table("marks")
