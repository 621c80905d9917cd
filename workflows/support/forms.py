"""What a move of support must be told."""

from typing import Annotated, Literal

from pydantic import Field

from workflows.forms import Code, Day, Form, Text

Need = Literal[
    "safety", "health", "legal", "money", "immigration", "interpreter", "children", "work", "housing", "move_on"
]
Needs = Annotated[list[Need], Field(min_length=1)]


class Request(Form):
    """How the person can be reached; the person's own number, somebody else's, or why there is none."""

    reach_by: Literal["own_phone", "other_phone", "none"] | None = None
    relationship: Code | None = None  # whose phone it is
    no_phone_reason: Code | None = None
    note: Text | None = None


class Urgent(Request):
    """Why it cannot wait."""

    risks: Annotated[list[Literal["destitute", "re_exploitation", "unsafe_tonight", "health"]], Field(min_length=1)]


class InitialAssessment(Form):
    """The first look at risk and needs."""

    risk: Literal["low", "medium", "high"]
    needs_accommodation: bool
    note: Text | None = None


class Refusal(Form):
    """Why there is no support for now. It goes back to whoever referred."""

    reason: Literal["under_eighteen", "no_indicators", "outside_area", "support_elsewhere", "other"]
    note: Text | None = None


class Attempt(Form):
    """One try: several ways, at several times of the day."""

    channel: Literal["phone", "text", "email", "through_first_responder", "through_lawyer", "in_person"]
    time_of_day: Literal["morning", "afternoon", "evening"]
    note: Text | None = None


class Reached(Form):
    """The person was spoken to and accepts."""

    accepts: Literal[True]
    note: Text | None = None


class Plan(Form):
    """The plan that was agreed with the person."""

    kind: Literal["safe_house", "outreach"]
    needs: Needs
    agreed_with_person: Literal[True]
    due_on: Day  # when it is looked at next
    note: Text | None = None


class Review(Form):
    """What has changed. Whoever is no longer safe is assessed for a safe place again."""

    needs: Needs
    risk: Literal["low", "medium", "high"]
    needs_accommodation: bool = False
    due_on: Day  # when it is looked at next
    note: Text | None = None


class RemainingNeeds(Form):
    """An assessment of the needs that remain, to which the person agrees."""

    agreed_by_person: Literal[True]
    needs: Needs
    note: Text | None = None


class NoRemainingNeeds(Form):
    """The person does not want such an assessment."""

    persons_choice: Literal[True]
    explained: Literal[True]  # that it is the way to support beyond the move-on period
    note: Text | None = None


class Extension(Form):
    """Until when support goes on, and for what."""

    until: Day
    needs: Needs
    note: Text | None = None


class Exit(Form):
    """The planned end, which the worker answers for."""

    safe_and_appropriate: Literal[True]
    plan: Annotated[list[Need], Field(min_length=1)]  # what the plan takes care of
    going_to: Literal["own_home", "family_or_friends", "local_authority", "asylum", "abroad", "other"]
    by_choice: bool = False  # the person wants to leave before the period has ended
    person_told: Literal[True]
    note: Text | None = None
