"""How it is measured: every variant warm in a process of its own, driven in turn in short windows, A B C A B C.

Machines differ and are shared, so only ratios count: the median over the rounds of variant to floor in the same round.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
    windows: list[dict[str, Any]] = field(default_factory=list)

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
class Result:
    """What a race showed of one variant."""

    rate: float  # per second
    cpu: float  # seconds of the client's CPU for each
    p50: float
    p99: float
    ratios: list[float]  # of the rate, to the floor of the same round, in order of size
    cpu_ratios: list[float]

    @property
    def ratio(self) -> float:
        """The median of the rounds."""
        return median(self.ratios)

    @property
    def cpu_ratio(self) -> float:
        """The median of the rounds."""
        return median(self.cpu_ratios)


def race(variants: list[Variant], *, rounds: int, seconds: float) -> dict[str, Result]:
    """Drive them in turn; the first is the floor. One that breaks is said aloud and left out."""
    alive = []
    for variant in variants:
        try:
            variant.start()
            for _ in range(2):
                variant.run(0.3)
        except (DiedError, OSError) as why:
            print(f"not measured: {why}", file=sys.stderr)
            variant.stop()
            if variant is variants[0]:
                raise
        else:
            alive.append(variant)
    try:
        for _ in range(rounds):
            for variant in alive:
                variant.windows.append(variant.run(seconds))
    finally:
        for variant in alive:
            variant.stop()
    floor = alive[0].windows
    return {variant.name: _result(variant.windows, floor) for variant in alive}


def _result(windows: list[dict[str, Any]], floor: list[dict[str, Any]]) -> Result:
    rates, floors = ([one["count"] / one["wall"] for one in many] for many in (windows, floor))
    cpus, bare = ([one["cpu"] / max(one["count"], 1) for one in many] for many in (windows, floor))
    laps = sorted(lap for one in windows for lap in one["laps"])
    return Result(
        rate=median(rates), cpu=median(cpus), p50=laps[len(laps) // 2], p99=laps[int(len(laps) * 0.99)],
        ratios=sorted(mine / other for mine, other in zip(rates, floors, strict=True)),
        cpu_ratios=sorted(mine / other for mine, other in zip(cpus, bare, strict=True)),
    )  # fmt: skip


def in_turn(calls: Mapping[str, Callable[[], object]], *, rounds: int = 9, span: float = 0.1) -> dict[str, list[float]]:
    """Seconds of CPU for one call of each, per round, in this process: for what is too short for a process of its own."""
    often = {name: _loops(call, span) for name, call in calls.items()}
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            begun = time.process_time()
            for _ in range(often[name]):
                call()
            found[name].append((time.process_time() - begun) / often[name])
    return found


def _loops(call: Callable[[], object], span: float) -> int:
    count = 1
    while True:
        begun = time.perf_counter()
        for _ in range(count):
            call()
        took = time.perf_counter() - begun
        if took > span / 8:
            return max(1, int(count * span / took))
        count *= 4
