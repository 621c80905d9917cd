"""A rule file as text: its TOML blocks, and the line on which each stands, so that a refusal can name it."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HEAD = re.compile(r"\s*\[\[?([\w.-]+)\]\]?\s*(?:#.*)?")
_AT_LINE = re.compile(r"\(at line (\d+)")


class LawError(ValueError):
    """A rule file cannot be used as it stands."""

    def __init__(self, file: Path, line: int, reason: str) -> None:
        self.file, self.line, self.reason = file, line, reason
        super().__init__(f"{file}:{line}: {reason}")


@dataclass(frozen=True, slots=True)
class Block:
    """One table of a rule file with the lines it spans. Asks for its own keys and refuses what it does not know."""

    file: Path
    lines: tuple[str, ...]
    first: int  # line numbers count from 1
    last: int
    told: dict[str, Any]

    def wrong(self, reason: str, key: str = "", word: object = "") -> LawError:
        """The refusal, at the line of the key (and of the word within it) where it can be found."""
        return LawError(self.file, self.line(key, word), reason)

    def line(self, key: str = "", word: object = "") -> int:
        """The line of a key, or of a word in its value; else the first line of the block."""
        numbers = range(self.first, self.last + 1)
        at = next((n for n in numbers if key and re.match(rf"\s*{re.escape(key)}\s*=", self.lines[n - 1])), None)
        if at is None:
            return self.first
        return next((n for n in range(at, self.last + 1) if word and str(word) in self.lines[n - 1]), at)

    def only(self, known: frozenset[str]) -> None:
        """Refuse a key of another name."""
        for key in self.told:
            if key not in known:
                raise self.wrong(f'"{key}" is no key here. Known are {", ".join(sorted(known))}.', key)

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """The value of a key, of the right kind; without a default it must be there and not be empty."""
        value = self.told.get(key, default)
        if value is None or (default is None and value == ""):
            raise self.wrong(f"`{key}` is missing.", key)
        wrong_bool = isinstance(value, bool) and kind is int
        if not isinstance(value, kind) or wrong_bool:
            raise self.wrong(f"`{key}` is of the wrong kind.", key)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty where the key is not there."""
        values = self.take(key, list, [])
        for value in values:
            if not isinstance(value, str):
                raise self.wrong(f"`{key}` must be a list of texts.", key)
        return tuple(values)

    def with_(self, **more: Any) -> "Block":
        """The same block, where something else holds for what it does not say itself."""
        return Block(self.file, self.lines, self.first, self.last, {**more, **self.told})


@dataclass(frozen=True, slots=True)
class LawText:
    """One file: its head and its blocks."""

    file: Path
    told: dict[str, Any]
    lines: tuple[str, ...]

    @property
    def head(self) -> Block:
        """All that stands above the first table, and the names of the tables."""
        first = next((number for number, _ in self._heads()), len(self.lines) + 1)
        return Block(self.file, self.lines, 1, max(first - 1, 1), self.told)

    def common(self) -> dict[str, Any]:
        """What every block of this file says unless it says otherwise."""
        return dict(self.told.get("common", {}))

    def blocks(self, table: str) -> Iterator[tuple[Block, list[Block]]]:
        """Every `[[table]]` with its `[[table.version]]`s."""
        rows = self.told.get(table, [])
        heads = [*self._heads(), (len(self.lines) + 1, "")]
        starts = [n for n, (_, name) in enumerate(heads) if name == table]
        if not isinstance(rows, list) or len(starts) != len(rows):
            raise LawError(self.file, heads[starts[0]][0] if starts else 1, f"Write every {table} as [[{table}]].")
        for row, start in zip(rows, starts, strict=True):
            versions = row.pop("version", []) if isinstance(row.get("version", []), list) else []
            places = [n for n in range(start + 1, len(heads)) if heads[n][1] == f"{table}.version"]
            own = Block(self.file, self.lines, heads[start][0], heads[start + 1][0] - 1, row)
            yield (
                own,
                [
                    Block(self.file, self.lines, heads[n][0], heads[n + 1][0] - 1, told)
                    for n, told in zip(places, versions, strict=False)
                ],
            )

    def _heads(self) -> list[tuple[int, str]]:
        matches = ((n, _HEAD.fullmatch(line)) for n, line in enumerate(self.lines, start=1))
        return [(n, match[1]) for n, match in matches if match]


def read_text(file: Path) -> LawText:
    """Read one file; broken TOML is refused with its line."""
    try:
        text = file.read_text(encoding="utf-8")
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        raise LawError(file, int(at[1]) if at else 1, f"This is not TOML: {error}.") from error
    except UnicodeDecodeError as error:
        raise LawError(file, 1, "This is not text in UTF-8.") from error
    return LawText(file, told, tuple(text.splitlines()))
