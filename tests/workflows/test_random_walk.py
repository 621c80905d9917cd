"""Walk the machines at random, several cases at once, and check after every ask what must always hold."""

import json
import random
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlmodel import SQLModel

from referral import storage
from referral.access import SYSTEM, Role
from referral.db import Database
from referral.errors import Refusal
from referral.settings import Settings
from referral.storage import Wanted
from tests.roles import unguarded
from tests.thorough import ASKS
from tests.told import told
from tests.world import World, a, furnish
from workflows import catalogue
from workflows.ask import Ask
from workflows.checking import check
from workflows.engine import perform
from workflows.heartbeat import beat
from workflows.offered import offers
from workflows.verifying import verify

OPENINGS = ("intake.encounter", "operation.plan", "concern.receive")
ASKERS = [a(role) for role in Role if role is not Role.SYSTEM]
MOVES = sorted(catalogue.known().moves)
WRITTEN = (
    "events", "strands", "deadlines", "messages", "participants", "notes", "answers", "people", "cases", "bed_holds",
    "encounters",
)  # fmt: skip
COUNTS = ", ".join(f"(select count(*) from {table})" for table in WRITTEN)  # noqa: S608  our own names
RUNNING = text(
    "select s.workflow, s.state, c.open from deadlines d join strands s on s.id = d.strand_id "
    "join cases c on c.id = d.case_id where d.state in ('running', 'paused')"
)
UNOWNED = text(
    "select count(*) from cases c where c.open and not exists (select 1 from agencies a where a.id = c.owner_agency)"
)
OF_CONSENT = text("select facts from strands where case_id = :case and workflow = 'consent' and number = :number")
PARTS = text("select agency_id, part, until from participants where case_id = :case")
ASKED = text("select facts from strands where case_id = :case and workflow = 'acknowledgement'")
HOW = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True,
    database=None, phases=(Phase.generate,),  # what fails is long, and making it short takes longer than the suite may
)  # fmt: skip


