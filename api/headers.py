"""The headers that every answer has, by what kind of answer it is. Also of those that no route has made."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

Pairs = tuple[tuple[bytes, bytes], ...]

# fmt: off
ALWAYS: Pairs = (
    (b"cache-control",                b"no-store"),
    (b"x-content-type-options",       b"nosniff"),
    (b"referrer-policy",              b"no-referrer"),
    (b"cross-origin-opener-policy",   b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy",           b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"x-frame-options",              b"DENY"),
)
POLICY: Mapping[str, bytes] = {  # kind of content -> what it may load and who may frame it
    "": b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
# fmt: on
SECURE: Pairs = ((b"strict-transport-security", b"max-age=63072000; includeSubDomains"),)


def is_secure(address: str) -> bool:
    """Whether people reach this installation by https."""
    return urlsplit(address).scheme == "https"


def completed(headers: Iterable[tuple[bytes, bytes]], *, secure: bool) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, with those that it lacks. What an answer says of itself stays."""
    given = list(headers)
    names = {name.lower() for name, _ in given}
    kind = next((value for name, value in given if name.lower() == b"content-type"), b"")
    policy = POLICY.get(kind.partition(b";")[0].strip().decode("latin-1").lower(), POLICY[""])
    more = (*ALWAYS, (b"content-security-policy", policy), *(SECURE if secure else ()))
    return [*given, *(pair for pair in more if pair[0] not in names)]
