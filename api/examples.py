"""An example for every form, made from its own schema, to be sent as it stands. Nobody in it is real."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any

from pydantic import BaseModel, ValidationError

from workflows.forms import Form

MOST = 4000  # tries before giving up on a form whose fields depend on one another
# fmt: off
TEXTS = (  # the first that fits a field's pattern is taken
    "example", "example-1", "Example-1", "00000000000000000000000000000001", "EX-1", "2026-04-01", "1",
    "1 month", "30 days", "14 days", "A1", "+44 20 7946 0000", "somebody@example.org", "00:00", "0" * 64,
)
NAMED = {  # where the name of a field says what belongs there
    "jurisdiction": "england-and-wales", "language": "ro", "notice_version": "2026-04", "to": "example-police",
    "provider": "example-support", "partner": "example-police", "asked_of": "example-police",
    "phone": "+44 20 7946 0000", "email": "duty@example.org", "name": "silver-birch", "reason": "example_reason",
}
# fmt: on


@lru_cache(maxsize=512)
def example(form: type[Form]) -> Mapping[str, Any]:
    """The smallest example that the form itself accepts. Raises ValueError where none was found."""
    schema = resolved(form)
    for tries, told in enumerate(_candidates(schema)):
        if _fits(form, told):
            return told
        if tries > MOST:
            break
    raise ValueError(f"no example was found for {form.__name__}")


@lru_cache(maxsize=512)
def resolved(form: type[BaseModel]) -> dict[str, Any]:
    """The form's JSON schema with every reference replaced by what it stands for, so that it can stand anywhere."""
    schema = form.model_json_schema()
    parts = schema.pop("$defs", {})

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            if "$ref" in value:
                rest = {name: plain(inner) for name, inner in value.items() if name != "$ref"}
                return plain(parts[value["$ref"].rpartition("/")[2]]) | rest
            return {name: plain(inner) for name, inner in value.items()}
        return [plain(inner) for inner in value] if isinstance(value, list) else value

    told: dict[str, Any] = plain(schema)
    return told


def _candidates(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is required; then with some more of the fields; then with other values among the choices."""
    fields: Mapping[str, Any] = schema.get("properties", {})
    required = [name for name in fields if name in schema.get("required", ())]
    optional = [name for name in fields if name not in required]
    more: list[tuple[str, ...]] = [()]
    more += [some for count in (1, 2, 3) for some in combinations(optional, count)]
    more.append(tuple(optional))
    values = {name: [*_named(name, field), *_values(field)] for name, field in fields.items()}
    for turn in range(max((len(value) for value in values.values()), default=1)):
        for some in more:
            names = (*required, *some)
            yield {name: values[name][0] for name in names}
            if turn:
                for name in names:
                    if turn < len(values[name]):
                        yield {**{other: values[other][0] for other in names}, name: values[name][turn]}


def _values(field: Mapping[str, Any]) -> Iterator[Any]:
    """Values that a field might take, the plainest first."""
    kinds = {
        "string": _texts, "boolean": _answers, "integer": _numbers, "number": _numbers,
        "array": _lists, "object": _objects,
    }  # fmt: skip
    if "const" in field:
        yield field["const"]
    elif "enum" in field:
        yield from field["enum"]
    elif "anyOf" in field or "oneOf" in field:
        for inner in field.get("anyOf", field.get("oneOf", ())):
            if inner.get("type") != "null":
                yield from _values(inner)
    else:
        yield from kinds.get(str(field.get("type")), _texts)(field)


def _answers(_: Mapping[str, Any]) -> Iterator[bool]:
    yield from (True, False)


def _objects(field: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    required, fields = field.get("required", ()), field.get("properties", {})
    yield {name: next(_values(inner)) for name, inner in fields.items() if name in required}


def _named(name: str, field: Mapping[str, Any]) -> Iterator[str]:
    texts = [inner for inner in field.get("anyOf", [field]) if inner.get("type") == "string" and "enum" not in inner]
    if name in NAMED and any("pattern" not in text or re.search(text["pattern"], NAMED[name]) for text in texts):
        yield NAMED[name]


def _texts(field: Mapping[str, Any]) -> Iterator[str]:
    kind = field.get("format")
    if kind in ("date", "date-time"):
        yield from (
            ("2026-09-18", "2026-09-21") if kind == "date" else ("2026-09-18T09:30:00Z", "2026-09-21T09:30:00Z")
        )
        return
    pattern = field.get("pattern")
    yield from (text for text in TEXTS if pattern is None or re.search(pattern, text))


def _numbers(field: Mapping[str, Any]) -> Iterator[int]:
    least = int(field.get("minimum", field.get("exclusiveMinimum", 0)))
    yield from (max(1, least), least)


def _lists(field: Mapping[str, Any]) -> Iterator[list[Any]]:
    inner = list(_values(field.get("items", {})))
    for value in inner:
        yield [value]
    least = int(field.get("minItems", 0))
    if least > 1:
        yield inner[:least]


def _fits(form: type[Form], told: Mapping[str, Any]) -> bool:
    try:
        form.model_validate(told)
    except ValidationError:
        return False
    return True
