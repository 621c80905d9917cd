"""What the run-time role may do to which table, and which column names the case. The only list of both.

PostgreSQL alone has roles. The role that serves owns nothing: it can read and write rows, and can change no table.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

ADDED = ("select", "insert")  # history: rows are only ever added
CHANGED = ("select", "insert", "update")
FORGOTTEN = ("select", "insert", "delete")  # rows that are never changed, but may be taken away
SPENT = ("select", "insert", "update", "delete")


@dataclass(frozen=True, slots=True)
class Kept:
    """How a table is kept."""

    verbs: tuple[str, ...]
    case: str | None = None  # the column that names the case it belongs to; None where it belongs to none
    alone: str = ""  # a condition beside taking part in the case; `@me` is the agency that asks


OWN_BED = "exists (select from @schema.beds b where b.id = bed_id and b.agency_id = @me)"

# fmt: off
TABLES = {
    "agencies":     Kept(CHANGED),
    "users":        Kept(CHANGED),
    "clients":      Kept(CHANGED),
    "beds":         Kept(CHANGED),
    "agreements":   Kept(CHANGED),
    "marks":        Kept(FORGOTTEN, case="case_id"),
    "lookups":      Kept(ADDED,     case="case_id", alone="agency = @me"),
    "introductions": Kept(CHANGED),
    "approvals":    Kept(CHANGED),
    "sessions":     Kept(SPENT),
    "second_factors": Kept(SPENT),
    "recovery_codes": Kept(SPENT),
    "one_time_codes": Kept(SPENT),
    "ceremonies":   Kept(SPENT),
    "sign_in_tries": Kept(SPENT),
    "sign_in_events": Kept(ADDED),
    "notices":      Kept(CHANGED),
    "provider_subjects": Kept(SPENT),
    "client_keys":  Kept(SPENT),
    "used_assertions": Kept(SPENT),
    "unsealed":     Kept(FORGOTTEN, case="case_id"),
    "leaves":       Kept(ADDED,     case="case_id"),
    "tree_nodes":   Kept(ADDED),
    "tree_heads":   Kept(CHANGED),
    "checkpoints":  Kept(ADDED),
    "cosignatures": Kept(ADDED),
    "repeats":      Kept(FORGOTTEN),
    "cases":        Kept(CHANGED,   case="id"),
    "participants": Kept(CHANGED,   case="case_id"),
    "members":      Kept(CHANGED,   case="case_id"),
    "strands":      Kept(CHANGED,   case="case_id"),
    "deadlines":    Kept(CHANGED,   case="case_id"),
    "messages":     Kept(CHANGED,   case="case_id"),
    "people":       Kept(SPENT,     case="case_id"),
    "answers":      Kept(SPENT,     case="case_id"),
    "keys":         Kept(CHANGED,   case="id"),
    "notes":        Kept(FORGOTTEN, case="case_id"),
    "encounters":   Kept(ADDED,     case="operation_id"),
    # Who keeps a bed must know that it is taken, also by a case that they no longer take part in.
    "bed_holds":    Kept(CHANGED,   case="case_id", alone=OWN_BED),
    "places":       Kept(CHANGED),
    "addresses":    Kept(CHANGED),
    "address_readers": Kept(CHANGED, case="case_id"),
    # Whoever asks for an address is counted over all their cases; a lock on a place belongs to no case.
    "reveals":      Kept(CHANGED,   case="case_id", alone="agency_id = @me"),
    "address_locks": Kept(CHANGED,  case="case_id", alone="place_id is not null"),
    # Whoever broke the glass finds their own hour also on a case that their agency takes no part in.
    "glass_grants": Kept(CHANGED,   case="case_id", alone="agency_id = @me"),
    "events":       Kept(ADDED,     case="case_id"),
    "reads":        Kept(ADDED,     case="case_id", alone="agency = @me"),
    "refusals":     Kept(ADDED,     case="case_id", alone="agency = @me"),
}
# fmt: on

APPEND_ONLY = (
    "events",
    "reads",
    "refusals",
    "leaves",
    "checkpoints",
    "cosignatures",
)  # guarded by a trigger as well, against whoever owns them


class NoSuchRoleError(LookupError):
    """There is no role of this name, or it is one that must not serve."""


def grant(connection: Connection, role: str) -> None:
    """Give the run-time role exactly what stands above, and nothing else. Asked again, it does the same.

    Raises NoSuchRoleError where the role is missing, owns the tables, or passes by all rules.
    """
    quoted = connection.dialect.identifier_preparer.quote(role)
    schema = _quoted(connection, "select current_schema()")
    database = _quoted(connection, "select current_database()")
    _require_lesser(connection, role)
    told = [
        f"revoke all on all tables in schema {schema} from {quoted}",
        f"grant usage on schema {schema} to {quoted}",
        f"grant select on {schema}.alembic_version to {quoted}",
        f"grant connect on database {database} to {quoted}",
        *(f"grant {', '.join(TABLES[table].verbs)} on {schema}.{table} to {quoted}" for table in there(connection)),
    ]
    if connection.scalar(text(OWNS_THE_DATABASE)):
        told.append(f"revoke temporary on database {database} from public")  # no table of its own, not even for a while
    for statement in told:
        connection.exec_driver_sql(statement)


def there(connection: Connection) -> list[str]:
    """Which of the tables above the database has; a step on the way may not have made all of them yet."""
    found = connection.scalars(text("select tablename from pg_tables where schemaname = current_schema()"))
    return sorted(TABLES.keys() & set(found))


OWNS_THE_DATABASE = (
    "select pg_has_role(current_user, datdba, 'member') from pg_database where datname = current_database()"
)
# Superusers and roles with BYPASSRLS pass by all policies; an owner could take them down.
MIGHTY = """
select r.rolsuper, r.rolbypassrls, r.rolcreaterole, exists (
    select from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relkind = 'r' and pg_has_role(r.oid, c.relowner, 'member')
) or pg_has_role(r.oid, (select datdba from pg_database where datname = current_database()), 'member')
from pg_roles r where r.rolname = coalesce(:role, current_user)
"""


def might(connection: Connection, role: str | None = None) -> list[str]:
    """Why this role (or the one that is connected) must not serve: empty for one that owns nothing. In plain words."""
    row = connection.execute(text(MIGHTY), {"role": role}).first()
    if row is None:
        raise NoSuchRoleError("does not exist")
    says = ("is a superuser", "passes by row-level security", "may make roles", "owns the tables or the database")
    return [one for one, holds in zip(says, row, strict=True) if holds]


def _require_lesser(connection: Connection, role: str) -> None:
    if why := might(connection, role):
        raise NoSuchRoleError(" and ".join(why))


def _quoted(connection: Connection, question: str) -> str:
    return connection.dialect.identifier_preparer.quote(str(connection.scalar(text(question))))
