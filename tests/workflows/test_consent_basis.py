"""What a participation covers, as a table; and that Python and both databases agree on who takes part."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import select
from sqlmodel import col

from referral.access import Part
from referral.basis import CLASSES, Basis, Participation, covers
from referral.db import Database
from referral.models import Agency, Agreement, Case, Participant
from referral.storage import Wanted, door
from referral.taking_part import in_plain_sql, takes_part
from tests.factories import facts, strand
from tests.world import START
from workflows.sharing import AS_WHAT, ON_CONSENT, participation

NOW = datetime(2026, 9, 16, 12, 0, tzinfo=UTC)
SOON, PAST = NOW + timedelta(days=1), NOW - timedelta(days=1)
WIDE = Participation("border", "partner", "consent", "sharing", ("C1", "C2", "C3", "C4"))


@pytest.mark.parametrize(
    ("changes", "purpose", "field_class", "covered"),
    (
        # what is changed                         purpose      class  covered
        ({},                                      "sharing",   "C1",  True),
        ({},                                      "sharing",   "C2",  True),
        ({},                                      "sharing",   "C4",  False),  # never by sharing, whatever stands there
        ({},                                      "support",   "C1",  False),
        ({},                                      "",          "C1",  False),
        ({},                                      "sharing",   "C5",  False),
        ({"classes": ("C1",)},                    "sharing",   "C2",  False),
        ({"classes": ()},                         "sharing",   "C1",  False),
        ({"until": PAST},                         "sharing",   "C1",  False),
        ({"ends_on": SOON},                       "sharing",   "C1",  True),
        ({"ends_on": NOW},                        "sharing",   "C1",  False),  # the instant of the end is outside
        ({"ends_on": PAST},                       "sharing",   "C1",  False),
        ({"agreement_until": PAST},               "sharing",   "C1",  False),
        ({"agreement_until": SOON},               "sharing",   "C1",  True),
        ({"basis": "public_task"},                "sharing",   "C1",  False),  # nothing but consent will do
        ({"basis": "invented"},                   "sharing",   "C1",  False),
        ({"basis": "public_task", "purpose": "support"}, "support", "C4", True),
        ({"basis": "notify_only", "purpose": "decision"}, "decision", "C1", True),
        ({"basis": "notify_only", "purpose": "decision"}, "decision", "C2", False),
        ({"basis": "legal_duty", "purpose": "decision"}, "decision", "C2", True),
        ({"basis": "child_safeguarding", "purpose": "safeguarding"}, "safeguarding", "C3", True),
    ),
)  # fmt: skip
def test_what_is_not_listed_is_not_covered(
    changes: dict[str, object], purpose: str, field_class: str, covered: bool
) -> None:
    assert covers(replace(WIDE, **changes), purpose, field_class, NOW) is covered  # type: ignore[arg-type]


def test_nothing_that_has_ended_covers_anything() -> None:
    for basis, purpose, of_class in product(Basis, ("sharing", "support", "decision"), CLASSES):
        over = replace(WIDE, basis=basis.value, purpose=purpose, ends_on=PAST)
        assert not covers(over, purpose, of_class, NOW)


def test_every_part_has_a_purpose_and_says_which_data() -> None:
    assert set(AS_WHAT) == set(Part)
    assert set(ON_CONSENT) <= set(AS_WHAT)


ADULT, ANONYMOUS = {"basis": "referral"}, {"basis": "notify_anonymous"}


@pytest.mark.parametrize(
    ("part", "child", "intake", "basis", "named"),
    (
        ("authority",       "no",       ADULT,                                   "public_task",        True),
        ("support",         "no",       ADULT,                                   "consent",            True),
        ("police",          "no",       ADULT,                                   "consent",            True),
        ("support",         "no",       {**ADULT, "best_interests": True},       "vital_interests",    True),
        ("partner",         "no",       {**ADULT, "best_interests": True},       "consent",            True),
        ("authority",       "no",       ANONYMOUS,                               "notify_only",        False),
        ("authority",       "no",       {"basis": "notify_named"},               "legal_duty",         True),
        ("local_authority", "yes",      ADULT,                                   "child_safeguarding", True),
        ("police",          "not_sure", ADULT,                                   "child_safeguarding", True),
        ("partner",         "yes",      ADULT,                                   "child_safeguarding", False),
    ),
)  # fmt: skip
def test_children_and_notifications_have_a_basis_of_their_own(
    part: str, child: str, intake: dict[str, object], basis: str, named: bool
) -> None:
    seen = facts(strand("intake", "drafting", **intake), child=child)
    share = participation(seen.case, seen.strands, "border", part, "Europe/London")
    assert share.basis == basis
    assert ("C2" in share.classes) is named


def test_the_accountable_agency_and_whoever_supports_never_end_by_themselves() -> None:
    agreed = [strand("consent", "given", 1, purpose=purpose, shared_with="border", due_on="2026-09-30")
              for purpose in ("support", "police", "sharing")]  # fmt: skip
    seen = facts(*agreed, child="no", owner_agency="navigators")
    ends = {
        (agency, part): participation(seen.case, seen.strands, agency, part, "Europe/London").ends_on
        for agency, part in product(("navigators", "border"), ("support", "police", "partner"))
    }
    midnight = datetime(2026, 9, 30, 23, 0, tzinfo=UTC)  # of the last day, where the case is
    assert {pair: end for pair, end in ends.items() if end} == {
        ("border", "police"): midnight, ("border", "partner"): midnight,
    }  # fmt: skip


def test_python_and_the_database_agree_on_who_takes_part(db: Database) -> None:
    ends = (None, PAST, NOW, SOON)
    cases = list(product((None, PAST), ends, ends))
    with db.write() as session:
        session.add_all(
            Agency(id=f"agency-{n}", name="Invented", kind="police", created_at=START) for n in range(len(cases))
        )
        session.add(Case(
            id="c" * 32, reference="7KQ4-2MX9-T", kind="person", jurisdiction="scotland", opened_at=START,
            updated_at=START, version=1, head=bytes(32), salt=bytes(16), open=True, owner_agency="agency-0",
        ))  # fmt: skip
        session.flush()
        for n, (until, ends_on, runs_until) in enumerate(cases):
            if runs_until is not None:
                session.add(Agreement(
                    id=f"{n:032x}", from_agency="agency-0", to_agency=f"agency-{n}", purposes="sharing", classes="C1",
                    starts_on=START.date(), ends_on=START.date(), runs_until=runs_until, source="-", made_at=START,
                ))  # fmt: skip
                session.flush()
            session.add(Participant(
                case_id="c" * 32, agency_id=f"agency-{n}", part="partner", since=START, opened_at=START, open=True,
                until=until, ends_on=ends_on, agreement_id=f"{n:032x}" if runs_until else None,
            ))  # fmt: skip
    expected = {
        f"agency-{n}"
        for n, (until, ends_on, runs_until) in enumerate(cases)
        if until is None and ends_on in (None, SOON) and runs_until in (None, SOON)
    }
    with db.read() as session:
        found = session.execute(select(col(Participant.agency_id)).where(takes_part(NOW)))
        assert {agency for (agency,) in found} == expected
    with door(db) as looking:
        snapshot = looking.read(Wanted(case="c" * 32))
    assert {agency for agency, _ in snapshot.parts_at(NOW)} == expected
    assert {share.agency for share in snapshot.shares if share.lasts(NOW)} == expected
    for n in range(len(cases)):  # and so does the text of the door's own statements
        agency = f"agency-{n}"
        with door(db) as looking:
            seen = looking.read(Wanted(case="c" * 32, cases=["c" * 32], agency=agency, now=NOW)).cases
        assert bool(seen) is (agency in expected)


def test_the_condition_is_one_text_for_every_statement() -> None:
    assert "ends_on" in in_plain_sql("m")
    assert in_plain_sql("m").count("?") == 2
