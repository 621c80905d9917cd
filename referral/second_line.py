"""The second line, on PostgreSQL alone: row-level security on every table that holds a case, triggers on history.

The first line is the application's own policy. Should a query ever forget it, the database still shows and changes
nothing but cases in which the agency takes part that the connection was told to act for (referral/db.py tells it).
"""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from referral.db import Database
from referral.grants import APPEND_ONLY, TABLES, Kept, might

POLICY = "lodestar_takes_part"
TRIGGER = "lodestar_append_only"
ME = "current_setting('lodestar.agency', true)"

# The policy of participants cannot look into participants by itself: PostgreSQL refuses that as endless. A function
# can; the rows that it looks for are the agency's own, which the policy shows without asking it again.
TAKES_PART = f"""
create or replace function @schema.lodestar_takes_part(the_case text) returns boolean
language plpgsql stable parallel safe as $$ begin
    return exists (select from @schema.participants p
        where p.case_id = the_case and p.agency_id = {ME} and p.until is null);
end $$
"""
# One statement opens a case with all its rows, and none of them can see the others yet. What belongs to a case that
# nobody has can be added by any agency; ids are 128 random bits. Asked for everybody: a case unseen is not a new one.
IS_NEW = """
create or replace function @schema.lodestar_is_new(the_case text) returns boolean
language plpgsql stable parallel safe set "lodestar.agency" = '*' as $$ begin
    return not exists (select from @schema.cases c where c.id = the_case);
end $$
"""
ONLY_ADDED = """
create or replace function @schema.lodestar_append_only() returns trigger language plpgsql as $$ begin
    raise exception using errcode = 'insufficient_privilege',
        message = 'rows of ' || tg_table_name || ' are only ever added';
end $$
"""


def put_up(connection: Connection) -> None:
    """Guard every table of referral/grants.py that there is. Asked again, it changes what is not as it should be."""
    schema = _schema(connection)
    for function in (TAKES_PART, IS_NEW, ONLY_ADDED):
        connection.exec_driver_sql(function.replace("@schema", schema))
    standing = _standing(connection)
    for table, kept in TABLES.items():
        if kept.case is None or table not in standing:
            continue
        for statement in _guarding(schema, table, kept, standing[table]):
            connection.exec_driver_sql(statement)


def take_down(connection: Connection) -> None:
    """Undo it."""
    schema = _schema(connection)
    for table in _standing(connection):
        connection.exec_driver_sql(f"drop policy if exists {POLICY} on {schema}.{table}")
        connection.exec_driver_sql(f"drop trigger if exists {TRIGGER} on {schema}.{table}")
        connection.exec_driver_sql(
            f"alter table {schema}.{table} no force row level security, disable row level security"
        )
    for function in ("lodestar_takes_part(text)", "lodestar_is_new(text)", "lodestar_append_only()"):
        connection.exec_driver_sql(f"drop function if exists {schema}.{function}")


def gaps(db: Database) -> list[str]:
    """What is missing of the second line, in plain words: empty where it stands, and on SQLite, which has none."""
    if not db.is_postgres:
        return []
    with db.engine.connect() as connection:
        schema, standing = _schema(connection), _standing(connection)
        found = [
            f"The table {table} is not guarded: run `lodestar migrate` as the owner."
            for table, kept in TABLES.items()
            if kept.case is not None and standing.get(table) != _wanted(schema, table, kept)
        ]
        return found + [f"The database role {why}: serve as one that owns nothing." for why in might(connection)]


def _guarding(schema: str, table: str, kept: Kept, stands: tuple[str, bool]) -> Iterator[str]:
    says, triggered = _wanted(schema, table, kept)
    if stands[0] != says:
        sees, adds = says.split("\n")
        yield f"alter table {schema}.{table} enable row level security, force row level security"
        yield f"drop policy if exists {POLICY} on {schema}.{table}"
        yield f"create policy {POLICY} on {schema}.{table} using ({sees}) with check ({adds})"
        quoted = says.replace("'", "''")
        yield f"comment on policy {POLICY} on {schema}.{table} is '{quoted}'"
    if triggered and not stands[1]:
        yield (
            f"create or replace trigger {TRIGGER} before update or delete or truncate on {schema}.{table} "
            f"for each statement execute function {schema}.lodestar_append_only()"
        )


def _wanted(schema: str, table: str, kept: Kept) -> tuple[str, bool]:
    """What the policy's comment says (what is seen, then what may be added), and whether there is a trigger."""
    case = f"{table}.{kept.case}"
    new = f"({ME} <> '' and {schema}.lodestar_is_new({case}))"
    if table == "participants":  # an agency sees its own rows, and yet cannot add itself to a case
        part = f"{schema}.lodestar_takes_part({case})"
        return f"{ME} = '*' or agency_id = {ME} or {part} or {new}\n{ME} = '*' or {part} or {new}", False
    part = (
        f"exists (select from {schema}.participants p where p.case_id = {case} and p.agency_id = {ME} "
        "and p.until is null)"
    )
    alone = f" or {kept.alone.replace('@me', ME).replace('@schema', schema)}" if kept.alone else ""
    says = f"{ME} = '*' or {part}{alone} or {new}"
    return f"{says}\n{says}", table in APPEND_ONLY


def _schema(connection: Connection) -> str:
    return connection.dialect.identifier_preparer.quote(str(connection.scalar(text("select current_schema()"))))


# What stands of it: the policy's comment, where the table is guarded even against its owner; whether the trigger is on.
_STANDING = f"""
select c.relname, coalesce((
    select obj_description(p.oid, 'pg_policy') from pg_policy p
    where p.polrelid = c.oid and p.polname = '{POLICY}' and c.relrowsecurity and c.relforcerowsecurity
), ''), exists (
    select from pg_trigger t where t.tgrelid = c.oid and t.tgname = '{TRIGGER}' and t.tgenabled = 'O'
)
from pg_class c where c.relkind = 'r' and c.relnamespace = cast(current_schema() as regnamespace)
"""  # noqa: S608  names of our own


def _standing(connection: Connection) -> dict[str, tuple[str, bool]]:
    rows = connection.execute(text(_STANDING))
    return {name: (says, triggered) for name, says, triggered in rows if name in TABLES}
