"""What must always hold, whatever happened: nobody unowned, nothing forgotten, nothing stuck. Looks and tells; mends nothing."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import and_, or_, select
from sqlmodel import Session, SQLModel, col

from referral.db import Database
from referral.due import here, nearest
from referral.models import Agency, Case, Deadline, Participant, Person, Strand, User
from referral.models.person import IDENTITY
from referral.taking_part import takes_part
from workflows import catalogue
from workflows.jurisdiction import Law
from workflows.lagging import numbered_and_signed
from workflows.unsent import no_stuck_message, no_stuck_notice
from workflows.violation import LATE, Rule, Violation

PAGE = 1000
UNACCEPTED = ("held", "proposed", "handover_pending")  # the duty team holds the case, and nobody else
ACCEPTED = ("accepted", "active")


def check(db: Database, law: Law, now: datetime) -> list[Violation]:
    """Every violation, those of one kind together. Empty when all is well."""
    with db.read() as session:
        return [violation for rule in RULES for violation in rule(session, law, now)]


def _one_accountable_agency(session: Session, _: Law, __: datetime) -> Iterator[Violation]:
    rows = session.execute(
        select(col(Case.reference))
        .outerjoin(Agency, col(Agency.id) == col(Case.owner_agency))
        .where(col(Case.open), or_(col(Agency.id).is_(None), ~col(Agency.active)))
    )
    for (reference,) in rows:
        yield Violation(reference, "No working agency is accountable.", "Let an agency that takes part take the case.")


def _one_accountable_worker(session: Session, _: Law, now: datetime) -> Iterator[Violation]:
    at_home = and_(here(now), col(User.agency_id) == col(Case.owner_agency))
    rows = session.execute(
        select(col(Case.reference))
        .outerjoin(User, and_(col(User.id) == col(Case.owner_user), at_home))
        .where(col(Case.open), col(Case.owner_user).is_not(None), col(User.id).is_(None))
    )
    for (reference,) in rows:
        yield Violation(
            reference, "The accountable worker does not work for the accountable agency.", "Hand the case over."
        )


def _attention(session: Session, law: Law, now: datetime) -> Iterator[Violation]:
    """Nothing waits unseen or paused for ever, and an assignment that nobody accepted never counts."""
    last = ""
    roles = _roles(session, now)
    columns = (col(Case.id), col(Case.reference), col(Case.kind), col(Case.owner_user), col(Case.jurisdiction))
    while True:
        page = session.execute(
            select(*columns).where(col(Case.open), col(Case.id) > last).order_by(col(Case.id)).limit(PAGE)
        ).all()
        cases = [case for case, *_ in page]
        strands: dict[str, list[Any]] = {case: [] for case in cases}
        wanted = (
            select(Strand).where(col(Strand.case_id).in_(cases)).order_by(col(Strand.opened_at), col(Strand.number))
        )
        for (strand,) in session.execute(wanted):
            strands[strand.case_id].append(strand)
        able: dict[str, set[str]] = {case: set() for case in cases}
        pair = (col(Participant.case_id), col(Participant.agency_id))
        for case, agency in session.execute(select(*pair).where(col(Participant.case_id).in_(cases), takes_part(now))):
            able[case] |= roles.get(agency, set())
        runs: dict[str, list[Any]] = {case: [] for case in cases}
        stands = (col(Deadline.case_id), col(Deadline.strand_id), col(Deadline.name), col(Deadline.state))
        live = col(Deadline.state).in_(("paused", "running"))
        for row in session.execute(
            select(*stands, col(Deadline.next_at)).where(col(Deadline.case_id).in_(cases), live)
        ):
            runs[row[0]].append(row)
        session.expunge_all()
        for case, reference, kind, owner, place in page:
            seen = {(strand, name) for _, strand, name, state, at in runs[case] if state == "paused" or at is not None}
            yield from _unseen(reference, strands[case], seen)
            yield from _paused(reference, strands[case], runs[case], law.get(place))
            if kind == "person":
                yield from _unattended(reference, strands[case], seen, able[case], any_runs=bool(runs[case]))
                yield from _unaccepted(reference, owner, strands[case])
        if len(page) < PAGE:
            return
        last = cases[-1]


def _unseen(reference: str, strands: list[Any], running: set[tuple[str, str]]) -> Iterator[Violation]:
    held = False
    for strand in strands:
        workflow = catalogue.WORKFLOWS.get(strand.workflow)
        states = {str(state): state for state in workflow.states} if workflow else {}
        if workflow is None or strand.state not in states:
            yield Violation(
                reference,
                f"{strand.workflow} is {strand.state}, which no table knows.",
                "Bring the state back by hand.",
            )
        elif strand.state not in workflow.final:
            waits = states[strand.state].waits
            held = held or workflow.holds_open
            if not (waits.owners or waits.reason or (strand.id, waits.deadline) in running):
                what = f"{strand.workflow} is {strand.state}, and the deadline {waits.deadline} does not run."
                yield Violation(reference, what, "Make the move that leads on, or the one that starts the deadline.")
    if not held:
        yield Violation(
            reference, "The case is open, and nothing of it still runs.", "Make any move on it: it then closes."
        )


def _roles(session: Session, now: datetime) -> dict[str, set[str]]:
    """The roles that those who work for each agency hold."""
    found: dict[str, set[str]] = {}
    for agency, roles in session.execute(select(col(User.agency_id), col(User.roles)).where(here(now))):
        found.setdefault(agency, set()).update(roles.split())
    return found


def _unattended(
    reference: str, strands: list[Any], seen: set[tuple[str, str]], roles: set[str], *, any_runs: bool
) -> Iterator[Violation]:  # fmt: skip
    """Whatever holds a person's case open is called to mind by a deadline, or waits for a reason or for somebody who is there."""
    reminded = {strand for strand, _ in seen}
    for strand in strands:
        workflow = catalogue.WORKFLOWS.get(strand.workflow)
        waits = next((state.waits for state in workflow.states if state == strand.state), None) if workflow else None
        if workflow is None or waits is None or not workflow.holds_open or strand.state in workflow.final:
            continue
        if not (strand.id in reminded or waits.reason or {str(role) for role in waits.owners} & roles):
            what = (
                f"{strand.workflow} is {strand.state}: nothing calls it to mind, and nobody who could go on takes part."
            )
            yield Violation(
                reference, what, "Let an agency take part that has staff for it, or make the move that leads on."
            )
    if not any_runs:
        yield Violation(reference, "No deadline of the case runs.", "Make the move that starts one, or end the case.")


