"""The bundle that is handed out of a case: its history, with the proof of every event, to be checked without us."""

import base64
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from referral import attesting, merkle, numbering
from referral.db import Database
from referral.errors import NotCovered
from referral.models import Checkpoint, Cosignature, Leaf
from referral.settings import Settings
from referral.signer import NoSigner, Signer
from workflows.explaining import export_case
from workflows.jurisdiction import Law

HASHES = (
    "leaf: SHA-256 over a zero byte, prev and body; node: SHA-256 over a one byte, left and right (RFC 6962); the note is a "
    "signed note, the proofs are those of RFC 9162"
)


def bundle(db: Database, law: Law, settings: Settings, signer: Signer, case: str, now: datetime) -> dict[str, Any]:
    """`export_case`, and its evidence: a signed checkpoint that covers the newest event, and each event's way to it.

    Without a signer, the newest checkpoint there is; events that it does not cover have no proof, and say so.
    """
    told = export_case(db, law, case)
    try:
        newest = told["events"][-1]["seq"] if told["events"] else 0
        attesting.cover(db, settings, signer, told["case"]["id"], newest, now)
    except NotCovered:
        pass
    with db.read() as session:
        found = attesting.latest(session)
        if found is None:
            return told | {"evidence": None}
        return told | {"evidence": _evidence(session, told["case"]["id"], found, _keys(signer, found))}


def _evidence(session: Session, case: str, found: Checkpoint, keys: list[str]) -> dict[str, Any]:
    nodes = numbering.nodes(session)
    leaves = session.exec(select(Leaf).where(col(Leaf.case_id) == case).order_by(col(Leaf.seq))).all()
    proofs = [
        {"seq": leaf.seq, "number": leaf.number,
         "proof": [_text(one) for one in merkle.inclusion(nodes, leaf.number - 1, found.size)]}
        for leaf in leaves
        if leaf.number <= found.size
    ]  # fmt: skip
    witnesses = session.exec(select(Cosignature).where(col(Cosignature.size) == found.size)).all()
    return {
        "hashes": HASHES,
        "note": found.note,
        "keys": keys,
        "cosignatures": [{"agency": one.agency_id, "key": one.key, "line": one.line} for one in witnesses],
        "proofs": proofs,
    }


def _keys(signer: Signer, found: Checkpoint) -> list[str]:
    """The signer's public keys. Whoever checks the bundle has them by another way; these are for comparison."""
    try:
        return [str(key) for key in signer.published()]
    except NoSigner:
        return [found.key]


def _text(one: bytes) -> str:
    return base64.b64encode(one).decode()
