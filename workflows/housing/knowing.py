"""Who may know where the person lives: guards and effects of the need-to-know list, of a reveal and of the panic lock.

No address passes through here: a reveal writes down that somebody may see one, and api/v1/reveals.py shows it once the
signed log covers that.
"""

from datetime import timedelta
from hashlib import blake2b
from typing import Any

from referral.access import May, Role, is_fresh, rights
from referral.errors import Reason
from referral.whereabouts import Entry as Listed
from referral.whereabouts import House, Lock
from workflows.facts import Effect, Facts, Row
from workflows.forms import Form
from workflows.four_eyes import Request, account_since, may_approve
from workflows.housing.forms import Entry, HouseNote, NeedToKnow, Reveal

LONGEST = timedelta(days=90)  # on the list
OPEN = timedelta(minutes=10)  # how long a reveal goes on
PER_HOUR = 5  # reveals of one person
WEAKER = {"passkey": ("passkey",), "totp": ("passkey", "totp"), "none": ()}  # what satisfies each setting
NEAR = {Role.NAVIGATOR, Role.SUPPORT_COORDINATOR, Role.SUPPORT_WORKER, Role.HOUSING_COORDINATOR}
LOCKED = Reason("locked", "The addresses of this case are locked: two people have to open them first.")
NO_ENTRY = Reason("no_such_entry", "There is no such entry on the list.")
NO_LOCK = Reason("not_locked", "The addresses of this case are not locked.")


def not_locked(facts: Facts) -> Reason | None:
    """Not while a panic lock stands on the case or on a house."""
    return LOCKED if facts.whereabouts.is_locked else None


def is_locked(facts: Facts) -> Reason | None:
    """Only while a panic lock stands on the case."""
    return NO_LOCK if facts.whereabouts.lock is None else None


def lock_is_new(facts: Facts) -> Reason | None:
    """A lock that stands need not be set again."""
    return (
        None if facts.whereabouts.lock is None else Reason("locked", "The addresses of this case are locked already.")
    )


def near_the_case(facts: Facts) -> Reason | None:
    """Those who work with the person; others, such as a manager, where their agency is accountable."""
    if NEAR.intersection(facts.actor.roles) or facts.actor.agency == facts.case.owner_agency:
        return None
    return Reason("not_accountable", "Your agency is not accountable for this case.")


def can_know(facts: Facts) -> Reason | None:
    """Somebody who works for an agency that takes part, in a role that may be shown an address, for 90 days at most."""
    form = facts.form
    if not isinstance(form, NeedToKnow):
        return None
    row = facts.users.get(form.user)
    able = row is not None and row.active and May.REVEAL_ADDRESS in rights(row.roles)
    if row is None or not able or not facts.takes_part(row.agency):
        return Reason(
            "cannot_know", "This person's agency takes no part, or they hold no role that is shown addresses."
        )
    if not facts.now < form.until <= facts.now + LONGEST:
        return Reason("bad_until", "The time must lie ahead, and within 90 days.")
    if any(entry.user_id == form.user and _stands(entry, facts) for entry in facts.whereabouts.entries):
        return Reason("already_listed", "This person is on the list, or has been asked for.")
    return None


def another_approves(facts: Facts) -> Reason | None:
    """Not who asked for it, nor who is to know, nor an account that is less than a day old; within 72 hours."""
    waiting = [entry for entry in facts.whereabouts.entries if _request(entry).waits(facts.now)]
    if not isinstance(facts.form, Entry):
        return None if waiting else NO_ENTRY
    entry = facts.whereabouts.entry(facts.form.entry)
    if entry is None:
        return NO_ENTRY
    if entry.user_id == facts.actor.id:
        return Reason("own_access", "This is about yourself: another person has to approve it.")
    return may_approve(_request(entry), facts.actor, facts.now, account_since(facts))


def is_listed(facts: Facts) -> Reason | None:
    """Only somebody who is on the list, or asked for, can be taken off it."""
    form, entries = facts.form, facts.whereabouts.entries
    found = facts.whereabouts.entry(form.entry) if isinstance(form, Entry) else entries
    return None if found else NO_ENTRY


def another_opens(facts: Facts) -> Reason | None:
    """A lock is opened by somebody else than who asked for it."""
    lock = facts.whereabouts.lock
    if lock is None or lock.asked_by is None or lock.asked_at is None:
        return Reason("not_asked", "Nobody has asked to open this lock.")
    return may_approve(Request(lock.asked_by, lock.asked_at), facts.actor, facts.now, account_since(facts))


def not_yet_asked(facts: Facts) -> Reason | None:
    """One request to open a lock at a time."""
    lock = facts.whereabouts.lock
    if lock and lock.asked_by and lock.asked_at and Request(lock.asked_by, lock.asked_at).waits(facts.now):
        return Reason("already_asked", "Somebody has asked to open this lock: another person can open it now.")
    return None


def needs_to_know(facts: Facts) -> Reason | None:
    """Only who stands on this case's need-to-know list today."""
    holds = any(e.user_id == facts.actor.id and e.holds(facts.now) for e in facts.whereabouts.entries)
    return None if holds else Reason("not_on_the_list", "You are not on the need-to-know list of this case.")


