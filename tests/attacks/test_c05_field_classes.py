"""Attack group c05: fields. Each has a group; no canary leaves where its group may not be read, or can be inferred."""

import gc
from typing import Annotated

import pytest
from fastapi import FastAPI

from api import acts
from api.schemas import Answer
from api.sight import unclassed
from referral.access import READS, Code, Group, Level, Role
from referral.access.policy import LEVELS
from referral.form.fields import FIELDS
from tests.api.knocking import Knocker
from tests.attacks.relations import CANARIES, COLUMNS, NOTES, RELATIONS, looks, stand
from tests.told import told as form_of

WHOLE = (Code.TEAM, Code.OWN, Code.REFERRED, Code.SCOPE)
CASELESS = ("/v1/cases", "/v1/cases?open=true", "/v1/me")


@pytest.mark.parametrize("column", COLUMNS)
def test_no_canary_leaves_where_its_group_may_not_be_read_whole(api: Knocker, column: str) -> None:
    found = set[Group]()
    for relation in RELATIONS:
        who = stand(api, column, relation)
        texts = [look.text for look in looks(api, who).values()]
        texts += [api.http.get(path, headers=who.headers).text for path in CASELESS]
        planted = {group: text for group, (_, text, _, _) in CANARIES.items()}
        planted |= {group: text for group, (_, text) in NOTES.items()}
        for group, text in planted.items():
            if any(text in one for one in texts):
                found.add(group)
    allowed = {group for group in Group if READS[group][column] in WHOLE}
    assert found <= allowed
    assert found or column in (Role.AGENCY_ADMIN, Role.SYSTEM_ADMIN)  # the canaries can be found at all


@pytest.mark.parametrize("column", COLUMNS)
def test_no_part_of_an_address_leaves_by_any_look(api: Knocker, column: str) -> None:
    for relation in RELATIONS:
        who = stand(api, column, relation)
        for look in looks(api, who).values():
            assert "Wharfage" not in look.text


@pytest.mark.parametrize("column", (Role.FIRST_RESPONDER.value, Role.HOUSING_COORDINATOR.value))
def test_an_outcome_that_is_seen_in_short_cannot_be_filtered_for(api: Knocker, column: str) -> None:
    who = stand(api, column, "named")
    for state in ("cg_positive", "cg_negative"):
        sent = api.http.get(f"/v1/cases?workflow=decision&state={state}", headers=who.headers)
        assert (sent.status_code, sent.json()["code"]) == (403, "not_allowed")
    open_one = api.http.get("/v1/cases?workflow=intake&state=received", headers=who.headers)
    assert [case["id"] for case in open_one.json()["items"]] == [who.case]
    for tail, look in looks(api, who).items():
        assert "cg_positive" not in look.text, tail
        assert 'find_conclusive","strand' not in look.text or tail == "/offered"


@pytest.mark.parametrize(("role", "told"), ((Role.FIRST_RESPONDER, False), (Role.NAVIGATOR, True)))
def test_a_refusal_names_a_state_only_to_whoever_may_read_it(api: Knocker, role: Role, told: bool) -> None:
    who = stand(api, role, "named")
    address = f"/v1/cases/{who.case}/decision/ask_to_close"
    sent = api.http.post(
        address, headers=who.headers | {"If-Match": "*"}, json={"form": form_of("decision.ask_to_close")}
    )
    assert (sent.status_code, sent.json()["code"]) == (409, "not_offered"), sent.text
    assert ("cg_positive" in sent.text) is told


def test_a_list_and_a_single_look_say_the_same(api: Knocker) -> None:
    for column in COLUMNS:
        who = stand(api, column, "named")
        listed = api.http.get("/v1/cases", headers=who.headers)
        if listed.status_code != 200:
            assert column == Role.SYSTEM_ADMIN
            continue
        (line,) = listed.json()["items"]
        single = api.http.get(f"/v1/cases/{who.case}", headers=who.headers).json()
        assert {name: single[name] for name in line} == line, column


def test_every_field_of_every_answer_has_a_group() -> None:
    assert unclassed(acts.answers()) == []


def test_a_field_without_a_group_stops_the_start() -> None:
    class Forgetful(Answer):
        known: Annotated[str, Group.WORKFLOW]
        forgotten: str

    assert unclassed([Forgetful]) == ["Forgetful.forgotten"]
    with pytest.raises(ValueError, match=r"Forgetful\.forgotten"):
        acts.check(FastAPI())
    del Forgetful
    gc.collect()  # or it would stop every later start in this process
    acts.check(FastAPI())


def test_every_question_of_the_form_has_a_group_and_addresses_are_of_the_highest_level() -> None:
    for row in FIELDS:
        assert LEVELS[row.group] is not Level.OPEN, row.name
        if row.name.startswith("address_") or row.name == "current_town":
            assert row.group is Group.ADDRESS, row.name
        if row.name.startswith("someone_else"):
            assert LEVELS[row.group] is Level.LIFE, row.name
        if row.identity:
            assert LEVELS[row.group] is not Level.WORKFLOW, row.name


def test_what_is_withheld_is_named_and_not_told(api: Knocker) -> None:
    who = stand(api, Role.HOUSING_COORDINATOR, "named")
    told = api.http.get(f"/v1/cases/{who.case}/answers", headers=who.headers).json()
    assert told["identity"]["first_name"] == "Z."
    assert {"first_name", "address_street", "how_treated"} <= set(told["withheld"])
    assert "how_treated" not in told["answers"]
