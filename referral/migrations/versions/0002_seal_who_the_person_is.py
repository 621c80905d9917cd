"""Seal who the person is: identity, answers and notes become sealed columns, under a key per case in a table of its own.

What stands is sealed on the way, with the vault of whoever migrates. The way back is refused while anything is sealed: it
would lay open what the keys protect.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import context, op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Kind = Callable[[], Any]
IDENTITY: dict[str, str] = {
    "first_name": "first name, as they give it",
    "last_name": "last name, as they give it",
    "nickname": "what they are called",
    "date_of_birth": "day of birth",
    "phone": "their own number, safe to call",
    "alternative_phone": "somebody else's number",
    "email": "where the decision may be written to",
    "address_street": "safe postal address: street",
    "address_town": "safe postal address: town",
    "address_county": "safe postal address: county",
    "address_postcode": "safe postal address: post code",
    "home_office_reference": "their Home Office reference",
}
NOBODY = " and ".join(f"{name} is null" for name in IDENTITY)
BASES = "basis in ('referral', 'notify_anonymous', 'notify_named')"
PARTS = {
    "people": tuple(IDENTITY),
    "answers": ("answers",),
    "notes": ("text",),
}  # the sealed columns of each table


def upgrade() -> None:
    """Make the tables anew with sealed columns, and seal into them what stood in the old ones."""
    op.create_table(
        "keys",
        _word("id", 32, "the case or the place"),
        _word("ring", 64, "which key of the ring wraps it"),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True, comment="the key, wrapped; empty once it was destroyed"),
        _moment("made_at", "when it was made"),
        sa.Column("destroyed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True, comment="when it was destroyed"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
    )
    op.create_index(op.f("ix_keys_ring"), "keys", ["ring"])
    held = {table: _rows(table) for table in PARTS}
    for table in PARTS:
        op.drop_table(table)
    _make(sa.LargeBinary, sa.LargeBinary, " PERSONAL, SEALED.")
    _seal(held)


def downgrade() -> None:
    """Back to plain columns, where nothing is sealed that this would lay open."""
    if any(_rows(table) for table in PARTS):
        raise RuntimeError("Identity, answers or notes are sealed: this step is not undone while they are there.")
    for table in PARTS:
        op.drop_table(table)
    op.drop_index(op.f("ix_keys_ring"), table_name="keys")
    op.drop_table("keys")
    _make(lambda: sqlmodel.sql.sqltypes.AutoString(length=250), sqlmodel.sql.sqltypes.AutoString, " PERSONAL.")


def _make(short: Kind, long: Kind, mark: str) -> None:
    """The three tables, with these kinds of column for what is personal."""
    kinds = {name: sa.Date() if name == "date_of_birth" and mark == " PERSONAL." else short() for name in IDENTITY}
    op.create_table(
        "people",
        _word("case_id", 32, "the case"),
        _word("basis", 20, "referral, notify_anonymous or notify_named"),
        *(sa.Column(name, kinds[name], nullable=True, comment=says + mark) for name, says in IDENTITY.items()),
        sa.CheckConstraint(f"basis <> 'notify_anonymous' or ({NOBODY})", name=op.f("ck_people_anonymous_is_nobody")),
        sa.CheckConstraint(BASES, name=op.f("ck_people_basis")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_people_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_people")),
    )
    op.create_table(
        "answers",
        _word("case_id", 32, "the case"),
        sa.Column("answers", long(), nullable=False, comment="the answers, as JSON, without identity" + mark),
        _moment("saved_at", "when it was saved last"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_answers_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_answers")),
    )
    op.create_table(
        "notes",
        _word("case_id", 32, "the case"),
        sa.Column("seq", sa.Integer(), nullable=False, comment="the event it belongs to"),
        sa.Column("text", long(), nullable=False, comment="the free fields of the move's form, as JSON" + mark),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notes_case_id")),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_notes")),
    )


def _rows(table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in op.get_bind().execute(sa.text(f"select * from {table}")).mappings()]


def _seal(held: dict[str, list[dict[str, Any]]]) -> None:
    """Seal the rows that stood, each under the new key of its case."""
    cases = sorted({row["case_id"] for rows in held.values() for row in rows})
    if not cases:
        return
    vault: Any = context.config.attributes.get("vault")
    keys: dict[str, Any] = {}
    if vault is None:
        raise RuntimeError("There is something to seal, and no keys: run `lodestar migrate`.")
    bind = op.get_bind()
    moment = sqlmodel.sql.sqltypes.UTCDateTime()
    known = sa.table("cases", sa.column("id"), sa.column("opened_at", moment))
    opened = {row.id: row.opened_at for row in bind.execute(sa.select(known))}
    kept = sa.table(
        "keys", sa.column("id"), sa.column("ring"), sa.column("wrapped"),
        sa.column("made_at", moment),
    )  # fmt: skip
    for case in cases:
        keys[case], wrapped = vault.make(case)
        bind.execute(sa.insert(kept).values(id=case, ring=wrapped.ring, wrapped=wrapped.wrapped, made_at=opened[case]))
    for table, rows in held.items():
        for row in rows:
            place = f"{row['case_id']}/{row['seq']}" if "seq" in row else row["case_id"]
            for column in PARTS[table]:
                if row[column] is not None:
                    row[column] = keys[row["case_id"]].seal(table, column, place, str(row[column]))
            bind.execute(sa.insert(sa.table(table, *(sa.column(name) for name in row))).values(row))


def _word(name: str, length: int, says: str) -> sa.Column[Any]:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False, comment=says)


def _moment(name: str, says: str) -> sa.Column[Any]:
    return sa.Column(name, sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment=says)
