"""The frozen picture of a case that guards and effects look at, and the value an effect gives back. Neither touches a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from referral.access import Actor
from referral.reckoning import local_day
from referral.snapshot import AgencyRow, AgreementRow, BedRow, CaseRow, StrandRow, UserRow
from referral.whereabouts import Whereabouts
from workflows.forms import Form
from workflows.jurisdiction import Jurisdiction


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a rule may know. `form` is None while only asking what is offered."""

    case: CaseRow
    strand: StrandRow | None  # the strand that moves; None for an opening move
    strands: tuple[StrandRow, ...]  # every strand of the case, oldest first
    parts: frozenset[tuple[str, str]]  # (agency, part) of those who take part now
    actor: Actor
    now: datetime  # recorded, UTC
    occurred: datetime  # when it happened, UTC
    law: Jurisdiction
    lapsed: frozenset[tuple[str, str]] = (
        frozenset()
    )  # parts that are over by themselves, which no move has recorded yet
    holders: frozenset[str] = frozenset()  # every agency that takes part or ever did
    agreements: tuple[AgreementRow, ...] = ()  # on sharing, of the accountable agency; for moves that ask for them
    running: frozenset[str] = frozenset()  # names of the deadlines that run on the case now
    form: Form | None = None
    agencies: Mapping[str, AgencyRow] = field(default_factory=dict)  # those the form names, and the actor's own
    users: Mapping[str, UserRow] = field(default_factory=dict)  # those the form names
    beds: Mapping[str, BedRow] = field(default_factory=dict)
    cases: Mapping[str, str] = field(default_factory=dict)  # other cases the form names: id -> kind
    answers: Mapping[str, Any] | None = None  # the referral form so far; read only for moves that ask for it
    identity: Mapping[str, Any] | None = None  # the person's identity columns; likewise
    whereabouts: Whereabouts = field(default_factory=Whereabouts)  # where they live, without an address; likewise
    of_team: bool = False  # the actor is of the case's team in one of their roles
    reveal_factor: str = "passkey"  # what an address asks for: passkey | totp | none

    def state(self, workflow: str) -> str | None:
        """The state of the newest strand of a workflow, or None if there is none."""
        strand = self.newest(workflow)
        return strand.state if strand else None

    def newest(self, workflow: str) -> StrandRow | None:
        """The newest strand of a workflow."""
        return next((strand for strand in reversed(self.strands) if strand.workflow == workflow), None)

    def told(self, workflow: str | None = None) -> Mapping[str, Any]:
        """What a workflow's newest strand remembers; without a name, what the moving strand remembers."""
        strand = self.newest(workflow) if workflow else self.strand
        return strand.facts if strand else {}

    def each(self, workflow: str) -> tuple[StrandRow, ...]:
        """Every strand of a workflow, oldest first."""
        return tuple(strand for strand in self.strands if strand.workflow == workflow)

    def term(self, name: str, day: date | None = None) -> Any:
        """A dated term of the law in force on a day; without one, on the day the move happened where the case is."""
        return self.law.term(name, day or local_day(self.occurred, self.law.zone))

    def takes_part(self, agency: str, *parts: str) -> bool:
        """Whether an agency takes part in the case, perhaps as one of these parts."""
        return any(who == agency and (not parts or part in parts) for who, part in self.parts)

    @property
    def is_child(self) -> bool:
        """Child, or not sure: treated as a child until the age is assessed."""
        return self.case.child in ("yes", "not_sure")

    @property
    def is_adult(self) -> bool:
        """The age question was answered: an adult."""
        return self.case.child == "no"


@dataclass(slots=True)
class Effect:
    """What a move does beside its arrow. What the form told is remembered by itself; list only the rest."""

    remember: dict[str, Any] = field(default_factory=dict)  # further facts of the strand
    forget: tuple[str, ...] = ()  # facts of the strand that no longer hold
    case: dict[str, Any] = field(default_factory=dict)  # columns of the case to set
    join: tuple[tuple[str, str], ...] = ()  # (agency, part) now taking part
    leave: tuple[tuple[str, str], ...] = ()  # (agency, part) no longer taking part
    enlist: tuple[str, ...] = ()  # people of the actor's agency who are now of the case's team
    dismiss: tuple[str, ...] = ()  # people who no longer are
    brings: dict[str, list[dict[str, Any]]] = field(
        default_factory=dict
    )  # follower -> its forms; [] means not this time
    opens: tuple[tuple[str, dict[str, Any], str], ...] = ()  # new cases: (opening move, form, id of the case)
    rows: tuple["Row", ...] = ()  # rows of other tables
    forgets: tuple[str, ...] = ()  # tables whose rows of this case go with the move: "notes", "answers", "people"
    destroys_key: bool = False  # what was sealed for this case can be opened by nobody any more
    changes: tuple["Row", ...] = ()  # rows of other tables that stand, told whole, by their id


def to_the_team(facts: Facts, _form: Form) -> Effect:
    """The duty team is accountable again until somebody takes the case on."""
    return Effect(case={"owner_user": None}, dismiss=(facts.case.owner_user,) if facts.case.owner_user else ())


@dataclass(frozen=True, slots=True)
class Row:
    """A row to write: inserted, or changed where its key stands already."""

    table: str
    values: Mapping[str, Any]