def has_address(facts: Facts) -> Reason | None:
    """The person lives in, or is moving to, a place whose address is kept."""
    return None if _house(facts) else Reason("no_address", "No address is kept for where the person lives or moves to.")


def stepped_up(facts: Facts) -> Reason | None:
    """A passkey was shown in the last five minutes, or what the installation asks for instead."""
    actor, wanted = facts.actor, facts.reveal_factor
    if wanted == "none" or (is_fresh(actor.stepped_up_at, facts.now) and actor.factor in WEAKER[wanted]):
        return None
    return Reason("step_up_needed", f"Show your {wanted} again: this needs to know that it is you, now.")


def not_too_many(facts: Facts) -> Reason | None:
    """Five reveals an hour at the most."""
    recent = [one for one in facts.whereabouts.shown if one.at > facts.now - timedelta(hours=1)]
    return Reason("too_many", "You have asked for five addresses within an hour.") if len(recent) >= PER_HOUR else None


def one_at_a_time(facts: Facts) -> Reason | None:
    """Not while another address is open to the same person."""
    goes_on = any(one.is_open(facts.now) for one in facts.whereabouts.shown)
    return Reason("still_open", "Another address is still open to you: close it first.") if goes_on else None


def ask_to_know(facts: Facts, form: NeedToKnow) -> Effect:
    """The request waits for a second person."""
    row = {
        "id": _named(facts, "entry"), "case_id": facts.case.id, "user_id": form.user,
        "agency_id": facts.users[form.user].agency, "purpose": form.purpose, "asked_by": facts.actor.id,
        "asked_at": facts.now, "approved_by": None, "since": None, "until": form.until,
    }  # fmt: skip
    return Effect(rows=(Row("address_readers", row),), forget=tuple(form.model_fields_set))


def let_know(facts: Facts, form: Entry) -> Effect:
    """From now on they may be shown the address."""
    return _changed(facts, form, approved_by=facts.actor.id, since=facts.now)


def take_off(facts: Facts, form: Entry) -> Effect:
    """From now on they may not; what was approved stays written."""
    return _changed(facts, form, removed_by=facts.actor.id, removed_at=facts.now)


def reveal(facts: Facts, form: Reveal) -> Effect:
    """A line in the ledger of who ever saw it; the address itself is shown once the signed log covers this move."""
    house = _house(facts)
    if house is None:
        return Effect()  # a guard has refused it
    number = 1 + max((one.number for one in facts.whereabouts.shown), default=0)
    row = {
        "id": _named(facts, "reveal"), "case_id": facts.case.id, "seq": facts.case.version + 1,
        "place_id": house.place, "address_id": house.address, "user_id": facts.actor.id, "number": number,
        "agency_id": facts.actor.agency, "purpose": form.purpose, "at": facts.now, "until": facts.now + OPEN,
    }  # fmt: skip
    return Effect(rows=(Row("reveals", row),), forget=("purpose",))


def lock(facts: Facts, _: Form) -> Effect:
    """From this moment nobody is shown an address of the case."""
    row = {
        "id": _named(facts, "lock"), "case_id": facts.case.id, "locked_by": facts.actor.id,
        "agency_id": facts.actor.agency, "locked_at": facts.now,
    }  # fmt: skip
    return Effect(rows=(Row("address_locks", row),))


def ask_to_unlock(facts: Facts, _: Form) -> Effect:
    """The first of two people."""
    return _lock_changed(facts, asked_by=facts.actor.id, asked_at=facts.now)


def unlock(facts: Facts, _: Form) -> Effect:
    """The second of two people. Reveals from before the lock stay ended."""
    return _lock_changed(facts, opened_by=facts.actor.id, opened_at=facts.now)


def note(_facts: Facts, _form: HouseNote) -> Effect:
    """The event says it; the strand need not."""
    return Effect(forget=("reason", "by"))


def _house(facts: Facts) -> House | None:
    told = facts.told()
    bed = told.get("to_bed") if facts.strand and facts.strand.state == "moving" else told.get("bed")
    return facts.whereabouts.house_of(str(bed), facts.now) if bed else None


def _request(entry: Listed) -> Request:
    return Request(entry.asked_by, entry.asked_at, used=entry.approved_by is not None)


def _stands(entry: Listed, facts: Facts) -> bool:
    return entry.holds(facts.now) or _request(entry).waits(facts.now)


def _changed(facts: Facts, form: Entry, **more: Any) -> Effect:
    entry = facts.whereabouts.entry(form.entry)
    row = {name: getattr(entry, name) for name in Listed.__slots__} | more
    return Effect(changes=(Row("address_readers", row),), forget=("entry",))


def _lock_changed(facts: Facts, **more: Any) -> Effect:
    row = {name: getattr(facts.whereabouts.lock, name) for name in Lock.__slots__} | more
    return Effect(changes=(Row("address_locks", row),))


def _named(facts: Facts, what: str) -> str:
    """A new id, named after the strand's version so that nothing random is needed."""
    version = f"{facts.strand.id}:{facts.strand.version}:{what}" if facts.strand else what
    return blake2b(version.encode(), digest_size=16).hexdigest()
