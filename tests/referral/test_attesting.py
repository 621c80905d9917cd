"""Checkpoints: when they come, what they cover, where they go, and what happens without a signer."""

from pathlib import Path

import pytest

from referral import attesting, checkpoints, merkle, numbering, witness
from referral.access import Role
from referral.attesting import Attested, attest, cover
from referral.checkpoints import read
from referral.errors import NotCovered
from referral.models import Checkpoint
from referral.settings import Settings
from referral.signer import NoSigner, OwnSigner, WillNotSign
from referral.signer_socket import DistantSigner, signer_for
from tests.workflows.walks import beats, damage, met, rows
from tests.world import World


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, witness_file=tmp_path / "elsewhere" / "witness.jsonl")


@pytest.fixture
def signer(settings: Settings) -> OwnSigner:
    made = signer_for(settings)
    assert isinstance(made, OwnSigner)
    return made


def sizes(world: World) -> list[int]:
    return [size for (size,) in rows(world, "select size from checkpoints order by size")]


def test_a_checkpoint_comes_when_something_was_done_and_a_minute_has_passed(
    world: World, settings: Settings, signer: OwnSigner
) -> None:
    assert attest(world.db, settings, signer, world.now) == Attested()
    met(world)
    assert attest(world.db, settings, signer, world.now) == Attested(2, 2)
    met(world)
    assert attest(world.db, settings, signer, world.later(seconds=59)) == Attested(2)
    assert attest(world.db, settings, signer, world.later(seconds=1)) == Attested(0, 4)
    assert attest(world.db, settings, signer, world.later(days=1)) == Attested()
    assert sizes(world) == [2, 4]


def test_many_events_bring_one_at_once(
    world: World, settings: Settings, signer: OwnSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attesting, "MANY", 4)
    met(world)
    attest(world.db, settings, signer, world.now)
    met(world)
    assert attest(world.db, settings, signer, world.now) == Attested(2)
    met(world)
    assert attest(world.db, settings, signer, world.now) == Attested(2, 6)


def test_what_is_signed_is_kept_and_leaves_the_database(world: World, settings: Settings, signer: OwnSigner) -> None:
    for _ in range(3):
        met(world)
        attest(world.db, settings, signer, world.later(hours=9))
    (key,) = signer.published()
    with world.db.read() as session:
        head, newest = numbering.head(session), attesting.latest(session)
        assert newest is not None
        assert (newest.size, newest.root, newest.at) == (head.size, head.root, world.now)
        assert attesting.covering(session, 3) == session.get(Checkpoint, 4)
        proof = merkle.consistency(numbering.nodes(session), 2, 6)
    notes = [note for (note,) in rows(world, "select note from checkpoints order by size")]
    assert all(checkpoints.signer_of(note, [key]) for note in notes)
    assert merkle.consistent(2, 6, read(notes[0]).root, head.root, proof)
    assert settings.witness_file is not None
    assert [note for _, note in witness.read_witness(settings.witness_file)] == notes
    digest = (settings.data / witness.DIGEST).read_text().splitlines()
    assert [line.split()[0] for line in digest] == ["2026-09-16", "2026-09-17"]
    assert f"size 2 root {read(notes[0]).root.hex()}" in digest[0]


def test_a_line_that_the_power_cut_short_does_not_spoil_the_next(
    world: World, settings: Settings, signer: OwnSigner
) -> None:
    met(world)
    attest(world.db, settings, signer, world.now)
    path = settings.witness_file
    assert path is not None
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    witness.add_to_witness(path, rows(world, "select note from checkpoints")[0][0])
    assert path.read_bytes().splitlines(keepends=True)[-1] == whole


def test_the_checkpoint_that_covers_an_event_is_made_on_demand(
    world: World, settings: Settings, signer: OwnSigner
) -> None:
    case = met(world)
    made = cover(world.db, settings, signer, case, 1, world.now)
    assert made.size == 2
    assert cover(world.db, settings, signer, case, 2, world.later(days=1)) == made
    world.ask(Role.FIRST_RESPONDER, "intake.save", case, answers={})
    assert cover(world.db, settings, signer, case, 3, world.now).size == 3
    assert sizes(world) == [2, 3]


def test_without_a_signer_nothing_is_covered(
    world: World, settings: Settings, signer: OwnSigner, tmp_path: Path
) -> None:
    case = met(world)
    nobody = DistantSigner(tmp_path / "nobody")
    with pytest.raises(NotCovered):
        cover(world.db, settings, nobody, case, 1, world.now)
    with pytest.raises(NotCovered):
        cover(world.db, settings, signer, case, 9, world.now)
    assert cover(world.db, settings, signer, case, 1, world.now).size == 2
    with pytest.raises(NotCovered):  # the row alone is worth nothing
        cover(world.db, settings, nobody, case, 1, world.now)


def test_what_was_rewritten_is_not_signed(world: World, settings: Settings, signer: OwnSigner) -> None:
    met(world)
    attest(world.db, settings, signer, world.now)
    met(world)
    numbering.number(world.db)
    damage(world, "update tree_heads set root = :b", b=bytes(32))
    with pytest.raises(WillNotSign):
        attest(world.db, settings, signer, world.later(hours=1))
    damage(world, "delete from leaves")
    with pytest.raises(WillNotSign, match="not whole"):
        attest(world.db, settings, signer, world.now)
    damage(world, "delete from tree_heads")
    with pytest.raises(WillNotSign, match="smaller"):
        attesting.checkpoint(world.db, signer, world.now)


def test_another_process_that_was_quicker_is_no_refusal(world: World, settings: Settings, signer: OwnSigner) -> None:
    met(world)
    met(world)
    numbering.number(world.db)

    class Quick(OwnSigner):
        beaten = False

        def sign(self, *told: object) -> str:
            if not self.beaten:
                self.beaten = True
                with world.db.read() as session:
                    nodes, head = numbering.nodes(session), numbering.head(session)
                super().sign(head.size, head.root, head.cases, world.now, merkle.consistency(nodes, 0, head.size))
                raise WillNotSign
            return super().sign(*told)  # type: ignore[arg-type]

    assert attesting.checkpoint(world.db, Quick(settings.data / "signer", "x/log"), world.now).size == 4
    assert attesting.checkpoint(world.db, signer, world.now).size == 4
    assert sizes(world) == [4]


def test_the_heartbeat_numbers_and_signs_and_goes_on_without_a_signer(
    world: World, tmp_path: Path, settings: Settings
) -> None:
    met(world)
    beats(world, tmp_path, minutes=1)
    assert sizes(world) == [2]
    (tmp_path / "signer" / "state.json").unlink()
    with pytest.raises(NoSigner):
        signer_for(settings).last()
    met(world)
    beats(world, tmp_path, minutes=1)
    assert sizes(world) == [2]
    assert rows(world, "select count(*) from unsealed") == [(0,)]
