"""What is not numbered or not signed in time is told on."""

from pathlib import Path

from referral import attesting, numbering
from referral.settings import Settings
from referral.signer_socket import signer_for
from tests.workflows.walks import damage, met
from tests.world import World
from workflows.checking import check


def found(world: World) -> list[str]:
    return [one.what for one in check(world.db, world.law, world.now) if one.case == "-"]


def test_what_waits_for_an_hour_is_told_on(world: World, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert found(world) == []
    met(world)
    world.later(minutes=59)
    assert found(world) == []
    world.later(minutes=2)
    assert found(world) == ["Events have waited for their number for an hour."]
    numbering.number(world.db)
    assert found(world) == ["No checkpoint was signed for an hour, though there were moves."]
    attesting.attest(world.db, settings, signer_for(settings), world.now)
    world.later(days=30)
    assert found(world) == []  # nothing has happened since, so nothing needs to be signed
    met(world)
    numbering.number(world.db)
    assert found(world) == []
    world.later(minutes=61)
    assert found(world) == ["No checkpoint was signed for an hour, though there were moves."]
    damage(world, "delete from tree_heads")
    assert "The history is shorter than what was signed." in found(world)
