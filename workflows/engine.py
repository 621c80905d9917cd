"""The one door: perform() makes one move, whole or not at all. It reads once, decides without touching the database, and writes once."""

from collections.abc import Callable
from dataclasses import replace

import orjson
from pydantic import ValidationError

from referral import house_in_text, storage
from referral.db import EVERYBODY, Database
from referral.errors import BadForm, KeyReused, Refusal, Stale, Unavailable
from referral.records import record_refusal
from referral.snapshot import Snapshot
from referral.storage import Change, Wanted
from referral.vault import Vault
from workflows import catalogue, marking, steps
from workflows.ask import Ask, Done
from workflows.forms import Form
from workflows.jurisdiction import Law
from workflows.table import Move, Workflow

TRIES = 3  # tries without a lock, before the case is held while it is decided


def perform(db: Database, law: Law, ask: Ask, *, halt: Callable[[str], None] = lambda _: None) -> Done:
    """Make one move. What was refused is recorded too. `halt` is told each step, for tests that stop anywhere."""
    try:
        workflow, move = catalogue.find(ask.move)
        # Whoever a strand names makes that one move also on a case that their agency sees no more; and whoever was let in.
        sees_all = ask.actor.is_system or bool(move.named) or ask.let_in
        db = db.acting_for(EVERYBODY if sees_all else ask.actor.agency)
        form = understood(move, ask.form)
        if of_the_house := _of_the_house(db, ask, form):
            ask = replace(ask, of_the_house=of_the_house)
        for turn in range(TRIES + 1):
            if done := _try(db, law, ask, workflow, move, form, locked=turn == TRIES, halt=halt):
                return done
        raise Stale
    except Unavailable:
        raise  # there is nothing to record it in
    except Refusal as refusal:
        record_refusal(db, refusal, actor=ask.actor, move=ask.move, case=ask.case, now=ask.now)
        raise


def _try(
    db: Database, law: Law, ask: Ask, workflow: Workflow, move: Move, form: Form, *, locked: bool,
    halt: Callable[[str], None],
) -> Done | None:  # fmt: skip
    """Read, decide, write. None where somebody else changed the case in between: then it is looked at again."""
    snapshot = None
    try:
        with storage.door(db, locked=locked) as door:
            halt("opened")
            snapshot = door.read(wanted(move, form, ask), lock=locked)
            halt("read")
            own = marking.said(marking.key_of(db.vault), ask.case, form, snapshot.marks)
            snapshot.said = tuple(dict.fromkeys((*own, *ask.of_the_house)))
            done, change = decide(law, snapshot, ask, workflow, move, form, db.vault)
            halt("decided")
            if not done.repeated and not door.save(change):
                raise _Again  # noqa: TRY301  leaving the door by an error is what undoes the write
            halt("saved")
        halt("committed")
    except _Again:
        return None
    except Unavailable:
        if snapshot is None and not locked:
            return None  # the connection was an old one, and nothing has been written: take another
        raise
    return done


def _of_the_house(db: Database, ask: Ask, form: Form) -> tuple[str, ...]:
    """What the free text says of the house in which the person lives. Before the door opens: it holds one connection."""
    told = form.told_freely()
    if ask.case is None or not told or ask.actor.is_system:
        return ()
    return house_in_text.said(db, ask.case, ask.actor.agency, told, form.texts, ask.now)


def decide(
    law: Law, snapshot: Snapshot, ask: Ask, workflow: Workflow, move: Move, form: Form, vault: Vault | None = None
) -> tuple[Done, Change]:  # fmt: skip
    """What the move would do, as values. Pure but for random ids and the vault's random numbers. Raises the refusal where it cannot be done."""
    if snapshot.known_answer:
        return _told_before(snapshot.known_answer, ask), Change()
    steps.expect_time(ask)  # BadTime
    plan = steps.begin(law, snapshot, ask, workflow, move, form)  # NotFound, also where it may not be seen
    steps.expect_right(plan, move)  # NotAllowed
    if ask.version is not None and ask.version != plan.case.version:
        raise Stale(version=plan.case.version)
    strand = steps.strand_for(plan, workflow, move, ask.strand)  # NotOffered
    steps.step(plan, workflow, move, form, strand, leads=True)  # Blocked, with every reason; then those that follow
    done, change = steps.finish(plan, law, vault)  # deadlines, events, messages, further cases: all as values
    if ask.key:
        answer = orjson.dumps(done.as_dict()).decode()
        change.add(
            "repeats", {"caller": _caller(ask), "key": ask.key, "request": ask.request, "answer": answer, "at": ask.now}
        )
    return done, change


def understood(move: Move, told: object) -> Form:
    """The form of a move, from what came in. Raises BadForm, which carries the library's own error for whoever words it."""
    try:
        return move.asks.model_validate(told)
    except ValidationError as wrong:
        raise BadForm(wrong=wrong, form=move.asks) from None


def wanted(move: Move, form: Form, ask: Ask) -> Wanted:
    """What the one read must bring for this move."""
    named: dict[str, list[str]] = {"agency": [], "user": [], "bed": [], "case": []}
    # Whoever was let in is not told whether their words say something of the person: they could try addresses.
    person = ask.actor.id if ask.actor.kind == "user" else ""
    if {"whereabouts", "approver"} & set(move.reads) and person:
        named["user"].append(person)  # how old the account is counts
    for field, kind in form.refers.items():
        told = getattr(form, field)
        if told is not None:
            named[kind] += told if isinstance(told, list) else [told]
    return Wanted(
        case=ask.case, agencies=named["agency"], users=named["user"], beds=named["bed"], cases=named["case"],
        answers="answers" in move.reads, identity="identity" in move.reads,
        partners="partners" in move.reads, agreements="agreements" in move.reads, now=ask.now,
        key=_seals(move, form), marks=bool(form.told_freely()) and not ask.let_in,
        repeat=(_caller(ask), ask.key) if ask.key else None, agency=ask.actor.agency,
        user=person, whereabouts="whereabouts" in move.reads,
    )  # fmt: skip


def _seals(move: Move, form: Form) -> bool:
    """Whether the move, or one that follows it, may keep something sealed. A form so far or an identity brings the key with it."""
    tells = any(getattr(form, name) is not None for name in form.free)
    return tells or any(catalogue.find(name)[1].asks.free for name in move.then)


def _told_before(known: tuple[str, str], ask: Ask) -> Done:
    request, answer = known
    if request != ask.request:
        raise KeyReused
    return Done.from_dict(orjson.loads(answer))


def _caller(ask: Ask) -> str:
    return f"{ask.actor.kind}:{ask.actor.id}"


class _Again(Exception):
    """The case was changed between the read and the write."""
