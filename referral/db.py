"""The two ways to the database, read() and write(), and the door's own. Knows, with storage.py, which one it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlmodel import Session


class Database:
    """An engine for SQLite or PostgreSQL. Nothing is opened before the first use."""

    def __init__(self, url: str, *, pool: int = 8, durable: bool = True) -> None:
        """`durable=False` lets SQLite lose the last moves with the power; for throwaway databases only."""
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url = parsed
        self.is_postgres = parsed.get_backend_name() == "postgresql"
        self._spare: list[Any] = []  # a list takes and gives whole, whoever else does
        self._most = pool
        self.engine: Engine = self._postgres(pool) if self.is_postgres else self._sqlite(pool, durable=durable)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only looks, and sees one moment of the database however often it asks."""
        alike = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if self.is_postgres else {}
        with self.engine.execution_options(**alike).connect() as connection:
            if not self.is_postgres:
                connection.exec_driver_sql("BEGIN")
            with Session(connection) as session:
                yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits at its end, or writes nothing. Cases are changed by the door, never here."""
        engine = self.engine.execution_options(isolation_level="READ COMMITTED") if self.is_postgres else self.engine
        with engine.connect() as connection:
            if not self.is_postgres:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            with Session(connection, expire_on_commit=False) as session:
                yield session
                session.commit()
            connection.commit()

    def rows(self, session: Session, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows as the driver gives them, in the session's transaction: for walks over everything. `?` is a value."""
        connection: Any = session.connection().connection.driver_connection
        if not self.is_postgres:
            found: list[tuple[Any, ...]] = connection.execute(statement, values).fetchall()
            return found
        with connection.cursor(binary=True) as cursor:
            return list(cursor.execute(statement.replace("?", "%s"), values).fetchall())

    @contextmanager
    def raw(self) -> Iterator[Any]:
        """The driver's own connection, for the few statements that every move and every heartbeat make.

        These are kept apart from the pool, whose care for each loan costs as much as a statement.
        """
        try:
            connection = self._spare.pop()
        except IndexError:
            connection = self._detached()
        try:
            yield connection
        except BaseException:
            self._recover(connection)
            raise
        self._keep(connection)

    def _detached(self) -> Any:
        proxied = self.engine.raw_connection()
        connection: Any = proxied.driver_connection
        proxied.detach()
        if self.is_postgres:
            # The door finds rows by their keys alone, so a plan made once serves; making it took as long as using it.
            connection.execute("set plan_cache_mode = force_generic_plan")
        return connection

    def _recover(self, connection: Any) -> None:
        """Leave nothing half done on a connection that somebody else will get."""
        if self.is_postgres:
            if connection.closed or connection.info.transaction_status != 0:
                connection.close()
                return
        elif connection.in_transaction:
            connection.rollback()
        self._keep(connection)

    def _keep(self, connection: Any) -> None:
        if len(self._spare) < self._most:
            self._spare.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close every connection."""
        while self._spare:
            self._spare.pop().close()
        self.engine.dispose()

    def _postgres(self, pool: int) -> Engine:
        # Single statements commit by themselves; write() and migrations ask for a transaction.
        engine = create_engine(
            self.url,
            isolation_level="AUTOCOMMIT",
            pool_size=pool,
            max_overflow=4,
            pool_recycle=1800,
            pool_pre_ping=True,
            connect_args={
                "options": "-c timezone=UTC -c jit=off -c statement_timeout=30000 -c lock_timeout=10000",
                "prepare_threshold": 3,
                "connect_timeout": 10,
            },
        )

        @event.listens_for(engine, "connect")
        def _prepare_more(connection: Any, _: Any) -> None:
            connection.prepared_max = 400

        return engine

    def _sqlite(self, pool: int, *, durable: bool) -> Engine:
        if self.url.database and self.url.database != ":memory:":
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(self.url, connect_args={"timeout": 30}, pool_size=pool, max_overflow=64)

        @event.listens_for(engine, "connect")
        def _set_up(connection: Any, _: Any) -> None:
            # The driver must not begin transactions by itself: it would begin them too late, and lose updates silently.
            connection.isolation_level = None
            for pragma in ("journal_mode=WAL", f"synchronous={'FULL' if durable else 'NORMAL'}", "foreign_keys=ON",
                           "busy_timeout=30000", "secure_delete=ON", "cache_size=-16000"):  # fmt: skip
                connection.execute(f"PRAGMA {pragma}")

        return engine
