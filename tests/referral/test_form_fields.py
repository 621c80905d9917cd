"""The table of the form, its coded lists, and who may send it."""

from pathlib import Path

import pytest

from referral.access import Group
from referral.form import codes, statistics
from referral.form.branching import required
from referral.form.field import Code, Field, Kind
from referral.form.fields import BY_NAME, FIELDS, IDENTITY, table
from referral.form.predicates import always
from tests.examples import complete_adult_referral, complete_child_referral, complete_notification


def test_every_field_speaks_and_has_a_plain_name() -> None:
    assert [row.name for row in FIELDS if not row.says or not row.name.replace("_", "").isalnum()] == []


def test_only_the_house_s_own_questions_lack_an_official_key() -> None:
    ours = {row.name for row in FIELDS if not row.official_key}
    assert ours == {
        "indicators",
        "exploitation_types",
        "county_lines",
        "evidence_attached",
        "alternative_phone_checked",
    }


def test_what_identifies_the_person_is_marked() -> None:
    assert {
        "first_name", "last_name", "nickname", "date_of_birth", "phone", "alternative_phone", "email",
        "address_street", "address_town", "address_county", "address_postcode", "home_office_reference",
    } == IDENTITY  # fmt: skip


def test_the_examples_fill_every_kind_of_person_with_known_fields() -> None:
    for answers, identity in (
        complete_adult_referral(),
        complete_child_referral(),
        complete_notification(),
        complete_notification(named=True),
    ):
        assert set(answers) | set(identity) <= set(BY_NAME)
        assert set(identity) <= IDENTITY
        assert not set(answers) & IDENTITY
        assert required(answers) <= set(answers) | set(identity)


def _row(name: str, key: str, kind: Kind = Kind.TEXT) -> Field:
    return Field(name, key, "section", kind, always, required=True, says="Says", group=Group.ACCOUNT)


@pytest.mark.parametrize(
    ("rows", "reason"),
    (
        ([_row("a", "x"), _row("a", "y")], "declared twice"),
        ([_row("a", "x"), _row("b", "x")], "repeats the official key"),
        ([_row("a", "x", Kind.CHOICE)], "without values"),
    ),
)
def test_a_bad_table_is_refused_when_it_is_declared(rows: list[Field], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        table(rows)


# fmt: off
MAY_SUBMIT = (
    # kind, England, Wales, Scotland, Northern Ireland
    ("police",                  True,  True,  True,  True),
    ("local_authority",         True,  True,  True,  True),
    ("border_force",            True,  True,  True,  True),
    ("immigration_enforcement", True,  True,  True,  True),
    ("asylum",                  True,  True,  True,  True),
    ("home_office_other",       True,  True,  True,  True),
    ("national_agency",         True,  True,  True,  True),
    ("health_trust_ni",         False, False, False, True),
    ("charity",                 True,  True,  True,  True),
    ("navigator_service",       False, False, False, False),
    ("nhs",                     False, False, False, False),
)
# fmt: on


@pytest.mark.parametrize(("kind", "england", "wales", "scotland", "northern_ireland"), MAY_SUBMIT)
def test_only_listed_kinds_of_agency_may_submit(
    kind: str, england: bool, wales: bool, scotland: bool, northern_ireland: bool
) -> None:
    answers = [codes.may_submit(kind, nation) for nation in codes.NATIONS]
    assert answers == [england, wales, scotland, northern_ireland]
    assert not codes.may_submit(kind, "elsewhere")


@pytest.mark.parametrize(
    ("kind", "nation", "duty"),
    (
        ("police", "england", "law"),
        ("local_authority", "wales", "law"),
        ("national_agency", "england", "law"),
        ("border_force", "england", "policy"),
        ("charity", "england", None),
        ("police", "scotland", None),
        ("police", "northern_ireland", None),
    ),
)
def test_the_duty_to_notify_is_of_public_authorities_in_england_and_wales(
    kind: str, nation: str, duty: str | None
) -> None:
    assert codes.duty_to_notify(kind, nation) == duty


def test_the_shipped_indicators_are_two_lists_without_overlap() -> None:
    assert (len(codes.GENERAL_INDICATORS), len(codes.CHILD_INDICATORS)) == (36, 16)
    assert len(codes.INDICATORS) == 52


@pytest.mark.parametrize(
    ("content", "reason"),
    (
        ('[general]\na = "x"\n', "exactly the tables"),
        ('[general]\na = "x"\n[child]\na = "y"\n', "listed twice"),
        ('[general]\nA-b = "x"\n[child]\n', "not a code"),
        ('[general]\na = ""\n[child]\n', "not a code"),
        ("[general]\na = 3\n[child]\n", "not a code"),
    ),
)
def test_an_indicator_file_with_a_fault_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "indicators.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=reason):
        codes.read_indicators(path)


def test_regions_know_their_nation_and_unknown_is_one_of_them() -> None:
    assert codes.REGIONS["unknown"] == Code("Unknown", "Unknown")
    assert codes.REGIONS["county_derry_londonderry"].official == "County Derry / Londonderry"
    assert [codes.NATION_OF_REGION[code] for code in ("kent", "gwent", "fife", "county_down")] == [*codes.NATIONS]
    assert "isle_of_man" not in codes.NATION_OF_REGION


def test_each_type_of_exploitation_has_a_statistical_category() -> None:
    assert set(statistics.CATEGORY) == set(codes.EXPLOITATION_TYPES)
    assert set(statistics.CATEGORY.values()) == set(statistics.CATEGORIES)
