"""Let people sign in: sessions, second factors, codes that work once, tries, clients' own keys."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Sessions, second factors, codes, tries, clients' keys."""
    op.create_table(
        "ceremonies",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="random id"),
        sa.Column(
            "what", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False, comment="register, prove or provider"
        ),
        sa.Column(
            "user_id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=True,
            comment="who began it, where that is known",
        ),
        sa.Column(
            "session_id",
            sqlmodel.sql.sqltypes.AutoString(length=32),
            nullable=True,
            comment="the session in which it was begun",
        ),
        sa.Column(
            "state",
            sqlmodel.sql.sqltypes.AutoString(length=4000),
            nullable=False,
            comment="what the answer will be compared with",
        ),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was begun"),
        sa.Column(
            "ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="until when it can be finished"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ceremonies")),
    )
    with op.batch_alter_table("ceremonies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ceremonies_ends_at"), ["ends_at"], unique=False)

    op.create_table(
        "sign_in_tries",
        sa.Column(
            "key",
            sqlmodel.sql.sqltypes.AutoString(length=64),
            nullable=False,
            comment="keyed digest of the address that was tried, or of the place it was tried from",
        ),
        sa.Column("bad", sa.Integer(), nullable=False, comment="bad tries since then"),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when the first of them was"),
        sa.Column(
            "wait_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="until when every try is bad"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_tries")),
    )
    with op.batch_alter_table("sign_in_tries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_tries_wait_until"), ["wait_until"], unique=False)

    op.create_table(
        "client_keys",
        sa.Column("client_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="whose"),
        sa.Column("slot", sa.Integer(), nullable=False, comment="1 or 2"),
        sa.Column("public_key", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False, comment="P-256, as PEM"),
        sa.Column(
            "fingerprint",
            sqlmodel.sql.sqltypes.AutoString(length=64),
            nullable=False,
            comment="SHA-256 of it, to be compared by telephone or on paper",
        ),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was added"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_client_keys_client_id")),
        sa.PrimaryKeyConstraint("client_id", "slot", name=op.f("pk_client_keys")),
    )
    op.create_table(
        "one_time_codes",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column("user_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="for whom it is"),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False, comment="invitation or reset"),
        sa.Column(
            "code_sha256",
            sqlmodel.sql.sqltypes.AutoString(length=64),
            nullable=False,
            comment="SHA-256 of the code, which is shown once",
        ),
        sa.Column(
            "made_by",
            sqlmodel.sql.sqltypes.AutoString(length=64),
            nullable=False,
            comment="the administrator who made it, or operator",
        ),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was made"),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="until when it works"),
        sa.Column(
            "used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True, comment="when it was used or taken back"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_one_time_codes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_codes")),
        sa.UniqueConstraint("code_sha256", name=op.f("uq_one_time_codes_code_sha256")),
    )
    with op.batch_alter_table("one_time_codes", schema=None) as batch_op:
        batch_op.create_index("ix_one_time_codes_user_id", ["user_id"], unique=False)

    op.create_table(
        "provider_subjects",
        sa.Column("user_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="who"),
        sa.Column("issuer", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False, comment="the provider"),
        sa.Column(
            "subject",
            sqlmodel.sql.sqltypes.AutoString(length=255),
            nullable=False,
            comment="the provider's name for them PERSONAL.",
        ),
        sa.Column(
            "made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when they first came from there"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_provider_subjects_user_id")),
        sa.PrimaryKeyConstraint("user_id", "issuer", name=op.f("pk_provider_subjects")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_provider_subjects_issuer_subject")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column("user_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="whose it is"),
        sa.Column(
            "code_sha256",
            sqlmodel.sql.sqltypes.AutoString(length=64),
            nullable=False,
            comment="SHA-256 of the code, which is shown once",
        ),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was made"),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True, comment="when it was used"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.create_index("ix_recovery_codes_user_id", ["user_id"], unique=False)

    op.create_table(
        "second_factors",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column("user_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="whose it is"),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False, comment="totp or passkey"),
        sa.Column(
            "name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False, comment="what its owner calls it"
        ),
        sa.Column(
            "sealed", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=True, comment="secret of the app, sealed"
        ),
        sa.Column(
            "credential_id", sqlmodel.sql.sqltypes.AutoString(length=1400), nullable=True, comment="id of the passkey"
        ),
        sa.Column(
            "public_key",
            sqlmodel.sql.sqltypes.AutoString(length=4000),
            nullable=True,
            comment="the passkey's public part, as its maker sent it",
        ),
        sa.Column(
            "counter", sa.Integer(), nullable=False, comment="the last time step of the app, or the passkey's own count"
        ),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when it was begun"),
        sa.Column(
            "confirmed_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=True,
            comment="when it was first shown to work; until then it counts for nothing",
        ),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True, comment="when it was last used"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_second_factors_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factors")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_second_factors_credential_id")),
    )
    with op.batch_alter_table("second_factors", schema=None) as batch_op:
        batch_op.create_index("ix_second_factors_user_id", ["user_id"], unique=False)

    op.create_table(
        "sessions",
        sa.Column(
            "id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id, which is no secret"
        ),
        sa.Column("user_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="who is signed in"),
        sa.Column(
            "token_sha256",
            sqlmodel.sql.sqltypes.AutoString(length=64),
            nullable=False,
            comment="SHA-256 of the token, which is shown once",
        ),
        sa.Column(
            "kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False, comment="browser or command_line"
        ),
        sa.Column(
            "factor",
            sqlmodel.sql.sqltypes.AutoString(length=16),
            nullable=False,
            comment="how they proved who they are: password, totp, passkey or oidc",
        ),
        sa.Column(
            "partial",
            sa.Boolean(),
            nullable=False,
            comment="whether they have a second factor and have not shown it in this session",
        ),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when they signed in"),
        sa.Column(
            "seen_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=False,
            comment="when it was last used, to the minute",
        ),
        sa.Column(
            "ends_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=False,
            comment="when it ends however much it is used",
        ),
        sa.Column(
            "stepped_up_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=True,
            comment="when a second factor was last shown",
        ),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True, comment="when it was ended"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_sessions_token_sha256")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index("ix_sessions_user_id", ["user_id"], unique=False)

    op.create_table(
        "sign_in_events",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="random id"),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False, comment="when"),
        sa.Column("user_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False, comment="whose"),
        sa.Column(
            "what",
            sqlmodel.sql.sqltypes.AutoString(length=40),
            nullable=False,
            comment="what has changed, see SignInChange",
        ),
        sa.Column(
            "by",
            sqlmodel.sql.sqltypes.AutoString(length=64),
            nullable=False,
            comment="who changed it: a user's id, or operator",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_in_events_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_events")),
    )
    with op.batch_alter_table("sign_in_events", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_events_user_id", ["user_id", "at"], unique=False)

    op.create_table(
        "used_assertions",
        sa.Column("client_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="whose"),
        sa.Column(
            "jti", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, comment="its own name for the proof"
        ),
        sa.Column(
            "ends_at",
            sqlmodel.sql.sqltypes.UTCDateTime(),
            nullable=False,
            comment="when it could not be shown again anyway",
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_used_assertions_client_id")),
        sa.PrimaryKeyConstraint("client_id", "jti", name=op.f("pk_used_assertions")),
    )
    with op.batch_alter_table("used_assertions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_used_assertions_ends_at"), ["ends_at"], unique=False)

    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "second_secret_hash",
                sqlmodel.sql.sqltypes.AutoString(length=64),
                nullable=True,
                comment="the same of a second one, while it changes",
            )
        )
        batch_op.add_column(
            sa.Column(
                "secrets_off",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
                comment="whether it may only use its own keys",
            )
        )


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.drop_column("secrets_off")
        batch_op.drop_column("second_secret_hash")

    with op.batch_alter_table("used_assertions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_used_assertions_ends_at"))

    op.drop_table("used_assertions")
    with op.batch_alter_table("sign_in_events", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_events_user_id")

    op.drop_table("sign_in_events")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index("ix_sessions_user_id")

    op.drop_table("sessions")
    with op.batch_alter_table("second_factors", schema=None) as batch_op:
        batch_op.drop_index("ix_second_factors_user_id")

    op.drop_table("second_factors")
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.drop_index("ix_recovery_codes_user_id")

    op.drop_table("recovery_codes")
    op.drop_table("provider_subjects")
    with op.batch_alter_table("one_time_codes", schema=None) as batch_op:
        batch_op.drop_index("ix_one_time_codes_user_id")

    op.drop_table("one_time_codes")
    op.drop_table("client_keys")
    with op.batch_alter_table("sign_in_tries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_tries_wait_until"))

    op.drop_table("sign_in_tries")
    with op.batch_alter_table("ceremonies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ceremonies_ends_at"))

    op.drop_table("ceremonies")
