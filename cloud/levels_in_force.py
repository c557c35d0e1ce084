"""The levels that a bin's gateway works with, as columns of a query over planned bins.

A person's go before those of the forecast that the gateway was told, and these before the planogram's own. The same
as `replenishment.outlook.levels_in_force` says of rows that were read.
"""

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func
from sqlmodel import col, select

from cloud.tables import BinPolicy, PlannedBin, PolicyOverride
from cloud.tenancy import TenantId, owned

Levels = tuple[ColumnElement[int], ColumnElement[int]]


def levels_in_force(tenant: TenantId, now_ms: int) -> Levels:
    """Reorder point and order-up-to level of each row of `PlannedBin` in the query around it."""
    return (_level(tenant, now_ms, "reorder_point"), _level(tenant, now_ms, "order_up_to"))


def _level(tenant: TenantId, now_ms: int, name: str) -> ColumnElement[int]:
    return func.coalesce(_of_person(tenant, now_ms, name), _told(tenant, name), getattr(PlannedBin, name))


def _of_person(tenant: TenantId, now_ms: int, name: str) -> ScalarSelect[int]:
    """What somebody set and what has not ended; the last made counts."""
    return (
        select(getattr(PolicyOverride, name))
        .where(
            _there(PolicyOverride),
            owned(tenant, PolicyOverride),
            col(PolicyOverride.ended_ms) == 0,
            col(PolicyOverride.until_ms) > now_ms,
        )
        .order_by(col(PolicyOverride.made_ms).desc(), col(PolicyOverride.id).desc())
        .limit(1)
        .correlate(PlannedBin)
        .scalar_subquery()
    )


def _told(tenant: TenantId, name: str) -> ScalarSelect[int]:
    """What the gateway was told of the forecast."""
    return (
        select(getattr(BinPolicy, f"told_{name}"))
        .where(_there(BinPolicy), owned(tenant, BinPolicy), col(BinPolicy.told_order_up_to) >= 0)
        .correlate(PlannedBin)
        .scalar_subquery()
    )


def _there(table: Any) -> ColumnElement[bool]:
    return and_(
        col(table.shop_id) == col(PlannedBin.shop_id),
        col(table.cabinet) == col(PlannedBin.cabinet),
        col(table.bin) == col(PlannedBin.bin),
        col(table.part) == col(PlannedBin.part),
    )
