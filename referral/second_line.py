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
APART = "\n-- may be added:\n"

# What is seen, changed or taken away: the condition of taking part. What may be added: anything, by whoever says who
# they are. The rows that open a case come in one statement, in which none can see the others; and the door adds a row
# only where the same statement has changed the case itself, which it must see.
#
# Neither `exists` nor a bare agency_id: either lets a planner that knows little of the tables walk through all cases of
# the agency. So it goes by the key, of which a case has a handful. The comparison leaks nothing, so it comes first.
SEES = f"""{ME} = '*' or (
    select true from @schema.participants p
    where p.case_id = @case and {ME} = any (array[p.agency_id]) and p.until is null limit 1)"""  # noqa: S608  our own names
ADDS = f"{ME} <> ''"

# Participants are the exception, on both sides. Their policy cannot look into participants by itself: PostgreSQL
# refuses that as endless, so a function does. And nobody may let themselves into a case: only who takes part can, or
# whoever opens it.
SEES_PARTS = f"{ME} = '*' or agency_id = {ME} or @schema.lodestar_takes_part(case_id)"
ADDS_PARTS = f"""{ME} = '*' or @schema.lodestar_takes_part(case_id)
    or ({ME} <> '' and @schema.lodestar_is_new(case_id))"""
# Both functions look for everybody for a moment, then are again who they were: otherwise the one would ask itself, and
# to the other a case that the agency does not see would pass for a new one. (An owner who is no superuser may not
# declare such a setting with the function.) They must be stable: a volatile one would see the case that this very
# statement opens. Ids are 128 random bits, so nobody can wait for one.
FUNCTION = f"""
create or replace function @schema.@name(the_case text) returns boolean language plpgsql stable as $$
declare me text := coalesce({ME}, ''); answer boolean;
begin
    perform set_config('lodestar.agency', '*', true);
    answer := @answer;
    perform set_config('lodestar.agency', me, true);
    return answer;
end $$
"""
TAKES_PART = FUNCTION.replace("@name", "lodestar_takes_part").replace(
    "@answer",
    "exists (select from @schema.participants p "
    "where p.case_id = the_case and me = any (array[p.agency_id]) and p.until is null)",
)
IS_NEW = FUNCTION.replace("@name", "lodestar_is_new").replace(
    "@answer", "not exists (select from @schema.cases c where c.id = the_case)"
)
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
        if (kept.case is None and table not in APPEND_ONLY) or table not in standing:
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
            if standing.get(table, ("", False)) != _wanted(schema, table, kept)
        ]
        return found + [f"The database role {why}: serve as one that owns nothing." for why in might(connection)]


def _guarding(schema: str, table: str, kept: Kept, stands: tuple[str, bool]) -> Iterator[str]:
    says, triggered = _wanted(schema, table, kept)
    if stands[0] != says:
        sees, adds = says.split(APART)
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
    if kept.case is None:
        return "", table in APPEND_ONLY
    sees, adds = (SEES_PARTS, ADDS_PARTS) if table == "participants" else (SEES, ADDS)
    both = f"{sees} or {kept.alone}{APART}{adds}" if kept.alone else f"{sees}{APART}{adds}"
    for name, means in (("@schema", schema), ("@case", f"{table}.{kept.case}"), ("@me", ME)):
        both = both.replace(name, means)
    return both, table in APPEND_ONLY


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
