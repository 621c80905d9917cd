"""Attack group c06: fields that nobody may set. What a body may hold is what its form declares, and nothing else."""

from typing import Any

import pytest
from sqlmodel import SQLModel

from api.v1.moves import Telling, rows
from referral.access import Role
from referral.models import Case, Member, Participant, User
from tests.api.knocking import MEETING, Knocker
from tests.told import told

# Columns that only the engine sets.
ENGINES = {
    "id", "version", "owner_user", "owner_agency", "head", "salt", "open", "case_id", "agency_id",
    "opened_at", "updated_at", "state", "next_due_at", "password_hash", "active",
}  # fmt: skip
ROWS = list(rows())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_no_form_takes_what_only_the_engine_sets(row: Any) -> None:
    form = row.move.asks
    assert not issubclass(form, SQLModel)
    assert form.model_config["extra"] == "forbid"
    assert not set(form.model_fields) & ENGINES


@pytest.mark.parametrize("name", sorted(ENGINES))
def test_an_engines_column_in_a_body_is_refused_and_changes_nothing(api: Knocker, name: str) -> None:
    who = api.role(Role.NAVIGATOR)
    before = api.counts()
    for body in ({"form": {**MEETING["form"], name: "x"}}, {**MEETING, name: "x"}):
        sent = api.http.post("/v1/cases", headers=who | api.key(), json=body)
        assert (sent.status_code, sent.json()["code"]) == (422, "bad_form")
    assert api.counts() == before


def test_the_same_body_without_it_is_taken(api: Knocker) -> None:
    assert api.http.post("/v1/cases", headers=api.role(Role.NAVIGATOR) | api.key(), json=MEETING).status_code == 201


def test_nobody_makes_themselves_accountable_or_a_member_through_a_move(api: Knocker) -> None:
    who = api.role(Role.NAVIGATOR)
    case = api.opened(who)["case"]
    extras: tuple[dict[str, Any], ...] = (
        {"owner_user": "0" * 32},
        {"enlist": ["0" * 32]},
        {"members": []},
        {"part": "authority"},
    )
    for extra in extras:
        sent = api.move(who, case, "contact.verify", **told("contact.verify"), **extra)
        assert (sent.status_code, sent.json()["code"]) == (422, "bad_form")
    with api.world.db.read() as session:
        row = session.get(Case, case)
        assert row is not None
        assert row.owner_user != "0" * 32


@pytest.mark.parametrize("extra", ({"agency_id": "sca"}, {"id": "0" * 32}, {"password_hash": "-"}, {"left_at": None}))
def test_no_member_of_staff_is_added_with_more_than_may_be_said(api: Knocker, extra: dict[str, Any]) -> None:
    new = {"name": "Zoe", "email": "zoe@example.org", "roles": ["navigator"]}
    who = api.role(Role.AGENCY_ADMIN)
    assert api.http.post("/v1/users", headers=who, json={**new, **extra}).status_code == 422
    assert api.http.post("/v1/users", headers=who, json=new).status_code == 201


def test_what_a_move_is_told_is_no_table() -> None:
    models: list[type] = [Telling, *(row.move.asks for row in ROWS)]
    for model in models:
        assert not issubclass(model, SQLModel)
    for table in (Case, Member, Participant, User):
        assert issubclass(table, SQLModel)  # the comparison above can find one
