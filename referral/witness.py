"""What leaves the database: a line for every checkpoint in a file elsewhere, and one line a day for print."""

import fcntl
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import orjson

from referral.checkpoints import Statement, read

DIGEST = "checkpoints.log"
_TAIL = 2000  # bytes; more than a line of the digest


def add_to_witness(path: Path, note: str) -> None:
    """Add a signed checkpoint to the witness file. Raises OSError where it cannot be written."""
    _append(path, orjson.dumps({"note": note}) + b"\n")


def read_witness(path: Path) -> Iterator[tuple[Statement, str]]:
    """What a witness file holds, in its order. Raises ValueError, with the line, where it is none; OSError."""
    with path.open("rb") as file:
        for place, line in enumerate(file, 1):
            try:
                note = str(orjson.loads(line)["note"])
                yield read(note), note
            except (KeyError, TypeError, ValueError):
                raise ValueError(f"{path}, line {place}: this is no checkpoint") from None


def add_to_digest(folder: Path, note: str, now: datetime) -> bool:
    """The day's line, once: date, size, root, time. To be printed and put away. Whether it was written."""
    said, path = read(note), folder / DIGEST
    day = f"{now:%Y-%m-%d}"
    line = f"{day} {said.origin} size {said.size} root {said.root.hex()} time {said.at:%Y-%m-%dT%H:%M:%SZ}\n"
    return _append(path, line.encode(), unless=day.encode())


def _append(path: Path, line: bytes, unless: bytes | None = None) -> bool:
    """Add a line, whole and on the disk; not if the last one begins with `unless`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640), "rb+", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        tail = file.read(_TAIL)
        if unless is not None and tail.splitlines()[-1:] and tail.splitlines()[-1].startswith(unless):
            return False
        if tail and not tail.endswith(b"\n"):  # a line that the power cut short must not spoil the next
            line = b"\n" + line
        file.write(line)
        os.fsync(file.fileno())
        return True
