"""`make bench`: every goal measured against its floor in the same run. Writes var/bench.json and prints a table.

SIZES=full takes the growth goals to a million cases. Peers are measured where `make bench PEERS=1` has installed them.
"""

import os
import sys
import time
from pathlib import Path

from tests.bench import work
from tests.bench.harness import ROOT
from tests.bench.report import Row, show, write

FULL = os.environ.get("SIZES") == "full"
ROUNDS = int(os.environ.get("ROUNDS", "15"))
ONLY = os.environ.get("ONLY", "P1 P2 P3 P4 P5 P11 P12 P13 P16").replace(",", " ").split()
GATE = 0.7


def main() -> int:
    """Measure what was asked for. 1 where the gate of P1 is missed."""
    begun, rows, said = time.monotonic(), list[Row](), list[str]()
    for part in work.parts(ONLY, rounds=ROUNDS, full=FULL, said=said):
        rows += part
        write(rows, ROOT / "var" / "bench.json")  # what is measured is kept, even if the run is ended
    show(rows, said)
    print(f"{len(rows)} rows in {Path('var/bench.json')} after {time.monotonic() - begun:.0f} s")
    gate = next((row.ratio for row in rows if row.name.startswith("P1 ") and row.ratio is not None), None)
    if gate is not None and gate < GATE:
        print(f"THE GATE IS MISSED: P1 is {gate:.2f} of raw psycopg, {GATE} must be reached")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
