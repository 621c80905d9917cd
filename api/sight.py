"""What somebody sees of a case: each field whole, in short or not at all, by its group in the policy."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, get_args

from api.schemas import BY_WORKFLOW, NOTES, Answer, Varies
from referral.access import Act, Actor, Code, Context, Group, Level, Matter, Outcome, Relation, decide
from referral.access.policy import CLIENT, LEVELS, READS
from referral.form.field import Kind
from referral.form.fields import BY_NAME

# fmt: off
STATES = {  # workflow -> which group its state is of; where a case stands otherwise is workflow data
    "decision": Group.OUTCOME, "consent": Group.CONSENT, "stay": Group.IMMIGRATION, "disqualification": Group.REASONS,
}
NOTES_OF = {  # workflow -> which group its free text is of; what is not named here counts as the account
    "decision": Group.REASONS, "disqualification": Group.REASONS, "inquiry": Group.REASONS, "consent": Group.CONSENT,
    "stay": Group.IMMIGRATION, "support": Group.PLAN, "assignment": Group.PLAN, "housing": Group.PLAN,
    "contact": Group.CONTACT, "glass": Group.LOOKS, "child": Group.RISK, "operation": Group.WORKFLOW,
}
ENTITLED = {
    "recovery": "entitled", "cg_pending": "entitled", "cg_suspended": "entitled", "cg_positive": "entitled",
    "rg_negative": "not_entitled", "cg_negative": "not_entitled", "closed": "not_entitled",
}
# fmt: on
NAMES = frozenset({"first_name", "last_name", "nickname"})
CODED = frozenset({Kind.CHOICE, Kind.CHOICES, Kind.YES_NO, Kind.YES_NO_NOT_SURE, Kind.CONFIRM})
NOTHING: Mapping[type, Any] = {list: [], dict: {}}


class Sight:
    """What one actor sees of one case. `code` says how a group is seen: whole, in short (M), or None."""

    def __init__(self, actor: Actor, act: Act, relation: Relation, now: datetime) -> None:
        """Ask the policy once for every group."""
        self.actor, self.relation = actor, relation
        context = Context(now)
        self._codes = {group: _code(decide(actor, act, Matter(relation, group), context), group) for group in Group}
        born = decide(actor, Act.READ_ANSWERS, Matter(relation, Group.IDENTITY), context)
        self.birthdays = born.outcome is Outcome.ALLOW  # whether what tells a day of birth may be shown

    def code(self, group: Group) -> Code | None:
        """OWN for whole, MASKED for in short, None for not at all."""
        return self._codes[group]

    def of_state(self, workflow: str) -> Code | None:
        """How the state of a workflow is seen."""
        return self._codes[STATES.get(workflow, Group.WORKFLOW)]

    def show(self, model: type[Answer], values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of an answer as this actor may see them. Lines that they may not know of are left out."""
        beside = str(values.get("workflow") or values.get("move") or "").partition(".")[0]
        told: dict[str, Any] = {}
        for name, (group, inner) in plan_of(model).items():
            value = values[name]
            if inner is not None:
                told[name] = self._nested(inner, value)
            elif isinstance(group, Group):
                told[name] = self._one(group, value)
            elif group is BY_WORKFLOW:
                told[name] = self._by_workflow(name, beside, value)
            elif group is NOTES:
                told[name] = value if self.code(NOTES_OF.get(beside, Group.ACCOUNT)) is Code.OWN else None
            else:
                told[name] = {one: seen for one in value if (seen := self.answer(one, value[one])) is not None}
        return told

    def answer(self, name: str, value: Any) -> Any:
        """One answer of the referral form; None where it may not be read. Short: initials and coded answers."""
        row = BY_NAME.get(name)
        code = self.code(row.group if row else Group.ACCOUNT)
        if code is not Code.MASKED or row is None:
            return value if code is Code.OWN else None
        if name in NAMES:
            return f"{str(value)[:1]}."
        return value if row.kind in CODED else None

    def _nested(self, inner: type[Answer], value: Any) -> Any:
        if isinstance(value, list):
            return [self.show(inner, one) for one in value if self._knows(one)]
        return None if value is None else self.show(inner, value)

    def _knows(self, line: Mapping[str, Any]) -> bool:
        """A strand, or a move that is offered, of a workflow that is not for this actor; an event keeps its place."""
        workflow = str(line.get("workflow") or line.get("move") or "").partition(".")[0]
        return "seq" in line or self.of_state(workflow) is not None

    def _one(self, group: Group, value: Any) -> Any:
        code = self.code(group)
        if code is Code.OWN:
            return value
        if group is Group.STAFF:  # role and desk instead of a name; oneself is no secret
            if isinstance(value, dict):  # a system is nobody
                shown = value["kind"] != "user" or value["id"] == self.actor.id
                return value if shown else {**value, "id": None}
            return value if value == self.actor.id else None
        return NOTHING.get(type(value))

    def _by_workflow(self, name: str, workflow: str, value: Any) -> Any:
        if name == "states":
            seen = {one: self.of_state(one) for one in value}
            return {one: _short(one, value[one], code) for one, code in seen.items() if code is not None}
        code = self.of_state(workflow)
        if code is Code.OWN:
            return value
        if code is Code.MASKED and name in ("state", "came_from", "went_to", "move"):
            return workflow if name == "move" else _short(workflow, value, code)
        return NOTHING.get(type(value))


