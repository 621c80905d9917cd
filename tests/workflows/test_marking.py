"""What the door does with the blind index: marks beside every identity, and no text that says where somebody lives."""

from typing import Any

import pytest

from referral.access import Role
from referral.errors import Blocked, NotAllowed, NotFound
from referral.models.person import IDENTITY
from tests.examples import complete_adult_referral
from tests.workflows.walks import OFFICER, SPOKEN, met, rows, submitted
from tests.world import World, a
from workflows import catalogue

CODES = tuple(f"M{number} 2AB" for number in range(2, 9))
THEM: dict[str, Any] = {
    "first_name": "Ștefania", "last_name": "Țurcanu", "date_of_birth": "1999-03-04", "phone": "07700 900123",
    "address_street": "12 Harbour Lane", "address_postcode": "M1 1AE",
}  # fmt: skip


def drafting(world: World) -> str:
    case = met(world)
    world.ask(OFFICER, "intake.explain", case, private=True, capacity="has_capacity", **SPOKEN)
    world.ask(OFFICER, "intake.consent", case, how="written", referral=True, support=True, police=True, **SPOKEN)
    return case


def saved(world: World) -> str:
    case = drafting(world)
    world.ask(OFFICER, "intake.save", case, identity=THEM)
    return case


def asked(world: World) -> str:
    """The person has been told of the referral, and has not answered."""
    case = met(world)
    world.ask(OFFICER, "intake.explain", case, private=True, capacity="has_capacity", **SPOKEN)
    world.ask(OFFICER, "intake.save", case, identity=THEM)
    return case


def marks(world: World, case: str) -> set[tuple[str, str]]:
    return {(kind, mark) for kind, mark in rows(world, "select kind, mark from marks where case_id = :case", case=case)}


def test_an_identity_is_marked_as_it_is_saved(world: World) -> None:
    case = saved(world)
    kinds = {kind for kind, _ in marks(world, case)}
    assert {
        "name",
        "sound",
        "born",
        "birth",
        "phone",
        "text_name",
        "text_postcode",
        "text_street",
        "text_phone",
    } == kinds


def test_a_case_without_anybody_known_has_no_mark(world: World) -> None:
    assert marks(world, drafting(world)) == set()


def test_one_part_that_changes_makes_all_marks_anew_from_the_whole_identity(world: World) -> None:
    case = saved(world)
    before = marks(world, case)
    world.ask(OFFICER, "intake.save", case, identity={"phone": "07700 900999"})
    after = marks(world, case)
    assert {kind for kind, _ in before ^ after} == {"phone", "text_phone"}
    assert len(rows(world, "select distinct version from marks where case_id = :case", case=case)) == 1


def test_a_day_of_birth_told_with_the_age_is_marked_beside_the_name(world: World) -> None:
    case = saved(world)
    before = marks(world, case)
    world.ask(OFFICER, "intake.answer_age", case, under_18="no", born="1990-02-02")
    assert {kind for kind, _ in before ^ marks(world, case)} == {"born", "birth"}


def test_who_refuses_to_be_named_leaves_no_mark(world: World) -> None:
    case = asked(world)
    assert marks(world, case)
    world.ask(OFFICER, "intake.refuse", case, will_cooperate=False)
    assert marks(world, case) == set()


def test_every_move_that_writes_a_part_of_the_identity_reads_the_whole(world: World) -> None:
    """By name: whoever adds a move that changes identity columns adds it here, and lets it read the identity."""
    intake = catalogue.WORKFLOWS["intake"]
    assert {name for name, move in intake.moves.items() if "identity" in move.reads} == {
        "answer_age", "save", "submit", "notify",
    }  # fmt: skip
    assert set(IDENTITY) >= set(THEM)


@pytest.mark.parametrize(
    ("text", "code"),
    (
        ("She lives at 12 Harbour Ln now.", "place_in_text"),
        ("The door code is m11ae", "place_in_text"),
        ("Call +44 7700 900123.", "contact_in_text"),
    ),
)
def test_a_note_that_says_where_somebody_lives_or_is_reached_is_refused(world: World, text: str, code: str) -> None:
    case = saved(world)
    with pytest.raises(Blocked) as refused:
        world.ask(OFFICER, "intake.make_safe", case, note=text)
    assert [reason.code for reason in refused.value.reasons] == [code]
    assert not {"harbour", "m11ae", "900123"} & set(refused.value.says.lower().replace(".", " ").split())
    assert "make_safe" not in str(rows(world, "select body from events where case_id = :case", case=case))
    assert text not in str(rows(world, "select * from refusals"))


def test_a_note_that_says_nothing_of_the_kind_is_kept(world: World) -> None:
    case = saved(world)
    world.ask(OFFICER, "intake.make_safe", case, note="She is calm. The lane was closed at 12.")
    assert rows(world, "select names_person from notes order by seq desc limit 1") in ([(0,)], [(False,)])


def test_a_note_that_names_the_person_is_marked_as_such(world: World) -> None:
    case = saved(world)
    world.ask(OFFICER, "intake.make_safe", case, note="Stefania is calm.")
    assert rows(world, "select names_person from notes order by seq desc limit 1") in ([(1,)], [(True,)])


def test_a_line_that_is_meant_for_a_number_may_hold_one_and_never_an_address(world: World) -> None:
    case = asked(world)
    with pytest.raises(Blocked):
        world.ask(OFFICER, "intake.needs_time", case, due_on="2026-09-20", safe_contact="visit 12 Harbour Lane")
    world.ask(OFFICER, "intake.needs_time", case, due_on="2026-09-20", safe_contact="07700 900123, after dark")


def test_one_case_does_not_tell_what_is_known_in_another(world: World) -> None:
    saved(world)
    other = drafting(world)
    world.ask(OFFICER, "intake.make_safe", other, note="Ștefania, 12 Harbour Lane, M1 1AE, 07700 900123")


def test_a_list_of_places_is_refused_alike_whether_the_right_one_is_among_them(world: World) -> None:
    """A worker who may write notes tries a whole town, to be told by a refusal that she lives in it."""
    case = saved(world)
    told = set()
    for codes in (("M1 1AE", *CODES), CODES):
        with pytest.raises(Blocked) as refused:
            world.ask(OFFICER, "intake.make_safe", case, note=" ".join(codes))
        told.add("list_in_text" in [reason.code for reason in refused.value.reasons])
    assert told == {True}
    assert {code for (code,) in rows(world, "select reasons from refusals")} == {"list_in_text"}


def test_whoever_may_not_see_the_case_or_make_the_move_learns_nothing_of_the_text(world: World) -> None:
    case = saved(world)
    for text in ("She lives at 12 Harbour Lane.", "She lives at 99 Nowhere Road."):
        with pytest.raises(NotFound):
            world.ask(a(Role.FIRST_RESPONDER, "stranger"), "intake.make_safe", case, note=text)
        with pytest.raises(NotAllowed):
            world.ask(a(Role.HOUSING_COORDINATOR, "eastshire-police"), "intake.make_safe", case, note=text)


def test_a_whole_referral_still_goes_through(world: World) -> None:
    _, identity = complete_adult_referral()
    case = submitted(world)
    assert {kind for kind, _ in marks(world, case)} >= {"name", "sound"}
    assert identity["first_name"]
