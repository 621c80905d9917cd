"""Lay the spine: agencies, cases and what runs on them, their history, deadlines, messages, identity, beds, encounters."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lay the spine."""
    op.create_table(
        "agencies",
        sa.Column(
            "id",
            sqlmodel.sql.sqltypes.AutoString(length=64),
            nullable=False,
            comment="short name, chosen when it is added",
        ),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False, comment="its full name"),
        sa.Column(
            "kind", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False, comment="what it is, see AgencyKind"
        ),
        sa.Column(
            "nation",
            sqlmodel.sql.sqltypes.AutoString(length=40),
            nullable=True,
            comment="england, wales, scotland, northern-ireland, or none",
        ),
        sa.Column(
            "email",
            sqlmodel.sql.sqltypes.AutoString(length=200),
            nullable=True,
            comment="where its duty team is written to",
        ),
        sa.Column("active", sa.Boolean(), nullable=False, comment="whether it may take part"),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was added"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agencies")),
    )
    op.create_table(
        "deadlines",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column(
            "case_id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=False,
            comment="the case, which the same statement changes",
        ),
        sa.Column(
            "strand_id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=False,
            comment="the strand that carries it; when that ends, so does the deadline",
        ),
        sa.Column(
            "name",
            sqlmodel.sql.sqltypes.AutoString(length=60),
            nullable=False,
            comment="the rule's name in the jurisdiction",
        ),
        sa.Column(
            "rule",
            sqlmodel.sql.sqltypes.AutoString(length=16),
            nullable=False,
            comment="the rule's stable id, such as C1",
        ),
        sa.Column(
            "rule_version",
            sqlmodel.sql.sqltypes.AutoString(length=40),
            nullable=False,
            comment="the version in force when it started",
        ),
        sa.Column("jurisdiction", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False, comment="whose rule"),
        sa.Column(
            "kind",
            sqlmodel.sql.sqltypes.AutoString(length=16),
            nullable=False,
            comment="target, right, floor, duty, house or information",
        ),
        sa.Column(
            "owed_by", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False, comment="the role that owes it"
        ),
        sa.Column(
            "started_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=False,
            comment="when the event that starts it happened",
        ),
        sa.Column("started_seq", sa.Integer(), nullable=False, comment="the event that started it"),
        sa.Column(
            "due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="the instant at which it has ended"
        ),
        sa.Column("due_day", sa.Date(), nullable=False, comment="the last day"),
        sa.Column("safe_by", sa.Date(), nullable=False, comment="the last working day on or before the last day"),
        sa.Column(
            "state",
            sqlmodel.sql.sqltypes.AutoString(length=16),
            nullable=False,
            comment="running, paused, met, late or ended",
        ),
        sa.Column(
            "marked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True, comment="when the heartbeat marked it due"
        ),
        sa.Column("paused_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True, comment="since when it is paused"),
        sa.Column(
            "ended_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=True,
            comment="when the event that ended it happened",
        ),
        sa.Column("ended_seq", sa.Integer(), nullable=True, comment="the event that ended it"),
        sa.Column(
            "how",
            sqlmodel.sql.sqltypes.AutoString(),
            nullable=False,
            comment="how its date came about, as JSON: calendar, skipped days, pauses, extensions",
        ),
        sa.Column(
            "next_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=True,
            comment="when the heartbeat looks next; empty once nothing is left to do",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadlines")),
    )
    with op.batch_alter_table("deadlines", schema=None) as batch_op:
        batch_op.create_index("ix_deadlines_case_id", ["case_id", "state"], unique=False)
        batch_op.create_index(
            "ix_deadlines_next_at",
            ["next_at", "id"],
            unique=False,
            postgresql_where=sa.text("next_at is not null"),
            sqlite_where=sa.text("next_at is not null"),
        )

    op.create_table(
        "events",
        sa.Column(
            "case_id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=False,
            comment="the case, which the same statement changes",
        ),
        sa.Column("seq", sa.Integer(), nullable=False, comment="counts the events of the case, from 1"),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was recorded"),
        sa.Column(
            "body",
            sqlmodel.sql.sqltypes.AutoString(),
            nullable=False,
            comment="the canonical JSON that is hashed: times, actor, move, states, rules, digest; nothing personal",
        ),
        sa.Column(
            "prev",
            sa.LargeBinary(),
            nullable=False,
            comment="the hash of the event before; 32 zero bytes for the first",
        ),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of prev and body"),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_events")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "messages",
        sa.Column(
            "id",
            sqlmodel.sql.sqltypes.AutoString(length=160),
            nullable=False,
            comment="what it is about and for whom: it can be written only once",
        ),
        sa.Column(
            "case_id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=False,
            comment="the case, which the same statement changes",
        ),
        sa.Column("agency_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="who it is for"),
        sa.Column("user_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True, comment="whom in particular"),
        sa.Column(
            "audience",
            sqlmodel.sql.sqltypes.AutoString(length=24),
            nullable=False,
            comment="as what they are told: owner, worker, referrer ...",
        ),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False, comment="which wording"),
        sa.Column(
            "about",
            sqlmodel.sql.sqltypes.AutoString(length=80),
            nullable=False,
            comment="the move or the deadline it is about",
        ),
        sa.Column(
            "deadline_id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=True,
            comment="the deadline, for reminders",
        ),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was posted"),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index("ix_messages_case_id", ["case_id"], unique=False)
        batch_op.create_index(
            "ix_messages_next_try_at",
            ["next_try_at", "id"],
            unique=False,
            postgresql_where=sa.text("next_try_at is not null"),
            sqlite_where=sa.text("next_try_at is not null"),
        )

    op.create_table(
        "refusals",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when"),
        sa.Column(
            "case_id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=True,
            comment="the case that was named, if it exists",
        ),
        sa.Column(
            "move", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False, comment="the move that was asked for"
        ),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="who asked"),
        sa.Column("agency", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="for which agency"),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False, comment="the refusal's code"),
        sa.Column(
            "reasons",
            sqlmodel.sql.sqltypes.AutoString(length=400),
            nullable=False,
            comment="the codes of its reasons, separated by spaces",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusals")),
    )
    with op.batch_alter_table("refusals", schema=None) as batch_op:
        batch_op.create_index("ix_refusals_case_id", ["case_id", "at"], unique=False)

    op.create_table(
        "repeats",
        sa.Column("caller", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False, comment="who asked"),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False, comment="the key they chose"),
        sa.Column(
            "request",
            sqlmodel.sql.sqltypes.AutoString(length=64),
            nullable=False,
            comment="digest of the whole request",
        ),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(), nullable=False, comment="the answer, as JSON"),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when; kept seven days"),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_repeats")),
    )
    with op.batch_alter_table("repeats", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_repeats_at"), ["at"], unique=False)

    op.create_table(
        "beds",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
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
        sa.Column("active", sa.Boolean(), nullable=False, comment="whether it can be offered"),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was added"),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_beds_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beds")),
    )
    with op.batch_alter_table("beds", schema=None) as batch_op:
        batch_op.create_index("ix_beds_agency_id", ["agency_id"], unique=False)

    op.create_table(
        "cases",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="128 random bits"),
        sa.Column(
            "reference",
            sqlmodel.sql.sqltypes.AutoString(length=16),
            nullable=False,
            comment="short reference that can be spoken",
        ),
        sa.Column(
            "kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False, comment="person, operation or concern"
        ),
        sa.Column(
            "jurisdiction", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False, comment="whose rules apply"
        ),
        sa.Column(
            "opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was recorded first"
        ),
        sa.Column(
            "updated_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=False,
            comment="when the newest event was recorded",
        ),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="how many events it has; whoever changes it says which they saw",
        ),
        sa.Column("head", sa.LargeBinary(), nullable=False, comment="the hash of its newest event"),
        sa.Column("salt", sa.LargeBinary(), nullable=False, comment="makes the digests in its events unguessable"),
        sa.Column("open", sa.Boolean(), nullable=False, comment="whether any of its workflows still holds it open"),
        sa.Column(
            "child",
            sqlmodel.sql.sqltypes.AutoString(length=8),
            nullable=True,
            comment="answer to the age question: yes, no or not_sure",
        ),
        sa.Column("adult_on", sa.Date(), nullable=True, comment="the eighteenth birthday, where known PERSONAL."),
        sa.Column(
            "authority",
            sqlmodel.sql.sqltypes.AutoString(length=40),
            nullable=True,
            comment="the competent authority that decides",
        ),
        sa.Column(
            "owner_agency",
            sqlmodel.sql.sqltypes.AutoString(length=64),
            nullable=False,
            comment="the accountable agency; its duty team where no worker is",
        ),
        sa.Column(
            "owner_user", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True, comment="the accountable worker"
        ),
        sa.Column(
            "operation_id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=True,
            comment="the operation it began in",
        ),
        sa.Column(
            "next_due_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=True,
            comment="the nearest due time of its running deadlines",
        ),
        sa.ForeignKeyConstraint(["owner_agency"], ["agencies.id"], name=op.f("fk_cases_owner_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("reference", name=op.f("uq_cases_reference")),
        postgresql_with={"fillfactor": "80"},
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index("ix_cases_operation_id", ["operation_id"], unique=False)
        batch_op.create_index(
            "ix_cases_owner_agency",
            ["owner_agency", "opened_at", "id"],
            unique=False,
            postgresql_where=sa.text("open"),
            sqlite_where=sa.text("open = 1"),
        )
        batch_op.create_index(
            "ix_cases_owner_user",
            ["owner_user", "opened_at", "id"],
            unique=False,
            postgresql_where=sa.text("open"),
            sqlite_where=sa.text("open = 1"),
        )

    op.create_table(
        "clients",
        sa.Column(
            "id",
            sqlmodel.sql.sqltypes.AutoString(length=64),
            nullable=False,
            comment="short name, chosen when it is added",
        ),
        sa.Column(
            "agency_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="the agency it acts for"
        ),
        sa.Column(
            "secret_hash",
            sqlmodel.sql.sqltypes.AutoString(length=64),
            nullable=False,
            comment="SHA-256 of its secret, which is shown once",
        ),
        sa.Column(
            "scopes",
            sqlmodel.sql.sqltypes.AutoString(length=400),
            nullable=False,
            comment="what it may do, separated by spaces",
        ),
        sa.Column("active", sa.Boolean(), nullable=False, comment="whether it may ask for tokens"),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was added"),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_clients_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
    )
    op.create_table(
        "users",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column(
            "agency_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="the agency they work for"
        ),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False, comment="their name PERSONAL."),
        sa.Column(
            "email",
            sqlmodel.sql.sqltypes.AutoString(length=200),
            nullable=False,
            comment="the address they sign in with PERSONAL.",
        ),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False, comment="argon2id"),
        sa.Column(
            "roles",
            sqlmodel.sql.sqltypes.AutoString(length=200),
            nullable=False,
            comment="their roles, separated by spaces",
        ),
        sa.Column("active", sa.Boolean(), nullable=False, comment="whether they may sign in"),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when they were added"),
        sa.Column(
            "left_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=True,
            comment="when they left; their cases are then in hand-over",
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_users_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index("ix_users_agency_id", ["agency_id"], unique=False)

    op.create_table(
        "answers",
        sa.Column("case_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the case"),
        sa.Column(
            "answers",
            sqlmodel.sql.sqltypes.AutoString(),
            nullable=False,
            comment="the answers, as JSON, without identity PERSONAL.",
        ),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was saved last"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_answers_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_answers")),
    )
    op.create_table(
        "bed_holds",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column("bed_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the bed"),
        sa.Column("case_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the case"),
        sa.Column("held_from", sa.Date(), nullable=False, comment="from when"),
        sa.Column(
            "held_until",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=True,
            comment="until when; empty while it is held",
        ),
        sa.ForeignKeyConstraint(["bed_id"], ["beds.id"], name=op.f("fk_bed_holds_bed_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_bed_holds_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bed_holds")),
    )
    with op.batch_alter_table("bed_holds", schema=None) as batch_op:
        batch_op.create_index(
            "uq_bed_holds_held",
            ["bed_id"],
            unique=True,
            postgresql_where=sa.text("held_until is null"),
            sqlite_where=sa.text("held_until is null"),
        )

    op.create_table(
        "encounters",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column("operation_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the operation"),
        sa.Column(
            "case_id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=True,
            comment="the case that was opened for this person",
        ),
        sa.Column("met_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when they were met"),
        sa.Column(
            "outcome",
            sqlmodel.sql.sqltypes.AutoString(length=24),
            nullable=False,
            comment="advised, checked, referred, notified, declined_help or child",
        ),
        sa.Column(
            "child", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=True, comment="answer to the age question"
        ),
        sa.Column(
            "indicators",
            sqlmodel.sql.sqltypes.AutoString(length=2000),
            nullable=False,
            comment="codes of the indicators seen, separated by spaces",
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["cases.id"], name=op.f("fk_encounters_operation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_encounters")),
    )
    with op.batch_alter_table("encounters", schema=None) as batch_op:
        batch_op.create_index("ix_encounters_operation_id", ["operation_id"], unique=False)

    op.create_table(
        "notes",
        sa.Column("case_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the case"),
        sa.Column("seq", sa.Integer(), nullable=False, comment="the event it belongs to"),
        sa.Column(
            "text",
            sqlmodel.sql.sqltypes.AutoString(),
            nullable=False,
            comment="the free fields of the move's form, as JSON PERSONAL.",
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notes_case_id")),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_notes")),
    )
    op.create_table(
        "participants",
        sa.Column("case_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the case"),
        sa.Column("agency_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="the agency"),
        sa.Column(
            "part",
            sqlmodel.sql.sqltypes.AutoString(length=24),
            nullable=False,
            comment="as what: referrer, first_responder, authority, support ...",
        ),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="since when"),
        sa.Column(
            "until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True, comment="until when; empty while it takes part"
        ),
        sa.Column(
            "opened_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=False,
            comment="when the case was opened, for lists",
        ),
        sa.Column("open", sa.Boolean(), nullable=False, comment="whether the case is open, for lists"),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_participants_agency_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_participants_case_id")),
        sa.PrimaryKeyConstraint("case_id", "agency_id", "part", name=op.f("pk_participants")),
    )
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.create_index("ix_participants_agency", ["agency_id", "opened_at", "case_id"], unique=False)
        batch_op.create_index(
            "ix_participants_agency_open",
            ["agency_id", "opened_at", "case_id"],
            unique=False,
            postgresql_where=sa.text("open and until is null"),
            sqlite_where=sa.text("open = 1 and until is null"),
        )

    op.create_table(
        "people",
        sa.Column("case_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the case"),
        sa.Column(
            "basis",
            sqlmodel.sql.sqltypes.AutoString(length=20),
            nullable=False,
            comment="referral, notify_anonymous or notify_named",
        ),
        sa.Column(
            "first_name",
            sqlmodel.sql.sqltypes.AutoString(length=250),
            nullable=True,
            comment="first name, as they give it PERSONAL.",
        ),
        sa.Column(
            "last_name",
            sqlmodel.sql.sqltypes.AutoString(length=250),
            nullable=True,
            comment="last name, as they give it PERSONAL.",
        ),
        sa.Column(
            "nickname",
            sqlmodel.sql.sqltypes.AutoString(length=250),
            nullable=True,
            comment="what they are called PERSONAL.",
        ),
        sa.Column("date_of_birth", sa.Date(), nullable=True, comment="day of birth PERSONAL."),
        sa.Column(
            "phone",
            sqlmodel.sql.sqltypes.AutoString(length=250),
            nullable=True,
            comment="their own number, safe to call PERSONAL.",
        ),
        sa.Column(
            "alternative_phone",
            sqlmodel.sql.sqltypes.AutoString(length=250),
            nullable=True,
            comment="somebody else's number PERSONAL.",
        ),
        sa.Column(
            "email",
            sqlmodel.sql.sqltypes.AutoString(length=250),
            nullable=True,
            comment="where the decision may be written to PERSONAL.",
        ),
        sa.Column(
            "address_street",
            sqlmodel.sql.sqltypes.AutoString(length=250),
            nullable=True,
            comment="safe postal address: street PERSONAL.",
        ),
        sa.Column(
            "address_town",
            sqlmodel.sql.sqltypes.AutoString(length=250),
            nullable=True,
            comment="safe postal address: town PERSONAL.",
        ),
        sa.Column(
            "address_county",
            sqlmodel.sql.sqltypes.AutoString(length=250),
            nullable=True,
            comment="safe postal address: county PERSONAL.",
        ),
        sa.Column(
            "address_postcode",
            sqlmodel.sql.sqltypes.AutoString(length=250),
            nullable=True,
            comment="safe postal address: post code PERSONAL.",
        ),
        sa.Column(
            "home_office_reference",
            sqlmodel.sql.sqltypes.AutoString(length=250),
            nullable=True,
            comment="their Home Office reference PERSONAL.",
        ),
        sa.CheckConstraint(
            "basis <> 'notify_anonymous' or (first_name is null and last_name is null and nickname is null and date_of_birth is null and phone is null and alternative_phone is null and email is null and address_street is null and address_town is null and address_county is null and address_postcode is null and home_office_reference is null)",
            name=op.f("ck_people_anonymous_is_nobody"),
        ),
        sa.CheckConstraint("basis in ('referral', 'notify_anonymous', 'notify_named')", name=op.f("ck_people_basis")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_people_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_people")),
    )
    op.create_table(
        "reads",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when"),
        sa.Column("case_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the case"),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="who looked"),
        sa.Column("agency", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="for which agency"),
        sa.Column(
            "what",
            sqlmodel.sql.sqltypes.AutoString(length=40),
            nullable=False,
            comment="case, timeline, deadlines, answers ...",
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_reads_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reads")),
    )
    with op.batch_alter_table("reads", schema=None) as batch_op:
        batch_op.create_index("ix_reads_case_id", ["case_id", "at"], unique=False)

    op.create_table(
        "strands",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column("case_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="the case"),
        sa.Column(
            "workflow", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False, comment="which table of moves"
        ),
        sa.Column(
            "number", sa.Integer(), nullable=False, comment="counts the strands of one workflow on one case, from 1"
        ),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False, comment="where it stands"),
        sa.Column("version", sa.Integer(), nullable=False, comment="how many moves it has made"),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was opened"),
        sa.Column(
            "entered_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=False,
            comment="when it entered its state, as it happened",
        ),
        sa.Column(
            "facts",
            sqlmodel.sql.sqltypes.AutoString(),
            nullable=False,
            comment="what its moves were told, as JSON; codes, days and ids, no free text",
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_strands_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strands")),
        sa.UniqueConstraint("case_id", "workflow", "number", name=op.f("uq_strands_case_id_workflow_number")),
        postgresql_with={"fillfactor": "80"},
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("strands")
    with op.batch_alter_table("reads", schema=None) as batch_op:
        batch_op.drop_index("ix_reads_case_id")

    op.drop_table("reads")
    op.drop_table("people")
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_participants_agency_open",
            postgresql_where=sa.text("open and until is null"),
            sqlite_where=sa.text("open = 1 and until is null"),
        )
        batch_op.drop_index("ix_participants_agency")

    op.drop_table("participants")
    op.drop_table("notes")
    with op.batch_alter_table("encounters", schema=None) as batch_op:
        batch_op.drop_index("ix_encounters_operation_id")

    op.drop_table("encounters")
    with op.batch_alter_table("bed_holds", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_bed_holds_held",
            postgresql_where=sa.text("held_until is null"),
            sqlite_where=sa.text("held_until is null"),
        )

    op.drop_table("bed_holds")
    op.drop_table("answers")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index("ix_users_agency_id")

    op.drop_table("users")
    op.drop_table("clients")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_owner_user", postgresql_where=sa.text("open"), sqlite_where=sa.text("open = 1"))
        batch_op.drop_index("ix_cases_owner_agency", postgresql_where=sa.text("open"), sqlite_where=sa.text("open = 1"))
        batch_op.drop_index("ix_cases_operation_id")

    op.drop_table("cases")
    with op.batch_alter_table("beds", schema=None) as batch_op:
        batch_op.drop_index("ix_beds_agency_id")

    op.drop_table("beds")
    with op.batch_alter_table("repeats", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_repeats_at"))

    op.drop_table("repeats")
    with op.batch_alter_table("refusals", schema=None) as batch_op:
        batch_op.drop_index("ix_refusals_case_id")

    op.drop_table("refusals")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_messages_next_try_at",
            postgresql_where=sa.text("next_try_at is not null"),
            sqlite_where=sa.text("next_try_at is not null"),
        )
        batch_op.drop_index("ix_messages_case_id")

    op.drop_table("messages")
    op.drop_table("events")
    with op.batch_alter_table("deadlines", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_deadlines_next_at",
            postgresql_where=sa.text("next_at is not null"),
            sqlite_where=sa.text("next_at is not null"),
        )
        batch_op.drop_index("ix_deadlines_case_id")

    op.drop_table("deadlines")
    op.drop_table("agencies")
