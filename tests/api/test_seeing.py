"""A list shows exactly the cases that a single look shows: the rule in SQL and the rule in Python are one."""

import random
from pathlib import Path

from referral.access import Role
from referral.ids import new_id
from referral.models import Agency, Case, Member, Participant, User
from tests.api.knocking import knocking
from tests.world import START, World

ROLES = ("navigator", "support_worker", "support_coordinator", "manager", "housing_coordinator")


def test_whatever_the_teams_are_a_list_and_single_looks_agree(world: World, tmp_path: Path) -> None:
    dice = random.Random(5)
    people, cases = [new_id() for _ in range(8)], [new_id() for _ in range(20)]
    with world.db.write() as session:
        session.add(Agency(id="crowd", name="Invented crowd", kind="support_provider", created_at=START))
        session.flush()
        for user in people:
            roles = " ".join(dice.sample(ROLES, dice.choice((1, 1, 2))))
            session.add(User(id=user, agency_id="crowd", name="Invented", email=f"{user}@example.invalid", roles=roles,
                             password_hash="-", active=True, created_at=START))  # fmt: skip
        for number, case in enumerate(cases):
            agency = dice.choice(("crowd", "crowd", "crowd", "harbour"))
            owner = dice.choice((None, None, *people))
            session.add(Case(id=case, reference=f"REF-{number}", kind=dice.choice(("person",) * 4 + ("operation",)),
                             jurisdiction="england-and-wales", opened_at=START, updated_at=START, version=1, head=b"",
                             salt=b"", open=True, owner_agency=agency, owner_user=owner))  # fmt: skip
            session.flush()
            session.add(Participant(case_id=case, agency_id=agency, part="support", since=START, opened_at=START,
                                    open=True))  # fmt: skip
            for user in dice.sample(people, dice.choice((0, 0, 1, 2, 3))):
                until = dice.choice((None, None, START))
                session.add(Member(case_id=case, user_id=user, agency_id="crowd", since=START, until=until,
                                   purpose="test"))  # fmt: skip
    with world.db.write() as session:
        gone = session.get(User, people[0])
        assert gone is not None
        gone.active = False
        session.add(gone)
    found = hidden = 0
    with knocking(world, tmp_path) as api:
        for user in people[1:]:
            headers = api.token(f"user:{user}")
            for collection in ("cases", "operations"):
                listed = {line["id"] for line in api.http.get(f"/v1/{collection}", headers=headers).json()["items"]}
                single = {
                    case
                    for case in cases
                    if api.http.get(f"/v1/{collection}/{case}", headers=headers).status_code == 200
                }
                assert listed == single
                found, hidden = found + len(listed), hidden + len(cases) - len(listed)
    assert found > 20
    assert hidden > 20
    assert Role.MANAGER in ROLES
