"""The signer signs what continues and nothing else, in this process and in another."""

import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from referral import checkpoints, merkle, signer_socket
from referral.settings import Settings
from referral.signer import NoSigner, OwnSigner, Signer, WillNotSign
from referral.signer_socket import DistantSigner, SignerServer, signer_for
from tests.referral.test_merkle import leaf, nodes, root
from tests.world import START

ROOT = Path(__file__).parents[2]


@pytest.fixture
def own(tmp_path: Path) -> OwnSigner:
    return OwnSigner(tmp_path / "signer", "lodestar.invalid/log")


@pytest.fixture(params=["own", "distant"])
def signer(request: pytest.FixtureRequest, own: OwnSigner, tmp_path: Path) -> Iterator[Signer]:
    if request.param == "own":
        yield own
        return
    with SignerServer(tmp_path / "s", own, lambda: START) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield DistantSigner(tmp_path / "s")
        server.shutdown()
        thread.join()


def grow(signer: Signer, size: int) -> str:
    first = signer.last().size
    return signer.sign(size, root(size), 1, START, merkle.consistency(nodes, first, size))


def test_it_signs_a_tree_that_grows(signer: Signer) -> None:
    (key,) = signer.published()
    for size in (1, 2, 7, 7, 20):
        note = grow(signer, size)
        said = checkpoints.read(note)
        assert (said.origin, said.size, said.root, said.at) == ("lodestar.invalid/log", size, root(size), START)
        assert checkpoints.signer_of(note, [key]) == key
        assert (signer.last().size, signer.last().root) == (size, root(size))


def test_it_refuses_a_smaller_tree_and_one_with_another_past(signer: Signer) -> None:
    grow(signer, 9)
    other = merkle.Edge()
    other.extend([leaf(99), *(leaf(number) for number in range(1, 12))])
    honest = merkle.consistency(nodes, 9, 12)
    for size, top, proof in (
        (8, root(8), []), (9, other.root(), []), (12, other.root(), honest), (12, root(12), []),
        (12, root(12), [*honest, root(1)]), (0, merkle.EMPTY, []),
    ):  # fmt: skip
        with pytest.raises(WillNotSign):
            signer.sign(size, top, 1, START, proof)
    assert signer.last().size == 9
    assert checkpoints.read(grow(signer, 12)).size == 12


def test_its_files_are_for_its_owner_alone(own: OwnSigner, tmp_path: Path) -> None:
    grow(own, 1)
    folder = tmp_path / "signer"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_new_key_signs_and_the_old_one_still_verifies(own: OwnSigner) -> None:
    old_note = grow(own, 1)
    new = own.renew(START)
    note = grow(own, 2)
    old, newest = own.published()
    assert newest == new
    assert checkpoints.signer_of(note, [old]) is None
    assert checkpoints.signer_of(note, [old, newest]) == newest
    assert checkpoints.signer_of(old_note, [old, newest]) == old
    assert own.renew(START + timedelta(days=1)) == own.published()[-1]


def test_a_signer_that_has_lost_its_state_signs_nothing(own: OwnSigner, tmp_path: Path) -> None:
    grow(own, 5)
    (tmp_path / "signer" / "state.json").unlink()
    with pytest.raises(NoSigner, match="no state"):
        own.last()
    with pytest.raises(NoSigner):
        own.sign(5, root(5), 1, START, [])


def test_a_first_start_that_broke_off_is_made_up_for(own: OwnSigner, tmp_path: Path) -> None:
    own.last()
    for path in (tmp_path / "signer").glob("key-*"):
        path.unlink()
    assert checkpoints.read(grow(own, 1)).size == 1


@pytest.mark.parametrize(
    "asked",
    (
        None,
        [],
        {},
        {"ask": "sign"},
        {"ask": "sign", "size": "x", "root": "zz", "cases": 0, "proof": []},
        {"ask": "key"},
    ),
)
def test_nonsense_on_the_socket_is_refused_and_changes_nothing(own: OwnSigner, tmp_path: Path, asked: object) -> None:
    with SignerServer(tmp_path / "s", own, lambda: START) as server:
        assert list(server.answer(asked)) == ["refused"]
    assert own.last().size == 0


def test_nobody_at_the_socket_is_no_signer(tmp_path: Path) -> None:
    signer = signer_for(Settings(data=tmp_path, signer=tmp_path / "s"))
    with pytest.raises(NoSigner):
        signer.last()
    assert isinstance(signer_for(Settings(data=tmp_path)), OwnSigner)
    assert signer_socket.origin_for(Settings(issuer="https://lodestar.example/")) == "lodestar.example/log"


def test_the_signer_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    path, state = tmp_path / "s", tmp_path / "state"
    command = [sys.executable, "-c", "import sys; from api.cli import main; sys.exit(main())", "signer"]
    command += ["--state", str(state), "--origin", "elsewhere.invalid/log"]
    with subprocess.Popen([*command, "--socket", str(path)], cwd=ROOT, stderr=subprocess.PIPE) as process:
        try:
            for _ in range(200):
                if path.is_socket():
                    break
                time.sleep(0.05)
            assert stat.S_IMODE(path.stat().st_mode) == 0o660
            signer = DistantSigner(path)
            note = grow(signer, 3)
            assert checkpoints.read(note).origin == "elsewhere.invalid/log"
            assert orjson.loads((state / "state.json").read_bytes())["size"] == 3
            told = subprocess.run([*command, "--keys"], cwd=ROOT, capture_output=True, text=True, check=True)
            assert told.stdout.splitlines() == [str(key) for key in signer.published()]
        finally:
            process.terminate()
            process.wait(10)
        assert process.stderr is not None
        assert b"listens" in process.stderr.read()
    assert process.returncode == 0
    assert not path.exists()
