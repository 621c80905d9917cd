"""Forged, bent and borrowed tokens, sent to a running API: each is answered as no token at all, a good one is taken."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api import directory
from api.app import create_app
from api.assertions import TYPS
from api.tokens import Keyring, issue
from referral.db import Database
from referral.migrate import migrate
from referral.models import User
from referral.settings import Settings
from tests.api.forging import HEADER, KEY, NOW, OTHER, PAYLOAD, forged, made, reading
from tests.api.straight import asking
from tests.api.test_tokens import ATTACKS, GOOD
from tests.world import AGENCIES, law

MORE: dict[str, Any] = {
    # --- tokens of another kind, made with our own key
    **{f"a proof of a client ({typ})": forged({"typ": typ}) for typ in TYPS},
    "a proof of possession": forged({"typ": "dpop+jwt"}),
    "a client's token for the address of tokens": forged(payload={"aud": "lodestar"}),
    # --- people have sessions: no token stands for them, however well it is signed
    "a token of a person": forged(payload={"sub": f"user:{'a' * 32}"}),
    "a token of a person by our own hand": made(Keyring({"k1": KEY}), subject=f"user:{'a' * 32}"),
    "a person's id as a client": forged(payload={"sub": f"client:{'a' * 32}"}),
    "a client's name as a person": forged(payload={"sub": "user:police-42"}),
    # --- clients that are not there, or not any more
    "a client that was never there": forged(payload={"sub": "client:nobody"}),
    "a client that was taken out": forged(payload={"sub": "client:police-out"}),
    "a client of an agency that was taken out": forged(payload={"sub": "client:stranger-1"}),
    # --- tokens of a key that was retired
    "a key that is not there any more": issue(
        Keyring({"k0": OTHER}), subject="client:police-42", audience="lodestar-api", issuer="lodestar", now=NOW
    ),
    # --- what is no token
    "the client's secret": "SECRET",
    "the header of a good one as a session": "lds_" + GOOD,
}
SENT = {what: token for what, token in {**ATTACKS, **MORE}.items() if isinstance(token, str) and len(token) < 100_000}


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """An API whose key, name and time are those of the forger's table."""
    folder = tmp_path_factory.mktemp("c01")
    db = Database(f"sqlite:///{folder / 'c01.db'}", durable=False)
    migrate(db)
    with db.write() as session:
        for agency, (kind, nation) in AGENCIES.items():
            told = {"id": agency, "name": agency, "kind": kind, "nation": nation}
            directory.add_agency(session, directory.read(directory.NewAgency, told), NOW)
        for name, agency in (("police-42", "eastshire-police"), ("police-out", "border"), ("stranger-1", "stranger")):
            new = directory.NewClient(id=name, scopes=["cases:read", "referrals:submit"])
            _, MORE_SECRET[name] = directory.add_client(session, agency, new, NOW)
        directory.disable_client(session, "border", "police-out")
        directory.disable_agency(session, "stranger")
        ann: dict[str, Any] = {
            "name": "Ann",
            "email": "ann@example.org",
            "roles": "manager",
            "password_hash": "-",
            "created_at": NOW,
        }
        session.add(User(id="a" * 32, agency_id="eastshire-police", **ann))
    settings = Settings(data=folder, heartbeat=False, issuer="lodestar", second_factor="optional")
    app = create_app(settings, db, law(), lambda: NOW, Keyring({"k1": KEY}))
    with asking(app) as client:
        yield client
    db.close()


MORE_SECRET: dict[str, str] = {}


def ask(http: httpx2.Client, token: str, path: str = "/v1/me") -> Any:
    text = MORE_SECRET["police-42"] if token == "SECRET" else token
    return http.get(path, headers=[(b"Authorization", b"Bearer " + text.encode("utf-8", "surrogatepass"))])


# Spaces at the ends of a header belong to HTTP, not to the token: a server takes them away, as it must.
TRIMMED = {"a space before", "a space after", "a line end after"}


@pytest.mark.parametrize("what", sorted(SENT.keys() - TRIMMED))
def test_a_bad_token_is_answered_as_no_token_at_all(http: httpx2.Client, what: str) -> None:
    answer, none = ask(http, SENT[what]), http.get("/v1/me")
    if what in UNREADABLE:
        assert answer.status_code == 400  # the gate takes no such header, whatever it is for
        return
    known = {"status": 401, "code": "not_signed_in"}
    assert {name: answer.json()[name] for name in known} == known
    assert answer.json()["detail"] == none.json()["detail"]
    assert answer.headers["www-authenticate"] == none.headers["www-authenticate"]


UNREADABLE = {"a NUL after", "a line end within"}


def test_the_table_holds_well_over_a_hundred_and_fifty_cases() -> None:
    assert len(SENT.keys() - TRIMMED) > 250


@pytest.mark.parametrize("changed", ({}, {"scope": ""}, {"exp": PAYLOAD["exp"] + 300}, {"nbf": PAYLOAD["nbf"] + 30}))
def test_a_good_token_is_taken(http: httpx2.Client, changed: dict[str, Any]) -> None:
    answer = ask(http, forged(payload=changed))
    assert (answer.status_code, answer.json()["id"], answer.json()["factor"]) == (200, "police-42", "client")


def test_a_token_is_taken_in_the_header_alone(http: httpx2.Client) -> None:
    for sent in (
        {"params": {"access_token": GOOD}}, {"headers": {"Cookie": f"access_token={GOOD}"}},
        {"headers": {"X-Token": GOOD}},
        {"headers": {"Cookie": f"__Host-lodestar={GOOD}"}}, {"headers": {"Authorization": f"DPoP {GOOD}"}},
        {"headers": {"Authorization": GOOD}}, {"headers": {"Authorization": f"Basic {GOOD}"}},
        {"headers": [("Authorization", f"Bearer {GOOD}"), ("Authorization", f"Bearer {GOOD}")]},
    ):  # fmt: skip
        assert http.get("/v1/me", **sent).status_code == 401, sent
    assert ask(http, GOOD).status_code == 200


def test_a_token_gives_no_more_than_the_client_holds_today(http: httpx2.Client) -> None:
    told = ask(http, forged(payload={"scope": "decisions:write referrals:submit housing:place"})).json()
    assert told["may"] == ["referral:receive", "referral:submit"]


def test_the_wrapper_and_the_forger_speak_of_the_same_token() -> None:
    assert reading(GOOD).subject == "client:police-42"
    assert HEADER["kid"] == "k1"


def test_nothing_of_a_token_is_repeated_in_the_answer(http: httpx2.Client, tmp_path: Path) -> None:
    for token in (
        forged({"kid": "NEEDLE"}),
        forged(payload={"sub": "client:NEEDLE"}),
        "NEEDLE.NEEDLE.NEEDLE",
        "lds_NEEDLE",
    ):
        answer = ask(http, token)
        assert "NEEDLE" not in answer.text
        assert "NEEDLE" not in str(answer.headers)
