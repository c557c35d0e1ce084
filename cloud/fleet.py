"""A dealer's shops and their cabinets at a glance: when last heard of, and what needs somebody. Reads only."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import func
from sqlmodel import Session, col

from cloud.catalogue import Catalogue, catalogue_of, catalogues
from cloud.history import open_discrepancies, open_requests
from cloud.stock import low_bins, stock_by_bin
from cloud.tables import Cabinet, CabinetStatus, Discrepancy, Gateway, IngestQuarantine, Request, Shop
from cloud.tenancy import TenantId, tenant_rows
from cloud.views import CabinetOverview, ShopOverview

Row = TypeVar("Row", Gateway, CabinetStatus)


@dataclass(frozen=True)
class _Fleet:
    """Everything about a dealer's shops that the overview counts, by shop."""

    catalogues: dict[str, Catalogue]
    stock: dict[str, dict[tuple[str, int, str], int]]
    gateways: dict[str, list[Gateway]]
    statuses: dict[str, list[CabinetStatus]]
    cabinets: Counter[str]
    discrepancies: Counter[str]
    requests: Counter[str]
    quarantined: dict[str, int]


def shops(session: Session, tenant: TenantId, now_ms: int) -> list[ShopOverview]:
    """Every shop of the tenant, by name."""
    fleet = _gather(session, tenant)
    found = session.exec(tenant_rows(tenant, Shop).order_by(col(Shop.name), col(Shop.id))).all()
    return [_shop_overview(shop, fleet, now_ms) for shop in found]


def _gather(session: Session, tenant: TenantId) -> _Fleet:
    shop_id = col(IngestQuarantine.shop_id)
    quarantine = tenant_rows(tenant, IngestQuarantine).with_only_columns(shop_id, func.count()).group_by(shop_id)
    return _Fleet(
        catalogues=catalogues(session, tenant),
        stock=stock_by_bin(session, tenant),
        gateways=_by_shop(session.exec(tenant_rows(tenant, Gateway)).all()),
        statuses=_by_shop(session.exec(tenant_rows(tenant, CabinetStatus)).all()),
        cabinets=Counter(session.scalars(tenant_rows(tenant, Cabinet).with_only_columns(col(Cabinet.shop_id)))),
        discrepancies=Counter(session.scalars(open_discrepancies(tenant).with_only_columns(col(Discrepancy.shop_id)))),
        requests=Counter(session.scalars(open_requests(tenant).with_only_columns(col(Request.shop_id)))),
        quarantined={row[0]: row[1] for row in session.execute(quarantine)},
    )


def _by_shop(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.shop_id].append(row)
    return found


def _shop_overview(shop: Shop, fleet: _Fleet, now_ms: int) -> ShopOverview:
    catalogue = fleet.catalogues[shop.id]
    gateways, statuses = fleet.gateways.get(shop.id, []), fleet.statuses.get(shop.id, [])
    return ShopOverview(
        id=shop.id,
        name=shop.name,
        last_contact_age_ms=age_ms(now_ms, max((row.last_contact_ms for row in gateways), default=0)),
        document_version=shop.document_version,
        gateway_document_version=max((row.document_version for row in gateways), default=0),
        cabinets=fleet.cabinets[shop.id],
        cabinets_online=sum(row.online for row in statuses),
        bins=len(list(catalogue.filled_bins())),
        bins_low=len(low_bins(catalogue, fleet.stock.get(shop.id, {}))),
        bins_blind=sum(row.bins_blind for row in statuses),
        open_discrepancies=fleet.discrepancies[shop.id],
        open_requests=fleet.requests[shop.id],
        quarantined=fleet.quarantined.get(shop.id, 0),
        gateway_quarantined=sum(row.quarantined for row in gateways),
        gateway_backlog=sum(row.outbox_backlog for row in gateways),
    )


def cabinets(session: Session, tenant: TenantId, shop: str, now_ms: int) -> list[CabinetOverview]:
    """Every cabinet of a shop, by id (`NotFoundError`)."""
    catalogue = catalogue_of(session, tenant, shop)
    low = Counter(cabinet for cabinet, _ in low_bins(catalogue, stock_by_bin(session, tenant, shop).get(shop, {})))
    filled = Counter(cabinet for cabinet, _ in catalogue.filled_bins())
    statuses = {
        row.cabinet: row
        for row in session.exec(tenant_rows(tenant, CabinetStatus).where(col(CabinetStatus.shop_id) == shop))
    }
    disputed = Counter(
        session.scalars(
            open_discrepancies(tenant)
            .where(col(Discrepancy.shop_id) == shop)
            .with_only_columns(col(Discrepancy.cabinet))
        )
    )
    rows = tenant_rows(tenant, Cabinet).where(col(Cabinet.shop_id) == shop).order_by(col(Cabinet.id))
    return [
        _cabinet_overview(row, statuses.get(row.id), (filled[row.id], low[row.id], disputed[row.id]), now_ms)
        for row in session.exec(rows)
    ]


def _cabinet_overview(
    row: Cabinet, status: CabinetStatus | None, counts: tuple[int, int, int], now_ms: int
) -> CabinetOverview:
    filled, low, disputed = counts
    return CabinetOverview(
        id=row.id,
        name_zh=row.name_zh,
        name_en=row.name_en,
        last_heard_age_ms=age_ms(now_ms, status.last_heard_ms) if status else None,
        online=status.online if status else False,
        firmware=status.firmware if status else "",
        journal_backlog=status.journal_backlog if status else 0,
        bins=filled,
        bins_low=low,
        bins_blind=status.bins_blind if status else 0,
        open_discrepancies=disputed,
    )


def age_ms(now_ms: int, then_ms: int) -> int | None:
    """How long ago a time was; None for 0 (never). A clock that runs ahead reads as just now."""
    return max(0, now_ms - then_ms) if then_ms else None
