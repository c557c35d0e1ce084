"""Where parts lie: the bins of the tenant's planograms with what the ledger says is in them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from cloud.catalogue.search_views import StockPlace
from cloud.tables import Balance, PlannedBin, Shop
from cloud.tenancy import TenantId, owned, tenant_rows

_PLACES_SHOWN = 3


@dataclass
class PartStockFound:
    """Of one part: all that is there, in how many shops and bins, and the fullest places."""

    stock: int = 0
    shops: int = 0
    bins: int = 0
    places: list[StockPlace] = field(default_factory=list)


def stock_of(session: Session, tenant: TenantId, parts: Sequence[str]) -> dict[str, PartStockFound]:
    """Stock of parts, by part; what no planogram keeps is not in it."""
    found: dict[str, PartStockFound] = defaultdict(PartStockFound)
    rows = _ranked(session, tenant, parts)
    names = shop_names(session, tenant, {row.shop_id for row in rows})
    for row in rows:
        each = found[row.part]
        each.stock, each.bins = int(row.total), row.bins
        each.shops = int(row.shops)
        if row.stock > 0:
            each.places.append(
                StockPlace(
                    shop=row.shop_id,
                    shop_name=names.get(row.shop_id, row.shop_id),
                    cabinet=row.cabinet,
                    bin=row.bin,
                    stock=row.stock,
                )
            )
    return dict(found)


def _ranked(session: Session, tenant: TenantId, parts: Sequence[str]) -> Sequence[Any]:
    """The fullest places of each part, with the part's totals on every row."""
    stock = func.coalesce(col(Balance.quantity), 0)
    first_of_shop = func.row_number().over(
        partition_by=(col(PlannedBin.part), col(PlannedBin.shop_id)), order_by=stock.desc()
    )
    same = (
        (col(Balance.shop_id) == col(PlannedBin.shop_id))
        & (col(Balance.account) == col(PlannedBin.account))
        & (col(Balance.part) == col(PlannedBin.part))
        & owned(tenant, Balance)
    )
    held = (
        tenant_rows(tenant, PlannedBin)
        .join(Balance, same, isouter=True)
        .where(col(PlannedBin.part).in_(parts))
        .with_only_columns(
            col(PlannedBin.part).label("part"),
            col(PlannedBin.shop_id).label("shop_id"),
            col(PlannedBin.cabinet).label("cabinet"),
            col(PlannedBin.bin).label("bin"),
            stock.label("stock"),
            first_of_shop.label("of_shop"),
        )
        .subquery()
    )
    columns = held.c
    has_some = func.sum(case(((columns.of_shop == 1) & (columns.stock > 0), 1), else_=0)).over(
        partition_by=columns.part
    )
    ranked = select(
        held,
        func.sum(columns.stock).over(partition_by=columns.part).label("total"),
        func.count().over(partition_by=columns.part).label("bins"),
        has_some.label("shops"),
        func.row_number()
        .over(partition_by=columns.part, order_by=(columns.stock.desc(), columns.shop_id, columns.bin))
        .label("place"),
    ).subquery()
    return session.execute(select(ranked).where(ranked.c.place <= _PLACES_SHOWN).order_by(ranked.c.place)).all()


def shop_names(session: Session, tenant: TenantId, shops: Iterable[str]) -> dict[str, str]:
    """What shops are called."""
    rows = tenant_rows(tenant, Shop).where(col(Shop.id).in_(sorted(set(shops))))
    return dict(session.execute(rows.with_only_columns(col(Shop.id), col(Shop.name))).tuples().all())


def usual_parts(session: Session, tenant: TenantId) -> dict[str, int]:
    """Every part that the planograms of the tenant keep, and in how many bins."""
    rows = tenant_rows(tenant, PlannedBin).with_only_columns(col(PlannedBin.part), func.count())
    return dict(session.execute(rows.group_by(col(PlannedBin.part))).tuples().all())
