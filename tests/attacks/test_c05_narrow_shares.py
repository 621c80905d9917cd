"""Attack group c05: an agency whose basis covers few classes of data tries every look, and the lists, for the others."""

from itertools import combinations
from typing import Any

import pytest
from sqlmodel import select

from api.sight import level_of
from referral.access import Group, Level, Role
from referral.access.policy import LEVELS
from referral.basis import CLASSES
from referral.models import Participant, Strand
from tests.api.knocking import Knocker
from tests.api.people import THEM, search, written_down
from tests.attacks.relations import CANARIES, NOTES, Standing, looks, seen, stand
from tests.world import user_id

COVERED = [("C1", *rest) for many in range(4) for rest in combinations(CLASSES[1:], many)]
MOVE = "disqualification.drop"  # of a workflow whose state is of class C3; it does not begin where this stands
READERS = (Role.SUPPORT_WORKER, Role.CASEWORKER, Role.NAVIGATOR, "client")


def narrow(api: Knocker, case: str, *classes: str, **changed: Any) -> None:
    """From now on every part in the case covers these classes alone."""
    with api.world.db.write() as session:
        for row in session.exec(select(Participant).where(Participant.case_id == case)):
            row.classes = " ".join(classes)
            for name, value in changed.items():
                setattr(row, name, value)
            session.add(row)


def texts(level: Level) -> list[str]:
    """What stands in the fields of a class."""
    fields = {
        **{group: text for group, (_, text, *_) in CANARIES.items()},
        **{g: text for g, (_, text) in NOTES.items()},
    }
    return [text for group, text in fields.items() if LEVELS[group] is level]


def disqualified(api: Knocker, case: str) -> None:
    with api.world.db.write() as session:
        row = session.exec(select(Strand).where(Strand.case_id == case, Strand.workflow == "disqualification")).one()
        row.state = "disqualified"
        session.add(row)


def listed(api: Knocker, who: Standing, **query: str) -> list[str]:
    answer = api.http.get("/v1/cases", headers=who.headers, params=query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


@pytest.mark.parametrize("column", READERS)
def test_no_look_shows_a_field_of_a_class_that_is_not_covered(api: Knocker, column: str) -> None:
    who = stand(api, column, "duty team")
    narrow(api, who.case, *CLASSES)
    whole = seen(looks(api, who))
    classes = {LEVELS[group] for group, sign in whole.items() if sign != "nothing"}
    assert {Level.WORKFLOW, Level.SPECIAL} <= classes  # the control: there is something to hide
    for covered in COVERED:
        narrow(api, who.case, *covered)
        answers = looks(api, who)
        found = seen(answers)
        for group, sign in found.items():
            kept = LEVELS[group] in covered or LEVELS[group] is Level.OPEN
            if not kept and group is Group.STAFF:
                assert sign != "whole", covered  # a role and a desk, and nobody's name
            elif not kept:
                assert sign == "nothing", (covered, group)
            elif group not in (Group.REASONS, Group.PLAN):  # told with the move that they were said to
                assert sign == whole[group], (covered, group)
        told = "".join(answer.text for answer in answers.values())
        for level in set(Level) - {*covered, Level.OPEN}:
            assert not [text for text in texts(level) if text in told], (covered, level)


@pytest.mark.parametrize("column", READERS)
def test_without_the_class_of_the_workflow_the_case_is_not_there(api: Knocker, column: str) -> None:
    who = stand(api, column, "duty team")
    assert listed(api, who) == [who.case]
    for covered in ((), ("C2",), ("C2", "C3", "C4")):
        narrow(api, who.case, *covered)
        assert {answer.status_code for answer in looks(api, who).values()} == {404}
        assert listed(api, who) == []


def test_no_list_finds_a_case_by_a_state_that_is_not_covered(api: Knocker) -> None:
    who = stand(api, Role.CASEWORKER, "duty team")
    narrow(api, who.case, *CLASSES)
    disqualified(api, who.case)
    by_state = {"workflow": "disqualification", "state": "disqualified"}
    assert listed(api, who, **by_state) == [who.case]
    assert level_of("disqualification") is Level.SPECIAL
    narrow(api, who.case, "C1", "C2")
    assert listed(api, who) == [who.case]
    assert listed(api, who, **by_state) == listed(api, who, workflow="disqualification") == []
    shown = api.http.get("/v1/cases", headers=who.headers).json()["items"][0]
    assert "disqualification" not in shown["states"]
    assert "decision" in shown["states"]


def test_a_refused_move_does_not_tell_a_state_that_is_not_covered(api: Knocker) -> None:
    who = stand(api, Role.CASEWORKER, "duty team")
    narrow(api, who.case, *CLASSES)
    disqualified(api, who.case)
    told = api.move(who.headers, who.case, MOVE, reason="other")
    assert [reason["code"] for reason in told.json().get("reasons", ())] == ["wrong_state"], told.text
    narrow(api, who.case, "C1", "C2")
    refused = api.move(who.headers, who.case, MOVE, reason="other")
    assert (told.status_code, refused.status_code) == (409, 409)
    assert not refused.json().get("reasons")
    assert "disqualified" not in refused.text


def test_nobody_is_found_by_their_name_where_who_they_are_is_not_covered(api: Knocker) -> None:
    who = api.role(Role.NAVIGATOR)
    case = written_down(api, who, THEM)
    name = f"{THEM['first_name']} {THEM['last_name']}"
    assert [hit["id"] for hit in search(api, who, name=name).json()["items"]] == [case]
    narrow(api, case, "C1")
    assert search(api, who, name=name).json() == {"count": 0, "items": []}
    reference = api.http.get(f"/v1/cases/{case}", headers=who).json()["reference"]
    assert [hit["id"] for hit in search(api, who, reference=reference).json()["items"]] == [case]


def test_a_share_that_has_ended_covers_nothing_and_two_parts_cover_what_either_does(api: Knocker) -> None:
    who = stand(api, Role.NAVIGATOR, "duty team")
    narrow(api, who.case, "C1")
    with api.world.db.write() as session:
        row = session.exec(select(Participant).where(Participant.case_id == who.case)).one()
        told = row.model_dump() | {"part": "partner", "classes": "C1 C2", "purpose": "sharing", "basis": "consent"}
        session.add(Participant(**told))
    assert seen(looks(api, who))[Group.IDENTITY] == "whole"
    narrow(api, who.case, "C1", "C2", "C3", "C4", ends_on=api.world.now)
    assert {answer.status_code for answer in looks(api, who).values()} == {404}
    assert user_id(Role.NAVIGATOR, "navigators") != who.actor  # an invented one of their own
