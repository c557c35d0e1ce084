"""A dealer's shops and their cabinets at a glance: when last heard of, and what needs somebody. Reads only.

One query a table, whatever the number of shops.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, case, func
from sqlmodel import Session, col

from cloud.shop_figures import Figures, count_cabinet_bins, figures, mark_of
from cloud.shop_plan import own_shop
from cloud.tables import Cabinet, CabinetStatus, Gateway, IngestQuarantine, OpenMatter, Shop, Table
from cloud.tenancy import TenantId, owned, tenant_rows
from cloud.views import CabinetOverview, ShopOverview


@dataclass(frozen=True)
class _Told:
    """What the gateways told of a shop's cabinets, in all."""

    cabinets: int = 0
    online: int = 0
    blind: int = 0
    full: int = 0
    backlog: int = 0
    taken_in_ms: int = 0  # of the cabinet that waits longest
    never_came: int = 0
    never_came_ms: int = 0


@dataclass(frozen=True)
class _Fleet:
    """Everything about a dealer's shops that the overview counts, by shop; one query a table."""

    figures: dict[str, Figures]
    gateways: dict[str, list[Gateway]]
    told: dict[str, _Told]
    open: dict[tuple[str, str], int]  # by (shop, kind)
    quarantined: dict[str, tuple[int, int]]  # how many, and when the oldest came


def shops(session: Session, tenant: TenantId, now_ms: int) -> list[ShopOverview]:
    """Every shop of the tenant, by name."""
    found = session.exec(tenant_rows(tenant, Shop).order_by(col(Shop.name), col(Shop.id))).all()
    fleet = _gather(session, tenant, found, "", now_ms)
    return [_shop_overview(shop, fleet, now_ms) for shop in found]


def one_shop(session: Session, tenant: TenantId, shop: str, now_ms: int) -> ShopOverview:
    """One shop of the tenant (`NotFoundError`)."""
    row = own_shop(session, tenant, shop)
    return _shop_overview(row, _gather(session, tenant, [row], shop, now_ms), now_ms)


def _gather(session: Session, tenant: TenantId, found: Sequence[Shop], shop: str, now_ms: int) -> _Fleet:
    gateways: dict[str, list[Gateway]] = defaultdict(list)
    for row in session.exec(_of(shop, tenant_rows(tenant, Gateway).where(col(Gateway.withdrawn_ms) == 0), Gateway)):
        gateways[row.shop_id].append(row)
    marks = {row.id: mark_of(row, gateways.get(row.id, ()), now_ms) for row in found}
    return _Fleet(
        figures=figures(session, tenant, marks, now_ms),
        gateways=gateways,
        told=_told(session, tenant, shop),
        open=_open(session, tenant, shop),
        quarantined=_quarantined(session, tenant, shop),
    )


def _of(shop: str, rows: Any, table: type[Table]) -> Any:
    """The rows of one shop; of all when none is named."""
    return rows if not shop else rows.where(col(table.shop_id) == shop)  # type: ignore[attr-defined]


def _told(session: Session, tenant: TenantId, shop: str) -> dict[str, _Told]:
    known = col(Cabinet.shop_id), col(Cabinet.id)
    waits = case((col(CabinetStatus.journal_backlog) > 0, func.nullif(CabinetStatus.taken_in_ms, 0)))
    sums = (
        func.count(),
        _sum(CabinetStatus.online),
        _sum(CabinetStatus.bins_blind),
        _sum(CabinetStatus.journal_full),
        _sum(CabinetStatus.journal_backlog),
        func.coalesce(func.min(waits), 0),
        _sum(CabinetStatus.never_came),
        func.coalesce(func.max(CabinetStatus.never_came_ms), 0),
    )
    rows = (
        _of(shop, tenant_rows(tenant, Cabinet), Cabinet)
        .join(
            CabinetStatus,
            (col(CabinetStatus.shop_id) == known[0])
            & (col(CabinetStatus.cabinet) == known[1])
            & owned(tenant, CabinetStatus),
            isouter=True,
        )
        .with_only_columns(known[0], *sums)
        .group_by(known[0])
    )
    return {row[0]: _Told(*map(int, row[1:])) for row in session.execute(rows)}


