"""A mail server of our own that keeps every mail as it came, byte for byte."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller


class PostOffice:
    """What it was given, and the settings that lead to it."""

    def __init__(self, port: int) -> None:
        self.mails: list[bytes] = []
        self.settings: dict[str, Any] = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_from": "a@house.invalid"}

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append("\n".join([envelope.mail_from, *envelope.rcpt_tos, ""]).encode() + envelope.content)
        return "250 OK"


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """Open while it is needed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        office = PostOffice(int(probe.getsockname()[1]))
    server = Controller(office, hostname="127.0.0.1", port=office.settings["smtp_port"])
    server.start()
    try:
        yield office
    finally:
        server.stop()
