"""Sharing that ends by itself: on its last day, with its agreement, and whether or not any heartbeat runs."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from api import agreements
from referral.access import Role
from referral.errors import Blocked, NotFound
from referral.snapshot import AgencyRow
from referral.storage import Wanted, door
from tests.factories import codes, facts, strand
from tests.workflows.walks import OFFICER, SPOKEN, beats, rows, submitted
from tests.world import World, a, law
from workflows import catalogue
from workflows.ask import Ask
from workflows.consent import CONSENT, Agreed, Given
from workflows.engine import perform
from workflows.jurisdiction import Law, Term
from workflows.law_files import LawError, read_law
from workflows.offered import offered

BORDER = a(Role.FIRST_RESPONDER, "border")
TODAY = date(2026, 9, 16)
SHARES: dict[str, Any] = {
    "language": "en", "interpreter": "none_needed", "how": "written", "notice_version": "2024-10", "purpose": "sharing",
    "shared_with": "border", "classes": ["C1"], "due_on": date(2026, 10, 16),
}  # fmt: skip


def strict() -> Law:
    """The shipped rules, with a running agreement asked for."""
    places = {}
    for key, place in law().items():
        term = place.terms["sharing_needs_agreement"]
        on = Term(term.name, term.says, tuple(replace(version, value=True) for version in term.versions))
        places[key] = replace(place, terms={**place.terms, term.name: on})
    return places


@pytest.mark.parametrize(
    ("changes", "refused"),
    (
        ({},                                                   []),
        ({"due_on": None},                                     ["needs_end"]),
        ({"due_on": date(2027, 9, 16)},                        []),
        ({"due_on": date(2027, 9, 17)},                        ["lasts_too_long"]),
        ({"due_on": date(2026, 9, 15)},                        ["already_over"]),
        ({"classes": []},                                      ["needs_classes"]),
        ({"classes": ["C1", "C4"]},                            ["never_shared"]),
        ({"how": "verbal"},                                    ["needs_witness"]),
        ({"how": "verbal", "witness": "advocate"},             []),
        ({"shared_with": "nobody"},                            ["no_such_agency"]),
        ({"due_on": None, "classes": [], "how": "verbal"},     ["needs_end", "needs_classes", "needs_witness"]),
        ({"purpose": "support", "due_on": None, "classes": ["C4"]}, []),
    ),
)  # fmt: skip
def test_sharing_has_a_recipient_an_end_and_classes_and_is_written(changes: dict[str, Any], refused: list[str]) -> None:
    form = Given(**{**SHARES, **changes})
    seen = facts(None, form=form, child="no")
    assert codes(CONSENT, "give", replace(seen, agencies={**seen.agencies, **known()})) == refused


def known() -> Any:
    return {"border": AgencyRow("border", "border_force", active=True, nation="england")}


def test_a_renewal_of_sharing_is_held_to_the_same() -> None:
    given = strand("consent", "given", purpose="sharing", shared_with="border", classes=["C1"])
    said = {name: SHARES[name] for name in ("language", "interpreter", "how", "notice_version")}
    assert codes(CONSENT, "renew", facts(given, form=Agreed(**said), child="no")) == ["needs_end"]
    soon = Agreed(**said, due_on=date(2026, 10, 1))
    assert codes(CONSENT, "renew", facts(given, form=soon, child="no")) == []


def test_no_class_is_known_but_the_four() -> None:
    with pytest.raises(ValidationError):
        Given(**{**SHARES, "classes": ["C5"]})


def share(world: World, case: str, days: int = 30) -> None:
    last = (world.now.date() + timedelta(days=days)).isoformat()
    told = {"purpose": "sharing", "shared_with": "border", "classes": ["C1", "C2"], "due_on": last, "how": "written"}
    world.ask(OFFICER, "consent.give", case, **told, **SPOKEN)


def sees(world: World, case: str) -> bool:
    try:
        return bool(offered(world.db, world.law, BORDER, case, world.now))
    except NotFound:
        return False


def test_the_next_look_after_the_last_day_is_refused_although_no_heartbeat_ran(world: World) -> None:
    case = submitted(world)
    share(world, case)
    world.now = datetime(2026, 10, 16, 22, 59, 59, tzinfo=UTC)  # a second before midnight, where the case is
    assert sees(world, case)
    world.later(seconds=1)
    assert not sees(world, case)
    with door(world.db) as looking:
        found = looking.read(Wanted(case=case, cases=[case], agency="border", now=world.now))
    assert not found.cases  # neither can a form name the case
    assert rows(world, "select until from participants where agency_id = 'border'") == [(None,)]  # nothing recorded it


def test_the_heartbeat_records_what_has_ended_with_the_instant_at_which_it_did(world: World, tmp_path: Path) -> None:
    case = submitted(world)
    share(world, case)
    beats(world, tmp_path, days=40)
    assert rows(world, "select count(*) from participants where agency_id = 'border' and until = ends_on") == [(1,)]
    assert not sees(world, case)


def test_agreed_to_anew_the_agency_sees_the_case_again_and_the_new_end_holds(world: World, tmp_path: Path) -> None:
    case = submitted(world)
    share(world, case)
    beats(world, tmp_path, days=40)
    last = (world.now.date() + timedelta(days=5)).isoformat()
    world.ask(OFFICER, "consent.give_after_all", case, how="written", due_on=last, **SPOKEN)
    assert sees(world, case)
    world.later(days=7)
    assert not sees(world, case)


def test_renewed_after_its_end_and_before_any_heartbeat_it_goes_on(world: World) -> None:
    case = submitted(world)
    share(world, case)
    world.later(days=31)
    assert not sees(world, case)
    number = rows(world, "select max(number) from strands where workflow = 'consent'")[0][0]
    last = (world.now.date() + timedelta(days=5)).isoformat()
    form = {"how": "written", "due_on": last, **SPOKEN}
    perform(world.db, world.law, Ask(a(OFFICER), "consent.renew", world.now, case=case, strand=str(number), form=form))
    assert sees(world, case)


def agree(world: World, **more: Any) -> str:
    told = {
        "from_agency": "eastshire-police", "to_agency": "border", "purposes": ["sharing"], "classes": ["C1", "C2"],
        "starts_on": world.now.date(), "ends_on": world.now.date() + timedelta(days=10), "source": "Paper 1", **more,
    }  # fmt: skip
    with world.db.write() as session:
        return agreements.add(session, agreements.NewAgreement(**told), world.now, "Europe/London").id


def test_without_a_running_agreement_nothing_is_shared_where_the_law_asks_for_one(world: World) -> None:
    world.law = strict()
    case = submitted(world)
    for useless in (
        {"to_agency": "harbour"}, {"from_agency": "navigators"}, {"purposes": ["support"]}, {"classes": ["C1"]},
        {"starts_on": world.now.date() + timedelta(days=1)},
    ):  # fmt: skip
        agree(world, **useless)
    with pytest.raises(Blocked) as refused:
        share(world, case)
    assert [reason.code for reason in refused.value.reasons] == ["no_agreement"]
    agree(world)
    share(world, case)
    assert sees(world, case)


def test_an_offer_to_a_service_needs_one_as_well(world: World) -> None:
    world.law = strict()
    case = submitted(world)
    coordinator = a(Role.SUPPORT_COORDINATOR, "eastshire-police")
    with pytest.raises(Blocked) as refused:
        world.ask(coordinator, "assignment.offer", case, provider="harbour")
    assert [reason.code for reason in refused.value.reasons] == ["no_agreement"]
    agree(world, to_agency="harbour", purposes=["support"], classes=["C1"])
    world.ask(coordinator, "assignment.offer", case, provider="harbour")


def test_what_rests_on_an_agreement_ends_with_it_by_itself_and_when_it_is_ended(world: World) -> None:
    case = submitted(world)
    paper = agree(world)
    share(world, case)
    assert sees(world, case)
    world.later(days=10)
    assert sees(world, case)
    world.later(days=1)
    assert not sees(world, case)
    world.later(days=-5)
    assert sees(world, case)
    with world.db.write() as session:
        agreements.end(session, paper, "border", world.now)
    assert not sees(world, case)
    with world.db.write() as session:  # asking twice changes nothing
        assert agreements.end(session, paper, None, world.now + timedelta(days=1)).ended_at == world.now
    with world.db.write() as session, pytest.raises(NotFound):
        agreements.end(session, paper, "stranger", world.now)


def test_an_agreement_is_dated_and_never_about_where_a_person_is(world: World) -> None:
    for wrong in ({"classes": ["C4"]}, {"ends_on": TODAY - timedelta(days=1)}, {"to_agency": "eastshire-police"}):
        with pytest.raises(ValidationError):
            agree(world, **wrong)
    with pytest.raises(Blocked):
        agree(world, to_agency="no-such-agency")


OWN = """
[[override]]
jurisdiction = "england-and-wales"
term         = "{term}"
value        = {value}
from         = 2027-01-01
source       = "Invented"
why          = "All agreements are recorded."
"""


def test_an_installation_turns_the_need_for_an_agreement_on_from_a_day_on(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN.format(term="sharing_needs_agreement", value="true"))
    place = read_law(catalogue.known(), tmp_path)["england-and-wales"]
    days = (date(2026, 12, 31), date(2027, 1, 1), date(2028, 1, 1))
    assert [place.term("sharing_needs_agreement", day) for day in days] == [False, True, True]


@pytest.mark.parametrize(
    ("term", "value", "says"),
    (
        ("verbal_consent", "true", "no house default"),  # the law's, not ours
        ("no_such_term", "true", "no house default"),
        ("sharing_needs_agreement", '"yes"', "value"),
    ),
)
def test_what_the_law_says_is_no_installation_s_to_change(tmp_path: Path, term: str, value: str, says: str) -> None:
    (tmp_path / "own.toml").write_text(OWN.format(term=term, value=value))
    with pytest.raises(LawError, match=says):
        read_law(catalogue.known(), tmp_path)
