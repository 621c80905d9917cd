"""The rows of var/bench.json, and the table that is printed."""
# ruff: noqa: E501  statements and rows of a table

import json
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass
class Row:
    """One figure against its floor. `met` is None where it was not measured."""

    name: str
    value: float | None
    unit: str
    floor: float | None
    ratio: float | None
    goal: str
    met: bool | None
    command: str
    spread: tuple[float, float] | None = None  # the middle half of the rounds


def middle_half(ratios: list[float]) -> tuple[float, float]:
    """Between a quarter and three quarters of the rounds."""
    return round(ratios[len(ratios) // 4], 3), round(ratios[len(ratios) * 3 // 4], 3)


def write(rows: list[Row], path: Path) -> None:
    """Keep them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


def show(rows: list[Row], said: list[str]) -> None:
    """Print them, and what they were measured with."""
    table = Table(
        title=f"Lodestar on {platform.machine()}, Python {platform.python_version()}: each against its floor in the same run"
    )
    for head in ("what", "value", "floor", "ratio", "middle half", "goal", "met"):
        table.add_column(head, justify="left" if head in ("what", "goal") else "right")
    for row in rows:
        half = f"{row.spread[0]} to {row.spread[1]}" if row.spread else ""
        met = {True: "yes", False: "[bold red]NO[/]", None: "not measured" if row.value is None else "-"}[row.met]
        table.add_row(
            row.name, _figure(row.value, row.unit), _figure(row.floor, row.unit), _plain(row.ratio), half, row.goal, met
        )
    console = Console(width=170)
    console.print(table)
    for line in said:
        console.print(line, highlight=False)


def _figure(value: float | None, unit: str) -> str:
    return "not measured" if value is None else f"{_plain(value)} {unit}"


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.3g}"
