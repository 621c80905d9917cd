"""Referral forms of invented people, as they are sent. Every name, number and place in them is invented."""
# ruff: noqa: E501 - a line of a story stands on one line, so that its columns line up

from typing import Any

from api.demo.story import Later

_ACCOUNT: dict[str, Any] = {
    "responder_email": "petra@eastshire-police.invalid", "organisation": "Eastshire Police (invented)", "made_in": "england",
    "birthplace": "An invented town in Romania", "family": "Invented: parents and a younger brother.",
    "education": "Invented: left school at 16.", "employment_history": "Invented: worked in a shop.",
    "several_situations": "no", "when_happened": "Invented: from the spring until the morning of the operation.",
    "how_started": "Invented: promised work in a hotel by somebody met online.",
    "taken_somewhere": "yes", "journey_details": "Invented: flown in, then driven from house to house.",
    "required_to_do": "Invented: told whom to see, and gave up what was paid.",
    "living_conditions": "Invented: a locked room shared with others.", "how_treated": "Invented: threatened, papers taken.",
    "still_in_situation": "no", "how_left": "Invented: found in the operation.", "last_contact": "week",
    "reported_before": "no", "why_report_now": "Invented: safe for the first time.",
    "indicators_seen": "yes", "indicators": ["documents_held", "fear"], "indicators_details": "Invented: no papers, afraid.",
    "interview_details": "Invented: in private, with a professional interpreter.",
    "own_judgement": "Invented: the account holds together; gaps are explained by fear.", "dishonesty_seen": "no",
    "others_involved": "yes", "others_involved_details": "Invented: a victim navigator.",
    "where_happened": "uk", "uk_places": ["Inventedtown"], "current_town": "Inventedtown", "current_region": "west_midlands",
    "who_exploited": "Invented: two men who used no names.", "exploiters_location_known": "no",
    "exploitation_types": ["prostitution"], "other_victims": "yes", "other_victims_details": "Invented: found on the same day.",
    "future_concerns": "yes", "future_concerns_reasons": "Invented: a debt is said to be open.",
    "reported_to_police": "yes", "police_force": "Eastshire Police (invented)", "crime_reference": "INV/0416/26",
    "gender": "female", "nationality": "Romanian",
    "responder_first_name": "Petra", "responder_last_name": "Invented", "responder_role": "Detective sergeant",
    "responder_phone": "01632 960016", "second_contact_email": "duty@eastshire-police.invalid",
}  # fmt: skip
_NEEDS: dict[str, Any] = {
    "has_children": "no", "needs_interpreter": "yes", "interpreter_language": "Romanian",
    "needs_communication_help": "no", "has_home_office_reference": "no",
}  # fmt: skip
_ADULT: dict[str, Any] = {
    "under_18_when_exploited": "no", "cooperates": "yes", "needs_support": "yes", "phone_route": "own",
    "decision_to": "person", "contact_methods": ["email"], "email_is_safe": True,
}  # fmt: skip


def adult(reference: str, first: str, last: str, **more: Any) -> dict[str, Any]:
    """An adult who agrees to be referred and wants support."""
    named = {
        "first_name": first,
        "last_name": last,
        "phone": "07700 900417",
        "email": f"{reference.lower()}@invented.invalid",
    }
    return {"answers": {**_ACCOUNT, **_NEEDS, **_ADULT, "reference": reference, **more}, "identity": named}


def child(reference: str, first: str, last: str, birthday: Later) -> dict[str, Any]:
    """A child: neither consent nor support is asked; the local authority was told."""
    told = {
        "authority_name": "Brightwater Council (invented)", "authority_phone": "01632 960099",
        "authority_email": "children@brightwater.invalid", "cooperates": "no", "reference": reference,
    }  # fmt: skip
    return {
        "answers": {**_ACCOUNT, **_NEEDS, **told},
        "identity": {"first_name": first, "last_name": last, "date_of_birth": birthday},
    }


def nobody(reference: str) -> dict[str, Any]:
    """A notification about an adult who refused: nothing in it says who it is."""
    return {"answers": {**_ACCOUNT, "under_18_when_exploited": "no", "cooperates": "no", "reference": reference}}
