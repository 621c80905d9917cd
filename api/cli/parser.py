"""How commands are declared: a name, a sentence, examples. Their help is made from that. Imports nothing heavy."""

import argparse
from collections.abc import Callable

from api.cli.listing import COMMANDS, USAGE, line

Run = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """A parser whose texts keep their lines, and that does not guess at shortened options."""

    def __init__(self, *, prog: str, usage: str | None = None, description: str = "", epilog: str = "") -> None:
        super().__init__(
            prog=prog, usage=usage, description=description, epilog=epilog, allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip


class Commands:
    """The commands below a parser."""

    def __init__(self, above: Parser) -> None:
        self.above = above
        self._parsers = above.add_subparsers(metavar="COMMAND", prog=above.prog, help=argparse.SUPPRESS)

    def add(self, name: str, says: str, *examples: str, run: Run, more: str = "") -> Parser:
        """A command. `more` is said in its own help only."""
        shown = "\n".join(f"  {example}" for example in examples)
        made = self._parsers.add_parser(
            name, description=f"{says}\n{more}".strip(), epilog=f"example{'s' * (len(examples) > 1)}:\n{shown}"
        )
        made.set_defaults(run=run)
        self.above.epilog = "\n".join(filter(None, [self.above.epilog, line(name, says, examples[0])]))
        return made

    def listed(self, name: str, *examples: str, run: Run, more: str = "") -> Parser:
        """A command of the list, which has its sentence and its first example there."""
        _, says, example = COMMANDS[name]
        return self.add(name, says, example, *examples, run=run, more=more)

    def group(self, name: str) -> "Commands":
        """A command of the list that has commands of its own."""
        made = self._parsers.add_parser(name, description=COMMANDS[name][1], usage=f"lodestar {name} COMMAND ...")

        def help_(_: argparse.Namespace) -> int:
            made.print_help()
            return 2

        made.set_defaults(run=help_)
        return Commands(made)


def top() -> Commands:
    """The parser of everything, with no command yet."""
    return Commands(Parser(prog="lodestar", usage=USAGE))


def a_port(told: str) -> int:
    """A port to listen on."""
    port = int(told) if told.isascii() and told.isdigit() and len(told) <= 5 else -1  # noqa: PLR2004
    if not 0 <= port <= 65_535:  # noqa: PLR2004
        raise argparse.ArgumentTypeError("a port lies between 0 and 65535")
    return port


def as_json(command: argparse.ArgumentParser) -> None:
    """The switch that every command has whose answer a program would read."""
    command.add_argument("--json", action="store_true", help="print JSON, for a program to read")
