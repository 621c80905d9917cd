"""What a recipe promises, tried on real code; test_recipes.py runs it in a process that sees the changed packages."""

import sys
from datetime import date, timedelta
from pathlib import Path

import referral
import workflows
from api.app import create_app
from referral.access import Role
from referral.db import Database
from referral.migrate import migrate
from referral.settings import Settings
from tests.world import World, a, furnish, vault
from workflows import catalogue
from workflows.checking import check
from workflows.explain import calculate
from workflows.heartbeat import beat
from workflows.offered import Offer, offered
from workflows.verifying import verify

OFFICER = Role.FIRST_RESPONDER
NEVER_REAL = {"place_kind": "raid", "under_18": "no"}


def charged(world: World) -> str:
    """Somebody was met, and somebody is charged."""
    case = world.ask(OFFICER, "intake.encounter", **NEVER_REAL).case
    world.ask(OFFICER, "justice.open", case)
    world.ask(OFFICER, "justice.report", case, force="eastshire-police", with_identity=False)
    world.ask(OFFICER, "justice.investigate", case)
    day = world.now.date().isoformat()
    done = world.ask(OFFICER, "justice.charge", case, suspects=2, charged_on=day)
    assert done.state == "charged"
    return case


def offer(world: World, case: str, move: str) -> Offer:
    """What is said of one move."""
    return next(one for one in offered(world.db, world.law, a(OFFICER), case, world.now) if one.move == move)


def addresses(world: World, folder: Path) -> set[str]:
    """Every address of the API on this database."""
    return set(create_app(Settings(data=folder, heartbeat=False), world.db, world.law).openapi()["paths"])


def new_jurisdiction(world: World, _: Path) -> None:
    """The file is read, a case is opened under it, and its period is reckoned by its own bank holidays."""
    assert world.law["sweden"].zone == "Europe/Stockholm"
    case = world.ask(OFFICER, "intake.encounter", jurisdiction="sweden", **NEVER_REAL)
    assert {one["name"] for one in case.started} >= {"referral_after_encounter"}
    told = calculate(world.law, "C2", world.now.date(), jurisdiction="sweden")
    assert (told["kind"], told["due"][:10]) == ("floor", "2026-10-16")
    adoption = calculate(world.law, "H3", date(2027, 1, 5), jurisdiction="sweden")
    assert adoption["skipped"] == [{"date": "2027-01-06", "why": "Epiphany"}]


def new_deadline(world: World, folder: Path) -> None:
    """It starts with its move, is due ten working days later, reminds, and ends with what it asks for."""
    case = charged(world)
    due = calculate(world.law, "H101", world.now)["due"]
    world.now += timedelta(days=20)
    beat(world.db, world.law, Settings(data=folder, heartbeat=False), world.now)
    with world.db.read() as session:
        row = session.connection().exec_driver_sql("select due_day from deadlines where rule = 'H101'").one()
        sent = (
            session.connection()
            .exec_driver_sql("select count(*) from messages where about = 'evidence_prepared'")
            .scalar_one()
        )
    assert row.due_day == due == "2026-09-30"
    assert sent > 0
    done = world.ask(OFFICER, "justice.record_cooperation", case, willing="yes", special_measures=["screens"])
    assert "evidence_prepared" in done.ended


def new_move(world: World, folder: Path) -> None:
    """It is offered in the states it leaves and nowhere else, is made through the door, and has an address."""
    early = world.ask(OFFICER, "intake.encounter", **NEVER_REAL).case
    assert not offer(world, early, "justice.visit_court").yes
    case = charged(world)
    assert offer(world, case, "justice.visit_court").yes
    told = {"visited_on": world.now.date().isoformat(), "with_whom": "navigator"}
    done = world.ask(OFFICER, "justice.visit_court", case, **told)
    assert (done.workflow, done.state) == ("justice", "charged")
    assert "/v1/cases/{case}/justice/visit_court" in addresses(world, folder)


def new_workflow(world: World, folder: Path) -> None:
    """It opens, moves, refuses what its guard refuses, ends, and has addresses."""
    case = charged(world)
    assert offer(world, case, "compensation.consider").yes
    assert world.ask(OFFICER, "compensation.consider", case).state == "to_consider"
    day = world.now.date()
    told = {"scheme": "criminal_injuries", "claimed_on": day.isoformat()}
    assert world.ask(OFFICER, "compensation.claim", case, **told).state == "claimed"
    assert world.ask(OFFICER, "compensation.award", case, pence=1_200_00).state == "awarded"
    assert catalogue.WORKFLOWS["compensation"].final == {"awarded", "refused", "not_claimed"}
    assert {
        f"/v1/cases/{{case}}/compensation/{move}" for move in ("consider", "claim", "award", "refuse", "leave_it")
    } <= (addresses(world, folder))


def main(recipe: str, folder: Path) -> None:
    """Try one recipe in a folder, then walk the chains and look for what must never be."""
    for package in (referral, workflows):
        assert Path(str(package.__file__)).is_relative_to(folder), (
            "this would try the code as it stands, without the recipe"
        )
    db = Database(f"sqlite:///{folder}/lodestar.db", durable=False, vault=vault())
    migrate(db)
    furnish(db)
    world = World(db)
    globals()[recipe.replace("-", "_")](world, folder)
    report = verify(db)
    assert report.events > 0
    assert report.damage is None
    assert [one for one in check(db, world.law, world.now) if "H101" not in str(one)] == []
    db.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
