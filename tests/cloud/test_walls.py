"""Row-level security by raw SQL, as the cloud's roles: what forgets its tenant sees nothing and changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import Session, select

from cloud import walls
from cloud.database import Database, DatabaseError, open_database
from cloud.gate import as_service
from cloud.tables import (
    APPEND_ONLY,
    DEALER_TABLES,
    METADATA,
    SERVICE_TABLES,
    SHOP_TABLES,
    AuditEntry,
    Document,
    Shop,
    ShopDealer,
)
from cloud.tenancy import TenantId, signed_in_tenant
from tests.cloud.any_row import any_row
from tests.cloud.conftest import Cloud
from tests.cloud.test_database import FULL
from tests.cloud.worlds import upload

pytestmark = pytest.mark.parametrize("kind", ["postgresql"])
NORTH, SOUTH = signed_in_tenant("north"), signed_in_tenant("south")
SEEN_BY_TENANTS = tuple(
    sorted({str(table.__tablename__) for table in (*SHOP_TABLES, *DEALER_TABLES) if table not in walls.SECRET})
)
_NAMED = {key.column.table.name for name in SEEN_BY_TENANTS for key in METADATA.tables[name].foreign_keys}
FILLED = tuple(  # and the secret ones that these name; what is named by others goes before them
    table.name
    for table in METADATA.sorted_tables
    if table.name in SEEN_BY_TENANTS
    or table.name in _NAMED & {str(each.__tablename__) for each in walls.SECRET if each in DEALER_TABLES}
)


@contextmanager
def acting(database: Database, tenant: TenantId | None) -> Iterator[Connection]:
    """A transaction under the tenant's role, for a tenant or (None) for none; undone in the end."""
    with database.as_owner() as connection, connection.begin() as transaction:
        connection.execute(text(f"SET LOCAL ROLE {walls.TENANT}"))
        if tenant is not None:
            values = {"dealer": tenant.dealer, "shops": walls.shops_setting(tenant.shops)}
            connection.execute(
                text("SELECT set_config('app.tenant', :dealer, true), set_config('app.shops', :shops, true)"), values
            )
        yield connection
        transaction.rollback()


def counted(connection: Connection, table: str) -> int:
    """How many rows of a table are seen."""
    return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def fill(database: Database) -> None:
    """A row of the northern dealer and one of the southern in every table that has none."""
    with database.writing() as session:
        columns, guest = "shop_id, dealer_id, is_host, has_left", "'shop-2', 'south', false, false"
        session.execute(text(f"INSERT INTO shop_dealer ({columns}) VALUES ({guest})"))
        for name in FILLED:
            for dealer, shop in (("north", "shop-1"), ("south", "shop-9")):
                _add(session, name, dealer, shop)


def _add(session: Session, name: str, dealer: str, shop: str) -> None:
    table = METADATA.tables[name]
    key = "dealer_id" if "dealer_id" in table.columns else "id"
    if session.execute(select(table.c[key]).where(table.c[key] == dealer)).first() is None:
        session.execute(table.insert(), [_made(name, dealer, shop)])


def _made(name: str, dealer: str, shop: str) -> dict[str, Any]:
    """Any row of a table, of a dealer and a shop."""
    number = 1000 + (dealer == "south")
    return any_row(name, dealer, number, dealer_id=dealer, shop_id=shop, user_id=1, membership_id=1)


def test_every_table_has_its_walls(database: Database) -> None:
    """A table with a dealer or a shop that has no policy fails here; so does one whose owner could slip past."""
    with database.as_owner() as connection:
        secured = dict(
            tuple(row)
            for row in connection.execute(
                text(
                    "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class "
                    "WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
                )
            )
        )
        policies = connection.execute(text("SELECT tablename, roles::text FROM pg_policies")).all()
    for_tenants = {table for table, roles in policies if walls.TENANT in roles}
    for name, table in METADATA.tables.items():
        if {"dealer_id", "shop_id"} & set(table.columns.keys()):
            assert secured[name] or name in {str(each.__tablename__) for each in walls.COPIED}, name
    assert for_tenants == {*SEEN_BY_TENANTS, "dealer"}


