"""Rule files are read whole or refused with file, line and reason; overrides and jurisdictions come from outside."""

# ruff: noqa: E501, Q000 - the rows of the table stand as they stand in TOML

from datetime import date, datetime
from pathlib import Path
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest

from workflows import catalogue
from workflows.explain import calculate
from workflows.jurisdiction import Law
from workflows.law_files import LawError, read_law

SHIPPED = read_law(catalogue.known())
IRELAND = """\
key      = "ireland"
name     = "Ireland"
zone     = "Europe/Dublin"
calendar = "country:IE"
include  = ["house"]

[[deadline]]
id        = "C2"
name      = "recovery_minimum"
says      = "Recovery and reflection."
of        = "decision"
kind      = "floor"
owed_by   = "caseworker"
starts_on = [
    "decision.find_reasonable",
]
stops_on  = ["decision.confirm_close"]
fires     = "decision.reach_minimum"
remind    = ["7 days before", "on the day"]
tell      = ["authority", "owner"]

[[deadline.version]]
id        = "C2-old"
from      = 2008-06-07
until     = 2024-07-16
lasts     = "45 days"
count     = "CD-X"
calendar  = "own"
source    = "a made-up source"
document  = "of some date"
grade     = "C"

[[deadline.version]]
id        = "C2-new"
from      = 2024-07-17
lasts     = "60 days"
count     = "CD-X"
calendar  = "own"
source    = "a made-up source"
document  = "of another date"
grade     = "C"

[[term]]
name      = "duty_to_notify"
says      = "A duty."
value     = false
from      = 2008-06-07
source    = "a made-up source"
document  = "of some date"
grade     = "C"
"""


def read(folder: Path, text: str, name: str = "ireland.toml") -> Law:
    (folder / name).write_text(dedent(text), encoding="utf-8")
    return read_law(catalogue.known(), folder)


def test_a_new_jurisdiction_is_one_new_file(tmp_path: Path) -> None:
    law = read(tmp_path, IRELAND)
    told = calculate(law, "C2", date(2026, 1, 1), jurisdiction="ireland")
    assert (told["version"], told["due"], told["calendar"]) == ("C2-new", "2026-03-02", "country:IE")
    assert sorted(law) == sorted([*SHIPPED, "ireland"])
    assert "offer_answer" in law["ireland"].rules
    assert law["ireland"].term("duty_to_notify", date(2026, 1, 1)) is False


# fmt: off
REFUSED: list[tuple[str, str, int, str]] = [
    # in the file above,                      becomes,                                at line, because
    ('zone     = "Europe/Dublin"',            'zone     = "Europe/Atlantis"',               3, "no time zone"),
    ('"country:IE"',                          '"country:QQ"',                               4, "no calendar"),
    ('["house"]',                             '["huose"]',                                  5, "no shared folder"),
    ('"C2"\n',                                '"C1"\n',                                     8, 'id "C1" exists already'),
    ('of        = "decision"',                'of        = "decison"',                     11, "no workflow"),
    ('kind      = "floor"',                   'kind      = "flor"',                        12, "no kind of deadline"),
    ('"caseworker"',                          '"case_worker"',                             13, "no role"),
    ('"decision.find_reasonable"',            '"decision.find_resonable"',                 15, "no move of any workflow"),
    ('fires     = "decision.reach_minimum"',  'fires     = "child.turn_eighteen"',         18, "no move of the workflow decision"),
    ('"7 days before"',                       '"a week before"',                           19, "no step"),
    ('["authority", "owner"]',                '["authority", "press"]',                    20, "no audience"),
    ('tell      = ["authority", "owner"]\n',  '',                                           7, "`tell` is missing"),
    ('says      = "Recovery and reflection."','sais      = "Recovery and reflection."',    10, '"sais" is no key'),
    ('until     = 2024-07-16',                'until     = 2024-07-17',                    35, "overlaps"),
    ('until     = 2024-07-16\n',              '',                                          34, "overlaps"),
    ('until     = 2024-07-16',                'until     = 2024-07-01',                    35, "a gap"),
    ('until     = 2024-07-16',                'until     = 2004-07-16',                    25, "lies before"),
    ('"45 days"',                             '"45 dayz"',                                 26, "is no length"),
    ('"45 days"',                             '"45 working days"',                         26, "cannot be counted as CD-X"),
    ('count     = "CD-X"',                    'count     = "CD-Y"',                        27, "no way of counting"),
    ('source    = "a made-up source"\n',      '',                                          22, "`source` is missing"),
    ('grade     = "C"\n',                     '',                                          22, "`grade` is missing"),
    ('grade     = "C"\n',                     'grade     = "E"\n',                         31, "no grade"),
    ('grade     = "C"\n',                     'grade     = "D"\n',                         31, "house = true"),
    ('id        = "C2-new"',                  'id        = "C2-old"',                       34, "an id of its own"),
    ('from      = 2008-06-07\nuntil',         'from      = "2008"\nuntil',                 24, "wrong kind"),
    ('from      = 2008-06-07\nuntil',         'from      = 2008-06-07T00:00:00\nuntil',    24, "a day without a time"),
    ('value     = false',                     'value     = 1.5',                           46, "wrong kind"),
    ('key      = "ireland"',                  'key      = "scotland"',                      1, "exists already"),
    ('key      = "ireland"',                  'key      = ireland',                         1, "not TOML"),
    ('[[term]]',                              '[term]',                                     43, "[[term]]"),
]
# fmt: on


