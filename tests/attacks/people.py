"""Invented people who sign in, and the shortest way to do it. Used by the attack tests only."""

from dataclasses import dataclass
from typing import Any

import pyotp

from api import directory
from api.passwords import hash_password
from tests.api.knocking import PASSWORD, Knocker
from tests.attacks.authenticator import Authenticator
from tests.world import START

EMAIL = "zoe@example.org"
STORED = hash_password(PASSWORD)  # once: it takes a tenth of a second


@dataclass
class Person:
    """Somebody with a password, at a running API."""

    api: Knocker
    id: str
    email: str

    def sign_in(self, password: str = PASSWORD, **more: Any) -> Any:
        return self.api.http.post("/v1/session", json={"email": self.email, "password": password, **more})

    def session(self, **more: Any) -> dict[str, str]:
        answer = self.sign_in(**more)
        assert answer.status_code == 200, answer.text
        return bearer(answer)

    def app(self, who: dict[str, str]) -> tuple[pyotp.TOTP, dict[str, str]]:
        """Set an app up that shows codes: the app, and the session's new token."""
        begun = self.api.http.post("/v1/factors/totp", headers=who, json={}).json()
        app = pyotp.TOTP(begun["secret"])
        body = {"factor": begun["factor"], "code": app.at(self.api.world.now)}
        answer = self.api.http.post("/v1/factors/totp/confirm", headers=who, json=body)
        assert answer.status_code == 200, answer.text
        return app, bearer(answer)

    def passkey(self, who: dict[str, str], **more: Any) -> tuple[Authenticator, dict[str, str]]:
        """Register a passkey: the passkey, and the session's new token."""
        key = Authenticator(**more)
        answer = self.register(key, who)
        assert answer.status_code == 200, answer.text
        return key, bearer(answer)

    def register(self, key: Authenticator, who: dict[str, str]) -> Any:
        begun = self.api.http.post("/v1/factors/passkey", headers=who, json={}).json()
        body = {"ceremony": begun["ceremony"], "credential": key.register(begun["options"])}
        return self.api.http.post("/v1/factors/passkey/confirm", headers=who, json=body)

    def show(self, key: Authenticator, who: dict[str, str] | None = None, **changed: Any) -> Any:
        """Show a passkey: to sign in, or to step up where there is a session."""
        begun = self.api.http.post("/v1/session/passkey/begin", headers=who or {}, json={}).json()
        body = {"ceremony": begun["ceremony"], "credential": key.show(begun["options"], **changed)}
        return self.api.http.post("/v1/session/passkey", headers=who or {}, json=body)


def bearer(answer: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def person(api: Knocker, email: str = EMAIL, agency: str = "harbour", role: str = "support_worker") -> Person:
    new = directory.Invited(name="Zoe Example", email=email, roles=[role])
    with api.world.db.write() as session:
        row = directory.add_user(session, agency, new, START)
        row.password_hash = STORED
        return Person(api, row.id, email)
