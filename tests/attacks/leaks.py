"""Leaks as a tired hand could make them, each put into the running product for one test. The canary walk must name each."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
import structlog
from sqlmodel import col

from api import problems
from api.body import read_json
from api.looking import line
from api.picking import pick
from api.sight import Sight
from api.v1 import cases, matching, reveals
from referral import logs
from referral.access import Code, Group
from referral.errors import BadForm
from referral.form import redaction
from referral.models import Case
from referral.vault import SubjectKey
from tests.sheltered import WILLOW
from workflows import engine
from workflows.forms import Form
from workflows.made import Made
from workflows.wording import words

Patch = pytest.MonkeyPatch
NAME = "Žofinčka Kvapilová"


def in_the_event(patch: Patch) -> None:
    """The event says who it is about."""
    body = Made.body

    def told(made: Made, *given: Any) -> dict[str, Any]:
        identity = getattr(made.form, "identity", None) or {}
        return body(made, *given) | ({"about": identity["last_name"]} if identity else {})

    patch.setattr(Made, "body", told)


def in_the_log(patch: Patch) -> None:
    """A line tells the body of a request, to find out why it was refused."""

    async def reading(request: Any) -> Any:
        told = await read_json(request)
        structlog.get_logger().info("request", body=str(told))
        return told

    patch.setitem(logs.KEYS, "body", lambda _: True)
    patch.setattr("api.v1.moves.read_json", reading)


def in_a_refusal(patch: Patch) -> None:
    """An error names the field that there is not."""
    patch.setattr(problems, "_step", lambda step, _: str(step))


def in_a_mail(patch: Patch) -> None:
    """A mail says where to go."""
    patch.setattr(
        "workflows.delivery.words",
        lambda *given: replace(words(*given), text=f"{words(*given).text}\nGo to {WILLOW.street}."),
    )


def in_a_list(patch: Patch) -> None:
    """A line of a list says who it is, so that nobody has to open the case."""
    patch.setattr("api.v1.lists.line", lambda *given, **more: line(*given, **more) | {"operation": NAME})


def in_the_timeline(patch: Patch) -> None:
    """Whoever keeps the house reads the notes of support."""
    code = Sight.code
    patch.setattr(Sight, "code", lambda sight, group: Code.OWN if group is Group.PLAN else code(sight, group))


def in_a_column(patch: Patch) -> None:
    """One column of the person is kept as it is."""
    seal, opened = SubjectKey.seal_row, SubjectKey.open_row

    def sealing(key: SubjectKey, table: str, row: str, told: Mapping[str, str | None]) -> dict[str, bytes]:
        plain = {name: text.encode() for name, text in told.items() if name == "last_name" and text is not None}
        return {**seal(key, table, row, told), **plain}

    def opening(key: SubjectKey, table: str, row: str, held: Mapping[str, bytes | None]) -> dict[str, str]:
        plain = {name: kept.decode() for name, kept in held.items() if name == "last_name" and kept is not None}
        return {**opened(key, table, row, {name: kept for name, kept in held.items() if name not in plain}), **plain}

    patch.setattr(SubjectKey, "seal_row", sealing)
    patch.setattr(SubjectKey, "open_row", opening)


def in_a_header(patch: Patch) -> None:
    """The tag of a case is made of its name."""
    patch.setattr(cases, "etag", lambda version: f'"{version}-kvapilova"')


def in_the_facts(patch: Patch) -> None:
    """A strand remembers the day of birth."""
    facts = Form.facts

    def remembered(form: Form) -> dict[str, Any]:
        identity = getattr(form, "identity", None) or {}
        return facts(form) | ({"born": identity["date_of_birth"]} if identity else {})

    patch.setattr(Form, "facts", remembered)


def in_a_search(patch: Patch) -> None:
    """A search finds what there is, whoever asks, and tells of it past the policy."""
    patch.setattr(matching, "_mine", lambda _session, _actor, found, *_: sorted(found))
    told = pick(Case.reference)
    patch.setattr(matching, "_hits", lambda session, _asked, cases: [
        {"reference": one} for one in session.execute(told.where(col(Case.id).in_(cases))).scalars()
    ])  # fmt: skip


def in_an_exception(patch: Patch) -> None:
    """An error of the door carries what it was given."""
    understood = engine.understood

    def careless(move: Any, told: object) -> Form:
        try:
            return understood(move, told)
        except BadForm as bad:
            bad.args = (f"cannot read {told}",)
            raise

    patch.setattr(engine, "understood", careless)


def in_an_account(patch: Patch) -> None:
    """What is handed over names others."""
    patch.setattr(redaction, "_masked", lambda word, _: word)


def in_the_ledger(patch: Patch) -> None:
    """Who looks up who saw the address, sees it."""
    shown = reveals._line
    patch.setattr(reveals, "_line", lambda row: shown(row) | {"says": f"{WILLOW.town}, {WILLOW.postcode.lower()}"})


# fmt: off
LEAKS: dict[str, tuple[Callable[[Patch], None], str, str]] = {
    # where                    how                what is found        by which way, as it begins
    "the event's body":        (in_the_event,     "last name",         "file bundle.json"),
    "the log":                 (in_the_log,       "last name",         "log"),
    "a refusal":               (in_a_refusal,     "post code of the house", "POST "),
    "a mail":                  (in_a_mail,        "street of the house", "mail"),
    "a line of a list":        (in_a_list,        "last name",         "GET /v1/cases"),
    "a note in the timeline":  (in_the_timeline,  "note of a move",    "GET /v1/cases/{case}/timeline"),
    "a column in the clear":   (in_a_column,      "last name",         "database"),
    "a header":                (in_a_header,      "last name",         "GET /v1/cases/{case}"),
    "the facts of a strand":   (in_the_facts,     "day of birth",      "database"),
    "a search":                (in_a_search,      "the case itself",   "POST /v1/search"),
    "the text of an exception": (in_an_exception, "post code of the house", "exception"),
    "a person's account":      (in_an_account,    "associate",         "GET /v1/cases/{case}/account/preview"),
    "the ledger of reveals":   (in_the_ledger,    "post code of the house", "GET /v1/cases/{case}/reveals"),
}
# fmt: on
