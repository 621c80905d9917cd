"""Attack group c20, first half: the broken glass as a habit. One hour, one case, read only, never an address, reviewed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from referral.access import Group, Part, Role
from referral.errors import Blocked
from referral.ids import new_id
from referral.models import Event, GlassGrant, Lookup, Member, Message, Participant, Read, Refused, Strand, User
from referral.settings import Settings
from tests.api.knocking import Knocker, knocking
from tests.attacks.relations import CANARIES, TAILS, fill
from tests.workflows.test_bound_rows import told
from tests.workflows.walks import damage
from tests.world import START, World, a, user_id
from workflows.ask import Ask
from workflows.bound_rows import differing
from workflows.engine import perform
from workflows.heartbeat import beat

NAVIGATOR, COORDINATOR, CASEWORKER, MANAGER = (
    Role.NAVIGATOR, Role.SUPPORT_COORDINATOR, Role.CASEWORKER, Role.MANAGER,
)  # fmt: skip
BREAKS = (NAVIGATOR, COORDINATOR, CASEWORKER, MANAGER)
REASON = "Her brother has just called and says that he is on his way to her."
TOLD = {"ground": "threat_to_life", "reason": REASON}
ADDRESS = CANARIES[Group.ADDRESS][1]
BROTHER = CANARIES[Group.ASSOCIATES][1]
LEAD = user_id(NAVIGATOR, "navigators")


@pytest.fixture
def case(world: World) -> str:
    """A case of the navigators, led by one of them, with something in every field."""
    return filled(world)


def filled(world: World) -> str:
    case = new_id()
    with world.db.write() as session:
        fill(session, case, "navigators", Part.REFERRER, LEAD)
        session.add(Member(case_id=case, user_id=LEAD, agency_id="navigators", since=START, purpose="test"))
    return case


def somebody(api: Knocker, role: Role, agency: str) -> tuple[str, dict[str, str]]:
    """A further member of staff: their id, and their session."""
    user = new_id()
    row: dict[str, Any] = {"id": user, "agency_id": agency, "roles": role.value, "password_hash": "-"}
    with api.world.db.write() as session:
        session.add(User(name="Invented", email=f"{user}@example.invalid", created_at=START, **row))
    return user, api.token(f"user:{user}")


def stranger(api: Knocker, role: Role = COORDINATOR) -> tuple[str, dict[str, str]]:
    """Somebody whose agency takes no part."""
    return somebody(api, role, {CASEWORKER: "sca", COORDINATOR: "lantern"}.get(role, "stranger"))


def smash(api: Knocker, who: dict[str, str], case: str, **told: Any) -> Any:
    return api.http.post(f"/v1/cases/{case}/glass", headers=who, json=TOLD | told)


def look(api: Knocker, who: dict[str, str], case: str, tail: str = "") -> Any:
    return api.http.get(f"/v1/cases/{case}{tail}", headers=who)


def reviewed(api: Knocker, who: dict[str, str], case: str, found: str = "justified", strand: int = 1) -> Any:
    return api.http.post(
        f"/v1/cases/{case}/glass/review", headers=who | {"If-Match": "*"},
        json={"form": {"review": found}, "strand": str(strand)},
    )  # fmt: skip


def codes(answer: Any) -> list[str]:
    return [reason["code"] for reason in answer.json()["reasons"]]


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


def test_every_look_is_recorded_and_the_case_lead_sees_who_looked(api: Knocker, case: str) -> None:
    user, who = stranger(api)
    smash(api, who, case)
    for tail in ("", "/timeline", "/answers"):
        assert look(api, who, case, tail).status_code == 200
    with api.world.db.read() as session:
        rows = session.exec(select(Read).where(col(Read.actor) == user)).all()
    assert sorted(row.what for row in rows) == ["glass:answers", "glass:case", "glass:timeline"]
    lead = look(api, api.role(NAVIGATOR), case, "/looks")
    assert lead.status_code == 200
    seen = [(item["who"], item["agency"]) for item in lead.json()["items"] if item["what"].startswith("glass:")]
    assert seen == [(user, "lantern")] * 3
    assert look(api, api.role(MANAGER), case, "/looks").status_code == 200
    _, worker = somebody(api, Role.FIRST_RESPONDER, "navigators")
    assert look(api, worker, case, "/looks").json()["code"] == "not_allowed"
    assert look(api, stranger(api)[1], case, "/looks").status_code == 404
    first = api.http.get(f"/v1/cases/{case}/looks?limit=2", headers=api.role(NAVIGATOR)).json()
    assert len(first["items"]) == 2
    behind = api.http.get(f"/v1/cases/{case}/looks?cursor={first['next']}", headers=api.role(NAVIGATOR)).json()
    assert len(behind["items"]) >= 2


def test_the_team_and_the_managers_are_told_at_once_and_nobody_is_named(api: Knocker, case: str) -> None:
    user, who = stranger(api)
    smash(api, who, case)
    with api.world.db.read() as session:
        messages = session.exec(select(Message).where(col(Message.case_id) == case)).all()
        event = session.exec(select(Event).where(col(Event.case_id) == case).order_by(col(Event.seq).desc())).first()
        strand = session.exec(select(Strand).where(col(Strand.case_id) == case, Strand.workflow == "glass")).one()
        grant = session.exec(select(GlassGrant)).one()
    assert {(m.agency_id, m.user_id, m.about) for m in messages} == {
        ("navigators", LEAD, "glass.begin"), ("navigators", None, "glass.begin"),
    }  # fmt: skip
    assert event is not None
    assert f'"id":"{user}"' in event.body  # the chain names who it was
    for text in (event.body, strand.facts, *(f"{m.about} {m.id}" for m in messages)):
        assert "brother" not in text
    assert (grant.ground, grant.ends_at - grant.at, grant.seq) == ("threat_to_life", timedelta(hours=1), event.seq)


def test_the_reason_is_sealed_and_shown_to_whoever_reviews(api: Knocker, case: str) -> None:
    user, who = stranger(api)
    smash(api, who, case)
    shown = look(api, api.role(MANAGER), case, "/glass").json()["items"]
    assert [(one["user"], one["reason"], one["review"]) for one in shown] == [(user, REASON, None)]
    assert look(api, api.role(NAVIGATOR), case, "/glass").json()["items"] == shown


def test_a_try_at_the_address_in_the_reason_tells_nothing(api: Knocker, case: str) -> None:
    """Words are checked against what is known of the person; whoever is let in must not learn by it."""
    _, who = stranger(api)
    told = smash(api, who, case, reason=f"I believe that she lives at {ADDRESS}, and somebody is on the way there.")
    assert told.status_code == 201


def test_a_manager_of_the_accountable_agency_reviews_it_and_ends_an_hour_that_runs(api: Knocker, case: str) -> None:
    _, who = stranger(api)
    smash(api, who, case)
    assert look(api, who, case).status_code == 200
    done = reviewed(api, api.role(MANAGER), case, "not_justified")
    assert (done.status_code, done.json().get("state")) == (200, "reviewed")
    assert look(api, who, case).status_code == 404
    with api.world.db.read() as session:
        grant = session.exec(select(GlassGrant)).one()
    assert (grant.review, grant.reviewed_by) == ("not_justified", user_id(MANAGER, "navigators"))
    assert reviewed(api, api.role(MANAGER), case).status_code == 409  # once


def test_nobody_reviews_their_own_or_that_of_a_case_on_which_they_did_the_same(api: Knocker, case: str) -> None:
    first, second = api.role(MANAGER), somebody(api, MANAGER, "navigators")[1]
    third = somebody(api, MANAGER, "navigators")[1]
    assert [smash(api, who, case).status_code for who in (first, second)] == [201, 201]
    for who in (first, second):
        for strand in (1, 2):
            assert codes(reviewed(api, who, case, strand=strand)) == ["own_glass"]
    assert [reviewed(api, third, case, strand=strand).status_code for strand in (1, 2)] == [200, 200]


def test_neither_a_stranger_s_manager_nor_another_role_reviews(api: Knocker, case: str) -> None:
    _, who = stranger(api)
    smash(api, who, case)
    assert reviewed(api, somebody(api, MANAGER, "lantern")[1], case).status_code == 404
    assert reviewed(api, api.role(NAVIGATOR), case).json()["needs"] == "glass:review"


def test_unreviewed_ones_escalate_after_two_working_days(api: Knocker, case: str, tmp_path: Path) -> None:
    world = api.world
    _, who = stranger(api)
    smash(api, who, case)
    settings = Settings(data=tmp_path, heartbeat=False)

    def state() -> str:
        beat(world.db, world.law, settings, world.now)
        with world.db.read() as session:
            return (
                session.exec(select(Strand).where(col(Strand.case_id) == case, Strand.workflow == "glass")).one().state
            )

    assert state() == "running"
    world.later(hours=1, minutes=1)
    assert state() == "over"
    world.later(days=1)
    assert state() == "over"
    world.later(days=2)  # it was broken on a Wednesday
    assert state() == "escalated"
    with world.db.read() as session:
        grant = session.exec(select(GlassGrant)).one()
        about = {m.about for m in session.exec(select(Message).where(col(Message.case_id) == case))}
    assert grant.escalated_at is not None
    assert "glass.escalate" in about
    counts = api.http.get("/v1/glass/counts", headers=api.role(MANAGER)).json()["items"]
    assert counts == [
        {"agency": "lantern", "broken": 1, "justified": 0, "not_justified": 0, "waiting": 1, "escalated": 1}
    ]
    assert reviewed(api, api.role(MANAGER), case).status_code == 200


def test_once_escalated_any_manager_of_the_case_reviews_but_not_one_of_their_own_line(
    api: Knocker, world: World, tmp_path: Path
) -> None:
    case = new_id()
    with world.db.write() as session:
        fill(session, case, "navigators", Part.REFERRER, LEAD)
    _, who = stranger(api)
    smash(api, who, case)
    # Both take part by now: the agency of whoever broke it, and a third one.
    with world.db.write() as session:
        session.add_all(
            Participant(case_id=case, agency_id=agency, part=Part.SUPPORT, since=START, opened_at=START, open=True,
                        basis="public_task", purpose="support", classes="C1")
            for agency in ("lantern", "harbour")
        )  # fmt: skip
    own, third = somebody(api, MANAGER, "lantern")[0], somebody(api, MANAGER, "harbour")[0]
    assert codes(reviewed(api, api.token(f"user:{third}"), case)) == ["not_accountable"]
    world.later(days=5)
    beat(world.db, world.law, Settings(data=tmp_path, heartbeat=False), world.now)
    assert codes(reviewed(api, api.token(f"user:{own}"), case)) == ["not_accountable"]
    assert reviewed(api, api.token(f"user:{third}"), case).status_code == 200


def test_counts_are_numbers_for_managers_alone(api: Knocker, case: str) -> None:
    assert api.http.get("/v1/glass/counts", headers=api.role(MANAGER)).json() == {"items": []}
    smash(api, stranger(api)[1], case)
    smash(api, stranger(api, CASEWORKER)[1], case)
    told = api.http.get("/v1/glass/counts", headers=somebody(api, MANAGER, "harbour")[1])
    assert [(one["agency"], one["broken"]) for one in told.json()["items"]] == [("lantern", 1), ("sca", 1)]
    assert case not in told.text
    for role in (NAVIGATOR, COORDINATOR, CASEWORKER, Role.AGENCY_ADMIN):
        assert api.http.get("/v1/glass/counts", headers=api.role(role)).status_code == 403
    api.world.later(days=366)
    assert api.http.get("/v1/glass/counts", headers=api.role(MANAGER)).json() == {"items": []}


def test_the_history_of_the_case_proves_it_and_a_grant_edited_behind_it_shows(api: Knocker) -> None:
    world = api.world
    case = api.opened(api.role(NAVIGATOR))["case"]
    assert smash(api, stranger(api)[1], case).status_code == 201
    assert reviewed(api, api.role(MANAGER), case, "not_justified").status_code == 200
    with world.db.read() as session:
        assert differing(session, {case: told(session, case)}) == {}
    damage(world, "update glass_grants set review = 'justified' where case_id = :case", case=case)
    with world.db.read() as session:
        assert [row.partition(":")[0] for row in differing(session, {case: told(session, case)})[case]] == [
            "glass_grants"
        ]
