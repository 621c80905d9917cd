"""Our answers under the official form's keys, and back: for handing over and for filling in beforehand."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from referral.form import statistics
from referral.form.branching import REFERRAL, asked, basis_of
from referral.form.codes import EXPLOITATION_TYPES
from referral.form.draft import insane
from referral.form.field import LIST_LIMIT, Answers, Field, Kind
from referral.form.fields import FIELDS


class Prefilled(NamedTuple):
    """What was read from an official record. `unread` names the keys that could not be understood."""

    answers: dict[str, Any]
    identity: dict[str, Any]
    unread: tuple[str, ...]


def _numbered(row: Field) -> list[str]:
    return [f"{row.official_key}-{number}" for number in range(1, LIST_LIMIT + 1)]


def _official(row: Field, value: Any) -> dict[str, Any]:  # noqa: PLR0911 - any answer, one return for each kind
    """One answer under its official key or keys. A value the form does not know is left out."""
    codes = row.values
    if insane(row, value):
        return {}
    if row.name == "exploitation_types":
        return {EXPLOITATION_TYPES[tick].official: "true" for tick in value if tick in EXPLOITATION_TYPES}
    if not row.official_key:
        return {}
    if row.kind in (Kind.PLACES, Kind.COUNTRIES):
        return dict(zip(_numbered(row), value, strict=False))
    if row.kind is Kind.CONFIRM:
        return {row.official_key: "true"} if value is True else {}
    if row.kind is Kind.CHOICES and codes:
        return {row.official_key: [codes[tick].official for tick in value if tick in codes]}
    if codes:
        return {row.official_key: codes[value].official} if value in codes else {}
    return {row.official_key: str(value)}


def to_official(answers: Answers, identity: Mapping[str, Any]) -> dict[str, Any]:
    """The form by official keys: only what is asked, so an anonymous notification carries no identity."""
    names = asked(answers)
    out: dict[str, Any] = {}
    for row in FIELDS:
        value = (identity if row.identity else answers).get(row.name)
        if row.name in names and value not in (None, "", []):
            out |= _official(row, value)
    return out


def _read(row: Field, record: Mapping[str, Any]) -> tuple[Any, list[str]]:  # noqa: PLR0911 - one for each kind
    """Our value of one row, and the official keys that were looked at and understood."""
    if row.name == "exploitation_types":
        keys = {code.official: name for name, code in EXPLOITATION_TYPES.items()}
        there = [key for key in keys if key in record]
        return [keys[key] for key in there if record[key] in ("true", True)], there
    if row.kind in (Kind.PLACES, Kind.COUNTRIES):
        there = [key for key in _numbered(row) if key in record]
        return [record[key] for key in there if record[key]], there
    if not row.official_key or row.official_key not in record:
        return None, []
    value, key = record[row.official_key], row.official_key
    ours = {code.official: name for name, code in (row.values or {}).items()}
    if row.kind is Kind.CONFIRM:
        return (True if value in ("true", True) else None), [key]
    if row.kind is Kind.CHOICES:
        # The official form gives one tick as a text and several as a list.
        ticks = value if isinstance(value, list) else [value]
        understood = all(isinstance(tick, str) and tick in ours for tick in ticks)
        return ([ours[tick] for tick in ticks], [key]) if understood else (None, [])
    if ours:
        return (ours[value], [key]) if isinstance(value, str) and value in ours else (None, [])
    if row.kind is Kind.NUMBER:
        return (int(value), [key]) if re.fullmatch(r"[0-9]{1,9}", str(value)) else (None, [])
    return value, [key]


def from_official(record: Mapping[str, Any]) -> Prefilled:
    """Answers and identity from a record by official keys; blank values are skipped, unknown keys are named."""
    answers: dict[str, Any] = {}
    identity: dict[str, Any] = {}
    understood = {key for key, value in record.items() if value in (None, "", [])}
    for row in FIELDS:
        value, keys = _read(row, {key: value for key, value in record.items() if key not in understood})
        understood |= set(keys)
        if value not in (None, "", []):
            (identity if row.identity else answers)[row.name] = value
    return Prefilled(answers, identity, tuple(sorted(set(record) - understood)))


# fmt: off
AGE_PAYLOAD = {"yes": "Child", "no": "Adult", "not_sure": "Unknown"}
GENDER_PAYLOAD = {"female": "Female", "male": "Male", "other": "Other"}
PLACE_PAYLOAD = {"uk": "UK", "overseas": "OVERSEAS", "uk_and_overseas": "BOTH"}
SITUATIONS_PAYLOAD = {"yes": "Yes", "no": "No", "not_sure": "DontKnow"}
# Trap: "Yes" means that it was reported before, although the receiving field says first chance.
FIRST_CHANCE_PAYLOAD = {"yes": "Yes", "no": "No", "not_sure": "Not sure"}
NATION_PAYLOAD = {"england": "ENGLAND", "wales": "WALES", "scotland": "SCOTLAND", "northern_ireland": "NORTHERNIRELAND"}
# fmt: on


def payload(answers: Answers) -> dict[str, str]:
    """The coded values that the authority's own system stores, where they differ from the form's.

    Home Office, report modern slavery service, payload mapping, snapshot of 21 April 2026; grade A.
    """
    basis = basis_of(answers)
    names = asked(answers)
    given = {name: value for name, value in answers.items() if name in names}
    values = {
        "AdultOrChild": AGE_PAYLOAD.get(str(answers.get("under_18"))),
        "AdultOrChildDuringExploitation": AGE_PAYLOAD.get(str(given.get("under_18_when_exploited"))),
        "Customer.Custom17": GENDER_PAYLOAD.get(statistics.gender(given)),
        "ExploitationLocationPresented": PLACE_PAYLOAD.get(str(answers.get("where_happened"))),
        "MultipleExploitationSituations": SITUATIONS_PAYLOAD.get(str(answers.get("several_situations"))),
        "FirstChanceToReport": FIRST_CHANCE_PAYLOAD.get(str(answers.get("reported_before"))),
        "Case.Jurisdiction": NATION_PAYLOAD.get(str(answers.get("made_in"))),
        "NRMOrDuty": None if basis is None else ("NRM" if basis == REFERRAL else "DTN"),
        "WhoToSendDecisionTo": {"person": "PV", "someone_else": "Someone else"}.get(str(given.get("decision_to"))),
    }
    return {key: value for key, value in values.items() if value is not None}
