"""Past moments over HTTP: who may look, what is shown, and that every look is recorded."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from api.v1.past import CasesThen, CaseThen, DuesThen
from referral.access import SYSTEM, Role
from referral.models import Read, User
from tests.api.knocking import Knocker
from tests.workflows.walks import in_recovery, submitted
from tests.world import START, a
from workflows import past
from workflows.ask import Ask
from workflows.engine import perform


def stamped(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def look(api: Knocker, who: dict[str, str], path: str, at: datetime, more: str = "") -> Any:
    return api.http.get(f"/v1/{path}?at={stamped(at)}{more}", headers=who)


def offered(api: Knocker) -> tuple[str, datetime, datetime]:
    """A referral that was sent, then offered to a service: the case, before the offer, after it."""
    case, before = submitted(api.world), api.world.now
    api.world.later(hours=2)
    api.world.ask(a(Role.SUPPORT_COORDINATOR, "eastshire-police"), "assignment.offer", case, provider="harbour")
    return case, before, api.world.now


def test_a_case_is_shown_as_it_stood_with_who_could_see_it_then(api: Knocker) -> None:
    case, before, after = offered(api)
    who = api.role(Role.FIRST_RESPONDER)
    early = CaseThen.model_validate(look(api, who, f"cases/{case}/as-it-stood", before).json())
    late = CaseThen.model_validate(look(api, who, f"cases/{case}/as-it-stood", after).json())
    assert (early.states["assignment"], late.states["assignment"]) == ("unassigned", "offered")
    assert {part.agency for part in late.participants} - {part.agency for part in early.participants} == {"harbour"}
    assert (early.there, early.whole, early.open) == (True, True, True)
    assert {one.name for one in early.deadlines}
    assert early.owner is not None
    never = CaseThen.model_validate(look(api, who, f"cases/{case}/as-it-stood", START - timedelta(days=1)).json())
    assert (never.there, never.participants, never.states) == (False, [], {})


def test_without_a_moment_it_is_this_one(api: Knocker) -> None:
    case, _, after = offered(api)
    told = api.http.get(f"/v1/cases/{case}/as-it-stood", headers=api.role(Role.FIRST_RESPONDER)).json()
    assert (told["at"], told["states"]["assignment"]) == (stamped(after), "offered")


def test_a_look_at_the_past_is_recorded(api: Knocker) -> None:
    case, before, _ = offered(api)
    look(api, api.role(Role.FIRST_RESPONDER), f"cases/{case}/as-it-stood", before)
    with api.world.db.read() as session:
        assert list(session.exec(select(Read.what).where(col(Read.case_id) == case))) == ["past"]


def test_a_stranger_gets_the_404_of_a_missing_case(api: Knocker) -> None:
    case, before, _ = offered(api)
    who = api.role(Role.FIRST_RESPONDER, "stranger")
    hidden = look(api, who, f"cases/{case}/as-it-stood", before)
    missing = look(api, who, f"cases/{'0' * 32}/as-it-stood", before)
    assert (hidden.status_code, hidden.content) == (404, missing.content)


def test_whoever_takes_part_today_is_told_the_past_before_they_came(api: Knocker) -> None:
    case, before, _ = offered(api)
    answer = look(api, api.role(Role.SUPPORT_COORDINATOR), f"cases/{case}/as-it-stood", before)
    assert answer.status_code == 200
    assert "harbour" not in {part["agency"] for part in answer.json()["participants"]}


# fmt: off
WRONG = {
    "no zone":     ("at=2026-09-16T09:00",             "bad_query"),
    "a day":       ("at=2026-09-16",                   "bad_query"),
    "a number":    ("at=1789548000",                   "bad_query"),
    "tomorrow":    ("at=2026-12-16T09:00:00Z",         "bad_time"),
    "another by":  ("at=2026-09-16T09:00:00Z&by=hope", "bad_query"),
    "two moments": ("at=2026-09-16T09:00:00Z&at=2026-09-15T09:00:00Z", "bad_query"),
}
# fmt: on


@pytest.mark.parametrize(("query", "code"), WRONG.values(), ids=WRONG)
def test_a_moment_that_is_none_is_refused(api: Knocker, query: str, code: str) -> None:
    case, *_ = offered(api)
    answer = api.http.get(f"/v1/cases/{case}/as-it-stood?{query}", headers=api.role(Role.FIRST_RESPONDER))
    assert (answer.status_code, answer.json()["code"]) == (422, code)


LISTS = ("as-it-stood/cases", "as-it-stood/deadlines")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_only_a_manager_lists_the_past(api: Knocker, role: Role, path: str) -> None:
    case = api.opened(api.role(Role.NAVIGATOR))["case"]
    answer = look(api, api.role(role), path, api.world.now)
    assert answer.status_code == (200 if role is Role.MANAGER else 403)
    assert case not in answer.text


def test_a_machine_lists_no_past(api: Knocker) -> None:
    name, _ = api.client("navigators")
    answer = look(api, api.token(f"client:{name}", ["cases:read"]), LISTS[0], api.world.now)
    assert answer.status_code == 403


def test_a_manager_sees_reference_and_state_of_what_the_agency_took_part_in(api: Knocker) -> None:
    opened = api.opened(api.role(Role.NAVIGATOR))
    other, *_ = offered(api)
    who = api.role(Role.MANAGER)
    answer = look(api, who, LISTS[0], api.world.now)
    told = CasesThen.model_validate(answer.json())
    assert [(one.reference, one.states["intake"]) for one in told.items] == [(opened["reference"], "identified")]
    assert other not in answer.text
    due = DuesThen.model_validate(look(api, who, LISTS[1], api.world.now).json())
    assert {one.reference for one in due.items} == {opened["reference"]}
    api.world.later(days=60)
    who = api.role(Role.MANAGER)
    late = DuesThen.model_validate(look(api, who, LISTS[1], api.world.now, "&overdue=true").json())
    assert late.items
    assert all(one.overdue for one in late.items)
    assert DuesThen.model_validate(look(api, who, LISTS[1], START, "&overdue=true").json()).items == []


def test_a_page_goes_on_where_the_last_one_ended(api: Knocker) -> None:
    for _ in range(3):
        api.opened(api.role(Role.NAVIGATOR))
        api.world.later(hours=1)
    who, found, cursor = api.role(Role.MANAGER), list[str](), ""
    while True:
        told = look(api, who, LISTS[0], api.world.now, f"&limit=2{cursor}").json()
        found += [one["reference"] for one in told["items"]]
        if told["next"] is None:
            break
        cursor = f"&cursor={told['next']}"
    assert len(found) == len(set(found)) == 3
    assert look(api, who, LISTS[0], api.world.now, "&cursor=nonsense").status_code == 422


def test_a_manager_of_an_agency_that_has_left_is_told_what_it_saw_then(api: Knocker) -> None:
    """Also where the database itself hides the case from that agency today."""
    case, world = in_recovery(api.world), api.world
    agreed = {"how": "written", "language": "en", "interpreter": "none_needed", "notice_version": "2024-10"}
    due_on = (world.now + timedelta(days=10)).date()
    share = {"purpose": "sharing", "shared_with": "border", "due_on": due_on, "classes": ["C1"]}
    world.ask(Role.FIRST_RESPONDER, "consent.give", case, **share, **agreed)
    with world.db.write() as session:
        session.add(User(
            id="b" * 32, agency_id="border", name="Invented", email="m@border.example.invalid", password_hash="-",
            roles=Role.MANAGER.value, created_at=START,
        ))  # fmt: skip
    given, _ = world.now, world.later(days=20)
    who = api.token(f"user:{'b' * 32}")
    assert look(api, who, f"cases/{case}/as-it-stood", given).status_code == 404
    told = CasesThen.model_validate(look(api, who, LISTS[0], given).json())
    assert [one.states["decision"] for one in told.items] == ["recovery"]
    assert case not in str(told)
    assert DuesThen.model_validate(look(api, who, LISTS[1], given).json()).items
    assert look(api, who, LISTS[0], world.now).json()["items"] == []


def test_the_list_of_this_moment_says_no_more_than_the_list_of_today(api: Knocker) -> None:
    """What a manager may not know of today, such as permission to stay, is not told by way of the past."""
    case = in_recovery(api.world)
    with api.world.db.write() as session:
        session.add(User(
            id="c" * 32, agency_id="eastshire-police", name="Invented", email="m@police.example.invalid",
            password_hash="-", roles=Role.MANAGER.value, created_at=START,
        ))  # fmt: skip
    perform(api.world.db, api.world.law, Ask(SYSTEM, "stay.open", api.world.now, case=case))
    who = api.token(f"user:{'c' * 32}")
    (then,) = look(api, who, LISTS[0], api.world.now).json()["items"]
    (today,) = api.http.get("/v1/cases", headers=who).json()["items"]
    assert then["states"] == today["states"]
    assert "stay" not in then["states"]
    with api.world.db.read() as session:
        assert "stay" in past.of_case(session, case, api.world.now, "recorded").stood.states
