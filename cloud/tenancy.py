"""One door to a tenant's rows.

A `TenantId` is a dealer somebody has proven to be signed in for. `identity.py` alone makes one, and `tenant_rows`
alone opens rows with it. This module never reads a request and never decides who somebody is.
"""

from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, and_, or_, tuple_
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from cloud.tables import (
    SHOP_TABLES,
    Cabinet,
    CabinetStatus,
    FirmwareRelease,
    PartPrice,
    PlannedBin,
    Shop,
    ShopDealer,
    Table,
)

_SEAL: Final = object()
_OF_A_CABINET: Final = (Cabinet, CabinetStatus)
Row = TypeVar("Row", bound=Table)


class TenantId:
    """The dealer whose rows may be seen, perhaps of certain shops alone. Nobody but `identity.py` makes one."""

    __slots__ = ("_dealer", "_shops")

    def __init__(self, dealer: str, shops: frozenset[str] | None, *, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("expected a tenant from cloud.identity, found one made by hand")
        self._dealer, self._shops = dealer, shops

    @property
    def dealer(self) -> str:
        """The dealer's id."""
        return self._dealer

    @property
    def shops(self) -> frozenset[str] | None:
        """The shops that may be seen; None: all that the dealer serves."""
        return self._shops

    def __repr__(self) -> str:
        return f"TenantId({self._dealer!r}, {self._shops and sorted(self._shops)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TenantId) and (other._dealer, other._shops) == (self._dealer, self._shops)

    def __hash__(self) -> int:
        return hash((self._dealer, self._shops))


def signed_in_tenant(dealer: str, shops: frozenset[str] | None = None) -> TenantId:
    """The tenant of somebody signed in: called by `identity.py` and nobody else (a test sees to it)."""
    return TenantId(dealer, shops, seal=_SEAL)


def tenant_rows(tenant: TenantId, table: type[Row]) -> SelectOfScalar[Row]:
    """`SELECT` of the tenant's rows of a table, to be narrowed with `.where(...)` or `.with_only_columns(...)`."""
    return select(table).where(owned(tenant, table))


def owned(tenant: TenantId, table: type[Table]) -> ColumnElement[bool]:
    """The condition that a row of `table` is the tenant's: for the second table of a join."""
    if not isinstance(tenant, TenantId):
        raise TypeError(f"expected a tenant, found {tenant!r}")
    condition = (
        _of_served_shops(tenant, table) if table in SHOP_TABLES else _column(table, "dealer_id") == tenant.dealer
    )
    if table is FirmwareRelease:  # the operator's are every dealer's
        condition = or_(condition, col(FirmwareRelease.dealer_id).is_(None))
    if table in _OF_A_CABINET:
        condition = and_(condition, _of_own_cabinets(tenant, table))
    if tenant.shops is not None and (shop := _shop_column(table)) is not None:
        condition = and_(condition, shop.in_(sorted(tenant.shops)))
    return condition


def _of_served_shops(tenant: TenantId, table: type[Table]) -> ColumnElement[bool]:
    served = select(ShopDealer.shop_id).where(col(ShopDealer.dealer_id) == tenant.dealer)
    if table is not Shop:
        served = served.where(col(ShopDealer.has_left).is_(False))
    condition: ColumnElement[bool] = _column(table, "id" if table is Shop else "shop_id").in_(served)
    return condition


def _of_own_cabinets(tenant: TenantId, table: type[Table]) -> ColumnElement[bool]:
    """Of the host's cabinets a guest sees those that hold a part of its own."""
    cabinet = _column(table, "id" if table is Cabinet else "cabinet")
    own = select(PlannedBin.shop_id, PlannedBin.cabinet).where(col(PlannedBin.dealer_id) == tenant.dealer)
    return or_(_column(table, "dealer_id") == tenant.dealer, tuple_(_column(table, "shop_id"), cabinet).in_(own))


def _shop_column(table: type[Table]) -> Any:
    if table is Shop:
        return col(Shop.id)
    # A price of "" is of every shop: prices are narrowed where they are looked up.
    return _column(table, "shop_id") if "shop_id" in table.model_fields and table is not PartPrice else None


def _column(table: type[Table], name: str) -> Any:
    return col(getattr(table, name))


class NotFoundError(LookupError):
    """Nothing of this tenant has that name; whether another's has is not said."""
