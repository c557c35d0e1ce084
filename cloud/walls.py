"""The second wall: PostgreSQL's own row-level security, as text. The first is `tenancy.py`.

Every transaction of the cloud runs as one of two roles that cannot sign in (`gate.py` takes them on). `TENANT` sees
and writes the rows of the dealer in `app.tenant` alone, narrowed to the shops in `app.shops`; without a tenant it
sees nothing. `SERVICE` is the cloud's own work: every row, but neither may change what is append-only. On tables that
no tenant may see at all `TENANT` has no right whatever. This module only makes statements, from the tables as they
are defined; made again they change nothing.
"""

import hashlib
from typing import Final

from sqlalchemy import Column, Integer
from sqlalchemy import Table as SqlTable

from cloud.tables import (
    APPEND_ONLY,
    DEALER_TABLES,
    METADATA,
    SHOP_TABLES,
    AlertWay,
    ApiToken,
    Balance,
    BotHook,
    Cabinet,
    CabinetCertificate,
    CabinetDoors,
    CabinetFirmware,
    CabinetSession,
    CabinetStatus,
    Dealer,
    DeviceEvent,
    Discrepancy,
    EnrolmentCode,
    Event,
    FeedAnswer,
    FirmwareRelease,
    Gateway,
    GatewayCertificate,
    GaugeDay,
    IngestQuarantine,
    Invitation,
    KioskJob,
    KioskJobEnd,
    LevelCurve,
    Membership,
    MonthTotal,
    Movement,
    OpenMatter,
    PartCurve,
    PartPrice,
    PartYear,
    PlannedBin,
    Posting,
    ReadAgain,
    Request,
    RequestEnd,
    Resolution,
    RestockedBin,
    ReZero,
    Rollout,
    RolloutCabinet,
    RolloutStep,
    SetAside,
    Shop,
    ShopDealer,
    ShopView,
    SignIn,
    Table,
    TaughtMass,
    TotalsMonth,
    Verdict,
)

TENANT: Final = "partsbay_tenant"
SERVICE: Final = "partsbay_service"
ALL_SHOPS: Final = "*"  # in app.shops; a list of shops begins with a line's end, so that no shop can be named so

# Whose rows they are is a dealer's, but they hold what nobody's query may show: they are read by the cloud alone.
SECRET: Final[tuple[type[Table], ...]] = (AlertWay, ApiToken, BotHook, EnrolmentCode, Invitation, SignIn)
# Written by the cloud alone: what gateways tell, who is let in, and what is made from the shop's document.
READ_ONLY: Final[tuple[type[Table], ...]] = (
    Balance, Cabinet, CabinetCertificate, CabinetDoors, CabinetFirmware, CabinetSession, CabinetStatus, DeviceEvent,
    Discrepancy, FeedAnswer, FirmwareRelease, Gateway, GatewayCertificate, GaugeDay, IngestQuarantine, KioskJob,
    KioskJobEnd, LevelCurve, Membership, MonthTotal, Movement, OpenMatter, PartCurve, PartYear, PlannedBin, Posting,
    ReadAgain, Request, RequestEnd, Resolution, RestockedBin, ReZero, Rollout, RolloutCabinet, RolloutStep, SetAside,
    ShopDealer, ShopView, TaughtMass, TotalsMonth, Verdict,
)  # fmt: skip
# Filled by COPY, which row-level security forbids: no tenant is granted anything on them, and that is the wall.
COPIED: Final[tuple[type[Table], ...]] = (Event,)

_DEALER = "(SELECT nullif(current_setting('app.tenant', true), ''))"
_SHOPS = "(SELECT coalesce(current_setting('app.shops', true), ''))"
_LISTED = "ANY ((SELECT string_to_array(substr(current_setting('app.shops', true), 2), E'\\n'))::text[])"
_EVER_SERVED = f"SELECT served.shop_id FROM shop_dealer AS served WHERE served.dealer_id = {_DEALER}"  # noqa: S608
_SERVED = f"{_EVER_SERVED} AND NOT served.has_left"


def shops_setting(shops: frozenset[str] | None) -> str:
    """What stands in `app.shops` for a tenant's shops."""
    return ALL_SHOPS if shops is None else "".join(f"\n{shop}" for shop in sorted(shops)) or "\n"


