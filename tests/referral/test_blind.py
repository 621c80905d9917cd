from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral import blind, free_text, names

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
CASE, ELSEWHERE = "a" * 32, "b" * 32
PERSON: dict[str, Any] = {
    "first_name": "Oluwaṣeun", "last_name": "bin Adébáyò", "date_of_birth": date(1999, 3, 4),
    "phone": "+44 7700 900123", "address_street": "Flat 2, 12 Harbour Lane", "address_postcode": "M1 1AE",
    "home_office_reference": "A 1234567",
}  # fmt: skip
some_names = st.text(max_size=40)


def signals(kept: dict[str, Any], asked: dict[str, Any], key: bytes = KEY) -> set[str]:
    marks = {mark for _, mark in blind.marks_of(KEY, CASE, kept)}
    return {signal for mark, signal in blind.sought(key, asked).items() if mark in marks}


def test_a_person_is_found_by_everything_that_is_known_of_them() -> None:
    assert signals(PERSON, PERSON) == {"name", "sound", "born", "birth", "phone", "reference"}
    assert blind.is_same(signals(PERSON, PERSON), PERSON)


def test_nobody_is_found_under_another_key() -> None:
    assert signals(PERSON, PERSON, OTHER) == set()


@pytest.mark.parametrize(
    ("changed", "same"),
    (
        ({"first_name": "Oluwasheun", "last_name": "Adebayo"}, True),
        ({"first_name": "Adebayo", "last_name": "Oluwaseun"}, True),
        ({"date_of_birth": date(1999, 4, 3)}, True),
        ({"date_of_birth": date(2000, 3, 4)}, True),
        ({"date_of_birth": date(1985, 3, 4), "phone": None, "home_office_reference": None}, False),
        ({"first_name": "Meron", "last_name": "Tekle", "phone": None, "home_office_reference": None}, False),
        ({"first_name": "Meron", "last_name": "Tekle", "date_of_birth": None, "home_office_reference": None}, False),
        ({"date_of_birth": None, "home_office_reference": None}, True),  # the name and the number
        ({"first_name": None, "last_name": None, "date_of_birth": None, "phone": None}, True),  # the reference
    ),
    ids=str,
)
def test_one_thing_alone_means_nobody_and_two_together_may(changed: dict[str, Any], same: bool) -> None:
    asked = PERSON | changed
    assert blind.is_same(signals(PERSON, asked), asked) is same


def test_a_guessed_day_needs_the_whole_name() -> None:
    guessed = {"first_name": "Mohammed", "last_name": "Haddad", "date_of_birth": date(1990, 1, 1)}
    other = guessed | {"last_name": "Warsame"}
    assert "born" in signals(guessed, other)
    assert not blind.is_same(signals(guessed, other), other)
    assert blind.is_same(signals(guessed, guessed | {"first_name": "Muhamad"}), guessed)


def test_equal_people_on_different_shelves_share_no_mark() -> None:
    shelves = {blind._shelf("sound", f"{number:032x}") for number in range(400)}
    assert shelves == set(range(16))
    cases = [f"{number:032x}" for number in range(200)]
    marks = [{mark for kind, mark in blind.marks_of(KEY, case, PERSON) if kind == "name"} for case in cases]
    equal = sum(bool(marks[0] & other) for other in marks[1:])
    assert 0 < equal < 30  # 1 in 16 of 199
    born = [{mark for kind, mark in blind.marks_of(KEY, case, PERSON) if kind == "birth"} for case in cases]
    assert sum(bool(born[0] & other) for other in born[1:]) < 5


def test_marks_of_what_a_text_may_not_say_are_equal_in_no_two_cases() -> None:
    here, there = (
        {(kind, mark) for kind, mark in blind.marks_of(KEY, case, PERSON) if kind.startswith("text_")}
        for case in (CASE, ELSEWHERE)
    )
    assert {kind for kind, _ in here} == {kind for kind, _ in there}
    assert here
    assert not here & there


