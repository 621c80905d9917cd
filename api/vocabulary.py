"""The words that may stand in a log line as a route, a move, a workflow or a code. Derived; nothing is listed twice."""

from collections.abc import Iterator

from api.documents import REFUSED
from api.errors import PLAIN, STATUS
from api.v1.moves import rows
from referral.errors import Refusal
from workflows import catalogue


def words() -> frozenset[str]:
    """Every one that is known before a request came. The guard adds the names of routes and the codes of problems."""
    moves = (row.name for row in rows())
    codes = (code for code, _ in PLAIN.values())
    refusals = (kind.code for kind in (*STATUS, *_below(Refusal)))
    return frozenset((*moves, *codes, *refusals, *REFUSED, *catalogue.WORKFLOWS))


def _below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
