"""What a move of the decision must be told. Reasons are codes; the narrative is free text, kept as a note."""

from typing import Annotated, Literal

from pydantic import Field

from workflows.forms import AgencyId, CaseId, Code, Day, Form, Text

# The two of the Home Office, a local panel for children, and, in other countries, whoever decides there.
Authority = Literal["SCA", "IECA", "panel", "authority"]
Reasons = Annotated[list[Code], Field(min_length=1, max_length=20)]
Ending = Literal["consent_withdrawn", "withdrawn_at_eighteen", "left_uk", "deceased", "duplicate"]


class Finding(Form):
    """Why it was decided so: codes, and in words if more is to be said."""

    reasons: Reasons
    note: Text | None = None


class Suspension(Form):
    """Both must hold: the person is out of reach, and what is there is not enough to decide on."""

    reason: Literal["missing", "unreachable", "no_answer_at_eighteen"]
    evidence_is_not_enough: Literal[True]
    note: Text | None = None


class Transfer(Form):
    """Which authority decides from now on, and why."""

    authority: Authority
    reason: Literal[
        "detained",
        "released",
        "deportation",
        "inadmissible",
        "age_disputed",
        "found_adult",
        "near_eighteen",
        "moved_area",
        "other",
    ]
    agency: AgencyId | None = None  # where the other authority works in this installation
    note: Text | None = None


class Served(Form):
    """When and to whom the letter went; the day of the decision is kept apart."""

    about: Literal["reasonable", "conclusive"]
    served_on: Day
    to: Literal["person", "agreed_person", "representative", "local_authority", "first_responder"]
    permission_recorded: bool = False  # needed where it goes to an agreed person
    not_where_exploited: Literal[True]  # never to an address where the person was exploited


class AskClose(Form):
    """Why the authority should close before it has decided."""

    reason: Ending
    case: CaseId | None = None  # the case that goes on, where this one is a duplicate
    note: Text | None = None


class Conclusion(Form):
    """Why nothing more is to be decided."""

    reason: Literal["decided"] | Ending = "decided"
    note: Text | None = None
