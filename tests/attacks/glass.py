"""Who breaks the glass on an invented case, and who reviews it."""

from typing import Any

from referral.access import Group, Part, Role
from referral.ids import new_id
from referral.models import Member, User
from tests.api.knocking import Knocker
from tests.attacks.relations import CANARIES, fill
from tests.world import START, World, user_id

NAVIGATOR, COORDINATOR, CASEWORKER, MANAGER = (
    Role.NAVIGATOR, Role.SUPPORT_COORDINATOR, Role.CASEWORKER, Role.MANAGER,
)  # fmt: skip
BREAKS = (NAVIGATOR, COORDINATOR, CASEWORKER, MANAGER)
REASON = "Her brother has just called and says that he is on his way to her."
TOLD = {"ground": "threat_to_life", "reason": REASON}
ADDRESS = CANARIES[Group.ADDRESS][1]
BROTHER = CANARIES[Group.ASSOCIATES][1]
LEAD = user_id(NAVIGATOR, "navigators")


def filled(world: World) -> str:
    """A case of the navigators, led by one of them, with something in every field."""
    case = new_id()
    with world.db.write() as session:
        fill(session, case, "navigators", Part.REFERRER, LEAD)
        session.add(Member(case_id=case, user_id=LEAD, agency_id="navigators", since=START, purpose="test"))
    return case


def somebody(api: Knocker, role: Role, agency: str) -> tuple[str, dict[str, str]]:
    """A further member of staff: their id, and their session."""
    user = new_id()
    row: dict[str, Any] = {"id": user, "agency_id": agency, "roles": role.value, "password_hash": "-"}
    with api.world.db.write() as session:
        session.add(User(name="Invented", email=f"{user}@example.invalid", created_at=START, **row))
    return user, api.token(f"user:{user}")


def stranger(api: Knocker, role: Role = COORDINATOR) -> tuple[str, dict[str, str]]:
    """Somebody whose agency takes no part."""
    return somebody(api, role, {CASEWORKER: "sca", COORDINATOR: "lantern"}.get(role, "stranger"))


def smash(api: Knocker, who: dict[str, str], case: str, **told: Any) -> Any:
    """Break it, for a reason that counts."""
    return api.http.post(f"/v1/cases/{case}/glass", headers=who, json=TOLD | told)


def look(api: Knocker, who: dict[str, str], case: str, tail: str = "") -> Any:
    """Look at the case."""
    return api.http.get(f"/v1/cases/{case}{tail}", headers=who)


def reviewed(api: Knocker, who: dict[str, str], case: str, found: str = "justified", strand: int = 1) -> Any:
    """Review it."""
    return api.http.post(
        f"/v1/cases/{case}/glass/review", headers=who | {"If-Match": "*"},
        json={"form": {"review": found}, "strand": str(strand)},
    )  # fmt: skip


def codes(answer: Any) -> list[str]:
    """The codes of all reasons that an answer gives."""
    return [reason["code"] for reason in answer.json()["reasons"]]
