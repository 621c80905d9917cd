"""Pictures of invented cases for pure tests of guards and effects. Nobody here is real, and nothing here is stored."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from referral.access import SYSTEM, Actor, AgencyKind, Role, rights
from referral.snapshot import AgencyRow, BedRow, CaseRow, StrandRow, UserRow
from workflows import catalogue
from workflows.facts import Effect, Facts
from workflows.forms import Form
from workflows.jurisdiction import Jurisdiction
from workflows.law_files import read_law

NOW = datetime(2026, 9, 16, 9, 0, tzinfo=UTC)
BED, OTHER_BED, COLLEAGUE = "b" * 32, "c" * 32, "d" * 32
LAW = read_law(catalogue.known())

AGENCIES = {
    "harbour": AgencyRow("harbour", AgencyKind.SUPPORT_PROVIDER, True, "england"),
    "sca": AgencyRow("sca", AgencyKind.COMPETENT_AUTHORITY, True, None),
    "eastshire": AgencyRow("eastshire", AgencyKind.POLICE, True, "england"),
}
BEDS = {
    BED: BedRow(BED, "harbour", "Kent", held=False, active=True),
    OTHER_BED: BedRow(OTHER_BED, "harbour", "Essex", False, True),
}
USERS = {COLLEAGUE: UserRow(COLLEAGUE, "harbour", ("housing_coordinator",), True)}


def a(role: Role, agency: str = "harbour") -> Actor:
    """An invented member of staff."""
    if role is Role.SYSTEM:
        return SYSTEM
    return Actor("e" * 32, "user", agency, AGENCIES[agency].kind, (role.value,), rights((role.value,)))


def machine(agency: str = "sca") -> Actor:
    """A partner agency's client."""
    return Actor("f" * 32, "client", agency, AGENCIES[agency].kind, (), rights((Role.CASEWORKER,)))


def picture(
    moving: str | None = None,
    told: Mapping[str, Any] | None = None,
    *,
    others: Mapping[str, str] | None = None,
    agreed: tuple[str, ...] = (),
    who: Actor | None = None,
    law: Jurisdiction | None = None,
    **more: Any,
) -> Facts:
    """Facts of an adult's case. `moving` and `others` are workflow -> state, `agreed` the purposes consented to."""
    case = {"child": "no", "authority": "SCA"} | {key: more.pop(key) for key in ("child", "authority") if key in more}
    strands = [
        StrandRow(f"{n:032x}", name, 1, state, 1, NOW, {}) for n, (name, state) in enumerate((others or {}).items())
    ]
    strands += [
        StrandRow(f"{n + 50:032x}", "consent", n, "given", 1, NOW, {"purpose": p}) for n, p in enumerate(agreed, 1)
    ]
    strand = None
    if moving:
        workflow, _, state = moving.partition(".")
        strand = StrandRow("1" * 32, workflow, 1, state, 3, NOW, dict(told or {}))
        strands.append(strand)
    row = CaseRow(
        "0" * 32, "LS-1", "person", "england-and-wales", NOW, 5, b"", b"", True, case["child"], None, case["authority"],
        "harbour", None, None, None,
    )  # fmt: skip
    base: dict[str, Any] = {
        "parts": frozenset({("harbour", "support"), ("sca", "authority")}),
        "agencies": AGENCIES,
        "beds": BEDS,
        "users": USERS,
        "now": NOW,
        "occurred": NOW,
    } | more
    actor = who or a(Role.SUPPORT_WORKER)
    if not more.get("users"):  # whoever asks has an account that is older than a day
        base["users"] = {**USERS, actor.id: UserRow(actor.id, actor.agency, actor.roles, True, NOW - timedelta(days=2))}
    return Facts(
        case=row, strand=strand, strands=tuple(strands), actor=actor,
        law=law or LAW["england-and-wales"], **base,
    )  # fmt: skip


def why_not(name: str, facts: Facts, **form: Any) -> list[str]:
    """The codes of every reason against a move, told this form."""
    _, move = catalogue.find(name)
    return [reason.code for reason in move.blockers(with_form(name, facts, form))]


def effect(name: str, facts: Facts, **form: Any) -> Effect:
    """What else a move would do."""
    _, move = catalogue.find(name)
    facts = with_form(name, facts, form)
    assert move.does is not None
    return move.does(facts, facts.form)


def with_form(name: str, facts: Facts, form: Mapping[str, Any]) -> Facts:
    """The same picture, with what the move is told."""
    told: Form = catalogue.find(name)[1].asks.model_validate(form)
    return Facts(**{field: getattr(facts, field) for field in Facts.__dataclass_fields__} | {"form": told})
