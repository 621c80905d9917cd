"""Errors on their way out, as RFC 9457 problem+json. What came in is never said again: no value, no unknown name."""

import re
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypedDict, get_args

import orjson
from pydantic import AliasChoices, AliasPath, BaseModel
from starlette.responses import Response

from api.body import BadBody
from api.turn import TURN

MEDIA_TYPE = "application/problem+json"
MOST = 50  # errors told at once
UNKNOWN = "(unknown)"
NO_TRACE = "0" * 32  # of answers that must be the same to the last byte

_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_RESERVED = frozenset({"type", "title", "status", "code", "detail", "instance", "trace_id"})
_PLACES = frozenset({"body", "query", "path", "header", "cookie"})  # where FastAPI says that a field stood

# The library's own sentences may quote the input, so they are not used. The first part that fits the rule counts.
# fmt: off
_SAYS = (
    # rule begins with       what is said
    ("missing",              "This is required."),
    ("extra_forbidden",      "There is no such field."),
    ("string_too_short",     "This is too short."),
    ("string_too_long",      "This is too long."),
    ("string_pattern",       "This is not written in the form expected."),
    ("string",               "This must be text."),
    ("too_short",            "There are too few of these."),
    ("too_long",             "There are too many of these."),
    ("literal_error",        "This is not one of the choices."),
    ("enum",                 "This is not one of the choices."),
    ("union_tag",            "This is not one of the choices."),
    ("int",                  "This must be a whole number."),
    ("float",                "This must be a number."),
    ("decimal",              "This must be a number."),
    ("finite_number",        "This must be a number."),
    ("greater_than",         "This is too small."),
    ("less_than",            "This is too large."),
    ("bool",                 "This must be true or false."),
    ("timezone",             "This must be a date and time with its offset, as in 2026-04-01T09:30:00Z."),
    ("datetime",             "This must be a date and time with its offset, as in 2026-04-01T09:30:00Z."),
    ("date",                 "This must be a date, as in 2026-04-01."),
    ("time",                 "This must be a time of day, as in 09:30."),
    ("uuid",                 "This must be an identifier."),
    ("url",                  "This must be a web address."),
    ("list",                 "This must be a list."),
    ("tuple",                "This must be a list."),
    ("set",                  "This must be a list."),
    ("frozen_set",           "This must be a list."),
    ("dict",                 "This must be an object."),
    ("model",                "This must be an object."),
    ("none_required",        "This must be left out."),
    ("",                     "This cannot be accepted."),
)
# fmt: on


class FieldError(TypedDict):
    """What is wrong with one field."""

    field: str
    rule: str
    says: str


class HasErrors(Protocol):
    """A validation error of pydantic, or FastAPI's own around one."""

    def errors(self) -> Sequence[Any]:
        """Each error with `loc` and `type`."""


def problem(
    status: int,
    code: str,
    says: str,
    *,
    headers: Mapping[str, str] | None = None,
    trace_id: str | None = None,
    **extra: object,
) -> Response:
    """Make an error answer. `says` and `extra` must be ours: nothing that came in with the request.

    `trace_id` is that of the request, which its log line has too, unless another is given.
    """
    if not _CODE.fullmatch(code):
        raise ValueError("a problem's code is lower-case letters, digits and underscores")
    if wrong := _RESERVED & extra.keys():
        raise ValueError(f"{sorted(wrong)} cannot be given to a problem")
    turn = TURN.get()
    if turn is not None:
        turn.code = code
    content = {
        "type": f"/problems/{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "code": code,
        "detail": says,
        "trace_id": trace_id or (turn.trace_id if turn else secrets.token_hex(16)),
        **extra,
    }
    more = {"Cache-Control": "no-store", **(headers or {})}
    return Response(orjson.dumps(content, default=_plain), status, more, MEDIA_TYPE)


def refused_body(bad: BadBody) -> Response:
    """What the gate refuses, as an answer. An address that cannot be is told in the bytes of one that is not there."""
    nowhere = NO_TRACE if bad.status == 404 else None  # noqa: PLR2004
    return problem(bad.status, bad.code, bad.says, headers=bad.headers, trace_id=nowhere)


def field_errors(
    error: HasErrors, known: type[BaseModel] | Collection[str], *, own_words: bool = False
) -> list[FieldError]:
    """Say which fields break which rule, by names that the form knows; any other name may be somebody's data.

    `own_words` is for forms whose validators are ours: what such a validator says is passed on.
    """
    names = known_fields(known) if isinstance(known, type) else frozenset(known)
    return [_field_error(found, names, own_words=own_words) for found in error.errors()[:MOST]]


def known_fields(*models: type[BaseModel]) -> frozenset[str]:
    """Every field name and alias of the models, and of the models inside them."""
    seen: set[type[BaseModel]] = set()
    waiting, names = list(models), set[str]()
    while waiting:
        model = waiting.pop()
        if model in seen:
            continue
        seen.add(model)
        for name, field in model.model_fields.items():
            names.update((name, *_aliases(field.alias), *_aliases(field.validation_alias)))
            waiting.extend(_models_in(field.annotation))
    return frozenset(names)


def _field_error(found: Mapping[str, Any], names: frozenset[str], *, own_words: bool) -> FieldError:
    """One error, told by its place and its rule."""
    rule = found["type"] if _CODE.fullmatch(found["type"]) else "invalid"
    steps = [_step(step, names if at else names | _PLACES) for at, step in enumerate(found["loc"])]
    says = next(sentence for begins, sentence in _SAYS if rule.startswith(begins))
    if own_words and rule == "value_error":
        says = _own_words(str(found.get("ctx", {}).get("error", ""))) or says
    return FieldError(field=".".join(steps), rule=rule, says=says)


def _own_words(says: str) -> str:
    """What a validator of ours said, as a sentence. A library's error quotes, so it is left out."""
    if not says or any(mark in says for mark in ("'", '"', "\n")):
        return ""
    return f"{says[0].upper()}{says[1:].removesuffix('.')}."


def _step(step: object, names: frozenset[str]) -> str:
    """One step of a path: a known name, or a place in a list."""
    return str(step) if isinstance(step, int) or step in names else UNKNOWN


def _aliases(alias: str | AliasPath | AliasChoices | None) -> Iterator[str]:
    """Give the names that an alias stands for."""
    if isinstance(alias, str):
        yield alias
    elif isinstance(alias, AliasPath):
        yield from (step for step in alias.path if isinstance(step, str))
    elif isinstance(alias, AliasChoices):
        for choice in alias.choices:
            yield from _aliases(choice)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Give the models named in an annotation, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _plain(value: object) -> list[Any]:
    """Turn what JSON has no word for into a list."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError("a problem carries plain values only")
