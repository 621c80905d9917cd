"""`lodestar serve`, `heartbeat` and `migrate`: the three things that a server runs."""

import argparse
from typing import TYPE_CHECKING

from api.cli.parser import Commands, a_port

if TYPE_CHECKING:
    from fastapi import FastAPI


def declare(commands: Commands) -> None:
    """The commands and their options."""
    command = commands.listed(
        "serve",
        "lodestar serve --workers 2",
        run=run_serve,
        more="Also wakes the heartbeat, unless LODESTAR_HEARTBEAT is false.",
    )
    command.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    command.add_argument("--port", type=a_port, default=8000, help="the port to listen on (default: 8000)")
    command.add_argument("--workers", type=_workers, default=1, help="how many processes (default: 1)")
    more = "Runs until it is stopped. Any number may run at once; each reminder leaves once."
    commands.listed("heartbeat", run=run_heartbeat, more=more)
    elsewhere = "LODESTAR_DATABASE_URL=postgresql://lodestar@localhost/lodestar lodestar migrate"
    command = commands.listed("migrate", elsewhere, run=run_migrate)
    command.add_argument("--grant", metavar="ROLE", help="PostgreSQL: what this role needs to serve, and nothing else")


def run_serve(asked: argparse.Namespace) -> int:
    """Until it is stopped."""
    from contextlib import closing

    from api.cli.place import open_database, read_rules, warn_of_gaps
    from referral.settings import Settings

    settings = Settings()
    require_free(asked.host, asked.port)
    with closing(open_database(settings)) as db:  # to be told now, in plain words, rather than by each process
        warn_of_gaps(db, settings)
    read_rules(settings.rules)
    print(f"Serving on {asked.host}, port {asked.port}. Stop with Ctrl-C.", flush=True)
    serve(asked.host, asked.port, asked.workers)
    return 0


def require_free(host: str, port: int) -> None:
    """Raise Wrong where nobody can listen here, before anything is made or said."""
    import socket

    from api.cli.words import Wrong

    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(place)
    except OSError as error:
        raise Wrong(
            f"Cannot listen on {host}, port {port}: {error.strerror}. Choose another one with --port."
        ) from None


def serve(host: str, port: int, workers: int = 1) -> None:
    """Hand over to the web server, behind our own deadlines. It logs nothing itself: addresses name cases."""
    import uvicorn

    from api.patience import PatientProtocol
    from referral.settings import Settings

    settings = Settings()
    _log()
    uvicorn.run(
        "api.cli.serve:make_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        http=PatientProtocol,
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies or "127.0.0.1",
        timeout_keep_alive=max(1, round(settings.idle_seconds)),
        timeout_graceful_shutdown=round(settings.request_seconds),
        backlog=2048,
    )


def make_app() -> "FastAPI":
    """What each process of the web server calls."""
    from api.app import create_app
    from api.cli.place import read_rules
    from referral.settings import Settings

    _log()
    settings = Settings()
    return create_app(settings, rules=read_rules(settings.rules))


def _log() -> None:
    """Every line of this process goes through the filter, which knows our routes, moves and codes."""
    from api.vocabulary import words
    from referral.logs import configure

    configure(words())


def run_heartbeat(_: argparse.Namespace) -> int:
    """Until SIGTERM or SIGINT; the beat that runs then is let come to its end."""
    import signal
    import threading

    from api.cli.place import open_database, read_rules, warn_of_gaps
    from api.cli.words import aside
    from referral.settings import Settings
    from workflows.heartbeat import Heartbeat

    settings = Settings()
    db = open_database(settings)
    warn_of_gaps(db, settings)
    heartbeat = Heartbeat(db, read_rules(settings.rules), settings)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    _log()
    heartbeat.start()
    aside(f"The heartbeat beats every {settings.heartbeat_seconds} seconds.")
    stopped.wait()
    heartbeat.stop()
    db.close()
    return 0


def run_migrate(asked: argparse.Namespace) -> int:
    """Every step that is missing, then what the run-time role may do."""
    from datetime import UTC, datetime

    from api.cli.words import Wrong
    from referral.db import Database
    from referral.grants import NoSuchRoleError
    from referral.migrate import migrate
    from referral.settings import Settings
    from referral.vault import open_vault

    settings = Settings()
    db = Database(settings.database, vault=open_vault(settings.key_folder, datetime.now(UTC)))
    if asked.grant and not db.is_postgres:
        raise Wrong("SQLite has no roles: --grant is for PostgreSQL.")
    try:
        migrate(db, role=asked.grant)
    except NoSuchRoleError as why:
        raise Wrong(
            f"The role {asked.grant} cannot serve, because it {why}. docs/operators.md says how to make one."
        ) from None
    finally:
        db.close()
    print(f"At the newest step: {db.url.render_as_string(hide_password=True)}")
    if asked.grant:
        print(f"{asked.grant} may serve.")
    return 0


def _workers(told: str) -> int:
    workers = int(told) if told.isascii() and told.isdigit() and len(told) <= 2 else 0  # noqa: PLR2004
    if not 1 <= workers <= 64:  # noqa: PLR2004
        raise argparse.ArgumentTypeError("between 1 and 64 processes")
    return workers
