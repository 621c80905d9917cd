"""Attack group c20: whoever broke the glass is seen, told on and reviewed, and never by themselves."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from referral.access import Part, Role
from referral.ids import new_id
from referral.models import Case, Event, GlassGrant, Message, Participant, Read, Strand
from referral.settings import Settings
from tests.api.knocking import Knocker
from tests.attacks.glass import (
    ADDRESS,
    CASEWORKER,
    COORDINATOR,
    LEAD,
    MANAGER,
    NAVIGATOR,
    REASON,
    codes,
    filled,
    look,
    reviewed,
    smash,
    somebody,
    stranger,
)
from tests.attacks.relations import fill
from tests.workflows.test_bound_rows import told
from tests.workflows.test_keeping_tables import a_closed_case
from tests.workflows.walks import damage
from tests.world import START, World, user_id
from workflows.bound_rows import differing
from workflows.heartbeat import beat


@pytest.fixture
def case(world: World) -> str:
    """A case of the navigators, led by one of them, with something in every field."""
    return filled(world)


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


@pytest.mark.parametrize("stands", ("open", "closed"))
def test_unreviewed_ones_escalate_after_two_working_days(api: Knocker, stands: str, tmp_path: Path) -> None:
    world = api.world
    case, agency = filled(world), "navigators"
    if stands == "closed":
        case, agency = a_closed_case(world, "Invented.", "Zorica"), "eastshire-police"
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
    counts = api.http.get("/v1/glass/counts", headers=somebody(api, MANAGER, agency)[1]).json()["items"]
    assert counts == [
        {"agency": "lantern", "broken": 1, "justified": 0, "not_justified": 0, "waiting": 1, "escalated": 1}
    ]
    with world.db.read() as session:
        assert session.get_one(Case, case).open is (stands == "open")
    assert reviewed(api, somebody(api, MANAGER, agency)[1], case).status_code == 200


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
