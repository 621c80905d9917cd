"""One invented person full of canaries, and everybody there is around their case: every role in every relation to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from referral.access import ACTS, READS, SCOPES, Act, Code, Group, Part, Role
from referral.access.relation import REFERS
from referral.models import Agency, Case, Client, Member, Participant, User
from tests.api.addresses import PLAN, TIP
from tests.api.knocking import EVERYTHING, Knocker, knocking
from tests.attacks.canaries import NOTES, form
from tests.attacks.relations import COLUMNS, HOMES
from tests.sheltered import COORDINATOR, KEEPER, WORKER, houses, on_the_list, sheltered
from tests.world import START, World, user_id
from workflows.sharing import AS_WHAT

NEAR = ("named", "accountable", "duty team")  # whoever is of the team
RELATIONS = ("named", "colleague has it", "duty team", "stranger")
FEW = (Role.NAVIGATOR, Role.HOUSING_COORDINATOR, "client")  # of whom a quick look has somebody from elsewhere
REQUEST = {"requested_by": "person", "known_by": "documents", "alone": True, "language": "en"}
# Who works at Harbour, where the person lives, and at the other agencies that the case came by.
AROUND: dict[str, tuple[Role, str, frozenset[str]]] = {
    "the worker": (WORKER, "harbour", frozenset({Part.SUPPORT, Part.HOUSING})),
    "the coordinator": (COORDINATOR, "harbour", frozenset({Part.SUPPORT, Part.HOUSING})),
    "the keeper of the house": (KEEPER, "harbour", frozenset({Part.SUPPORT, Part.HOUSING})),
    "the manager": (Role.MANAGER, "harbour", frozenset({Part.SUPPORT, Part.HOUSING})),
    "the administrator": (Role.AGENCY_ADMIN, "harbour", frozenset({Part.SUPPORT, Part.HOUSING})),
    "the officer": (Role.FIRST_RESPONDER, "eastshire-police", frozenset({Part.REFERRER, Part.FIRST_RESPONDER})),
    "the caseworker": (Role.CASEWORKER, "sca", frozenset({Part.AUTHORITY})),
    "the operator": (Role.SYSTEM_ADMIN, "system", frozenset()),
}


@dataclass(frozen=True)
class Who:
    """Somebody who asks: in which columns of the policy, how they stand to the case, and as what their agency does."""

    name: str
    columns: tuple[str, ...]
    relation: str
    parts: frozenset[str]
    headers: dict[str, str]

    def reads(self, group: Group) -> bool:
        """Whether they may read this group of fields whole, by the policy alone."""
        return any(self._holds(READS[group][column], column) for column in self.columns)

    def knows_of_it(self) -> bool:
        """Whether they may know that there is such a case."""
        codes = [(ACTS[Act.READ_CASE][column], column) for column in self.columns]
        return any(self._holds(code, column) or (code is Code.COUNTS and self.relation != "stranger")
                   for code, column in codes)  # fmt: skip

    def _holds(self, code: Code, column: str) -> bool:
        if self.relation == "stranger":
            return False
        near = self.relation in NEAR or column == Role.MANAGER
        if code is Code.REFERRED:
            return near and not self.parts.isdisjoint(REFERS)
        return near if code is Code.TEAM else code in (Code.OWN, Code.SCOPE)


@dataclass
class Scene:
    """An installation with the one case, that whoever is on the list was shown the address of once."""

    api: Knocker
    folder: Path
    case: str
    reference: str
    place: str
    reveal: str
    others: dict[str, str]  # an operation and a concern
    answer: Any  # of the one reveal
    cast: list[Who]

    @property
    def world(self) -> World:
        return self.api.world

    def who(self, name: str) -> Who:
        return next(one for one in self.cast if one.name == name)


@contextmanager
def planting(world: World, folder: Path, *, few: bool) -> Iterator[Scene]:
    """The scene; with few people for a quick look, or with all."""
    world.later(days=2)
    willow, _ = houses(world)
    case = sheltered(world, told=form())
    decide(world, case)
    reference = _staff(world, case)
    world.ask(KEEPER, "housing.start_move", case, reason="unsafe", to_bed=f"{2:032x}", risk="low", transport="taxi",
              to_from=world.now.date().isoformat(), meets=[], agrees="yes", note=NOTES["housing.start_move"])  # fmt: skip
    world.ask(COORDINATOR, "account.ask", case, **REQUEST)
    on_the_list(world, case)
    with knocking(world, folder, witness_file=folder / "elsewhere.jsonl") as api:
        others = {kind: _opened(api, kind) for kind in ("operation", "concern")}
        who = api.role(WORKER)
        asked = api.http.post(
            f"/v1/cases/{case}/housing/reveal", headers=who | {"If-Match": "*"}, json={"form": {"purpose": "visit"}}
        )
        assert asked.status_code == 200, asked.text
        reveal = asked.json()["reveal"]
        answer = api.http.post(f"/v1/cases/{case}/reveals/{reveal}/address", headers=who, json={})
        assert answer.status_code == 200, answer.text
        cast = list(_cast(api, case, few=few))
        yield Scene(api, folder, case, reference, willow, reveal, others, answer, cast)


def decide(world: World, case: str) -> None:
    """Reasonable grounds, with a note that only few may read."""
    world.ask(Role.CASEWORKER, "intake.acknowledge", case, reference="R1", authority="SCA")
    note = NOTES["decision.find_reasonable"]
    world.ask(Role.CASEWORKER, "decision.find_reasonable", case, reasons=["account"], note=note)


def _opened(api: Knocker, kind: str) -> str:
    told = {"operation": PLAN, "concern": TIP}[kind]
    made = api.http.post(f"/v1/{kind}s", headers=api.everybody() | api.key(), json={"form": told})
    return str(made.json()["case"])


def _staff(world: World, case: str) -> str:
    """Further people of Harbour; gives back the spoken reference of the case."""
    with world.db.write() as session:
        session.add_all(
            User(id=user_id(role, "harbour"), agency_id="harbour", name=f"Invented {role}", roles=role.value,
                 email=f"{role}@harbour.example.invalid", password_hash="-", created_at=START)
            for role in (Role.MANAGER, Role.AGENCY_ADMIN)
        )  # fmt: skip
    with world.db.read() as session:
        found = session.get(Case, case)
        assert found is not None
        return found.reference


def _cast(api: Knocker, case: str, *, few: bool) -> Iterator[Who]:
    """Everybody. The agencies that the case itself did not bring in are added to it as the policy's columns need them."""
    for name, (role, agency, parts) in AROUND.items():
        relation = "accountable" if parts else "stranger"
        yield Who(name, (role.value,), relation, parts, api.role(role, agency))
    police = AROUND["the officer"][2]
    yield Who(
        "everything", tuple(role for role in COLUMNS if role != "client"), "named", police, _everything(api, case)
    )
    yield Who("nobody", (), "stranger", frozenset(), {})
    for column in COLUMNS:
        for relation in RELATIONS:
            if few and (relation not in ("colleague has it", "stranger") or column not in FEW):
                continue
            yield _stand(api, case, column, relation)
    yield _stand(api, case, "client", "named")


