"""Invented pairs of names from tests/data/names.toml: one person in two spellings, and two people. Always the same."""

import random
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

SAME, DIFFERENT = 900, 9_000
TUNED, UNSEEN = "names.toml", "names_unseen.toml"  # the rules were made with the first, and never with the second
SEED = 20_261_125


@dataclass(frozen=True, slots=True)
class Named:
    """A name as one paper writes it, with a day of birth."""

    first_name: str
    last_name: str
    date_of_birth: date

    def identity(self) -> dict[str, object]:
        """As the columns of a person."""
        return {name: getattr(self, name) for name in self.__slots__}


@cache
def languages(file: str = TUNED) -> dict[str, dict[str, list[list[str]]]]:
    """By language, then first or last: names, each with its spellings."""
    told = tomllib.loads((Path(__file__).parent / "data" / file).read_text())
    return {
        language: {part: [line.split() for line in lines.strip().splitlines()] for part, lines in parts.items()}
        for language, parts in told.items()
    }


def same(file: str = TUNED) -> list[tuple[str, Named, Named]]:
    """One person, as two papers write them: (language, one, other). At least one part is spelt in another way."""
    dice, known = random.Random(SEED), languages(file)
    found: list[tuple[str, Named, Named]] = []
    while len(found) < SAME:
        language = dice.choice(sorted(known))
        first, last = (dice.choice(known[language][part]) for part in ("first", "last"))
        one, other = ((dice.choice(first), dice.choice(last)) for _ in range(2))
        if one == other:
            continue
        if dice.random() < 0.15:  # papers do not agree on which name comes first
            other = other[::-1]
        born = _born(dice)
        found.append((language, Named(*one, born), Named(*other, _misread(dice, born))))
    return found


def different(file: str = TUNED) -> list[tuple[str, Named, Named]]:
    """Two people. Every third pair shares a first name, every third a family name, as relatives and neighbours do."""
    dice, known = random.Random(SEED + 1), languages(file)
    found: list[tuple[str, Named, Named]] = []
    for turn in range(DIFFERENT):
        language = dice.choice(sorted(known))
        firsts = dice.sample(known[language]["first"], 2)
        lasts = dice.sample(known[language]["last"], 2)
        if turn % 3 == 0:
            firsts[1] = firsts[0]
        if turn % 3 == 1:
            lasts[1] = lasts[0]
        one, other = (Named(dice.choice(firsts[i]), dice.choice(lasts[i]), _born(dice)) for i in (0, 1))
        found.append((language, one, other))
    return found


def _born(dice: random.Random) -> date:
    """A day of birth; one in five is the first of January, as papers say where nobody knows."""
    day = date(1970, 1, 1) + timedelta(days=dice.randrange(14_000))
    return day.replace(month=1, day=1) if dice.random() < 0.2 else day


def _misread(dice: random.Random, born: date) -> date:
    """One day in ten stands with day and month changed over, or one year off."""
    if dice.random() < 0.9:
        return born
    if born.day <= 12:
        return date(born.year, born.day, born.month)
    return born.replace(year=born.year + dice.choice((-1, 1)), day=min(born.day, 28))
