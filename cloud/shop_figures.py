"""How many bins a shop has and how many are low, worked out anew only when something came since that may change it.

Kept in the process by a mark of the shop (its gateways' uploads, its document's version, what its gateways were told,
and the hour, for levels that end by themselves), which is read in the same transaction as everything else: what is
shown is never older than the rest of the page. Low is what the levels in force say. Reads only.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Pool, and_, case, func
from sqlmodel import Session, col, select

from cloud.levels_in_force import levels_in_force
from cloud.tables import Balance, Gateway, PlannedBin, Shop
from cloud.tenancy import TenantId, owned, tenant_rows

Mark = tuple[object, ...]
_HOUR_MS = 3_600_000


class Figures(NamedTuple):
    """Bins that hold a part by the planogram, and those of them at or below a reorder point."""

    bins: int
    low: int


_NONE = Figures(0, 0)
_Kept = dict[tuple[str, str], tuple[Mark, Figures]]  # by (dealer, shop)
_kept: "WeakKeyDictionary[Pool, _Kept]" = WeakKeyDictionary()  # of each database this process has open


def mark_of(shop: Shop, gateways: Iterable[Gateway], now_ms: int) -> Mark:
    """What changes with every upload of a shop's gateways, and with everything that they are told."""
    uploads = sorted((row.id, row.uploads) for row in gateways)
    return shop.document_version, shop.feed_number, now_ms // _HOUR_MS, *uploads


def figures(session: Session, tenant: TenantId, marks: Mapping[str, Mark], now_ms: int) -> dict[str, Figures]:
    """The figures of every shop whose mark is handed in."""
    kept = _kept.setdefault(session.get_bind().engine.pool, {})
    found: dict[str, Figures] = {}
    for shop, mark in marks.items():
        known = kept.get((tenant.dealer, shop))
        if known is not None and known[0] == mark:
            found[shop] = known[1]
    old = [shop for shop in marks if shop not in found]
    counted = count_bins(session, tenant, old, now_ms) if old else {}
    for shop in old:
        found[shop] = counted.get(shop, _NONE)
        kept[tenant.dealer, shop] = marks[shop], found[shop]
    return found


def count_bins(session: Session, tenant: TenantId, shops: Iterable[str], now_ms: int) -> dict[str, Figures]:
    """The same from the rows themselves; a shop without bins is left out."""
    shop, cabinet, number = col(PlannedBin.shop_id), col(PlannedBin.cabinet), col(PlannedBin.bin)
    bins = (
        tenant_rows(tenant, PlannedBin)
        .join(Balance, _held(tenant), isouter=True)
        .where(shop.in_(list(shops)))
        .with_only_columns(shop.label("shop"), func.max(case((_is_low(tenant, now_ms), 1), else_=0)).label("low"))
        .group_by(shop, cabinet, number)
        .subquery()
    )
    rows = session.execute(select(bins.c.shop, func.count(), func.sum(bins.c.low)).group_by(bins.c.shop))
    return {row[0]: Figures(int(row[1]), int(row[2])) for row in rows}


def count_cabinet_bins(session: Session, tenant: TenantId, shop: str, now_ms: int) -> dict[str, Figures]:
    """The figures of every cabinet of a shop that has bins."""
    cabinet, number = col(PlannedBin.cabinet), col(PlannedBin.bin)
    bins = (
        tenant_rows(tenant, PlannedBin)
        .join(Balance, _held(tenant), isouter=True)
        .where(col(PlannedBin.shop_id) == shop)
        .with_only_columns(cabinet.label("cabinet"), func.max(case((_is_low(tenant, now_ms), 1), else_=0)).label("low"))
        .group_by(cabinet, number)
        .subquery()
    )
    rows = session.execute(select(bins.c.cabinet, func.count(), func.sum(bins.c.low)).group_by(bins.c.cabinet))
    return {row[0]: Figures(int(row[1]), int(row[2])) for row in rows}


def _held(tenant: TenantId) -> ColumnElement[bool]:
    return and_(
        col(Balance.shop_id) == col(PlannedBin.shop_id),
        col(Balance.account) == col(PlannedBin.account),
        col(Balance.part) == col(PlannedBin.part),
        owned(tenant, Balance),
    )


def _is_low(tenant: TenantId, now_ms: int) -> ColumnElement[bool]:
    reorder_point, order_up_to = levels_in_force(tenant, now_ms)
    return and_(order_up_to > 0, func.coalesce(Balance.quantity, 0) <= reorder_point)