def _everything(api: Knocker, case: str) -> dict[str, str]:
    """One person of the police with all roles at once, of the team by name."""
    headers = api.everybody()
    with api.world.db.write() as session:
        if session.get(Member, (case, EVERYTHING)) is None:
            session.add(
                Member(case_id=case, user_id=EVERYTHING, agency_id="eastshire-police", since=START, purpose="x")
            )
    return headers


def _stand(api: Knocker, case: str, column: str, relation: str) -> Who:
    """Somebody of this column at an agency of their own, in this relation to the case."""
    kind, part = HOMES[column]
    home = f"{relation.replace(' ', '-')}-{column.replace('_', '-')}"
    me, other = (user_id(Role.SYSTEM, f"{home}{number}") for number in (1, 2))
    roles = Role.NAVIGATOR.value if column == "client" else column
    with api.world.db.write() as session:
        if session.get(Agency, home) is None:
            session.add(Agency(id=home, name=f"Invented {home}", kind=kind, created_at=START))
            session.flush()
            session.add_all(
                User(id=user, agency_id=home, name="Invented", email=f"{user}@example.invalid", password_hash="-",
                     roles=roles, created_at=START)
                for user in (me, other)
            )  # fmt: skip
            session.add(Client(id=home, agency_id=home, secret_hash="-", scopes=" ".join(SCOPES), created_at=START))
            session.flush()
            if relation != "stranger":
                session.add(Participant(
                    case_id=case, agency_id=home, part=part, since=START, opened_at=START, open=True,
                    basis="public_task", purpose="support", classes=" ".join(AS_WHAT[part][1]),
                ))  # fmt: skip
            if relation in ("named", "colleague has it"):
                named = me if relation == "named" else other
                session.add(Member(case_id=case, user_id=named, agency_id=home, since=START, purpose="x"))
    name, parts = f"{column}, {relation}", frozenset({str(part)})
    headers = api.token(f"client:{home}", list(SCOPES)) if column == "client" else api.token(f"user:{me}")
    return Who(name, (column,), relation, parts if relation != "stranger" else frozenset(), headers)
