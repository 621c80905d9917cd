"""Sends what lies in the outbox: to the message log, and by e-mail where a mail server is set.

At least once: a message whose sender dies is sent again after its lease, under the same Message-ID. It carries a reference, a
plain sentence of the state or the rule, and a link; nothing about the person.
"""

import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Protocol

import orjson

from referral import outbox
from referral.db import Database
from referral.outbox import Letter
from referral.settings import Settings
from workflows.jurisdiction import Law
from workflows.wording import Wording, Words, words

MANY = 50
LEASE = timedelta(minutes=2)
PAUSES = (1, 5, 30, 2 * 60, 6 * 60, 24 * 60)  # minutes after each failed try; after the next one it is given up
PATIENCE = 10  # seconds that a mail server has for an answer


class Channel(Protocol):
    """A way out of the house."""

    def send(self, letter: Letter, said: Words) -> None:
        """Send one message, or raise OSError or ValueError."""


class Log:
    """A line of JSON for each message, in a file that only we can read."""

    def __init__(self, settings: Settings) -> None:
        """Make the folder if there is none."""
        settings.data.mkdir(parents=True, exist_ok=True)
        self._file = settings.data / "messages.log"

    def send(self, letter: Letter, said: Words) -> None:
        """Add the line in one piece, so that several processes may write."""
        line = {
            "id": letter.id, "kind": letter.kind, "about": letter.about, "agency": letter.agency_id,
            "reference": letter.reference, "link": said.link,
        }  # fmt: skip
        place = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(place, orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        finally:
            os.close(place)


class Mail:
    """One connection to the mail server, opened when first needed. Once it is lost, it stays so until the next batch."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened yet."""
        self._settings = settings
        self._server: smtplib.SMTP | None = None
        self._lost = False

    def send(self, letter: Letter, said: Words) -> None:
        """Write to the worker or the agency; whoever has no address finds the message in the log."""
        if letter.email is None:
            return
        if self._lost:
            raise smtplib.SMTPServerDisconnected
        mail = _mail(letter, said, self._settings.smtp_from)
        try:
            self._server = self._server or self._connect()
            self._server.send_message(mail)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPNotSupportedError, ValueError):
            raise  # this message alone
        except OSError:
            self._lost = True
            raise

    def close(self) -> None:
        """Say good-bye, if there is anybody to say it to."""
        if self._server is not None:
            try:
                self._server.quit()
            except OSError:
                self._server.close()

    def _connect(self) -> smtplib.SMTP:
        host = self._settings.smtp_host
        server = smtplib.SMTP(host, self._settings.smtp_port, timeout=PATIENCE)
        try:
            server.ehlo_or_helo_if_needed()
            if server.has_extn("starttls") and not _is_here(host):
                server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
        return server


def deliver(db: Database, law: Law, settings: Settings, now: datetime, wording: Wording) -> dict[str, int]:
    """Send all that waits; how many were delivered, and how many not."""
    sent = [_deliver(db, law, settings, now, wording, table) for table in outbox.CLAIMS]
    return {"delivered": sum(done for done, _ in sent), "undelivered": sum(lost for _, lost in sent)}


def _deliver(
    db: Database, law: Law, settings: Settings, now: datetime, wording: Wording, table: str
) -> tuple[int, int]:  # fmt: skip
    delivered = undelivered = 0
    while True:
        with db.write() as session:
            letters = outbox.CLAIMS[table](session, now, now + LEASE, MANY)
        if not letters:
            return delivered, undelivered
        with _channels(settings) as channels:
            failures = [
                (letter, _send(channels, letter, words(wording, law, letter, settings.address))) for letter in letters
            ]
        with db.write() as session:
            outbox.settle(session, [_outcome(letter, failure, now) for letter, failure in failures], table)
        lost = sum(failure is not None for _, failure in failures)
        delivered, undelivered = delivered + len(letters) - lost, undelivered + lost


@contextmanager
def _channels(settings: Settings) -> Iterator[list[Channel]]:
    """The ways that are open. The log comes last: what stands there has left."""
    if not settings.smtp_host:
        yield [Log(settings)]
        return
    mail = Mail(settings)
    try:
        yield [mail, Log(settings)]
    finally:
        mail.close()


def _send(channels: list[Channel], letter: Letter, said: Words) -> str | None:
    """None, or the kind of failure; never its text, in which a server may repeat an address."""
    if letter.withheld:
        return outbox.WITHHELD
    try:
        for channel in channels:
            channel.send(letter, said)
    except (OSError, ValueError) as failure:  # every error of smtplib is an OSError
        return type(failure).__name__[:80]
    return None


def _outcome(letter: Letter, failure: str | None, now: datetime) -> dict[str, object]:
    if failure is None:
        return {"id": letter.id, "delivered_at": now, "next_try_at": None, "failed": None}
    tries = letter.attempts <= len(PAUSES) and not letter.withheld
    again = now + timedelta(minutes=PAUSES[letter.attempts - 1]) if tries else None
    return {"id": letter.id, "delivered_at": None, "next_try_at": again, "failed": failure}


def _mail(letter: Letter, said: Words, sender: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, letter.email, said.subject
    mail["Date"] = format_datetime(letter.created_at)
    mail["Message-ID"] = f"<{re.sub(r'[^A-Za-z0-9.-]', '.', letter.id)}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # nobody's absence note answers it
    mail.set_content(said.text)
    return mail


def _is_here(host: str) -> bool:
    """A mail server on this machine, whose certificate nobody vouches for."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
