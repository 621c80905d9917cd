"""`lodestar diagrams`: writes the pages that are made from the tables, or says which of them are stale."""

import argparse

from api.cli.parser import Commands

BEGINS, ENDS = "<!-- The picture: made by `lodestar diagrams`. -->", "<!-- The end of the picture. -->"


def declare(commands: Commands) -> None:
    """The command and its options."""
    command = commands.listed("diagrams", "lodestar diagrams --check", run=run)
    command.add_argument("--check", action="store_true", help="write nothing; end with 1 if a page is stale")
    command.add_argument("--docs", default="docs", help="the folder of the documents (default: docs)")


def run(asked: argparse.Namespace) -> int:
    """Compare, or write."""
    from pathlib import Path

    docs = Path(asked.docs)
    made = {docs / name: text for name, text in pages().items()}
    readme = docs.parent / "README.md"
    if readme.is_file():
        made[readme] = pictured(readme.read_text(encoding="utf-8"))
    there = set((docs / "workflows").glob("*.md"))
    stale = [path for path, text in made.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    gone = sorted(there - set(made))
    if asked.check:
        for path in stale + gone:
            print(f"stale: {path}")
        return 1 if stale or gone else 0
    for path in gone:
        path.unlink()
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[path], encoding="utf-8")
        print(f"written: {path}")
    return 0


def pages() -> dict[str, str]:
    """Every page by its name below docs/. From the shipped rules alone: an installation's own do not belong here."""
    from api.cli.drawing import overview, page
    from api.cli.place import read_rules
    from api.cli.rulebook import rulebook
    from workflows.catalogue import WORKFLOWS

    law = read_rules(None)
    made = {f"workflows/{name}.md": page(workflow, law) for name, workflow in WORKFLOWS.items()}
    return {**made, "workflows/README.md": overview(WORKFLOWS), "rules.md": rulebook(law)}


def pictured(text: str) -> str:
    """The same text with the picture of the workflows as it is now, between its two marks; without marks, as it was."""
    from api.cli.drawing import followers
    from workflows.catalogue import WORKFLOWS

    before, begins, rest = text.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    if not (begins and ends):
        return text
    return f"{before}{begins}\n```mermaid\n{followers(WORKFLOWS)}\n```\n{ends}{after}"
