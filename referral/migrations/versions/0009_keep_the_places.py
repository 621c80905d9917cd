"""Keep the places: sealed addresses in a store of their own, who may know one, who ever saw one, what is locked."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Places, addresses, readers, reveals, locks; beds say where they stand."""
    op.create_table(
        "places",
        sa.Column(
            "id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=False,
            comment="random id; its addresses are sealed under the key of this id",
        ),
        sa.Column(
            "agency_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="the agency that keeps it"
        ),
        sa.Column(
            "code_name",
            sqlmodel.sql.sqltypes.AutoString(length=64),
            nullable=False,
            comment="what it is called when its address must not be said",
        ),
        sa.Column(
            "region", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="the region it lies in"
        ),
        sa.Column("active", sa.Boolean(), nullable=False, comment="whether it is in use"),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was added"),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_places_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_places")),
        sa.UniqueConstraint("agency_id", "code_name", name=op.f("uq_places_agency_id_code_name")),
    )
    op.create_table(
        "address_locks",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column(
            "case_id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=True,
            comment="the case; empty for a whole place",
        ),
        sa.Column(
            "place_id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=True,
            comment="the place; empty for one case",
        ),
        sa.Column("locked_by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="who locked it"),
        sa.Column("agency_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="where they work"),
        sa.Column("locked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when"),
        sa.Column(
            "asked_by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True, comment="who asked to open it"
        ),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True, comment="when they asked"),
        sa.Column(
            "opened_by",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=True,
            comment="who else opened it; empty while it stands",
        ),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True, comment="when it was opened"),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_address_locks_agency_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_address_locks_case_id")),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_address_locks_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_locks")),
    )
    with op.batch_alter_table("address_locks", schema=None) as batch_op:
        batch_op.create_index(
            "uq_address_locks_case_id",
            ["case_id"],
            unique=True,
            postgresql_where=sa.text("opened_at is null"),
            sqlite_where=sa.text("opened_at is null"),
        )
        batch_op.create_index(
            "uq_address_locks_place_id",
            ["place_id"],
            unique=True,
            postgresql_where=sa.text("opened_at is null"),
            sqlite_where=sa.text("opened_at is null"),
        )

    op.create_table(
        "address_readers",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column("case_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the case"),
        sa.Column("user_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="who is to know"),
        sa.Column("agency_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="where they work"),
        sa.Column(
            "purpose", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="what for, as a code"
        ),
        sa.Column("asked_by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="who asked for it"),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was asked for"),
        sa.Column(
            "approved_by",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=True,
            comment="who else approved it; empty while nobody has",
        ),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True, comment="since when they may know"),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="until when"),
        sa.Column(
            "removed_by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True, comment="who took them off"
        ),
        sa.Column("removed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True, comment="when they were taken off"),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_address_readers_agency_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_address_readers_case_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_address_readers_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_readers")),
    )
    with op.batch_alter_table("address_readers", schema=None) as batch_op:
        batch_op.create_index("ix_address_readers_case_id", ["case_id"], unique=False)

    op.create_table(
        "addresses",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column("place_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the place"),
        sa.Column("from_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="from when it is in force"),
        sa.Column(
            "until_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=True,
            comment="until when; the same as from_at where it never came into force",
        ),
        sa.Column("street", sa.LargeBinary(), nullable=False, comment="house and street PERSONAL, SEALED."),
        sa.Column("town", sa.LargeBinary(), nullable=False, comment="town PERSONAL, SEALED."),
        sa.Column("postcode", sa.LargeBinary(), nullable=False, comment="post code PERSONAL, SEALED."),
        sa.Column("way", sa.LargeBinary(), nullable=True, comment="how to get there PERSONAL, SEALED."),
        sa.Column("phone", sa.LargeBinary(), nullable=True, comment="telephone of the house PERSONAL, SEALED."),
        sa.Column("set_by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="who entered it"),
        sa.Column("set_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was entered"),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_addresses_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
    )
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.create_index("ix_addresses_place_id", ["place_id", "from_at"], unique=False)

    op.create_table(
        "reveals",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column("case_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the case"),
        sa.Column("seq", sa.Integer(), nullable=False, comment="its event in the case"),
        sa.Column("place_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the place"),
        sa.Column(
            "address_id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=False,
            comment="which of its addresses was in force",
        ),
        sa.Column(
            "user_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="who asked to see it"
        ),
        sa.Column("number", sa.Integer(), nullable=False, comment="counts the reveals of this person, from 1"),
        sa.Column("agency_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="for which agency"),
        sa.Column(
            "purpose", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="what for, as a code"
        ),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when they asked"),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="until when it can be shown"),
        sa.Column(
            "shown_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=True,
            comment="when the address was told; empty where it never was",
        ),
        sa.Column(
            "closed_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=True,
            comment="when it was closed before its time",
        ),
        sa.Column(
            "closed_why",
            sqlmodel.sql.sqltypes.AutoString(length=16),
            nullable=True,
            comment="done, locked, removed or address_changed",
        ),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_reveals_address_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_reveals_agency_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_reveals_case_id")),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_reveals_place_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_reveals_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveals")),
        sa.UniqueConstraint("user_id", "number", name=op.f("uq_reveals_user_id_number")),
    )
    with op.batch_alter_table("reveals", schema=None) as batch_op:
        batch_op.create_index("ix_reveals_case_id", ["case_id", "at"], unique=False)

    op.add_column(
        "beds",
        sa.Column(
            "place_id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=True,
            comment="the place it stands in, where one is kept",
        ),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_column("beds", "place_id")

    with op.batch_alter_table("reveals", schema=None) as batch_op:
        batch_op.drop_index("ix_reveals_case_id")

    op.drop_table("reveals")
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.drop_index("ix_addresses_place_id")

    op.drop_table("addresses")
    with op.batch_alter_table("address_readers", schema=None) as batch_op:
        batch_op.drop_index("ix_address_readers_case_id")

    op.drop_table("address_readers")
    with op.batch_alter_table("address_locks", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_address_locks_place_id",
            postgresql_where=sa.text("opened_at is null"),
            sqlite_where=sa.text("opened_at is null"),
        )
        batch_op.drop_index(
            "uq_address_locks_case_id",
            postgresql_where=sa.text("opened_at is null"),
            sqlite_where=sa.text("opened_at is null"),
        )

    op.drop_table("address_locks")
    op.drop_table("places")
