"""What witnesses may ask, and what their signatures are worth."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from referral import attesting, checkpoints, merkle
from referral.access import Role
from referral.checkpoints import COSIGNS, public_key, read, read_key
from referral.settings import Settings
from referral.signer_socket import signer_for
from tests.api.knocking import Knocker
from tests.workflows.walks import met
from workflows.verifying import verify

KEY = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
NAMED = str(public_key(KEY, "witness.invalid", COSIGNS))


@pytest.fixture
def who(api: Knocker) -> dict[str, str]:
    return api.role(Role.MANAGER)


def signed(api: Knocker, tmp_path: Path, cases: int = 1) -> int:
    settings = Settings(data=tmp_path)
    for _ in range(cases):
        met(api.world)
    size = attesting.attest(api.world.db, settings, signer_for(settings), api.world.later(minutes=1)).size
    assert size is not None
    return size


def cosigning(api: Knocker, who: dict[str, str], size: int, line: str, key: str = NAMED) -> Any:
    return api.http.post(f"/v1/checkpoints/{size}/cosignatures", headers=who, json={"key": key, "line": line})


def test_a_witness_sees_the_newest_checkpoint_and_that_it_continues_the_one_before(
    api: Knocker, who: dict[str, str], tmp_path: Path
) -> None:
    assert api.http.get("/v1/checkpoints", headers=who).status_code == 404
    first, second = signed(api, tmp_path), signed(api, tmp_path, 3)
    told = api.http.get("/v1/checkpoints", headers=who).json()
    assert (told["size"], told["cosignatures"], told["keys"]) == (second, [], [told["key"]])
    assert checkpoints.signer_of(told["note"], [read_key(told["key"])])
    old = api.http.get(f"/v1/checkpoints?size={first}", headers=who).json()
    span = api.http.get(f"/v1/checkpoints/consistency?from={first}&to={second}", headers=who).json()
    proof = [bytes.fromhex(one) for one in span["proof"]]
    assert (span["from"], span["to"]) == (first, second)
    assert merkle.consistent(first, second, read(old["note"]).root, bytes.fromhex(told["root"]), proof)


@pytest.mark.parametrize(
    "query", ("", "?from=1", "?from=2&to=1", "?from=0&to=99", "?from=-1&to=1", "?from=x&to=1", "?from=1&to=2&more=1")
)
def test_a_span_that_is_none_is_refused(api: Knocker, who: dict[str, str], tmp_path: Path, query: str) -> None:
    signed(api, tmp_path)
    answer = api.http.get(f"/v1/checkpoints/consistency{query}", headers=who)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_query")


def test_a_witness_signs_once_and_everybody_sees_it(api: Knocker, who: dict[str, str], tmp_path: Path) -> None:
    size = signed(api, tmp_path)
    note = api.http.get("/v1/checkpoints", headers=who).json()["note"]
    line = checkpoints.cosign(KEY, "witness.invalid", note, api.world.now)
    for _ in range(2):
        answer = cosigning(api, who, size, line)
        assert (answer.status_code, answer.json()["witness"]) == (201, "navigators")
    (shown,) = api.http.get("/v1/checkpoints", headers=who).json()["cosignatures"]
    assert (shown["agency"], shown["key"], shown["line"]) == ("navigators", NAMED, line)
    report = verify(api.world.db)
    assert (report.damage, report.checkpoints, report.cosignatures) == (None, 1, 1)
    other = Ed25519PrivateKey.from_private_bytes(b"x" * 32)
    again = checkpoints.cosign(other, "witness.invalid", note, api.world.now)
    answer = cosigning(api, who, size, again, str(public_key(other, "witness.invalid", COSIGNS)))
    assert (answer.status_code, answer.json()["code"]) == (409, "taken")


def test_a_signature_over_anything_else_is_refused(api: Knocker, who: dict[str, str], tmp_path: Path) -> None:
    first, second = signed(api, tmp_path), signed(api, tmp_path)
    note = api.http.get(f"/v1/checkpoints?size={first}", headers=who).json()["note"]
    line = checkpoints.cosign(KEY, "witness.invalid", note, api.world.now)
    for size, told, key in (
        (second, line, NAMED),
        (first, line[:-5], NAMED),
        (first, line, "nothing"),
        (first, note, NAMED),
    ):
        answer = cosigning(api, who, size, told, key)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_form")
    assert cosigning(api, who, 99, line).status_code == 404
    for odd in ("0", "x", "01", "9" * 12):
        assert api.http.post(f"/v1/checkpoints/{odd}/cosignatures", headers=who, json={}).status_code in (404, 422)


@pytest.mark.parametrize("role", (Role.MANAGER, Role.CASEWORKER, Role.AGENCY_ADMIN, Role.SYSTEM_ADMIN))
def test_whoever_may_be_a_witness_may_look(api: Knocker, tmp_path: Path, role: Role) -> None:
    signed(api, tmp_path)
    assert api.http.get("/v1/checkpoints", headers=api.role(role)).status_code == 200


def test_a_client_needs_the_scope_and_others_may_not(api: Knocker, tmp_path: Path) -> None:
    signed(api, tmp_path)
    for scopes, status in ((["audit:witness"], 200), (["cases:read"], 403)):
        client, _ = api.client(scopes=scopes)
        assert api.http.get("/v1/checkpoints", headers=api.token(f"client:{client}", scopes)).status_code == status
    refused = api.http.get("/v1/checkpoints", headers=api.role(Role.NAVIGATOR))
    assert (refused.status_code, refused.json()["needs"]) == (403, "audit:witness")
    assert api.http.get("/v1/checkpoints").status_code == 401
