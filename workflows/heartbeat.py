"""The heartbeat: marks what is due, reminds, makes the moves that time alone brings, and has the outbox delivered.

The rows are the schedule: any number of heartbeats may beat on one database, and each reminder is written once. APScheduler only
wakes them. `beat` is told the time; the scheduled job alone reads it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from referral import attesting, due, records, sign_in
from referral.access import SYSTEM
from referral.db import Database
from referral.due import Due
from referral.errors import Refusal, Stale, Unavailable
from referral.settings import Settings
from referral.signer import NoSigner, WillNotSign
from referral.signer_socket import signer_for
from workflows import delivery, reminding, retention
from workflows.ask import Ask
from workflows.engine import perform
from workflows.introducing import introduce
from workflows.jurisdiction import Law
from workflows.leaving import let_go
from workflows.reminding import Look
from workflows.wording import Wording, read_wording

MANY = 200  # rows of one claim
ROUNDS = 10  # what a move starts may be due at once; after so many rounds the next beat goes on
LATER = reminding.LEASE * 30  # when a row is looked at again that could not be understood


@dataclass(frozen=True, slots=True)
class Beat:
    """What one beat did."""

    looked: int = 0  # deadlines that were looked at
    marked: int = 0  # of these, whose end has come
    reminded: int = 0  # messages written
    fired: int = 0  # moves made because a deadline ended
    refused: int = 0  # such moves that were refused, because the case had moved on
    left: int = 0  # assignments given up because the worker no longer works there
    introduced: int = 0  # moves that carried an introduction between its two cases
    delivered: int = 0
    undelivered: int = 0
    failed: int = 0  # rows that stay for a later beat, because something went wrong


def beat(db: Database, law: Law, settings: Settings, now: datetime, wording: Wording | None = None) -> Beat:
    """All that is due at this time. Doing it twice, or in two places at once, does no more than doing it once."""
    counts: Counter[str] = Counter()
    for _ in range(ROUNDS):
        before = counts["fired"]
        _drain(db, law, now, counts)
        if counts["fired"] == before:
            break
    records.forget_answers(db, now)
    counts["introduced"], unmoved = introduce(db, law, now)
    counts["failed"] += unmoved
    sign_in.forget(db, now)
    counts["left"], moved_on = let_go(db, law, now)
    counts["refused"] += moved_on
    counts.update(delivery.deliver(db, law, settings, now, wording or read_wording()))
    attest(db, settings, now)
    return Beat(**counts)


def attest(db: Database, settings: Settings, now: datetime) -> None:
    """Number and sign what was done. Without a signer the work goes on; `lodestar check` tells on it."""
    try:
        attesting.attest(db, settings, signer_for(settings), now)
    except (NoSigner, WillNotSign, OSError) as error:
        _report("checkpoint failed", error)


def _drain(db: Database, law: Law, now: datetime, counts: Counter[str]) -> None:
    """Every due row once, batch by batch, each claim beginning where the last one stopped."""
    after: tuple[datetime, str] | None = None
    while True:
        with db.write() as session:
            claimed = due.claim(session, now, after, MANY)
            parts = due.parts_of(session, (one.case.id for one in claimed), now)
            seen = [(one, _look(one, law, parts.get(one.case.id, frozenset()), now)) for one in claimed]
            messages = [message for _, look in seen for message in look.messages]
            due.settle(session, [look.values for _, look in seen], messages)
            due.set_next_due(session, (one.case.id for one, look in seen if look.ended))
        counts["looked"] += len(seen)
        counts["marked"] += sum(look.marked for _, look in seen)
        counts["reminded"] += len(messages)
        counts["failed"] += sum(look.failed for _, look in seen)
        _fire(db, law, [(one, look.fires) for one, look in seen if look.fires], now, counts)
        if len(claimed) < MANY:
            return
        after = (claimed[-1].next_at, claimed[-1].row.id)


def _look(one: Due, law: Law, parts: frozenset[tuple[str, str]], now: datetime) -> Look:
    """A row that cannot be understood is put off; it must not keep the others waiting."""
    try:
        return reminding.look(one, law, parts, now)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        _report("deadline not understood", error, deadline=one.row.id)
        return reminding.put_off(one, now + LATER)


def _fire(db: Database, law: Law, shots: list[tuple[Due, str]], now: datetime, counts: Counter[str]) -> None:
    """Make the moves that ended deadlines bring, then mark these as dealt with.

    The marks came first, in a transaction of their own, with a lease. Whoever dies between the two leaves the rows to the next
    heartbeat after the lease; a move that was made after all is then refused, because the case no longer stands where it did.
    """
    dealt = []
    for one, move in shots:
        at = max(one.row.due_at, one.row.started_at)  # a birthday may lie before the day on which it began to matter
        ask = Ask(SYSTEM, move, now, case=one.case.id, strand=one.row.strand_id, occurred=at)
        outcome = _attempt(db, law, ask)
        counts[outcome] += 1
        if outcome != "failed":
            dealt.append(one)
    if dealt:
        with db.write() as session:
            stand = due.claim_these(session, dealt)
            changes = [values for one in stand if (values := reminding.made(one, law, now))]
            due.settle(session, changes, [])
            due.set_next_due(session, (one.case.id for one in stand))


def _attempt(db: Database, law: Law, ask: Ask) -> str:
    """fired, refused for good, or failed: to be tried again."""
    try:
        perform(db, law, ask)
    except (Stale, Unavailable):
        return "failed"
    except Refusal:
        return "refused"
    except Exception as error:  # noqa: BLE001  one case that cannot be moved must not stop the heartbeat for all others
        _report("move failed", error, move=ask.move, case=ask.case)
        return "failed"
    return "fired"


def _report(event: str, error: Exception, **ids: str | None) -> None:
    """Tell the log of an error by its type alone: its text may hold what was in a statement or a form."""
    structlog.get_logger().error(event, type=type(error).__name__, **ids)


class Heartbeat:
    """Beats at once and then again and again, in a thread of its own, until it is stopped."""

    def __init__(self, db: Database, law: Law, settings: Settings) -> None:
        """Read the wording, which is refused here if it is not complete. Nothing is started yet."""
        self._db, self._law, self._settings, self._wording = db, law, settings, read_wording()
        self._scheduler: BackgroundScheduler | None = None
        self.last: Beat | None = None  # what the newest good beat did
        self.last_at: datetime | None = None  # and when; health looks at it
        self._looked: date | None = None  # on which day it last looked for what was kept long enough

    def start(self) -> None:
        """Start beating; the first beat comes at once."""
        # The rows say what is due: a beat that was missed needs no making up, and one at a time is enough.
        rules = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(timezone=UTC, job_defaults=rules)
        seconds = self._settings.heartbeat_seconds
        self._scheduler.add_job(self._job, "interval", seconds=seconds, next_run_time=datetime.now(UTC))
        if self._settings.seal_seconds:
            self._scheduler.add_job(self._attest, "interval", seconds=self._settings.seal_seconds)
        self._scheduler.start()

    def stop(self) -> None:
        """Let the beat that runs come to its end, and beat no more."""
        if self._scheduler is not None:
            self._scheduler.shutdown()
            self._scheduler = None

    def _job(self) -> None:
        now = datetime.now(UTC)
        try:
            self.last = beat(self._db, self._law, self._settings, now, self._wording)
            if self._looked != now.date():
                retention.fall_due(self._db, self._law, now)
                self._looked = now.date()
        except Exception as error:  # noqa: BLE001  the next beat comes all the same
            _report("heartbeat failed", error)
        else:
            self.last_at = now

    def _attest(self) -> None:
        try:
            attest(self._db, self._settings, datetime.now(UTC))
        except Exception as error:  # noqa: BLE001  the next time comes all the same
            _report("numbering failed", error)
