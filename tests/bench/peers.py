"""The peer that is always at hand: SQLModel as written at first, with a `transitions` machine for every case."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, event, func
from sqlmodel import Column, Field, Session, SQLModel, create_engine, select
from transitions import Machine

from tests.bench import unit
from tests.bench.child import Step

ARROWS = [
    {"trigger": move, "source": before, "dest": after, "conditions": "ok"}
    for move, before, after in unit.RING + unit.SIDE
]


class Flow:
    """What the machine drives."""

    def __init__(self, case: Any, told: dict[str, Any]) -> None:
        self.case, self.told = case, told
        self.machine = Machine(model=self, states=unit.STATES, transitions=ARROWS, initial=case.state)

    def ok(self) -> bool:
        """The guard."""
        unit.guard(self.case.agency, self.told)
        return True


def _models(schema: str | None) -> dict[str, Any]:
    where = {"schema": schema} if schema else {}
    stamp: Callable[[], Any] = lambda: Column(DateTime(timezone=True), server_default=func.now())  # noqa: E731
    empty: Callable[[], Any] = lambda: Column(DateTime(timezone=True), nullable=True)  # noqa: E731

    class RefCase(SQLModel, table=True):
        __tablename__ = "ref_case"
        __table_args__ = where
        id: int | None = Field(default=None, primary_key=True)
        agency: int
        state: str
        version: int
        seq: int
        head: bytes
        title: str = ""
        opened_at: datetime | None = Field(default=None, sa_column=stamp())
        moved_at: datetime | None = Field(default=None, sa_column=stamp())

    class Event(SQLModel, table=True):
        __tablename__ = "event"
        __table_args__ = where
        case_id: int = Field(primary_key=True)
        seq: int = Field(primary_key=True)
        kind: str
        body: str
        prev: bytes
        hash: bytes
        at: datetime | None = Field(default=None, sa_column=stamp())

    class Deadline(SQLModel, table=True):
        __tablename__ = "deadline"
        __table_args__ = where
        case_id: int = Field(primary_key=True)
        kind: str = Field(primary_key=True)
        due_at: datetime | None = Field(default=None, sa_column=stamp())
        fired_at: datetime | None = Field(default=None, sa_column=empty())

    class Outbox(SQLModel, table=True):
        __tablename__ = "outbox"
        __table_args__ = where
        id: int | None = Field(default=None, primary_key=True)
        case_id: int
        topic: str
        payload: str
        at: datetime | None = Field(default=None, sa_column=stamp())
        sent_at: datetime | None = Field(default=None, sa_column=empty())

    return {"case": RefCase, "event": Event, "deadline": Deadline, "outbox": Outbox}


def sqlmodel(index: int, *, url: str, schema: str | None = None, synchronous: str = "NORMAL") -> Step:
    """One session for each unit: rows fetched, changed and flushed by the library."""
    engine = create_engine(url)
    if not schema:

        @event.listens_for(engine, "connect")
        def _set_up(connection: Any, _: Any) -> None:
            connection.isolation_level = None
            for pragma in ("journal_mode = wal", f"synchronous = {synchronous}"):
                connection.execute(f"pragma {pragma}")

        @event.listens_for(engine, "begin")
        def _begin(connection: Any) -> None:
            connection.exec_driver_sql("begin immediate")

    model, cases = _models(schema), unit.some_cases(index)

    def step() -> None:
        with Session(engine) as session:
            number = next(cases)
            case = session.exec(select(model["case"]).where(model["case"].id == number).with_for_update()).one()
            move, after = unit.NEXT[case.state]
            told = unit.body(number, move, case.state, after, case.version + 1)
            flow = Flow(case, told)
            getattr(flow, move)()  # the machine keeps the state on its model
            raw, prev = unit.canonical(told), bytes(case.head)
            now, soon, later = unit.due()
            case.state, case.version, case.seq, case.head, case.moved_at = (
                after,
                case.version + 1,
                case.seq + 1,
                unit.link(prev, raw),
                now,
            )
            session.add(case)
            session.add(
                model["event"](
                    case_id=number, seq=case.seq, kind=after, body=raw.decode(), prev=prev, hash=case.head, at=now
                )
            )
            for kind, at in (("respond", soon), ("escalate", later)):
                standing: Any = session.get(model["deadline"], (number, kind))
                standing.due_at, standing.fired_at = at, None
            session.add(model["outbox"](case_id=number, topic="notify", payload=unit.MESSAGE, at=now))
            session.add(model["outbox"](case_id=number, topic="hook", payload=unit.MESSAGE, at=now))
            session.commit()

    return step
