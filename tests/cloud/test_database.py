"""The database's own rules: append-only tables, one version of the schema, and transactions that hold or vanish."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.event import listen, remove
from sqlalchemy.exc import DatabaseError as RefusedError
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from cloud.api.access import is_full
from cloud.database import Database, DatabaseError, database_url, open_database
from cloud.tables import APPEND_ONLY, METADATA, Movement, Shop
from tests.cloud import worlds
from tests.cloud.any_row import any_row
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import event, opening, upload

FULL = [
    event(1),
    opening("m1", 20),
    worlds.session("s1"),
    worlds.discrepancy("d1"),
    worlds.resolution("d1"),
    worlds.request("r1"),
    worlds.request_end("r1"),
    worlds.set_aside("cab-1/c0ffee00/1"),
    worlds.read_again("cab-1/c0ffee00/1"),
    worlds.verdict("v1"),
    worlds.rezero("z1"),
]


def test_the_database_refuses_change(cloud: Cloud) -> None:
    """UPDATE and DELETE of every append-only table fail in the database itself, also for the tables' owner."""
    cloud.receipt(upload(FULL))
    cloud.receipt(upload([event(2)]))  # one item for the quarantine
    for table in APPEND_ONLY:
        if not cloud.count(table):
            _add_row(cloud.services.database, str(table.__tablename__))
    before = {table.__tablename__: cloud.count(table) for table in APPEND_ONLY}
    assert min(before.values()) > 0
    for name in before:
        for statement in (f"UPDATE {name} SET dealer_id = 'south'", f"DELETE FROM {name}"):
            with (
                pytest.raises(RefusedError, match=f"{name} is append-only"),
                cloud.services.database.as_owner() as connection,
            ):
                connection.execute(text(statement))
    assert {table.__tablename__: cloud.count(table) for table in APPEND_ONLY} == before


def _add_row(database: Database, name: str) -> None:
    """Any row of a table that no gateway fills, and of the tables it refers to."""
    known = {"dealer_id": "north", "shop_id": "shop-1"}
    told = {key.parent.name: key.column.table for key in METADATA.tables[name].foreign_keys}
    for table in {table.name: table for column, table in told.items() if column not in known}.values():
        _add_row(database, table.name)
    with database.writing() as session:
        session.execute(METADATA.tables[name].insert(), [any_row(name, "x", 1, **known)])


def test_replacing_a_row_is_a_change_too(cloud: Cloud) -> None:
    """SQLite would let INSERT OR REPLACE slip past the triggers; PostgreSQL has TRUNCATE."""
    cloud.receipt(upload([opening("m1", 20)]))
    sqlite = cloud.services.database.is_sqlite
    statement = "INSERT OR REPLACE INTO movement SELECT * FROM movement" if sqlite else "TRUNCATE movement"
    with pytest.raises(RefusedError, match="append-only"), cloud.services.database.as_owner() as connection:
        connection.execute(text(statement))
    assert cloud.count(Movement) == 1


def test_tables_are_made_once(empty_address: str) -> None:
    """The second start finds what the first made."""
    for _ in range(2):
        open_database(empty_address).close()


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    """And the next one works."""
    with pytest.raises(ZeroDivisionError), database.writing() as session:
        session.add(Shop(id="shop-x", dealer_id="north", name="x"))
        session.flush()
        1 / 0  # noqa: B018
    with database.writing() as session:
        session.add(Shop(id="shop-y", dealer_id="north", name="y"))
    with database.reading() as session:
        assert {"shop-x", "shop-y"} & set(session.exec(select(Shop.id))) == {"shop-y"}


def test_reading_sees_one_moment(database: Database) -> None:
    """Two reads in one transaction agree although somebody wrote between them: a page's figures fit each other."""
    with database.reading() as session:
        before = len(session.exec(select(Shop)).all())
        with database.writing() as writer:
            writer.add(Shop(id="shop-z", dealer_id="north", name="z"))
        assert len(session.exec(select(Shop)).all()) == before


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("sqlite://", "a database in memory"),
        ("sqlite:///:memory:", "a database in memory"),
        ("mysql://x/y", "mysql"),
        ("nonsense", "no address"),
    ],
)
def test_an_address_that_cannot_be_used(address: str, found: str) -> None:
    """Each with its own sentence."""
    with pytest.raises(DatabaseError, match=found):
        open_database(address)


def test_sqlite_is_durable(tmp_path: Path) -> None:
    """WAL and synchronous=FULL on every connection, and foreign keys are kept."""
    opened = open_database(f"sqlite:///{tmp_path / 'cloud.db'}")
    with opened.reading() as session:
        found = {
            pragma: session.connection().execute(text(f"PRAGMA {pragma}")).scalar()
            for pragma in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        }
    opened.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}


@pytest.mark.parametrize("kind", ["postgresql"])
def test_a_database_that_was_away_comes_back(cloud: Cloud, postgres: str, address: str) -> None:
    """While it is away callers hear 503 and try again; then everything goes on by itself."""
    name = address.removeprefix("postgresql://partsbay@/").split("?")[0]
    body = upload([opening("m1", 20)])
    with psycopg.connect(host=postgres, user="partsbay", dbname="postgres", autocommit=True) as administrator:
        administrator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        administrator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        assert cloud.upload(body).status_code == 503
        assert cloud.client.get("/healthz").status_code == 503
        administrator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert cloud.receipt(body).through == 1
    assert cloud.client.get("/healthz").status_code == 200


def test_another_programs_database_is_refused(empty_address: str) -> None:
    """A gateway's, for one: its tables have names like ours, and none is touched."""
    engine = create_engine(database_url(empty_address))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE movement (x INTEGER)"))
    with pytest.raises(DatabaseError, match="found one of another program with movement"):
        open_database(empty_address)
    assert inspect(engine).get_table_names() == ["movement"]
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_full_disk_costs_nobody_anything(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    """Gateways hear 507 and try again, pages can be read; with room again everything goes on by itself."""
    engine = cloud.services.database.engine

    def no_growth(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # SQLite makes it the size it has

    listen(engine, "begin", no_growth)
    body = upload([opening("m1", 20)] + [event(seq, line="x" * 3000) for seq in range(1, 200)])
    for _ in range(2):
        answer = cloud.upload(body)
        assert answer.status_code == 507
        assert answer.json() == {"detail": "expected room on the database's disk, found it full: try again"}
    assert cloud.get("/api/shops")[0]["id"] == "shop-1"
    assert cloud.count(Movement) == 0
    assert "the disk of the database is full" in caplog.text
    remove(engine, "begin", no_growth)
    engine.dispose()  # the limit belongs to a connection
    assert cloud.receipt(body).through == 200
    assert cloud.count(Movement) == 1


def test_a_full_disk_of_postgresql_is_known_by_its_code() -> None:
    assert is_full(OperationalError("insert", {}, psycopg.errors.DiskFull("no space left on device")))
    assert not is_full(OperationalError("insert", {}, psycopg.errors.AdminShutdown("terminating")))
