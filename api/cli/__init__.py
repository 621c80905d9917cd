"""The command line. What one command needs is imported only when it runs; the help and the version need nothing."""

import sys
from collections.abc import Sequence

from api.cli.listing import COMMANDS, overview

VERSION = "0.1.0"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. 0: done; 1: done, and something was found wrong; 2: it could not be done as asked.

    `verify` says by 10 and more which kind of damage it found.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] in (["-h"], ["--help"]):
        print(overview())
        return 0
    if words == ["--version"]:
        print(f"lodestar {VERSION}")
        return 0
    if not words or words[0] not in COMMANDS:
        print(f"lodestar: there is no command {words[0]}\n" if words else overview(), file=sys.stderr)
        if words:
            print(f"There are: {', '.join(COMMANDS)}. Say `lodestar --help` for more.", file=sys.stderr)
        return 2
    return _run(words)


def _run(words: list[str]) -> int:
    """Declare the command that is asked for, read what it was told, run it."""
    from importlib import import_module

    from api.cli.parser import top

    commands = top()
    import_module(f"api.cli.{COMMANDS[words[0]][0]}").declare(commands)
    try:
        asked = commands.above.parse_args(words)
    except SystemExit as told:  # argparse has printed help, or what was wrong
        return int(told.code or 0)
    try:
        return int(asked.run(asked))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our output has seen enough
        sys.stderr.close()
        return 0
    except Exception as error:
        from api.cli.faults import in_words

        says = in_words(error)
        if says is None:
            raise
        print(f"lodestar: {says}", file=sys.stderr)
        return 2
