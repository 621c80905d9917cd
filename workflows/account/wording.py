"""In which words an account is written: one file for each language beside the wording of messages, each checked when it is read."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any
from unicodedata import category

from referral.form.redaction import OTHER, PLACE
from workflows.account.telling import Account, Line

FOLDER = Path(__file__).parents[1] / "wording"
FIRST = "en"  # the language that the others are held against
MONTHS = 12
# What could become a link, a tag, a table or an emphasis wherever this is shown. An underscore inside a word cannot.
_RAW = re.compile(r"([\\`*~|<>\[\]&]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.)", re.IGNORECASE)
_TURNS = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)  # these let a line be read in another order


@dataclass(frozen=True, slots=True)
class Words:
    """One language: headings, sentences, and what stands for parts, purposes and months."""

    language: str
    heading: Mapping[str, str]
    sentence: Mapping[str, str]
    part: Mapping[str, str]
    purpose: Mapping[str, str]
    months: tuple[str, ...]


def languages() -> tuple[str, ...]:
    """Every language that is shipped."""
    return tuple(sorted(path.name.split(".")[1] for path in FOLDER.glob("account.*.toml")))


@lru_cache(maxsize=32)
def read_words(language: str, folder: Path = FOLDER) -> Words:
    """The words of a language. ValueError where one is missing, is not known, or has other places to fill than in English."""
    told = _read(folder / f"account.{language}.toml")
    if language != FIRST:
        _alike(told, _read(folder / f"account.{FIRST}.toml"), language)
    if len(told["months"]["names"]) != MONTHS:
        raise ValueError(f"account.{language}.toml: there are twelve months.")
    return Words(
        language, told["heading"], told["sentence"], told["part"], told["purpose"], tuple(told["months"]["names"])
    )  # fmt: skip


def written(told: Account, words: Words, mark: Mapping[str, str]) -> str:
    """The account as Markdown that also reads as plain text. `mark` says which case, for whom and when (reference, who, when)."""
    watermark = words.sentence["watermark"].format(**mark)
    lines = [f"# {words.heading['title']}", "", f"> {watermark}", ""]
    for name in ("about", "about_others", "about_places", "about_language"):
        lines += [words.sentence[name], ""]
    for heading, said in told:
        lines += [f"## {words.heading[heading]}", ""]
        lines += [_line(line, words) for line in said] or [words.sentence["nothing"]]
        lines.append("")
    return "\n".join([*lines, f"> {watermark}", ""])


def _line(line: Line, words: Words) -> str:
    slots = dict(line.slots)
    if not line.says:
        return f"- {_plain(slots['question'], words)}: {_plain(slots['answer'], words)}"
    filled = {name: _slot(name, value, words) for name, value in slots.items()}
    return f"- {words.sentence[line.says].format(**filled)}"


def _slot(name: str, value: str, words: Words) -> str:
    if name == "day":
        day = date.fromisoformat(value)
        return f"{day.day} {words.months[day.month - 1]} {day.year}"
    if name in ("part", "purpose"):
        known: Mapping[str, str] = getattr(words, name)
        return known.get(value, known["other"])
    return _plain(value, words)


def _plain(text: str, words: Words) -> str:
    """Nothing that somebody typed may become a heading, a tag or a link, or turn what stands around it."""
    seen = "".join(letter for letter in text if letter not in _TURNS and (letter.isspace() or category(letter) != "Cc"))
    safe = _RAW.sub(r"\\\1", " ".join(seen.split()))
    return safe.replace(OTHER, words.sentence["masked_other"]).replace(PLACE, words.sentence["masked_place"])


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _alike(told: Mapping[str, Any], first: Mapping[str, Any], language: str) -> None:
    for table in first:
        missing, unknown = set(first[table]) - set(told.get(table, ())), set(told.get(table, ())) - set(first[table])
        if missing or unknown:
            raise ValueError(
                f"account.{language}.toml: {table} lacks {sorted(missing)} and does not know {sorted(unknown)}."
            )
    for name, says in first["sentence"].items():
        if _places(says) != _places(told["sentence"][name]):
            raise ValueError(f"account.{language}.toml: {name} has other places to fill than in English.")


def _places(says: str) -> set[str]:
    return {slot for _, slot, _, _ in Formatter().parse(says) if slot is not None}
