"""How it is measured: every variant warm in a process of its own, driven in turn in short windows, A B C A B C.

Machines differ and are shared, so only ratios count: the median over the rounds of variant to floor in the same round.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[2]
OURS = Path(sys.executable)
PEERS = ROOT / ".venv-bench" / "bin" / "python"


class DiedError(RuntimeError):
    """A variant could not be built, or broke while it worked. The message is its traceback."""


@dataclass
class Variant:
    """One way to do the work: `module:factory` with its options, in this Python."""

    name: str
    spec: str
    options: dict[str, Any] = field(default_factory=dict)
    python: Path = OURS
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        """Build it, and let it warm up for a moment."""
        command = [str(self.python), "-m", "tests.bench.child", self.spec, json.dumps(self.options)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        self._answer()

    def run(self, seconds: float) -> dict[str, Any]:
        """One window."""
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        told: dict[str, Any] = json.loads(self._answer())
        return told

    def _answer(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line or '"wrong"' in line:
            raise DiedError(f"{self.name}: {json.loads(line)['wrong'] if line else 'ended without a word'}")
        return line

    def stop(self) -> None:
        """End it."""
        if self.process and self.process.stdin:
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()


@dataclass
class Race:
    """What the windows of all variants showed. `missing` says which could not be measured, and why."""

    windows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def rate(self, name: str) -> float:
        """How many per second."""
        return median(_rates(self.windows[name]))

    def cpu(self, name: str) -> float:
        """Seconds of the client's CPU for each."""
        return median(_cpus(self.windows[name]))

    def ratios(self, name: str, floor: str) -> list[float]:
        """Rate to the floor's of the same round, in order of size."""
        both = zip(_rates(self.windows[name]), _rates(self.windows[floor]), strict=True)
        return sorted(mine / other for mine, other in both)

    def cpu_ratios(self, name: str, floor: str) -> list[float]:
        """CPU for each to the floor's of the same round, in order of size."""
        both = zip(_cpus(self.windows[name]), _cpus(self.windows[floor]), strict=True)
        return sorted(mine / other for mine, other in both)

    def lap(self, name: str, share: float) -> float:
        """The time within which this share of all laps was done."""
        laps: list[float] = sorted(lap for one in self.windows[name] for lap in one["laps"])
        return laps[min(len(laps) - 1, int(len(laps) * share))]


def _rates(windows: list[dict[str, Any]]) -> list[float]:
    return [one["count"] / one["wall"] for one in windows]


def _cpus(windows: list[dict[str, Any]]) -> list[float]:
    return [one["cpu"] / max(one["count"], 1) for one in windows]


def race(variants: list[Variant], *, rounds: int, seconds: float) -> Race:
    """Drive them in turn. One that cannot be built or breaks is said aloud and left out."""
    found = Race()
    alive = list(variants)

    def drive(variant: Variant, work: Callable[[], object]) -> None:
        try:
            work()
        except (DiedError, OSError) as why:
            found.missing[variant.name] = str(why)
            found.windows.pop(variant.name, None)
            alive.remove(variant)
            print(f"not measured: {variant.name}: {str(why)[-800:]}", file=sys.stderr)

    def warm(variant: Variant) -> None:
        variant.start()
        variant.run(0.5)
        variant.run(0.3)

    def measure(variant: Variant) -> None:
        found.windows.setdefault(variant.name, []).append(variant.run(seconds))

    try:
        for variant in list(variants):
            drive(variant, partial(warm, variant))
        for _ in range(rounds):
            for variant in list(alive):
                drive(variant, partial(measure, variant))
    finally:
        for variant in variants:
            variant.stop()
    return found
