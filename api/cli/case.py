"""`lodestar export`: one case's history as a bundle that can be checked without us. Without anybody's identity."""

import argparse

from api.cli.parser import Commands


def declare(commands: Commands) -> None:
    """The command and its options."""
    command = commands.listed(
        "export",
        "lodestar export 7KQ4-2MX9-T",
        run=run,
        more="Holds events, hashes, deadlines, and the proof of each event up to a signed checkpoint; no identity, no\n"
        "free text. docs/examples/verify_bundle.py checks it without us. That it was read is recorded.",
    )
    command.add_argument("case", help="a case, by its id or its spoken reference")
    command.add_argument("--out", help="the file to write; the standard output by default")


def run(asked: argparse.Namespace) -> int:
    """Write it."""
    from datetime import UTC, datetime
    from pathlib import Path

    from api.cli.place import one_case, open_database, read_rules
    from api.cli.words import Wrong, as_json
    from referral.access import SYSTEM
    from referral.records import record_reads
    from referral.settings import Settings
    from referral.signer_socket import signer_for
    from workflows.bundling import bundle

    settings = Settings()
    db = open_database(settings)
    with one_case():
        now = datetime.now(UTC)
        told = bundle(db, read_rules(settings.rules), settings, signer_for(settings), asked.case, now)
    record_reads(db, actor=SYSTEM, cases=[told["case"]["id"]], what="export", now=now)
    text = as_json(told)
    if asked.out:
        try:
            Path(asked.out).write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise Wrong(f"{asked.out} cannot be written: {error.strerror}.") from None
        print(f"written: {asked.out}")
    else:
        print(text)
    return 0