def _paused(reference: str, strands: list[Any], rows: list[Any], place: Any) -> Iterator[Violation]:
    """A pause ends by a move: one that pauses has led here, or one that resumes leads on from here."""
    workflow_of = {strand.id: strand.workflow for strand in strands}
    newest = {strand.workflow: strand.state for strand in strands}
    state_of = {strand.id: strand.state for strand in strands}
    for _, strand, name, state, _ in rows:
        rule = place.rules.get(name) if place and state == "paused" else None
        if rule is None or strand not in workflow_of:
            continue
        known = (*rule.pauses_on, *rule.resumes_on)
        if not any(
            _waits_there(move, workflow_of[strand], state_of[strand], newest, into=move in rule.pauses_on)
            for move in known
        ):
            what = f"The deadline {name} is paused, and nothing that stands now pauses it."
            yield Violation(reference, what, "Make a move that resumes it, or one that stops it.")


def _waits_there(name: str, carrier: str, state: str, newest: dict[str, str], *, into: bool) -> bool:
    workflow, move = catalogue.find(name)
    stands = state if workflow.name == carrier else newest.get(workflow.name)
    return stands in {str(one) for one in ([move.enters] if into and move.enters is not None else move.leaves)}


def _unaccepted(reference: str, owner: str | None, strands: list[Any]) -> Iterator[Violation]:
    newest = next((strand for strand in reversed(strands) if strand.workflow == "assignment"), None)
    if newest is None:
        return
    if newest.state in UNACCEPTED and owner is not None:
        yield Violation(
            reference, "A worker counts as accountable who has not accepted.", "Propose a worker, who then accepts."
        )
    if newest.state in ACCEPTED and owner != orjson.loads(newest.facts).get("worker"):
        yield Violation(
            reference, "Another worker counts as accountable than the one who accepted.", "Hand the case over."
        )


