from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from referral.access import Role
from tests.workflows.walks import (
    accepted,
    beats,
    damage,
    in_recovery,
    met,
    offered_to_harbour,
    proposed,
    rows,
    submitted,
)
from tests.world import World, a
from workflows.checking import check
from workflows.contact import Contact
from workflows.states import until

NOBODY = "ck_people_anonymous_is_nobody"
WORKER = a(Role.SUPPORT_WORKER).id


def found(world: World) -> list[str]:
    return [violation.what for violation in check(world.db, world.law, world.now)]


def test_nothing_is_wrong_on_any_of_sixty_days(world: World, tmp_path: Path) -> None:
    for walk in (met, submitted, offered_to_harbour, proposed, accepted, in_recovery):
        walk(world)
    assert found(world) == []
    for _ in range(60):
        beats(world, tmp_path, days=1)
        assert found(world) == []


# fmt: off
DAMAGES = [
    # to a case with an accepted worker                                                       what is told, in part
    ("update agencies set active = false where id = 'harbour'",                               "No working agency"),
    ("update users set active = false where id = :worker",                                    "The accountable worker"),
    ("update users set left_at = created_at where id = :worker",                              "The accountable worker"),
    ("update users set agency_id = 'lantern' where id = :worker",                             "The accountable worker"),
    ("update cases set owner_user = 'nobody'",                                                "The accountable worker"),
    ("update strands set state = 'proposed' where workflow = 'assignment'",                   "who has not accepted"),
    ("update strands set facts = '{}' where workflow = 'assignment'",                         "Another worker"),
    ("update strands set state = 'lost' where workflow = 'contact'",                          "which no table knows"),
    ("update strands set state = 'closed' where workflow = 'support'",                        "and support has ended"),
    ("update cases set open = false",                                                         "has ended"),
    ("update deadlines set strand_id = 'gone' where name = 'contact_check'",                  "belongs to no strand"),
    ("update deadlines set next_at = null where name = 'contact_check'",                      "will never look"),
    ("update deadlines set next_at = :long_ago where name = 'contact_check'",                 "should have been"),
    ("update cases set next_due_at = null",                                                   "nearest due time"),
    ("update deadlines set due_at = :long_ago where name = 'contact_check'",                  "nearest due time"),
    ("update messages set next_try_at = :long_ago",                                           "was not tried"),
    ("update messages set next_try_at = null, failed = 'TimeoutError'",                       "was given up"),
]  # fmt: skip
# fmt: on


@pytest.mark.parametrize(("statement", "told"), DAMAGES)
def test_whatever_no_longer_holds_is_told_with_its_case_and_what_to_do(world: World, statement: str, told: str) -> None:
    case = accepted(world)
    values: dict[str, Any] = {"worker": WORKER, "long_ago": world.now - timedelta(days=2)}
    if not world.db.is_postgres:
        values["long_ago"] = values["long_ago"].replace(tzinfo=None).isoformat(" ", "microseconds")
    damage(world, statement, **{name: value for name, value in values.items() if f":{name}" in statement})
    violations = check(world.db, world.law, world.now)
    (reference,) = rows(world, "select reference from cases where id = :case", case=case)[0]
    assert any(told in violation.what for violation in violations), violations
    assert {violation.case for violation in violations} == {reference}
    assert all(violation.mend for violation in violations)


def test_a_state_that_waits_for_a_deadline_alone_is_told_on_when_that_does_not_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Contact.IN_CONTACT, "waits", until("contact_check"))
    met(world)
    assert found(world) == []
    damage(world, "delete from deadlines where name = 'contact_check'")
    assert "contact is in_contact, and the deadline contact_check does not run." in found(world)


def test_an_open_case_of_which_nothing_runs_is_told_on(world: World) -> None:
    met(world)
    damage(world, "update strands set state = 'received' where workflow = 'intake'")
    damage(world, "delete from deadlines where strand_id in (select id from strands where workflow = 'contact')")
    damage(world, "delete from strands where workflow = 'contact'")
    assert "The case is open, and nothing of it still runs." in found(world)


def test_the_schema_itself_refuses_to_name_somebody_who_is_nobody(world: World) -> None:
    submitted(world)
    with pytest.raises(IntegrityError):
        damage(world, "update people set basis = 'notify_anonymous'")
    if world.db.is_postgres:
        ((definition,),) = rows(
            world, "select pg_get_constraintdef(oid) from pg_constraint where conname = :name", name=NOBODY
        )
        damage(world, f"alter table people drop constraint {NOBODY}")
        damage(world, "update people set basis = 'notify_anonymous'")
    else:
        definition = ""
        with world.db.raw() as connection:
            connection.execute("pragma ignore_check_constraints = on")
            connection.execute("update people set basis = 'notify_anonymous'")
            connection.execute("pragma ignore_check_constraints = off")
    assert found(world) == ["An anonymous notification holds identity, or its basis is unknown."]
    if definition:  # the database is used again, emptied
        damage(world, "delete from people")
        damage(world, f"alter table people add constraint {NOBODY} {definition}")
