"""Knocks at the API as invented people and systems do. Used by the tests of the API only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import func, select
from sqlmodel import SQLModel

from api import directory, sessions
from api.app import create_app
from api.deps import AUDIENCE
from api.tokens import issue, load_or_make
from referral.access import Role
from referral.models import User
from referral.settings import Settings
from tests.api.straight import asking
from tests.world import START, WORKS_FOR, World, user_id

OF_SIGNING_IN = ("sessions", "sign_in_tries", "ceremonies")  # rows that even a refused knock leaves
PASSWORD = "correct horse battery"
EVERYTHING = "e" * 32  # a user whose roles allow every move
SCOPES = ["cases:read", "encounters:write", "referrals:prepare", "referrals:submit"]
MEETING = {"form": {"place_kind": "raid", "under_18": "no", "note": "She speaks Romanian."}}


@dataclass
class Knocker:
    """A running API, and tokens for whoever is asked for."""

    world: World
    http: httpx2.Client
    app: Any
    keys: int = 0
    mighty: dict[datetime, dict[str, str]] = field(default_factory=dict)

    def token(self, subject: str, scopes: list[str] | None = None) -> dict[str, str]:
        house = self.app.state.house
        kind, _, who = subject.partition(":")
        if kind == "user":
            return self.session(who)
        issuer, now = house.settings.issuer, house.now()
        text = issue(house.keyring, subject=subject, audience=AUDIENCE, issuer=issuer, now=now, scopes=scopes or ())
        return {"Authorization": f"Bearer {text}"}

    def session(self, user: str, factor: str = "passkey", **more: Any) -> dict[str, str]:
        """A session of this user, begun now, as after a sign-in with this factor."""
        now = self.app.state.house.now()
        shown = {"shown_at": now} if factor in ("totp", "passkey") else {}
        with self.world.db.write() as session:
            kinds = {"kind": "command_line", "factor": factor, "now": now, **shown, **more}
            opened = sessions.begin(session, user, **kinds)
        return {"Authorization": f"Bearer {opened.token}"}

    def role(self, role: Role, agency: str | None = None) -> dict[str, str]:
        return self.token(f"user:{user_id(role, agency or WORKS_FOR[role])}")

    def key(self) -> dict[str, str]:
        self.keys += 1
        return {"Idempotency-Key": f"key-{self.keys}"}

    def everybody(self) -> dict[str, str]:
        """The token of a user at the police whose roles allow every move."""
        if self.world.now in self.mighty:
            return self.mighty[self.world.now]
        with self.world.db.write() as session:
            if session.get(User, EVERYTHING) is None:
                roles = " ".join(role for role in Role if role is not Role.SYSTEM)
                session.add(User(
                    id=EVERYTHING, agency_id="eastshire-police", name="Everything", email="all@example.invalid",
                    password_hash="-", roles=roles, created_at=START,
                ))  # fmt: skip
        self.mighty[self.world.now] = self.token(f"user:{EVERYTHING}")
        return self.mighty[self.world.now]

    def client(self, agency: str = "eastshire-police", scopes: list[str] | None = None) -> tuple[str, str]:
        """A new client of this agency: its name and its secret."""
        self.keys += 1
        new = directory.NewClient(id=f"client-{self.keys}", scopes=scopes or SCOPES)
        with self.world.db.write() as session:
            row, secret = directory.add_client(session, agency, new, START)
            return row.id, secret

    def approved(self, request: str) -> Any:
        """What waits for a second person, approved by one who keeps the installation and has done so for days."""
        who, at = "d" * 32, START - timedelta(days=3)
        with self.world.db.write() as session:
            if session.get(User, who) is None:
                session.add(User(
                    id=who, agency_id="system", name="Second", email="second@example.invalid", password_hash="-",
                    roles=Role.SYSTEM_ADMIN, created_at=at,
                ))  # fmt: skip
        headers = self.token(f"user:{who}")
        one = next(i for i in self.http.get("/v1/approvals", headers=headers).json()["items"] if i["id"] == request)
        return self.http.post(f"/v1/approvals/{request}/approve", headers=headers, json={"digest": one["digest"]})

    def opened(self, who: dict[str, str], **form: Any) -> dict[str, Any]:
        """A new case, opened by a first meeting."""
        body = {"form": {**MEETING["form"], **form}}
        answer = self.http.post("/v1/cases", headers=who | self.key(), json=body)
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def move(self, who: dict[str, str], case: str, name: str, version: str = "*", **form: Any) -> Any:
        address = f"/v1/cases/{case}/{name.replace('.', '/')}"
        return self.http.post(address, headers=who | {"If-Match": version}, json={"form": form})

    def counts(self) -> dict[str, int]:
        """How many rows each table has, but for the records of refusals and of looks."""
        with self.world.db.read() as session:
            return {
                name: int(session.scalar(select(func.count()).select_from(table)) or 0)
                for name, table in SQLModel.metadata.tables.items()
                if name not in ("refusals", "reads", *OF_SIGNING_IN)
            }


@contextmanager
def knocking(world: World, folder: Path, **more: Any) -> Iterator[Knocker]:
    """The API on this world's database, under its time."""
    settings = Settings(data=folder, heartbeat=False, **more)
    app = create_app(settings, world.db, world.law, lambda: world.now, load_or_make(folder / "keys", START))
    with asking(app) as http:
        yield Knocker(world, http, app)
