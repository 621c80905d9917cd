"""Every branch of the form as a row."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from typing import Any

import pytest

from referral.form.branching import asked, basis_of, settled

ADULT = {"under_18": "no"}
CHILD = {"under_18": "yes"}
REFERRED = ADULT | {"wants_referral": "yes"}
REFUSES = ADULT | {"wants_referral": "no"}
SUPPORTED = REFERRED | {"needs_support": "yes"}
TO_PERSON = REFERRED | {"decision_to": "person"}
TO_OTHER = REFERRED | {"decision_to": "someone_else"}

# fmt: off
ALWAYS = ("reference", "made_in", "under_18", "birthplace", "how_started", "still_in_situation", "reported_before",
          "exploitation_types", "cooperates", "responder_phone", "second_contact_email")
BRANCHES: tuple[tuple[Any, ...], ...] = (
    # answers, asked, not asked
    ({},                                          ALWAYS, ("wants_referral", "authority_name", "first_name", "gender")),
    (CHILD,                                       (*ALWAYS, "authority_name", "first_name", "date_of_birth"),
                                                  ("wants_referral", "needs_support", "decision_to", "under_18_when_exploited", "phone_route")),
    ({"under_18": "not_sure"},                    ("authority_name", "first_name", "gender"), ("wants_referral", "needs_support", "decision_to")),
    # A refusal typed before the age was known does not turn a child's referral into a notification.
    (CHILD | {"wants_referral": "no"},            ("first_name", "has_children"), ("refusal_reason", "needs_support")),
    (CHILD | {"needs_support": "yes", "phone_route": "own"}, (), ("phone_route", "phone")),
    (CHILD | {"decision_to": "person", "contact_methods": ["email"]}, (), ("decision_to", "contact_methods", "email")),
    (ADULT,                                       ("wants_referral", "under_18_when_exploited"), ("first_name", "authority_name", "refusal_reason")),
    (REFERRED,                                    ("needs_support", "first_name", "date_of_birth", "decision_to"), ("refusal_reason", "phone_route")),
    (REFUSES,                                     ("refusal_reason", "gender", "nationality"),
                                                  ("first_name", "date_of_birth", "needs_support", "decision_to", "contact_methods", "has_children")),
    (REFUSES | {"cooperates": "no"},              ("refusal_reason",), ("first_name", "nickname", "contact_methods")),
    (REFUSES | {"cooperates": "yes"},             ("first_name", "last_name", "nickname", "contact_methods"), ("date_of_birth", "home_office_reference", "phone", "decision_to")),
    (REFUSES | {"cooperates": "yes", "contact_methods": ["post"]}, ("address_street", "post_is_safe"), ("email", "email_is_safe")),
    (REFUSES | {"contact_methods": ["email"]},    (), ("email",)),
    (SUPPORTED,                                   ("phone_route",), ("phone", "alternative_phone", "no_phone_reason")),
    (REFERRED | {"needs_support": "no", "phone_route": "own"}, (), ("phone_route", "phone")),
    (SUPPORTED | {"phone_route": "own"},          ("phone",), ("alternative_phone", "no_phone_reason")),
    (SUPPORTED | {"phone_route": "alternative"},  ("alternative_phone", "alternative_phone_relation"), ("phone", "no_phone_reason")),
    (SUPPORTED | {"phone_route": "none"},         ("no_phone_reason",), ("phone", "alternative_phone")),
    (TO_PERSON,                                   ("contact_methods",), ("email", "someone_else_methods", "someone_else_permission")),
    (TO_PERSON | {"contact_methods": ["email", "post"]}, ("email", "email_is_safe", "address_postcode", "post_is_safe"), ()),
    (TO_OTHER,                                    ("someone_else_methods", "someone_else_permission"), ("contact_methods",)),
    (TO_OTHER | {"someone_else_methods": ["email"]}, ("someone_else_email",), ("someone_else_street",)),
    (TO_OTHER | {"someone_else_methods": ["post"]},  ("someone_else_street", "someone_else_postcode"), ("someone_else_email",)),
    (REFERRED | {"has_children": "yes"},          ("children_count",), ()),
    (REFERRED | {"has_children": "no"},           (), ("children_count",)),
    (REFERRED | {"needs_interpreter": "yes"},     ("interpreter_language",), ()),
    (REFERRED | {"needs_communication_help": "yes"},  ("communication_help",), ("interpreter_language",)),
    (REFERRED | {"has_home_office_reference": "yes"}, ("home_office_reference",), ()),
    ({"several_situations": "yes"},               ("when_each_happened",), ("when_happened",)),
    ({"several_situations": "no"},                ("when_happened",), ("when_each_happened",)),
    ({"several_situations": "not_sure"},          ("when_happened",), ("when_each_happened",)),
    ({},                                          (), ("when_happened", "when_each_happened")),
    ({"taken_somewhere": "yes"},                  ("journey_details",), ()),
    ({"taken_somewhere": "no"},                   (), ("journey_details",)),
    ({"still_in_situation": "yes"},               ("what_keeps_them",), ("how_left",)),
    ({"still_in_situation": "no"},                ("how_left",), ("what_keeps_them",)),
    # The trap of the first chance: "no" means not reported before, and is followed by why now.
    ({"reported_before": "no"},                   ("why_report_now",), ()),
    ({"reported_before": "yes"},                  (), ("why_report_now",)),
    ({"reported_before": "not_sure"},             (), ("why_report_now",)),
    ({"indicators_seen": "yes"},                  ("indicators", "indicators_details"), ()),
    ({"indicators_seen": "no"},                   (), ("indicators", "indicators_details")),
    ({"dishonesty_seen": "yes"},                  ("dishonesty_details",), ()),
    ({"others_involved": "yes"},                  ("others_involved_details",), ()),
    ({"where_happened": "uk"},                    ("uk_places", "uk_other_place"), ("countries", "overseas_other_place")),
    ({"where_happened": "overseas"},              ("countries", "overseas_other_place"), ("uk_places", "uk_other_place")),
    ({"where_happened": "uk_and_overseas"},       ("uk_places", "countries"), ()),
    ({"exploiters_location_known": "yes"},        ("exploiters_in_uk", "exploiters_location_details"), ()),
    ({"exploiters_location_known": "no"},         (), ("exploiters_in_uk", "exploiters_location_details")),
    ({"exploitation_types": ["other"]},           ("other_exploitation",), ("county_lines",)),
    ({"exploitation_types": ["forced_to_commit_crime"]}, ("county_lines",), ("other_exploitation",)),
    ({"exploitation_types": ["organs_removed"]},  (), ("county_lines", "other_exploitation")),
    ({"exploitation_types": "other"},             (), ("other_exploitation",)),
    ({"other_victims": "yes"},                    ("other_victims_details",), ("other_victims_suspected",)),
    ({"other_victims": "not_sure"},               ("other_victims_suspected",), ("other_victims_details",)),
    ({"future_concerns": "yes"},                  ("future_concerns_reasons",), ()),
    ({"reported_to_police": "yes"},               ("police_force", "crime_reference"), ()),
    ({"reported_to_police": "no"},                (), ("police_force", "crime_reference")),
    ({"cooperates": "yes"},                       ("cooperates_details",), ()),
    ({"evidence_attached": "yes"},                ("evidence_list",), ()),
    ({"evidence_attached": "no"},                 (), ("evidence_list",)),
)
BASES: tuple[tuple[Any, ...], ...] = (
    # answers, basis
    ({},                                None),
    (ADULT,                             None),
    (CHILD,                             "referral"),
    ({"under_18": "not_sure"},          "referral"),
    (CHILD | {"wants_referral": "no", "cooperates": "no"}, "referral"),
    (REFERRED,                          "referral"),
    (REFUSES,                           "notify_anonymous"),
    (REFUSES | {"cooperates": "no"},    "notify_anonymous"),
    (REFUSES | {"cooperates": "yes"},   "notify_named"),
)
SETTLED: tuple[tuple[Any, ...], ...] = (
    # answers, child, basis, what the case adds or puts right
    ({},                          True,  "referral",         {"under_18": "not_sure"}),
    ({"under_18": "no"},          True,  "referral",         {"under_18": "not_sure"}),
    ({"under_18": "yes"},         True,  "referral",         {"under_18": "yes"}),
    ({},                          False, "referral",         {"under_18": "no", "wants_referral": "yes"}),
    ({"cooperates": "no"},        False, "referral",         {"under_18": "no", "wants_referral": "yes", "cooperates": "no"}),
    ({},                          False, "notify_anonymous", {"under_18": "no", "wants_referral": "no", "cooperates": "no"}),
    ({},                          False, "notify_named",     {"under_18": "no", "wants_referral": "no", "cooperates": "yes"}),
)
# fmt: on


@pytest.mark.parametrize(("answers", "yes", "no"), BRANCHES)
def test_each_branch_asks_what_it_should(answers: dict[str, Any], yes: tuple[str, ...], no: tuple[str, ...]) -> None:
    names = asked(answers)
    assert [name for name in yes if name not in names] == []
    assert [name for name in no if name in names] == []


@pytest.mark.parametrize(("answers", "basis"), BASES)
def test_the_answers_decide_what_the_form_becomes(answers: dict[str, Any], basis: str | None) -> None:
    assert basis_of(answers) == basis


@pytest.mark.parametrize(("answers", "child", "basis", "expected"), SETTLED)
def test_the_case_fills_in_what_it_knows(
    answers: dict[str, Any], child: bool, basis: str, expected: dict[str, Any]
) -> None:
    before = dict(answers)
    assert settled(answers, child, basis) == expected
    assert answers == before
