"""The two ways to the database, read() and write(), and the door's own. Knows, with storage.py, which one it is.

Each acts for one agency, for everybody or for nobody, and PostgreSQL is told so: its second line (second_line.py) shows
and changes nothing else. SQLite has no such line.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlmodel import Session

from referral.vault import Vault

EVERYBODY = "*"  # the engine itself: heartbeat, command line, sign-in's own tables; no agency can have this name
NOBODY = ""  # no case is seen


class Database:
    """An engine for SQLite or PostgreSQL. Nothing is opened before the first use."""

    def __init__(
        self, url: str, *, pool: int = 8, durable: bool = True, acts_for: str = EVERYBODY, vault: Vault | None = None
    ) -> None:
        """Without a vault, nothing that is sealed can be read or written.

        `durable=False` lets SQLite lose the last moves with the power; for throwaway databases only.
        """
        self.vault = vault
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url = parsed
        self.is_postgres = parsed.get_backend_name() == "postgresql"
        self.acts_for = acts_for
        self._views: dict[str, Database] = {}
        self._spare: list[tuple[str, Any]] = []  # each with the agency that the server was told it acts for
        self._taking = Lock()
        self._most = pool
        self.engine: Engine = self._postgres(pool) if self.is_postgres else self._sqlite(pool, durable=durable)

    def acting_for(self, agency: str) -> "Database":
        """The same database and the same connections, for one agency (its id), EVERYBODY or NOBODY."""
        view = self if agency == self.acts_for else self._views.get(agency)
        if view is None:
            view = copy(self)
            view.acts_for = agency
            self._views[agency] = view
        view.vault = self.vault
        return view

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only looks, and sees one moment of the database however often it asks."""
        alike = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if self.is_postgres else {}
        with self.engine.execution_options(**alike).connect() as connection:
            if self.is_postgres:
                self._tell(connection)
            else:
                connection.exec_driver_sql("BEGIN")
            with Session(connection) as session:
                yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits at its end, or writes nothing. Cases are changed by the door, never here."""
        engine = self.engine.execution_options(isolation_level="READ COMMITTED") if self.is_postgres else self.engine
        with engine.connect() as connection:
            if self.is_postgres:
                self._tell(connection)
            else:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            with Session(connection, expire_on_commit=False) as session:
                yield session
                session.commit()
            connection.commit()

    def widen(self, session: Session) -> None:
        """Let this one transaction see every case, once something else than taking part has let somebody in.

        The second line knows agencies and no people: it cannot tell by itself that one person may read one case.
        """
        if self.is_postgres:
            self.acting_for(EVERYBODY)._tell(session.connection())  # noqa: SLF001  of this class

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
        connection = self._taken()
        try:
            yield connection
        except BaseException:
            self._recover(connection)
            raise
        self._keep(connection)

    def _taken(self) -> Any:
        """A spare connection: one that acts for the same agency if there is one, or else the one idle for longest."""
        with self._taking:
            alike = [place for place, (agency, _) in enumerate(self._spare) if agency == self.acts_for]
            told, connection = self._spare.pop(alike[-1] if alike else 0) if self._spare else (NOBODY, None)
        connection = connection or self._detached()
        if self.is_postgres and told != self.acts_for:
            try:
                connection.execute("select set_config('lodestar.agency', %s, false)", [self.acts_for])
            except BaseException:
                connection.close()  # nobody knows for whom it acts
                raise
        return connection

    def _tell(self, connection: Connection) -> None:
        """For this transaction alone: a connection of the pool acts for nobody once it is given back."""
        if self.acts_for != NOBODY:
            connection.exec_driver_sql("select set_config('lodestar.agency', %s, true)", (self.acts_for,))

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
            self._spare.append((self.acts_for, connection))
        else:
            connection.close()

    def close(self) -> None:
        """Close every connection."""
        while self._spare:
            self._spare.pop()[1].close()
        self.engine.dispose()

    def _postgres(self, pool: int) -> Engine:
        # Single statements commit by themselves; write() and migrations ask for a transaction.
        engine = create_engine(
            self.url,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
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
        engine = create_engine(
            self.url, connect_args={"timeout": 30}, pool_size=pool, max_overflow=64, hide_parameters=True
        )

        @event.listens_for(engine, "connect")
        def _set_up(connection: Any, _: Any) -> None:
            # The driver must not begin transactions by itself: it would begin them too late, and lose updates silently.
            connection.isolation_level = None
            for pragma in ("journal_mode=WAL", f"synchronous={'FULL' if durable else 'NORMAL'}", "foreign_keys=ON",
                           "busy_timeout=30000", "secure_delete=ON", "cache_size=-16000"):  # fmt: skip
                connection.execute(f"PRAGMA {pragma}")

        return engine
