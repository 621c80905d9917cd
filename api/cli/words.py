"""What a command prints: tables, JSON, and what is wrong with what it was asked. Knows nothing of the subject."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any


class Wrong(Exception):
    """What was asked for cannot be done as it was asked; the message says why, and the command ends with 2."""


def tell_json(value: Any) -> None:
    """One JSON value, readable by people too."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def tell_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns that line up."""
    lines = [[str(cell) for cell in row] for row in [heads, *rows]]
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def aside(words: str) -> None:
    """Something for the person who watches, not for a program that reads the answer."""
    print(words, file=sys.stderr)


class Bar:
    """Progress of long work: on a terminal, and elsewhere only where it is asked for, as a line for each tenth."""

    def __init__(self, what: str, *, lines: bool = False) -> None:
        self._what, self._shown = what, -1
        self._watched, self._lines = sys.stderr.isatty(), lines

    def __call__(self, done: int, total: int) -> None:
        """So much is done."""
        share = 100 * done // max(total, 1)
        if self._watched and share != self._shown:
            self._shown = share
            end = "\n" if done >= total else ""
            print(f"\r{self._what} [{'#' * (share // 4):<25}] {share:3d} %", end=end, file=sys.stderr, flush=True)
        elif self._lines and share // 10 != self._shown // 10:
            self._shown = share
            print(f"{self._what}: {done} of {total}", file=sys.stderr, flush=True)
