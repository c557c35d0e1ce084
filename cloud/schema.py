"""The tables themselves: made in an empty database, brought up to date in an older one (docs/decisions/0023).

Runs as whoever owns the tables, in one transaction, on both databases: a start that is cut off leaves the tables of
before. What is decided by the program and not by the revision is made anew each time it is not there: the triggers
that keep append-only tables, and rows that only gather what others say. Walls are `gate.py`.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, Connection, inspect
from sqlmodel import Session, col, select

from cloud import migrations, open_matters
from cloud.catalogue.from_documents import take_parts_in
from cloud.partitions import event_partitions, make_partitions
from cloud.planned_bins import plan_all_bins
from cloud.shop_views import keep_all_views
from cloud.tables import APPEND_ONLY, METADATA, Document, SchemaVersion, Shop
from edge_gateway.shop_document import decode_document

_LOCK = 7271


class SchemaError(ValueError):
    """The database's tables cannot be used; the text says what was expected and what was found."""


def revision_of(connection: Connection) -> str:
    """The revision of a database's tables; "" for an empty one (`SchemaError`)."""
    tables = set(inspect(connection).get_table_names())
    if migrations.VERSION_TABLE in tables:
        found = connection.exec_driver_sql(f"SELECT version_num FROM {migrations.VERSION_TABLE}").scalar_one()  # noqa: S608
        return _known(str(found))
    if "schema_version" in tables:
        version = connection.exec_driver_sql("SELECT version FROM schema_version").scalar_one()
        return _known(f"{version:04}")
    if known := tables & METADATA.tables.keys():
        found = ", ".join(sorted(known)[:5])
        raise SchemaError(
            f"expected an empty database or one of the cloud's, found one of another program with {found}"
        )
    return ""


def _known(revision: str) -> str:
    if revision not in migrations.revisions():
        raise SchemaError(
            f"expected a database of revision {migrations.head()} or before, found revision {revision}: "
            "it was written by a newer Partsbay"
        )
    return revision


def prepare(connection: Connection) -> str:
    """Bring the tables to what this program works with; the revision they had before (`SchemaError`)."""
    with _foreign_keys_off(connection), connection.begin():
        one_at_a_time(connection)
        before = revision_of(connection)
        if before == migrations.head():
            return before
        if before:
            migrations.upgrade(connection, before)
            _gather(connection)
        else:
            _create(connection)
        # The revision as a number too: by it a program from before revisions refuses what it does not know.
        connection.exec_driver_sql(f"UPDATE schema_version SET version = {int(migrations.head())}")  # noqa: S608
        _refuse_changes(connection)
        _check_foreign_keys(connection)
    return before


def one_at_a_time(connection: Connection) -> None:
    """Wait for another program that sets up the same database: two may start at once."""
    if connection.dialect.name == "postgresql":  # on SQLite there is one writer anyway
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _create(connection: Connection) -> None:
    METADATA.create_all(connection)
    make_partitions(connection)
    with Session(connection) as session:
        session.add(SchemaVersion(version=0))
        session.flush()
    migrations.stamp(connection)


def _gather(connection: Connection) -> None:
    """Fill the tables that gather what others say, where an older database had none."""
    with Session(connection) as session:
        if not _has_rows(connection, "open_matter"):
            for statement in open_matters.find_all():
                connection.exec_driver_sql(statement)
        if not _has_rows(connection, "shop_view"):
            keep_all_views(session)
        if not _has_rows(connection, "planned_bin"):
            plan_all_bins(session)
        if not _has_rows(connection, "part"):
            _take_parts_in(session)
        session.flush()


def _take_parts_in(session: Session) -> None:
    """What shops' newest documents know of parts becomes the catalogue; prices are as old as the first document."""
    for shop in session.exec(select(Shop).order_by(col(Shop.id))).all():
        own = select(Document).where(col(Document.shop_id) == shop.id).order_by(col(Document.version))
        if documents := session.exec(own).all():
            take_parts_in(session, decode_document(bytes(documents[-1].body)), documents[0].stored_ms)


def _has_rows(connection: Connection, table: str) -> bool:
    return connection.exec_driver_sql(f"SELECT 1 FROM {table} LIMIT 1").first() is not None  # noqa: S608


# ---- append-only ----


def _refuse_changes(connection: Connection) -> None:
    """Make the triggers that are not there; those that are may say more than these (`redaction.py`)."""
    is_sqlite = connection.dialect.name == "sqlite"
    names = "name FROM sqlite_master WHERE type = 'trigger'" if is_sqlite else "tgname FROM pg_trigger"
    known = {name for (name,) in connection.exec_driver_sql(f"SELECT {names}")}
    make = _sqlite_refusals if is_sqlite else _postgresql_refusals
    for table in sorted(str(table.__tablename__) for table in APPEND_ONLY):
        for name, statement in make(table):
            if name not in known:
                connection.exec_driver_sql(statement)


def _sqlite_refusals(table: str) -> Iterator[tuple[str, str]]:
    for action in ("UPDATE", "DELETE"):
        name = f"{table}_refuses_{action.lower()}"
        yield (
            name,
            f"CREATE TRIGGER {name} BEFORE {action} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
        )


def _postgresql_refusals(table: str) -> Iterator[tuple[str, str]]:
    function = (
        f"CREATE OR REPLACE FUNCTION {table}_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    # A statement that names a partition passes by the triggers of its table.
    for guarded in (table, *event_partitions()) if table == "event" else (table,):
        name = f"{guarded}_refuses"
        yield (
            name,
            f"{function}; CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {guarded} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()",
        )


# ---- SQLite ----


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    """Let tables be remade on SQLite: it minds foreign keys while a table is away, and cannot be told later."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 -- the dialect says so
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite" and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
        raise SchemaError(f"expected every row's foreign keys to lead somewhere, found {lost[0]} without {lost[2]}")


def copy_beside(url: URL) -> Path | None:
    """Where an older SQLite database is kept before it is changed; None for PostgreSQL, whose copies are pg_dump's."""
    is_file = url.drivername == "sqlite" and url.database is not None
    return Path(f"{url.database}.before-{migrations.head()}") if is_file else None


def keep_copy(connection: Connection) -> None:
    """Keep a copy of an older SQLite database beside it, once (`SchemaError`)."""
    copy = copy_beside(connection.engine.url)
    if copy is None:
        return
    with connection.begin():
        before = revision_of(connection)
    if before not in {"", migrations.head()} and not copy.exists():
        _copy(Path(str(connection.engine.url.database)), copy)


def _copy(file: Path, copy: Path) -> None:
    """Whole or not at all: under another name until it is complete."""
    try:
        with TemporaryDirectory(prefix=f"{copy.name}-", dir=copy.parent) as folder:
            unfinished = Path(folder) / copy.name
            with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(unfinished)) as target:
                source.backup(target)
            unfinished.rename(copy)
    except (sqlite3.Error, OSError) as error:
        raise SchemaError(f"expected to keep a copy of {file} at {copy} before it is changed, found {error}") from error
