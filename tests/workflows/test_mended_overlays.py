"""Eighteen, death, consent and anonymous refusal through the door and the heartbeat, on both databases."""

from datetime import timedelta
from pathlib import Path

from referral.access import SYSTEM, Role
from tests.workflows.walks import OFFICER, SPOKEN, beats, damage, met, rows, submitted
from tests.world import World
from workflows.verifying import verify


def stands(world: World, workflow: str) -> str:
    return str(rows(world, "select state from strands where workflow = :w order by number desc", w=workflow)[0][0])


def runs(world: World, name: str) -> bool:
    return rows(world, "select count(*) from deadlines where name = :n and state = 'running'", n=name) == [(1,)]


def child_met(world: World, days: int) -> str:
    born = world.now.date().replace(year=world.now.year - 18) + timedelta(days=days)
    told = {"place_kind": "raid", "under_18": "yes", "born": born.isoformat()}
    return world.ask(OFFICER, "intake.encounter", **told).case


def test_an_anonymous_refusal_empties_the_notes_of_what_came_before_and_the_chain_still_verifies(world: World) -> None:
    case = world.ask(OFFICER, "intake.encounter", place_kind="raid", under_18="no", note="Invented name.").case
    other = world.ask(OFFICER, "intake.encounter", place_kind="raid", under_18="no", note="Another case.").case
    world.ask(OFFICER, "intake.explain", case, private=True, capacity="has_capacity", note="Invented town.", **SPOKEN)
    assert len(rows(world, "select seq from notes where case_id = :c", c=case)) == 2
    done = world.ask(OFFICER, "intake.refuse", case, will_cooperate=False, note="Does not want to say.")
    assert rows(world, "select seq from notes where case_id = :c", c=case) == [(done.seq,)]
    assert len(rows(world, "select seq from notes where case_id = :c", c=other)) == 1
    assert verify(world.db).damage is None


def test_a_refusal_with_cooperation_keeps_what_was_noted(world: World) -> None:
    case = world.ask(OFFICER, "intake.encounter", place_kind="raid", under_18="no", note="Invented.").case
    world.ask(OFFICER, "intake.explain", case, private=True, capacity="has_capacity", **SPOKEN)
    world.ask(OFFICER, "intake.refuse", case, will_cooperate=True, note="Willing to talk.")
    assert len(rows(world, "select seq from notes where case_id = :c", c=case)) == 2


def test_a_birthday_after_a_negative_decision_makes_an_adult_who_is_asked_once_it_is_pending_again(
    world: World, tmp_path: Path
) -> None:
    case = child_met(world, 10)
    damage(world, "update strands set state = 'before_authority' where workflow = 'child'")
    damage(world, "update strands set workflow = 'decision', state = 'rg_negative' where workflow = 'contact'")
    damage(
        world,
        "insert into participants (case_id, agency_id, part, since, opened_at, open, basis, purpose, classes) "
        "select id, 'sca', 'authority', opened_at, opened_at, open, 'public_task', 'decision', 'C1' from cases",
    )
    beats(world, tmp_path, days=12)
    assert rows(world, "select child from cases") == [("no",)]
    assert stands(world, "child") == "before_authority"
    world.later(days=200)
    world.ask(Role.CASEWORKER, "decision.reconsider", case, reason="new_evidence")
    beats(world, tmp_path, minutes=1)
    assert stands(world, "child") == "eighteen"  # and not yet no_answer: the time to answer begins now


def test_a_birthday_before_sending_asks_for_consent(world: World, tmp_path: Path) -> None:
    child_met(world, 10)
    beats(world, tmp_path, days=12)
    assert rows(world, "select child from cases") == [("no",)]
    assert stands(world, "child") == "found_adult"


def test_who_is_found_adult_after_sending_is_asked_for_consent(world: World) -> None:
    case = child_met(world, 100)
    damage(world, "update strands set state = 'submitted' where workflow in ('child', 'intake')")
    day = world.now.date().isoformat()
    world.ask(OFFICER, "child.assess_as_adult", case, how="age_assessment", assessed_on=day)
    assert runs(world, "adult_consent")
    world.ask(OFFICER, "consent.give", case, how="written", purpose="referral", **SPOKEN)
    assert not runs(world, "adult_consent")


def test_consent_without_a_last_day_does_not_expire_and_one_with_a_day_does(world: World, tmp_path: Path) -> None:
    case = submitted(world)
    assert rows(world, "select count(*) from deadlines where name = 'consent_expiry'") == [(0,)]
    last = (world.now.date() + timedelta(days=30)).isoformat()
    told = {"how": "written", "purpose": "sharing", "due_on": last, **SPOKEN}
    world.ask(OFFICER, "consent.give", case, **told)
    assert runs(world, "consent_expiry")
    beats(world, tmp_path, days=32)
    assert rows(world, "select state from strands where workflow = 'consent' order by number")[-1] == ("expired",)


def test_a_refused_consent_is_not_asked_for_again_and_again(world: World) -> None:
    met(world)
    assert "consent_asked_again" not in world.law["england-and-wales"].rules


def test_a_death_recorded_by_mistake_is_put_right_and_a_true_one_closes_the_referral(world: World) -> None:
    case = met(world)
    world.ask(OFFICER, "contact.record_death", case)
    assert world.ask(SYSTEM, "contact.worker_leaves", case).state == "deceased"
    assert world.ask(OFFICER, "contact.correct_death", case, reason="wrong_person").state == "in_contact"
    assert runs(world, "contact_check")
    world.ask(OFFICER, "contact.record_death", case)
    assert world.ask(OFFICER, "intake.close", case, reason="deceased").state == "closed"
    assert rows(world, "select count(*) from cases where open") == [(0,)]
