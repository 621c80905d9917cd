"""Complete forms for tests. Every person, number, address and place of work in here is invented."""

from typing import Any

Form = tuple[dict[str, Any], dict[str, Any]]


def _account() -> dict[str, Any]:
    """What every form tells, whoever it is about."""
    return {
        "reference": "INVENTED-0417",
        "responder_email": "r.example@police.example",
        "organisation": "Invented Police",
        "made_in": "england",
        "birthplace": "An invented village",
        "family": "Invented: two younger siblings, parents have died.",
        "education": "Invented: left school at 14.",
        "employment_history": "Invented: worked on a farm.",
        "several_situations": "no",
        "when_happened": "Invented: from March 2025 to October 2026.",
        "how_started": "Invented: a friend of the family promised work in a restaurant at 1,200 pounds a month.",
        "taken_somewhere": "yes",
        "journey_details": "Invented: by lorry, then by car to a house.",
        "required_to_do": "Invented: washed cars from seven to nine, every day.",
        "living_conditions": "Invented: six people in one room, no heating.",
        "how_treated": "Invented: shouted at, hit twice, papers taken.",
        "still_in_situation": "no",
        "how_left": "Invented: walked out when the door was left open.",
        "last_contact": "week",
        "last_contact_details": "Invented: a message on the phone.",
        "reported_before": "no",
        "why_report_now": "Invented: felt safe for the first time.",
        "indicators_seen": "yes",
        "indicators": ["documents_held", "poor_housing", "fear"],
        "indicators_details": "Invented: no papers, looked away when asked.",
        "interview_details": "Invented: in a quiet room, with an interpreter who is not known to them.",
        "own_judgement": "Invented: the account is consistent; gaps are explained by fear.",
        "dishonesty_seen": "no",
        "others_involved": "no",
        "where_happened": "uk",
        "uk_places": ["Inventedtown"],
        "current_town": "Inventedtown",
        "current_region": "west_midlands",
        "who_exploited": "Invented: a man known as Boss.",
        "exploiters_location_known": "no",
        "exploitation_types": ["forced_to_work", "wages_taken"],
        "other_victims": "not_sure",
        "other_victims_suspected": "Invented: others slept in the same room.",
        "future_concerns": "yes",
        "future_concerns_reasons": "Invented: they say a debt is still open.",
        "reported_to_police": "yes",
        "police_force": "Invented Police",
        "crime_reference": "INV/0001/26",
        "gender": "male",
        "nationality": "Inventedish",
        "responder_first_name": "Robin",
        "responder_last_name": "Example",
        "responder_role": "Detective constable",
        "responder_phone": "01632 960001",
        "second_contact_email": "team@police.example",
    }


def _needs() -> dict[str, Any]:
    """What is asked about everyone who is referred."""
    return {
        "has_children": "yes",
        "children_count": 1,
        "needs_interpreter": "yes",
        "interpreter_language": "Inventedish",
        "needs_communication_help": "no",
        "has_home_office_reference": "yes",
    }


def complete_adult_referral() -> Form:
    """An adult who agrees to everything: answers and identity."""
    answers = _account() | _needs()
    answers |= {
        "under_18": "no",
        "under_18_when_exploited": "no",
        "wants_referral": "yes",
        "cooperates": "yes",
        "cooperates_details": "Invented: will talk to the police with a navigator.",
        "needs_support": "yes",
        "phone_route": "own",
        "decision_to": "person",
        "contact_methods": ["email"],
        "email_is_safe": True,
    }
    identity = {
        "first_name": "Testina",
        "last_name": "Muster",
        "nickname": "Tessie",
        "date_of_birth": "1996-02-29",
        "phone": "+44 7700 900123",
        "email": "testina@person.example",
        "home_office_reference": "INVENTED-REF-1",
    }
    return answers, identity


def complete_child_referral() -> Form:
    """Someone who may be a child: no consent, no support question, the local authority told."""
    answers = _account() | _needs()
    answers |= {
        "under_18": "not_sure",
        "authority_name": "Invented Council",
        "authority_phone": "01632 960002",
        "authority_email": "children@council.example",
        "cooperates": "no",
        "exploitation_types": ["forced_to_commit_crime"],
        "county_lines": "yes",
        "gender": "other",
    }
    identity = {
        "first_name": "Kimsample",
        "last_name": "Muster",
        "date_of_birth": "2010-07-01",
        "home_office_reference": "INVENTED-REF-2",
    }
    return answers, identity


def complete_notification(*, named: bool = False) -> Form:
    """An adult who refuses. Anonymous, with no identity at all, unless the person cooperates."""
    answers = _account() | {
        "under_18": "no",
        "under_18_when_exploited": "yes",
        "wants_referral": "no",
        "refusal_reason": "Invented: wants to go home.",
        "cooperates": "no",
        "gender": "female",
    }
    if not named:
        return answers, {}
    answers |= {"cooperates": "yes", "contact_methods": ["post"], "post_is_safe": True}
    identity = {
        "first_name": "Testina",
        "last_name": "Muster",
        "address_street": "1 Invented Street",
        "address_town": "Inventedtown",
        "address_postcode": "ZZ1 1ZZ",
    }
    return answers, identity
