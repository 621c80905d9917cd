"""What must hold between the tables, and between the tables and the law. Pure: the tables come as a value, so that a test can feed wrong ones."""

from collections.abc import Iterable, Mapping

from referral.access import May, who_may
from workflows.jurisdiction import Jurisdiction
from workflows.table import Move, Workflow

Tables = Mapping[str, Workflow]
NOT_MOVES = frozenset({  # acts that change no case
    May.READ_CASE, May.KEEP_USERS, May.KEEP_CLIENTS, May.KEEP_AGREEMENTS, May.VERIFY, May.SEARCH, May.CHECK_DUPLICATES,
    May.WITNESS,
})  # fmt: skip


def collect(workflows: Iterable[Workflow]) -> dict[str, Workflow]:
    """The tables by name. Two of one name are refused."""
    found: dict[str, Workflow] = {}
    for workflow in workflows:
        if workflow.name in found:
            raise ValueError(f"There are two workflows named {workflow.name}")
        found[workflow.name] = workflow
    return found


def moves_of(tables: Tables) -> dict[str, tuple[Workflow, Move]]:
    """Every move by its full name, such as support.reach."""
    return {
        f"{workflow.name}.{move.name}": (workflow, move)
        for workflow in tables.values()
        for move in workflow.moves.values()
    }


def check(tables: Tables) -> None:
    """Refuse tables that do not fit together: unknown followers, rings, permissions that nobody holds."""
    _check_followers(tables)
    _check_rings(tables)
    for name, (_, move) in moves_of(tables).items():
        if not who_may(move.needs):
            raise ValueError(f"{name} needs {move.needs}, which no role holds")


def check_permissions(tables: Tables) -> None:
    """Refuse a permission that no move asks for and that is not one of those which change no case."""
    asked = {move.needs for _, move in moves_of(tables).values()}
    if unasked := sorted(set(May) - asked - NOT_MOVES):
        raise ValueError(f"No move asks for {', '.join(unasked)}")


def check_against(tables: Tables, law: Jurisdiction) -> None:
    """Refuse a state that only a deadline would call attention to, where the law here has no such deadline."""
    for workflow in tables.values():
        for state in workflow.states:
            waits = state.waits
            if waits.deadline and waits.deadline not in law.rules and not (waits.owners or waits.reason):
                raise ValueError(
                    f"{workflow.name} waits in {state} for the deadline {waits.deadline}, unknown in {law.key}"
                )


def _check_followers(tables: Tables) -> None:
    known = moves_of(tables)
    for name, (workflow, move) in known.items():
        for follower in move.then:
            if follower not in known:
                raise ValueError(f"{name} brings {follower}, which is no move")
            if known[follower][0].of != workflow.of:
                raise ValueError(f"{name} brings {follower}, which belongs to another kind of case")
            leads = move.leaves if move.enters is None else [move.enters]
            if known[follower][0] is workflow and not set(leads) & set(known[follower][1].leaves):
                raise ValueError(f"{name} brings {follower} of its own workflow, which does not leave where it leads")


def _check_rings(tables: Tables) -> None:
    known, done = moves_of(tables), set[str]()

    def walk(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ValueError(f"A ring of followers: {' -> '.join((*path[path.index(name) :], name))}")
        if name not in done:
            for follower in known[name][1].then:
                walk(follower, (*path, name))
            done.add(name)

    for name in known:
        walk(name, ())
