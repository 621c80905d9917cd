"""What the moves of intake must be told. What identifies the person is kept in the people table and nowhere else."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from referral.form.fields import IDENTITY
from workflows.forms import AgencyId, BirthDay, CaseId, Code, Day, Form, Free, Line, Moment, Text
from workflows.spoken import ANY_INTERPRETER, Signed, Spoken

Answer = Literal["yes", "no", "not_sure"]
PlaceKind = Literal["raid", "airport", "port", "helpline", "police_station", "detention", "hospital", "street", "other"]
Outcome = Literal["advised", "checked", "referred", "notified", "declined_help", "child", "opened"]
Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9 /._-]{0,62}[A-Za-z0-9])?$")]
# The two of the Home Office, a local panel for children, and, in other countries, whoever decides there.
Authority = Literal["SCA", "IECA", "panel", "authority"]


class _KeptElsewhere(Form):
    """A form of which some fields have a home of their own, so that they must not stand in the notes as well."""

    def notes(self) -> dict[str, Any]:
        """The free text, without what the people and answers tables hold."""
        return {name: told for name, told in super().notes().items() if name not in ("born", "answers", "identity")}


class Encounter(_KeptElsewhere):
    """The first meeting: little is asked, because little can be."""

    jurisdiction: Code | None = None
    place_kind: PlaceKind
    met_at: Moment | None = None  # empty means when the move happened
    operation: CaseId | None = None
    earlier: CaseId | None = None  # the person's earlier case, where consent or a referral comes after it has ended
    present: list[Code] = Field(default_factory=list, max_length=20)
    indicators: list[Code] = Field(default_factory=list, max_length=30)
    needs: list[Code] = Field(default_factory=list, max_length=20)
    language: Code | None = None
    interpreter: ANY_INTERPRETER = "none_needed"  # a companion may have helped with the first words, never later
    exploiter_nearby: Answer = "not_sure"
    still_in_exploitation: Answer = "not_sure"
    immediate_danger: bool = False
    under_18: Answer | None = None
    born: BirthDay | None = None
    outcome: Outcome = "opened"  # what came of it there and then
    safe_contact: Text | None = None  # how the person can be reached safely
    note: Text | None = None


class Age(_KeptElsewhere):
    """The age question, and what the answer rests on."""

    under_18: Answer
    rests_on: Code | None = None  # own_word, document, appearance, other_agency
    documents_seen: list[Code] = Field(default_factory=list, max_length=10)
    born: BirthDay | None = None


class Safe(Form):
    """What was done, and what danger is left."""

    immediate_danger: bool = False
    exploiter_nearby: Answer = "no"
    done: list[Code] = Field(default_factory=list, max_length=20)
    note: Text | None = None


class Explanation(Spoken):
    """How the referral was explained."""

    private: Literal[True]  # never with somebody else listening
    notice_version: Code  # which privacy notice was explained
    explained: list[Code] = Field(default_factory=list, max_length=20)  # support, outcomes, data_sharing, ...
    capacity: Literal["has_capacity", "in_doubt", "lacks"] = "has_capacity"
    note: Text | None = None


class Consents(Signed):
    """Three answers, kept apart: to the referral, to support, to working with the police."""

    referral: bool
    support: bool
    police: bool
    notice_version: Code
    private: Literal[True] = True

    @field_validator("referral")
    @classmethod
    def _agrees(cls, referral: bool) -> bool:  # noqa: FBT001  a validator is given its value
        if not referral:
            raise ValueError("who does not agree to the referral has refused: record that instead")
        return referral


class Refusal(Form):
    """Nobody has to say why. Name and contact are kept only for somebody who is willing to cooperate."""

    will_cooperate: bool
    reason: Code | None = None
    note: Text | None = None


class BestInterests(Form):
    """Who decided for an adult who cannot, and on what assessment."""

    assessed_on: Day
    decided_by_role: Code
    safeguarding_lead_told: Literal[True]
    reason: Code | None = None
    note: Text | None = None


class Time(Form):
    """When to come back, and how that is safe."""

    due_on: Day
    safe_contact: Line | None = None


class Draft(_KeptElsewhere):
    """Anything known of the referral form. Nothing is too little to be kept; an answer of null takes one back."""

    answers: Annotated[dict[str, Any], Free()] = Field(default_factory=dict, max_length=400)
    identity: Annotated[dict[str, Any], Free()] = Field(default_factory=dict, max_length=40)

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.answers.keys() & IDENTITY:
            raise ValueError("what identifies the person is told under `identity`, never among the answers")
        if self.identity.keys() - IDENTITY:
            raise ValueError("only what identifies the person is told under `identity`")
        return self


class Handing(Form):
    """Which organisation is asked to take it from here."""

    to: AgencyId
    note: Text | None = None


class Submission(Form):
    """To whom it goes, and the sender's own reference, which must not be a name."""

    authority: AgencyId  # takes part from now on: without it nobody could decide
    reference: Reference | None = None


class Receipt(Form):
    """The authority's reference. The day of receipt is when this happened."""

    reference: Reference
    authority: Authority


class Notice(Form):
    """The reference of the notification that was sent."""

    reference: Reference | None = None
    authority: AgencyId | None = None


class Duplicate(Form):
    """The case that goes on."""

    case: CaseId


class Withdrawal(Signed):
    """How the adult withdrew. No reason is needed."""

    reason: Code | None = None
    note: Text | None = None


class Closing(Form):
    """Why nothing can be sent any more."""

    reason: Literal["deceased", "left_uk", "unreachable"]
    note: Text | None = None


class Advice(Form):
    """What came of a meeting that leads to no referral."""

    outcome: Literal["advised", "checked", "declined_help"]
    given: list[Code] = Field(default_factory=list, max_length=20)
    note: Text | None = None
