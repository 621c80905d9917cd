"""The command line. Declares every command at once; what one command needs is imported only when it runs."""

import sys
from collections.abc import Sequence

from api.cli import agency, case, check, client, demo, diagrams, explain, keys, law, run, serve, user
from api.cli.parser import Commands, Parser

VERSION = "0.1.0"
ABOUT = """\
Lodestar carries one person's case from the first meeting to a planned exit, keeps every deadline of the law with its
source, and can prove afterwards what happened when.

New here?  `lodestar demo` plays two operations and explains each step; `lodestar run` serves them to look at.
Settings are variables that begin with LODESTAR_: LODESTAR_DATA (a folder, var/ by default), LODESTAR_DATABASE_URL,
LODESTAR_RULES (a folder of your own rules), and others that the operators' page in docs/ lists.
"""


def parser() -> Parser:
    """Every command with its options, in the order in which a newcomer meets them."""
    top = Parser(prog="lodestar", usage="lodestar COMMAND ...", description=ABOUT)
    top.add_argument("--version", action="version", version=f"lodestar {VERSION}")
    commands = Commands(top)
    commands.heading("To begin")
    run.declare(commands)
    demo.declare(commands)
    commands.heading("Deadlines and the law")
    explain.declare(commands)
    law.declare(commands)
    diagrams.declare(commands)
    commands.heading("To run an installation")
    serve.declare(commands)
    agency.declare(commands)
    user.declare(commands)
    client.declare(commands)
    keys.declare(commands)
    commands.heading("To prove what happened")
    check.declare(commands)
    case.declare(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. 0: done; 1: done, and something was found wrong; 2: it could not be done as asked."""
    top = parser()
    try:
        asked = top.parse_args(argv)
    except SystemExit as told:  # argparse has printed help, or what was wrong
        return int(told.code or 0)
    if "run" not in asked:
        top.print_help(sys.stderr)
        return 2
    try:
        return int(asked.run(asked))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our output has seen enough
        sys.stderr.close()
        return 0
    except Exception as error:
        words = _in_words(error)
        if words is None:
            raise
        print(f"lodestar: {words}", file=sys.stderr)
        return 2


def _in_words(error: Exception) -> str | None:
    """What a person can do something about, in plain words; None for a fault of ours, which should be seen whole."""
    from api.cli.words import Wrong
    from referral.errors import Refusal

    if isinstance(error, Refusal):
        wrong = error.more.get("wrong")
        fields = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in wrong.errors()] if wrong else []
        return " ".join([error.says, *fields])
    if isinstance(error, (Wrong, OSError)) or type(error).__name__ == "LawError":
        return str(error)
    origin = type(error).__module__.partition(".")[0]
    if origin == "sqlalchemy":
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return f"The database cannot be used: {cause}. Is LODESTAR_DATABASE_URL right, and was `lodestar migrate` run?"
    if origin == "pydantic_core" and getattr(error, "title", "") == "Settings":
        wrong = [f"LODESTAR_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors()]  # type: ignore[attr-defined]
        return "; ".join(wrong)
    return None
