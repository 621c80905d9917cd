"""The strict gate in front of every JSON body: what is ambiguous, endless or cannot be stored is refused.

It knows nothing of forms: whether the fields are right is said later, by their form.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect, Request

LIMIT = 256 * 1024  # bytes
FORM_LIMIT = 8 * 1024  # bytes
DEPTH = 20  # objects and lists within one another, the outermost counted
EXACT = 2**53  # above it a number in JSON is no longer the one that was meant

_FORM = "application/x-www-form-urlencoded"
_BROKEN = re.compile(rb"%(?![0-9A-Fa-f]{2})|[^\x21-\x7e]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class BadBody(Exception):
    """The body cannot be read; it never carries anything out of the body."""

    def __init__(self, status: int, code: str, says: str, headers: Mapping[str, str] | None = None) -> None:
        """Keep the HTTP status, the stable code, the sentence and the headers that go with it."""
        self.status, self.code, self.says, self.headers = status, code, says, headers or {}
        super().__init__(says)


async def read_json(request: Request, limit: int = LIMIT) -> dict[str, Any]:
    """Read the body of a request as one JSON object, and stop reading as soon as it is over the limit."""
    _check_headers(request, limit, "application/json", "Send the body as application/json, in UTF-8.")
    return parse(await _read(request, limit), limit)


async def read_form(request: Request, limit: int = FORM_LIMIT) -> dict[str, str]:
    """Read the body of a request as the fields of a form, each once; an empty one counts as left out."""
    _check_headers(request, limit, _FORM, f"Send the body as {_FORM}.")
    data = await _read(request, limit)
    try:
        text = data.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=20)
    except ValueError:
        pairs = []
    if not pairs or _BROKEN.search(data):
        raise BadBody(400, "bad_form_body", "The body is not a form that can be read.")
    if len({name for name, _ in pairs}) != len(pairs):
        raise BadBody(400, "duplicate_key", "A name stands twice in the form.")
    if any(_CONTROL.search(part) for pair in pairs for part in pair):
        raise BadBody(400, "bad_character", "The body holds a character that cannot be stored.")
    return {name: value for name, value in pairs if value}


async def _read(request: Request, limit: int) -> bytes:
    """The bytes of a body that is no larger than the limit."""
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise _too_large()
            chunks.append(chunk)
    except ClientDisconnect:
        raise BadBody(400, "cut_short", "The body ended before it was complete.") from None
    return b"".join(chunks)


def parse(data: bytes, limit: int = LIMIT, depth: int = DEPTH) -> dict[str, Any]:
    """Read bytes as one JSON object, or raise BadBody."""
    if len(data) > limit:
        raise _too_large()
    try:
        body = orjson.loads(data)  # refuses NaN, Infinity, 1e999, lone surrogates, a byte order mark and bad UTF-8
    except ValueError:
        body = _NOTHING
    if body is _NOTHING:  # raised here, so that the parser's error, which quotes the text, does not hang on ours
        raise BadBody(400, "bad_json", "The body is not valid JSON.")
    if not isinstance(body, dict):
        raise BadBody(400, "not_an_object", "The body must be one JSON object.")
    escapes = b"\\u" in data
    colons = _walk(body, depth, escapes=escapes)
    # Each member has one colon, and each colon in a text is one more. What a later member of the same name has pushed
    # out is missing from the sum. Only an escape can hide a colon, and then the slow reader looks at the pairs.
    if _has_twins(data) if escapes else colons != data.count(b":"):
        raise BadBody(400, "duplicate_key", "A name stands twice in the same object.")
    return body


_NOTHING = object()


def _walk(body: dict[str, Any], depth: int, *, escapes: bool) -> int:
    """Check depth, numbers and characters of a parsed body; the answer is the number of colons it was written with."""
    colons, below = 0, 1
    level: list[Any] = [body]
    while level:
        if below > depth:
            raise BadBody(400, "too_deep", "The body has too many levels.")
        inner: list[Any] = []
        for box in level:
            colons += len(box) if isinstance(box, dict) else 0
            for value in (*box, *box.values()) if isinstance(box, dict) else box:
                if isinstance(value, str):
                    colons += value.count(":")
                    if escapes and "\x00" in value:
                        raise BadBody(400, "bad_character", "The body holds a character that cannot be stored.")
                elif isinstance(value, dict | list):
                    inner.append(value)
                elif isinstance(value, int | float) and abs(value) > EXACT:
                    raise BadBody(400, "bad_number", "The body holds a number that is too large to be exact.")
        level, below = inner, below + 1
    return colons


def _has_twins(data: bytes) -> bool:
    """Whether any object names a member twice, by the slow reader that shows every pair."""
    twins = False

    def look(pairs: list[tuple[str, Any]]) -> None:
        nonlocal twins
        twins = twins or len({name for name, _ in pairs}) != len(pairs)

    try:
        json.loads(data, object_pairs_hook=look, parse_int=len, parse_float=len)
    except (ValueError, RecursionError):  # only what was pushed out can be as deep as that
        return True
    return twins


def _check_headers(request: Request, limit: int, wanted: str, says: str) -> None:
    """Refuse by the headers alone what they already give away."""
    kinds = request.headers.getlist("content-type")
    kind, _, parameter = (kinds[0] if len(kinds) == 1 else "").partition(";")
    charset = parameter.strip().lower().replace('"', "")
    if kind.strip().lower() != wanted or charset not in ("", "charset=utf-8"):
        raise BadBody(415, "wrong_content_type", says)
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise BadBody(415, "wrong_content_encoding", "Send the body without compression.")
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise BadBody(400, "bad_length", "The Content-Length is not a number.")
    if len(length) > len(str(limit)) or int(length) > limit:
        raise _too_large()


def _too_large() -> BadBody:
    """Say that the body is over the limit."""
    return BadBody(413, "too_large", "The body is too large.")
