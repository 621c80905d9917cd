"""One goal as a row: what a race showed, against its floor."""

from tests.bench.harness import Race
from tests.bench.report import Row, middle_half

COMMAND = "make bench ONLY={part}"
GONE = "make bench PEERS=1"


def row(name: str, found: Race, mine: str, floor: str, goal: str, least: float | None, part: str) -> Row:
    """A rate against the floor's; `least` is the ratio to reach."""
    if mine not in found.windows or floor not in found.windows:
        return Row(name, None, "/s", None, None, goal, None, GONE)
    ratios = found.ratios(mine, floor)
    ratio = ratios[len(ratios) // 2]
    met = None if least is None else ratio >= least
    return Row(
        name,
        found.rate(mine),
        "/s",
        found.rate(floor),
        ratio,
        goal,
        met,
        COMMAND.format(part=part),
        middle_half(ratios),
    )


def cpu(name: str, found: Race, mine: str, floor: str, goal: str, most: float, part: str) -> Row:
    """The client's CPU against the floor's; `most` is the ratio to stay under."""
    ratios = found.cpu_ratios(mine, floor)
    ratio = ratios[len(ratios) // 2]
    return Row(
        name,
        found.cpu(mine) * 1e6,
        "us",
        found.cpu(floor) * 1e6,
        ratio,
        goal,
        ratio <= most,
        COMMAND.format(part=part),
        middle_half(ratios),
    )
