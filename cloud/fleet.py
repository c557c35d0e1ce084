"""A dealer's shops and their cabinets at a glance: when last heard of, and what needs somebody. Reads only."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import func
from sqlmodel import Session, col

from cloud.history import open_discrepancies, open_requests
from cloud.shop_plan import ShopPlan, plan_of, plans
from cloud.stock import low_bins, stock_by_bin
from cloud.tables import Cabinet, CabinetStatus, Discrepancy, Gateway, IngestQuarantine, Request, Shop
from cloud.tenancy import TenantId, tenant_rows
from cloud.views import CabinetOverview, ShopOverview

Row = TypeVar("Row", Gateway, CabinetStatus)


@dataclass(frozen=True)
class _Fleet:
    """Everything about a dealer's shops that the overview counts, by shop."""

    plans: dict[str, ShopPlan]
    stock: dict[str, dict[tuple[str, int, str], int]]
    gateways: dict[str, list[Gateway]]
    statuses: dict[str, list[CabinetStatus]]
    cabinets: Counter[str]
    discrepancies: Counter[str]
    requests: Counter[str]
    quarantined: dict[str, tuple[int, int]]  # how many, and when the oldest came


def shops(session: Session, tenant: TenantId, now_ms: int) -> list[ShopOverview]:
    """Every shop of the tenant, by name."""
    fleet = _gather(session, tenant)
    found = session.exec(tenant_rows(tenant, Shop).order_by(col(Shop.name), col(Shop.id))).all()
    return [_shop_overview(shop, fleet, now_ms) for shop in found]


def _gather(session: Session, tenant: TenantId) -> _Fleet:
    shop_id = col(IngestQuarantine.shop_id)
    oldest_ms = func.min(col(IngestQuarantine.received_ms))
    rows = tenant_rows(tenant, IngestQuarantine).with_only_columns(shop_id, func.count(), oldest_ms)
    return _Fleet(
        plans=plans(session, tenant),
        stock=stock_by_bin(session, tenant),
        gateways=_by_shop(session.exec(tenant_rows(tenant, Gateway)).all()),
        statuses=_by_shop(session.exec(tenant_rows(tenant, CabinetStatus)).all()),
        cabinets=Counter(session.scalars(tenant_rows(tenant, Cabinet).with_only_columns(col(Cabinet.shop_id)))),
        discrepancies=Counter(session.scalars(open_discrepancies(tenant).with_only_columns(col(Discrepancy.shop_id)))),
        requests=Counter(session.scalars(open_requests(tenant).with_only_columns(col(Request.shop_id)))),
        quarantined={row[0]: (row[1], row[2]) for row in session.execute(rows.group_by(shop_id))},
    )


def _by_shop(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.shop_id].append(row)
    return found


def _shop_overview(shop: Shop, fleet: _Fleet, now_ms: int) -> ShopOverview:
    plan = fleet.plans[shop.id]
    gateways, statuses = fleet.gateways.get(shop.id, []), fleet.statuses.get(shop.id, [])
    quarantined, quarantined_ms = fleet.quarantined.get(shop.id, (0, 0))
    free_bytes, days = (row.disk_free_bytes for row in gateways), (row.disk_days for row in gateways)
    return ShopOverview(
        id=shop.id,
        name=shop.name,
        last_contact_age_ms=age_ms(now_ms, max((row.last_contact_ms for row in gateways), default=0)),
        document_version=shop.document_version,
        gateway_document_version=max((row.document_version for row in gateways), default=0),
        cabinets=fleet.cabinets[shop.id],
        cabinets_online=sum(row.online for row in statuses),
        bins=len(list(plan.filled_bins())),
        bins_low=len(low_bins(plan, fleet.stock.get(shop.id, {}))),
        bins_blind=sum(row.bins_blind for row in statuses),
        cabinets_full=sum(row.journal_full for row in statuses),
        journal_backlog=sum(row.journal_backlog for row in statuses),
        taken_in_age_ms=_oldest_age_ms(now_ms, (row.taken_in_ms for row in statuses if row.journal_backlog)),
        never_came=sum(row.never_came for row in statuses),
        never_came_age_ms=age_ms(now_ms, max((row.never_came_ms for row in statuses), default=0)),
        open_discrepancies=fleet.discrepancies[shop.id],
        open_requests=fleet.requests[shop.id],
        quarantined=quarantined,
        quarantined_age_ms=age_ms(now_ms, quarantined_ms),
        gateway_quarantined=sum(row.quarantined for row in gateways),
        gateway_quarantined_age_ms=_oldest_age_ms(now_ms, (row.quarantine_oldest_ms for row in gateways)),
        gateway_backlog=sum(row.outbox_backlog for row in gateways),
        gateway_backlog_age_ms=_oldest_age_ms(now_ms, (row.outbox_oldest_ms for row in gateways)),
        gateway_broken=sum(row.broken for row in gateways),
        gateway_broken_age_ms=age_ms(now_ms, max((row.broken_ms for row in gateways), default=0)),
        gateway_cannot_write_age_ms=_oldest_age_ms(now_ms, (row.cannot_write_since_ms for row in gateways)),
        gateway_disk_free_bytes=min((number for number in free_bytes if number >= 0), default=None),
        gateway_disk_days=min((number for number in days if number >= 0), default=None),
        gateway_disk_low=any(row.disk_low for row in gateways),
    )


def cabinets(session: Session, tenant: TenantId, shop: str, now_ms: int) -> list[CabinetOverview]:
    """Every cabinet of a shop, by id (`NotFoundError`)."""
    plan = plan_of(session, tenant, shop)
    low = Counter(cabinet for cabinet, _ in low_bins(plan, stock_by_bin(session, tenant, shop).get(shop, {})))
    filled = Counter(cabinet for cabinet, _ in plan.filled_bins())
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
    row: Cabinet, told: CabinetStatus | None, counts: tuple[int, int, int], now_ms: int
) -> CabinetOverview:
    filled, low, disputed = counts
    status = told if told is not None else _never_heard_of(row)
    return CabinetOverview(
        id=row.id,
        name_zh=row.name_zh,
        name_en=row.name_en,
        last_heard_age_ms=age_ms(now_ms, status.last_heard_ms),
        online=status.online,
        firmware=status.firmware,
        journal_backlog=status.journal_backlog,
        taken_in_age_ms=age_ms(now_ms, status.taken_in_ms),
        never_came=status.never_came,
        never_came_age_ms=age_ms(now_ms, status.never_came_ms),
        journal_room_sessions=_known(status.journal_room_sessions),
        journal_full=status.journal_full,
        left_out=status.left_out,
        bins=filled,
        bins_low=low,
        bins_blind=status.bins_blind,
        open_discrepancies=disputed,
    )


def _never_heard_of(row: Cabinet) -> CabinetStatus:
    return CabinetStatus(
        shop_id=row.shop_id,
        cabinet=row.id,
        dealer_id=row.dealer_id,
        reported_ms=0,
        last_heard_ms=0,
        online=False,
        journal_backlog=0,
        bins_blind=0,
        firmware="",
    )


def _known(number: int) -> int | None:
    return number if number >= 0 else None


def _oldest_age_ms(now_ms: int, times_ms: Iterable[int]) -> int | None:
    return age_ms(now_ms, min((then_ms for then_ms in times_ms if then_ms), default=0))


def age_ms(now_ms: int, then_ms: int) -> int | None:
    """How long ago a time was; None for 0 (never). A clock that runs ahead reads as just now."""
    return max(0, now_ms - then_ms) if then_ms else None