def _no_idle_deadline(session: Session, _: Law, now: datetime) -> Iterator[Violation]:
    """None without its strand, none in an ended one or, unless it outlasts that, in a closed case; each is looked at when its time comes."""
    columns = (
        col(Case.reference), col(Case.open), col(Strand.workflow), col(Strand.state), col(Deadline.name), col(Deadline.state),
        col(Deadline.next_at), col(Deadline.marked_at),
    )  # fmt: skip
    rows = session.execute(
        select(*columns)
        .join_from(Deadline, Case, col(Case.id) == col(Deadline.case_id))
        .outerjoin(
            Strand, and_(col(Strand.id) == col(Deadline.strand_id), col(Strand.case_id) == col(Deadline.case_id))
        )
        .where(
            or_(
                col(Deadline.state).in_(("running", "paused")),
                col(Deadline.next_at).is_not(None),
                col(Strand.id).is_(None),
            )
        )
        .execution_options(yield_per=PAGE)
    )
    for reference, is_open, workflow, strand, name, state, next_at, marked_at in rows:
        runs = state in ("running", "paused")
        if workflow is None:
            yield Violation(
                reference, f"The deadline {name} belongs to no strand of the case.", "Restore the strand from a copy."
            )
        elif runs and (not (is_open or workflow in catalogue.OUTLASTS) or strand in catalogue.FINAL.get(workflow, ())):
            yield Violation(
                reference,
                f"The deadline {name} runs, and {workflow} has ended.",
                "Make any move on the case: it then ends.",
            )
        elif state == "running" and next_at is None and marked_at is None:
            yield Violation(
                reference, f"The heartbeat will never look at the deadline {name}.", "Set its next_at to its due_at."
            )
        elif next_at is not None and next_at < now - LATE:
            yield Violation(
                reference,
                f"The deadline {name} should have been looked at an hour ago.",
                "Look whether a heartbeat runs.",
            )


def _nearest_due_time(session: Session, _: Law, __: datetime) -> Iterator[Violation]:
    cases = SQLModel.metadata.tables["cases"]
    rows = session.execute(select(cases.c.reference).where(cases.c.next_due_at.is_distinct_from(nearest(cases.c.id))))
    for (reference,) in rows:
        yield Violation(
            reference,
            "Its nearest due time is not that of its deadlines.",
            "Make any move on the case: it is then set anew.",
        )


def _nobody_is_named(session: Session, _: Law, __: datetime) -> Iterator[Violation]:
    """The schema refuses this; a database that was changed around it is told on here."""
    named = or_(*(col(getattr(Person, name)).is_not(None) for name in IDENTITY))
    rows = session.execute(
        select(col(Case.reference))
        .join_from(Person, Case, col(Case.id) == col(Person.case_id))
        .where(or_(
            and_(col(Person.basis) == "notify_anonymous", named),
            col(Person.basis).not_in(("referral", "notify_anonymous", "notify_named")),
        ))
    )  # fmt: skip
    for (reference,) in rows:
        yield Violation(
            reference,
            "An anonymous notification holds identity, or its basis is unknown.",
            "Empty its identity columns.",
        )


RULES: tuple[Rule, ...] = (
    _one_accountable_agency, _one_accountable_worker, _attention, _no_idle_deadline, _nearest_due_time, no_stuck_message,
    no_stuck_notice, _nobody_is_named, numbered_and_signed,
)  # fmt: skip
