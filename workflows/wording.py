"""What messages say: one template for each kind, read and checked at start. Says where the text is; holds none itself."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from referral.errors import UnknownMove
from referral.outbox import OF_ACCOUNTS, Letter
from referral.sign_in import SignInChange
from workflows import catalogue
from workflows.jurisdiction import Law
from workflows.reminding import SPEAKS
from workflows.telling import HOLDER

FOLDER = Path(__file__).parent / "wording"
KINDS = frozenset({"moved", OF_ACCOUNTS} | {kind for row in SPEAKS.values() for kind in row})
SLOTS = {"reference", "says", "link"}


@dataclass(frozen=True, slots=True)
class Template:
    """One wording, with places for the reference, the sentence and the link."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """What one message says."""

    subject: str
    text: str
    link: str


Wording = Mapping[str, Template]


def read_wording(language: str = "en", folder: Path = FOLDER) -> Wording:
    """The templates of a language. Refused where a kind of message has none, or one has a place that nothing fills."""
    file = folder / f"{language}.toml"
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    if missing := KINDS - set(told):
        raise ValueError(f"{file.name}: no wording for {', '.join(sorted(missing))}.")
    if unknown := set(told) - KINDS:
        raise ValueError(f"{file.name}: no message is of the kind {', '.join(sorted(unknown))}.")
    for kind, row in told.items():
        if not isinstance(row, dict) or set(row) != {"subject", "text"}:
            raise ValueError(f"{file.name}: {kind} needs a subject and a text.")
        for says in row.values():
            slots = {slot for _, slot, _, _ in Formatter().parse(says) if slot is not None}
            if not slots <= SLOTS or "\n" in row["subject"]:
                raise ValueError(
                    f"{file.name}: {kind} may hold {', '.join(sorted(SLOTS))} alone, its subject one line."
                )
    return {kind: Template(**row) for kind, row in told.items()}


def words(wording: Wording, law: Law, letter: Letter, address: str) -> Words:
    """The wording of one message, filled in."""
    # A holder may see the case no more: it is led to what it must acknowledge, and to nothing else.
    place = "acknowledgements" if letter.audience == HOLDER else f"cases/{letter.case_id}"
    if letter.kind == OF_ACCOUNTS:
        place = "account"
    link = f"{address.rstrip('/')}/{place}"
    template = wording[letter.kind]
    filled = {"reference": letter.reference, "says": says(law, letter), "link": link}
    return Words(template.subject.format(**filled), template.text.format(**filled), link)


def says(law: Law, letter: Letter) -> str:
    """The state's own sentence, the rule's or the change's: they are written for everybody, and know nobody."""
    if letter.kind == OF_ACCOUNTS:
        return SignInChange(letter.about).says
    if letter.kind != "moved":
        place = law.get(letter.jurisdiction)
        rule = place.rules.get(letter.about) if place else None
        return rule.says if rule else "A deadline of a rule that is no longer in use."
    try:
        workflow, move = catalogue.find(letter.about)
    except UnknownMove:
        return "A step was recorded."
    return move.enters.says if move.enters is not None else f"{workflow.title}: a step was recorded."
