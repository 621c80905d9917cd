"""Our answers by official keys and back, what the authority stores, and how it is counted."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from typing import Any

import pytest

from referral.form.official import from_official, payload, to_official
from referral.form.statistics import Counted, age_group, categories, counted, county_lines, gender
from tests.examples import Form, complete_adult_referral, complete_child_referral, complete_notification

FORMS = {
    "adult": complete_adult_referral(),
    "child": complete_child_referral(),
    "anonymous": complete_notification(),
    "named": complete_notification(named=True),
}
OURS = ("indicators", "county_lines", "evidence_attached", "alternative_phone_checked")


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_form_comes_back_from_its_official_record_as_it_was(form: Form) -> None:
    answers, identity = form
    back = from_official(to_official(answers, identity))
    assert back.answers == {name: value for name, value in answers.items() if name not in OURS}
    assert back.identity == identity
    assert back.unread == ()


# fmt: off
CODED = (
    # form, official key, official value
    ("adult",     "pv-under-age",                                     "no"),
    ("child",     "pv-under-age",                                     "not-sure"),
    ("adult",     "potential-victim-exploitative-situation-multiple", "no"),
    ("adult",     "when-last-contact",                                "within-the-last-week"),
    # The trap of the first chance: not turned round.
    ("adult",     "is-this-the-first-chance-to-report",               "no"),
    ("child",     "pv-gender",                                        "unknown"),
    ("adult",     "types-of-exploitation-forced-to-work",             "true"),
    ("adult",     "where-exploitation-happened-uk-city-1",            "Inventedtown"),
    ("adult",     "current-pv-location-uk-region",                    "West Midlands"),
    ("adult",     "pv-phone-number",                                  "yes"),
    ("adult",     "pv-phone-number-yes",                              "+44 7700 900123"),
    ("adult",     "who-contact",                                      "potential-victim"),
    ("adult",     "pv-contact-details",                               ["email"]),
    ("adult",     "pv-contact-details-email-check",                   "true"),
    ("adult",     "does-pv-have-children-yes-amount",                 "1"),
    ("adult",     "any-other-pvs",                                    "not-sure"),
    ("anonymous", "pv-want-to-submit-nrm",                            "no"),
    ("named",     "pv-contact-details-street",                        "1 Invented Street"),
)
NOT_THERE = (
    # form, official key that is not sent
    ("child",     "pv-want-to-submit-nrm"),
    ("child",     "does-pv-need-support"),
    ("child",     "who-contact"),
    ("anonymous", "pv-name-first-name"),
    ("anonymous", "pv-contact-details"),
    ("named",     "pv-dob"),
    ("adult",     "types-of-exploitation-organs-removed"),
    ("adult",     ""),
)
# fmt: on


@pytest.mark.parametrize(("which", "key", "value"), CODED)
def test_official_keys_carry_official_codes(which: str, key: str, value: Any) -> None:
    assert to_official(*FORMS[which])[key] == value


@pytest.mark.parametrize(("which", "key"), NOT_THERE)
def test_what_is_not_asked_is_not_sent(which: str, key: str) -> None:
    assert key not in to_official(*FORMS[which])


def test_an_anonymous_notification_sends_no_identity_even_if_there_were_some() -> None:
    answers, _ = complete_notification()
    _, identity = complete_adult_referral()
    assert to_official(answers, identity) == to_official(answers, {})


def test_a_record_with_foreign_keys_and_codes_is_read_as_far_as_it_goes() -> None:
    record = {
        "pv-gender": "purple",
        "fr-location": "wales",
        "someone-else": "post",
        "pv-contact-details": ["fax"],
        "does-pv-have-children-yes-amount": "many",
        "types-of-exploitation-other": "true",
        "types-of-exploitation-prostitution": "false",
        "where-exploitation-happened-uk-city-1": "Inventedtown",
        "where-exploitation-happened-uk-city-2": "",
        "what-happened": "a question of long ago",
        "family": None,
    }
    back = from_official(record)
    assert back.answers == {
        "made_in": "wales",
        "someone_else_methods": ["post"],
        "exploitation_types": ["other"],
        "uk_places": ["Inventedtown"],
    }
    assert back.identity == {}
    assert back.unread == ("does-pv-have-children-yes-amount", "pv-contact-details", "pv-gender", "what-happened")


def test_odd_values_of_our_own_do_not_break_the_export() -> None:
    assert to_official({"made_in": "france", "exploitation_types": ["x"], "under_18": "no"}, {}) == {
        "pv-under-age": "no"
    }


# fmt: off
PAYLOADS = (
    ("adult",     {"AdultOrChild": "Adult", "AdultOrChildDuringExploitation": "Adult", "Customer.Custom17": "Male",
                   "ExploitationLocationPresented": "UK", "MultipleExploitationSituations": "No",
                   "FirstChanceToReport": "No", "Case.Jurisdiction": "ENGLAND", "NRMOrDuty": "NRM", "WhoToSendDecisionTo": "PV"}),
    ("child",     {"AdultOrChild": "Unknown", "Customer.Custom17": "Other",
                   "ExploitationLocationPresented": "UK", "MultipleExploitationSituations": "No",
                   "FirstChanceToReport": "No", "Case.Jurisdiction": "ENGLAND", "NRMOrDuty": "NRM"}),
    ("anonymous", {"AdultOrChild": "Adult", "AdultOrChildDuringExploitation": "Child", "Customer.Custom17": "Female",
                   "ExploitationLocationPresented": "UK", "MultipleExploitationSituations": "No",
                   "FirstChanceToReport": "No", "Case.Jurisdiction": "ENGLAND", "NRMOrDuty": "DTN"}),
)
# fmt: on


@pytest.mark.parametrize(("which", "expected"), PAYLOADS)
def test_the_authority_stores_its_own_words(which: str, expected: dict[str, str]) -> None:
    assert payload(FORMS[which][0]) == expected


def test_nothing_answered_is_nothing_stored() -> None:
    assert payload({}) == {}


# fmt: off
COUNTED: tuple[tuple[Any, ...], ...] = (
    # ticks, categories
    (None,                                            ("unknown",)),
    ([],                                              ("unknown",)),
    (["other"],                                       ("unknown",)),
    (["forced_to_work"],                              ("labour",)),
    (["wages_taken", "forced_to_commit_fraud"],       ("labour",)),
    (["prostitution"],                                ("sexual",)),
    (["child_exploitation", "held_and_assaulted"],    ("sexual",)),
    (["forced_to_commit_crime"],                      ("criminal",)),
    # The form lists it under criminal; the statistics do not.
    (["organs_removed"],                              ("organ_harvesting",)),
    (["unpaid_household_work"],                       ("domestic_servitude",)),
    (["other", "forced_to_commit_crime", "forced_to_work"], ("labour", "criminal")),
)
AGES = (
    # now, when exploited, counted as
    ("yes",      None,       "child"),
    ("yes",      "no",       "child"),
    ("not_sure", None,       "unknown"),
    ("no",       "no",       "adult"),
    ("no",       "yes",      "child"),
    ("no",       "not_sure", "unknown"),
    ("no",       None,       "unknown"),
    (None,       "no",       "unknown"),
)
# fmt: on


@pytest.mark.parametrize(("ticks", "expected"), COUNTED)
def test_ticks_are_counted_in_the_statistics_own_categories(ticks: Any, expected: tuple[str, ...]) -> None:
    assert categories({"exploitation_types": ticks}) == expected


def test_county_lines_is_a_flag_on_criminal_exploitation() -> None:
    assert county_lines({"exploitation_types": ["forced_to_commit_crime"], "county_lines": "yes"})
    assert not county_lines({"exploitation_types": ["forced_to_commit_crime"], "county_lines": "not_sure"})
    assert not county_lines({"exploitation_types": ["forced_to_work"], "county_lines": "yes"})


@pytest.mark.parametrize(("now", "then", "expected"), AGES)
def test_the_age_that_counts_is_the_age_when_exploited(now: str | None, then: str | None, expected: str) -> None:
    assert age_group({"under_18": now, "under_18_when_exploited": then}) == expected


def test_gender_other_is_an_answer_and_not_missing() -> None:
    assert [gender({"gender": given}) for given in ("female", "male", "other", None)] == [
        "female", "male", "other", "missing",
    ]  # fmt: skip


def test_a_form_is_counted_without_anything_that_identifies() -> None:
    expected = Counted(("criminal",), True, "unknown", "unknown", "other", "uk", "england", "Inventedish")
    assert counted(complete_child_referral()[0]) == expected
