"""Attack group c20, first half: the broken glass as a habit. One hour, one case, read only, never an address, reviewed."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from referral.access import Group, Role
from referral.errors import Blocked
from referral.ids import new_id
from referral.models import Lookup, Member, Read, Refused, User
from tests.api.knocking import Knocker, knocking
from tests.attacks.glass import (
    ADDRESS,
    BREAKS,
    BROTHER,
    COORDINATOR,
    LEAD,
    MANAGER,
    NAVIGATOR,
    codes,
    filled,
    look,
    smash,
    somebody,
    stranger,
)
from tests.attacks.relations import CANARIES, TAILS
from tests.world import START, World, a
from workflows.ask import Ask
from workflows.engine import perform


@pytest.fixture
def case(world: World) -> str:
    """A case of the navigators, led by one of them, with something in every field."""
    return filled(world)


def test_these_roles_break_the_glass_on_a_case_of_another_agency(api: Knocker, case: str) -> None:
    for role in BREAKS:
        _, who = stranger(api, role)
        assert look(api, who, case).status_code == 404
        broken = smash(api, who, case)
        assert broken.status_code == 201, broken.text
        assert broken.json() == {"case": case, "at": "2026-09-16T09:00:00Z", "ends_at": "2026-09-16T10:00:00Z"}
        seen = look(api, who, case)
        assert (seen.status_code, seen.json()["glass"]) == (200, "2026-09-16T10:00:00Z")
        assert seen.headers["Lodestar-Glass"] == "until 2026-09-16T10:00:00Z"
        assert look(api, who, case, "/answers").json()["identity"]["first_name"] == CANARIES[Group.IDENTITY][1]
    assert look(api, api.role(NAVIGATOR), case).json()["glass"] is None  # the lead needs none


def test_no_other_role_breaks_it_and_is_told_no_more_than_of_a_missing_case(api: Knocker, case: str) -> None:
    for role in Role:
        if role in (*BREAKS, Role.SYSTEM):
            continue
        _, who = somebody(api, role, "system" if role is Role.SYSTEM_ADMIN else "stranger")
        hidden, ghost = (smash(api, who, named) for named in (case, new_id()))
        assert (hidden.status_code, hidden.content, hidden.headers) == (404, ghost.content, ghost.headers), role
        assert look(api, who, case).status_code == 404


def test_no_machine_breaks_it(api: Knocker, case: str) -> None:
    client, _ = api.client("stranger", ["cases:read"])
    who = api.token(f"client:{client}", ["cases:read"])
    assert smash(api, who, case).status_code == 404
    mine, _ = api.client("navigators", ["cases:read"])
    who = api.token(f"client:{mine}", ["cases:read"])
    assert look(api, who, case).status_code == 200
    assert smash(api, who, case).json()["code"] == "not_allowed"


def test_a_colleague_of_the_same_role_can_break_it_and_a_member_of_the_team_need_not(api: Knocker, case: str) -> None:
    _, colleague = somebody(api, NAVIGATOR, "navigators")
    assert look(api, colleague, case).status_code == 404
    assert smash(api, colleague, case).status_code == 201
    assert look(api, colleague, case, "/answers").status_code == 200
    lead = smash(api, api.role(NAVIGATOR), case)
    assert (lead.status_code, codes(lead)) == (409, ["of_the_team"])


def test_a_manager_who_sees_a_case_in_short_sees_it_whole_for_an_hour(api: Knocker, case: str) -> None:
    manager = api.role(MANAGER)
    account = CANARIES[Group.ACCOUNT][1]
    assert account not in look(api, manager, case, "/answers").text
    assert smash(api, manager, case).status_code == 201
    assert account in look(api, manager, case, "/answers").text
    api.world.later(minutes=60)
    manager = api.role(MANAGER)
    assert look(api, manager, case, "/answers").status_code == 200
    assert account not in look(api, manager, case, "/answers").text


def test_it_ends_after_sixty_minutes_to_the_second(api: Knocker, case: str) -> None:
    user, who = stranger(api)
    smash(api, who, case)
    api.world.later(minutes=59, seconds=59)
    who = api.token(f"user:{user}")  # a session that is used by nobody ends after half an hour
    assert look(api, who, case).status_code == 200
    api.world.later(seconds=1)
    assert look(api, who, case).status_code == 404
    assert look(api, who, case).json() | {"trace_id": ""} == look(api, who, new_id()).json() | {"trace_id": ""}


def test_it_opens_this_one_case(api: Knocker, case: str) -> None:
    other = filled(api.world)
    _, who = stranger(api)
    _, friend = stranger(api)
    smash(api, who, case)
    assert look(api, who, case).status_code == 200
    assert look(api, who, other).status_code == 404
    assert look(api, friend, case).status_code == 404  # and for nobody else
    assert api.http.get("/v1/cases", headers=who).json()["items"] == []


def test_everything_but_what_could_kill_is_shown(api: Knocker, case: str) -> None:
    for role in BREAKS:
        _, who = stranger(api, role)
        smash(api, who, case)
        answers = {tail: look(api, who, case, tail) for tail in TAILS}
        assert {tail: answer.status_code for tail, answer in answers.items()} == {
            tail: 403 if tail == "/offered" else 200 for tail in TAILS
        }
        text = "".join(answer.text for answer in answers.values())
        assert ADDRESS not in text
        assert BROTHER not in text
        shown = [said for group, (_, said, _, _) in CANARIES.items() if group not in (Group.ADDRESS, Group.ASSOCIATES)]
        assert [said for said in shown if said not in text] == []  # positive control: all the rest is there
        assert {"address_street", "family"} <= set(answers["/answers"].json()["withheld"])


def test_the_past_of_the_case_is_read_like_its_present(api: Knocker) -> None:
    case = api.opened(api.role(NAVIGATOR))["case"]
    user, who = stranger(api)
    assert look(api, who, case, "/as-it-stood").status_code == 404
    smash(api, who, case)
    past = look(api, who, case, "/as-it-stood")
    assert (past.status_code, past.headers["Lodestar-Glass"]) == (200, "until 2026-09-16T10:00:00Z")
    with api.world.db.read() as session:
        assert [row.what for row in session.exec(select(Read).where(col(Read.actor) == user))] == ["glass:past"]


def test_no_address_is_revealed_and_no_ledger_opened(api: Knocker, case: str) -> None:
    _, who = stranger(api)
    smash(api, who, case)
    for tail in ("/reveals", "/address-readers", "/looks", "/glass", "/account"):
        assert look(api, who, case, tail).status_code == 403, tail
    reveal = f"/v1/cases/{case}/reveals/{new_id()}/address"
    assert api.http.post(reveal, headers=who, json={}).status_code in (403, 404)
    for move in ("housing.reveal", "housing.ask_to_know", "housing.unlock"):
        assert api.move(who, case, move).status_code in (404, 422), move


def test_nothing_is_changed_searched_or_exported_under_it(api: Knocker, case: str) -> None:
    _, who = stranger(api)
    smash(api, who, case)
    before = api.counts()
    for move, form in (
        ("contact.verify", {}), ("intake.withdraw", {"reason": "x"}), ("contact.add_member", {"colleague": LEAD}),
        ("support.close", {"reason": "x"}), ("glass.end", {}), ("glass.review", {"review": "justified"}),
    ):  # fmt: skip
        assert api.move(who, case, move, **form).status_code in (404, 422), move
    duplicates = api.http.post(f"/v1/cases/{case}/duplicates", headers=who, json={"purpose": "before_support"})
    assert duplicates.status_code in (403, 404)
    assert api.counts() == before
    with api.world.db.read() as session:
        assert [m.user_id for m in session.exec(select(Member).where(col(Member.case_id) == case))] == [LEAD]
    found = api.http.post("/v1/search", headers=who, json={"name": "Zenobia-canary", "date_of_birth": "1998-03-01"})
    assert found.json()["count"] == 0


def test_a_reason_that_is_none_is_refused(api: Knocker, case: str) -> None:
    _, who = stranger(api)
    for reason in ("a" * 28, "urgent", "1234567890 1234567890 ....", "ab" * 11, " " * 40):
        there, ghost = (smash(api, who, named, reason=reason) for named in (case, new_id()))
        assert (there.status_code, there.json()["code"]) == (422, "bad_form"), reason
        assert there.json() | {"trace_id": ""} == ghost.json() | {"trace_id": ""}
        form = {"ground": "legal_duty", "why": reason}
        ask = Ask(a(COORDINATOR, "lantern"), "glass.begin", START, case=case, form=form, let_in=True)
        with pytest.raises(Blocked) as refused:  # and the door itself takes none either
            perform(api.world.db, api.world.law, ask)
        assert [why.code for why in refused.value.reasons] == ["reason_too_short"]
    assert look(api, who, case).status_code == 404
    assert smash(api, who, case, ground="curiosity").status_code == 422


def test_a_fresh_second_factor_is_needed(api: Knocker, case: str) -> None:
    user, _ = stranger(api)
    shown = {"shown_at": api.world.now}
    stale = api.session(user, "totp", **shown)
    api.world.later(minutes=10)
    assert smash(api, stale, case).json()["code"] == "step_up_needed"
    assert smash(api, stale, new_id()).json()["code"] == "step_up_needed"
    assert smash(api, api.session(user, "totp"), case).status_code == 201


def test_without_second_factors_in_an_installation_none_is_asked_for(world: World, case: str, tmp_path: Path) -> None:
    with knocking(world, tmp_path, second_factor="optional") as api:
        user, _ = stranger(api)
        assert smash(api, api.session(user, "password"), case).status_code == 201


def test_a_wrong_guess_is_counted_recorded_and_answers_like_a_missing_case(api: Knocker, case: str) -> None:
    user, who = stranger(api)
    guess = smash(api, who, new_id())
    missing = look(api, who, new_id())
    assert (guess.status_code, guess.json() | {"trace_id": ""}) == (404, missing.json() | {"trace_id": ""})
    for _ in range(9):
        assert smash(api, who, new_id()).status_code == 404
    assert smash(api, who, case).json()["code"] == "too_many"
    assert look(api, who, case).status_code == 404
    with api.world.db.read() as session:
        assert len(session.exec(select(Lookup).where(col(Lookup.actor) == user)).all()) == 10
        refused = session.exec(select(Refused).where(col(Refused.actor) == user, col(Refused.move) == "glass.begin"))
        assert sorted(row.code for row in refused) == ["not_found"] * 10 + ["too_many"]
    api.world.later(minutes=61)
    assert smash(api, api.token(f"user:{user}"), case).status_code == 201  # and an hour later they may try again


def test_one_hour_at_a_time_and_another_after_it(api: Knocker, case: str) -> None:
    user, who = stranger(api)
    assert smash(api, who, case).status_code == 201
    again = smash(api, who, case)
    assert (again.status_code, codes(again)) == (409, ["runs_already"])
    api.world.later(minutes=60)
    assert smash(api, api.token(f"user:{user}"), case).status_code == 201


def test_whoever_loses_the_role_or_the_account_reads_no_more(api: Knocker, case: str) -> None:
    user, who = stranger(api)
    smash(api, who, case)
    assert look(api, who, case).status_code == 200
    with api.world.db.write() as session:
        row = session.get(User, user)
        assert row is not None
        row.roles = Role.SUPPORT_WORKER.value
        session.add(row)
    assert look(api, who, case).status_code == 404
    with api.world.db.write() as session:
        row = session.get(User, user)
        assert row is not None
        row.roles, row.active = COORDINATOR.value, False
        session.add(row)
    assert look(api, who, case).status_code == 401
