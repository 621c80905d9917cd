"""One variant in a process of its own: it stays warm, and works for as long as it is told, as often as it is told.

Reads `seconds` from standard input, a line each, and answers each with a line of JSON. Imports nothing of the project.
"""

import importlib
import json
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

Step = Callable[[], None]


def work(step: Step, until: float, laps: list[float]) -> None:
    """Again and again until then, each time measured."""
    begun = time.perf_counter()
    while begun < until:
        step()
        ended = time.perf_counter()
        laps.append(ended - begun)
        begun = ended


def window(steps: list[Step], seconds: float) -> dict[str, Any]:
    """One window: all steps at once, each in a thread of its own where there are several."""
    laps: list[float] = []
    wrong: list[BaseException] = []
    cpu, begun = time.process_time(), time.perf_counter()
    until = begun + seconds

    def one(step: Step) -> None:
        try:
            work(step, until, laps)
        except BaseException as why:  # noqa: BLE001  told to the parent, which ends the run
            wrong.append(why)

    if len(steps) == 1:
        work(steps[0], until, laps)
    else:
        threads = [threading.Thread(target=one, args=(step,)) for step in steps]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if wrong:
            raise wrong[0]
    return {"count": len(laps), "wall": time.perf_counter() - begun, "cpu": time.process_time() - cpu, "laps": laps}


def main(spec: str, told: str) -> None:
    """Build the variant `module:factory` with the options given as JSON, then answer."""
    out = sys.stdout
    sys.stdout = sys.stderr  # whatever a peer prints must not get between the answers
    try:
        module, _, name = spec.partition(":")
        options = json.loads(told)
        threads = options.pop("threads", 1)
        factory = getattr(importlib.import_module(module), name)
        steps = [factory(index, **options) for index in range(threads)]
        print("ready", file=out, flush=True)
        for line in sys.stdin:
            print(json.dumps(window(steps, float(line))), file=out, flush=True)
    except BaseException:  # noqa: BLE001  told to the parent
        print(json.dumps({"wrong": traceback.format_exc()[-2000:]}), file=out, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
