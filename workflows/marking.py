"""The door's work with the blind index: what a move's free text says of the person, and new marks where it changes who they are."""

from typing import Any

from referral import blind, free_text
from referral.models.person import IDENTITY
from referral.snapshot import Snapshot
from referral.storage import Change
from workflows.forms import Form


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


def mark(key: bytes | None, change: Change, snapshot: Snapshot) -> None:
    """New marks for every person whom this change describes in another way; none stay of one of whom nothing is known now."""
    if key is None:
        return
    for row in list(change.rows.get("people", ())):
        if not row.keys() & set(IDENTITY):
            continue
        case = row["case_id"]
        before = (snapshot.identity or {}) if case == change.case else {}
        if case == change.case:
            change.forget_marks = case
            version = change.columns["version"]
        else:
            version = next(new["version"] for new in change.rows["cases"] if new["id"] == case)
        identity: dict[str, Any] = {**before, **row}
        for kind, made in blind.marks_of(key, case, identity):
            change.add("marks", {"case_id": case, "version": version, "kind": kind, "mark": made})