class Walk(RuleBasedStateMachine):
    """Asks of every kind, by everybody, in any order; time only goes forward."""

    db: Database
    log: Path
    asked: ClassVar[int] = 0  # over all walks of a test
    made: ClassVar[set[str]] = set()
    withdrawn: ClassVar[int] = 0  # withdrawals that were looked at

    @initialize()
    def begin(self) -> None:
        """An empty world, and a first case in it."""
        self.wipe()
        furnish(self.db)
        self.world = World(self.db)
        self.cases: list[str] = []
        self.open(child="no", move="intake.encounter")

    def wipe(self) -> None:
        """Empty the tables, what points before what is pointed at: hypothesis begins anew many times."""
        self.log.unlink(missing_ok=True)
        shutil.rmtree(self.log.parent / "signer", ignore_errors=True)  # it would rightly refuse a history that is gone
        with unguarded(self.db) as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                session.execute(table.delete())

    @rule(child=st.sampled_from(["yes", "no", "not_sure"]), move=st.sampled_from(OPENINGS))
    def open(self, child: str, move: str) -> None:
        """Open a further case."""
        if len(self.cases) < 6:
            more: dict[str, Any] = {"under_18": child} if move == "intake.encounter" else {}
            ask = Ask(a(Role.NAVIGATOR), move, self.world.now, form=told(move, **more))
            self.cases.append(perform(self.db, self.world.law, ask).case)

    @rule(which=st.randoms(use_true_random=False), steps=st.integers(20, 60))
    def go_on(self, which: random.Random, steps: int) -> None:
        """Mostly what is offered, so that cases travel far."""
        for _ in range(steps):
            case, asker = which.choice(self.cases), which.choice([*ASKERS, SYSTEM])
            with storage.door(self.db) as door:
                seen = door.read(Wanted(case=case, answers=True, identity=True))
            try:
                possible = [offer for offer in offers(self.world.law, seen, asker, self.world.now) if offer.yes]
            except Refusal:
                continue
            if possible:
                offer = which.choice(possible)
                more = self.another_purpose(which) if offer.move == "consent.give" else {}
                self.attempt(Ask(asker, offer.move, self.world.now, case=case, form=told(offer.move, **more)))

    @rule(which=st.randoms(use_true_random=False), steps=st.integers(5, 20))
    def ask_anything(self, which: random.Random, steps: int) -> None:
        """Whatever comes to mind, by anybody."""
        for _ in range(steps):
            move, case = which.choice(MOVES), which.choice(self.cases)
            self.attempt(Ask(which.choice(ASKERS), move, self.world.now, case=case, form=told(move)))

    @rule(days=st.integers(0, 40), hours=st.integers(1, 30))
    def let_time_pass(self, days: int, hours: int) -> None:
        """And let the heartbeat look, twice."""
        self.world.later(days=days, hours=hours)
        for _ in range(2):
            beat(self.db, self.world.law, Settings(data=self.log.parent), self.world.now)

    def attempt(self, ask: Ask) -> None:
        """Ask, and hold the house to what a refusal may write."""
        Walk.asked += 1
        before, owner = self.rows(), self.owner(ask.case)
        try:
            done = perform(self.db, self.world.law, ask)
            Walk.made.add(ask.move)
            if ask.move == "consent.withdraw":
                self.withdrawal_is_obeyed(ask, done.strand, owner)
                Walk.withdrawn += 1
        except Refusal:
            assert self.rows() == before, f"{ask.move} was refused and wrote something"

    def another_purpose(self, which: random.Random) -> dict[str, Any]:
        """Consent to one of the four purposes; sharing with a partner, for some days."""
        purpose = which.choice(["referral", "support", "police", "sharing"])
        last = (self.world.now + timedelta(days=which.randint(0, 60))).date().isoformat()
        shares = {"shared_with": which.choice(["border", "lantern"]), "classes": ["C1"], "due_on": last}
        return {"purpose": purpose, **(shares if purpose == "sharing" else {})}

    def owner(self, case: str | None) -> str | None:
        """The accountable agency of a case."""
        with self.db.read() as session:
            return session.execute(text("select owner_agency from cases where id = :case"), {"case": case}).scalar()

    def withdrawal_is_obeyed(self, ask: Ask, number: int, owner: str | None) -> None:
        """Nobody takes part on that consent any more, and everybody who ever did was asked."""
        of = {"case": ask.case, "number": number}
        with self.db.read() as session:
            facts = json.loads(session.execute(OF_CONSENT, of).scalar_one())
            parts = session.execute(PARTS, of).all()
            told_of = [json.loads(line) for (line,) in session.execute(ASKED, of)]
        of_this = (facts["purpose"], number)
        asked = {one["holder"] for one in told_of if (one["purpose"], one["consent"]) == of_this}
        on_it = {"support": "support", "police": "police", "sharing": "partner"}.get(facts["purpose"])
        with_whom = facts.get("shared_with")
        stays = [agency for agency, part, until in parts if until is None and part == on_it and agency != owner
                 and (on_it != "partner" or agency == with_whom)]  # fmt: skip
        assert stays == []
        assert {agency for agency, *_ in parts} - {ask.actor.agency} <= asked

    def rows(self) -> list[int]:
        """How many rows each table has."""
        with self.db.read() as session:
            return list(session.execute(text(f"select {COUNTS}")).one())

    @invariant()
    def every_chain_verifies(self) -> None:
        """And every case, deadline and owner is as it must be."""
        if not hasattr(self, "world"):
            return
        assert verify(self.db).damage is None
        assert check(self.db, self.world.law, self.world.now) == []

    @invariant()
    def nothing_runs_in_an_ended_strand(self) -> None:
        """No deadline outlives its strand, and nobody is reminded twice."""
        if not hasattr(self, "world"):
            return
        with self.db.read() as session:
            running = session.execute(RUNNING).all()
            assert session.execute(UNOWNED).scalar_one() == 0
        assert all(is_open or workflow in catalogue.OUTLASTS for workflow, _, is_open in running)
        assert all(state not in catalogue.FINAL[workflow] for workflow, state, _ in running)
        sent = [json.loads(line)["id"] for line in self.log.read_text().splitlines()] if self.log.exists() else []
        assert len(sent) == len(set(sent))


@pytest.mark.slow
def test_whatever_is_asked_in_whatever_order_what_must_hold_holds(db: Database, tmp_path: Path) -> None:
    walk = type("Walked", (Walk,), {"db": db, "log": tmp_path / "messages.log"})
    Walk.asked, Walk.made, Walk.withdrawn = 0, set(), 0
    few = len(MOVES) // 4
    while Walk.asked < ASKS.times or ((len(Walk.made) < few or not Walk.withdrawn) and Walk.asked < 10 * ASKS.whole):
        run_state_machine_as_test(walk, settings=HOW)
    assert len(Walk.made) >= few, sorted(set(MOVES) - Walk.made)
    assert Walk.withdrawn > 0
