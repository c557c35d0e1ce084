"""Stock by bin, and what the cloud holds of a shop's ledger. Reads only: bookings come from `ingest.py` alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from sqlalchemy import func
from sqlmodel import Session, col

from cloud.history import open_discrepancies, open_requests
from cloud.places import bin_of
from cloud.raw_events import count_events
from cloud.shop_plan import ShopPlan, own_shop, plan_of
from cloud.tables import (
    Balance,
    Cabinet,
    CabinetSession,
    Discrepancy,
    IngestQuarantine,
    Movement,
    Request,
    Table,
)
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.views import BinStock, LedgerHeld, PartStock, Place, PostingView, Stray
from edge_gateway.ledger import bin_account
from edge_gateway.shop_document import Bin, BinPart


def is_low(stock: int, placed: BinPart) -> bool:
    """Whether a part of a bin with a policy is at or below its reorder point."""
    return placed.order_up_to > 0 and stock <= placed.reorder_point


def low_bins(plan: ShopPlan, stock: dict[tuple[str, int, str], int]) -> list[tuple[str, int]]:
    """(cabinet, bin) of every bin of which a part is at or below its reorder point."""
    return [
        (cabinet, bin_.bin)
        for cabinet, bin_ in plan.filled_bins()
        if any(is_low(stock.get((cabinet, bin_.bin, placed.part), 0), placed) for placed in bin_.parts)
    ]


def stock_by_bin(
    session: Session, tenant: TenantId, shop: str | None = None
) -> dict[str, dict[tuple[str, int, str], int]]:
    """For every shop, or for one: what each (cabinet, bin) holds of each part, where that is not nothing."""
    held = tenant_rows(tenant, Balance).where(col(Balance.account).like("bin:%"), col(Balance.quantity) != 0)
    rows = session.exec(held if shop is None else held.where(col(Balance.shop_id) == shop))
    stock: dict[str, dict[tuple[str, int, str], int]] = defaultdict(dict)
    for row in rows:
        place = bin_of(row.account)
        if place is not None:
            stock[row.shop_id][*place, row.part] = row.quantity
    return stock


def bins(session: Session, tenant: TenantId, shop: str, cabinet: str, now_ms: int) -> list[BinStock]:
    """The bins of one cabinet by the newest planogram, in order (`NotFoundError`)."""
    plan = plan_of(session, tenant, shop)
    _own_cabinet(session, tenant, shop, cabinet)
    balances = _balances(session, tenant, shop, f"bin:{cabinet}/%")
    disputed = Counter(
        session.scalars(
            open_discrepancies(tenant)
            .where(col(Discrepancy.shop_id) == shop, col(Discrepancy.cabinet) == cabinet)
            .with_only_columns(col(Discrepancy.bin))
        )
    )
    requested = _requested(session, tenant, shop, cabinet)
    planned = [bin_ for (cabinet_id, _), bin_ in plan.bins.items() if cabinet_id == cabinet]
    return [
        _bin_stock(
            plan,
            cabinet,
            bin_,
            balances.get(bin_account(cabinet, bin_.bin), []),
            now_ms=now_ms,
            disputed=disputed[bin_.bin],
            requested=requested,
        )
        for bin_ in sorted(planned, key=lambda bin_: bin_.bin)
    ]


def _bin_stock(
    plan: ShopPlan,
    cabinet: str,
    bin_: Bin,
    held: list[Balance],
    *,
    now_ms: int,
    disputed: int,
    requested: Mapping[tuple[int, str], int],
) -> BinStock:
    stock = {row.part: row.quantity for row in held}
    last_ms = max((row.last_occurred_ms for row in held), default=None)
    return BinStock(
        cabinet=cabinet,
        bin=bin_.bin,
        cell=bin_.cell,
        dealer=bin_.dealer or (plan.document.dealer if plan.document else ""),
        parts=[
            _part_stock(plan, placed, stock.pop(placed.part, 0), requested[bin_.bin, placed.part])
            for placed in bin_.parts
        ],
        last_movement_age_ms=None if last_ms is None else max(0, now_ms - last_ms),
        open_discrepancies=disputed,
        strays=[_stray(plan, cabinet, part, quantity) for part, quantity in stock.items() if quantity],
    )


def _part_stock(plan: ShopPlan, placed: BinPart, stock: int, requested: int) -> PartStock:
    return PartStock(
        part=plan.part_name(placed.part),
        stock=stock,
        capacity=placed.capacity,
        reorder_point=placed.reorder_point,
        order_up_to=placed.order_up_to,
        low=is_low(stock, placed),
        requested=requested,
    )


def _stray(plan: ShopPlan, cabinet: str, part: str, quantity: int) -> Stray:
    places = plan.places_of(part, cabinet)
    belongs_to = [Place(cabinet=there, bin=number) for there, number in places]
    return Stray(part=plan.part_name(part), stock=quantity, belongs_to=belongs_to)


def _requested(session: Session, tenant: TenantId, shop: str, cabinet: str) -> dict[tuple[int, str], int]:
    requested: dict[tuple[int, str], int] = defaultdict(int)
    for row in session.exec(open_requests(tenant).where(col(Request.shop_id) == shop, col(Request.cabinet) == cabinet)):
        requested[row.bin, row.part] += row.quantity
    return requested


def _balances(session: Session, tenant: TenantId, shop: str, like: str) -> dict[str, list[Balance]]:
    found: dict[str, list[Balance]] = defaultdict(list)
    rows = tenant_rows(tenant, Balance).where(col(Balance.shop_id) == shop, col(Balance.account).like(like))
    for row in session.exec(rows.order_by(col(Balance.account), col(Balance.part))):
        found[row.account].append(row)
    return found


def _own_cabinet(session: Session, tenant: TenantId, shop: str, cabinet: str) -> None:
    row = session.exec(
        tenant_rows(tenant, Cabinet).where(col(Cabinet.shop_id) == shop, col(Cabinet.id) == cabinet)
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a cabinet of {shop}, found {cabinet!r}")


def ledger_held(session: Session, tenant: TenantId, shop: str) -> LedgerHeld:
    """What the cloud holds of a shop's ledger: counts, and every balance that is not zero (`NotFoundError`).

    Events are of whole cabinets: they are counted for the host alone.
    """
    is_host = own_shop(session, tenant, shop).dealer_id == tenant.dealer
    return LedgerHeld(
        events=count_events(session, shop) if is_host else 0,
        movements=_count(session, tenant, Movement, shop),
        sessions=_count(session, tenant, CabinetSession, shop),
        quarantined=_count(session, tenant, IngestQuarantine, shop),
        balances=[
            PostingView(account=row.account, part=row.part, quantity=row.quantity)
            for rows in _balances(session, tenant, shop, "%").values()
            for row in rows
            if row.quantity != 0
        ],
    )


def _count(session: Session, tenant: TenantId, table: type[Table], shop: str) -> int:
    shop_id = table.shop_id  # type: ignore[attr-defined]
    rows = tenant_rows(tenant, table).where(col(shop_id) == shop).with_only_columns(func.count())
    return int(session.scalar(rows) or 0)
