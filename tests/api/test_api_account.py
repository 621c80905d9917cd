"""What a person is told of what is held about them, over HTTP: read by one, fetched once by another."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlmodel import col, select

from api.v1.account import Preview
from referral.access import Role
from referral.models import Event, Read, User
from tests.api.knocking import Knocker, knocking
from tests.examples import complete_adult_referral
from tests.workflows.walks import SPOKEN
from tests.world import START, World, user_id

POLICE = "eastshire-police"
REQUEST: dict[str, Any] = {"requested_by": "person", "known_by": "documents", "alone": True, "language": "cy"}
TICKS: dict[str, Any] = {"third_parties_removed": True, "no_serious_harm": True}
ANSWERS, IDENTITY = complete_adult_referral()
PERSON = IDENTITY | {"first_name": "Zorica", "address_street": "12 Birch Lane"}
TOLD = ANSWERS | {"who_exploited": "Qjarek and Qjana", "how_left": "Qjarek slept, so she walked out."}
SHOWN = [role for role in Role if role is not Role.SYSTEM]


@pytest.fixture
def api(world: World, tmp_path: Path) -> Iterator[Knocker]:
    """The API, with staff of every role at the police, who are accountable."""
    with world.db.write() as session:
        session.add_all(
            User(id=user_id(role, POLICE), agency_id=POLICE, name="Invented", email=f"{role}@police.example.invalid",
                 password_hash="-", roles=role.value, created_at=START - timedelta(days=2))
            for role in SHOWN if role is not Role.FIRST_RESPONDER
        )  # fmt: skip
    with knocking(world, tmp_path) as knocker:
        yield knocker


def staff(api: Knocker, role: Role) -> dict[str, str]:
    return api.role(role, POLICE)


@pytest.fixture
def case(api: Knocker) -> str:
    """A case of the police, with a form about others."""
    made = api.opened(staff(api, Role.FIRST_RESPONDER))["case"]
    world, officer = api.world, Role.FIRST_RESPONDER
    world.ask(officer, "intake.explain", made, private=True, capacity="has_capacity", **SPOKEN)
    world.ask(officer, "intake.consent", made, how="written", referral=True, support=True, police=True, **SPOKEN)
    world.ask(officer, "intake.save", made, answers=TOLD, identity=PERSON)
    return str(made)


def asked(api: Knocker, case: str) -> None:
    answer = api.move(staff(api, Role.NAVIGATOR), case, "account.ask", **REQUEST)
    assert answer.status_code == 200, answer.text


def preview(api: Knocker, case: str, role: Role = Role.MANAGER, more: str = "") -> Any:
    return api.http.get(f"/v1/cases/{case}/account/preview{more}", headers=staff(api, role))


def released(api: Knocker, case: str) -> None:
    asked(api, case)
    read = Preview.model_validate(preview(api, case).json())
    answer = api.move(staff(api, Role.MANAGER), case, "account.release", content=read.content, **TICKS)
    assert answer.status_code == 200, answer.text


def fetch(api: Knocker, case: str, role: Role = Role.NAVIGATOR, more: str = "") -> Any:
    return api.http.get(f"/v1/cases/{case}/account{more}", headers=staff(api, role))


def test_what_is_handed_over_is_what_was_read_without_anybody_else(api: Knocker, case: str) -> None:
    asked(api, case)
    read = Preview.model_validate(preview(api, case, more="?language=en").json())
    api.move(staff(api, Role.MANAGER), case, "account.release", content=read.content, **TICKS)
    answer = fetch(api, case, more="?language=en")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    body = [line for line in answer.text.splitlines() if not line.startswith(">")]
    assert body == [line for line in read.text.splitlines() if not line.startswith(">")]
    assert "Zorica" in answer.text
    for hidden in ("Qjarek", "Qjana", "Invented manager", "Robin", "Birch Lane", "Inventedtown"):
        assert hidden not in answer.text
    assert "[another person] slept, so she walked out." in answer.text
    assert f"Given to {POLICE} ({user_id(Role.NAVIGATOR, POLICE)}) on 2026-09-16T09:00:00Z" in answer.text
    assert read.masked > 2


def test_the_persons_language_is_taken_where_it_is_shipped(api: Knocker, case: str) -> None:
    asked(api, case)
    assert preview(api, case).json()["text"].startswith("# Yr hyn rydym yn ei gadw amdanoch chi")
    assert preview(api, case, more="?language=xx").json()["code"] == "bad_query"
    assert preview(api, case, more="?language=../en").json()["code"] == "bad_query"
    api.move(staff(api, Role.MANAGER), case, "account.refuse", reason="unfounded", person_was_told=True)
    api.move(staff(api, Role.NAVIGATOR), case, "account.ask", **REQUEST | {"language": "ro"})
    told = preview(api, case).json()
    assert (told["language"], told["wanted"], told["languages"]) == ("en", "ro", ["cy", "en"])


def test_it_is_fetched_once(api: Knocker, case: str) -> None:
    released(api, case)
    assert fetch(api, case).status_code == 200
    again = fetch(api, case)
    assert (again.status_code, again.json()["code"]) == (409, "not_offered")
    with api.world.db.read() as session:
        bodies = session.exec(select(Event.body).where(col(Event.case_id) == case)).all()
        looks = session.exec(select(Read.what).where(col(Read.case_id) == case)).all()
    assert [told["to"] for told in map(orjson.loads, bodies) if told["move"] == "account.hand_over"] == ["handed_over"]
    assert sorted(looks) == ["account", "account_preview"]
    assert not any("Zorica" in body for body in bodies)


@pytest.mark.parametrize("role", SHOWN)
def test_nobody_but_who_asked_fetches_it(api: Knocker, case: str, role: Role) -> None:
    released(api, case)
    answer = fetch(api, case, role)
    if role is Role.NAVIGATOR:
        assert answer.status_code == 200
        return
    asks = role in (Role.SUPPORT_COORDINATOR, Role.CASEWORKER)
    assert (answer.status_code, answer.json()["code"]) == ((409, "blocked") if asks else (403, "not_allowed"))
    assert "Zorica" not in answer.text
    assert fetch(api, case).status_code == 200


@pytest.mark.parametrize("role", SHOWN)
def test_nobody_but_a_manager_reads_it_before(api: Knocker, case: str, role: Role) -> None:
    asked(api, case)
    answer = preview(api, case, role)
    assert answer.status_code == (200 if role is Role.MANAGER else 403)
    assert ("Zorica" in answer.text) == (role is Role.MANAGER)


def test_a_stranger_gets_the_404_of_a_missing_case(api: Knocker, case: str) -> None:
    released(api, case)
    who = api.role(Role.FIRST_RESPONDER, "stranger")
    for tail in ("account", "account/preview"):
        hidden = api.http.get(f"/v1/cases/{case}/{tail}", headers=who)
        missing = api.http.get(f"/v1/cases/{'0' * 32}/{tail}", headers=who)
        assert (hidden.status_code, hidden.content) == (404, missing.content)


def test_a_manager_of_another_agency_reads_nothing(api: Knocker, case: str) -> None:
    api.world.ask(Role.FIRST_RESPONDER, "intake.submit", case, authority="sca")
    with api.world.db.write() as session:
        session.add(User(
            id="a" * 32, agency_id="sca", name="Invented", email="m@sca.example.invalid", password_hash="-",
            roles=Role.MANAGER.value, created_at=START - timedelta(days=2),
        ))  # fmt: skip
    asked(api, case)
    answer = api.http.get(f"/v1/cases/{case}/account/preview", headers=api.token(f"user:{'a' * 32}"))
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["not_accountable"]
    assert "Zorica" not in answer.text
    assert preview(api, case).status_code == 200


def test_before_it_is_released_nobody_fetches_it(api: Knocker, case: str) -> None:
    assert (fetch(api, case).status_code, preview(api, case).status_code) == (409, 409)
    asked(api, case)
    answer = fetch(api, case)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_offered")


def test_what_was_changed_since_it_was_read_is_not_handed_over(api: Knocker, case: str) -> None:
    released(api, case)
    more: dict[str, Any] = {"answers": TOLD | {"how_left": "Someone else wrote this."}, "identity": PERSON}
    api.world.ask(Role.FIRST_RESPONDER, "intake.save", case, **more)
    answer = fetch(api, case)
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["account_changed"]
    assert api.move(staff(api, Role.NAVIGATOR), case, "account.ask_again").status_code == 200


def test_what_moves_on_after_it_was_asked_for_does_not_undo_the_release(api: Knocker, case: str) -> None:
    released(api, case)
    api.world.later(hours=2)
    api.world.ask(Role.FIRST_RESPONDER, "contact.lose", case, attempts=1)
    assert fetch(api, case).status_code == 200


@pytest.mark.parametrize(("days", "status"), ((7, 200), (7.01, 409)))
def test_it_can_be_fetched_for_seven_days(api: Knocker, case: str, days: float, status: int) -> None:
    released(api, case)
    api.world.later(days=days)
    assert fetch(api, case).status_code == status


def test_a_release_of_something_that_was_never_read_hands_nothing_over(api: Knocker, case: str) -> None:
    asked(api, case)
    api.move(staff(api, Role.MANAGER), case, "account.release", content="0" * 64, **TICKS)
    assert [reason["code"] for reason in fetch(api, case).json()["reasons"]] == ["account_changed"]


def test_the_asker_marks_nothing_as_handed_over_that_was_not(api: Knocker, case: str) -> None:
    released(api, case)
    answer = api.move(staff(api, Role.NAVIGATOR), case, "account.hand_over", content="0" * 64, given_in="en")
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["account_changed"]
