"""What is checked without us: the bundle of a case by the example's verifier, and the log by the example's witness."""

import copy
import json
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from referral import attesting, checkpoints
from referral.access import Role
from referral.audit import link
from referral.checkpoints import COSIGNS, public_key
from referral.models import Cosignature
from referral.settings import Settings
from referral.signer import OwnSigner
from referral.signer_socket import DistantSigner, signer_for
from tests.workflows.walks import met, submitted
from tests.world import World
from workflows.bundling import bundle

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
VERIFIER = EXAMPLES / "verify_bundle.py"
WITNESS = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
SEEN_BY = str(public_key(WITNESS, "witness.invalid", COSIGNS))
Told = dict[str, Any]


@pytest.fixture
def signer(tmp_path: Path) -> OwnSigner:
    made = signer_for(Settings(data=tmp_path))
    assert isinstance(made, OwnSigner)
    return made


@pytest.fixture
def told(world: World, tmp_path: Path, signer: OwnSigner) -> Told:
    """A bundle of one case among others, that a witness has seen."""
    met(world)
    case = submitted(world)
    met(world)
    settings = Settings(data=tmp_path)
    found = attesting.cover(world.db, settings, signer, case, 5, world.now)
    line = checkpoints.cosign(WITNESS, "witness.invalid", found.note, world.now)
    with world.db.write() as session:
        session.add(Cosignature(size=found.size, key=SEEN_BY, agency_id="sca", actor="x", at=world.now, line=line))
    made = bundle(world.db, world.law, settings, signer, case, world.now)
    return dict(json.loads(json.dumps(made)))


def checked(told: Told, folder: Path, *keys: object) -> tuple[int, str]:
    """As somebody does who has nothing of ours but this file; nothing of the project can be imported there."""
    path = folder / "bundle.json"
    path.write_text(json.dumps(told))
    command = [sys.executable, "-I", str(VERIFIER), str(path), *(str(key) for key in keys)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == "", done.stderr
    return done.returncode, done.stdout


def test_a_bundle_holds_without_us(told: Told, tmp_path: Path, signer: OwnSigner) -> None:
    (key,) = signer.published()
    ended, said = checked(told, tmp_path, key, SEEN_BY)
    assert (ended, said.splitlines()[-1]) == (0, "all of it holds")
    assert f"{len(told['events'])} events" in said
    assert "seen by witness.invalid at 2026-09-16T09:00:00Z" in said


def test_a_bundle_names_nobody(told: Told) -> None:
    text = str(told)
    for secret in ("Testina", "Muster", "1996-", "testina@person.example", "07700900"):  # fewer figures stand by chance
        assert secret not in text


def test_the_verifier_is_short_and_needs_nothing_of_ours() -> None:
    text = VERIFIER.read_text()
    assert len(text.splitlines()) < 200
    imported = set(re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE))
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def _body(told: Told, dice: random.Random) -> None:
    event = dice.choice(told["events"])
    event["body"] = event["body"].replace('"schema":2', '"schema":3')


def _gone(told: Told, dice: random.Random) -> None:
    del told["events"][dice.randrange(len(told["events"]))]


def _tail(told: Told, dice: random.Random) -> None:
    """The newest event taken away, and the case made to fit it."""
    del told["events"][-1]
    told["case"] |= {"version": len(told["events"]), "head": told["events"][-1]["hash"]}


def _twice(told: Told, dice: random.Random) -> None:
    told["events"].append(copy.deepcopy(dice.choice(told["events"])))


def _swapped(told: Told, dice: random.Random) -> None:
    place = dice.randrange(len(told["events"]) - 1)
    told["events"][place : place + 2] = told["events"][place : place + 2][::-1]


def _rewritten(told: Told, dice: random.Random) -> None:
    """An event changed, and the whole chain made to fit it."""
    _body(told, dice)
    last = bytes(32)
    for event in told["events"]:
        event["prev"], last = last.hex(), link(last, event["body"].encode())
        event["hash"] = last.hex()
    told["case"]["head"] = last.hex()


def _step(told: Told, dice: random.Random) -> None:
    proof = dice.choice(told["evidence"]["proofs"])["proof"]
    proof[dice.randrange(len(proof))] = "A" * 43 + "="


def _numbers(told: Told, dice: random.Random) -> None:
    dice.choice(told["evidence"]["proofs"])["number"] += 1