@pytest.mark.parametrize(("was", "becomes", "line", "reason"), REFUSED)
def test_a_wrong_rule_file_is_refused_with_file_line_and_reason(
    tmp_path: Path, was: str, becomes: str, line: int, reason: str
) -> None:
    assert was in IRELAND
    with pytest.raises(LawError) as refused:
        read(tmp_path, IRELAND.replace(was, becomes, 1))
    assert reason in refused.value.reason
    assert (refused.value.file, refused.value.line) == (tmp_path / "ireland.toml", line)
    assert str(refused.value).startswith(f"{tmp_path / 'ireland.toml'}:{line}: ")


OVERRIDE = """\
[[override]]
jurisdiction = "england-and-wales"
deadline     = "offer_answer"
lasts        = "2 working days"
from         = 2026-06-01
source       = "Board of the provider, minutes of 4 May 2026"
why          = "Small services are not staffed every day."
"""


def test_an_override_is_a_new_version_from_its_date_and_leaves_the_shipped_one(tmp_path: Path) -> None:
    rule = read(tmp_path, OVERRIDE)["england-and-wales"].rules["offer_answer"]
    versions = [(version.id, version.lasts, version.until, version.local, version.grade) for version in rule.versions]
    assert versions == [
        ("C32-offer", "1 working day", date(2026, 5, 31), False, "D"),
        ("C32-offer-local-2026-06-01", "2 working days", None, True, "local"),
    ]
    assert rule.versions[1].note == "Small services are not staffed every day."
    assert SHIPPED["england-and-wales"].rules["offer_answer"].versions[0].until is None
    assert SHIPPED["scotland"].rules["offer_answer"] == read_law(catalogue.known())["scotland"].rules["offer_answer"]


def test_an_override_may_end_and_the_shipped_rule_goes_on(tmp_path: Path) -> None:
    rule = read(tmp_path, OVERRIDE + "until = 2026-12-31\n")["england-and-wales"].rules["offer_answer"]
    assert [(version.lasts, version.from_) for version in rule.versions] == [
        ("1 working day", date(2015, 1, 1)),
        ("2 working days", date(2026, 6, 1)),
        ("1 working day", date(2027, 1, 1)),
    ]


def test_an_override_may_span_a_change_of_law(tmp_path: Path) -> None:
    text = (
        OVERRIDE.replace("offer_answer", "C5").replace("2 working days", "20 days").replace("2026-06-01", "2024-12-01")
    )
    rule = read(tmp_path, text.replace("lasts ", 'count = "CD-X"\nlasts ') + "until = 2025-06-30\n")
    assert [version.id for version in rule["england-and-wales"].rules["reconsideration_window"].versions] == [
        "C5b", "C5b-local-2024-12-01", "C5c",
    ]  # fmt: skip


def test_an_override_changes_reminders_or_audiences_alone(tmp_path: Path) -> None:
    rule = read(
        tmp_path, OVERRIDE.replace('lasts        = "2 working days"', 'remind = ["when due"]\ntell = ["manager"]')
    )
    version = rule["england-and-wales"].rules["offer_answer"].on(date(2026, 6, 1))
    assert version is not None
    assert (version.lasts, version.remind, version.tell) == ("1 working day", ("when due",), ("manager",))


