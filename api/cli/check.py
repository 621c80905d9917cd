"""`lodestar check` and `lodestar verify`: what must hold, and whether the history is whole."""

import argparse
from typing import TYPE_CHECKING

from api.cli.parser import Commands, as_json

if TYPE_CHECKING:
    from referral.audit import Damage
    from referral.settings import Settings
    from workflows.verifying import Against, Report
    from workflows.violation import Violation

MOST = 10  # further damages that are printed

# kind of damage -> how `lodestar verify` ends, and what it means
KINDS = {
    "edited": (10, "the event no longer gives its hash: its body or its hash was changed"),
    "missing": (11, "an event is missing here"),
    "inserted": (12, "an event stands here that belongs elsewhere, or that no move has made"),
    "relinked": (13, "the event does not follow the one before it"),
    "swapped": (13, "two events of the case have changed places"),
    "head": (14, "the case says that its newest event is another one"),
    "orphan": (15, "there is no case to this event"),
    "case_removed": (15, "a whole case was taken away"),
    "row_edited": (16, "a row was changed, and no event says so"),
    "leaf": (17, "the numbered hash of the event is not that of the event"),
    "renumbered": (17, "the numbers of a case's events are not in their order"),
    "tree_head": (17, "the stored head of the tree is not that of its leaves"),
    "queue": (17, "an event waits for a number that it has"),
    "cut": (18, "the newest events were cut off: a signed checkpoint covers more"),
    "forked": (19, "a signed checkpoint names another history, while others agree with this one"),
    "rewritten": (20, "the history is not the one that was signed, or that a witness saw"),
    "resigned": (21, "checkpoints are signed with a key that is not the signer's"),
    "checkpoint": (22, "a stored checkpoint was changed: its signature does not hold"),
    "checkpoints_dropped": (23, "a checkpoint that was seen elsewhere is gone"),
    "rolled_back": (24, "the database is an older copy: more was signed or seen elsewhere"),
    "cosignature": (25, "a witness's signature does not hold"),
}


def declare(commands: Commands) -> None:
    """The commands and their options."""
    command = commands.listed(
        "check",
        run=run_check,
        more="Looks only, and mends nothing. Ends with 1 if something does not hold.",
    )
    as_json(command)
    command = commands.listed(
        "verify",
        "lodestar verify 7KQ4-2MX9-T",
        "lodestar verify --witness /mnt/elsewhere/witness.jsonl",
        run=run_verify,
        more="Names the first bad place and the kind of damage. Ends with 0 if all is whole, else by the kind:\n"
        + "\n".join(f"  {code}  {kind}: {says}" for kind, (code, says) in KINDS.items()),
    )
    command.add_argument("--witness", action="append", default=[], help="a witness's file; may be said several times")
    command.add_argument("--key", action="append", default=[], help="a public key of the signer, as it was published")
    command.add_argument("case", nargs="?", help="one case only, by its id or its spoken reference")
    as_json(command)


def run_check(asked: argparse.Namespace) -> int:
    """What must hold of the installation's database, now."""
    from contextlib import closing
    from dataclasses import asdict
    from datetime import UTC, datetime

    from api.cli.place import open_database, read_rules
    from api.cli.words import tell_json
    from referral.second_line import gaps
    from referral.settings import Settings
    from workflows.checking import check
    from workflows.violation import Violation

    settings = Settings()
    with closing(open_database(settings)) as db:
        found = [Violation("", gap, 'docs/operators.md, "Two database roles"') for gap in gaps(db)]
        found += check(db, read_rules(settings.rules), datetime.now(UTC))
    if asked.json:
        tell_json([asdict(one) for one in found])
        return 1 if found else 0
    return 0 if tell_check(found) else 1


def run_verify(asked: argparse.Namespace) -> int:
    """The history of the installation's database, held against its signer and its witnesses."""
    from dataclasses import asdict

    from sqlalchemy import func, select

    from api.cli.place import one_case, open_database
    from api.cli.words import Bar, tell_json
    from referral.models import Event
    from referral.settings import Settings
    from workflows.verifying import verify

    settings = Settings()
    db = open_database(settings)
    with db.read() as session:
        events = int(session.execute(select(func.count()).select_from(Event)).scalar_one())
    bar = Bar("verifying")
    with one_case():
        report = verify(
            db, asked.case, progress=lambda _, walked: bar(walked, max(events, walked)),
            against=_against(settings, asked.witness, asked.key),
        )  # fmt: skip
    ends = KINDS[report.damage.kind][0] if report.damage else 0
    if asked.json:
        tell_json({**asdict(report), "whole": report.damage is None, "ends": ends})
    else:
        tell_verify(report)
    return ends


def _against(settings: "Settings", witnesses: list[str], keys: list[str]) -> "Against":
    """The signer where it answers, and the files of witnesses; the installation's own witness file is always one."""
    from pathlib import Path

    from api.cli.words import Wrong, aside
    from referral.checkpoints import read_key
    from referral.signer import Last, NoSigner
    from referral.signer_socket import signer_for
    from workflows.proving import Witness
    from workflows.verifying import Against

    try:
        known = [read_key(line) for line in keys]
    except ValueError as error:
        raise Wrong(f"--key: {error}.") from None
    last: Last | None = None
    if settings.signer is not None or (settings.data / "signer").is_dir():
        try:
            signer = signer_for(settings)
            known, last = [*known, *signer.published()], signer.last()
        except NoSigner as why:
            aside(f"{why} Checkpoints are held against what was named with --key.")
    paths = [Path(one) for one in witnesses]
    if settings.witness_file is not None and settings.witness_file.exists():
        paths.append(settings.witness_file)
    for path in paths:
        if not path.is_file():
            raise Wrong(f"There is no file {path}.")
    if not known:
        aside("No key of the signer is known here: signatures are held against the keys in the database itself.")
    return Against(known or None, last, [Witness(path) for path in paths])


def tell_check(found: "list[Violation]") -> bool:
    """Every violation, and what to do about it."""
    from api.cli.words import tell_table

    if not found:
        print("check: all is well. Every open case has an accountable owner and something that calls attention to it.")
        return True
    tell_table(("case", "what does not hold", "what to do"), ((one.case, one.what, one.mend) for one in found))
    print(f"check: {len(found)} things do not hold.")
    return False


def tell_verify(report: "Report") -> bool:
    """How far the walk came, and the first damage."""
    if report.damage is None:
        print(f"verify: {report.events} events of {report.cases} cases, every chain is whole.")
        print(
            f"  {report.leaves} are numbered, {report.waiting} wait; {report.checkpoints} checkpoints and "
            f"{report.cosignatures} cosignatures hold."
        )
    for remark in report.remarks[:MOST]:
        print(f"  remark: the time runs backwards at {_place(remark)}; look at the machines' time.")
    if report.damage is None:
        return True
    first = report.damage
    print(f"verify: {report.damaged} of {report.cases} cases are damaged.")
    print(f"  first bad place: {_place(first, report.reference)}")
    print(f"  kind of damage: {first.kind}: {KINDS[first.kind][1]}")
    for other in report.others[:MOST]:
        print(f"  also: {other.kind} at {_place(other)}")
    return False


def _place(damage: "Damage", reference: str | None = None) -> str:
    """Where something is, as precisely as it is known."""
    parts = []
    if damage.case_id:
        parts.append(f"case {reference or damage.case_id}, event {damage.seq}")
    if damage.number is not None:
        number = f"number {damage.number}"
        parts.append(number if damage.until is None else f"between {number} and {damage.until}")
    if damage.what:
        parts.append(damage.what)
    return ", ".join(parts)
