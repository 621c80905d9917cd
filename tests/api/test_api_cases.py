"""Reading cases over HTTP: what is shown, to whom, in which order, and that every look is recorded."""

from typing import Any

import pytest
from pydantic import BaseModel
from sqlmodel import col, select

from api import cursors, schemas
from referral.access import Part, Role
from referral.models import Participant, Read
from tests.api.knocking import SCOPES, Knocker


def listed(api: Knocker, who: dict[str, str], query: str = "", of: str = "cases") -> list[str]:
    answer = api.http.get(f"/v1/{of}?{query}", headers=who)
    assert answer.status_code == 200, answer.text
    return [case.id for case in schemas.CasePage.model_validate(answer.json()).items]


LOOKS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("", schemas.CaseShown),
    ("/offered", schemas.Offers),
    ("/timeline", schemas.Timeline),
    ("/deadlines", schemas.Deadlines),
    ("/answers", schemas.AnswersShown),
    ("/completeness", schemas.Completeness),
)


@pytest.mark.parametrize(("tail", "shape"), LOOKS)
def test_a_look_has_the_shape_that_is_documented_and_is_recorded(
    api: Knocker, tail: str, shape: type[BaseModel]
) -> None:
    who = api.role(Role.NAVIGATOR)
    case = api.opened(who)
    answer = api.http.get(f"/v1/cases/{case['case']}{tail}", headers=who)
    assert answer.status_code == 200, answer.text
    shape.model_validate(answer.json())
    assert answer.headers["etag"] == case["etag"]
    with api.world.db.read() as session:
        looks = session.exec(select(Read.what).where(col(Read.case_id) == case["case"])).all()
    assert list(looks) == [tail.strip("/") or "case"]


def test_a_hidden_case_that_was_asked_for_is_not_recorded_as_seen(api: Knocker) -> None:
    case = api.opened(api.role(Role.NAVIGATOR))["case"]
    assert api.http.get(f"/v1/cases/{case}", headers=api.role(Role.SUPPORT_WORKER)).status_code == 404
    with api.world.db.read() as session:
        assert not session.exec(select(Read)).all()


def test_a_case_shows_strands_owner_participants_and_deadlines(api: Knocker) -> None:
    who = api.role(Role.NAVIGATOR)
    case = api.opened(who)["case"]
    shown = api.http.get(f"/v1/cases/{case}", headers=who).json()
    assert shown["states"] == {"intake": "identified", "contact": "in_contact"}
    assert shown["participants"][0]["agency"] == shown["owner"]["agency"] == "navigators"
    assert "referral_after_encounter" in {deadline["name"] for deadline in shown["deadlines"]}
    assert shown["child"] == "no"


def test_of_several_consents_each_says_what_it_is_about_and_none_stands_for_all(api: Knocker) -> None:
    who = api.role(Role.NAVIGATOR)
    case = api.opened(who)["case"]
    for purpose in ("support", "police"):
        refused = api.move(who, case, "consent.refuse", purpose=purpose, language="en", interpreter="none_needed")
        assert refused.status_code == 200, refused.text
    shown = api.http.get(f"/v1/cases/{case}", headers=who).json()
    told = {strand["number"]: strand["about"] for strand in shown["strands"] if strand["workflow"] == "consent"}
    assert told == {1: {"purpose": "support"}, 2: {"purpose": "police"}}
    assert {strand["about"] is None for strand in shown["strands"] if strand["workflow"] != "consent"} == {True}
    listed_states = api.http.get("/v1/cases", headers=who).json()["items"][0]["states"]
    assert listed_states == shown["states"]
    assert "consent" not in listed_states


