"""The door's work with the blind index: what a move's free text says of the person, and new marks where it changes who they are."""

from typing import Any

from referral import blind, free_text
from referral.models.person import IDENTITY
from referral.vault import Vault
from workflows.forms import Form
from workflows.plan import Plan


def said(key: bytes | None, case: str | None, form: Form, known: frozenset[tuple[str, str]]) -> tuple[str, ...]:
    """The kinds of what the free text says of the person, by the marks of this case. Nobody opens the identity for it.

    The same work is done where the case is hidden or missing, so that the time tells nothing.
    """
    if key is None or case is None:
        return ()
    found = set[str]()
    for name, text in form.told_freely():
        line = name not in form.texts  # a line may be meant for a number or a name, and never for a place
        told = free_text.said(text)
        if free_text.lists(told):
            found.add("text_many")
        forms = {kind: those for kind, those in told.items() if kind in free_text.PLACE or not line}
        found |= {kind for kind, mark in blind.text_marks(key, case, forms) & known}
    if "text_many" in found:
        return ("many",)  # and not whether one of them fits
    return tuple(kind for kind in free_text.SAYS if f"text_{kind}" in found)


def mark(key: bytes | None, plan: Plan) -> None:
    """New marks where a plan describes the person in another way; none stay of one of whom nothing is known now.

    To be asked before anything is sealed.
    """
    rows = [row for row in plan.change.rows.get("people", ()) if row.keys() & set(IDENTITY)]
    if key is None or not rows:
        return
    if not plan.new:
        plan.change.forgets = tuple(dict.fromkeys((*plan.change.forgets, "marks")))
    for row in rows:
        identity: dict[str, Any] = {**({} if plan.new else plan.snapshot.identity or {}), **row}
        for kind, made in blind.marks_of(key, plan.case.id, identity):
            told = {"case_id": plan.case.id, "version": plan.case.version, "kind": kind, "mark": made}
            plan.change.add("marks", told)


def key_of(vault: Vault | None) -> bytes | None:
    """The key of the blind index."""
    return vault.index_key if vault else None
