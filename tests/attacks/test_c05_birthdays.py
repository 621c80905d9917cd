"""A child's eighteenth birthday is a deadline. Whoever may not read the day of birth is told that it runs, and no day."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from referral.access import SCOPES, Role
from referral.models import Client, User
from tests.api.knocking import Knocker, knocking
from tests.attacks.canaries import spellings
from tests.workflows.walks import rows
from tests.world import START, World, user_id

POLICE = "eastshire-police"
BORN, ADULT = date(2010, 7, 1), date(2028, 7, 1)
# Midnight in England's summer is the day before in UTC.
DAYS = [text for day in (BORN, ADULT, date(2028, 6, 30)) for text in spellings((day.year, day.month, day.day))]
LOOKS = ("/v1/cases", "/v1/cases/{case}", "/v1/cases/{case}/deadlines", "/v1/cases/{case}/timeline",
         "/v1/cases/{case}/offered", "/v1/cases/{case}/as-it-stood")  # fmt: skip
# fmt: off
NOT = {  # who may not read the day of birth, though they see the case
    "the manager":       lambda api: api.role(Role.MANAGER, POLICE),
    "the administrator": lambda api: api.role(Role.AGENCY_ADMIN, POLICE),
    "a machine that reads where cases stand": lambda api: api.token("client:desk", ["cases:read"]),
}
MAY = {
    "the officer":       lambda api: api.role(Role.FIRST_RESPONDER, POLICE),
    "a machine that refers": lambda api: api.token("client:desk", ["cases:read", "referrals:prepare"]),
}
# fmt: on


@pytest.fixture
def api(world: World, tmp_path: Path) -> Iterator[Knocker]:
    with world.db.write() as session:
        session.add_all(
            User(id=user_id(role, POLICE), agency_id=POLICE, name="Invented", email=f"{role}@p.example.invalid",
                 password_hash="-", roles=role.value, created_at=START)
            for role in (Role.MANAGER, Role.AGENCY_ADMIN)
        )  # fmt: skip
        session.add(Client(id="desk", agency_id=POLICE, secret_hash="-", scopes=" ".join(SCOPES), created_at=START))
    with knocking(world, tmp_path) as knocker:
        yield knocker


@pytest.fixture
def case(api: Knocker) -> str:
    """A child, with a birthday that is a deadline."""
    met = api.world.ask(Role.FIRST_RESPONDER, "intake.encounter", place_kind="raid", under_18="yes", born=str(BORN))
    assert all("due" not in one for one in met.started if one["name"] == "turning_eighteen")
    assert any(one["name"] == "turning_eighteen" for one in met.started)
    assert rows(api.world, "select count(*) from deadlines where name = 'turning_eighteen'") == [(1,)]
    return met.case


def told(api: Knocker, who: dict[str, str], case: str) -> dict[str, Any]:
    return {look: api.http.get(look.replace("{case}", case), headers=who) for look in LOOKS}


def tells(answers: dict[str, Any]) -> set[str]:
    return {look for look, answer in answers.items() if any(day in answer.text for day in DAYS)}


@pytest.mark.parametrize("who", NOT)
def test_whoever_may_not_read_the_day_of_birth_is_told_no_day_that_gives_it(api: Knocker, case: str, who: str) -> None:
    answers = told(api, NOT[who](api), case)
    assert tells(answers) == set()
    shown = answers["/v1/cases/{case}"]
    assert shown.status_code == 200, shown.text
    (one,) = (one for one in shown.json()["deadlines"] if one["name"] == "turning_eighteen")
    assert (one["state"], one["due_at"], one["due_day"], one["safe_by"]) == ("running", None, None, None)
    (line,) = answers["/v1/cases"].json()["items"]
    assert line["next_due_at"] == shown.json()["next_due_at"]


@pytest.mark.parametrize("who", MAY)
def test_whoever_may_is_told(api: Knocker, case: str, who: str) -> None:
    """The control: the day can be found at all."""
    assert {"/v1/cases/{case}", "/v1/cases/{case}/deadlines"} <= tells(told(api, MAY[who](api), case))


@pytest.mark.parametrize("who", NOT)
def test_the_next_due_time_is_that_of_another_deadline(api: Knocker, case: str, who: str) -> None:
    stored = "select name, due_at from deadlines where state = 'running' order by due_at desc"
    running: dict[str, Any] = {name: at for name, at in rows(api.world, stored) if name != "turning_eighteen"}
    shown = api.http.get(f"/v1/cases/{case}", headers=NOT[who](api)).json()
    assert str(shown["next_due_at"])[:10] == str(list(running.values())[-1])[:10]
