"""Keys in files: made at the first start, readable by their owner alone, appearing whole or not at all."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path


def read_all(folder: Path, kind: str, ending: str) -> dict[str, bytes]:
    """Every `<kind>-<id><ending>` of a folder, by its id. A file that anybody on the machine may read is refused."""
    found = {}
    for path in sorted(folder.glob(f"{kind}-*{ending}")):
        kid = path.name.removeprefix(f"{kind}-").removesuffix(ending)
        if path.stat().st_mode & 0o007:
            raise ValueError(f"key {kid} can be read by anybody: chmod 600")
        found[kid] = path.read_bytes()
    return found


def write_new(folder: Path, kind: str, ending: str, content: bytes, now: datetime) -> str:
    """Write a key that sorts after the older ones, and give its id."""
    kid = f"{now.astimezone(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    unfinished = folder / f".new-{kid}"
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        os.fsync(file.fileno())
    unfinished.rename(folder / f"{kind}-{kid}{ending}")
    return kid


def read_or_make(folder: Path, kind: str, ending: str, make: Callable[[], bytes], now: datetime) -> dict[str, bytes]:
    """Read the folder's keys; where there are none yet, make the first. Several processes may start at once."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone(folder):
        if not any(folder.glob(f"{kind}-*{ending}")):
            write_new(folder, kind, ending, make(), now)
        return read_all(folder, kind, ending)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the hold ends with the process, whatever happens."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)
