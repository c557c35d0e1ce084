"""Where parts lie: the bins of the tenant's planograms with what the ledger says is in them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col

from cloud.catalogue.search_views import StockPlace
from cloud.tables import Balance, Cabinet, PlannedBin, Shop
from cloud.tenancy import TenantId, owned, tenant_rows

_PLACES_SHOWN = 3


@dataclass
class PartStockFound:
    """Of one part: all that is there, in how many shops, and the fullest places."""

    stock: int = 0
    shops: int = 0
    places: list[StockPlace] = field(default_factory=list)


def stock_of(session: Session, tenant: TenantId, parts: Sequence[str]) -> dict[str, PartStockFound]:
    """Stock of parts, by part; what no planogram keeps is not in it."""
    held: dict[str, list[Any]] = defaultdict(list)
    for row in _bins(session, tenant, parts) if parts else ():
        held[row.part].append(row)
    fullest = {part: nsmallest(_PLACES_SHOWN, rows, key=_fuller_first) for part, rows in held.items()}
    names = _place_names(session, tenant, {row.shop_id for rows in fullest.values() for row in rows})
    return {
        part: PartStockFound(
            stock=sum(row.stock for row in rows),
            shops=len({row.shop_id for row in rows}),
            places=[_place(row, names) for row in fullest[part]],
        )
        for part, rows in held.items()
    }


def _bins(session: Session, tenant: TenantId, parts: Sequence[str]) -> Sequence[Any]:
    """The bins that have some, of all the parts at once: window functions over them took three times as long."""
    same = (
        (col(Balance.shop_id) == col(PlannedBin.shop_id))
        & (col(Balance.account) == col(PlannedBin.account))
        & (col(Balance.part) == col(PlannedBin.part))
        & owned(tenant, Balance)
    )
    rows: Any = (
        tenant_rows(tenant, PlannedBin)
        .join(Balance, same)
        .where(col(PlannedBin.part).in_(parts), col(Balance.quantity) > 0)
        .with_only_columns(
            col(PlannedBin.part),
            col(PlannedBin.shop_id),
            col(PlannedBin.cabinet),
            col(PlannedBin.bin),
            col(Balance.quantity).label("stock"),
        )
    )
    return session.execute(rows).all()


def _fuller_first(row: Any) -> tuple[object, ...]:
    return (-row.stock, row.shop_id, row.cabinet, row.bin)


@dataclass(frozen=True, slots=True)
class _PlaceNames:
    """What shops and cabinets are called."""

    shops: dict[str, str]
    cabinets: dict[tuple[str, str], tuple[str, str]]


def _place_names(session: Session, tenant: TenantId, shops: Iterable[str]) -> _PlaceNames:
    wanted = sorted(set(shops))
    if not wanted:
        return _PlaceNames({}, {})
    rows = tenant_rows(tenant, Cabinet).where(col(Cabinet.shop_id).in_(wanted))
    columns = rows.with_only_columns(col(Cabinet.shop_id), col(Cabinet.id), col(Cabinet.name_zh), col(Cabinet.name_en))
    cabinets = {(shop, cabinet): (zh, en) for shop, cabinet, zh, en in session.execute(columns).all()}
    return _PlaceNames(shop_names(session, tenant, wanted), cabinets)


def _place(row: Any, names: _PlaceNames) -> StockPlace:
    zh, en = names.cabinets.get((row.shop_id, row.cabinet), ("", ""))
    return StockPlace(
        shop=row.shop_id,
        shop_name=names.shops.get(row.shop_id, row.shop_id),
        cabinet=row.cabinet,
        cabinet_zh=zh,
        cabinet_en=en,
        bin=row.bin,
        stock=row.stock,
    )


def shop_names(session: Session, tenant: TenantId, shops: Iterable[str]) -> dict[str, str]:
    """What shops are called."""
    rows = tenant_rows(tenant, Shop).where(col(Shop.id).in_(sorted(set(shops))))
    return dict(session.execute(rows.with_only_columns(col(Shop.id), col(Shop.name))).all())


def bins_of(session: Session, tenant: TenantId, parts: Iterable[str]) -> dict[str, int]:
    """In how many bins the planograms keep each of some parts."""
    rows = tenant_rows(tenant, PlannedBin).where(col(PlannedBin.part).in_(sorted(parts)))
    counted = rows.with_only_columns(col(PlannedBin.part), func.count()).group_by(col(PlannedBin.part))
    return dict(session.execute(counted).all())


def most_kept(session: Session, tenant: TenantId, limit: int) -> dict[str, int]:
    """The parts that the most bins of the tenant's planograms keep, the most usual first, and in how many bins."""
    bins = func.count()
    rows = tenant_rows(tenant, PlannedBin).with_only_columns(col(PlannedBin.part), bins)
    most = rows.group_by(col(PlannedBin.part)).order_by(bins.desc(), col(PlannedBin.part)).limit(limit)
    return dict(session.execute(most).all())


def bins_holding(session: Session, tenant: TenantId, part: str) -> list[StockPlace]:
    """Every bin that keeps a part by the planogram, with what it has of it."""
    rows = (
        tenant_rows(tenant, PlannedBin)
        .join(
            Balance,
            (col(Balance.shop_id) == col(PlannedBin.shop_id))
            & (col(Balance.account) == col(PlannedBin.account))
            & (col(Balance.part) == col(PlannedBin.part))
            & owned(tenant, Balance),
            isouter=True,
        )
        .where(col(PlannedBin.part) == part)
        .order_by(col(PlannedBin.shop_id), col(PlannedBin.cabinet), col(PlannedBin.bin))
        .with_only_columns(
            col(PlannedBin.shop_id),
            col(PlannedBin.cabinet),
            col(PlannedBin.bin),
            func.coalesce(col(Balance.quantity), 0).label("stock"),
        )
    )
    found: Sequence[Any] = session.execute(rows).all()
    names = _place_names(session, tenant, {row.shop_id for row in found})
    return [_place(row, names) for row in found]
