"""Signing in at an organisation's own provider (OpenID Connect, code flow with PKCE). Never adds anybody.

The operator names the providers in a file; nobody else can. What a provider says counts for its own agency
alone: an active user of it is found by the provider's name for them or, the first time, by a verified e-mail.
"""

import hashlib
import hmac
import secrets
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import delete
from sqlmodel import Session, col, select

from api import sessions
from api.sessions import Opened
from referral.db import Database
from referral.models import Agency, Ceremony, ProviderSubject, User
from referral.sign_in import SignInChange, record

LASTS = timedelta(minutes=10)
ALGORITHMS = ["RS256", "PS256", "ES256"]
LEEWAY_S, PATIENCE_S = 30, 5
RETURNS_TO = "/sign-in/return"  # a page of ours, which sends what it was given on
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True)
class Provider:
    """One organisation's provider."""

    agency: str
    issuer: str
    client_id: str
    secret: str = field(repr=False)


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    agency: str
    issuer: str
    client_id: str
    secret_file: Path


def read_providers(file: Path | None) -> dict[str, Provider]:
    """The providers by their agency. Raises ValueError for a file that cannot be meant."""
    if file is None:
        return {}
    found: dict[str, Provider] = {}
    for one in tomllib.loads(file.read_text(encoding="utf-8")).get("provider", ()):
        try:
            told = _Told.model_validate(one)
        except ValidationError:
            raise ValueError("a provider has agency, issuer, client_id and secret_file, and nothing else") from None
        if told.agency in found or not allowed(told.issuer, told.issuer):
            raise ValueError(f"the provider of {told.agency} stands twice, or has an address that is not https")
        secret = told.secret_file.read_text(encoding="utf-8").strip()
        found[told.agency] = Provider(told.agency, told.issuer, told.client_id, secret)
    return found


def allowed(address: str, issuer: str) -> bool:
    """Whether an address may be asked: https, or on this machine where the operator has put the provider there."""
    parts, home = urlsplit(address), urlsplit(issuer)
    local = parts.hostname in _LOOPBACK and home.hostname in _LOOPBACK
    clean = bool(parts.hostname) and not parts.username and not parts.fragment
    return clean and (parts.scheme == "https" or (local and parts.scheme == "http"))


def begin(db: Database, provider: Provider, address: str, now: datetime) -> dict[str, str] | None:
    """Where the browser goes, and a word that it must bring back; None where the provider does not answer."""
    with suppress(Exception), _client(provider, address) as client:
        where = _discovered(provider)["authorization_endpoint"]
        nonce, verifier, word = (secrets.token_urlsafe(48) for _ in range(3))
        there, state = client.create_authorization_url(where, nonce=nonce, code_verifier=verifier)
        kept = {"agency": provider.agency, "nonce": nonce, "verifier": verifier, "word": _digest(word)}
        with db.write() as session:
            session.add(Ceremony(
                id=_digest(state), what="provider", state=orjson.dumps(kept).decode(), made_at=now, ends_at=now + LASTS,
            ))  # fmt: skip
        return {"address": str(there), "word": word}
    return None


def finish(
    db: Database, providers: Mapping[str, Provider], address: str, told: Mapping[str, str], kind: str, now: datetime
) -> Opened | None:
    """A session for whom the provider names, if they are there; None for whatever is wrong."""
    kept = _taken(db, told["state"], now)
    provider = providers.get(kept["agency"]) if kept else None
    if kept is None or provider is None or not hmac.compare_digest(kept["word"], _digest(told["word"])):
        return None
    with suppress(Exception):  # the library, and a provider, can go wrong in many ways
        said = _said(provider, address, told["code"], kept, now)
        with db.write() as session:
            user = _matched(session, provider, said, now)
            return sessions.begin(session, user.id, kind=kind, factor="oidc", now=now) if user else None
    return None


def _said(provider: Provider, address: str, code: str, kept: Mapping[str, str], now: datetime) -> CodeIDToken:
    """What the provider says of somebody, once its signature and every claim are found to be good."""
    about = _discovered(provider)
    with _client(provider, address) as client:
        token = client.fetch_token(
            about["token_endpoint"], code=code, code_verifier=kept["verifier"], grant_type="authorization_code",
            timeout=PATIENCE_S, allow_redirects=False,
        )  # fmt: skip
    keys = KeySet.import_key_set(_got(provider, about["jwks_uri"]))
    read = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS)
    options = {"iss": {"essential": True, "value": provider.issuer}, "sub": {"essential": True}}
    params = {"nonce": kept["nonce"], "client_id": provider.client_id, "access_token": token.get("access_token")}
    said = CodeIDToken(read.claims, read.header, options, params)
    said.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
    if said["aud"] not in (provider.client_id, [provider.client_id]) or type(said["sub"]) is not str:
        raise ValueError("the token is for somebody else")
    return said


def _matched(session: Session, provider: Provider, said: Mapping[str, Any], now: datetime) -> User | None:
    """An active user of the provider's own agency, by the provider's name for them, or once by a verified e-mail."""
    own = select(User).join(Agency, col(Agency.id) == col(User.agency_id)).where(col(User.active), col(Agency.active))
    own = own.where(col(User.agency_id) == provider.agency)
    named = (col(ProviderSubject.issuer) == provider.issuer, col(ProviderSubject.subject) == said["sub"])
    known = session.exec(select(ProviderSubject).where(*named)).first()
    if known is not None:
        return session.exec(own.where(col(User.id) == known.user_id)).first()
    email = said.get("email")
    if said.get("email_verified") is not True or type(email) is not str:
        return None
    user = session.exec(own.where(col(User.email) == email.strip().lower())).first()
    if user is None or session.get(ProviderSubject, (user.id, provider.issuer)) is not None:
        return None  # somebody else has this address at the provider now
    session.add(ProviderSubject(user_id=user.id, issuer=provider.issuer, subject=said["sub"], made_at=now))
    record(session, user.id, SignInChange.PROVIDER_KNOWN, user.id, now)
    return user


def _taken(db: Database, state: str, now: datetime) -> dict[str, str] | None:
    """What was kept of a beginning; it is gone from now on."""
    with db.write() as session:
        row = session.get(Ceremony, _digest(state), with_for_update=True)
        if row is None or row.what != "provider":
            return None
        gone = session.connection().execute(delete(Ceremony).where(col(Ceremony.id) == row.id))
        kept: dict[str, str] = orjson.loads(row.state)
        return kept if gone.rowcount == 1 and now < row.ends_at else None


def _discovered(provider: Provider) -> dict[str, str]:
    about = _got(provider, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if about["issuer"] != provider.issuer:
        raise ValueError("the provider is another one")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not allowed(about[name], provider.issuer):
            raise ValueError("the provider names an address that is not asked")
    found: dict[str, str] = about
    return found


def _got(provider: Provider, address: str) -> Any:
    if not allowed(address, provider.issuer):
        raise ValueError("this address is not asked")
    with requests.Session() as http:
        http.trust_env = False
        answer = http.get(address, timeout=PATIENCE_S, allow_redirects=False)
        answer.raise_for_status()
        if answer.status_code != 200:  # noqa: PLR2004
            raise ValueError("the provider sends us elsewhere")
        return answer.json()


def _client(provider: Provider, address: str) -> Any:
    client = OAuth2Session(
        provider.client_id, provider.secret, scope="openid email", redirect_uri=f"{address.rstrip('/')}{RETURNS_TO}",
        code_challenge_method="S256",
    )  # fmt: skip
    client.trust_env = False
    return client


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
