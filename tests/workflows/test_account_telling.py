"""The account itself: all about the person, nothing about anybody else, in every language that is shipped."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referral.access import Group
from referral.form.field import Kind
from referral.form.fields import BY_NAME, FIELDS
from referral.form.redaction import OTHER, SAFE_PLACES
from tests.examples import complete_adult_referral
from workflows.account import wording
from workflows.account.telling import Held, account, content, masked
from workflows.account.wording import FOLDER, languages, read_words, written

MARK = {"reference": "7KQ4-2MX9-T", "who": "navigators (1)", "when": "2026-09-20T09:00:00Z"}
ANSWERS, IDENTITY = complete_adult_referral()
OWN = IDENTITY | {"first_name": "Zorica", "last_name": "Qanova"}
FREE = [row.name for row in FIELDS if row.kind in (Kind.TEXT, Kind.SHORT_TEXT) and not row.identity]
ABOUT_OTHERS = {row.name for row in FIELDS if row.others or row.group is Group.ASSOCIATES}
OTHERS = [row.name for row in FIELDS if row.name in ABOUT_OTHERS and row.kind in (Kind.TEXT, Kind.SHORT_TEXT)]
NARRATIVES = [name for name in FREE if name not in OTHERS]
UNHURRIED = settings(deadline=None)  # a busy machine is no failure
NAMES = st.text("abcdefghijklmnopqrstuvwxyzáčéíłńöř", min_size=3, max_size=10).map(lambda rest: f"Qj{rest}")


def event(seq: int, move: str, came: str | None, went: str, **more: Any) -> str:
    told = {"move": move, "strand": 1, "from": came, "to": went, "occurred": f"2026-09-{15 + seq}T09:00:00+00:00"}
    return orjson.dumps(told | more).decode()


BODIES = (
    event(1, "intake.encounter", None, "identified", joined=[["eastshire", "first_responder", None]]),
    event(2, "consent.give", None, "given"),
    event(3, "decision.find_reasonable", "rg_pending", "recovery", joined=[["sca", "authority", None]]),
    event(4, "housing.place", "accepted", "placed", joined=[["refuge", "housing", None]]),
    event(5, "intake.save", "identified", "identified"),
    event(6, "consent.withdraw", "given", "withdrawn", left=[["sca", "authority"]]),
)
HELD = Held(
    case="c" * 32, reference="7KQ4-2MX9-T", zone="Europe/London", kept_months=72, bodies=BODIES, answers=ANSWERS,
    identity=OWN, purposes={1: "police"}, agencies={"eastshire": "Eastshire Police", "sca": "The Authority",
    "refuge": "Willow Refuge"}, notes=2,
)  # fmt: skip


def paper(held: Held = HELD, language: str = "en") -> str:
    return written(account(held), read_words(language), MARK)


@UNHURRIED
@given(name=NAMES, source=st.sampled_from(OTHERS), into=st.lists(st.sampled_from(FREE), min_size=1, max_size=6))
def test_somebody_else_who_is_planted_anywhere_never_comes_out(name: str, source: str, into: list[str]) -> None:
    planted = {field: f"Then {name} came, and {name.upper()}'s car." for field in into} | {source: name}
    told = paper(replace(HELD, answers=ANSWERS | planted))
    assert name.casefold() not in told.casefold()
    assert "Zorica" in told
    assert "Qanova" in told


@UNHURRIED
@given(name=NAMES, into=st.sampled_from(NARRATIVES))
def test_a_name_that_belongs_to_nobody_else_does_come_out(name: str, into: str) -> None:
    """The control: what keeps the name out is the mark of the field, and not that nothing comes out."""
    if into in SAFE_PLACES:
        return
    assert name in paper(replace(HELD, answers=ANSWERS | {into: f"Then {name} came."}))


def test_everything_that_is_held_of_the_person_is_there_or_said_to_be_left_out() -> None:
    told = paper()
    for values in (ANSWERS, OWN):
        for name, value in values.items():
            row = BY_NAME[name]
            if value in (None, "", []) or row.kind is Kind.CONFIRM:
                continue
            assert row.says in told, name
    assert "Invented: washed cars" not in told  # a name given elsewhere begins so, and rather too much is masked
    assert ": washed cars from seven to nine, every day." in told


def test_no_field_about_others_and_no_place_is_told() -> None:
    everything = {row.name: f"Zq{row.name}" for row in FIELDS if row.others or row.name in SAFE_PLACES}
    identity = {name: told for name, told in everything.items() if BY_NAME[name].identity}
    told = paper(replace(HELD, answers=everything, identity=identity))
    assert "Zq" not in told
    assert told.count("[another person]") >= len([row for row in FIELDS if row.others])


def test_every_step_consent_decision_and_helper_is_told_with_its_day() -> None:
    told = paper()
    for line in (
        "- 17 September 2026: you agreed to this: that the police are told.",
        "- 21 September 2026: you took back your agreement to this: that the police are told.",
        "- From 16 September 2026: Eastshire Police, as the organisation that sent your referral.",
        "- Until 21 September 2026: The Authority, as the authority that decides.",
        "- 16 September 2026: Somebody was met who may have been trafficked.",
        "72 months",
        "notes in their own words to 2 of these steps",
        "ico.org.uk",
    ):
        assert line in told, line
    assert len(re.findall(r"^- \d+ September 2026: ", told, re.MULTILINE)) >= len(BODIES)


def test_whoever_keeps_a_safe_place_is_not_named() -> None:
    told = paper()
    assert "Willow Refuge" not in told
    assert "a service that is not named here for your safety" in told


def test_the_mark_stands_first_and_last() -> None:
    told = paper()
    mark = "> Case 7KQ4-2MX9-T. Given to navigators (1) on 2026-09-20T09:00:00Z"
    assert told.count(mark) == 2
    assert told.rstrip().splitlines()[-1].startswith(mark)


def test_what_somebody_typed_becomes_no_heading_tag_or_link() -> None:
    told = paper(replace(HELD, answers={"family": "a\n# b <script> [x](http://y) `z`"}))
    assert "\n# b" not in told
    assert r"a # b \<script\> \[x\](http\://y) \`z\`" in told


def test_the_digest_is_of_what_is_told_and_needs_the_key() -> None:
    told, key = account(HELD), b"k" * 32
    other = account(replace(HELD, answers=ANSWERS | {"family": "Something else."}))
    assert content(told, key, "c") == content(account(HELD), key, "c")
    assert (
        len({content(told, key, "c"), content(other, key, "c"), content(told, b"j" * 32, "c"), content(told, key, "d")})
        == 4
    )


def test_what_was_taken_out_is_counted() -> None:
    assert masked(account(replace(HELD, answers={"who_exploited": "Qjan"}, identity={}))) == 1
    assert OTHER not in paper()


def test_with_nothing_held_each_heading_says_so() -> None:
    told = paper(replace(HELD, answers={}, identity={}, bodies=(), notes=0))
    assert told.count("Nothing is held.") == 6


@pytest.mark.parametrize("language", languages())
def test_every_language_has_every_word_and_writes_the_same_lines(language: str) -> None:
    assert read_words(language).language == language
    assert len(paper(language=language).splitlines()) == len(paper().splitlines())


def test_welsh_says_that_the_form_is_in_english() -> None:
    told = paper(language="cy")
    assert "yn Saesneg" in told
    assert "16 Medi 2026" in told
    assert "[person arall]" in told


@pytest.mark.parametrize(
    ("line", "instead", "says"),
    (
        ('nothing          = "Nid oes dim yn cael ei gadw."\n', "", "lacks"),
        ('title   = "Yr', 'extra = "x"\ntitle   = "Yr', "does not know"),
        ("{day}: {state}", "{state}", "other places"),
        ('"Ionawr", ', "", "twelve months"),
    ),
)
def test_a_language_that_lacks_something_is_refused(tmp_path: Path, line: str, instead: str, says: str) -> None:
    for name in ("en", "cy"):
        text = (FOLDER / f"account.{name}.toml").read_text(encoding="utf-8")
        assert name == "en" or line in text
        (tmp_path / f"account.{name}.toml").write_text(text.replace(line, instead) if name == "cy" else text)
    with pytest.raises(ValueError, match=says):
        wording.read_words("cy", tmp_path)
