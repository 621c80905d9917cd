"""Cursors: where the next page begins. Opaque to whoever holds one, checked when it comes back; grants nothing."""

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta

from api.body import BadBody

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CASE = re.compile(r"c1:([0-9]{1,18}):([0-9a-f]{32})")
_SEQ = re.compile(r"t1:([0-9]{1,9})")
_LATEST = 2**53


def of_case(opened_at: datetime, case: str) -> str:
    """The cursor behind this case."""
    return _seal(f"c1:{(opened_at - _EPOCH) // timedelta(microseconds=1)}:{case}")


def case_behind(cursor: str) -> tuple[datetime, str]:
    """What of_case() was given. Raises BadBody for anything that it did not make."""
    found = _CASE.fullmatch(_open(cursor))
    if found is None or int(found[1]) > _LATEST:
        raise _bad()
    return _EPOCH + timedelta(microseconds=int(found[1])), found[2]


def of_event(seq: int) -> str:
    """The cursor behind this event."""
    return _seal(f"t1:{seq}")


def event_behind(cursor: str) -> int:
    """What of_event() was given, likewise."""
    found = _SEQ.fullmatch(_open(cursor))
    if found is None:
        raise _bad()
    return int(found[1])


def _seal(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _open(cursor: str) -> str:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        raise _bad() from None
    if _seal(text) != cursor:
        raise _bad()
    return text


def _bad() -> BadBody:
    return BadBody(422, "bad_cursor", "This cursor is not one that was given out here.")
