"""How commands are declared: a name, a sentence, an example. The help is made from nothing else. Imports nothing heavy."""

import argparse
from collections.abc import Callable
from typing import Any

Run = Callable[[argparse.Namespace], int]
WIDTH = 12  # of the column of names


class Parser(argparse.ArgumentParser):
    """A parser whose texts keep their lines, and that does not guess at shortened options."""

    def __init__(self, **more: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **more)


class Commands:
    """The commands below a parser. Each that is added stands in the parser's help with its sentence and its example."""

    def __init__(self, above: Parser) -> None:
        self._above = above
        self._parsers = above.add_subparsers(metavar="COMMAND", help=argparse.SUPPRESS)
        above.epilog = ""

    def heading(self, words: str) -> None:
        """Begin a group in the list."""
        self._say(f"{words}:")

    def add(self, name: str, says: str, *examples: str, run: Run, more: str = "") -> Parser:
        """A command. `more` is said in its own help only."""
        shown = "\n".join(f"  {example}" for example in examples)
        made = self._parsers.add_parser(
            name, description=f"{says}\n{more}".strip(), epilog=f"example{'s' * (len(examples) > 1)}:\n{shown}"
        )
        made.set_defaults(run=run)
        self._say(f"  {name:<{WIDTH}} {says}\n  {'':<{WIDTH}}   {examples[0]}")
        return made

    def group(self, name: str, says: str, example: str) -> "Commands":
        """A command that has commands of its own."""
        made = self._parsers.add_parser(name, description=says, usage=f"lodestar {name} COMMAND ...")
        below = Commands(made)

        def help_(_: argparse.Namespace) -> int:
            made.print_help()
            return 2

        made.set_defaults(run=help_)
        self._say(f"  {name:<{WIDTH}} {says}\n  {'':<{WIDTH}}   {example}")
        return below

    def _say(self, words: str) -> None:
        self._above.epilog = f"{self._above.epilog}{words}\n"


def as_json(command: argparse.ArgumentParser) -> None:
    """The switch that every command has whose answer a program would read."""
    command.add_argument("--json", action="store_true", help="print JSON, for a program to read")
