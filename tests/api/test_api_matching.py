"""Search among one's own cases, and the question whether another service knows a person, over HTTP."""

from typing import Any

import pytest

from referral.access import May, Role, rights
from tests.api.knocking import Knocker
from tests.api.people import AGAIN, ELSE, THEM, check, named, search, written_down
from tests.workflows.walks import rows
from workflows.introducing import introduce

NOBODY = {"count": 0, "items": []}


@pytest.mark.parametrize(
    ("told", "found"),
    (
        ({"name": "Ștefania Țurcanu"}, True),
        ({"name": "turcanu stefania", "match": "exact"}, True),
        ({"name": "Shtefania Turcanu"}, True),
        ({"name": "Shtefania Turcanu", "match": "exact"}, False),
        ({"name": "Stefania Turcanu", "date_of_birth": "1999-03-04", "match": "exact"}, True),
        ({"name": "Stefania Turcanu", "date_of_birth": "1999-03-05", "match": "exact"}, False),
        ({"name": "Turcanu", "date_of_birth": "1999-04-03"}, True),
        ({"name": "Turcanu", "date_of_birth": "1998-03-04"}, True),
        ({"name": "Turcanu", "date_of_birth": "1998-03-05"}, False),
        ({"date_of_birth": "1999-03-04"}, True),
        ({"date_of_birth": "1999-03-04", "match": "exact"}, True),
        ({"date_of_birth": "1999-04-03"}, False),
        ({"name": "Meron Tekle"}, False),
    ),
    ids=str,
)
def test_a_search_finds_who_was_meant(api: Knocker, told: dict[str, Any], found: bool) -> None:
    navigator = api.role(Role.NAVIGATOR)
    case = written_down(api, navigator, THEM)
    written_down(api, navigator, {"first_name": "Somebody", "last_name": "Else"})
    answer = search(api, navigator, **told)
    assert answer.status_code == 200
    assert [hit["id"] for hit in answer.json()["items"]] == ([case] if found else [])
    assert answer.json()["count"] == int(found)


def test_a_hit_tells_reference_and_state_and_nothing_of_the_person(api: Knocker) -> None:
    navigator = api.role(Role.NAVIGATOR)
    written_down(api, navigator, THEM)
    answer = search(api, navigator, name="Turcanu Stefania")
    [hit] = answer.json()["items"]
    assert set(hit) == {"id", "reference", "open", "states"}
    assert hit["states"]["intake"] == "identified"
    assert not any(part.lower() in answer.text.lower() for part in ("turcanu", "țurcanu", "1999", "900123", "harbour"))


def test_a_case_of_another_agency_is_answered_like_one_that_does_not_exist(api: Knocker) -> None:
    written_down(api, api.role(Role.FIRST_RESPONDER), THEM)
    hidden = search(api, api.role(Role.NAVIGATOR), name="Stefania Turcanu")
    missing = search(api, api.role(Role.NAVIGATOR), name="Nowhere Nobody")
    assert hidden.json() == NOBODY
    assert hidden.content == missing.content
    assert set(hidden.headers) == set(missing.headers)


def test_at_most_twenty_are_shown_and_all_of_ones_own_are_counted(api: Knocker) -> None:
    navigator = api.role(Role.NAVIGATOR)
    for _ in range(22):
        written_down(api, navigator, AGAIN)
    written_down(api, api.role(Role.FIRST_RESPONDER), AGAIN)
    told = search(api, navigator, name="Turcanu", date_of_birth="1999-03-04").json()
    assert (told["count"], len(told["items"])) == (22, 20)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_search_and_check_are_for_the_roles_of_the_matrix(api: Knocker, role: Role) -> None:
    case = written_down(api, api.everybody(), ELSE)
    searches = {Role.NAVIGATOR, Role.SUPPORT_COORDINATOR, Role.CASEWORKER}
    checks = {Role.NAVIGATOR, Role.FIRST_RESPONDER, Role.CASEWORKER}
    assert search(api, api.role(role), name="Stefania Turcanu").status_code == (200 if role in searches else 403)
    assert (May.CHECK_DUPLICATES in rights((role.value,))) is (role in checks)
    if role is not Role.FIRST_RESPONDER:
        assert check(api, api.role(role), case).status_code == 404  # their agency takes no part


