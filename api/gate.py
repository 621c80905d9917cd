"""The strict gate in front of every request: host, path, query and headers. Bodies have their own, in body.py.

It looks at bytes alone and knows no route, so it also stands before what is no address at all.
"""

import re
from collections.abc import Collection, Mapping
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.types import Scope

from api.body import BadBody
from referral.errors import NotFound
from referral.settings import Settings

HEAD_LIMIT = 16 * 1024  # bytes of all names and values of headers together
MOST_HEADERS = 64
LONGEST_PATH, LONGEST_QUERY = 512, 2048  # bytes, as they came
MOST_PARAMETERS = 20
NOTHING_HERE = "There is nothing at this address."
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

_HOST = re.compile(rb"([A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
_PATH = re.compile(rb"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+|/")  # no part is empty, begins with a dot or is encoded
_BROKEN = re.compile(rb"%(?![0-9A-Fa-f]{2})|[^\x21-\x7e]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
_BAD_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f]")
_OVERRIDES = {b"x-http-method-override", b"x-http-method", b"x-method-override"}
_ONCE = {b"host", b"content-length", b"transfer-encoding", b"content-encoding"}  # the others are counted where read
_BODILESS = {"GET", "HEAD", "OPTIONS", "TRACE"}


def hosts_of(settings: Settings) -> frozenset[str]:
    """The names under which this installation may be called, in small letters and without ports."""
    netloc = urlsplit(settings.address).netloc.rpartition("@")[2]
    own = re.sub(r":[0-9]*$", "", netloc)
    given = (name.strip() for name in settings.hosts.split(","))
    return LOOPBACK | {name.lower() for name in (own, *given) if name}


def check(scope: Scope, hosts: Collection[str]) -> None:
    """Raise BadBody for the first thing that is ambiguous, oversized or unreadable."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    seen = _check_headers(headers)
    _check_framing(scope["method"], seen)
    found = _HOST.fullmatch(seen.get(b"host", b""))
    if found is None or found[1].decode().lower() not in hosts:
        raise BadBody(400, "unknown_host", "This installation is not called by that name.")
    _check_path(scope.get("raw_path") or scope["path"].encode("utf-8", "replace"))
    _check_query(scope.get("query_string", b""))


def _check_headers(headers: list[tuple[bytes, bytes]]) -> Mapping[bytes, bytes]:
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > HEAD_LIMIT:
        raise BadBody(431, "headers_too_large", "The headers are too many or too large.")
    seen: dict[bytes, bytes] = {}
    for name, value in headers:
        if _BAD_VALUE.search(value):
            raise BadBody(400, "bad_header", "A header holds a character that it must not hold.")
        if name in _ONCE and name in seen:
            raise BadBody(400, "bad_header", "A header that may stand once stands twice.")
        if name in _OVERRIDES:
            raise BadBody(400, "method_override", "Use the method itself: no header changes it here.")
        seen[name] = value
    return seen


def _check_framing(method: str, seen: Mapping[bytes, bytes]) -> None:
    """Whoever reads the lengths in two ways can be told two things: there must be one way to read them."""
    length, encoding = seen.get(b"content-length"), seen.get(b"transfer-encoding")
    if encoding is not None and (length is not None or encoding.strip().lower() != b"chunked"):
        raise BadBody(400, "bad_framing", "The length of the body is told in two ways, or in one that is not known.")
    if length is not None and not length.isdigit():
        raise BadBody(400, "bad_length", "The Content-Length is not a number.")
    if method in _BODILESS and (encoding is not None or (length or b"").strip(b"0")):
        raise BadBody(400, "unexpected_body", "This method takes no body.")


def _check_path(path: bytes) -> None:
    if len(path) > LONGEST_PATH:
        raise BadBody(414, "address_too_long", "The address is too long.")
    if not _PATH.fullmatch(path):
        raise BadBody(404, NotFound.code, NOTHING_HERE)


def _check_query(query: bytes) -> None:
    if not query:
        return
    try:
        bad = bool(_BROKEN.search(query) or _CONTROL.search(unquote_to_bytes(query.replace(b"+", b" ")).decode()))
    except UnicodeDecodeError:
        bad = True
    if bad or len(query) > LONGEST_QUERY or query.count(b"&") >= MOST_PARAMETERS:
        raise BadBody(422, "bad_query", "A query parameter is unknown or wrong, or stands twice.")
