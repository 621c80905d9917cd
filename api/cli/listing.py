"""The list of all commands, which is also the help. Imports nothing, so that the help answers at once."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

USAGE = "lodestar COMMAND ..."
ABOUT = """\
usage: lodestar COMMAND ...
       lodestar COMMAND --help
       lodestar --version

Lodestar carries one person's case from the first meeting to a planned exit, keeps every deadline of the law with its
source, and can prove afterwards what happened when.

New here?  `lodestar demo` plays two operations and explains each step; `lodestar run` serves them to look at.
Settings are variables that begin with LODESTAR_: LODESTAR_DATA (a folder, var/ by default), LODESTAR_DATABASE_URL,
LODESTAR_RULES (a folder of your own rules), and others that the operators' page in docs/ lists.
"""

# fmt: off
LIST: dict[str, dict[str, tuple[str, str, str]]] = {
    # heading -> command: module, what it does, an example
    "To begin": {
        "run":       ("run",      "Serve a demo installation on this machine, made on the first start.", "lodestar run"),
        "demo":      ("demo",     "Play two operations from start to end, in simulated time, and explain them.", "lodestar demo"),
    },
    "Deadlines and the law": {
        "explain":   ("explain",  "Say how a deadline came about, or calculate one.", "lodestar explain --rule C1 --calendar scotland --start 2026-12-24 --json"),
        "law":       ("law",      "Check the files of dated rules.", "lodestar law check"),
        "diagrams":  ("diagrams", "Write docs/workflows/ and docs/rules.md from the tables.", "lodestar diagrams"),
    },
    "To run an installation": {
        "serve":     ("serve",    "Serve the HTTP interface.", "lodestar serve --host 0.0.0.0 --port 8000"),
        "heartbeat": ("serve",    "Mark what is due, remind, and send messages, in a process of its own.", "lodestar heartbeat"),
        "signer":    ("signer",   "Sign checkpoints, in a process of its own under a user of its own.", "lodestar signer --socket /run/lodestar/signer.sock --state /var/lib/lodestar-signer"),
        "migrate":   ("serve",    "Make the database, or bring it to the newest step.", "lodestar migrate"),
        "agency":    ("agency",   "Add and list agencies, take them out and bring them back.", "lodestar agency list"),
        "agreement": ("agreement", "Record, list and end what agencies have agreed about sharing.", "lodestar agreement list"),
        "user":      ("user",     "Add and list people of staff, take them out and bring them back.", "lodestar user list --agency beacon"),
        "client":    ("client",   "The same for partner agencies' systems.", "lodestar client rotate eastshire-desk"),
        "keys":      ("keys",     "List and renew the keys that sign tokens.", "lodestar keys new"),
    },
    "To prove what happened": {
        "check":     ("check",    "Prove that nobody is unowned and nothing is forgotten.", "lodestar check"),
        "verify":    ("check",    "Walk the chains of all events and name the first damage.", "lodestar verify"),
        "as-it-stood": ("past",   "Tell a case as it stood at a past moment, and who could see it then.", "lodestar as-it-stood 7KQ4-2MX9-T --at 2026-10-01T12:00Z"),
        "export":    ("case",     "Write the history of a case as JSON that anybody can check.", "lodestar export 7KQ4-2MX9-T --out case.json"),
    },
}
# fmt: on
COMMANDS = {name: row for rows in LIST.values() for name, row in rows.items()}


def overview() -> str:
    """The help of `lodestar` itself."""
    parts = [ABOUT]
    for heading, rows in LIST.items():
        parts.append(f"{heading}:")
        parts += [line(name, says, example) for name, (_, says, example) in rows.items()]
    return "\n".join(parts)


def line(name: str, says: str, example: str) -> str:
    """A command in a list, with an example below it."""
    return f"  {name:<12} {says}\n  {'':<12}   {example}"