def test_a_partners_machine_searches_nothing(api: Knocker) -> None:
    name, _ = api.client()
    answer = search(api, api.token(f"client:{name}", ["cases:read"]), name="Stefania Turcanu")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize(
    "told",
    (
        {}, {"name": "Stefania"}, {"name": "??"}, {"name": "Turcanu", "date_of_birth": "1999-03-04", "match": "exact"},
        {"match": "sound"}, {"name": "A B", "more": 1}, {"name": "x" * 201}, {"date_of_birth": "4.3.99"},
    ),
    ids=str,
)  # fmt: skip
def test_a_search_for_too_little_is_refused_and_not_echoed(api: Knocker, told: dict[str, Any]) -> None:
    answer = search(api, api.role(Role.NAVIGATOR), **told)
    assert answer.status_code == 422
    assert "Turcanu" not in answer.text
    assert "Stefania" not in answer.text


def test_every_search_is_recorded_without_its_words(api: Knocker) -> None:
    written_down(api, api.role(Role.NAVIGATOR), THEM)
    search(api, api.role(Role.NAVIGATOR), name="Stefania Turcanu", date_of_birth="1999-03-04")
    assert rows(api.world, "select kind, agency, how, found, case_id from lookups") == [
        ("search", "navigators", "name birth sound", "1", None)
    ]


def test_sixty_searches_in_an_hour_are_enough(api: Knocker) -> None:
    who = api.role(Role.NAVIGATOR)
    answers = [search(api, who, date_of_birth="1999-03-04").status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]
    refused = search(api, who, date_of_birth="1999-03-04")
    assert (refused.json()["code"], refused.headers["retry-after"]) == ("too_many", "600")
    assert rows(api.world, "select count(*) from refusals where code = 'too_many'") == [(2,)]
    api.world.later(minutes=61)
    assert search(api, api.role(Role.NAVIGATOR), date_of_birth="1999-03-04").status_code == 200


def test_a_spoken_reference_finds_a_case_of_ones_own_and_ten_tries_are_enough(api: Knocker) -> None:
    who = api.role(Role.NAVIGATOR)
    case = written_down(api, who, THEM)
    [mine, other] = [
        rows(api.world, "select reference from cases where id = :case", case=one)[0][0]
        for one in (case, written_down(api, api.role(Role.FIRST_RESPONDER), ELSE))
    ]
    assert [hit["id"] for hit in search(api, who, reference=mine.lower().replace("-", " ")).json()["items"]] == [case]
    hidden, missing = search(api, who, reference=other), search(api, who, reference="0000-0000-0")
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content) == (200, hidden.content)
    assert hidden.json() == NOBODY
    assert [search(api, who, reference=other).status_code for _ in range(8)] == [200] * 7 + [429]
    assert search(api, who, name="Stefania Turcanu").status_code == 200
    assert search(api, who, reference=mine, name="Stefania Turcanu").status_code == 422


def test_nobody_known_elsewhere_is_none(api: Knocker) -> None:
    officer = api.role(Role.FIRST_RESPONDER)
    case = written_down(api, officer, THEM)
    written_down(api, api.role(Role.NAVIGATOR), ELSE)
    answer = check(api, officer, case)
    assert answer.status_code == 200
    assert (answer.json()["answer"], answer.json()["items"]) == ("none", [])


def test_ones_own_other_case_is_yours_and_named(api: Knocker) -> None:
    officer = api.role(Role.FIRST_RESPONDER)
    first, second = written_down(api, officer, THEM), written_down(api, officer, AGAIN)
    told = check(api, officer, second).json()
    assert told["answer"] == "yours"
    assert [hit["id"] for hit in told["items"]] == [first]


def test_a_case_elsewhere_is_one_sentence_and_not_a_word_more(api: Knocker) -> None:
    officer = api.role(Role.FIRST_RESPONDER)
    other = written_down(api, api.role(Role.NAVIGATOR), THEM)
    case = written_down(api, officer, AGAIN)
    answer = check(api, officer, case)
    assert answer.json() == {
        "answer": "desk",
        "says": "Another service may know this person: ask through the duty contact.",
        "items": [],
    }
    assert other not in answer.text


