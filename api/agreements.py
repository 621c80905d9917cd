"""Sharing agreements between agencies: recorded, listed, ended. For routes and commands; ended ones stay as they were.

Every function works in a session that its caller has opened. A second person's approval will stand in front of `add`
and `end` here, so that both ways in pass it.
"""

from datetime import datetime, timedelta
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import or_
from sqlmodel import Session, col, select

from api.directory import Slug
from api.schemas import stamp
from referral.errors import Blocked, NotFound, Reason
from referral.ids import new_id
from referral.models import Agency, Agreement
from referral.reckoning import at_local
from workflows.forms import Day, Line

Purpose = Literal["sharing", "support", "operation"]
DataClass = Literal["C1", "C2", "C3"]  # where a person is, C4, is under no agreement


class NewAgreement(BaseModel):
    """Two agencies, for what, which data, from when until when, and where the signed paper is."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    from_agency: Slug
    to_agency: Slug
    purposes: list[Purpose] = Field(min_length=1, max_length=3)
    classes: list[DataClass] = Field(min_length=1, max_length=3)
    starts_on: Day
    ends_on: Day
    source: Line

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.from_agency == self.to_agency:
            raise ValueError("an agency needs no agreement with itself")
        if self.ends_on < self.starts_on:
            raise ValueError("ends before it starts")
        return self


def add(session: Session, new: NewAgreement, now: datetime, zone: str) -> Agreement:
    """Record one. It ends after its last day in this zone. Raises Blocked where an agency does not work here."""
    for name in (new.from_agency, new.to_agency):
        agency = session.get(Agency, name)
        if agency is None or not agency.active:
            raise Blocked(Reason("no_such_agency", "There is no such working agency."))
    row = Agreement(
        id=new_id(), from_agency=new.from_agency, to_agency=new.to_agency,
        purposes=" ".join(dict.fromkeys(new.purposes)), classes=" ".join(sorted(set(new.classes))),
        starts_on=new.starts_on, ends_on=new.ends_on, runs_until=at_local(new.ends_on + timedelta(days=1), zone),
        source=new.source, made_at=now,
    )  # fmt: skip
    session.add(row)
    return row


def listed(session: Session, agency: str | None) -> list[Agreement]:
    """Those of an agency, as sharer or receiver, or all; the newest first, ended ones among them."""
    found = select(Agreement)
    if agency is not None:
        found = found.where(or_(col(Agreement.from_agency) == agency, col(Agreement.to_agency) == agency))
    return list(session.exec(found.order_by(col(Agreement.made_at).desc(), col(Agreement.id))))


def end(session: Session, agreement: str, agency: str | None, now: datetime) -> Agreement:
    """End one now; whatever was shared under it ends with it. Raises NotFound where it is not this agency's to end."""
    row = session.get(Agreement, agreement)
    if row is None or agency not in (None, row.from_agency, row.to_agency):
        raise NotFound
    if row.runs_until > now:  # ended already: nothing changes, and asking twice does no harm
        row.runs_until = row.ended_at = now
        session.add(row)
    return row


def told(row: Agreement) -> dict[str, Any]:
    """One agreement in JSON's types."""
    return {
        "id": row.id, "from_agency": row.from_agency, "to_agency": row.to_agency, "purposes": row.purposes.split(),
        "classes": row.classes.split(), "starts_on": row.starts_on.isoformat(), "ends_on": row.ends_on.isoformat(),
        "runs_until": stamp(row.runs_until), "source": row.source, "ended_at": stamp(row.ended_at),
    }  # fmt: skip
