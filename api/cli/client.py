"""`lodestar client`: the systems of partner agencies, which ask for tokens with a secret."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.parser import Commands, as_json

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session

    from api.approving import Widening
    from referral.models import Client

EXAMPLE = "lodestar client add eastshire-desk --agency eastshire-police --scope cases:read --scope referrals:submit"


def declare(commands: Commands) -> None:
    """The commands and their options."""
    from referral.access import SCOPES

    group = commands.group("client")
    add = group.add("add", "Add a partner's system. Its secret is shown once.", EXAMPLE, run=run_add)
    add.add_argument("id", help="a short name of small letters, digits and -, which never changes")
    add.add_argument("--agency", required=True, help="the agency it acts for")
    add.add_argument(
        "--scope",
        action="append",
        required=True,
        help=f"one of {', '.join(SCOPES)}; may be given again",
    )
    as_json(add)
    every = group.add(
        "list", "List the systems of an agency.", "lodestar client list --agency eastshire-police", run=run_list
    )
    every.add_argument("--agency", required=True, help="the short name of the agency")
    as_json(every)
    off = group.add(
        "off",
        "Take a system out; its tokens are worth nothing from now on.",
        "lodestar client off eastshire-desk",
        run=run_off,
    )
    off.add_argument("id", help="its short name")
    back = group.add(
        "on",
        "Bring a system back that was taken out; its secret is the same.",
        "lodestar client on eastshire-desk",
        run=run_on,
    )
    back.add_argument("id", help="its short name")
    rotate = group.add(
        "rotate",
        "Give a system a new secret; the old one stops at once.",
        "lodestar client rotate eastshire-desk",
        run=run_rotate,
    )
    rotate.add_argument("id", help="its short name")
    as_json(rotate)
    key = group.add(
        "add-key", "Add a public key with which a system proves who it is; there is room for two.",
        "lodestar client add-key eastshire-desk eastshire-desk.pem", run=run_add_key,
        more="Compare the fingerprint with the partner by telephone or on paper.",
    )  # fmt: skip
    key.add_argument("id", help="its short name")
    key.add_argument("file", type=Path, help="file with the public key on P-256, as PEM")
    retire = group.add(
        "retire-key", "Retire a key: it is worth nothing from now on.",
        "lodestar client retire-key eastshire-desk --slot 1", run=run_retire_key,
    )  # fmt: skip
    retire.add_argument("id", help="its short name")
    retire.add_argument("--slot", type=int, choices=(1, 2), required=True, help="which of the two")


def run_add(asked: argparse.Namespace) -> int:
    """Add one."""
    from datetime import UTC, datetime

    from api import directory
    from api.approving import Widening
    from api.cli.place import open_database
    from referral.settings import Settings

    new = directory.read(directory.NewClient, {"id": asked.id, "scopes": asked.scope})
    with open_database(Settings()).write() as session:
        now = datetime.now(UTC)
        client, secret = directory.add_client(session, asked.agency, new, now)
        _on_record(session, Widening.ADD, client, now)
    return _tell_secret(asked, secret)


def run_list(asked: argparse.Namespace) -> int:
    """The systems of an agency."""
    from api import directory
    from api.cli.place import open_database
    from api.cli.words import tell_json, tell_table
    from referral.settings import Settings

    with open_database(Settings()).read() as session:
        rows = [
            {"id": one.id, "agency": one.agency_id, "scopes": one.scopes, "active": one.active}
            for one in directory.clients(session, asked.agency)
        ]
    if asked.json:
        tell_json(rows)
    else:
        tell_table(("id", "agency", "scopes", "active"), ([*row.values()] for row in rows))
    return 0


def run_off(asked: argparse.Namespace) -> int:
    """Take one out."""
    from api import directory
    from api.cli.place import open_database
    from referral.settings import Settings

    with open_database(Settings()).write() as session:
        directory.disable_client(session, _agency_of(session, asked.id), asked.id)
    print(f"{asked.id} is taken out.")
    return 0


def run_on(asked: argparse.Namespace) -> int:
    """Bring one back."""
    from datetime import UTC, datetime

    from api import directory
    from api.approving import Widening
    from api.cli.place import open_database
    from referral.settings import Settings

    with open_database(Settings()).write() as session:
        client = directory.enable_client(session, _agency_of(session, asked.id), asked.id)
        _on_record(session, Widening.ON, client, datetime.now(UTC))
    print(f"{asked.id} works again, with the secret that it had.")
    return 0


def run_rotate(asked: argparse.Namespace) -> int:
    """A new secret."""
    from datetime import UTC, datetime

    from api import directory
    from api.approving import Widening
    from api.cli.place import open_database
    from referral.settings import Settings

    with open_database(Settings()).write() as session:
        agency = _agency_of(session, asked.id)
        secret = directory.renew_secret(session, agency, asked.id)
        _on_record(session, Widening.SECRET, directory.find_client(session, agency, asked.id), datetime.now(UTC))
    return _tell_secret(asked, secret)


def run_add_key(asked: argparse.Namespace) -> int:
    """One of two."""
    from datetime import UTC, datetime

    from api import clients, directory
    from api.approving import Widening
    from api.cli.place import open_database
    from api.cli.words import Wrong
    from referral.settings import Settings

    try:
        pem = asked.file.read_text(encoding="ascii")
    except (OSError, UnicodeError):
        raise Wrong("This file cannot be read.") from None
    with open_database(Settings()).write() as session:
        client, now = directory.find_client(session, _agency_of(session, asked.id), asked.id), datetime.now(UTC)
        key = clients.add_key(session, client, pem, now)
        _on_record(session, Widening.KEY, client, now)
    print(f"Key {key.slot} of {asked.id} is added. Its fingerprint: {key.fingerprint}")
    return 0


def run_retire_key(asked: argparse.Namespace) -> int:
    """Its place is free for another."""
    from api import clients, directory
    from api.cli.place import open_database
    from referral.settings import Settings

    with open_database(Settings()).write() as session:
        client = directory.find_client(session, _agency_of(session, asked.id), asked.id)
        clients.retire_key(session, client, asked.slot)
    print(f"Key {asked.slot} of {asked.id} is retired.")
    return 0


def _agency_of(session: "Session", client: str) -> str:
    from api.cli.words import Wrong
    from referral.models import Client

    row = session.get(Client, client)
    if row is None:
        raise Wrong("There is no system of this short name.")
    return row.agency_id


def _on_record(session: "Session", kind: "Widening", client: "Client", now: "datetime") -> None:
    """Without a second person, so it is written down with all that the system holds from now on."""
    from api import approving, widening

    session.flush()
    approving.done_alone(session, kind, client.id, widening.powers(session, client), client.agency_id, now)


def _tell_secret(asked: argparse.Namespace, secret: str) -> int:
    from api.cli.words import tell_json

    if asked.json:
        tell_json({"id": asked.id, "secret": secret})
    else:
        print(f"Secret of {asked.id}, shown only now: {secret}")
    return 0