@given(some_names, some_names)
def test_any_name_has_marks_of_one_length_or_none_and_is_found_again(first: str, last: str) -> None:
    known = {"first_name": first, "last_name": last}
    made = blind.marks_of(KEY, CASE, known)
    assert all(len(mark) == 32 for _, mark in made)
    assert made == blind.marks_of(KEY, CASE, known)
    turned = {"first_name": last, "last_name": first}
    assert {m for k, m in made if k == "sound"} == {m for k, m in blind.marks_of(KEY, CASE, turned) if k == "sound"}


def test_nothing_known_leaves_nothing() -> None:
    assert blind.marks_of(KEY, CASE, dict.fromkeys(PERSON)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    (("+44 7700 900123", "07700 900 123"), ("0044-7700-900123", "(07700) 900123"), ("٠٧٧٠٠٩٠٠١٢٣", "07700900123")),
)
def test_a_number_is_the_same_with_its_country_and_without(one: str, other: str) -> None:
    assert names.phone(one) == names.phone(other) == "700900123"


def test_a_short_number_is_none() -> None:
    assert names.phone("999") is None
    assert names.phone(None) is None


def test_a_leap_day_has_neighbours() -> None:
    assert names.days_like(date(2000, 2, 29)) == [date(2000, 2, 29), date(1999, 2, 28), date(2001, 2, 28)]


SAYS: tuple[tuple[str, list[str]], ...] = (
    ("She is at 12 harbour ln.", ["place_in_text"]),
    ("She is at twelve, HARBOUR LANE", ["place_in_text"]),
    ("Her code: M 1-1 A E", ["place_in_text"]),
    ("near m11ae", ["place_in_text"]),
    ("call 0 7 7 0 0 900 123", ["contact_in_text"]),
    ("call +44(0)7700-900123 at night", ["contact_in_text"]),
    ("Adebayo came", ["name_in_text"]),
    ("ADÉBÁYÒ, Oluwaseun", ["name_in_text"]),
    ("Adebayo, 12 Harbour Lane, M1 1AE, 07700 900123", ["place_in_text"] * 2 + ["contact_in_text", "name_in_text"]),
    ("Met on 2026-09-16 at 12:30 in the harbour; flat 2 of 12 was searched.", []),
    ("The lane was closed. Reference 7KQ4-2MX9-T, crime number 900123/26.", []),
    ("", []),
)  # fmt: skip


@pytest.mark.parametrize(("text", "codes"), SAYS)
def test_a_text_says_what_it_says(text: str, codes: list[str]) -> None:
    assert [reason.code for reason in free_text.finds(text, PERSON)] == codes


@pytest.mark.parametrize(("text", "codes"), SAYS)
def test_the_keyed_comparison_says_the_same_as_the_open_one(text: str, codes: list[str]) -> None:
    known = set(blind.marks_of(KEY, CASE, PERSON))
    found = {kind for kind, _ in blind.text_marks(KEY, CASE, free_text.said(text)) & known}
    assert [reason.code for reason in free_text.reasons(k for k in free_text.SAYS if f"text_{k}" in found)] == codes


@pytest.mark.parametrize("text", ("I hope she may come.", "An ly was told.", "Hope and May are words.", "a blessing"))
def test_a_short_or_ordinary_name_alone_is_a_word(text: str) -> None:
    for first, last in (("An", "Li"), ("Hope", "May"), ("Blessing", "Song")):
        assert free_text.finds(text, {"first_name": first, "last_name": last}) == []


def test_no_reason_repeats_what_was_found() -> None:
    said = " ".join(reason.says for reason in free_text.finds("Adebayo, 12 Harbour Lane, M1 1AE, 07700 900123", PERSON))
    assert not {"adebayo", "harbour", "m1", "900123"} & set(said.lower().replace(".", " ").split())
