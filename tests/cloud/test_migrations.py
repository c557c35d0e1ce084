"""Databases of every released version are brought up to date with all their rows, on both kinds of database."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine

from cloud import migrate, migrations
from cloud.database import Database, DatabaseError, database_url, open_database
from cloud.ingest import GatewayIdentity, Ingest
from cloud.partitions import event_partitions
from cloud.settings import Settings
from cloud.tables import METADATA
from edge_gateway.upload_format import Content
from tests import warm_programs
from tests.cloud import interrupted_migration, worlds
from tests.cloud.postgres import new_database
from tests.cloud.schemas import rows_of, schema_of, table_names

KEPT = Path(__file__).parent / "databases"
VERSIONS = ["version_1", "version_2", "version_3", "version_3_that_was_1"]
NEWEST = "version_4"  # the last that was released
# Filled otherwise than row by row.
OTHERWISE = {"dealer_user", "schema_version", "sign_in", "upload_item"}
KILLED_S = 120
_numbers = count(1)
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def kept(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> str:
    """The address of a database as a program of before left it: of the last version, unless a test says otherwise."""
    version = getattr(request, "param", NEWEST)
    text = (KEPT / f"{version}.{kind}.sql").read_text("utf-8")
    if kind == "sqlite":
        file = tmp_path / "cloud.db"
        connection = sqlite3.connect(file)
        connection.executescript(text)
        connection.close()
        return f"sqlite:///{file}"
    address = new_database(request.getfixturevalue("postgres"), f"kept_{next(_numbers)}")
    with psycopg.connect(address) as server:
        server.execute(text)  # type: ignore[call-overload]
    return address


@contextmanager
def looking(address: str) -> Iterator[Connection]:
    """A connection that only looks, past everything that opening a database does."""
    engine = create_engine(database_url(address))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def everything(address: str) -> Rows:
    """Every row of every table."""
    with looking(address) as connection:
        return {table: rows_of(connection, table) for table in table_names(connection)}


def in_order(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in rows)


@pytest.mark.parametrize("kept", VERSIONS, indirect=True)
def test_a_database_of_every_version_is_migrated_with_all_its_rows(kept: str) -> None:
    """And goes on being what it was: gateways go on where they were, repeats are known, people are who they were."""
    before = everything(kept)
    database = open_database(kept)
    after = everything(kept)
    filled = {table for table in before if before[table]}
    assert before.keys() - filled <= {"set_aside", "read_again", "verdict", "rezero"}  # a first version knew none
    for table in filled - OTHERWISE:
        known = [{name: row[name] for name in before[table][0]} for row in after[table]]
        assert in_order(known) == in_order(before[table]), table
    check_people(before, after)
    check_shops(after)
    check_received(before, after)
    check_bookings_go_on(database)
    database.close()


def test_a_database_of_the_last_version_keeps_every_row_as_it_is(kept: str) -> None:
    """Nothing of before is changed, and gateways go on where they were."""
    before = everything(kept)
    database = open_database(kept)
    after = everything(kept)
    assert {"vehicle", "transfer", "shop_feed", "feed_answer", "audit_entry", "upload_batch"} <= set(before)
    for table in before.keys() - {"schema_version", migrations.VERSION_TABLE}:
        assert in_order(after[table]) == in_order(before[table]), table
    assert not any(after[table] for table in after.keys() - before.keys())
    check_bookings_go_on(database)
    database.close()


def check_people(before: Rows, after: Rows) -> None:
    """Whoever could sign in is an admin of the same dealer, with the same password, and still signed in."""
    admins = {(row["user_id"], row["dealer_id"], row["role"]) for row in after["membership"]}
    assert admins == {(row["id"], row["dealer_id"], "admin") for row in before["dealer_user"]}
    users = [{name: row[name] for name in ("id", "email", "name", "password_hash")} for row in before["dealer_user"]]
    assert in_order([{name: row[name] for name in users[0]} for row in after["dealer_user"]]) == in_order(users)
    memberships = {row["user_id"]: row["id"] for row in after["membership"]}
    assert {(row["id"], row["membership_id"], row["ended_ms"]) for row in after["sign_in"]} == {
        (row["id"], memberships[row["user_id"]], row["ended_ms"]) for row in before["sign_in"]
    }


def check_shops(after: Rows) -> None:
    """Every shop is served by its dealer, sees its document, and has the jobs that its documents named."""
    hosts = {("shop-1", "north", 1), ("shop-2", "north", 1), ("shop-9", "south", 1)}
    assert {(row["shop_id"], row["dealer_id"], row["is_host"]) for row in after["shop_dealer"]} == hosts
    assert {(row["shop_id"], row["dealer_id"]) for row in after["shop_view"]} == {host[:2] for host in hosts}
    assert {(row["shop_id"], row["id"], row["plate"], row["opened_ms"], row["closed_ms"]) for row in after["job"]} == {
        ("shop-1", "j-1", "鲁B12345", worlds.NOW_MS, 0),
        ("shop-1", "j-2", "鲁B54321", worlds.NOW_MS + 1000, 0),
        ("shop-2", "j-1", "鲁B12345", worlds.NOW_MS, 0),
        ("shop-9", "j-1", "鲁B12345", worlds.NOW_MS, 0),
    }
    assert {row["source"] for row in after["job"]} == {"document"}
    assert {(row["kind"], row["id"]) for row in after["open_matter"]} == {("discrepancy", "d2"), ("request", "r2")}
    assert len(after["planned_bin"]) == 6
    assert {(row["dealer_id"], row["number"]) for row in after["part"]} == {
        (dealer, part.number) for dealer in ("north", "south") for part in (worlds.FILTER, worlds.BOLT)
    }
    assert {(row["dealer_id"], row["part"], row["from_day"], row["price_minor"]) for row in after["part_price"]} == {
        (dealer, worlds.FILTER.number, "2026-11-17", 4500) for dealer in ("north", "south")
    }


def check_received(before: Rows, after: Rows) -> None:
    """Of every number the digest is known that was known."""
    known = {(row["gateway_id"], row["epoch"], row["seq"]): row["digest"] for row in before["upload_item"]}
    found = {
        (row["gateway_id"], row["epoch"], number): row["digests"][at : at + 16]
        for row in after["upload_batch"]
        for at, number in zip(range(0, len(row["digests"]), 16), range(row["first"], row["last"] + 1), strict=True)
    }
    assert found == known


def check_bookings_go_on(database: Database) -> None:
    """What is said again changes nothing, another content is put aside, and the next number is booked."""
    ingest = Ingest(database, lambda: worlds.NOW_MS)
    gateway = GatewayIdentity("gw-1", "shop-1", "north")
    before = count_of(database, "event"), count_of(database, "ingest_quarantine")
    said: list[Content] = [worlds.event(7), worlds.event(8)]
    for contents in (said[:1], said[:1], said, [worlds.event(9)]):
        ingest.receive(gateway, worlds.upload(contents, epoch="e2"))
    assert (count_of(database, "event"), count_of(database, "ingest_quarantine")) == (before[0] + 1, before[1] + 1)


def count_of(database: Database, table: str) -> int:
    with database.reading() as session:
        return int(session.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_a_migrated_database_and_a_new_one_have_the_same_tables(kept: str, empty_address: str) -> None:
    """Tables, columns and their order, keys, indexes, triggers, policies, grants, partitions; and all as declared."""
    for address in (kept, empty_address):
        open_database(address).close()
    with looking(kept) as migrated, looking(empty_address) as new:
        found, wanted = schema_of(migrated), schema_of(new)
        for what in wanted:
            assert found[what] == wanted[what], f"the newest revision does not make the {what} that the tables say"
        # Partitions and the table of revisions are not declared.
        context = MigrationContext.configure(migrated, opts={"include_name": declared})
        assert compare_metadata(context, METADATA) == []


def declared(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name not in {migrations.VERSION_TABLE, *event_partitions()}


@pytest.mark.parametrize(("kept", "revision"), [("version_3", "0003"), ("version_4", "0004")], indirect=["kept"])
def test_every_revision_from_the_first_makes_the_same(kept: str, revision: str, empty_address: str) -> None:
    """What a program of then made by itself, the revisions make from nothing."""
    with looking(empty_address) as connection:
        with connection.begin():
            migrations.create(connection, revision)
        made = schema_of(connection)
    with looking(kept) as connection:
        of_then = schema_of(connection)
    for what in ("columns", "constraints", "sqlite_master"):
        assert without_triggers(made.get(what, [])) >= without_triggers(of_then.get(what, []))


def without_triggers(found: list[tuple[Any, ...]]) -> set[str]:
    """Columns that were added have another place, and the default that older rows got by it."""
    return {str(row[1:3]) for row in found if row[0] not in {"trigger", migrations.VERSION_TABLE}}


def test_a_database_of_a_newer_program_is_refused(empty_address: str) -> None:
    """Rather than written to without understanding it; a program from before revisions refuses ours as well."""
    open_database(empty_address).close()
    assert everything(empty_address)["schema_version"] == [{"id": 1, "version": int(migrations.head())}]
    with looking(empty_address) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseError, match=r"found revision 9999: it was written by a newer Partsbay"):
        open_database(empty_address)


@pytest.mark.parametrize("kept", ["version_3"], indirect=True)
def test_a_version_that_nobody_released_is_refused(kept: str) -> None:
    with looking(kept) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE schema_version SET version = 77")
    with pytest.raises(DatabaseError, match="found revision 0077"):
        open_database(kept)


@pytest.mark.parametrize(("kept", "last"), [("version_3", 150), ("version_4", 45)], indirect=["kept"])
def test_a_migration_that_is_killed_leaves_the_database_of_before(kept: str, last: int) -> None:
    """Wherever it is killed; and the next one goes through."""
    before = everything(kept)
    program = warm_programs.started(interrupted_migration.run, kept, last // 5, last)
    program.join(KILLED_S)
    assert program.exitcode in {4, 5}
    assert everything(kept) == before
    open_database(kept).close()
    assert len(everything(kept)["membership"]) == len(before["dealer_user"])


def test_two_programs_that_start_at_once_migrate_once(kept: str) -> None:
    with ThreadPoolExecutor(2) as starting:
        for opened in starting.map(open_database, [kept, kept]):
            opened.close()
    assert len(everything(kept)["membership"]) == 2


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_copy_of_the_database_of_before_stays_beside_it(kept: str) -> None:
    """Once, and whole."""
    before = everything(kept)
    for _ in range(2):
        open_database(kept).close()
    file = Path(str(database_url(kept).database))
    copies = sorted(path.name for path in file.parent.iterdir() if path.name.startswith("cloud.db.before"))
    assert copies == [f"cloud.db.before-{migrations.head()}"]
    assert everything(f"{kept}.before-{migrations.head()}") == before


@pytest.mark.parametrize("kind", ["sqlite"])
def test_without_room_for_the_copy_nothing_is_changed(kept: str) -> None:
    before = everything(kept)
    Path(f"{database_url(kept).database}.before-{migrations.head()}").mkdir()
    open_database(kept).close()  # a copy of that name is there: somebody's own
    assert everything(kept) != before


def test_an_operator_can_ask_first_and_then_migrate(kept: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`partsbay cloud migrate --check` changes nothing and tells by its exit status; without it the work is done."""
    wanted = Settings(secret=worlds.SECRET, database_url=kept)
    before = everything(kept)
    assert migrate.check(wanted) == 1
    assert everything(kept) == before
    assert [migrate.migrate(wanted), migrate.check(wanted), migrate.migrate(wanted)] == [0, 0, 0]
    said = capsys.readouterr().out
    assert said.startswith(f"cloud database: revision 0004: a start would make it {migrations.head()}\n")
    assert f"revision 0004 became {migrations.head()}" in said
    assert (f".before-{migrations.head()}\n" in said) == kept.startswith("sqlite")
    assert said.endswith("which is the newest: nothing was to do\n")