def test_a_page_leads_to_the_next_and_none_is_shown_twice_or_left_out(api: Knocker) -> None:
    who = api.role(Role.NAVIGATOR)
    opened = [api.opened(who)["case"] for _ in range(5)]  # at the same instant: the id decides
    for _ in range(2):
        api.world.later(seconds=1)
        opened.append(api.opened(who)["case"])
    seen, cursor = list[str](), ""
    while True:
        page = api.http.get(f"/v1/cases?limit=3{cursor}", headers=who).json()
        seen += [case["id"] for case in page["items"]]
        if page["next"] is None:
            break
        assert len(page["items"]) == 3
        cursor = f"&cursor={page['next']}"
        api.world.later(seconds=1)
        api.opened(who)  # what is opened meanwhile moves nothing
    assert sorted(seen) == sorted(opened)
    assert seen == listed(api, who)[2:]


def test_a_list_holds_only_what_the_agency_takes_part_in_and_each_once(api: Knocker) -> None:
    mine, other = api.role(Role.NAVIGATOR), api.role(Role.FIRST_RESPONDER)
    case = api.opened(mine)["case"]
    theirs = api.opened(other)["case"]
    assert (listed(api, mine), listed(api, other)) == ([case], [theirs])
    assert listed(api, api.role(Role.SUPPORT_WORKER)) == []


def test_a_list_can_be_narrowed(api: Knocker) -> None:
    who, other = api.role(Role.NAVIGATOR), api.token(f"client:{api.client('navigators')[0]}", SCOPES)
    adult, child = api.opened(who)["case"], api.opened(who, under_18="yes")["case"]
    desk = api.opened(other)["case"]
    assert set(listed(api, who, "workflow=intake&state=identified")) == {adult, child, desk}
    assert listed(api, who, "workflow=child") == [child]
    assert set(listed(api, who, "owner=me")) == {adult, child}
    assert set(listed(api, who, "owner=agency")) == {adult, child, desk}
    assert listed(api, who, "open=false") == []
    assert listed(api, who, "overdue=true") == []
    api.world.later(days=10)
    who = api.role(Role.NAVIGATOR)
    assert set(listed(api, who, "overdue=true")) == {adult, child, desk}
    assert api.http.get("/v1/cases", headers=who).json()["items"][0]["overdue"] is True
    assert api.move(who, adult, "intake.advise", outcome="checked").status_code == 200
    assert listed(api, who, "open=true&workflow=intake&state=advised") in ([adult], [])
    assert adult in listed(api, who, "workflow=intake&state=advised")


WRONG = """
limit=0 limit=101 limit=x limit= x=1 limit=1&limit=2 open=maybe owner=you state=identified workflow=dance operation=x
workflow=intake&state=dance workflow=%ff workflow=%00 cursor= cursor=x cursor=%00 cursor=YzE6MQ
cursor=YzE6OTk5OTk5OTk5OTk5OTk5OTk5OjAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw
"""


@pytest.mark.parametrize("query", (*WRONG.split(), "cursor=" + "A" * 300))
def test_a_wrong_query_is_refused(api: Knocker, query: str) -> None:
    answer = api.http.get(f"/v1/cases?{query}", headers=api.role(Role.NAVIGATOR))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["code"] in ("bad_query", "bad_cursor")


def test_a_cursor_is_only_what_was_given_out(api: Knocker) -> None:
    for text in ("c1:1:" + "0" * 32, "t1:5"):
        sealed = cursors._seal(text)
        assert cursors._open(sealed) == text
    with pytest.raises(Exception, match="cursor"):
        cursors.event_behind(cursors.of_case(api.world.now, "0" * 32))


def test_notes_are_for_whoever_may_make_such_a_move(api: Knocker) -> None:
    who = api.everybody()
    case = api.opened(who, note="Only for those who care.")["case"]
    assert notes(api, who, case)[0] == {"note": "Only for those who care."}
    narrow = api.token(f"client:{api.client()[0]}", ["cases:read"])
    assert notes(api, narrow, case)[0] == {"note": "Only for those who care."}  # of the agency that wrote them
    refer(api, who, case)
    sca = api.role(Role.CASEWORKER)
    assert api.http.get(f"/v1/cases/{case}", headers=sca).status_code == 200
    assert notes(api, sca, case)[0] is None


def notes(api: Knocker, who: dict[str, str], case: str) -> list[Any]:
    items = api.http.get(f"/v1/cases/{case}/timeline", headers=who).json()["items"]
    return [event["notes"] for event in items]


