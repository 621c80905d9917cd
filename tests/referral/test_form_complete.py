"""What stops the sending, and what only warns."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from datetime import date
from typing import Any

import pytest

from referral.form.branching import required, settled
from referral.form.complete import Problem, blocking, problems
from referral.form.field import LISTS
from referral.form.fields import BY_NAME, IDENTITY
from tests.examples import Form, complete_adult_referral, complete_child_referral, complete_notification

Case = tuple[Form, bool, str]
CASES: dict[str, Case] = {
    "adult": (complete_adult_referral(), False, "referral"),
    "child": (complete_child_referral(), True, "referral"),
    "anonymous": (complete_notification(), False, "notify_anonymous"),
    "named": (complete_notification(named=True), False, "notify_named"),
}
# The case knows these of an adult; the form need not repeat them.
KNOWN_BY_CASE: dict[str, set[str]] = {
    "adult": {"under_18", "wants_referral"},
    "child": set(),
    "anonymous": {"under_18", "wants_referral", "cooperates"},
    "named": {"under_18", "wants_referral", "cooperates"},
}


def coded(found: list[Problem]) -> list[tuple[str, str, bool]]:
    return [(problem.field, problem.code, problem.warning) for problem in found]


def look(case: Case, changes: dict[str, Any] | None = None, today: date | None = None) -> list[tuple[str, str, bool]]:
    """The problems of a complete case with some values changed, or taken away by None."""
    (answers, identity), child, basis = case
    changed = answers | {name: value for name, value in (changes or {}).items() if name not in IDENTITY}
    person = identity | {name: value for name, value in (changes or {}).items() if name in IDENTITY}
    return coded(problems(changed, person, child, basis, today))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_complete_form_has_no_problems(case: Case) -> None:
    assert look(case, today=date(2026, 11, 22)) == []


MISSING = [
    (which, name)
    for which, (form, child, basis) in CASES.items()
    for name in sorted(required(settled(form[0], child, basis)) - KNOWN_BY_CASE[which])
]


@pytest.mark.parametrize(("which", "name"), MISSING)
@pytest.mark.parametrize("blank", (None, "", "  ", []))
def test_each_required_field_that_is_missing_gives_exactly_its_problem(which: str, name: str, blank: Any) -> None:
    case = CASES[which]
    code = "at_least_one" if BY_NAME[name].kind in LISTS else "missing"
    assert look(case, {name: blank}) == [(name, code, False)]


# fmt: off
DETAILS = (
    # what was answered, what must then be there
    ({"several_situations": "yes"},              "when_each_happened"),
    ({"still_in_situation": "yes"},              "what_keeps_them"),
    ({"dishonesty_seen": "yes"},                 "dishonesty_details"),
    ({"others_involved": "yes"},                 "others_involved_details"),
    ({"where_happened": "overseas"},             "countries"),
    ({"exploitation_types": ["other"]},          "other_exploitation"),
    ({"evidence_attached": "yes"},               "evidence_list"),
    ({"needs_communication_help": "yes"},        "communication_help"),
    ({"phone_route": "none"},                    "no_phone_reason"),
    ({"contact_methods": ["email", "post"], "address_street": "1 X", "address_town": "X", "address_postcode": "X"}, "post_is_safe"),
    ({"decision_to": "someone_else", "someone_else_methods": ["email"], "someone_else_email": "a@b.example"}, "someone_else_permission"),
)
WRONG: tuple[tuple[Any, ...], ...] = (
    # field, value, code
    ("made_in",               "france",                  "wrong_value"),
    ("made_in",               3,                         "wrong_value"),
    ("gender",                "unknown",                 "wrong_value"),
    ("gender",                {},                        "wrong_value"),
    ("current_region",        "Kent",                    "wrong_value"),
    ("last_contact",          "yesterday",               "wrong_value"),
    ("reported_before",       "not-sure",                "wrong_value"),
    ("exploitation_types",    ["forced_to_work", "x"],   "wrong_value"),
    ("exploitation_types",    "forced_to_work",          "wrong_value"),
    ("indicators",            ["no_such_sign"],          "wrong_value"),
    ("uk_places",             ["Town"] * 11,             "too_many"),
    ("uk_places",             ["x" * 251],               "too_long"),
    ("uk_places",             ["Town", " "],             "wrong_value"),
    ("family",                "x" * 15_001,              "too_long"),
    ("family",                ["x"],                     "wrong_value"),
    ("family",                "x\x00",                   "wrong_value"),
    ("reference",             "x" * 251,                 "too_long"),
    ("responder_email",       "robin at police",         "wrong_value"),
    ("responder_email",       "robin@localhost",         "wrong_value"),
    ("responder_phone",       "call me",                 "wrong_value"),
    ("responder_phone",       "12345",                   "wrong_value"),
    ("phone",                 "------------",            "wrong_value"),
    ("children_count",        "1",                       "wrong_value"),
    ("children_count",        0,                         "wrong_value"),
    ("children_count",        51,                        "wrong_value"),
    ("children_count",        True,                      "wrong_value"),
    ("email_is_safe",         False,                     "not_confirmed"),
    ("email_is_safe",         "yes",                     "not_confirmed"),
    ("date_of_birth",         "1900-01-01",              "wrong_value"),
    ("date_of_birth",         "2001-02-29",              "wrong_value"),
    ("date_of_birth",         "20010228",                "wrong_value"),
    ("date_of_birth",         "01/02/2001",              "wrong_value"),
    ("date_of_birth",         20010228,                  "wrong_value"),
)
FINE: tuple[tuple[str, Any], ...] = (
    # field, value
    ("family",          "x" * 15_000),
    ("uk_places",       ["Town"] * 10),
    ("responder_phone", "+44 (0)1632 960001 ext 12"),
    ("date_of_birth",   None),
    ("date_of_birth",   "1900-01-02"),
    ("nickname",        ""),
    ("indicators",      []),
    ("current_region",  "unknown"),
    ("gender",          "other"),
    ("county_lines",    "nonsense that is not asked about"),
)
# fmt: on


@pytest.mark.parametrize(("answers", "name"), DETAILS)
def test_an_answer_that_calls_for_details_asks_for_them(answers: dict[str, Any], name: str) -> None:
    code = "at_least_one" if BY_NAME[name].kind in LISTS else "missing"
    assert look(CASES["adult"], answers) == [(name, code, False)]


@pytest.mark.parametrize(("name", "value", "code"), WRONG)
def test_a_wrong_answer_is_named_with_its_code(name: str, value: Any, code: str) -> None:
    assert look(CASES["adult"], {name: value}) == [(name, code, False)]


@pytest.mark.parametrize(("name", "value"), FINE)
def test_an_answer_at_the_edge_is_fine(name: str, value: Any) -> None:
    assert look(CASES["adult"], {name: value}) == []


def test_the_united_kingdom_is_not_overseas() -> None:
    found = look(CASES["adult"], {"where_happened": "uk_and_overseas", "countries": ["Freedonia", "england "]})
    assert found == [("countries", "wrong_value", False)]


# fmt: off
NAMES = (
    # first, last, nickname, field, text, code, only a warning
    ("Testina", "Muster", None,     "how_treated",   "They hit Testina Muster.",          "name_in_narrative", False),
    ("Testina", "Muster", None,     "how_treated",   "MUSTER, TESTINA was hit.",          "name_in_narrative", False),
    ("Testina", "Muster", None,     "how_treated",   "they hit testina",                  "name_in_narrative", False),
    ("Testina", "Muster", None,     "how_treated",   "Testina's papers were taken.",      "name_in_narrative", False),
    ("Testina", "Muster", None,     "how_treated",   "T\u00e9stina was hit.",             "name_in_narrative", False),
    ("Testina", "Muster", "Tessie", "how_treated",   "(tessie)",                          "name_in_narrative", False),
    ("Testina", "Muster", None,     "how_treated",   "Testinas and musters are others.",  None,                False),
    # The family may share the name: it has to be possible to say so.
    ("Testina", "Muster", None,     "who_exploited", "An uncle, called Muster too.",      "name_in_narrative", True),
    ("Testina", "Muster", None,     "who_exploited", "Uncle of Testina Muster.",          "name_in_narrative", False),
    # Names that are words.
    ("May",     "Hope",   None,     "how_treated",   "They may hope to be paid in May.",  "name_in_narrative", True),
    ("May",     "Hope",   None,     "how_treated",   "They may then hope to be paid.",    None,                False),
    ("May",     "Hope",   None,     "how_treated",   "They hit May Hope.",                "name_in_narrative", False),
    ("May",     "Muster", None,     "how_treated",   "they hit may muster",               "name_in_narrative", False),
    ("Van",     "Longue", None,     "how_treated",   "taken there in a van",              None,                False),
    ("Testina", "Muster", None,     "reference",     "muster 17",                         "name_in_reference", False),
    ("Testina", "Muster", None,     "reference",     "Muster_Testina",                    "name_in_reference", False),
    ("Testina", "Muster", None,     "reference",     "OP-17/3",                           None,                False),
    # Short fields that are not narratives are left alone.
    ("Testina", "Muster", None,     "current_town",  "Muster",                            None,                False),
    ("???",     "Muster", None,     "how_treated",   "Nobody knows ??? by name.",         None,                False),
)
# fmt: on


@pytest.mark.parametrize(("first", "last", "nickname", "field", "text", "code", "warning"), NAMES)
def test_the_person_s_name_is_found_where_it_must_not_stand(
    first: str, last: str, nickname: str | None, field: str, text: str, code: str | None, warning: bool
) -> None:
    found = look(CASES["adult"], {"first_name": first, "last_name": last, "nickname": nickname, field: text})
    assert found == ([] if code is None else [(field, code, warning)])


def test_a_problem_never_repeats_what_was_typed() -> None:
    (answers, identity), _, _ = CASES["adult"]
    found = problems(answers | {"family": "Testina Muster", "made_in": "secretland"}, identity, False, "referral")
    assert not any(word in problem.says for problem in found for word in ("Testina", "Muster", "secretland"))


def test_someone_else_s_number_warns_until_it_was_checked() -> None:
    other: dict[str, Any] = {
        "phone_route": "alternative",
        "alternative_phone": "01632 960003",
        "alternative_phone_relation": "friend",
    }
    assert look(CASES["adult"], other) == [("alternative_phone", "may_be_exploiters", True)]
    assert look(CASES["adult"], other | {"alternative_phone_checked": True}) == []


def test_a_warning_does_not_block() -> None:
    warning, stop = Problem("a", "b", "c", warning=True), Problem("a", "b", "c")
    assert blocking([warning, stop]) == [stop]


@pytest.mark.parametrize("basis", ("notify_anonymous", "notify_named"))
def test_there_is_no_notification_for_a_child(basis: str) -> None:
    (answers, identity), _, _ = CASES["child"]
    assert coded(problems(answers, identity, True, basis)) == [("under_18", "no_notification_for_child", False)]


@pytest.mark.parametrize("name", sorted(IDENTITY))
def test_an_anonymous_notification_refuses_every_piece_of_identity(name: str) -> None:
    assert look(CASES["anonymous"], {name: "x"}) == [(name, "identity_not_allowed", False)]


# fmt: off
CONTRADICTIONS = (
    # case, answers, field
    ("adult",     {"under_18": "yes"},        "under_18"),
    ("adult",     {"under_18": "not_sure"},   "under_18"),
    ("child",     {"under_18": "no"},         "under_18"),
    ("adult",     {"wants_referral": "no"},   "wants_referral"),
    ("anonymous", {"wants_referral": "yes"},  "wants_referral"),
    ("anonymous", {"cooperates": "yes"},      "cooperates"),
    ("named",     {"cooperates": "no"},       "cooperates"),
)
BIRTHDAYS = (
    # case, born, today, code
    ("adult", "2008-11-22", date(2026, 11, 22), None),
    ("adult", "2008-11-23", date(2026, 11, 22), "contradicts_age"),
    ("adult", "2008-02-29", date(2026, 2, 28),  "contradicts_age"),
    ("adult", "2008-02-29", date(2026, 3, 1),   None),
    ("adult", "2027-01-01", date(2026, 11, 22), "wrong_value"),
    # Not sure stays not sure, whatever the papers say.
    ("child", "1999-01-01", date(2026, 11, 22), None),
    ("named", "2015-01-01", date(2026, 11, 22), None),
)
# fmt: on


@pytest.mark.parametrize(("which", "answers", "field"), CONTRADICTIONS)
def test_a_form_that_contradicts_the_case_is_told_so_once(which: str, answers: dict[str, Any], field: str) -> None:
    assert look(CASES[which], answers) == [(field, "contradicts_case", False)]


@pytest.mark.parametrize(("which", "born", "today", "code"), BIRTHDAYS)
def test_the_date_of_birth_is_held_against_the_age(which: str, born: str, today: date, code: str | None) -> None:
    expected = [] if code is None else [("date_of_birth", code, False)]
    assert look(CASES[which], {"date_of_birth": born}, today) == expected


def test_a_child_whose_date_of_birth_says_grown_up_is_asked_again() -> None:
    found = look(CASES["child"], {"under_18": "yes", "date_of_birth": "1999-01-01"}, date(2026, 11, 22))
    assert found == [("date_of_birth", "contradicts_age", False)]


def test_what_an_adult_s_case_knows_need_not_be_typed_again() -> None:
    assert look(CASES["adult"], {"under_18": None, "wants_referral": None}) == []
    assert look(CASES["named"], {"under_18": None, "wants_referral": None, "cooperates": None}) == []


def test_an_unknown_basis_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="basis"):
        problems({}, {}, False, "notify")


def test_an_empty_form_lists_all_that_is_missing_in_the_form_s_order() -> None:
    found = [problem.field for problem in problems({}, {}, False, "referral")]
    assert found == sorted(found, key=list(BY_NAME).index)
    assert {"reference", "first_name", "exploitation_types", "needs_support"} <= set(found)
    assert len(found) == len(set(found))
