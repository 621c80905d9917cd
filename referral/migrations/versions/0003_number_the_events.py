"""Number the events of all cases in one tree, with signed checkpoints; let history be added to and never changed.

What is there already waits for its number like anything new. Rows of the four tables of evidence can be changed by
nobody who does not first take their triggers away, which takes the owner's rights.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ONLY_ADDED = ("events", "leaves", "checkpoints", "cosignatures")


def upgrade() -> None:
    """Make the tables, let every event wait for its number, and guard what is only added."""
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False, comment="how many leaves it covers"),
        sa.Column("root", sa.LargeBinary(), nullable=False, comment="the root over them"),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was signed"),
        sa.Column(
            "note",
            sqlmodel.sql.sqltypes.AutoString(),
            nullable=False,
            comment="the signed text: origin, size, root, cases, time, signature",
        ),
        sa.Column(
            "key",
            sqlmodel.sql.sqltypes.AutoString(length=300),
            nullable=False,
            comment="the public key of the signer, with its name",
        ),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoints")),
    )
    op.create_table(
        "leaves",
        sa.Column(
            "number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="counts all events of the installation, from 1, without gaps",
        ),
        sa.Column(
            "case_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the case of the event"
        ),
        sa.Column("seq", sa.Integer(), nullable=False, comment="the event of the case"),
        sa.Column(
            "hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of a zero byte, the event's prev and its body"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_leaves")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("uq_leaves_case_id_seq")),
    )
    op.create_table(
        "tree_heads",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False, comment="always 1"),
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False, comment="how many leaves there are"),
        sa.Column("cases", sa.Integer(), nullable=False, comment="how many cases have begun in them"),
        sa.Column(
            "edge",
            sa.LargeBinary(),
            nullable=False,
            comment="the roots of the complete subtrees side by side, the largest first",
        ),
        sa.Column("root", sa.LargeBinary(), nullable=False, comment="the root over all leaves"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tree_heads")),
    )
    op.create_table(
        "tree_nodes",
        sa.Column(
            "level",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="the subtree has 2 to the power of this many leaves",
        ),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False, comment="which of its level, from 0"),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="the root of the subtree"),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_tree_nodes")),
    )
    op.create_table(
        "unsealed",
        sa.Column(
            "case_id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=False,
            comment="the case, which the same statement changes",
        ),
        sa.Column("seq", sa.Integer(), nullable=False, comment="the event of the case"),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_unsealed")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cosignatures",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False, comment="the checkpoint"),
        sa.Column(
            "key",
            sqlmodel.sql.sqltypes.AutoString(length=300),
            nullable=False,
            comment="the public key of the witness, with its name",
        ),
        sa.Column("agency_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="the witness"),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="who sent it"),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it arrived"),
        sa.Column(
            "line",
            sqlmodel.sql.sqltypes.AutoString(length=600),
            nullable=False,
            comment="the witness's signature line over the checkpoint",
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_cosignatures_agency_id")),
        sa.ForeignKeyConstraint(["size"], ["checkpoints.size"], name=op.f("fk_cosignatures_size")),
        sa.PrimaryKeyConstraint("size", "key", name=op.f("pk_cosignatures")),
    )
    op.execute("insert into unsealed (case_id, seq) select case_id, seq from events")
    if op.get_bind().dialect.name == "postgresql":
        return  # the second line has these triggers
    for table in ONLY_ADDED:
        for verb in ("update", "delete"):
            op.execute(
                f"create trigger {table}_no_{verb} before {verb} on {table} "
                f"begin select raise(abort, 'rows of {table} are only ever added'); end"
            )


def downgrade() -> None:
    """Take the triggers and the tables away again. The events stay."""
    if op.get_bind().dialect.name != "postgresql":
        for verb in ("update", "delete"):
            op.execute(f"drop trigger events_no_{verb}")
    op.drop_table("cosignatures")
    op.drop_table("unsealed")
    op.drop_table("tree_nodes")
    op.drop_table("tree_heads")
    op.drop_table("leaves")
    op.drop_table("checkpoints")
