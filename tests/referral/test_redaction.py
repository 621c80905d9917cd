"""What is taken out of a text before a person is given it: whoever is planted never comes out, the person does."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referral.form.field import Kind
from referral.form.fields import BY_NAME, FIELDS
from referral.form.names import ORDINARY
from referral.form.redaction import COMMON, OTHER, PLACE, SAFE_PLACES, known, redacted

OWN = {
    "first_name": "Zorica",
    "last_name": "Ilić",
    "nickname": "Zoki",
    "phone": "07700 900111",
    "email": "zo@own.example",
}
NARRATIVES = [row.name for row in FIELDS if row.others and row.kind is Kind.TEXT]
SHORT_ONES = [
    row.name
    for row in FIELDS
    if row.others and row.kind is Kind.SHORT_TEXT and row.name != "alternative_phone_relation"
]
# Behind two letters that no word of these tests begins with: what comes out can only be the planted one.
LETTERS = "abcdefghijklmnopqrstuvwxyzáčéíłńöřßțüžждзлшщяþđøβδλ"
NAMES = st.text(LETTERS, min_size=3, max_size=12).map(lambda rest: f"Qj{rest}")
UNHURRIED = settings(deadline=None)  # a busy machine is no failure
SHAPES = (
    "{}", "with {} there", "{}'s house", "\u2018{}\u2019", "({})", "and{}too", "{}-{}", "{}, {}", "no\n{}\nyes",
    "to{}.", "{}\u200b", "x@y.example {}",
)  # fmt: skip
WRITTEN = (
    str, str.upper, str.lower, lambda name: unicodedata.normalize("NFD", name),
    lambda name: f"{name[:2]}\u200b{name[2:]}",
)  # fmt: skip


def plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text)
    return "".join(one for one in letters if not unicodedata.combining(one)).casefold()


@UNHURRIED
@given(name=NAMES, shape=st.sampled_from(SHAPES), spelt=st.sampled_from(WRITTEN), where=st.sampled_from(NARRATIVES))
def test_whoever_is_named_in_a_narrative_about_others_never_comes_out(
    name: str, shape: str, spelt: Any, where: str
) -> None:
    about = known({where: f"It was {name}, they say."}, OWN)
    assert plain(name) not in plain(redacted(f"She wrote: {shape.format(*[spelt(name)] * 2)}", about))


@UNHURRIED
@given(name=NAMES, small=st.booleans(), spelt=st.sampled_from(WRITTEN), where=st.sampled_from(SHORT_ONES))
def test_whoever_is_named_in_a_short_answer_never_comes_out_however_it_is_spelt(
    name: str, small: bool, spelt: Any, where: str
) -> None:
    about = known({where: name.lower() if small else name}, OWN)
    assert plain(name) not in plain(redacted(f"She stayed with {spelt(name)} for a week.", about))


@UNHURRIED
@given(name=NAMES)
def test_the_persons_own_name_stays_also_where_somebody_shares_it(name: str) -> None:
    about = known({"who_exploited": f"Her uncle {name} Ilić"}, OWN)
    told = redacted(f"Zorica Ilić, called Zoki, met {name} Ilić.", about)
    assert told == f"Zorica Ilić, called Zoki, met {OTHER} Ilić."


@pytest.mark.parametrize(
    "spelt", ("07700 900222", "+44 7700 900222", "07700/900-222", "0044 7700 900222", "7700900222")
)
def test_somebody_elses_number_never_comes_out(spelt: str) -> None:
    about = known({}, OWN | {"alternative_phone": "07700 900222"})
    assert redacted(f"Call {spelt}, not me.", about) == f"Call {OTHER}, not me."


def test_a_number_that_nobody_named_is_taken_out_as_well_and_the_own_one_stays() -> None:
    about = known({}, OWN)
    told = redacted("Mine is 07700 900111, his is 07700 900333, it was in 2024 and on 2025-03-01.", about)
    assert told == f"Mine is 07700 900111, his is {OTHER}, it was in 2024 and on 2025-03-01."


def test_somebody_elses_e_mail_address_never_comes_out_and_the_own_one_stays() -> None:
    assert redacted("zo@own.example or boss@bad.example", known({}, OWN)) == f"zo@own.example or {OTHER}"


def test_where_the_person_may_live_never_comes_out() -> None:
    about = known(
        {"current_town": "Qarrowmere"}, OWN | {"address_street": "12 Birch Lane", "address_postcode": "QX1 2AB"}
    )
    told = redacted("She lives at 12 Birch Lane in Qarrowmere, QX1 2AB, near qx12ab.", about)
    assert all(word not in told for word in ("Birch", "12", "Qarrowmere", "QX1", "2AB", "qx12ab"))
    assert PLACE in told


def test_a_name_in_a_script_without_capitals_or_gaps_never_comes_out() -> None:
    about = known({"someone_else_first_name": "王伟", "who_exploited": "محمد"}, OWN)
    assert redacted("我和王伟去了。محمد came.", about).count(OTHER) == 2


def test_an_ordinary_word_written_small_is_a_word() -> None:
    about = known({"someone_else_first_name": "Hope"}, OWN)
    assert redacted("They hope that Hope comes.", about) == f"They hope that {OTHER} comes."


def test_words_that_name_nobody_stay() -> None:
    about = known({"who_exploited": "Her brother and The man from Qleeds"}, OWN)
    assert redacted("The man and her brother went to Qleeds.", about) == f"The man and her brother went to {OTHER}."


def test_a_mark_that_somebody_typed_is_no_mark() -> None:
    assert redacted(f"a{OTHER}b", known({}, OWN)) == "ab"


def test_every_field_about_somebody_else_is_marked() -> None:
    """A list to be read: whoever adds a field that names people must think of it."""
    marked = {row.name for row in FIELDS if row.others}
    about_others = (
        "responder_",
        "second_contact",
        "authority_",
        "someone_else_",
        "exploiters_",
        "other_victims",
        "alternative_",
    )
    named = {
        row.name for row in FIELDS if row.name.startswith(about_others) and row.kind not in (Kind.CONFIRM, Kind.CHOICES)
    }
    assert named - marked == {"responder_role", "authority_name"}
    assert marked - named == {"who_exploited", "others_involved_details"}
    assert set(BY_NAME) >= SAFE_PLACES
    assert not COMMON & (ORDINARY - {"said"})