def test_no_right_is_more_than_needed(database: Database) -> None:
    """Nobody changes what is append-only, and tenants have no right at all on secrets and the cloud's own tables."""
    with database.as_owner() as connection:
        rows = connection.execute(
            text("SELECT grantee, table_name, privilege_type FROM information_schema.table_privileges")
        )
        found = {(grantee, table, right) for grantee, table, right in rows if grantee.startswith("partsbay_")}
    changes = {"UPDATE", "DELETE", "TRUNCATE"}
    fixed = {str(table.__tablename__) for table in APPEND_ONLY}
    assert not {row for row in found if row[1] in fixed and row[2] in changes}
    assert not {row for row in found if row[2] in {"TRUNCATE", "TRIGGER", "REFERENCES"}}
    hidden = {str(table.__tablename__) for table in (*SERVICE_TABLES, *walls.SECRET)} | {"dealer_user"}
    assert not {row for row in found if row[0] == walls.TENANT and row[1] in hidden}
    read_only = {str(table.__tablename__) for table in walls.READ_ONLY}
    assert {row[2] for row in found if row[0] == walls.TENANT and row[1] in read_only} == {"SELECT"}


def test_without_a_tenant_nothing_is_seen(database: Database) -> None:
    """Also when an empty text stands where the tenant's id should, as after a transaction that had one."""
    fill(database)
    with acting(database, None) as connection:
        assert {counted(connection, table) for table in (*SEEN_BY_TENANTS, "dealer")} == {0}
        connection.execute(text("SELECT set_config('app.tenant', '', true), set_config('app.shops', '*', true)"))
        assert {counted(connection, table) for table in (*SEEN_BY_TENANTS, "dealer")} == {0}


def test_a_tenant_sees_its_own_rows_alone(database: Database) -> None:
    """Of every table; of shops those it serves, of a shared one no row of the other dealer."""
    fill(database)
    for tenant, others in ((NORTH, "south"), (SOUTH, "north")):
        with acting(database, tenant) as connection:
            for table in SEEN_BY_TENANTS:
                assert counted(connection, table) > 0, table
                shared = table in {str(each.__tablename__) for each in SHOP_TABLES} and tenant is SOUTH
                where = "AND shop_id <> 'shop-2'" if shared and table != "shop" else "AND id <> 'shop-2'" * shared
                seen = text(f"SELECT count(*) FROM {table} WHERE dealer_id = :others {where}")
                assert connection.execute(seen, {"others": others}).scalar_one() == 0, table


def test_somebody_of_one_shop_sees_that_shop_alone(database: Database) -> None:
    """An owner's or a mechanic's tenant is narrowed wherever a row has a shop."""
    fill(database)
    with acting(database, signed_in_tenant("north", frozenset({"shop-2"}))) as connection:
        for table in SEEN_BY_TENANTS:
            column = "id" if table == "shop" else "shop_id"
            if column in METADATA.tables[table].columns:
                shops = set(connection.execute(text(f"SELECT DISTINCT {column} FROM {table}")).scalars())
                assert shops <= {"shop-2"}, table
    with acting(database, signed_in_tenant("north", frozenset())) as connection:
        assert counted(connection, "shop") == counted(connection, "cabinet") == counted(connection, "movement") == 0


@pytest.mark.parametrize("tenant", [None, SOUTH], ids=["nobody", "south"])
def test_nothing_is_written_for_another(database: Database, tenant: TenantId | None) -> None:
    """An INSERT of the northern dealer's is refused everywhere, whoever forgot what."""
    for table in SEEN_BY_TENANTS:
        made = _made(table, "north", "shop-1")
        with acting(database, tenant) as connection, pytest.raises(ProgrammingError, match=_REFUSED):
            connection.execute(METADATA.tables[table].insert(), [made])


def test_no_row_moves_to_another_dealer(database: Database) -> None:
    """Neither away nor here."""
    fill(database)
    for table in SEEN_BY_TENANTS:
        with acting(database, SOUTH) as connection, pytest.raises(ProgrammingError, match=_REFUSED):
            connection.execute(text(f"UPDATE {table} SET dealer_id = 'north'"))
    with acting(database, SOUTH) as connection:
        changed = connection.execute(text("UPDATE part SET brand = 'x' WHERE dealer_id = 'north'"))
        gone = connection.execute(text("DELETE FROM part WHERE dealer_id = 'north'"))
        assert (changed.rowcount, gone.rowcount) == (0, 0)


_REFUSED = "row-level security|permission denied"


def test_what_is_the_clouds_own_is_closed(cloud: Cloud) -> None:
    """Documents, raw events, cursors, passwords, tokens and codes."""
    cloud.receipt(upload(FULL))
    for table in (*SERVICE_TABLES, *walls.SECRET):
        with acting(cloud.services.database, NORTH) as connection, pytest.raises(ProgrammingError, match="permission"):
            counted(connection, str(table.__tablename__))
    with acting(cloud.services.database, NORTH) as connection, pytest.raises(ProgrammingError, match="permission"):
        connection.execute(text("SELECT password_hash FROM dealer_user"))


