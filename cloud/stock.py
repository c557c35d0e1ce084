"""Stock by bin, and what the cloud holds of a shop's ledger. Reads only: bookings come from `ingest.py` alone."""

from collections import Counter, defaultdict

from sqlalchemy import func
from sqlmodel import Session, col

from cloud.catalogue import Catalogue, catalogue_of
from cloud.history import open_discrepancies, open_requests
from cloud.places import bin_of
from cloud.tables import (
    Balance,
    Cabinet,
    CabinetSession,
    Discrepancy,
    Event,
    IngestQuarantine,
    Movement,
    Request,
    Table,
)
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.views import BinStock, LedgerHeld, PostingView, Stray
from edge_gateway.ledger import bin_account
from edge_gateway.shop_document import Bin


def is_low(stock: int, bin_: Bin) -> bool:
    """Whether a bin with a policy is at or below its reorder point."""
    return bool(bin_.part) and bin_.order_up_to > 0 and stock <= bin_.reorder_point


def low_bins(catalogue: Catalogue, stock: dict[tuple[str, int, str], int]) -> list[tuple[str, int]]:
    """(cabinet, bin) of every bin at or below its reorder point."""
    return [
        (cabinet, bin_.bin)
        for cabinet, bin_ in catalogue.filled_bins()
        if is_low(stock.get((cabinet, bin_.bin, bin_.part), 0), bin_)
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
    catalogue = catalogue_of(session, tenant, shop)
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
    planned = [bin_ for (cabinet_id, _), bin_ in catalogue.bins.items() if cabinet_id == cabinet]
    return [
        _bin_stock(
            catalogue,
            cabinet,
            bin_,
            balances.get(bin_account(cabinet, bin_.bin), []),
            now_ms=now_ms,
            disputed=disputed[bin_.bin],
            requested=requested[bin_.bin],
        )
        for bin_ in sorted(planned, key=lambda bin_: bin_.bin)
    ]


def _bin_stock(
    catalogue: Catalogue,
    cabinet: str,
    bin_: Bin,
    held: list[Balance],
    *,
    now_ms: int,
    disputed: int,
    requested: int,
) -> BinStock:
    stock = sum(row.quantity for row in held if row.part == bin_.part)
    last_ms = max((row.last_occurred_ms for row in held), default=None)
    return BinStock(
        cabinet=cabinet,
        bin=bin_.bin,
        part=catalogue.part_name(bin_.part) if bin_.part else None,
        dealer=bin_.dealer or (catalogue.document.dealer if catalogue.document else ""),
        stock=stock,
        capacity=bin_.capacity,
        reorder_point=bin_.reorder_point,
        order_up_to=bin_.order_up_to,
        low=is_low(stock, bin_),
        requested=requested,
        last_movement_age_ms=None if last_ms is None else max(0, now_ms - last_ms),
        open_discrepancies=disputed,
        strays=[
            Stray(part=catalogue.part_name(row.part), stock=row.quantity)
            for row in held
            if row.part != bin_.part and row.quantity != 0
        ],
    )


def _requested(session: Session, tenant: TenantId, shop: str, cabinet: str) -> dict[int, int]:
    requested: dict[int, int] = defaultdict(int)
    for row in session.exec(open_requests(tenant).where(col(Request.shop_id) == shop, col(Request.cabinet) == cabinet)):
        requested[row.bin] += row.quantity
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
    """What the cloud holds of a shop's ledger: counts, and every balance that is not zero (`NotFoundError`)."""
    catalogue_of(session, tenant, shop)
    return LedgerHeld(
        events=_count(session, tenant, Event, shop),
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
