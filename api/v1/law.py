"""The tables and the dated law for reading, and the calculator. Knows no case."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

import re
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import StringConstraints
from starlette.responses import Response

from api.deps import Asked, Body, Query, reading, writing
from api.documents import describe
from api.schemas import answer
from api.v1.moves import Row, digest
from referral.access import Act, who_may
from referral.errors import BadForm, Reason
from workflows import catalogue
from workflows.explain import calculate
from workflows.forms import Code, Day
from workflows.jurisdiction import Jurisdiction, Rule, Version

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Which(Query):
    """Of which jurisdiction; left out means all."""

    jurisdiction: Code | None = None


class Sum(Query):
    """One rule and one start. A day of birth is told in a body, never in an address."""

    rule: Name
    start: Annotated[str, StringConstraints(max_length=40)]  # a day, or a date and time
    jurisdiction: Code | None = None
    calendar: Name | None = None


class BornSum(Body):
    """The same, for a period that is counted from a birthday."""

    rule: Name
    start: Annotated[str, StringConstraints(max_length=40)]
    jurisdiction: Code | None = None
    calendar: Name | None = None
    born: Day | None = None


def add_routes(app: FastAPI) -> None:
    """Three addresses, of which the calculator can be asked in two ways."""
    # fmt: off
    for path, name, look, query, says in (
        ("/v1/workflows", "law.workflows", _workflows, Query, "The workflows: states, moves, who may, what follows"),
        ("/v1/rules",     "law.rules",     _rules,     Which, "The dated rules, with every version, its source and its grade"),
        ("/v1/explain",   "law.explain",   _explain,   Sum,   "When a period is due, and why"),
    ):
        app.router.add_api_route(path, reading(look, query, act=Act.READ_LAW), methods=["GET"], **describe(name, says, query))
    # fmt: on
    born = describe("law.explain_born", "When a period is due that is counted from a birthday", body=BornSum)
    app.router.add_api_route(
        "/v1/explain", writing(_explain_born, BornSum, digest, act=Act.READ_LAW), methods=["POST"], **born
    )


def _workflows(_: Asked) -> Response:
    return answer({"items": [
        {
            "name": workflow.name, "of": workflow.of, "says": workflow.says,
            "states": [
                {
                    "name": str(state), "says": state.says, "final": str(state) in workflow.final,
                    "owners": [str(role) for role in state.waits.owners], "deadline": state.waits.deadline or None,
                    "rests_because": state.waits.reason or None,
                }
                for state in workflow.states
            ],
            "moves": [
                {
                    "name": f"{workflow.name}.{move.name}", "leaves": [str(state) for state in move.leaves],
                    "enters": None if move.enters is None else str(move.enters), "needs": str(move.needs),
                    "who": list(who_may(move.needs)), "then": list(move.then), "tells": list(move.tells),
                    "href": Row(workflow, move).path,
                }
                for move in workflow.moves.values()
            ],
        }
        for workflow in catalogue.WORKFLOWS.values()
    ]})  # fmt: skip


def _rules(asked: Asked) -> Response:
    law, key = asked.house.law, asked.query.jurisdiction
    if key is not None and key not in law:
        raise BadForm(Reason("unknown_jurisdiction", "There are no rules for this jurisdiction."))
    return answer({"items": [_place(law[name]) for name in sorted(law) if key in (None, name)]})


def _explain(asked: Asked) -> Response:
    return _calculated(asked, asked.query, born=None)


def _explain_born(asked: Asked) -> Response:
    return _calculated(asked, asked.body, born=asked.body.born)


def _calculated(asked: Asked, told: Any, *, born: date | None) -> Response:
    law, start = asked.house.law, _start(told.start)
    return answer(calculate(law, told.rule, start, jurisdiction=told.jurisdiction, calendar=told.calendar, born=born))


def _start(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else datetime.fromisoformat(text)
    except ValueError:
        raise BadForm(
            Reason("bad_start", "Give a day, as in 2026-04-01, or a date and time with its offset.")
        ) from None


def _place(place: Jurisdiction) -> dict[str, Any]:
    return {
        "jurisdiction": place.key, "name": place.name, "zone": place.zone, "calendar": place.calendar,
        "rules": [_rule(rule) for rule in place.rules.values()],
        "terms": [
            {
                "name": term.name, "says": term.says,
                "versions": [
                    {"value": v.value, "from": v.from_.isoformat(), "until": v.until.isoformat() if v.until else None,
                     "source": v.source, "document": v.document, "grade": v.grade, "note": v.note}
                    for v in term.versions
                ],
            }
            for term in place.terms.values()
        ],
    }  # fmt: skip


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id, "name": rule.name, "says": rule.says, "of": rule.of, "kind": rule.kind, "owed_by": rule.owed_by,
        "starts_on": list(rule.starts_on), "stops_on": list(rule.stops_on), "pauses_on": list(rule.pauses_on),
        "resumes_on": list(rule.resumes_on), "extends_on": list(rule.extends_on), "fires": rule.fires or None,
        "house": rule.house, "enabled": rule.enabled, "only_for": rule.only_for or None,
        "only_in": list(rule.only_in), "counts_from": rule.counts_from or None,
        "versions": [_version(version) for version in rule.versions],
    }  # fmt: skip


def _version(version: Version) -> dict[str, Any]:
    return {
        "version": version.id, "from": version.from_.isoformat(), "until": version.until.isoformat() if version.until else None,
        "lasts": version.lasts, "count": str(version.count), "calendar": version.calendar, "source": version.source,
        "document": version.document, "grade": version.grade, "note": version.note, "remind": list(version.remind),
    }  # fmt: skip
