"""A mail server of our own, for tests that look at what leaves the house."""

import socket
from email import message_from_bytes
from email.message import Message
from typing import Any


class Postbox:
    """What a mail server was given; it can be told to refuse an address, or to give other answers to mails."""

    def __init__(self) -> None:
        """Empty, and friendly."""
        self.mails: list[tuple[str, Message]] = []
        self.answers: list[str] = []  # for the next mails; then every one is taken
        self.refused: set[str] = set()

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        """Take an address, or refuse it."""
        if address in self.refused:
            return "550 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail, for everybody that it is for."""
        self.mails += [(to, message_from_bytes(envelope.content)) for to in envelope.rcpt_tos]
        return self.answers.pop(0) if self.answers else "250 OK"


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
