"""Key files in a folder outside the database: made whole or not at all, for their owner alone, sorted by age."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

SIZE = 32  # bytes of a symmetric key
SYMMETRIC = ".key"


def read(folder: Path, kind: str) -> dict[str, bytes]:
    """Every `<kind>-<id>.key` of a folder by its id. ValueError for one that anybody may read, or that is no key."""
    return {name: _key(name, content) for name, content in contents(folder, kind, SYMMETRIC).items()}


def read_or_make(folder: Path, kind: str, now: datetime) -> dict[str, bytes]:
    """The same; where there is none yet, the first is made. Several processes may start at once."""
    make_first(folder, kind, SYMMETRIC, _random, now)
    return read(folder, kind)


def make(folder: Path, kind: str, now: datetime) -> str:
    """One more random key; its id, which sorts after those of older keys."""
    return add(folder, kind, SYMMETRIC, _random(), now)


def contents(folder: Path, kind: str, ending: str) -> dict[str, bytes]:
    """What stands in every `<kind>-<id><ending>` of a folder, by id. ValueError for one that anybody may read."""
    found = {}
    for path in sorted(folder.glob(f"{kind}-*{ending}")):
        if path.stat().st_mode & 0o007:
            raise ValueError(f"{path.name} can be read by anybody: chmod 600")
        found[path.name.removeprefix(f"{kind}-").removesuffix(ending)] = path.read_bytes()
    return found


def make_first(folder: Path, kind: str, ending: str, new: Callable[[], bytes], now: datetime) -> None:
    """Make a key where the folder holds none of this kind. Several processes may start at once."""
    with alone(folder):
        if not any(folder.glob(f"{kind}-*{ending}")):
            write(folder, f"{kind}-{new_name(now)}{ending}", new())


def add(folder: Path, kind: str, ending: str, content: bytes, now: datetime) -> str:
    """One more key; its id, which sorts after those of older keys."""
    with alone(folder):
        name = new_name(now)
        write(folder, f"{kind}-{name}{ending}", content)
        return name


def destroy(folder: Path, kind: str, name: str) -> None:
    """Overwrite a key, then take its file away. What lies below the file system may still hold it."""
    path = folder / f"{kind}-{name}.key"
    with path.open("r+b") as file:
        file.write(b"0" * (2 * SIZE))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    _sync(folder)


def new_name(now: datetime) -> str:
    """A name that sorts after every older one."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"


def write(folder: Path, name: str, content: bytes) -> None:
    """A file that appears whole or not at all, for its owner alone."""
    unfinished = folder / f".new-{name}"
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(folder / name)
    _sync(folder)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder for this process, made where it is missing; the hold ends with the process, whatever happens."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _sync(folder: Path) -> None:
    """A new name is only there for good once its folder is."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


def _random() -> bytes:
    return secrets.token_bytes(SIZE).hex().encode()


def _key(name: str, content: bytes) -> bytes:
    try:
        key = bytes.fromhex(content.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != SIZE:
        raise ValueError(f"{name} is no key")
    return key
