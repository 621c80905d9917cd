"""Plays stories: every line as a request with its own token, and the heartbeat whenever something is due.

Time is moved by the stories alone.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import col

from api.app import create_app
from api.demo.caller import Answer, Caller
from api.demo.cast import BY_NAME, PASSWORD
from api.demo.story import Step, settled
from api.sessions import begin
from api.tokens import load_or_make
from api.v1.moves import COLLECTIONS
from referral.access import Role
from referral.db import Database
from referral.models import Bed, Deadline, Message, User
from referral.settings import Settings
from workflows import catalogue
from workflows.heartbeat import beat
from workflows.jurisdiction import Law
from workflows.wording import read_wording

ZONE = ZoneInfo("Europe/London")
TOKEN_LASTS = timedelta(minutes=4)
OK, REFUSED = 200, 400
UNHURRIED = dict.fromkeys(("reads_per_minute", "writes_per_minute", "sign_ins_per_minute"), 0)  # months in a minute
Progress = Callable[[int, int], None]  # lines played, lines in all


class StoryError(Exception):
    """A line of a story did not come out as it is told."""


@dataclass(slots=True)
class Acts:
    """What was played, for whoever tells it afterwards."""

    cases: dict[str, str] = field(default_factory=dict)  # name -> id
    seen_by: dict[str, str] = field(default_factory=dict)  # name -> who first acted on it
    lines: dict[tuple[str, int], Step] = field(default_factory=dict)  # (case id, seq) -> the line
    refusals: list[tuple[datetime, Step, str]] = field(default_factory=list)  # when, the line, the sentence
    missed: list[str] = field(default_factory=list)  # lines that could not be played, where that is allowed
    beats: int = 0


class Stage:
    """One database, played from the first day of a story on."""

    def __init__(
        self, db: Database, law: Law, settings: Settings, secrets: dict[str, str], start: date, *, strict: bool = True
    ) -> None:
        """`strict=False` goes on where a line cannot be played: bank holidays may lie elsewhere than in the story."""
        self._strict = strict
        self.db, self.law, self.settings = db, law, settings
        self.start, self.now = start, datetime.combine(start, time(), ZONE).astimezone(UTC)
        self.acts = Acts()
        self._keyring = load_or_make(settings.key_folder, self.now)
        told = settings.model_copy(update={**UNHURRIED, "second_factor": "optional"})  # nobody here has an app at hand
        self.caller = Caller(create_app(told, db, law, now=lambda: self.now, keyring=self._keyring))
        self._secrets, self._wording = secrets, read_wording()
        self._tokens: dict[str, tuple[str, datetime]] = {}
        with db.read() as session:
            self._users: dict[str, str] = {user.email: user.id for user in session.execute(select(User)).scalars()}
            self._beds: dict[str, str] = {bed.code_name: bed.id for bed in session.execute(select(Bed)).scalars()}

    def play(
        self, *stories: Iterable[Step], until: datetime | None = None, progress: Progress = lambda _, __: None
    ) -> Acts:
        """Every line of all stories in the order of time, up to a moment."""
        lines = sorted(((self.moment(one.when), one) for story in stories for one in story), key=lambda pair: pair[0])
        self.now = min(self.now, lines[0][0])
        for number, (at, one) in enumerate(lines, start=1):
            progress(number, len(lines))
            if until is None or at <= until:
                self.pass_time(at)
                self._try(one)
        if until is not None:
            self.pass_time(until)
            beat(self.db, self.law, self.settings, self.now, self._wording)  # what the last lines wrote is numbered
        return self.acts

    def close(self) -> None:
        """Let go of what the requests needed."""
        self.caller.close()

    def _try(self, one: Step) -> None:
        try:
            self.act(one)
        except StoryError as error:
            if self._strict:
                raise
            self.acts.missed.append(str(error))

    def act(self, one: Step) -> None:
        """One line, as a request."""
        workflow, move = catalogue.find(one.move)
        collection = f"/v1/{COLLECTIONS[workflow.of]}"
        opens = not move.leaves and catalogue.ROOTS[workflow.of] is workflow
        told = {"form": settled(one.told, self), **({"strand": one.strand} if one.strand else {})}
        headers = {"authorization": f"Bearer {self.token(one.who)}"}
        if opens:
            key = {"idempotency-key": f"{one.who}-{one.case}-{one.when}".replace(" ", "-")}
            answer = self.caller.post(collection, told, headers | key)
        else:
            path = f"{collection}/{self.case(one.case)}/{one.move.replace('.', '/')}"
            answer = self.caller.post(path, told, headers | {"if-match": "*"})
        self._keep(one, answer)

    def pass_time(self, until: datetime) -> None:
        """Beat whenever something is due, as the heartbeat of an installation would within its minute."""
        while (due := self._next_due()) is not None and due <= until:
            self.now = max(self.now, due)
            done = beat(self.db, self.law, self.settings, self.now, self._wording)
            self.acts.beats += 1
            if not (done.looked or done.delivered or done.undelivered or done.left):
                self.now += timedelta(minutes=1)
        self.now = max(self.now, until)

    def moment(self, when: str) -> datetime:
        """Day and local time of the story, in UTC."""
        day, _, hour = when.partition(" ")
        return datetime.combine(self.day(int(day)), time.fromisoformat(hour), ZONE).astimezone(UTC)

    def day(self, number: int) -> date:
        """The so-many-th day of the story."""
        return self.start + timedelta(days=number)

    def case(self, name: str) -> str:
        """The id of a case."""
        if name not in self.acts.cases:
            raise StoryError(f"{name} has no case yet.")
        return self.acts.cases[name]

    def staff(self, name: str) -> str:
        """The id of a member of staff."""
        return self._users[BY_NAME[name].email]

    def bed(self, name: str) -> str:
        """The id of a bed."""
        return self._beds[name]

    def token(self, who: str) -> str:
        """Their token: a partner's system asks by its secret each time, staff sign in with their password once.

        Later sessions of staff are begun without asking: each password takes a tenth of a second.
        """
        token, until = self._tokens.get(who, ("", self.now))
        if self.now < until:
            return token
        if who in BY_NAME and token:
            with self.db.write() as session:
                opened = begin(session, self.staff(who), kind="command_line", factor="password", now=self.now)
            token = opened.token
        else:
            token = self._sign_in(who)
        self._tokens[who] = token, self.now + TOKEN_LASTS
        return token

    def _sign_in(self, who: str) -> str:
        if who in BY_NAME:
            answer = self.caller.post("/v1/session", {"email": BY_NAME[who].email, "password": PASSWORD}, {})
        else:
            fields = {"grant_type": "client_credentials", "client_id": who, "client_secret": self._secrets[who]}
            answer = self.caller.post_form("/oauth/token", fields)
        if answer.status != OK:
            raise StoryError(f"{who} cannot sign in: {answer.told}")
        return str(answer.told["access_token"])

    def look(self, name: str, what: str = "") -> Answer:
        """Look at a case as somebody who takes part in it."""
        case, who = self.case(name), self.acts.seen_by[name]
        for collection in COLLECTIONS.values():
            answer = self.caller.get(f"/v1/{collection}/{case}{what}", self.token(who))
            if answer.status == OK:
                return answer
        raise StoryError(f"{who} cannot look at {name}.")

    def _keep(self, one: Step, answer: Answer) -> None:
        told = answer.told
        if one.refused:
            if answer.status < REFUSED or told.get("code") != one.refused:
                raise StoryError(f"{one.when} {one.case} {one.move} should be refused as {one.refused}: {told}")
            reasons = " ".join(reason["says"] for reason in told.get("reasons", ())) or told["detail"]
            self.acts.refusals.append((self.now, one, reasons))
            return
        if answer.status >= REFUSED:
            raise StoryError(f"{one.when} {one.who} {one.case} {one.move}: {answer.status} {told}")
        self.acts.cases.setdefault(one.case, told["case"])
        self.acts.seen_by.setdefault(one.case, one.who)
        if one.who in BY_NAME and Role.NAVIGATOR in BY_NAME[one.who].roles:  # who sees most of a case tells of it
            self.acts.seen_by[one.case] = one.who
        self.acts.lines[told["case"], told["seq"]] = one
        for name, opened in zip(one.opens, told["opened"], strict=True):
            self.acts.cases[name], self.acts.seen_by[name] = opened["case"], one.who
            self.acts.lines[opened["case"], 1] = one

    def _next_due(self) -> datetime | None:
        with self.db.read() as session:
            columns = (col(Deadline.next_at), col(Message.next_try_at))
            times = [session.execute(select(func.min(column))).scalar() for column in columns]
        return min((at for at in times if at is not None), default=None)
