"""What each move can be told so that it is content: the smallest true form, made from the form. Invented throughout."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from referral.access import Role
from tests.examples import complete_adult_referral
from tests.world import START, user_id
from workflows import catalogue

SOON = START.date() + timedelta(days=7)
LAST_WEEK = START.date() - timedelta(days=7)
ANSWERS, IDENTITY = complete_adult_referral()

# What the type of a field cannot say: by move and field, or by field alone.
KNOWN: dict[str, Any] = {
    "jurisdiction": "england-and-wales",
    "interpreter": "none_needed",
    "language": "en",
    "to": "eastshire-police",
    "intake.submit.authority": "sca",
    "intake.submit.reference": "E-1",
    "intake.acknowledge.reference": "NRM-0001",
    "intake.acknowledge.authority": "SCA",
    "intake.link_duplicate.case": "f" * 32,
    "intake.notify.authority": "sca",
    "intake.notify.reference": "N-1",
    "intake.save.answers": ANSWERS,
    "intake.save.identity": IDENTITY,
    "decision.transfer.authority": "IECA",
    "provider": "harbour",
    "worker": user_id(Role.SUPPORT_WORKER, "harbour"),
    "deputy": user_id(Role.SUPPORT_COORDINATOR, "harbour"),
    "assignment.propose.deputy": user_id(Role.SUPPORT_COORDINATOR, "harbour"),
    "colleague": user_id(Role.NAVIGATOR, "navigators"),
    "bed": f"{1:032x}",
    "to_bed": f"{2:032x}",
    "force": "eastshire-police",
    "partner": "border",
    "asked_of": "navigators",
    "with_reference": "7KQ4-2MX9-T",
    "concern.link.case": "e" * 32,
    "email": "duty@council.example.invalid",
    "phone": "+441632960000",
    "support.request.reach_by": "own_phone",
    "support.refer_urgently.reach_by": "own_phone",
    "support.escalate.reach_by": "own_phone",
    "starts_on": START.date().isoformat(),
    "ends_on": SOON.isoformat(),
    "begins": START.date().isoformat(),
    "begins_on": SOON.isoformat(),
    "from_date": START.date().isoformat(),
    "to_from": START.date().isoformat(),
    "housing.exclude.decided_by": user_id(Role.HOUSING_COORDINATOR, "harbour"),
    "housing.evict.decided_by": user_id(Role.HOUSING_COORDINATOR, "harbour"),
    "needs": [],
    "housing.ask_to_know.user": user_id(Role.SUPPORT_WORKER, "harbour"),
    "housing.ask_to_know.until": f"{SOON}T12:00:00Z",
    "entry": "a" * 32,
    "by": user_id(Role.HOUSING_COORDINATOR, "harbour"),
    "content": "0" * 64,
}


def told(move: str, **more: Any) -> dict[str, Any]:
    """A form that the move accepts; further fields may be given."""
    return {**_model(catalogue.find(move)[1].asks, move), **more}


def _model(form: type[BaseModel], where: str) -> dict[str, Any]:
    made = {}
    for name, field in form.model_fields.items():
        exact = f"{where}.{name}"
        if exact in KNOWN:
            made[name] = KNOWN[exact]
        elif field.is_required():
            made[name] = _value(Annotated[field.annotation, None, *field.metadata], name, where)
    return made


def _value(kind: Any, name: str, where: str) -> Any:
    kind, metadata = _bare(kind)
    if get_origin(kind) is Literal:
        choices = get_args(kind)
        return KNOWN[name] if name in KNOWN and KNOWN[name] in choices else choices[0]
    if get_origin(kind) in (Union, UnionType):
        return _value(next(part for part in get_args(kind) if part is not NoneType), name, where)
    if get_origin(kind) is list:
        return [_value(get_args(kind)[0], "", where) for _ in range(_least(metadata))]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _model(kind, where)
    return KNOWN[name] if name in KNOWN else _plain(kind, name)


def _plain(kind: Any, name: str) -> Any:
    if kind is bool:
        return True
    if kind is int:
        return 12
    if kind is datetime:
        return (START - timedelta(hours=1)).astimezone(UTC).isoformat()
    if kind is date:
        past = name.endswith("_on") and name not in ("due_on", "panel_on")
        return (LAST_WEEK if past else SOON).isoformat()
    return {"reason": "invented", "note": "Invented."}.get(name, "invented")


def _bare(kind: Any) -> tuple[Any, list[Any]]:
    metadata: list[Any] = []
    while get_origin(kind) is Annotated:
        metadata += get_args(kind)[1:]
        kind = get_args(kind)[0]
    return kind, list(_flat(metadata))


def _flat(metadata: list[Any]) -> Iterator[Any]:
    for mark in metadata:
        yield from getattr(mark, "metadata", [mark]) or [mark]


def _least(metadata: list[Any]) -> int:
    return max((getattr(mark, "min_length", 0) or 0 for mark in metadata), default=0)
