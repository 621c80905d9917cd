"""How long the proof of a second factor counts, for everything that asks for one again."""

from datetime import datetime, timedelta

FRESH = timedelta(minutes=5)


def is_fresh(shown_at: datetime | None, now: datetime) -> bool:
    """Whether a second factor was shown just now. The instant at which the time is over is already outside (UTC)."""
    return shown_at is not None and shown_at <= now < shown_at + FRESH
