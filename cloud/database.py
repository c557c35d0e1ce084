"""The cloud's database: SQLite by default, PostgreSQL by address, and the rules both enforce themselves.

Reads go through `reading()`, writes through `writing()`; each is one transaction, committed when the block ends
well. SQLite has one writer, so writers queue on a lock here instead of failing on the file's. Append-only tables
refuse UPDATE and DELETE by triggers in the database.
`reading_as` and `writing_as` are for a tenant's rows; the plain ones for the cloud's own work.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Engine, create_engine, event, inspect, literal
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.schema import CreateColumn
from sqlmodel import Session, select

from cloud import open_matters
from cloud.gate import GateError, enter, raise_walls
from cloud.partitions import make_partitions
from cloud.planned_bins import plan_all_bins
from cloud.shop_views import keep_all_views
from cloud.tables import APPEND_ONLY, METADATA, SchemaVersion
from cloud.tenancy import TenantId

SCHEMA_VERSION = 3
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
    """The database at an address, with its tables made if it had none (`DatabaseError` when it cannot be used)."""
    engine = _engine(database_url(address))
    database = Database(engine)
    try:
        with database.as_owner() as connection, connection.begin():
            _prepare(connection)
            _raise_walls(connection)
    except BaseException:
        database.close()
        raise
    return database


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


def _prepare(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7271)")  # two programs may start at once
    tables = set(inspect(connection).get_table_names())
    if "schema_version" not in tables:
        _refuse_foreign(tables & METADATA.tables.keys())
        _create(connection)
        return
    version = Session(connection).exec(select(SchemaVersion.version)).one()
    if version > SCHEMA_VERSION:
        raise DatabaseError(
            f"expected a database of schema version {SCHEMA_VERSION} or before, found version {version}: "
            "it was written by a newer Partsbay"
        )
    if version < SCHEMA_VERSION:
        _add_what_is_new(connection, tables)


def _raise_walls(connection: Connection) -> None:
    try:
        raise_walls(connection)
    except GateError as error:
        raise DatabaseError(str(error)) from error


def _refuse_foreign(tables: set[str]) -> None:
    if tables:
        found = ", ".join(sorted(tables)[:5])
        raise DatabaseError(
            f"expected an empty database or one of the cloud's, found one of another program with {found}"
        )


def _create(connection: Connection) -> None:
    METADATA.create_all(connection)
    make_partitions(connection)
    _refuse_changes(connection, {str(table.__tablename__) for table in APPEND_ONLY})
    session = Session(connection)
    session.add(SchemaVersion(version=SCHEMA_VERSION))
    session.flush()


def _add_what_is_new(connection: Connection, tables: set[str]) -> None:
    """Bring an older database up to date: tables and columns are only ever added."""
    METADATA.create_all(connection)
    _refuse_changes(connection, {str(table.__tablename__) for table in APPEND_ONLY} - tables)
    for name in sorted(tables & METADATA.tables.keys()):
        known = {column["name"] for column in inspect(connection).get_columns(name)}
        for column in METADATA.tables[name].columns:
            if column.name not in known:
                connection.exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN {_as_added(column, connection.dialect)}")
    session = Session(connection)
    if "open_matter" not in tables:
        for statement in open_matters.find_all():
            connection.exec_driver_sql(statement)
    if "shop_view" not in tables:
        keep_all_views(session)
    if "planned_bin" not in tables:
        plan_all_bins(session)
    session.exec(select(SchemaVersion)).one().version = SCHEMA_VERSION
    session.flush()


def _as_added(column: Column[Any], dialect: Dialect) -> str:
    """A new column, and what it holds in the rows that are there."""
    wanted = str(CreateColumn(column).compile(dialect=dialect))
    default: Any = column.default
    if default is None or not default.is_scalar:
        return wanted
    held = literal(default.arg, column.type).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return f"{wanted} DEFAULT {held}"


def _refuse_changes(connection: Connection, tables: set[str]) -> None:
    for table in sorted(tables):
        for statement in _refusals(table, connection.dialect.name):
            connection.exec_driver_sql(statement)


def _refusals(table: str, dialect: str) -> list[str]:
    text = f"{table} is append-only"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_refuses_{action.lower()} BEFORE {action} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{text}'); END"
            for action in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {table}_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{text}'; END $$",
        f"CREATE TRIGGER {table}_refuses BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()",
    ]
