"""How often what is left to chance is tried: by `make test` enough to notice, by `make test-whole` as was promised.

One list, so that nobody has to look for what a run did not do: every run says it in its last lines.
"""

import os
from dataclasses import dataclass

WHOLE = os.environ.get("LODESTAR_TEST_WHOLE") == "1"


@dataclass(frozen=True)
class Often:
    """Something that is repeated."""

    what: str
    usual: int
    whole: int

    @property
    def times(self) -> int:
        """How often in this run."""
        return self.whole if WHOLE else self.usual


TRIALS = Often("random trials of each attack on the history", 8, 100)
CLEAN = Often("clean verifications of each database", 100, 1_000)
CHANGES = Often("changes of an address while somebody looks", 150, 1_000)
ASKS = Often("asks of a random walk at least", 700, 2_000)
KEYS = Often("keys wrapped anew while somebody reads", 3_000, 100_000)
SLOW = Often("slow clients at once", 200, 1_000)
LIVES = Often("months of crashes, new keys, erasures and restores", 1, 12)
ALL = (TRIALS, CLEAN, CHANGES, ASKS, KEYS, SLOW, LIVES)
ALONE = "tests marked `whole`, of everything for everybody"  # they have no smaller number; a smaller test stands beside


def said() -> str:
    """For the end of a run."""
    if WHOLE:
        return "whole: " + ", ".join(f"{one.whole:,} {one.what}" for one in ALL) + f"; and the {ALONE}"
    less = ", ".join(f"{one.usual:,} of {one.whole:,} {one.what}" for one in ALL)
    return f"not whole, `make test-whole` is: {less}; and without the {ALONE}"
