"""The shortest way to PostgreSQL for the door's two statements: prepared once for each connection, then run at once.

psycopg's cursors serve every kind of statement, row and waiting. The door needs one row of a statement that it has run
a thousand times, and the way there by a cursor took longer than most of what the server does. This uses the driver's
own lower level, with its own conversions; nothing else in the project does.
"""

from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer

MOST = 400  # statements that one connection keeps
_names = count(1)
_kept: WeakKeyDictionary[Any, dict[tuple[str, tuple[int, ...]], bytes]] = WeakKeyDictionary()


def row(connection: Any, statement: str, values: list[Any]) -> tuple[Any, ...] | None:
    """The first row of a statement with parameters $1, $2 ...; None where there is none. Raises psycopg.Error."""
    raw, told = connection.pgconn, Transformer(connection)
    params = told.dump_sequence(values, [PyFormat.AUTO] * len(values))
    kinds = told.types or ()
    names = _kept.setdefault(connection, {})
    name = names.get((statement, kinds))
    if name is None:
        name = names[statement, kinds] = _prepared(connection, names, statement, kinds)
    result = raw.exec_prepared(name, params, told.formats, pq.Format.TEXT)
    if result.status not in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
        raise _error(connection, result)
    if not result.ntuples:
        return None
    told.set_pgresult(result)
    return tuple(told.load_row(0, tuple))


def _prepared(
    connection: Any, names: dict[tuple[str, tuple[int, ...]], bytes], statement: str, kinds: tuple[int, ...]
) -> bytes:
    if len(names) >= MOST:
        connection.execute(b"deallocate " + names.pop(next(iter(names))))
    name = b"door%d" % next(_names)
    result = connection.pgconn.prepare(name, statement.encode(), kinds)
    if result.status != pq.ExecStatus.COMMAND_OK:
        raise _error(connection, result)
    return name


def _error(connection: Any, result: Any) -> psycopg.Error:
    if connection.pgconn.status != pq.ConnStatus.OK:
        return psycopg.OperationalError("the connection is gone")
    return psycopg.errors.error_from_result(result)
