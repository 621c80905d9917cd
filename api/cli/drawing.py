"""A workflow's table as a page: a Mermaid diagram, its states, and every move. Made, never written by hand."""

import re
from collections.abc import Iterable, Mapping

from referral.access import who_may
from workflows.forms import Form
from workflows.jurisdiction import Law
from workflows.states import States, Waits
from workflows.table import Move, Workflow

OVERVIEW = """A case has one strand for each workflow that runs on it. An arrow means: a move here can bring a move
there with it, in the same transaction.
"""
MADE = "<!-- Made by `lodestar diagrams` from the tables. Change the table, then run it again. -->\n"


def page(workflow: Workflow, law: Law) -> str:
    """One workflow."""
    parts = [
        f"# {workflow.title}\n",
        MADE,
        f"{workflow.says} {_nature(workflow)}\n",
        f"```mermaid\n{diagram(workflow)}\n```\n",
        "## States\n",
        table(
            ("state", "what it means", "what ends the waiting"), (_state(workflow, state) for state in workflow.states)
        ),
        "## Moves\n",
        "Who may is by role; agencies take part case by case. A dot marks a field that must be told.\n",
        table(
            ("move", "from", "to", "who may", "is told", "brings with it", "tells"),
            (_move(workflow, move) for move in workflow.moves.values()),
        ),
        "## Deadlines\n",
        table(("deadline", "starts with", "ends with", "where"), _deadlines(workflow, law)),
    ]
    return "\n".join(parts)


def overview(workflows: Mapping[str, Workflow]) -> str:
    """All workflows, and which moves follow which."""
    parts = [
        "# The workflows\n",
        MADE,
        OVERVIEW,
        f"```mermaid\n{followers(workflows)}\n```\n",
        table(
            ("workflow", "of", "the question it answers", "states", "moves"),
            (
                (f"[{name}]({name}.md)", one.of, one.says, str(len(one.states)), str(len(one.moves)))
                for name, one in workflows.items()
            ),
        ),
        "## What follows what\n",
        table(
            ("move", "brings with it"),
            (
                (f"`{one.name}.{move.name}`", _codes(move.then))
                for one in workflows.values()
                for move in one.moves.values()
                if move.then
            ),
        ),
    ]
    return "\n".join(parts)


def diagram(workflow: Workflow) -> str:
    """The arrows; moves between the same two states share one. Moves that stay are in the list only."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for move in workflow.moves.values():
        if move.enters is not None:
            for source in [str(state) for state in move.leaves] or ["[*]"]:
                arrows.setdefault((source, str(move.enters)), []).append(move.name)
    lines = ["stateDiagram-v2", "    direction LR"]
    lines += [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in arrows.items()]
    lines += [f"    {state} --> [*]" for state in workflow.states if str(state) in workflow.final]
    return "\n".join(lines)


def followers(workflows: Mapping[str, Workflow]) -> str:
    """One arrow between two workflows, however many moves make it."""
    arrows = {
        (one.name, name.partition(".")[0]): None
        for one in workflows.values()
        for move in one.moves.values()
        for name in move.then
        if name.partition(".")[0] != one.name
    }
    nodes = [f'    {name}["{one.title}<br>{one.says}"]' for name, one in workflows.items()]
    return "\n".join(["flowchart LR", *nodes, *(f"    {source} --> {target}" for source, target in arrows)])


def _nature(workflow: Workflow) -> str:
    said = [f"Belongs to the case of a{'n' if workflow.of[0] in 'aeiou' else ''} {workflow.of}."]
    if workflow.many:
        said.append("Several may run at once.")
    if workflow.again:
        said.append("A new one may be opened once the last has ended.")
    if not workflow.holds_open:
        said.append("It does not hold the case open by itself.")
    return " ".join(said)


def _state(workflow: Workflow, state: States) -> tuple[str, ...]:
    return f"`{state}`", state.says, "final" if str(state) in workflow.final else _waits(state.waits)


def _waits(waits: Waits) -> str:
    said = [", ".join(owner.value.replace("_", " ") for owner in waits.owners)] if waits.owners else []
    said += [f"deadline `{waits.deadline}`"] if waits.deadline else []
    return "; ".join(said + ([waits.reason] if waits.reason else []))


def _move(workflow: Workflow, move: Move) -> tuple[str, ...]:
    whence = _codes(str(state) for state in move.leaves) if move.leaves else "(opens)"
    where = "(stays)" if move.enters is None else f"`{move.enters}`"
    who = ", ".join(role.replace("_", " ") for role in who_may(move.needs))
    tells = ", ".join(audience.replace("_", " ") for audience in move.tells)
    return f"`{workflow.name}.{move.name}`", whence, where, who, _fields(move.asks), _codes(move.then), tells


def _fields(form: type[Form]) -> str:
    return ", ".join(f"{'•' if field.is_required() else ''}{name}" for name, field in form.model_fields.items())


def _deadlines(workflow: Workflow, law: Law) -> Iterable[tuple[str, ...]]:
    rows: dict[tuple[str, str, str], list[str]] = {}
    for place in law.values():
        for rule in place.rules.values():
            if rule.of == workflow.name:
                fires = f"; then the system makes `{rule.fires}`" if rule.fires else ""
                name = f"{rule.id} `{rule.name}`: {rule.says}{fires}"
                rows.setdefault((name, _codes(rule.starts_on), _codes(rule.stops_on)), []).append(place.name)
    return [(*row, "everywhere" if len(places) == len(law) else ", ".join(places)) for row, places in rows.items()]


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table; where it has no rows, that is said."""
    lines = [" | ".join(re.sub(r"\s+", " ", cell).replace("|", "\\|") for cell in row) for row in rows]
    if not lines:
        return "None.\n"
    return (
        "\n".join([f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}", *(f"| {line} |" for line in lines)]) + "\n"
    )
