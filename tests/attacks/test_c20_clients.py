"""Attack group c20: one administrator gives a partner's system more than it has. Each way waits for a second person."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import col, select

from api import approving, clients, directory
from referral.access import Role
from referral.models import Approval, Client, ClientKey, User
from tests.api.knocking import Knocker, knocking
from tests.world import World, user_id

AGENCY, NEW = "navigators", "desk"
PEM = (
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
# fmt: off
WIDENS: dict[str, dict[str, Any]] = {  # what is sent to one client -> what its request is about
    "scopes":      {"scopes": ["cases:read", "encounters:write"]},
    "keys":        {"public_key": PEM},
    "secrets":     {},
    "secrets/off": {"off": False},
    "enable":      {},
}
# fmt: on


@pytest.fixture
def api(world: World, tmp_path: Path) -> Iterator[Knocker]:
    world.later(days=3)  # every account of the invented world is older than a day
    with knocking(world, tmp_path) as knocker:
        yield knocker


def post(api: Knocker, path: str, who: dict[str, str] | None = None, **body: Any) -> Any:
    return api.http.post(f"/v1/{path}", headers=who or api.role(Role.AGENCY_ADMIN), json=body)


def waits(answer: Any) -> str:
    assert answer.status_code in (200, 201), answer.text
    request: str = answer.json()["waits_for"]
    assert request
    return request


def one(api: Knocker, request: str) -> dict[str, Any]:
    items = api.http.get("/v1/approvals", headers=api.role(Role.SYSTEM_ADMIN)).json()["items"]
    found: dict[str, Any] = next(item for item in items if item["id"] == request)
    return found


def approve(api: Knocker, request: str, who: dict[str, str] | None = None, digest: str | None = None) -> Any:
    seen = digest or one(api, request)["digest"]
    return post(api, f"approvals/{request}/approve", who or api.role(Role.SYSTEM_ADMIN), digest=seen)


def why(answer: Any) -> list[str]:
    assert answer.status_code == 409, answer.text
    return [reason["code"] for reason in answer.json()["reasons"]]


def token(api: Knocker, client: str, secret: str) -> int:
    grant = {"grant_type": "client_credentials"}
    return int(api.http.post("/oauth/token", data=grant, auth=(client, secret)).status_code)


def row_of(api: Knocker, client: str) -> dict[str, Any] | None:
    """All that is kept of a client, with its keys."""
    with api.world.db.read() as session:
        row = session.get(Client, client)
        keys = session.exec(select(ClientKey.fingerprint).where(col(ClientKey.client_id) == client)).all()
        return None if row is None else row.model_dump() | {"keys": sorted(keys)}


def reduced(api: Knocker) -> str:
    """A client that is out, reads cases and may not use its secret."""
    client, _ = api.client(AGENCY, ["cases:read"])
    with api.world.db.write() as session:
        row = session.get(Client, client)
        assert row is not None
        row.active, row.secrets_off = False, True
        session.add(row)
    return client


def test_a_new_client_is_nothing_before_a_second_person_has_approved_it(api: Knocker) -> None:
    told = post(api, "clients", id=NEW, scopes=["referrals:submit", "cases:read"])
    secret = told.json()["secret"]
    assert (told.json()["active"], told.json()["scopes"], row_of(api, NEW)) == (False, [], None)
    assert token(api, NEW, secret) == 401
    stored = hashlib.sha256(secret.encode()).hexdigest()
    asked = one(api, waits(told))
    assert (asked["kind"], asked["about"]) == ("client_add", NEW)
    assert asked["content"] == ["cases:read", "referrals:submit", f"sha256:{stored}"]
    assert approve(api, waits(told)).status_code == 200
    row = row_of(api, NEW)
    assert row is not None
    assert (row["scopes"], row["agency_id"], row["secret_hash"]) == ("cases:read referrals:submit", AGENCY, stored)
    assert token(api, NEW, secret) == 200


@pytest.mark.parametrize("what", WIDENS)
def test_whatever_gives_a_client_more_changes_nothing_before_the_approval_and_then_all_of_it(
    api: Knocker, what: str
) -> None:
    client = reduced(api)
    before = row_of(api, client)
    request = waits(post(api, f"clients/{client}/{what}", **WIDENS[what]))
    assert row_of(api, client) == before
    assert why(approve(api, request, api.role(Role.AGENCY_ADMIN))) == ["own_request"]
    assert why(post(api, f"clients/{client}/{what}", **WIDENS[what])) == ["already_asked"]
    for other in (Role.MANAGER, Role.NAVIGATOR):  # the manager sees it, and is not entitled
        assert approve(api, request, api.role(other)).status_code == 403
    assert row_of(api, client) == before
    assert approve(api, request).status_code == 200
    after = row_of(api, client)
    assert before is not None
    assert after is not None
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {
        {
            "scopes": "scopes", "keys": "keys", "secrets": "second_secret_hash", "secrets/off": "secrets_off",
            "enable": "active",
        }[what]
    }  # fmt: skip
    again = post(api, f"approvals/{request}/approve", api.role(Role.SYSTEM_ADMIN), digest="0" * 64)
    assert why(again) == ["used_before"]


@pytest.mark.parametrize("what", WIDENS)
def test_what_was_asked_for_ends_after_72_hours_or_with_a_withdrawal_and_then_gives_nothing(
    api: Knocker, what: str
) -> None:
    client = reduced(api)
    before = row_of(api, client)
    request = waits(post(api, f"clients/{client}/{what}", **WIDENS[what]))
    seen = one(api, request)["digest"]
    assert post(api, f"approvals/{request}/withdraw").status_code == 200
    assert why(approve(api, request, digest=seen)) == ["used_before"]
    late = waits(post(api, f"clients/{client}/{what}", **WIDENS[what]))
    seen = one(api, late)["digest"]
    api.world.later(hours=72)
    assert why(approve(api, late, digest=seen)) == ["request_expired"]
    assert row_of(api, client) == before


def test_what_takes_something_away_acts_at_once(api: Knocker) -> None:
    client, secret = api.client(AGENCY, ["cases:read", "encounters:write"])
    with api.world.db.write() as session:
        row = session.get(Client, client)
        assert row is not None
        clients.add_key(session, row, PEM, api.world.now)
    narrowed = post(api, f"clients/{client}/scopes", scopes=["cases:read"]).json()
    assert (narrowed["scopes"], narrowed["waits_for"]) == (["cases:read"], None)
    off = post(api, f"clients/{client}/secrets/off", off=True).json()
    assert (off["secrets_off"], off["waits_for"]) == (True, None)
    assert token(api, client, secret) == 401
    out, _ = api.client(AGENCY)
    assert post(api, f"clients/{out}/disable").json()["active"] is False
    assert api.http.get("/v1/approvals", headers=api.role(Role.SYSTEM_ADMIN)).json() == {"items": []}


def test_of_one_change_the_narrower_half_acts_at_once_and_an_approval_never_gives_it_back(api: Knocker) -> None:
    client, _ = api.client(AGENCY, ["cases:read", "encounters:write"])
    told = post(api, f"clients/{client}/scopes", scopes=["cases:read", "referrals:submit"])
    assert told.json()["scopes"] == ["cases:read"]
    assert one(api, waits(told))["content"] == ["referrals:submit"]
    assert approve(api, waits(told)).status_code == 200
    row = row_of(api, client)
    assert row is not None
    assert row["scopes"] == "cases:read referrals:submit"


def test_a_client_does_not_come_back_with_more_than_was_seen(api: Knocker) -> None:
    client = reduced(api)
    back = waits(post(api, f"clients/{client}/enable"))
    assert one(api, back)["content"] == ["cases:read"]
    more = waits(post(api, f"clients/{client}/scopes", scopes=["cases:read", "encounters:write"]))
    assert approve(api, more).status_code == 200
    assert why(approve(api, back)) == ["content_changed"]
    assert post(api, f"clients/{client}/scopes", scopes=["cases:read"]).status_code == 200
    assert approve(api, back).status_code == 200


def test_what_is_carried_out_is_what_was_seen(api: Knocker) -> None:
    told = post(api, "clients", id=NEW, scopes=["cases:read"])
    assert why(approve(api, waits(told), digest="0" * 64)) == ["content_changed"]
    with api.world.db.write() as session:  # behind everybody's back
        row = session.get(Approval, waits(told))
        assert row is not None
        row.content = orjson.dumps(["cases:read", "referrals:submit", *orjson.loads(row.content)[1:]]).decode()
        session.add(row)
    assert why(approve(api, waits(told))) == ["content_changed"]
    assert row_of(api, NEW) is None


def test_a_new_account_a_machine_and_an_approver_who_was_taken_out_approve_nothing(api: Knocker) -> None:
    request = waits(post(api, "clients", id=NEW, scopes=["cases:read"]))
    made: dict[str, Any] = {"agency_id": "system", "roles": Role.SYSTEM_ADMIN, "password_hash": "-", "name": "Invented"}
    with api.world.db.write() as session:
        at = api.world.now - timedelta(hours=23, minutes=59)
        session.add(User(id="b" * 32, email="puppet@example.invalid", created_at=at, **made))
        session.add(User(id="c" * 32, email="gone@example.invalid", created_at=at - timedelta(days=9), **made))
    assert why(approve(api, request, api.token(f"user:{'b' * 32}"))) == ["new_account"]
    machine, _ = api.client(AGENCY)
    assert approve(api, request, api.token(f"client:{machine}", ["cases:read"])).status_code == 403
    gone = api.token(f"user:{'c' * 32}")
    with api.world.db.write() as session:
        row = session.get(User, "c" * 32)
        assert row is not None
        row.active = False
        session.add(row)
    assert approve(api, request, gone).status_code == 401
    assert row_of(api, NEW) is None


def test_nobody_approves_with_a_session_that_was_left_open(api: Knocker) -> None:
    request = waits(post(api, "clients", id=NEW, scopes=["cases:read"]))
    keeper = user_id(Role.SYSTEM_ADMIN, "system")
    left = api.session(keeper, "totp", shown_at=api.world.now - timedelta(minutes=5))
    refused = approve(api, request, left)
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_needed")
    assert row_of(api, NEW) is None
    shown = api.session(keeper, "totp", shown_at=api.world.now - timedelta(minutes=4, seconds=59))
    assert approve(api, request, shown).status_code == 200


def test_no_secret_is_kept_and_only_whoever_asked_is_told_it(api: Knocker) -> None:
    added = post(api, "clients", id=NEW, scopes=["cases:read"]).json()
    client, _ = api.client(AGENCY)
    second = post(api, f"clients/{client}/secrets").json()
    keeper = api.role(Role.SYSTEM_ADMIN)
    listed = api.http.get("/v1/approvals", headers=keeper).text
    answers = [approve(api, told["waits_for"]).text for told in (added, second)]
    with api.world.db.read() as session:
        kept = str([row.model_dump() for row in session.exec(select(Approval))])
    for told in (added, second):
        assert not any(told["secret"] in text for text in (listed, kept, *answers))
    assert [token(api, NEW, added["secret"]), token(api, client, second["secret"])] == [200, 200]


def test_a_name_that_was_taken_while_the_request_waited_is_not_given_twice(api: Knocker) -> None:
    request = waits(post(api, "clients", id=NEW, scopes=["cases:read"]))
    with api.world.db.write() as session:
        taken = directory.NewClient(id=NEW, scopes=["cases:read"])
        directory.add_client(session, "harbour", taken, api.world.now)
    assert approve(api, request).status_code == 409
    row = row_of(api, NEW)
    assert row is not None
    assert row["agency_id"] == "harbour"
    taken_name = post(api, "clients", id=NEW, scopes=["cases:read"])
    assert why(taken_name) == ["id_used"]


def test_no_scope_is_asked_for_that_the_agency_cannot_hold_and_no_other_agency_s_client_is_touched(
    api: Knocker,
) -> None:
    client, _ = api.client(AGENCY)
    decides = post(api, f"clients/{client}/scopes", scopes=["decisions:write"])
    assert why(decides) == ["not_in_this_agency"]
    other, _ = api.client("harbour")
    assert post(api, f"clients/{other}/scopes", scopes=["cases:read"]).status_code == 404
    assert post(api, f"clients/{client}/scopes", scopes=["all"]).status_code == 422


def test_what_the_command_line_does_alone_is_on_record_and_waits_for_nobody(api: Knocker) -> None:
    client, _ = api.client(AGENCY, ["cases:read"])
    with api.world.db.write() as session:
        approving.done_alone(session, approving.Widening.ADD, client, ["cases:read"], AGENCY, api.world.now)
    assert api.http.get("/v1/approvals", headers=api.role(Role.SYSTEM_ADMIN)).json() == {"items": []}
    with api.world.db.read() as session:
        row = session.exec(select(Approval)).one()
    assert (row.kind, row.about, row.asked_by, row.answered_by, row.answer, row.used_at) == (
        "client_add", client, "operator", None, "alone", api.world.now,
    )  # fmt: skip
    seen = post(api, f"approvals/{row.id}/approve", api.role(Role.SYSTEM_ADMIN), digest=row.digest)
    assert why(seen) == ["used_before"]