def refer(api: Knocker, who: dict[str, str], case: str) -> None:
    """Let the authority take part, without a form that is complete."""
    now = api.world.now
    part = Participant(case_id=case, agency_id="sca", part="authority", since=now, opened_at=now, open=True)
    with api.world.db.write() as session:
        session.add(part)


def test_a_timeline_is_read_page_by_page(api: Knocker) -> None:
    who = api.role(Role.NAVIGATOR)
    case = api.opened(who)["case"]
    for _ in range(3):
        api.move(who, case, "intake.make_safe")
    first = api.http.get(f"/v1/cases/{case}/timeline?limit=3", headers=who).json()
    rest = api.http.get(f"/v1/cases/{case}/timeline?limit=3&cursor={first['next']}", headers=who).json()
    assert [event["seq"] for event in first["items"] + rest["items"]] == [1, 2, 3, 4, 5]
    assert rest["next"] is None


def test_who_the_person_is_is_whole_for_those_who_prepare_and_short_for_a_manager(
    api: Knocker,
) -> None:
    who = api.role(Role.NAVIGATOR)
    case = api.opened(who)["case"]
    saved = api.move(who, case, "intake.save", answers={"under_18": "no"}, identity={"first_name": "Zoe"})
    assert saved.status_code == 200, saved.text
    told = api.http.get(f"/v1/cases/{case}/answers", headers=who).json()
    assert (told["identity"], told["answers"]["under_18"]) == ({"first_name": "Zoe"}, "no")
    manager = api.role(Role.MANAGER)
    assert api.http.get(f"/v1/cases/{case}", headers=manager).status_code == 200
    short = api.http.get(f"/v1/cases/{case}/answers", headers=manager).json()
    assert (short["identity"], short["withheld"]) == ({"first_name": "Z."}, ["first_name"])
    refused = api.http.get(f"/v1/cases/{case}/completeness", headers=manager)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    for tail in ("", "/timeline", "/offered", "/deadlines", "/completeness"):
        assert "Zoe" not in api.http.get(f"/v1/cases/{case}{tail}", headers=who).text


@pytest.mark.parametrize(("part", "status"), ((Part.LOCAL_AUTHORITY, 403), (Part.AUTHORITY, 200)))
def test_who_decides_reads_the_answers_of_its_own_cases_and_of_no_others(api: Knocker, part: Part, status: int) -> None:
    case = api.opened(api.role(Role.NAVIGATOR))["case"]
    with api.world.db.write() as session:
        now = api.world.now
        session.add(Participant(case_id=case, agency_id="sca", part=part, since=now, opened_at=now, open=True))
    caseworker = api.role(Role.CASEWORKER)
    assert api.http.get(f"/v1/cases/{case}", headers=caseworker).status_code == 200
    for tail in ("answers", "completeness"):
        assert api.http.get(f"/v1/cases/{case}/{tail}", headers=caseworker).status_code == status


def test_what_is_missing_is_told_before_it_is_asked_for(api: Knocker) -> None:
    who = api.role(Role.NAVIGATOR)
    case = api.opened(who)["case"]
    told = api.http.get(f"/v1/cases/{case}/completeness", headers=who).json()
    assert told["complete"] is False
    assert "reference" not in {item["field"] for item in told["items"]}


def test_what_is_offered_says_where_it_is_made(api: Knocker) -> None:
    who = api.role(Role.NAVIGATOR)
    case = api.opened(who)["case"]
    items = {item["move"]: item for item in api.http.get(f"/v1/cases/{case}/offered", headers=who).json()["items"]}
    assert items["intake.explain"]["yes"] is True
    refused = items["intake.submit"]
    assert (refused["yes"], refused["who"]) == (False, ["first_responder"])
    assert {reason["code"] for reason in refused["reasons"]} >= {"not_allowed", "wrong_state"}
    address = items["intake.make_safe"]["href"]
    assert api.http.post(address, headers=who | {"If-Match": "*"}, json={"form": {}}).status_code == 200