def test_a_partition_is_no_way_around(database: Database) -> None:
    """Partitions have no rights of their own."""
    with acting(database, NORTH) as connection, pytest.raises(ProgrammingError, match="permission"):
        counted(connection, "event_00")


def test_nothing_leaks_behind_a_transaction(database: Database) -> None:
    """The same connection, asked again without a tenant, or for another."""
    with database.reading_as(NORTH) as session:
        assert set(session.exec(select(Shop.id))) == {"shop-1", "shop-2"}
        session.rollback()
        assert set(session.exec(select(Shop.id))) == {"shop-1", "shop-2"}, "a second transaction has its role too"
    with database.reading_as(SOUTH) as session:
        assert set(session.exec(select(Shop.id))) == {"shop-9"}
    with database.as_owner() as connection:
        role, tenant = connection.execute(text("SELECT current_user, current_setting('app.tenant', true)")).one()
    assert (role, tenant or "") == ("partsbay", "")


def test_the_clouds_own_work_within_a_tenants(database: Database) -> None:
    """It ends where it ends, also when it fails."""
    with database.writing_as(SOUTH) as session:
        with as_service(session):
            assert len(session.exec(select(Document.shop_id)).all()) == 3
        assert session.exec(select(Shop.id)).all() == ["shop-9"]
        with pytest.raises(KeyError), as_service(session):
            raise KeyError
        assert session.exec(select(Shop.id)).all() == ["shop-9"]
        session.add(AuditEntry(dealer_id="south", at_ms=1, user_id=1, user_name="x", action="a", target="t"))
    with pytest.raises(ProgrammingError), database.writing_as(SOUTH) as session, as_service(session):
        session.execute(text("SELECT no_such_column FROM shop"))


def test_a_guest_writes_its_own_rows_in_a_shared_shop(database: Database) -> None:
    """A vehicle of the shop by the guest says so, and both see it."""
    with database.writing() as session:
        session.add(ShopDealer(shop_id="shop-1", dealer_id="south", is_host=False))
    with acting(database, SOUTH) as connection:
        before = counted(connection, "vehicle")
        made = _made("vehicle", "south", "shop-1")
        connection.execute(METADATA.tables["vehicle"].insert(), [made])
        assert counted(connection, "vehicle") == before + 1
        assert set(
            connection.execute(text("SELECT dealer_id FROM shop_dealer WHERE shop_id = 'shop-1'")).scalars()
        ) == {"south"}
        assert set(connection.execute(text("SELECT id FROM dealer")).scalars()) == {"south"}


def test_roles_that_are_missing_are_named(empty_address: str, postgres: str) -> None:
    """A login that may make none is told what a superuser has to run; after that it does."""
    administrator = {"host": postgres, "user": "partsbay", "dbname": "postgres", "autocommit": True}
    name = empty_address.removeprefix("postgresql://partsbay@/").split("?")[0]
    with psycopg.connect(**administrator) as connection:
        connection.execute("CREATE ROLE plain_login LOGIN")
        connection.execute(f'ALTER DATABASE "{name}" OWNER TO plain_login')
    try:
        address = empty_address.replace("partsbay@", "plain_login@")
        with pytest.raises(DatabaseError, match=r"as a superuser run .*GRANT partsbay_tenant, partsbay_service TO"):
            open_database(address)
        with psycopg.connect(**administrator) as connection:
            connection.execute("DO $$ BEGIN CREATE ROLE partsbay_tenant; EXCEPTION WHEN duplicate_object THEN END $$")
            connection.execute("DO $$ BEGIN CREATE ROLE partsbay_service; EXCEPTION WHEN duplicate_object THEN END $$")
            connection.execute("GRANT partsbay_tenant, partsbay_service TO plain_login")
        opened = open_database(address)
        with opened.reading_as(NORTH) as session:
            assert session.exec(select(Shop.id)).all() == []
        opened.close()
    finally:
        with psycopg.connect(**administrator) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            connection.execute("DROP ROLE plain_login")


def test_a_role_that_row_level_security_does_not_hold_is_refused(empty_address: str) -> None:
    """BYPASSRLS would make the walls of paper."""
    open_database(empty_address).close()
    address = empty_address.replace("postgresql://partsbay@/", "")
    name, host = address.split("?host=")
    with psycopg.connect(host=host, user="partsbay", dbname=name, autocommit=True) as connection:
        connection.execute("ALTER ROLE partsbay_tenant BYPASSRLS")
        try:
            with pytest.raises(DatabaseError, match="ALTER ROLE partsbay_tenant NOLOGIN NOSUPERUSER NOBYPASSRLS"):
                open_database(empty_address)
        finally:
            connection.execute("ALTER ROLE partsbay_tenant NOBYPASSRLS")
