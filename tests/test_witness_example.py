"""The example's witness against an installation that is served: it sees growth, and will not sign a rewritten past."""

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from referral import attesting
from referral.checkpoints import read_key
from referral.settings import Settings
from referral.signer import OwnSigner
from referral.signer_socket import signer_for
from tests.api.knocking import Knocker
from tests.attacks.ledgers import Ledger, owning, rebuild, relinked, resign, stolen
from tests.workflows.walks import met, rows
from tests.world import World
from workflows.proving import Witness
from workflows.verifying import Against, verify

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "docs" / "examples" / "witness.py"


@contextmanager
def served(api: Knocker) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(api.app, host="127.0.0.1", port=port, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(500):
        if server.started:
            break
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


def watched(api: Knocker, host: str, folder: Path, key: object) -> tuple[int, str]:
    """One run of the witness, on a machine of its own."""
    client, _ = api.client("stranger", ["audit:witness"])
    token = api.token(f"client:{client}", ["audit:witness"])["Authorization"].removeprefix("Bearer ")
    command = [sys.executable, "-I", str(SCRIPT), host, str(key), "seen.jsonl", "witness.pem"]
    done = subprocess.run(
        command, cwd=folder, env={"TOKEN": token, "PATH": os.environ["PATH"]}, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_the_witness_sees_growth_and_signs_no_other_past(api: Knocker, world: World, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    signer, elsewhere = signer_for(settings), tmp_path / "elsewhere"
    assert isinstance(signer, OwnSigner)
    elsewhere.mkdir()
    sizes, (key,) = list[int](), signer.published()
    with served(api) as host:
        for _ in range(3):
            met(world)
            attesting.attest(world.db, settings, signer, world.later(minutes=1))
            for _ in range(2):  # asked again without anything new, it signs the same once more
                ended, said = watched(api, host, elsewhere, key)
                assert (ended, "seen and signed" in said) == (0, True), said
            sizes.append(rows(world, "select max(size) from checkpoints")[0][0])
        seen = Witness(elsewhere / "seen.jsonl")
        assert [told.size for told, _ in seen] == sizes
        assert oct((elsewhere / "witness.pem").stat().st_mode)[-3:] == "600"
        report = verify(world.db, against=Against(signer.published(), signer.last(), [seen]))
        assert (report.damage, report.cosignatures) == (None, 3)
        assert {read_key(line).use for (line,) in rows(world, "select key from cosignatures")} == {4}

        ledger = Ledger(world.db, tmp_path, random.Random(1), world.now, sizes)
        with owning(ledger) as session:  # somebody rewrites everything, with the signer's own key
            lines = ledger.lines(session)
            case, seq, prev, body = lines[0]
            changed = relinked([(case, seq, prev, body.replace('"schema":2', '"schema":3')), *lines[1:]])
            rebuild(session, changed)
            resign(session, changed, sizes, stolen(ledger), world.now)
        assert verify(world.db, against=Against(signer.published())).damage is None
        ended, said = watched(api, host, elsewhere, key)
        assert (ended, "REWRITTEN" in said) == (1, True), said
        damage = verify(world.db, against=Against(signer.published(), None, [seen])).damage
        assert damage is not None
        assert (damage.kind, damage.number, damage.until) == ("rewritten", 1, sizes[0])
        ended, said = watched(api, host, elsewhere, str(read_key(str(key))).replace("lodestar", "another"))
        assert ended != 0