def test_whoever_was_told_desk_finds_both_duty_teams_asked(api: Knocker) -> None:
    officer = api.role(Role.FIRST_RESPONDER)
    other = written_down(api, api.role(Role.NAVIGATOR), THEM)
    case = written_down(api, officer, AGAIN)
    for _ in range(2):
        assert check(api, officer, case).json()["answer"] == "desk"
    for _ in range(2):
        introduce(api.world.db, api.world.law, api.world.now)
    for who, one in ((officer, case), (api.role(Role.NAVIGATOR), other)):
        shown = api.http.get(f"/v1/cases/{one}", headers=who)
        [strand] = [s for s in shown.json()["strands"] if s["workflow"] == "introduction"]
        assert (strand["state"], strand["about"]) == ("asked", {})
        assert api.move(who, one, "introduction.agree").status_code == 200
    introduce(api.world.db, api.world.law, api.world.now)
    [reference] = rows(api.world, "select reference from cases where id = :case", case=other)[0]
    shown = api.http.get(f"/v1/cases/{case}", headers=officer).json()
    assert [s["about"] for s in shown["strands"] if s["workflow"] == "introduction"] == [{"with_reference": reference}]


def test_a_check_before_anything_was_saved_is_refused(api: Knocker) -> None:
    officer = api.role(Role.FIRST_RESPONDER)
    case = str(api.opened(officer)["case"])
    assert [reason["code"] for reason in check(api, officer, case).json()["reasons"]] == ["no_identity"]
    named(api, officer, case, {"first_name": "Stefania", "last_name": "Turcanu"})
    assert check(api, officer, case).status_code == 409
    named(api, officer, case, {"date_of_birth": "1999-03-04"})
    assert check(api, officer, case).status_code == 200


def test_a_check_needs_a_purpose(api: Knocker) -> None:
    officer = api.role(Role.FIRST_RESPONDER)
    case = written_down(api, officer, THEM)
    assert check(api, officer, case, "curious").status_code == 422
    assert api.http.post(f"/v1/cases/{case}/duplicates", headers=officer, json={}).status_code == 422


def test_a_stranger_gets_the_404_of_a_missing_case(api: Knocker) -> None:
    case = written_down(api, api.role(Role.FIRST_RESPONDER), THEM)
    stranger = api.role(Role.FIRST_RESPONDER, "stranger")
    hidden, missing = check(api, stranger, case), check(api, stranger, "0" * 32)
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content


def test_ten_checks_an_hour_are_enough_for_a_whole_agency(api: Knocker) -> None:
    officer = api.role(Role.FIRST_RESPONDER)
    case = written_down(api, officer, THEM)
    assert [check(api, officer, case).status_code for _ in range(11)] == [200] * 10 + [429]
    assert check(api, api.everybody(), case).status_code == 429  # a colleague of the same agency
    assert rows(api.world, "select distinct kind, how, found, case_id from lookups") == [
        ("duplicates", "before_referral", "none", case)
    ]


def test_whoever_may_not_read_a_name_is_not_shown_a_note_that_holds_one(api: Knocker) -> None:
    officer, keeper = api.role(Role.FIRST_RESPONDER), api.everybody()
    case = written_down(api, officer, THEM)
    for move, note in (("lose", "Stefania is calm."), ("find", "She is tired.")):
        assert api.move(officer, case, f"contact.{move}", note=note).status_code == 200
    with api.world.db.write() as session:
        from referral.models import User
        from tests.api.knocking import EVERYTHING

        user = session.get(User, EVERYTHING)
        assert user is not None
        user.roles = "housing_coordinator"  # reads how somebody is reached, and a name only in short
    shown = {who: api.http.get(f"/v1/cases/{case}/timeline", headers=token).text for who, token in
             (("officer", officer), ("keeper", keeper))}  # fmt: skip
    assert ("calm" in shown["officer"], "tired" in shown["officer"]) == (True, True)
    assert ("calm" in shown["keeper"], "tired" in shown["keeper"]) == (False, True)