def level_of(workflow: str) -> Level:
    """The class of data that the state of this workflow is of."""
    return LEVELS[STATES.get(workflow, Group.WORKFLOW)]


def readers(workflow: str) -> tuple[str, ...]:
    """The columns of the policy that read the state of this workflow whole, in a case of whose team they are."""
    group = STATES.get(workflow, Group.WORKFLOW)
    whole = {Code.TEAM, Code.OWN, Code.SCOPE} | ({Code.COUNTS} if group is Group.WORKFLOW else set())
    return tuple(column for column, code in READS[group].items() if code in whole)


def reads_state(actor: Actor, workflow: str) -> bool:
    """Whether the actor may ever be told the state of this workflow in words."""
    columns = actor.roles if actor.kind == "user" else (CLIENT,)
    return actor.is_system or not set(columns).isdisjoint(readers(workflow))


def unclassed(models: Iterable[type[Answer]]) -> list[str]:
    """Fields of answers that do not say to which group they belong."""
    found = []
    for model in models:
        for name, field in model.model_fields.items():
            if _inner(field.annotation) is None and not any(isinstance(m, (Group, Varies)) for m in field.metadata):
                found.append(f"{model.__name__}.{name}")
    return found


@lru_cache(maxsize=256)
def plan_of(model: type[Answer]) -> dict[str, tuple[Group | Varies | None, type[Answer] | None]]:
    """Each field with its group, or with the answer that stands inside it."""
    plan: dict[str, tuple[Group | Varies | None, type[Answer] | None]] = {}
    for name, field in model.model_fields.items():
        marks = [mark for mark in field.metadata if isinstance(mark, (Group, Varies))]
        plan[name] = (marks[0] if marks else None, _inner(field.annotation))
    return plan


def _inner(annotation: Any) -> type[Answer] | None:
    """The answer inside an answer, alone or as a list."""
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and issubclass(one, Answer):
            return one
    return None


def _code(decision: Any, group: Group) -> Code | None:
    if decision.outcome is Outcome.ALLOW:
        return Code.OWN
    if decision.outcome is not Outcome.ALLOW_MASKED:
        return None
    if decision.code is Code.COUNTS:  # status without personal data
        return Code.OWN if LEVELS[group] in (Level.OPEN, Level.WORKFLOW) else None
    return Code.MASKED


def _short(workflow: str, state: Any, code: Code) -> Any:
    """A state in short: of the decision whether somebody is entitled; of others only that they run."""
    if code is Code.OWN or state is None:
        return state
    return ENTITLED.get(str(state), "undecided") if workflow == "decision" else "recorded"
