"""Signing in at an organisation's own provider, a real process: what it may say counts, and nothing else does."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlmodel import select

from api.providers import read_providers
from referral.models import ProviderSubject, User
from tests.api.knocking import Knocker, knocking
from tests.attacks.people import person
from tests.attacks.provider import SECRET
from tests.world import World

ROOT = Path(__file__).parents[2]


@dataclass
class There:
    """A running API and a running provider of the support service `harbour`."""

    api: Knocker
    issuer: str

    def bend(self, **more: Any) -> None:
        requests.post(f"{self.issuer}/bend", json={"now": int(self.api.world.now.timestamp()), **more}, timeout=5)

    def go(self) -> dict[str, str]:
        """Begin, go there and come back: what the page would send on."""
        answer = self.api.http.post("/v1/session/provider/begin", json={"agency": "harbour"})
        assert answer.status_code == 200, answer.text
        back = requests.get(answer.json()["address"], allow_redirects=False, timeout=5).headers["location"]
        assert back.startswith("http://127.0.0.1:8000/sign-in/return?")
        told = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        return {"state": told["state"], "code": told["code"], "word": answer.json()["word"]}

    def finish(self, told: dict[str, str]) -> Any:
        return self.api.http.post("/v1/session/provider", json=told)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    told = [sys.executable, "-m", "tests.attacks.provider"]
    with subprocess.Popen(told, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.terminate()


@pytest.fixture
def there(world: World, tmp_path: Path, issuer: str) -> Iterator[There]:
    (tmp_path / "secret").write_text(SECRET)
    file = tmp_path / "providers.toml"
    file.write_text(f'[[provider]]\nagency="harbour"\nissuer="{issuer}"\nclient_id="lodestar"\n'
                    f'secret_file="{tmp_path / "secret"}"\n')  # fmt: skip
    with knocking(world, tmp_path, providers=file) as api:
        one = There(api, issuer)
        one.bend()
        yield one


def test_who_has_an_account_signs_in_at_their_own_provider_and_is_known_there_afterwards(there: There) -> None:
    zoe = person(there.api)
    for claims in ({}, {"email": "new@example.org"}, {"email": "GONE", "email_verified": "GONE"}):
        there.bend(claims=claims)
        answer = there.finish(there.go())
        assert answer.status_code == 200, answer.text
        who = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        me = there.api.http.get("/v1/me", headers=who).json()
        assert (me["id"], me["factor"], me["stepped_up_at"]) == (zoe.id, "oidc", None)
        assert there.api.http.get("/v1/cases", headers=who).status_code == 200


# fmt: off
BENT: dict[str, dict[str, Any]] = {
    "another issuer":             {"claims": {"iss": "https://evil.example"}},
    "another audience":           {"claims": {"aud": "another"}},
    "several audiences":          {"claims": {"aud": ["lodestar", "another"]}},
    "another party":              {"claims": {"azp": "another"}},
    "another nonce":              {"claims": {"nonce": "another"}},
    "no nonce":                   {"claims": {"nonce": "GONE"}},
    "expired":                    {"claims": {"exp": 1}},
    "no end":                     {"claims": {"exp": "GONE"}},
    "no subject":                 {"claims": {"sub": "GONE"}},
    "an e-mail not verified":     {"claims": {"email_verified": False}},
    "verified as a text":         {"claims": {"email_verified": "true"}},
    "no word of verifying":       {"claims": {"email_verified": "GONE"}},
    "no e-mail":                  {"claims": {"email": "GONE"}},
    "an unknown e-mail":          {"claims": {"email": "nobody@example.org"}},
    "somebody of another agency": {"claims": {"email": "ann@example.org", "sub": "ann"}},
    "another key":                {"key": "other"},
    "no signature":               {"key": "none"},
    "another issuer's document":  {"about": {"issuer": "https://evil.example"}},
    "tokens from elsewhere":      {"about": {"token_endpoint": "http://169.254.169.254/token"}},
    "keys from elsewhere":        {"about": {"jwks_uri": "http://10.0.0.1/keys"}},
    "keys in a file":             {"about": {"jwks_uri": "file:///etc/passwd"}},
}
# fmt: on


def test_whatever_else_a_provider_says_signs_nobody_in_and_adds_nobody(there: There) -> None:
    person(there.api)
    person(there.api, "ann@example.org", "lantern")
    users = count(there, User)
    for what, bent in BENT.items():
        there.bend()
        told = there.go()
        there.bend(**bent)
        answer = there.finish(told)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), what
    assert (count(there, User), count(there, ProviderSubject)) == (users, 0)
    there.bend()
    assert there.finish(there.go()).status_code == 200, "a good one is still taken"


def test_somebody_who_has_an_address_that_was_anothers_is_not_taken_for_them(there: There) -> None:
    person(there.api)
    assert there.finish(there.go()).status_code == 200
    there.bend(claims={"sub": "a new colleague"})
    assert there.finish(there.go()).status_code == 401


def test_what_comes_back_serves_once_for_ten_minutes_and_in_the_same_browser_alone(there: There) -> None:
    person(there.api)
    told = there.go()
    assert there.finish(told).status_code == 200
    assert there.finish(told).status_code == 401
    mine, theirs = there.go(), there.go()
    assert there.finish(mine | {"word": theirs["word"]}).status_code == 401
    assert there.finish(theirs | {"code": mine["code"]}).status_code == 401, "the code was asked for with another proof"
    late = there.go()
    there.api.world.later(minutes=10)
    there.bend()
    assert there.finish(late).status_code == 401


def test_who_is_disabled_is_not_signed_in_by_any_provider(there: There) -> None:
    zoe = person(there.api)
    assert there.finish(there.go()).status_code == 200
    with there.api.world.db.write() as session:
        row = session.get(User, zoe.id)
        assert row is not None
        row.active = False
        session.add(row)
    assert there.finish(there.go()).status_code == 401


def test_an_agency_without_a_provider_has_none(there: There) -> None:
    answer = there.api.http.post("/v1/session/provider/begin", json={"agency": "navigators"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "issuer_", ("http://login.example", "ftp://127.0.0.1", "login.example", "https://user:x@login.example")
)
def test_a_provider_is_named_with_https_or_on_this_machine(tmp_path: Path, issuer_: str) -> None:
    (tmp_path / "secret").write_text("x")
    file = tmp_path / "providers.toml"
    text = f'[[provider]]\nagency="harbour"\nissuer="{issuer_}"\nclient_id="x"\nsecret_file="{tmp_path / "secret"}"\n'
    file.write_text(text)
    with pytest.raises(ValueError, match="not https"):
        read_providers(file)
    file.write_text(text.replace(issuer_, "https://login.example"))
    assert set(read_providers(file)) == {"harbour"}


def count(there: There, table: Any) -> int:
    with there.api.world.db.read() as session:
        return len(session.exec(select(table)).all())