def _no_proof(told: Told, dice: random.Random) -> None:
    del told["evidence"]["proofs"][dice.randrange(len(told["evidence"]["proofs"]))]


def _note(told: Told, dice: random.Random) -> None:
    note = told["evidence"]["note"]
    told["evidence"]["note"] = note.replace("cases 3", "cases 2")


def _own_key(told: Told, dice: random.Random) -> None:
    """The same checkpoint, signed by somebody else, who also says so in the bundle."""
    key, said = Ed25519PrivateKey.generate(), checkpoints.read(told["evidence"]["note"])
    told["evidence"] |= {"note": checkpoints.sign(key, said.origin, said), "keys": [str(public_key(key, said.origin))]}


def _no_witness(told: Told, dice: random.Random) -> None:
    told["evidence"]["cosignatures"] = []


def _other_witness(told: Told, dice: random.Random) -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"v" * 32)
    line = checkpoints.cosign(
        other, "witness.invalid", told["evidence"]["note"], checkpoints.read(told["evidence"]["note"]).at
    )
    told["evidence"]["cosignatures"][0]["line"] = line


def _no_evidence(told: Told, dice: random.Random) -> None:
    told["evidence"] = None


def _nonsense(told: Told, dice: random.Random) -> None:
    told["events"] = dice.choice([None, {}, [1], "x", [{}]])


TAMPERINGS: dict[str, tuple[Callable[[Told, random.Random], None], str]] = {
    "an event was changed": (_body, "was changed"),
    "an event is gone": (_gone, ""),
    "the newest event is gone": (_tail, "not there"),
    "an event stands twice": (_twice, "stands in its place"),
    "two events have changed places": (_swapped, "stands in its place"),
    "the whole chain is another": (_rewritten, "signed history"),
    "a step of a proof is another": (_step, "signed history"),
    "an event has another number": (_numbers, ""),
    "an event has no proof": (_no_proof, ""),
    "the checkpoint says something else": (_note, "not signed by the key"),
    "somebody else has signed": (_own_key, "not signed by the key"),
    "no witness has signed": (_no_witness, "has not signed"),
    "another witness has signed": (_other_witness, "has not signed"),
    "there is no evidence": (_no_evidence, "proved by nobody"),
    "it is no bundle": (_nonsense, "another form"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_bundle_that_was_tampered_with_does_not_hold(
    told: Told, tmp_path: Path, signer: OwnSigner, name: str
) -> None:
    tamper, says = TAMPERINGS[name]
    (key,) = signer.published()
    tamper(told, random.Random(name))
    ended, said = checked(told, tmp_path, key, SEEN_BY)
    assert (ended, "THIS DOES NOT HOLD" in said) == (1, True)
    assert says in said


def test_a_key_of_another_name_or_another_key_is_told(told: Told, tmp_path: Path, signer: OwnSigner) -> None:
    (key,) = signer.published()
    for other in (SEEN_BY, "nonsense", str(key)[:-4] + "AAA=", f"x{key}"):
        assert checked(told, tmp_path, other)[0] == 1


def test_an_older_key_of_the_signer_still_verifies_what_it_signed(
    told: Told, world: World, tmp_path: Path, signer: OwnSigner
) -> None:
    old = signer.published()[0]
    new = signer.renew(world.later(hours=1))
    assert checked(told, tmp_path, old)[0] == 0
    met(world)
    fresh = bundle(world.db, world.law, Settings(data=tmp_path), signer, told["case"]["id"], world.now)
    assert fresh["evidence"]["keys"] == [str(old), str(new)]


def test_without_a_signer_a_bundle_says_which_events_are_not_proved(world: World, tmp_path: Path) -> None:
    case, settings = submitted(world), Settings(data=tmp_path)
    nobody = DistantSigner(tmp_path / "nobody")
    assert bundle(world.db, world.law, settings, nobody, case, world.now)["evidence"] is None
    signer = signer_for(settings)
    attesting.attest(world.db, settings, signer, world.now)
    world.ask(Role.CASEWORKER, "intake.acknowledge", case, reference="R1", authority="SCA")
    made = dict(json.loads(json.dumps(bundle(world.db, world.law, settings, nobody, case, world.now))))
    assert len(made["evidence"]["proofs"]) < len(made["events"])
    (key,) = signer.published()
    ended, said = checked(made, tmp_path, key)
    assert (ended, "newer than the checkpoint" in said) == (1, True)
