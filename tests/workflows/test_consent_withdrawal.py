"""Withdrawal through the door: who sees the case no more, which offers are off, and who must answer for the data."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from referral.access import Part, Role
from referral.errors import Blocked, NotAllowed, NotFound, Refusal
from tests.standing import snapshot, store
from tests.told import told
from tests.workflows.walks import (
    OFFICER,
    SPOKEN,
    accepted,
    beats,
    damage,
    in_recovery,
    offered_to_harbour,
    rows,
    submitted,
)
from tests.world import World, a
from workflows.ask import Ask
from workflows.checking import check
from workflows.engine import perform
from workflows.offered import offered

BORDER = a(Role.FIRST_RESPONDER, "border")
SAID = {"language": "en", "interpreter": "none_needed", "how": "written"}


def share(world: World, case: str, **more: Any) -> None:
    """The person agrees that Border Force sees the case for a month."""
    last = (world.now.date() + timedelta(days=30)).isoformat()
    told = {"purpose": "sharing", "shared_with": "border", "classes": ["C1", "C2"], "due_on": last, "how": "written"}
    world.ask(OFFICER, "consent.give", case, **{**told, **SPOKEN, **more})


def withdraw(world: World, case: str, number: int, who: Any = OFFICER) -> Any:
    """The person takes one consent back."""
    actor = a(who) if isinstance(who, Role) else who
    return perform(
        world.db, world.law, Ask(actor, "consent.withdraw", world.now, case=case, strand=str(number), form=SAID)
    )


def number_of(world: World, purpose: str) -> int:
    like = f'%"purpose":"{purpose}"%'
    return int(
        rows(world, "select number from strands where workflow = 'consent' and facts like :like", like=like)[-1][0]
    )


def takes_part(world: World) -> set[str]:
    return {agency for (agency,) in rows(world, "select agency_id from participants where until is null")}


def asked(world: World) -> set[str]:
    """The agencies that were asked, by what their strand remembers."""
    found = rows(world, "select facts from strands where workflow = 'acknowledgement'")
    return {facts.split('"holder":"')[1].split('"')[0] for (facts,) in found}


def test_sharing_lets_the_agency_in_and_withdrawal_takes_it_out_with_the_same_move(world: World) -> None:
    case = submitted(world)
    with pytest.raises(NotFound):
        offered(world.db, world.law, BORDER, case, world.now)
    share(world, case)
    assert offered(world.db, world.law, BORDER, case, world.now)
    withdraw(world, case, number_of(world, "sharing"))
    with pytest.raises(NotFound):
        offered(world.db, world.law, BORDER, case, world.now)
    with pytest.raises(NotFound):
        world.ask(BORDER, "contact.lose", case, **told("contact.lose"))


def test_every_agency_that_ever_took_part_is_asked_but_the_one_that_carries_it_out(world: World) -> None:
    case = submitted(world)
    share(world, case)
    withdraw(world, case, number_of(world, "sharing"))
    held = {agency for (agency,) in rows(world, "select agency_id from participants")}
    assert held == {"eastshire-police", "border", "sca"}
    assert asked(world) == held - {"eastshire-police"}
    withdraw(world, case, number_of(world, "police"))  # border has left long since, and still may hold something
    assert len(rows(world, "select 1 from strands where workflow = 'acknowledgement'")) == 4
    assert check(world.db, world.law, world.now) == []


def test_the_accountable_agency_is_asked_too_where_somebody_else_recorded_the_withdrawal(world: World) -> None:
    case = accepted(world)
    withdraw(world, case, number_of(world, "support"))
    assert asked(world) == {"eastshire-police", "harbour", "sca"}


def test_an_open_offer_of_the_case_is_off_and_the_service_that_was_asked_sees_it_no_more(world: World) -> None:
    case = offered_to_harbour(world)
    done = withdraw(world, case, number_of(world, "support"))
    assert "assignment.recall" in done.followed
    assert "harbour" not in takes_part(world)
    assert "harbour" in asked(world)
    assert rows(world, "select state from strands where workflow = 'assignment'") == [("ended",)]
    with pytest.raises(NotFound):
        world.ask(Role.SUPPORT_COORDINATOR, "assignment.take", case)


@pytest.mark.parametrize(
    ("stands", "then"), (("offer_made", "eligible"), ("accepted", "accepted"), ("placed", "placed"))
)
def test_a_bed_that_was_only_offered_is_free_again_and_nobody_loses_the_one_they_took(
    world: World, stands: str, then: str
) -> None:
    case = store(world.db, snapshot("person", "housing", stands))
    withdraw(world, case, 2)  # the consent to support
    assert rows(world, "select state from strands where workflow = 'housing'") == [(then,)]


def test_withdrawing_from_the_referral_before_any_consent_asks_every_holder_as_well(world: World) -> None:
    case = submitted(world)
    done = world.ask(OFFICER, "intake.withdraw", case, **SAID)
    assert done.state == "withdrawn"
    assert asked(world) == {"sca"}
    assert rows(world, "select count(*) from cases where open") == [(1,)]  # until they have answered


def test_withdrawal_from_the_referral_asks_each_holder_once(world: World) -> None:
    case = in_recovery(world)
    withdraw(world, case, number_of(world, "referral"))
    holders = rows(world, "select facts from strands where workflow = 'acknowledgement'")
    assert len(holders) == len(asked(world)) == 1


def test_nothing_is_offered_to_somebody_who_has_withdrawn_until_they_agree_anew(world: World) -> None:
    case = in_recovery(world)
    withdraw(world, case, number_of(world, "referral"))
    coordinator = a(Role.SUPPORT_COORDINATOR, "eastshire-police")
    with pytest.raises(Blocked) as refused:
        world.ask(coordinator, "assignment.offer", case, provider="harbour")
    assert "withdrawn" in {reason.code for reason in refused.value.reasons}
    world.ask(OFFICER, "consent.give", case, purpose="referral", how="written", **SPOKEN)
    world.ask(coordinator, "assignment.offer", case, provider="harbour")


def test_a_holder_that_sees_the_case_no_more_can_acknowledge_and_do_nothing_else(world: World) -> None:
    case = submitted(world)
    share(world, case)
    withdraw(world, case, number_of(world, "sharing"))
    strands = {facts.split('"holder":"')[1].split('"')[0]: strand for strand, facts in rows(
        world, "select id, facts from strands where workflow = 'acknowledgement'")}  # fmt: skip

    def say(who: Any, strand: str | None, move: str = "acknowledgement.acknowledge", **form: Any) -> Any:
        told = form or {"what": "deleted"}
        return perform(world.db, world.law, Ask(who, move, world.now, case=case, strand=strand, form=told))

    stranger = a(Role.FIRST_RESPONDER, "stranger")
    for who, strand in ((stranger, strands["border"]), (BORDER, strands["sca"]), (BORDER, None), (BORDER, "1")):
        with pytest.raises(NotFound):
            say(who, strand)
    with pytest.raises(NotFound):
        say(BORDER, strands["border"], "acknowledgement.record_silence", reason="silent")
    with pytest.raises(NotFound):
        say(BORDER, strands["border"], "consent.withdraw", **SAID)
    with pytest.raises(NotAllowed):
        say(replace(BORDER, may=frozenset()), strands["border"])
    with pytest.raises(Blocked):  # who sees the case cannot answer for another
        say(a(OFFICER), strands["border"])
    with pytest.raises(Refusal):
        say(BORDER, strands["border"], what="kept_by_law")
    assert say(BORDER, strands["border"]).state == "acknowledged"
    assert say(a(Role.CASEWORKER), strands["sca"], what="kept_by_law", law="msa-2015").state == "acknowledged"
    with pytest.raises(NotFound):
        offered(world.db, world.law, BORDER, case, world.now)


def test_a_holder_that_keeps_silent_is_chased_and_the_accountable_agency_hears_of_it(
    world: World, tmp_path: Path
) -> None:
    case = submitted(world)
    share(world, case)
    withdraw(world, case, number_of(world, "sharing"))
    beats(world, tmp_path, days=5)
    assert rows(world, "select distinct state from strands where workflow = 'acknowledgement'") == [("chased",)]
    told = rows(world, "select agency_id from messages where about = 'acknowledgement.chase'")
    assert {agency for (agency,) in told} == {"border", "sca", "eastshire-police"}
    links = (tmp_path / "messages.log").read_text()
    assert "/acknowledgements" in links  # a holder is led to its list, not to a case that it cannot see
    beats(world, tmp_path, days=3)
    ask = Ask(a(OFFICER), "acknowledgement.record_silence", world.now, case=case, form={"reason": "agency_closed"})
    assert perform(world.db, world.law, ask).state == "unanswered"


def test_what_was_queued_for_a_partner_is_not_sent_once_its_share_has_ended(world: World, tmp_path: Path) -> None:
    case = submitted(world)
    share(world, case)
    damage(world, "update messages set agency_id = 'border', audience = 'partner'")
    waiting = len(rows(world, "select 1 from messages"))
    assert waiting > 0
    withdraw(world, case, number_of(world, "sharing"))
    beats(world, tmp_path, minutes=1)
    sent = "select count(*) from messages where audience = 'partner' and delivered_at is not null"
    assert rows(world, sent) == [(0,)]
    held = rows(world, "select count(*) from messages where failed = 'withheld' and next_try_at is null")
    assert held == [(waiting,)]
    assert rows(world, "select count(*) from messages where audience = 'holder' and delivered_at is null") == [(0,)]
    assert check(world.db, world.law, world.now) == []


def test_the_first_look_after_the_answer_is_refused_while_a_partner_reads_in_a_loop(world: World) -> None:
    case = submitted(world)
    share(world, case)
    began, over, looks = threading.Event(), threading.Event(), list[tuple[bool, bool]]()

    def read() -> None:
        for _ in range(2_000):
            ended = over.is_set()  # before the look, so that a look that began earlier may still see it
            try:
                seen = bool(offered(world.db, world.law, BORDER, case, world.now))
            except NotFound:
                seen = False
            looks.append((ended, seen))
            began.set()
            if ended:
                return

    reader = threading.Thread(target=read)
    reader.start()
    assert began.wait(20)
    withdraw(world, case, number_of(world, "sharing"))
    over.set()
    reader.join(60)
    assert looks[0] == (False, True)  # the positive control: it did see the case
    assert looks[-1] == (True, False)
    assert Part.PARTNER not in {part for (part,) in rows(world, "select part from participants where until is null")}
