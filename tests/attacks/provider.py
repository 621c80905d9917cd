"""A small provider of OpenID Connect, as a process of its own: says what it is told to say, well or badly signed.

Started by a test; prints its port. `POST /bend` changes what the next token says, so that a test can make it wrong.
"""

import base64
import hashlib
import json
import secrets
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "k1"})
OTHER = RSAKey.generate_key(2048, {"kid": "k1"})
CLIENT, SECRET = "lodestar", "an invented secret"
CODES: dict[str, dict[str, str]] = {}
BENT: dict[str, Any] = {}


class Provider(BaseHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    @property
    def issuer(self) -> str:
        port: Any = self.server.server_address
        return f"http://127.0.0.1:{port[1]}"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            self.tell({
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys", **BENT.get("about", {}),
            })  # fmt: skip
        elif parts.path == "/keys":
            self.tell({"keys": [KEY.as_dict(private=False)]})
        else:
            code = secrets.token_urlsafe()
            CODES[code] = asked
            self.send_response(302)
            self.send_header(
                "Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
            )
            self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/bend":
            BENT.clear()
            BENT.update(json.loads(body))
            self.tell({})
            return
        told = {name: values[0] for name, values in parse_qs(body).items()}
        asked = CODES.pop(told["code"], None)
        wanted = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '%20')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        proof = base64.urlsafe_b64encode(hashlib.sha256(told["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        known = self.headers.get("Authorization", "").removeprefix("Basic ") in (wanted, plain)
        if asked is None or not known or proof != asked["code_challenge"]:
            self.tell({"error": "invalid_grant"}, 400)
            return
        now = BENT.get("now", 0)
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "zoe-at-home", "nonce": asked["nonce"], "iat": now,
            "exp": now + 300, "email": "zoe@example.org", "email_verified": True, **BENT.get("claims", {}),
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value != "GONE"}
        key = OTHER if BENT.get("key") == "other" else KEY
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, key, algorithms=["RS256"])
        if BENT.get("key") == "none":
            head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
            token = f"{head}.{token.split('.')[1]}."
        self.tell({"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": token})

    def tell(self, told: Any, status: int = 200) -> None:
        data = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
