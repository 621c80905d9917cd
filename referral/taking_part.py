"""Who takes part in a case at an instant, and in what of it, for every statement. In Python: referral/basis.py."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, literal, or_, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from referral.basis import BY_CONSENT_ALONE, NAMELESS, NEVER_SHARED, Basis
from referral.models import Agreement, Participant

NOWS = 2  # how often the condition asks for the time


def takes_part(now: datetime | Any, part: Any = Participant) -> ColumnElement[bool]:
    """The condition that a participation has ended neither by a move nor by itself, nor with its agreement."""
    agreement = aliased(Agreement)
    runs = exists().where(col(agreement.id) == col(part.agreement_id), col(agreement.runs_until) > now)
    return and_(
        col(part.until).is_(None),
        or_(col(part.ends_on).is_(None), col(part.ends_on) > now),
        or_(col(part.agreement_id).is_(None), runs.correlate(part)),
    )


def covers(now: datetime | Any, level: str, part: Any = Participant) -> ColumnElement[bool]:
    """The condition that a participation is in force and its basis covers this class of data for its own purpose."""
    listed = (literal(" ") + col(part.classes) + " ").contains(f" {level} ")
    known = set(Basis) if level in NAMELESS else set(Basis) - {Basis.NOTIFY_ONLY}
    elsewhere = col(part.purpose).not_in(sorted(BY_CONSENT_ALONE))
    shared = elsewhere if level == NEVER_SHARED else or_(elsewhere, col(part.basis) == Basis.CONSENT.value)
    return and_(takes_part(now, part), listed, col(part.basis).in_(sorted(one.value for one in known)), shared)


@cache
def in_plain_sql(alias: str) -> str:
    """The same condition on a table of this alias, as text, with a `?` for each time it asks for the time."""
    part = aliased(Participant, name=alias)
    whole = select(col(part.case_id)).where(takes_part(bindparam("now", type_=UTCDateTime()), part))
    text = " ".join(str(whole.compile(dialect=sqlite.dialect())).split())
    return f"({text.partition(' WHERE ')[2]})"
