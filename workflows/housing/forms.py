"""What a move of housing must be told. Beds are named by their id, never by an address."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from workflows.forms import AgencyId, BedId, Code, Day, Form, Moment, Text, UserId

Region = Annotated[str, StringConstraints(min_length=2, max_length=64, pattern=r"^[A-Za-z][A-Za-z ,/-]*$")]
RowId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Codes = Annotated[list[Code], Field(max_length=30)]
Agrees = Literal[
    "yes", "best_interests"
]  # the person agrees, or lacks capacity and it is decided in their best interests


class Needs(Form):
    """What a place must and should be."""

    avoid_regions: Annotated[list[Region], Field(max_length=60)] | None = None  # where those who hurt them are
    must: Codes | None = None  # without these a bed does not fit: step_free, women_only, cot ...
    should: Codes | None = None  # wishes
    note: Text | None = None


class Ask(Needs):
    """Why a place is needed. A second asking keeps what it does not name anew."""

    reason: Code
    safe_tonight: bool
    asylum_support: Literal["none", "asked", "given", "refused", "not_known"] = "not_known"
    housed_by: AgencyId | None = None  # who is to find the place, where it is not the support service itself


class Assessment(Needs):
    """The assessment of risk and needs; what it finds replaces what was asked."""

    risk_assessed_on: Day
    risk_to_others: Literal["none", "managed", "high"]


class SafeThere(Form):
    """Why the present place is safe, secure and appropriate."""

    lives_in: Literal["own_home", "local_authority", "asylum", "family_or_friends", "other"]
    judged_safe: Literal[True]
    reason: Code
    note: Text | None = None


class Interim(Form):
    """A safe place for now that is no bed of ours."""

    kind: Literal["hotel", "police_safe_room", "asylum", "local_authority", "hospital", "other"]
    due_on: Day  # until when it lasts
    agrees: Agrees
    note: Text | None = None


class Offer(Form):
    """Which bed, from when, and what was checked about it."""

    bed: BedId
    from_date: Day
    meets: Codes  # what of the must it meets
    family_together: Literal["yes", "no", "no_family"]
    others_there_checked: Literal[True]  # the risk from and to those who live there
    note: Text | None = None


class Answer(Form):
    """The person takes it."""

    agrees: Agrees


class Refused(Form):
    """Why the person does not take it, and that they could decide."""

    reason: Code
    capacity: Literal["yes", "no", "not_assessed"]
    consequences_explained: Literal[True]
    note: Text | None = None


class Arrival(Form):
    """How the person got there."""

    arrived_on: Day
    transport: Code
    told: Codes = Field(default_factory=list)


class MoveTo(Form):
    """Why the person moves, where to, and how."""

    reason: Code
    to_bed: BedId
    to_from: Day
    meets: Codes
    risk: Literal["low", "medium", "high"]
    transport: Code
    agrees: Agrees
    told: Codes = Field(default_factory=list)
    note: Text | None = None


class Absence(Form):
    """Since when, how worrying it is, and how long the bed is kept."""

    since: Moment
    risk: Literal["low", "medium", "high"]
    keep_bed_until: Day
    note: Text | None = None


class WelfareCheck(Form):
    """What the check found, and how long the bed is kept now."""

    found: Literal["safe", "not_found", "worrying"]
    keep_bed_until: Day
    note: Text | None = None


class Upheld(Form):
    """Why it stays, and when it is looked at next."""

    reason: Code
    risk_assessed_on: Day
    due_on: Day  # when it is looked at again
    note: Text | None = None


class Exclusion(Upheld):
    """Who decided it, on what, until when, and what is offered instead."""

    decided_by: UserId
    alternative: Code


class Eviction(Form):
    """Who decided it, on what, and what is offered instead."""

    reason: Code
    decided_by: UserId
    risk_assessed_on: Day
    alternative: Code
    note: Text | None = None


class Leaving(Form):
    """Why no place is needed any more, and where the person goes."""

    reason: Code
    going_to: Literal[
        "own_home", "family_or_friends", "local_authority", "asylum", "abroad", "died", "not_known", "other"
    ]
    note: Text | None = None


PURPOSES = {  # why somebody needs to know where the person lives, in plain words
    "take_there": "To take the person there, or to fetch them.",
    "visit": "To visit the person.",
    "bring": "To bring what the person needs.",
    "keep_house": "To look after the house.",
    "welfare": "To check that the person is well.",
    "emergency": "To send an emergency service.",
}
Purpose = Literal["take_there", "visit", "bring", "keep_house", "welfare", "emergency"]


class NeedToKnow(Form):
    """Who is to know where the person lives, what for, and until when: 90 days at the most."""

    user: UserId
    purpose: Purpose
    until: Moment


class Entry(Form):
    """Which entry of the list is meant: its id names the person, the purpose and the time that were asked for."""

    entry: RowId


class Reveal(Form):
    """What the address is needed for now."""

    purpose: Purpose


class HouseNote(Form):
    """What was done to the whole house, and by whom."""

    reason: Literal["address_changed", "locked", "asked_to_open", "opened"]
    by: UserId
