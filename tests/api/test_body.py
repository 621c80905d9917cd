"""The strict gate: what a body must be to be read at all."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from api.body import EXACT, LIMIT, BadBody, parse, read_json


def nested(levels: int) -> bytes:
    return b'{"a":' + b"[" * levels + b"]" * levels + b"}"


# fmt: off
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing":                      (b"",                                   "bad_json"),
    "only space":                   (b"  \n",                               "bad_json"),
    "cut short":                    (b'{"a":1',                             "bad_json"),
    "text after it":                (b'{"a":1} x',                          "bad_json"),
    "two objects":                  (b'{"a":1}{"a":1}',                     "bad_json"),
    "a comma at the end":           (b'{"a":1,}',                           "bad_json"),
    "single quotes":                (b"{'a':1}",                            "bad_json"),
    "a comment":                    (b'{"a":1/* x */}',                     "bad_json"),
    "NaN":                          (b'{"a":NaN}',                          "bad_json"),
    "Infinity":                     (b'{"a":Infinity}',                     "bad_json"),
    "minus Infinity":               (b'{"a":-Infinity}',                    "bad_json"),
    "1e999":                        (b'{"a":1e999}',                        "bad_json"),
    "minus 1e999":                  (b'{"a":-1e999}',                       "bad_json"),
    "a number with a leading zero": (b'{"a":01}',                           "bad_json"),
    "a lone high surrogate":        (b'{"a":"\\ud800"}',                    "bad_json"),
    "a lone low surrogate":         (b'{"a":"\\udc00"}',                    "bad_json"),
    "surrogates the wrong way":     (b'{"a":"\\udc00\\ud800"}',             "bad_json"),
    "a lone surrogate as a name":   (b'{"\\ud800":1}',                      "bad_json"),
    "a surrogate in UTF-8":         (b'{"a":"\xed\xa0\x80"}',               "bad_json"),
    "not UTF-8":                    (b'{"a":"\xff"}',                       "bad_json"),
    "overlong UTF-8":               (b'{"a":"\xc0\xaf"}',                   "bad_json"),
    "UTF-16":                       ('{"a":1}'.encode("utf-16"),            "bad_json"),
    "a byte order mark":            (b'\xef\xbb\xbf{"a":1}',                "bad_json"),
    "a raw NUL":                    (b'{"a":"\x00"}',                       "bad_json"),
    "a raw line end":               (b'{"a":"\n"}',                         "bad_json"),
    "very deep":                    (nested(100_000),                       "bad_json"),
    "a NUL":                        (b'{"a":"x\\u0000y"}',                  "bad_character"),
    "a NUL as a name":              (b'{"\\u0000":1}',                      "bad_character"),
    "a NUL deep inside":            (b'{"a":[{"b":["\\u0000"]}]}',          "bad_character"),
    "a list":                       (b'[{"a":1}]',                          "not_an_object"),
    "a text":                       (b'"a"',                                "not_an_object"),
    "a number":                     (b"1",                                  "not_an_object"),
    "null":                         (b"null",                               "not_an_object"),
    "21 levels of lists":           (nested(20),                            "too_deep"),
    "21 levels of objects":         (b'{"a":' * 20 + b"{}" + b"}" * 20,    "too_deep"),
    "900 levels":                   (nested(900),                           "too_deep"),
    "a name twice":                 (b'{"a":1,"a":2}',                      "duplicate_key"),
    "a name twice, the same value": (b'{"a":1,"a":1}',                      "duplicate_key"),
    "a name three times":           (b'{"a":1,"a":1,"a":1}',                "duplicate_key"),
    "an empty name twice":          (b'{"":1,"":1}',                        "duplicate_key"),
    "a name twice inside":          (b'{"x":[{"a":1,"b":2,"a":3}]}',        "duplicate_key"),
    "a name twice, once escaped":   (b'{"a":1,"\\u0061":2}',                "duplicate_key"),
    "a name twice, colons added":   (b'{"a":1,"a":"\\u003a"}',              "duplicate_key"),
    "a name twice, colons escaped": (b'{"a":"x","a":"y","b":"\\u003A"}',    "duplicate_key"),
    "a name twice, with a colon":   (b'{"a:":1,"a:":2}',                    "duplicate_key"),
    "a name twice, first one big":  (b'{"a":{"b":":::"},"a":2}',            "duplicate_key"),
    "a name twice, first one deep": (b'{"a":' + b"[" * 900 + b"]" * 900 + b',"a":"\\u0041"}', "duplicate_key"),
    "a name twice, slash escaped":  (b'{"a/b":1,"a\\/b":2}',                "duplicate_key"),
    "an integer past 2^53":         (b'{"a":9007199254740993}',             "bad_number"),
    "a negative one":               (b'{"a":[-9007199254740993]}',          "bad_number"),
    "an integer of 30 digits":      (b'{"a":123456789012345678901234567890}', "bad_number"),
    "a float of 300 digits":        (b'{"a":1e300}',                        "bad_number"),
    "over the limit":               (b'{"a":"' + b"x" * LIMIT + b'"}',      "too_large"),
}

TAKEN: dict[str, bytes] = {
    "an empty object":              b"{}",
    "space around":                 b' \r\n\t{"a" : 1} \n',
    "every kind of value":          b'{"a":null,"b":true,"c":false,"d":-1.5e3,"e":"x","f":[],"g":{}}',
    "20 levels":                    nested(19),
    "colons in texts":              b'{"a:b":"c:d","e":["::",{"f":":"}]}',
    "an escaped colon":             b'{"a\\u003a":"\\u003A:"}',
    "an escaped quote and colon":   b'{"a":"\\":\\"","b":"\\\\"}',
    "a pair of surrogates":         b'{"a":"\\ud83d\\ude00"}',
    "the letters backslash u0000":  b'{"a":"\\\\u0000"}',
    "another script":               '{"tên":"Nguyễn Thị Ánh"}'.encode(),
    "the same name in two objects": b'{"a":{"a":1},"b":[{"a":1},{"a":1}]}',
    "names that look the same":     '{"é":1,"e\u0301":2}'.encode(),
    "the largest exact integer":    b'{"a":9007199254740992,"b":-9007199254740992}',
    "a small number":               b'{"a":1e-400,"b":-0,"c":-0.0}',
}
# fmt: on


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_a_body_that_is_not_plain_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(BadBody) as caught:
        parse(data)
    assert caught.value.code == code
    assert caught.value.status == (413 if code == "too_large" else 400)


@pytest.mark.parametrize("data", TAKEN.values(), ids=TAKEN.keys())
def test_a_plain_body_is_read_as_it_stands(data: bytes) -> None:
    assert parse(data) == json.loads(data)


def test_a_refusal_carries_nothing_out_of_the_body() -> None:
    for data in (b'{"Zoe Example":1,"Zoe Example":2}', b'{"Zoe Example":', b'{"Zoe Example":"\\u0000"}'):
        with pytest.raises(BadBody) as caught:
            parse(data)
        assert "Zoe" not in repr(caught.value) + str(caught.value) + caught.value.says
        assert caught.value.__context__ is None


def test_the_limit_counts_bytes_and_is_itself_allowed() -> None:
    data = '{"a":"é"}'.encode()
    assert parse(data, limit=len(data))
    with pytest.raises(BadBody, match="too large"):
        parse(data, limit=len(data) - 1)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-EXACT, EXACT)
    | st.text(st.characters(codec="utf-8", exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(':ab\\"u\u00e9', max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(value=VALUES, escaped=st.booleans())
def test_whatever_has_no_name_twice_passes(value: Any, escaped: bool) -> None:
    assert parse(json.dumps({"a": value}, ensure_ascii=escaped).encode(), depth=100) == {"a": value}


@settings(max_examples=150, deadline=None)
@given(first=VALUES, second=VALUES, escaped=st.booleans())
def test_a_name_twice_never_passes_whatever_stands_beside_it(first: Any, second: Any, escaped: bool) -> None:
    texts = [json.dumps(value, ensure_ascii=escaped) for value in (first, second)]
    for name in ('"a"', '"\\u0061"'):
        with pytest.raises(BadBody, match="twice"):
            parse(f'{{"x":[{{"a":{texts[0]},"b":":",{name}:{texts[1]}}}]}}'.encode(), depth=100)


class Sending:
    """A request that arrives in chunks and counts how many were asked for."""

    def __init__(
        self,
        *chunks: bytes,
        cut: bool = False,
        headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),),
    ) -> None:
        self.asked = 0
        self.messages = self._messages(chunks, cut)
        raw = [(name.encode(), value.encode()) for name, value in headers]
        self.request = Request({"type": "http", "method": "POST", "path": "/", "headers": raw}, self.receive)

    async def _messages(self, chunks: tuple[bytes, ...], cut: bool) -> AsyncIterator[Message]:
        for at, chunk in enumerate(chunks):
            self.asked += 1
            yield {"type": "http.request", "body": chunk, "more_body": cut or at < len(chunks) - 1}
        yield {"type": "http.disconnect"}

    async def receive(self) -> Message:
        return await anext(self.messages)

    def read(self, limit: int = LIMIT) -> dict[str, Any]:
        return asyncio.run(read_json(self.request, limit))


def test_a_body_in_chunks_is_put_together() -> None:
    assert Sending(b'{"a"', b"", b":1}").read() == {"a": 1}


def test_reading_stops_once_over_the_limit() -> None:
    sending = Sending(*[b"x" * 10] * 100)
    with pytest.raises(BadBody) as caught:
        sending.read(limit=25)
    assert caught.value.status == 413
    assert sending.asked == 3


def test_a_connection_that_ends_early_is_refused() -> None:
    with pytest.raises(BadBody) as caught:
        Sending(b'{"a"', cut=True).read()
    assert caught.value.code == "cut_short"


JSON = ("content-type", "application/json")


# fmt: off
HEADERS = (
    ((),                                                                      415),
    ((("content-type", ""),),                                                 415),
    ((("content-type", "text/plain"),),                                       415),
    ((("content-type", "text/json"),),                                        415),
    ((("content-type", "application/problem+json"),),                         415),
    ((("content-type", "application/json-patch+json"),),                      415),
    ((("content-type", "application/x-www-form-urlencoded"),),                415),
    ((("content-type", "application/json, text/plain"),),                     415),
    ((("content-type", "application/json; charset=utf-16"),),                 415),
    ((("content-type", "application/json; charset=utf-8; x=1"),),             415),
    ((JSON, JSON),                                                            415),
    ((JSON, ("content-encoding", "gzip")),                                    415),
    ((JSON, ("content-encoding", "identity, gzip")),                          415),
    ((JSON, ("content-length", str(LIMIT + 1))),                              413),
    ((JSON, ("content-length", "9" * 6000)),                                  413),
    ((JSON, ("content-length", "-1")),                                        400),
    ((JSON, ("content-length", "1.0")),                                       400),
    ((JSON, ("content-length", "")),                                          400),
)
# fmt: on


@pytest.mark.parametrize(("headers", "status"), HEADERS, ids=lambda value: str(value)[:60])
def test_headers_alone_can_refuse_a_body(headers: tuple[tuple[str, str], ...], status: int) -> None:
    sending = Sending(b'{"a":1}', headers=headers)
    with pytest.raises(BadBody) as caught:
        sending.read()
    assert caught.value.status == status
    assert sending.asked == 0


@pytest.mark.parametrize(
    "kind",
    (
        "application/json",
        "Application/JSON",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"',
        " application/json ",
    ),
)
def test_the_ways_to_say_json_in_utf_8(kind: str) -> None:
    headers = (("content-type", kind), ("content-encoding", "identity"), ("content-length", "7"))
    assert Sending(b'{"a":1}', headers=headers).read() == {"a": 1}