def role_statements(login: str) -> list[str]:
    """What a superuser runs once for a login that may make no roles."""
    made = [f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS" for role in (TENANT, SERVICE)]
    return [*made, f'GRANT {TENANT}, {SERVICE} TO "{login}"']


def wall_statements() -> list[str]:
    """Policies and grants of every table, in an order in which they can be run, also where they stand already."""
    statements: list[str] = []
    for table in METADATA.sorted_tables:
        statements += _policies(table) + _grants(table)
    return statements


def seal(statements: list[str]) -> str:
    """A short text that is another one when any statement is."""
    return "walls " + hashlib.sha256("\n".join(statements).encode()).hexdigest()[:16]


def tenant_condition(name: str) -> str:
    """The condition of a row's being the tenant's, "" for a table that no tenant sees."""
    table = METADATA.tables[name]
    if name == Dealer.__tablename__:
        return f"id = {_DEALER}"
    if name in _names(SHOP_TABLES):
        if name == Shop.__tablename__:
            return f"id IN ({_EVER_SERVED}) AND {_within('id')}"
        return f"shop_id IN ({_SERVED}) AND {_within('shop_id')}" + _of_own_cabinets(name)
    if name not in _names(DEALER_TABLES) or name in _names(SECRET):
        return ""
    own = f"dealer_id = {_DEALER}"
    if "shop_id" not in table.columns:  # releases of the operator's are every dealer's to read; tenants write none
        return f"(dealer_id IS NULL OR {own})" if name == FirmwareRelease.__tablename__ else own
    every = "shop_id = '' OR " if name == PartPrice.__tablename__ else ""  # a price of "" is of every shop
    return f"{own} AND ({every}{_within('shop_id')})"


def _of_own_cabinets(name: str) -> str:
    """Of the host's cabinets a guest sees those that hold a part of its own."""
    if name not in _names((Cabinet, CabinetStatus)):
        return ""
    cabinet = "id" if name == Cabinet.__tablename__ else "cabinet"
    own = f"SELECT own.shop_id, own.cabinet FROM planned_bin AS own WHERE own.dealer_id = {_DEALER}"  # noqa: S608
    return f" AND (dealer_id = {_DEALER} OR (shop_id, {cabinet}) IN ({own}))"


def _within(column: str) -> str:
    return f"({_SHOPS} = '{ALL_SHOPS}' OR {column} = {_LISTED})"


def _policies(table: SqlTable) -> list[str]:
    name, condition = table.name, tenant_condition(table.name)
    if name in _names(COPIED):
        return [f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY", f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"]
    made = [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
        *(f"DROP POLICY IF EXISTS {policy} ON {name}" for policy in ("service", "tenant", "tenant_adds")),
        f"CREATE POLICY service ON {name} TO {SERVICE} USING (true) WITH CHECK (true)",
    ]
    if condition:
        made.append(f"CREATE POLICY tenant ON {name} TO {TENANT} USING ({condition}) WITH CHECK ({condition})")
    if name in _names(SHOP_TABLES):  # a shop's rows are shared; who adds one says so
        own = f"dealer_id = {_DEALER}"
        made.append(f"CREATE POLICY tenant_adds ON {name} AS RESTRICTIVE FOR INSERT TO {TENANT} WITH CHECK ({own})")
    return made


def _grants(table: SqlTable) -> list[str]:
    name = table.name
    everything = "SELECT, INSERT" if name in _names(APPEND_ONLY) else "SELECT, INSERT, UPDATE, DELETE"
    made = [f"REVOKE ALL ON {name} FROM {TENANT}, {SERVICE}", f"GRANT {everything} ON {name} TO {SERVICE}"]
    if tenant_condition(name):
        made.append(f"GRANT {_tenant_may(table)} ON {name} TO {TENANT}")
    numbered = table.autoincrement_column
    if numbered is not None and isinstance(numbered.type, Integer):
        made.append(f"GRANT USAGE ON SEQUENCE {name}_{numbered.name}_seq TO {TENANT}, {SERVICE}")
    return made


def _tenant_may(table: SqlTable) -> str:
    name = table.name
    if name in _names(READ_ONLY) or name == Dealer.__tablename__:
        return "SELECT"
    if name in _names(APPEND_ONLY):
        return "SELECT, INSERT"
    changed = ", ".join(column.name for column in table.columns if _may_change(column))
    if name == Shop.__tablename__:
        return f"SELECT, UPDATE ({changed})"
    return f"SELECT, INSERT, DELETE, UPDATE ({changed})"


def _may_change(column: Column[object]) -> bool:
    """Whose a row is, and which shop's, stands for ever."""
    return column.name not in {"dealer_id", "shop_id"} and not (column.primary_key and column.table.name == "shop")


def _names(tables: tuple[type[Table], ...]) -> frozenset[str]:
    return frozenset(str(table.__tablename__) for table in tables)
