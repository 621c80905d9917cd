"""A draft keeps anything that is sane, and refuses the rest with a code."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referral.form.branching import BASES
from referral.form.complete import problems, tidy
from referral.form.draft import split
from referral.form.field import Kind
from referral.form.fields import BY_NAME, FIELDS
from referral.form.official import from_official, payload, to_official
from referral.form.statistics import counted
from tests.examples import complete_adult_referral

# fmt: off
KEPT: tuple[tuple[str, Any], ...] = (
    ("family",             "x" * 30_000),
    ("family",             "  as typed,\r\n with \U0001f600 and \u1275  "),
    ("family",             ""),
    ("family",             None),
    ("made_in",            "not a nation yet"),
    ("phone",              "unfinish"),
    ("children_count",     0),
    ("children_count",     "two"),
    ("children_count",     None),
    ("exploitation_types", []),
    ("exploitation_types", ["a code of tomorrow"]),
    ("email_is_safe",      False),
    ("date_of_birth",      "2004-02-29"),
    ("date_of_birth",      None),
)
REFUSED = (
    # field, value, field shown, code
    ("no_such_field",      "x",               "no_such_field",      "unknown_field"),
    ("Testina Muster",     "x",               "?",                  "unknown_field"),
    ("",                   "x",               "?",                  "unknown_field"),
    ("x" * 1000,           "x",               "?",                  "unknown_field"),
    ("family",             "x" * 30_001,      "family",             "too_big"),
    ("family",             "x" * 1_000_000,   "family",             "too_big"),
    ("reference",          "x" * 2_001,       "reference",          "too_big"),
    ("first_name",         "x" * 251,         "first_name",         "too_big"),
    ("family",             "a\x00b",          "family",             "unsafe_text"),
    ("family",             "a\ud800b",        "family",             "unsafe_text"),
    ("uk_places",          ["a\udfff"],       "uk_places",          "unsafe_text"),
    ("family",             3,                 "family",             "wrong_type"),
    ("family",             {"a": "b"},        "family",             "wrong_type"),
    ("family",             ["a"],             "family",             "wrong_type"),
    ("uk_places",          "Town",            "uk_places",          "wrong_type"),
    ("uk_places",          ["Town", 3],       "uk_places",          "wrong_type"),
    ("uk_places",          ["x"] * 101,       "uk_places",          "too_big"),
    ("uk_places",          ["x" * 2_001],     "uk_places",          "too_big"),
    ("email_is_safe",      "yes",             "email_is_safe",      "wrong_type"),
    ("email_is_safe",      1,                 "email_is_safe",      "wrong_type"),
    ("children_count",     1.5,               "children_count",     "wrong_type"),
    ("children_count",     True,              "children_count",     "wrong_type"),
    ("children_count",     10**4000,          "children_count",     "too_big"),
    ("date_of_birth",      "next spring",     "date_of_birth",      "wrong_type"),
    ("date_of_birth",      "2001-02-29",      "date_of_birth",      "wrong_type"),
)
# fmt: on


@pytest.mark.parametrize(("name", "value"), KEPT)
def test_a_draft_keeps_anything_sane_as_it_is(name: str, value: Any) -> None:
    assert tidy({name: value}) == ({name: value}, [])


@pytest.mark.parametrize(("name", "value", "shown", "code"), REFUSED)
def test_a_draft_refuses_what_cannot_be_kept_and_keeps_the_rest(name: str, value: Any, shown: str, code: str) -> None:
    clean, refused = tidy({name: value, "education": "kept"})
    assert clean == {"education": "kept"}
    assert [(problem.field, problem.code, problem.warning) for problem in refused] == [(shown, code, False)]


def test_a_blank_date_takes_the_date_back() -> None:
    assert tidy({"date_of_birth": ""}) == ({"date_of_birth": None}, [])


def test_a_draft_as_a_whole_has_a_limit() -> None:
    long = {row.name: "x" * 30_000 for row in FIELDS if row.kind is Kind.TEXT}
    clean, refused = tidy(long)
    assert len(clean) == 500_000 // 30_000
    assert {problem.code for problem in refused} == {"too_big"}


def test_identity_and_answers_are_kept_apart() -> None:
    answers, identity = complete_adult_referral()
    assert split(answers | identity) == (answers, identity)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
CODES = sorted({code for row in FIELDS for code in row.values or {}})


@given(st.dictionaries(st.sampled_from(sorted(BY_NAME)), JSON | st.sampled_from(CODES), max_size=40), st.booleans())
@settings(max_examples=200, deadline=None)
def test_no_answer_however_odd_breaks_anything(answers: dict[str, Any], child: bool) -> None:
    for kept in (answers, tidy(answers)[0]):
        for basis in BASES:
            problems(kept, kept, child, basis, date(2026, 11, 22))
        record = to_official(kept, kept)
        assert from_official(record).unread == ()
        from_official({row.official_key: kept.get(row.name) for row in FIELDS})
        payload(kept)
        counted(kept)
