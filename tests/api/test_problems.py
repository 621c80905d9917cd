"""Errors on their way out: their shape, and that nothing that came in goes out with them."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from api.problems import FieldError, field_errors, known_fields, problem

SECRET = "Zoe Example 1990-01-01"


class Place(BaseModel):
    model_config = ConfigDict(extra="forbid")
    town: str = Field(max_length=5)


class Told(BaseModel):
    kind: Literal["told"]
    by: str


class Seen(BaseModel):
    kind: Literal["seen"]
    at: date


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=2, max_length=5, pattern="^[a-z]+$")
    born: date
    sex: Literal["f", "m"] = "f"
    count: int = Field(default=0, le=3)
    places: list[Place] = []
    answers: dict[str, int] = {}
    source: Annotated[Told | Seen, Field(discriminator="kind")] | None = None
    other: int | Place | None = None
    also: int = Field(default=0, validation_alias=AliasChoices("also", "also_known", AliasPath("deep", "er")))

    @field_validator("name")
    @classmethod
    def quotes(cls, name: str) -> str:
        if name == "quote":
            raise ValueError(f"{SECRET} is not a name")
        if name == "rule":
            raise PydanticCustomError("name_taken", "{who} is taken", {"who": SECRET})
        return name


GOOD: dict[str, Any] = {"name": "abc", "born": "1990-01-01"}


def wrong(said: Mapping[str, Any], form: type[BaseModel] = Form) -> list[FieldError]:
    with pytest.raises(ValidationError) as caught:
        form.model_validate(said)
    return field_errors(caught.value, Form)


def told(answer: Response) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(bytes(answer.body))
    return content


# fmt: off
WRONG = (
    ({"name": SECRET},                                  "name",               "string_too_long"),
    ({"name": "x"},                                     "name",               "string_too_short"),
    ({"name": "ABC"},                                   "name",               "string_pattern_mismatch"),
    ({"name": 5},                                       "name",               "string_type"),
    ({"name": "quote"},                                 "name",               "value_error"),
    ({"name": "rule"},                                  "name",               "name_taken"),
    ({"born": SECRET},                                  "born",               "date_from_datetime_parsing"),
    ({"sex": SECRET},                                   "sex",                "literal_error"),
    ({"count": SECRET},                                 "count",              "int_parsing"),
    ({"count": 4},                                      "count",              "less_than_equal"),
    ({"places": SECRET},                                "places",             "list_type"),
    ({"places": [{"town": "x"}, {}]},                   "places.1.town",      "missing"),
    ({"places": [{"town": "x", SECRET: 1}]},            "places.0.(unknown)", "extra_forbidden"),
    ({"places": [SECRET]},                              "places.0",           "model_type"),
    ({SECRET: 1},                                       "(unknown)",          "extra_forbidden"),
    ({"answers": {SECRET: SECRET}},                     "answers.(unknown)",  "int_parsing"),
    ({"answers": {"name": SECRET}},                     "answers.name",       "int_parsing"),
    ({"source": {"kind": SECRET}},                      "source",             "union_tag_invalid"),
    ({"source": {"kind": "told"}},                      "source.(unknown).by", "missing"),
    ({"other": SECRET},                                 "other.(unknown)",    "int_parsing"),
    ({"also_known": SECRET},                            "also_known",         "int_parsing"),
)
# fmt: on


@pytest.mark.parametrize(("change", "field", "rule"), WRONG)
def test_an_error_names_field_and_rule_and_never_the_value(change: dict[str, Any], field: str, rule: str) -> None:
    errors = wrong({**GOOD, **change})
    assert (errors[0]["field"], errors[0]["rule"]) == (field, rule)
    assert errors[0]["says"].endswith(".")
    for part in SECRET.split():
        assert part not in json.dumps(errors)


def test_a_missing_field_is_named() -> None:
    assert wrong({"name": "abc"}) == [{"field": "born", "rule": "missing", "says": "This is required."}]


def test_all_errors_are_told_but_no_more_than_fifty() -> None:
    assert len(wrong({"name": 1, "born": 1.5, "sex": 1})) == 3
    assert len(wrong({**GOOD, "places": [1] * 500})) == 50


def test_without_known_names_nothing_is_named() -> None:
    with pytest.raises(ValidationError) as caught:
        Form.model_validate({})
    assert {error["field"] for error in field_errors(caught.value, ())} == {"(unknown)"}


def test_an_error_of_the_framework_is_told_in_the_same_way() -> None:
    found = {"type": "int_parsing", "loc": ("query", "limit"), "msg": SECRET, "input": SECRET, "ctx": {"x": SECRET}}
    error = RequestValidationError([found, {**found, "loc": ("query", SECRET)}, {**found, "type": SECRET}])
    fields = [(one["field"], one["rule"]) for one in field_errors(error, {"limit"})]
    assert fields == [("query.limit", "int_parsing"), ("query.(unknown)", "int_parsing"), ("query.limit", "invalid")]


def test_the_names_of_a_form_are_those_of_all_its_parts() -> None:
    own = {"name", "born", "sex", "count", "places", "answers", "source", "other", "also"}
    assert known_fields(Form) == own | {"town", "kind", "by", "at", "also_known", "deep", "er"}


def test_a_form_that_holds_itself_is_read_once() -> None:
    class Knot(BaseModel):
        inner: "Knot | None" = None

    Knot.model_rebuild(_types_namespace={"Knot": Knot})
    assert known_fields(Knot) == {"inner"}


def test_a_problem_has_the_shape_of_rfc_9457() -> None:
    answer = problem(409, "stale_case", "This case has changed.", reasons=[{"code": "x"}], headers={"Retry-After": "1"})
    content = told(answer)
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert (answer.headers["cache-control"], answer.headers["retry-after"]) == ("no-store", "1")
    trace_id = content.pop("trace_id")
    assert len(trace_id) == 32
    assert content == {
        "type": "/problems/stale_case",
        "title": "Stale case",
        "status": 409,
        "code": "stale_case",
        "detail": "This case has changed.",
        "reasons": [{"code": "x"}],
    }


def test_a_trace_id_is_new_each_time_unless_the_log_has_one() -> None:
    ids = {told(problem(404, "not_found", "There is none."))["trace_id"] for _ in range(20)}
    assert len(ids) == 20
    assert told(problem(404, "not_found", "There is none.", trace_id="t1"))["trace_id"] == "t1"


@pytest.mark.parametrize("code", ("", "Not_found", "not found", "../x", "1st", "x" * 65, "stale\n"))
def test_a_code_is_one_of_ours(code: str) -> None:
    with pytest.raises(ValueError, match="code"):
        problem(400, code, "No.")


def test_what_a_problem_always_says_cannot_be_overwritten() -> None:
    with pytest.raises(ValueError, match="instance"):
        problem(400, "bad", "No.", instance=SECRET)


def test_plain_collections_and_dates_can_be_told_and_nothing_else() -> None:
    class Pair(tuple[str, str]):
        __slots__ = ()

    answer = problem(403, "bad", "No.", who=frozenset({"b", "a"}), pair=Pair(("x", "y")), on=date(2026, 4, 1))
    content = told(answer)
    assert (content["who"], content["pair"], content["on"]) == (["a", "b"], ["x", "y"], "2026-04-01")
    with pytest.raises(TypeError):
        problem(400, "bad", "No.", what=object())
