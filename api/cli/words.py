"""What a command prints: tables, JSON, and what is wrong with what it was asked. Knows nothing of the subject."""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

# What commands a terminal, or lets a line be read in another order; JSON leaves the second half of these as they are.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Wrong(Exception):
    """What was asked for cannot be done as it was asked; the message says why, and the command ends with 2."""


def as_json(value: Any) -> str:
    """One JSON value, readable by people too, in which nothing commands the terminal that shows it."""
    lines = json.dumps(value, indent=2, ensure_ascii=False, default=str).split("\n")  # none of them from a text
    return "\n".join(map(seen, lines))


def seen(text: str) -> str:
    """The text with letters that nobody sees written out, as JSON writes them."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def tell_json(value: Any) -> None:
    """Print it."""
    print(as_json(value))


def tell_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns that line up."""
    lines = [[seen(str(cell)) for cell in row] for row in [heads, *rows]]
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
