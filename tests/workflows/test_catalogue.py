"""Wrong tables are refused when they are declared or put together, and the shipped ones fit."""

from collections.abc import Callable

import pytest

from referral.access import May, Role
from referral.errors import UnknownMove
from tests.workflows.picturing import LAW
from workflows import catalogue, tables
from workflows.forms import Nothing
from workflows.states import States, because, by, until
from workflows.table import OPENING, Move, Workflow


class Light(States):
    ON = "on", "It is on.", by(Role.NAVIGATOR)
    OFF = "off", "It is off."


class Lamp(States):
    LIT = "lit", "It is lit.", because("It may burn.")
    WAITING = "waiting", "It waits.", until("a_deadline_that_nobody_knows")
    OUT = "out", "It is out."


class Forgotten(States):
    LEFT = "left", "Nobody looks after it."
    GONE = "gone", "It is gone."


def move(name: str, leaves: tuple[States, ...], enters: States | None, *then: str) -> Move:
    return Move(name, leaves, enters, May.PREPARE, Nothing, then=then)


def light(*then: str, name: str = "light", of: str = "person") -> Workflow:
    on, off = move("turn_on", OPENING, Light.ON, *then), move("turn_off", (Light.ON,), Light.OFF)
    return Workflow(name, Light, {Light.OFF}, [on, off], of=of, says="Is it on?")


def lamp(*then: str, of: str = "person") -> Workflow:
    moves = [
        move("kindle", OPENING, Lamp.LIT, *then),
        move("wait", (Lamp.LIT,), Lamp.WAITING),
        move("quench", (Lamp.WAITING,), Lamp.OUT),
    ]
    return Workflow("lamp", Lamp, {Lamp.OUT}, moves, of=of, says="Is it lit?")


def together(*workflows: Workflow) -> dict[str, Workflow]:
    return tables.collect(workflows)


ON, OFF = move("turn_on", OPENING, Light.ON), move("turn_off", (Light.ON,), Light.OFF)


@pytest.mark.parametrize(
    ("declare", "says"),
    (
        (lambda: Workflow("w", Light, {Light.OFF}, [move("open", OPENING, Light.OFF)], says=""), "no move reaches"),
        (
            lambda: Workflow("w", Light, {Light.OFF}, [ON, OFF, move("again", (Light.OFF,), Light.ON)], says=""),
            "which is final",
        ),
        (
            lambda: Workflow("w", Light, {Light.OFF}, [ON, OFF, move("kindle", (Light.ON,), Lamp.LIT)], says=""),
            "which is no state of it",
        ),
        (lambda: Workflow("w", Light, {Light.OFF}, [ON, OFF, ON], says=""), "two moves of one name"),
        (lambda: Workflow("w", Light, {Light.OFF}, [move("open", OPENING, None), OFF], says=""), "enters no state"),
        (
            lambda: Workflow(
                "w",
                Forgotten,
                {Forgotten.GONE},
                [move("open", OPENING, Forgotten.LEFT), move("go", (Forgotten.LEFT,), Forgotten.GONE)],
                says="",
            ),
            "neither owner nor deadline nor a reason",
        ),
    ),
)
def test_a_wrong_table_is_refused_when_it_is_declared(declare: Callable[[], Workflow], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        declare()


@pytest.mark.parametrize(
    ("workflows", "says"),
    (
        ((light("lamp.shine"), lamp()), "lamp.shine, which is no move"),
        ((light("lamp.kindle"), lamp(of="concern")), "another kind of case"),
        ((lamp("lamp.quench"),), "of its own workflow"),
        (
            (light("lamp.kindle"), lamp("light.turn_on")),
            "ring of followers: light.turn_on -> lamp.kindle -> light.turn_on",
        ),
    ),
)
def test_tables_that_do_not_fit_together_are_refused(workflows: tuple[Workflow, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        tables.check(together(*workflows))


def test_two_workflows_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two workflows named light"):
        together(light(), light())


def test_a_permission_that_no_move_asks_for_is_refused() -> None:
    with pytest.raises(ValueError, match=r"No move asks for .*decision:record"):
        tables.check_permissions(together(light()))


def test_a_state_that_waits_only_for_a_deadline_needs_it_in_the_law() -> None:
    with pytest.raises(ValueError, match="a_deadline_that_nobody_knows, unknown in england-and-wales"):
        tables.check_against(together(lamp()), LAW["england-and-wales"])


@pytest.mark.parametrize("key", sorted(LAW))
def test_every_jurisdiction_has_the_deadlines_that_states_wait_for(key: str) -> None:
    catalogue.check_against(LAW[key])


def test_a_move_is_found_by_its_name() -> None:
    workflow, found = catalogue.find("support.reach")
    assert (workflow.name, found.name) == ("support", "reach")


@pytest.mark.parametrize("name", ("support.fly", "support", "", "nobody.reach", "support.reach.reach"))
def test_an_unknown_move_is_refused(name: str) -> None:
    with pytest.raises(UnknownMove):
        catalogue.find(name)


def test_every_kind_of_case_has_one_workflow_that_opens_it() -> None:
    assert set(catalogue.ROOTS) == {"person", "operation", "concern"}
    for kind, root in catalogue.ROOTS.items():
        assert root in catalogue.of_kind(kind)
        assert root.openings


def test_every_state_and_every_workflow_says_what_it_is_in_a_sentence() -> None:
    for workflow in catalogue.WORKFLOWS.values():
        assert workflow.says
        for state in workflow.states:
            assert state.says.endswith((".", "?"))


def test_no_form_field_is_named_like_something_that_must_not_be_kept() -> None:
    for name, (_, each) in tables.moves_of(catalogue.WORKFLOWS).items():
        for field in each.asks.model_fields:
            assert field not in {"address", "postcode", "street"} or field in each.asks.free, name