def _sum(column: Any) -> Any:
    """How many, also of what is true."""
    number = case((column, 1), else_=0) if isinstance(column.type, Boolean) else column
    return func.coalesce(func.sum(number), 0)


def _open(session: Session, tenant: TenantId, shop: str) -> dict[tuple[str, str], int]:
    by = col(OpenMatter.shop_id), col(OpenMatter.kind)
    rows = _of(shop, tenant_rows(tenant, OpenMatter), OpenMatter).with_only_columns(*by, func.count()).group_by(*by)
    return {(row[0], row[1]): row[2] for row in session.execute(rows)}


def _quarantined(session: Session, tenant: TenantId, shop: str) -> dict[str, tuple[int, int]]:
    by, oldest_ms = col(IngestQuarantine.shop_id), func.min(col(IngestQuarantine.received_ms))
    rows = _of(shop, tenant_rows(tenant, IngestQuarantine), IngestQuarantine)
    found = session.execute(rows.with_only_columns(by, func.count(), oldest_ms).group_by(by))
    return {row[0]: (row[1], row[2]) for row in found}


def _shop_overview(shop: Shop, fleet: _Fleet, now_ms: int) -> ShopOverview:
    gateways, told = fleet.gateways.get(shop.id, []), fleet.told.get(shop.id, _Told())
    quarantined, quarantined_ms = fleet.quarantined.get(shop.id, (0, 0))
    free_bytes, days = (row.disk_free_bytes for row in gateways), (row.disk_days for row in gateways)
    return ShopOverview(
        id=shop.id,
        name=shop.name,
        latitude_e6=shop.latitude_e6,
        longitude_e6=shop.longitude_e6,
        address=shop.address,
        last_contact_age_ms=age_ms(now_ms, max((row.last_contact_ms for row in gateways), default=0)),
        document_version=shop.document_version,
        gateway_document_version=max((row.document_version for row in gateways), default=0),
        cabinets=told.cabinets,
        cabinets_online=told.online,
        bins=fleet.figures[shop.id].bins,
        bins_low=fleet.figures[shop.id].low,
        bins_blind=told.blind,
        cabinets_full=told.full,
        journal_backlog=told.backlog,
        taken_in_age_ms=age_ms(now_ms, told.taken_in_ms),
        never_came=told.never_came,
        never_came_age_ms=age_ms(now_ms, told.never_came_ms),
        open_discrepancies=fleet.open.get((shop.id, "discrepancy"), 0),
        open_requests=fleet.open.get((shop.id, "request"), 0),
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
        gateway_document_refused=any(row.document_refused for row in gateways),
    )


def cabinets(session: Session, tenant: TenantId, shop: str, now_ms: int) -> list[CabinetOverview]:
    """Every cabinet of a shop, by id (`NotFoundError`)."""
    own_shop(session, tenant, shop)
    counted = count_cabinet_bins(session, tenant, shop, now_ms)
    status_rows = session.exec(tenant_rows(tenant, CabinetStatus).where(col(CabinetStatus.shop_id) == shop))
    statuses = {row.cabinet: row for row in status_rows}
    disputed = Counter(
        session.scalars(
            tenant_rows(tenant, OpenMatter)
            .where(col(OpenMatter.shop_id) == shop, col(OpenMatter.kind) == "discrepancy")
            .with_only_columns(col(OpenMatter.cabinet))
        )
    )
    rows = tenant_rows(tenant, Cabinet).where(col(Cabinet.shop_id) == shop).order_by(col(Cabinet.id))
    return [
        _cabinet_overview(row, statuses.get(row.id), (*counted.get(row.id, Figures(0, 0)), disputed[row.id]), now_ms)
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
