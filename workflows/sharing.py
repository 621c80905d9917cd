"""On what basis, for what, and until when an agency takes part: worked out from the case at every move, so that it follows
what was agreed. Pure.

A day that was agreed for sharing, or for the police, ends the sharing by itself. It never takes the case out of sight of
the agency that is accountable, nor of a service that supports the person: there a deadline asks anew instead.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from referral.access import Part
from referral.basis import CLASSES, NAMELESS, NEVER_SHARED, Basis, Participation
from referral.form.branching import NOTIFY_ANONYMOUS, NOTIFY_NAMED
from referral.reckoning import at_local
from referral.snapshot import AgreementRow, CaseRow, StrandRow

# fmt: off
WHOLE, NOT_WHERE, WHO = CLASSES, CLASSES[:3], CLASSES[:2]  # without C4 nothing of places and of who is close to them
AS_WHAT: dict[str, tuple[str, tuple[str, ...]]] = {
    # part                 purpose         classes of data; of them each role reads what the policy gives it
    Part.REFERRER:        ("referral",     WHOLE),
    Part.FIRST_RESPONDER: ("referral",     WHOLE),
    Part.AUTHORITY:       ("decision",     WHOLE),
    Part.SUPPORT:         ("support",      WHOLE),
    Part.HOUSING:         ("support",      WHOLE),
    Part.POLICE:          ("police",       NOT_WHERE),
    Part.LOCAL_AUTHORITY: ("safeguarding", NOT_WHERE),
    Part.LEAD:            ("operation",    NOT_WHERE),
    Part.PARTNER:         ("sharing",      WHO),
}
# fmt: on
ON_CONSENT = {Part.SUPPORT: "support", Part.HOUSING: "support", Part.POLICE: "police", Part.PARTNER: "sharing"}
ENDS_BY_ITSELF = (Part.POLICE, Part.PARTNER)
STATUTORY = frozenset(Part) - {Part.PARTNER}  # who may know of a child without anybody's consent


def participation(
    case: CaseRow, strands: Sequence[StrandRow], agency: str, part: str, zone: str, under: AgreementRow | None = None
) -> Participation:
    """An agency's part as the case stands; `under` is the sharing agreement that it rests on."""
    purpose, classes = AS_WHAT[part]
    if case.kind != "person":
        return _part(agency, part, Basis.PUBLIC_TASK, case.kind, NOT_WHERE, under=under)  # they hold no person
    told = next((strand.facts for strand in strands if strand.workflow == "intake"), {})
    if case.child in ("yes", "not_sure"):
        if part not in STATUTORY:  # a child does not agree to sharing; where the case stands goes on being known
            purpose, classes = AS_WHAT[Part.LOCAL_AUTHORITY][0], CLASSES[:1]
        return _part(agency, part, Basis.CHILD_SAFEGUARDING, purpose, classes, under=under)
    nameless = told.get("basis") == NOTIFY_ANONYMOUS
    if part != Part.PARTNER and (nameless or told.get("basis") == NOTIFY_NAMED):
        if nameless and agency != case.owner_agency:  # whose own the duty to notify is
            return _part(agency, part, Basis.NOTIFY_ONLY, purpose, NAMELESS, under=under)
        return _part(agency, part, Basis.LEGAL_DUTY, purpose, classes, under=under)
    if part not in ON_CONSENT or (told.get("best_interests") and part != Part.PARTNER):
        basis = Basis.VITAL_INTERESTS if told.get("best_interests") else Basis.PUBLIC_TASK
        return _part(agency, part, basis, purpose, classes, under=under)
    agreed = consent_of(strands, part, agency)
    ends = None
    if part in ENDS_BY_ITSELF and agreed.get("due_on") and agency != case.owner_agency:
        ends = at_local(date.fromisoformat(agreed["due_on"]) + timedelta(days=1), zone)
    if part == Part.PARTNER and agreed.get("classes"):
        classes = tuple(name for name in CLASSES if name in agreed["classes"] and name != NEVER_SHARED)
    if nameless:
        classes = tuple(name for name in classes if name in NAMELESS)
    return _part(agency, part, Basis.CONSENT, purpose, classes, ends=ends, under=under)


def consent_of(strands: Iterable[StrandRow], part: str, agency: str) -> dict[str, Any]:
    """What was told with the newest consent that a part rests on; nothing where there is none."""
    purpose = ON_CONSENT[Part(part)]
    found = [
        strand.facts
        for strand in strands
        if strand.workflow == "consent" and strand.state in ("given", "expired")
        and strand.facts.get("purpose") == purpose
        and (purpose != "sharing" or strand.facts.get("shared_with") == agency)
    ]  # fmt: skip
    return found[-1] if found else {}


def running(
    agreements: Iterable[AgreementRow], sharer: str, receiver: str, purpose: str, classes: Iterable[str], day: date
) -> AgreementRow | None:
    """The agreement under which one agency may share this with another on a day; the one that runs longest."""
    fits = [
        row
        for row in agreements
        if (row.from_agency, row.to_agency) == (sharer, receiver)
        and purpose in row.purposes and set(classes) <= set(row.classes)
        and (row.starts_on is None or row.starts_on <= day)
    ]  # fmt: skip
    return max(fits, key=lambda row: (row.runs_until, row.id), default=None)


def _part(
    agency: str, part: str, basis: Basis, purpose: str, classes: tuple[str, ...], *, ends: Any = None,
    under: AgreementRow | None,
) -> Participation:  # fmt: skip
    paper, paper_until = (under.id, under.runs_until) if under else (None, None)
    return Participation(agency, str(part), basis.value, purpose, classes, None, ends, paper, paper_until)
