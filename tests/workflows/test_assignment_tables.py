"""Who is responsible: nobody is shown to a service without asking them, and a service that has finished lets go."""

from tests.workflows.picturing import COLLEAGUE, effect, picture, why_not

NEAR = frozenset({("harbour", "support"), ("eastshire", "first_responder"), ("navigators", "referrer")})


def test_nobody_is_shown_to_a_service_who_has_not_asked_for_support_and_agreed() -> None:
    assert why_not("assignment.open", picture()) == ["no_consent", "no_support_wanted"]
    assert why_not("assignment.open", picture(agreed=("support",), others={"support": "declined"})) == [
        "no_support_wanted"
    ]
    assert why_not("assignment.open", picture(agreed=("support",), others={"support": "requested"})) == []
    offered = picture("assignment.unassigned", others={"support": "requested"})
    assert why_not("assignment.offer", offered, provider="harbour") == ["no_consent"]


def test_a_service_that_has_finished_gives_the_case_back_to_who_referred() -> None:
    ended = effect("assignment.end", picture("assignment.active", {"worker": COLLEAGUE}, parts=NEAR), reason="over")
    assert ended.case == {"owner_agency": "eastshire", "owner_user": None}
    alone = effect("assignment.end", picture("assignment.active", parts=frozenset()), reason="over")
    assert alone.case["owner_agency"] == "harbour"


def test_a_service_that_was_only_asked_does_not_go_on_seeing_the_case() -> None:
    asked = picture("assignment.offered", {"provider": "lantern"}, parts=NEAR | {("lantern", "support")})
    ended = effect("assignment.end", asked, reason="over")
    assert (ended.leave, ended.case) == ((("lantern", "support"),), {})


def test_a_deputy_who_becomes_the_worker_no_longer_stands_in_for_themselves() -> None:
    held = picture("assignment.held", {"deputy": COLLEAGUE})
    assert effect("assignment.propose", held, worker=COLLEAGUE).forget == ("deputy",)
    assert effect("assignment.propose", held, worker="e" * 32).forget == ()