def test_an_override_turns_on_a_rule_that_is_off(tmp_path: Path) -> None:
    text = OVERRIDE.replace("offer_answer", "C29").replace('lasts        = "2 working days"', "enabled = true")
    started = [rule.id for rule in read(tmp_path, text)["england-and-wales"].starts["support.refer_urgently"]]
    assert ("C29" in started, "C29" in [r.id for r in SHIPPED["england-and-wales"].starts["support.refer_urgently"]]) == (
        True, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("was", "becomes", "line", "reason"),
    (
        ('"england-and-wales"', '"wales"', 2, "no jurisdiction"),
        ('"offer_answer"', '"offer_anser"', 3, "no deadline of england-and-wales"),
        ('"2 working days"', '"2 days"', 4, "cannot be counted"),
        ('"2 working days"', '"some days"', 4, "is no length"),
        ("2026-06-01", "1999-06-01", 5, "no version in force"),
        ("2026-06-01", '"soon"', 5, "wrong kind"),
        ('source       = "Board of the provider, minutes of 4 May 2026"\n', "", 1, "`source` is missing"),
        ("why ", "because ", 7, "is no key"),
        ('lasts        = "2 working days"\n', "", 1, "says lasts, remind, tell or enabled"),
        ("[[override]]", "[[overide]]", 1, "neither a jurisdiction nor"),
    ),
)
def test_a_wrong_override_is_refused_with_file_line_and_reason(
    tmp_path: Path, was: str, becomes: str, line: int, reason: str
) -> None:
    with pytest.raises(LawError) as refused:
        read(tmp_path, OVERRIDE.replace(was, becomes, 1), "local.toml")
    assert (refused.value.line, refused.value.file.name) == (line, "local.toml")
    assert reason in refused.value.reason


def everywhere() -> list[str]:
    return sorted({name for place in SHIPPED.values() for name in place.rules})


def test_the_same_id_and_name_belong_together_in_every_jurisdiction() -> None:
    pairs = {(rule.id, rule.name) for place in SHIPPED.values() for rule in place.rules.values()}
    assert (len({id_ for id_, _ in pairs}), len(pairs)) == (len(everywhere()), len(everywhere()))


def test_every_house_rule_holds_in_every_jurisdiction() -> None:
    for place in SHIPPED.values():
        house = {name for name, rule in SHIPPED["germany"].rules.items() if rule.house or name == "recovery_minimum"}
        assert house - set(place.rules) == set()


def test_every_rule_that_starts_can_stop_and_calls_somebodys_attention() -> None:
    lame = [
        (place.key, rule.name)
        for place in SHIPPED.values()
        for rule in place.rules.values()
        if rule.starts_on and not (rule.stops_on and rule.remind and rule.tell)
    ]
    assert lame == []


def test_every_version_gives_a_due_day_on_its_first_and_a_later_day() -> None:
    for place in SHIPPED.values():
        for rule in place.rules.values():
            for version in rule.versions:
                start = datetime.combine(version.from_, datetime.min.time(), ZoneInfo(place.zone))
                due = place.reckon(version, start, born=date(2008, 2, 29))
                assert due.calendar_version.startswith("holidays ")


def test_the_index_answers_which_rules_a_move_touches() -> None:
    place = SHIPPED["scotland"]
    assert {rule.id for rule in place.starts["decision.find_reasonable"]} == {"C2", "C15", "H15"}
    assert "C1" in {rule.id for rule in place.stops["decision.find_reasonable"]}
    assert {rule.id for rule in place.pauses["decision.suspend"]} == {"C1"}
    assert {rule.id for rule in place.resumes["decision.resume"]} == {"C1"}
    assert {rule.id for rule in place.extends["inquiry.extend"]} == {"H80"}


# fmt: off
TERMS = [
    ("england-and-wales", "duty_to_notify",             "2015-10-31", False),
    ("england-and-wales", "duty_to_notify",             "2015-11-01", True),
    ("scotland",          "duty_to_notify",             "2026-11-22", False),
    ("northern-ireland",  "duty_to_notify",             "2026-11-22", False),
    ("england-and-wales", "verbal_consent",             "2026-02-12", False),
    ("england-and-wales", "verbal_consent",             "2026-02-13", True),
    ("scotland",          "panel_scope_days",           "2026-11-22", 100),
    ("scotland",          "adult_age",                  "2026-11-22", 18),
    ("northern-ireland",  "reconsideration_late_needs", "2025-01-15", "nothing"),
    ("northern-ireland",  "reconsideration_late_needs", "2025-01-16", "exceptional circumstances"),
    ("england-and-wales", "stay_decisions_paused",      "2024-08-26", "everybody"),
    ("england-and-wales", "stay_decisions_paused",      "2024-09-01", "recovery"),
    ("england-and-wales", "stay_decisions_paused",      "1999-01-01", None),
    ("germany",           "leap_birthday",              "2026-11-22", "1 March"),
]
# fmt: on


@pytest.mark.parametrize(("place", "name", "day", "value"), TERMS)
def test_a_term_holds_by_date(place: str, name: str, day: str, value: bool | int | str | None) -> None:
    assert SHIPPED[place].term(name, date.fromisoformat(day)) == value
