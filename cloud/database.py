"""The cloud's database: SQLite by default, PostgreSQL by address, and the rules both enforce themselves.

Reads go through `reading()`, writes through `writing()`; each is one transaction, committed when the block ends
well. SQLite has one writer, so writers queue on a lock here instead of failing on the file's. What tables there are,
and that append-only ones refuse UPDATE and DELETE, is `schema.py`.
`reading_as` and `writing_as` are for a tenant's rows; the plain ones for the cloud's own work.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from cloud.gate import GateError, enter, raise_walls
from cloud.redaction import guard_documents
from cloud.schema import SchemaError, keep_copy, one_at_a_time, prepare, revision_of
from cloud.tenancy import TenantId

BUSY_TIMEOUT_MS = 10_000
_WRITES = "partsbay_writes"


class DatabaseError(ValueError):
    """The database cannot be used; the text says what was expected and what was found."""


class Database:
    """An open database. `close()` ends its connections."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = threading.Lock() if engine.dialect.name == "sqlite" else None
        # A reader sees one moment, so that the figures of a page fit each other; in SQLite's WAL it does anyway.
        self._readers = engine if self.is_sqlite else engine.execution_options(isolation_level="REPEATABLE READ")

    @property
    def is_sqlite(self) -> bool:
        """Whether one writer at a time is all there is."""
        return self._writer is not None

    def reading(self) -> AbstractContextManager[Session]:
        """A transaction that only reads, and sees one moment."""
        return self._read(None)

    def reading_as(self, tenant: TenantId) -> AbstractContextManager[Session]:
        """As `reading`, and the database itself shows the tenant's rows alone."""
        return self._read(tenant)

    def writing(self) -> AbstractContextManager[Session]:
        """A transaction that is committed when the block ends well, and undone otherwise."""
        return self._write(None)

    def writing_as(self, tenant: TenantId) -> AbstractContextManager[Session]:
        """As `writing`, and the database itself takes the tenant's rows alone."""
        return self._write(tenant)

    @contextmanager
    def _read(self, tenant: TenantId | None) -> Iterator[Session]:
        with Session(self._readers, expire_on_commit=False) as session:
            enter(session, tenant)
            yield session

    @contextmanager
    def _write(self, tenant: TenantId | None) -> Iterator[Session]:
        with self.as_owner() as connection, Session(connection, expire_on_commit=False) as session:
            enter(session, tenant)
            with session.begin():
                yield session

    @contextmanager
    def as_owner(self) -> Iterator[Connection]:
        """A connection to write by as whoever signed in to the database, whose tables they are: to change tables."""
        with self._one_writer(), self.engine.connect() as connection:
            yield connection.execution_options(**{_WRITES: True})

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if self._writer is None:
            yield
            return
        with self._writer:
            yield

    def close(self) -> None:
        """End every connection."""
        self.engine.dispose()


def open_database(address: str) -> Database:
    """The database at an address, its tables made or brought up to date (`DatabaseError` when it cannot be used)."""
    engine = _engine(database_url(address))
    database = Database(engine)
    try:
        with database.as_owner() as connection:
            _set_up(connection)
    except BaseException:
        database.close()
        raise
    return database


def revision_at(address: str) -> str:
    """The revision of the tables at an address, "" when there are none; changes nothing (`DatabaseError`)."""
    engine = _engine(database_url(address))
    try:
        with engine.connect() as connection:
            return revision_of(connection)
    except SchemaError as error:
        raise DatabaseError(str(error)) from error
    finally:
        engine.dispose()


def database_url(address: str) -> URL:
    """The address as SQLAlchemy wants it: `sqlite:///file` or `postgresql://user:password@host/name`."""
    try:
        url = make_url(address)
    except ArgumentError:
        raise DatabaseError("expected a database_url such as sqlite:///./cloud.db, found no address") from None
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise DatabaseError(f"expected a database_url of sqlite or postgresql, found {url.drivername!r}")
    if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
        raise DatabaseError("expected a file in database_url, found a database in memory")
    return url


def _engine(url: URL) -> Engine:
    if url.drivername != "sqlite":
        return create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True)
    engine = create_engine(
        url, pool_size=10, max_overflow=40, connect_args={"check_same_thread": False, "isolation_level": None}
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: `_begin_sqlite` does
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # or INSERT OR REPLACE would slip past the triggers
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _set_up(connection: Connection) -> None:
    try:
        keep_copy(connection)
        prepare(connection)
        with connection.begin():
            one_at_a_time(connection)
            guard_documents(connection)
            raise_walls(connection)
    except (GateError, SchemaError) as error:
        raise DatabaseError(str(error)) from error
