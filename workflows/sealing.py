"""Seals what a move tells of a person before its event is hashed, so that the event can name the sealed rows and nothing else."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from referral.errors import NoKeys
from referral.storage_rows import SEALED, open_key
from referral.vault import SubjectKey, Vault
from workflows.plan import Plan


def seal(plan: Plan, vault: Vault | None, now: datetime) -> None:
    """Replace plain values by sealed ones, and make the case's key where it has none yet. Raises NoKeys or Erased."""
    key: SubjectKey | None = None
    for table, columns in SEALED.items():
        rows = plan.change.rows.get(table)
        if rows and any(row.get(name) is not None for row in rows for name in columns):
            key = key or _key(plan, vault, now)
            plan.change.rows[table] = [_sealed(key, table, columns, row) for row in rows]


def _key(plan: Plan, vault: Vault | None, now: datetime) -> SubjectKey:
    if not plan.new and not plan.snapshot.key_read:
        raise RuntimeError(f"{plan.ask.move} keeps something sealed, and the key of its case was not read")
    if not plan.new and plan.snapshot.key is not None:
        return open_key(vault, plan.snapshot.key)
    if vault is None:
        raise NoKeys
    key, kept = vault.make(plan.case.id)
    plan.change.add("keys", {"id": plan.case.id, "ring": kept.ring, "wrapped": kept.wrapped, "made_at": now})
    return key


def _sealed(key: SubjectKey, table: str, columns: tuple[str, ...], row: Mapping[str, Any]) -> Mapping[str, Any]:
    told = {name: _text(row[name]) for name in columns if row.get(name) is not None}
    return {**row, **key.seal_row(table, row_name(row), told)}


def row_name(row: Mapping[str, Any]) -> str:
    """What a sealed value is bound to besides its table and column: the case, and the event where there is one for each."""
    return f"{row['case_id']}/{row['seq']}" if "seq" in row else str(row["case_id"])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value.isoformat())
