"""How transactions enter PostgreSQL: as a tenant or as the cloud itself, for as long as they last and no longer.

The walls are `walls.py`; here they are raised, and every transaction takes on its role as it begins. SQLite has no
roles: there `tenancy.py` stands alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event
from sqlmodel import Session

from cloud.tenancy import TenantId
from cloud.walls import SERVICE, TENANT, role_statements, seal, shops_setting, wall_statements

_AS_TENANT = (
    f"SELECT set_config('role', '{TENANT}', true), "
    "set_config('app.tenant', %s, true), set_config('app.shops', %s, true)"
)
_AS_SERVICE = f"SET LOCAL ROLE {SERVICE}"
_TENANT_KEY = "tenant"


class GateError(ValueError):
    """The database's roles are not as they must be; the text says what to run."""


def enter(session: Session, tenant: TenantId | None) -> None:
    """Let every transaction of a session run as a tenant, or (None) as the cloud itself."""
    session.info[_TENANT_KEY] = tenant
    if session.get_bind().dialect.name == "postgresql":
        event.listen(session, "after_begin", _take_role)


def _take_role(session: Session, _transaction: object, connection: Connection) -> None:
    tenant: TenantId | None = session.info[_TENANT_KEY]
    if tenant is None:
        connection.exec_driver_sql(_AS_SERVICE)
    else:
        connection.exec_driver_sql(_AS_TENANT, (tenant.dealer, shops_setting(tenant.shops)))


def tenant_of(session: Session) -> TenantId | None:
    """For whom a session is open; None for the cloud itself."""
    tenant: TenantId | None = session.info.get(_TENANT_KEY)
    return tenant


@contextmanager
def as_service(session: Session) -> Iterator[None]:
    """The cloud's own work inside a tenant's transaction: for what was found to be the tenant's, and no longer."""
    tenant = tenant_of(session)
    if tenant is None:
        yield
        return
    session.flush()
    _change(session, None)
    try:
        yield
        session.flush()
    finally:
        _change(session, tenant)


def _change(session: Session, tenant: TenantId | None) -> None:
    session.info[_TENANT_KEY] = tenant
    connection = session.connection()
    if connection.dialect.name == "postgresql" and _is_sound(connection):
        _take_role(session, None, connection)


def _is_sound(connection: Connection) -> bool:
    """Whether a transaction goes on: one that failed takes no statement, and its role ends with it."""
    driver: Any = connection.connection.driver_connection
    return bool(driver.info.transaction_status.name != "INERROR")


# ---- raising the walls ----


def raise_walls(connection: Connection) -> None:
    """See to it that both roles are there and every table has its policies (`GateError`)."""
    if connection.dialect.name != "postgresql":
        return
    if _missing(connection):
        _make_roles(connection)
    _refuse_strong_roles(connection)
    statements = wall_statements()
    if _standing(connection) != seal(statements):
        statements.append(f"COMMENT ON POLICY service ON dealer IS '{seal(statements)}'")
        connection.exec_driver_sql(";\n".join(statements))


def _missing(connection: Connection) -> bool:
    """Whether a role is not there, or not this login's to take on."""
    found = connection.exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN (%s, %s) AND pg_has_role(session_user, oid, 'SET')",
        (TENANT, SERVICE),
    )
    return bool(found.scalar_one() != len((TENANT, SERVICE)))


def _make_roles(connection: Connection) -> None:
    login, may = connection.exec_driver_sql(
        "SELECT session_user, rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = session_user"
    ).one()
    statements = role_statements(login)
    if not may:
        raise GateError(
            f"expected the roles {TENANT} and {SERVICE} for {login}, found none and no right to make them: "
            f"as a superuser run {'; '.join(statements)}"
        )
    # Another database of the same server may make them at the same moment.
    connection.exec_driver_sql(
        "".join(
            f"DO $$ BEGIN {statement}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;"
            for statement in statements
        )
    )


def _refuse_strong_roles(connection: Connection) -> None:
    found = connection.exec_driver_sql(
        "SELECT rolname FROM pg_roles WHERE rolname IN (%s, %s) AND (rolsuper OR rolbypassrls OR rolcanlogin)",
        (TENANT, SERVICE),
    ).scalars()
    for role in found:
        raise GateError(
            f"expected {role} to be held by row-level security and to sign nobody in, found that it is not: "
            f"as a superuser run ALTER ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS"
        )


def _standing(connection: Connection) -> str:
    found = connection.exec_driver_sql(
        "SELECT obj_description(oid, 'pg_policy') FROM pg_policy "
        "WHERE polname = 'service' AND polrelid = to_regclass('dealer')"
    ).scalar_one_or_none()
    return str(found or "")
