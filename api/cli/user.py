"""`lodestar user`: the people of staff."""

import argparse
from typing import TYPE_CHECKING

from api.cli.parser import Commands, as_json

if TYPE_CHECKING:
    from sqlmodel import Session

    from referral.models import User

EXAMPLE = 'lodestar user add --agency beacon --name "Nora Example" --email nora@beacon.example --role navigator'


def declare(commands: Commands) -> None:
    """The commands and their options."""
    from referral.access import Role

    roles = ", ".join(role for role in Role if role is not Role.SYSTEM)
    group = commands.group("user")
    add = group.add(
        "add", "Add a person. Without --password-stdin a password is made and shown once.", EXAMPLE, run=run_add
    )
    add.add_argument("--agency", required=True, help="the short name of their agency")
    add.add_argument("--name", required=True, help="their name")
    add.add_argument("--email", required=True, help="the address they sign in with")
    add.add_argument("--role", action="append", required=True, help=f"one of {roles}; may be given again")
    add.add_argument("--password-stdin", action="store_true", help="read the password from the standard input")
    as_json(add)
    every = group.add("list", "List the people of an agency.", "lodestar user list --agency beacon", run=run_list)
    every.add_argument("--agency", required=True, help="the short name of the agency")
    as_json(every)
    leave = group.add(
        "leave", "Somebody has left: they sign in no more, and each of their cases goes into hand-over.",
        "lodestar user leave nora@beacon.example", run=run_leave,
    )  # fmt: skip
    leave.add_argument("email", help="the address they signed in with")
    back = group.add(
        "back", "Somebody has come back: they sign in as before.", "lodestar user back nora@beacon.example",
        run=run_back, more="Cases that were handed over meanwhile stay where they are.",
    )  # fmt: skip
    back.add_argument("email", help="the address they signed in with")
    for name, says, run in (
        ("code", "A code with which somebody chooses a password, once: an invitation, or a reset.", run_code),
        ("unlock", "Let an account be tried again at once, after too many bad tries.", run_unlock),
        (
            "forget-factors",
            "Somebody has lost every second factor: they set up new ones at the next sign-in.",
            run_forget,
        ),
    ):
        one = group.add(name, says, f"lodestar user {name} nora@beacon.example", run=run)
        one.add_argument("email", help="the address they sign in with")


def run_add(asked: argparse.Namespace) -> int:
    """Add one."""
    import secrets
    import sys
    from datetime import UTC, datetime

    from api import directory
    from api.cli.place import open_database
    from api.cli.words import tell_json
    from referral.settings import Settings
    from referral.sign_in import SignInChange, record

    made = "" if asked.password_stdin else secrets.token_urlsafe(15)
    password = made or sys.stdin.readline().rstrip("\r\n")
    told = {"name": asked.name, "email": asked.email, "roles": asked.role, "password": password}
    new = directory.read(directory.NewUser, told)
    with open_database(Settings()).write() as session:
        now = datetime.now(UTC)
        user = directory.add_user(session, asked.agency, new, now).id
        record(session, user, SignInChange.ROLES_GIVEN, "operator", now)  # without a second person, so it is on record
    if asked.json:
        tell_json({"id": user, "email": new.email, "roles": new.roles, **({"password": made} if made else {})})
    else:
        print(f"{new.email} is added to {asked.agency} as {', '.join(new.roles)}.")
        if made:
            print(f"Password, shown only now: {made}")
    return 0


def run_list(asked: argparse.Namespace) -> int:
    """The staff of an agency."""
    from api import directory
    from api.cli.place import open_database
    from api.cli.words import tell_json, tell_table
    from referral.settings import Settings

    with open_database(Settings()).read() as session:
        rows = [
            {"id": one.id, "name": one.name, "email": one.email, "roles": one.roles, "active": one.active}
            for one in directory.users(session, asked.agency)
        ]
    if asked.json:
        tell_json(rows)
    else:
        tell_table(("id", "name", "email", "roles", "active"), ([*row.values()] for row in rows))
    return 0


def run_leave(asked: argparse.Namespace) -> int:
    """First they cannot sign in any more, then each case goes into hand-over; the heartbeat would do the rest."""
    from datetime import UTC, datetime

    from api import directory
    from api.cli.place import open_database, read_rules
    from referral.settings import Settings
    from workflows.leaving import let_go

    settings, now = Settings(), datetime.now(UTC)
    db, law = open_database(settings), read_rules(settings.rules)
    with db.write() as session:
        user = _with_address(session, asked.email)
        directory.set_left(session, user.agency_id, user.id, now)
    given_up, moved_on = let_go(db, law, now)
    print(f"{asked.email} has left. Cases given up: {given_up}; moved on by somebody else just now: {moved_on}.")
    return 0


def run_back(asked: argparse.Namespace) -> int:
    """They sign in again; what was given up stays with whoever has it now."""
    from api import directory
    from api.cli.place import open_database
    from referral.settings import Settings

    with open_database(Settings()).write() as session:
        user = _with_address(session, asked.email)
        directory.set_back(session, user.agency_id, user.id)
    print(f"{asked.email} signs in again, with password and roles as before. Cases do not come back by themselves.")
    return 0


def run_code(asked: argparse.Namespace) -> int:
    """Who has a password keeps it until the code is used."""
    from datetime import UTC, datetime

    from api import one_time
    from api.cli.place import open_database
    from api.directory import NO_PASSWORD
    from referral.settings import Settings

    with open_database(Settings()).write() as session:
        user = _with_address(session, asked.email)
        what = "invitation" if user.password_hash == NO_PASSWORD else "reset"
        code = one_time.make(session, user, what, "operator", datetime.now(UTC))
    hours = int(one_time.LASTS[what].total_seconds() // 3600)
    print(f"Code for {asked.email}, shown only now, good once and for {hours} hours: {code}")
    return 0


def run_unlock(asked: argparse.Namespace) -> int:
    """The count of bad tries begins anew."""
    from datetime import UTC, datetime

    from api import sealing, tries
    from api.cli.place import open_database
    from referral.settings import Settings
    from referral.sign_in import SignInChange, record

    settings, now = Settings(), datetime.now(UTC)
    box = sealing.load_or_make(settings.key_folder, now)
    with open_database(settings).write() as session:
        user = _with_address(session, asked.email)
        tries.unlock(session, tries.account_key(box, user.email))
        record(session, user.id, SignInChange.UNLOCKED, "operator", now)
    print(f"{asked.email} can try again.")
    return 0


def run_forget(asked: argparse.Namespace) -> int:
    """Make sure first who it is: whoever has the password can set up a factor of their own now."""
    from datetime import UTC, datetime

    from api import second_factors, sessions
    from api.cli.place import open_database
    from referral.settings import Settings

    now = datetime.now(UTC)
    with open_database(Settings()).write() as session:
        user = _with_address(session, asked.email)
        second_factors.forget_all(session, user.id, "operator", now)
        sessions.end_all(session, user.id, now)
    print(f"{asked.email} has no second factor now, and is signed out everywhere.")
    return 0


def _with_address(session: "Session", email: str) -> "User":
    """Whoever signs in with this address, or did."""
    from sqlmodel import col, select

    from api.cli.words import Wrong
    from referral.models import User

    user = session.exec(select(User).where(col(User.email) == email.strip().lower())).first()
    if user is None:
        raise Wrong("Nobody signs in with this address.")
    return user
