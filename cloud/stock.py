"""Stock by bin, and what the cloud holds of a shop's ledger. Reads only: bookings come from `ingest.py` alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, text
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cloud.history import open_requests
from cloud.levels_in_force import levels_in_force
from cloud.places import BINS_MAX, bin_of
from cloud.raw_events import count_events
from cloud.shop_plan import ShopPlan, own_shop, plan_of
from cloud.stock_views import PartPlace
from cloud.tables import (
    Balance,
    Cabinet,
    CabinetSession,
    IngestQuarantine,
    Movement,
    OpenMatter,
    PlannedBin,
    Request,
    Shop,
    Table,
    Verdict,
)
from cloud.tenancy import NotFoundError, TenantId, owned, tenant_rows
from cloud.views import BinStock, LedgerHeld, PartStock, Place, PostingView, Stray
from edge_gateway.ledger import bin_account
from edge_gateway.shop_document import Bin, BinPart

_OF_BINS = text("substr(balance.account, 1, 4) = 'bin:'")  # to the letter as the index says it


def is_low(stock: int, reorder_point: int, order_up_to: int) -> bool:
    """Whether a part of a bin with a policy is at or below its reorder point."""
    return order_up_to > 0 and stock <= reorder_point


def stock_of_bins(
    session: Session, tenant: TenantId, shop: str, places: Iterable[tuple[str, int]]
) -> dict[tuple[str, int, str], int]:
    """What each of some (cabinet, bin) of a shop holds of each part, where that is not nothing."""
    accounts = {bin_account(*place): place for place in places}
    return {
        (*accounts[row.account], row.part): row.quantity
        for row in _balances(session, tenant, shop, accounts)
        if row.quantity
    }


def of_part(session: Session, tenant: TenantId, part: str, now_ms: int, shop: str = "") -> list[PartPlace]:
    """Where how much of a part is, over all shops: those with the most first, then planned bins that are empty."""
    levels = levels_in_force(tenant, now_ms)
    planned = tenant_rows(tenant, PlannedBin).where(col(PlannedBin.part) == part).add_columns(*levels)
    held = (
        tenant_rows(tenant, Balance)
        .where(col(Balance.part) == part, col(Balance.quantity) != 0, _OF_BINS)
        .with_only_columns(
            col(Balance.shop_id), col(Balance.account), col(Balance.quantity), col(Balance.last_occurred_ms)
        )
    )
    if shop:
        planned, held = planned.where(col(PlannedBin.shop_id) == shop), held.where(col(Balance.shop_id) == shop)
    found = {(row[0], row[1]): (int(row[2]), int(row[3])) for row in session.execute(held)}
    plans_ = {
        (row.shop_id, row.account): _Planned(row.capacity, int(point), int(up_to))
        for row, point, up_to in session.execute(planned)
    }
    names = {row.id: row.name for row in session.exec(_shops_of(tenant, {key[0] for key in (*found, *plans_)}))}
    places = [_part_place(names, key, found.get(key), plans_.get(key)) for key in dict.fromkeys((*found, *plans_))]
    return sorted(
        (place for place in places if place is not None),
        key=lambda place: (-place.stock, place.shop_name, place.cabinet, place.bin),
    )


def _shops_of(tenant: TenantId, shops: set[str]) -> SelectOfScalar[Shop]:
    return tenant_rows(tenant, Shop).where(col(Shop.id).in_(sorted(shops)))


def _part_place(
    names: Mapping[str, str], key: tuple[str, str], held: tuple[int, int] | None, planned: "_Planned | None"
) -> PartPlace | None:
    shop, place = key[0], bin_of(key[1])
    if place is None or shop not in names:
        return None
    stock, last_ms = held or (0, 0)
    return PartPlace(
        shop=shop,
        shop_name=names[shop],
        cabinet=place[0],
        bin=place[1],
        stock=stock,
        capacity=planned.capacity if planned else 0,
        reorder_point=planned.reorder_point if planned else 0,
        order_up_to=planned.order_up_to if planned else 0,
        is_planned=planned is not None,
        last_movement_ms=last_ms or None,
    )


def bins(session: Session, tenant: TenantId, shop: str, cabinet: str, now_ms: int) -> list[BinStock]:
    """The bins of one cabinet by the newest planogram, in order (`NotFoundError`)."""
    plan = plan_of(session, tenant, shop)
    _own_cabinet(session, tenant, shop, cabinet)
    balances: dict[str, list[Balance]] = defaultdict(list)
    for row in _balances(session, tenant, shop, (bin_account(cabinet, number) for number in range(1, BINS_MAX + 1))):
        balances[row.account].append(row)
    seen = _Seen(
        now_ms,
        _disputed(session, tenant, shop, cabinet),
        _requested(session, tenant, shop, cabinet),
        _sure(session, tenant, shop, cabinet),
        _levels(session, tenant, shop, cabinet, now_ms),
    )
    planned = [bin_ for (cabinet_id, _), bin_ in plan.bins.items() if cabinet_id == cabinet]
    return [
        _bin_stock(plan, cabinet, bin_, balances.get(bin_account(cabinet, bin_.bin), []), seen)
        for bin_ in sorted(planned, key=lambda bin_: bin_.bin)
    ]


@dataclass(frozen=True)
class _Seen:
    """What is known of a cabinet's bins beside their stock, by the number of the bin."""

    now_ms: int
    disputed: Mapping[int, int]
    requested: Mapping[tuple[int, str], int]
    sure: Mapping[int, tuple[int, int]]  # how sure the newest count is, and when it was made
    levels: Mapping[tuple[int, str], tuple[int, int]]  # reorder point and order-up-to level in force


@dataclass(frozen=True)
class _Planned:
    """What the planogram says of a part in a bin, with the levels in force."""

    capacity: int
    reorder_point: int
    order_up_to: int


def _levels(
    session: Session, tenant: TenantId, shop: str, cabinet: str, now_ms: int
) -> dict[tuple[int, str], tuple[int, int]]:
    planned = tenant_rows(tenant, PlannedBin).where(col(PlannedBin.shop_id) == shop, col(PlannedBin.cabinet) == cabinet)
    told = planned.with_only_columns(col(PlannedBin.bin), col(PlannedBin.part), *levels_in_force(tenant, now_ms))
    return {(row[0], row[1]): (int(row[2]), int(row[3])) for row in session.execute(told)}


def _disputed(session: Session, tenant: TenantId, shop: str, cabinet: str) -> Counter[int]:
    rows = tenant_rows(tenant, OpenMatter).where(
        col(OpenMatter.shop_id) == shop, col(OpenMatter.kind) == "discrepancy", col(OpenMatter.cabinet) == cabinet
    )
    return Counter(session.scalars(rows.with_only_columns(col(OpenMatter.bin))))


def _sure(session: Session, tenant: TenantId, shop: str, cabinet: str) -> dict[int, tuple[int, int]]:
    """The newest verdict of every planned bin, each found by its index."""
    newest = (
        select(col(Verdict.id))
        .where(
            col(Verdict.shop_id) == col(PlannedBin.shop_id),
            col(Verdict.cabinet) == col(PlannedBin.cabinet),
            col(Verdict.bin) == col(PlannedBin.bin),
            owned(tenant, Verdict),
        )
        .order_by(col(Verdict.decided_ms).desc(), col(Verdict.number).desc())
        .limit(1)
        .correlate(PlannedBin)
        .scalar_subquery()
    )
    planned = tenant_rows(tenant, PlannedBin).where(col(PlannedBin.shop_id) == shop, col(PlannedBin.cabinet) == cabinet)
    ids = [name for name in session.scalars(planned.with_only_columns(newest)) if name]
    rows = tenant_rows(tenant, Verdict).where(col(Verdict.shop_id) == shop, col(Verdict.id).in_(ids))
    told = rows.with_only_columns(col(Verdict.bin), col(Verdict.confidence_ppm), col(Verdict.decided_ms))
    return {row[0]: (int(row[1]), int(row[2])) for row in session.execute(told)}


def _bin_stock(plan: ShopPlan, cabinet: str, bin_: Bin, held: list[Balance], seen: _Seen) -> BinStock:
    stock = {row.part: row.quantity for row in held}
    last_ms = max((row.last_occurred_ms for row in held), default=None)
    sure = seen.sure.get(bin_.bin)
    return BinStock(
        cabinet=cabinet,
        bin=bin_.bin,
        cell=bin_.cell,
        dealer=bin_.dealer or (plan.document.dealer if plan.document else ""),
        parts=[_part_stock(plan, bin_.bin, placed, stock.pop(placed.part, 0), seen) for placed in bin_.parts],
        last_movement_age_ms=None if last_ms is None else max(0, seen.now_ms - last_ms),
        open_discrepancies=seen.disputed.get(bin_.bin, 0),
        strays=[_stray(plan, cabinet, part, quantity) for part, quantity in stock.items() if quantity],
        confidence_ppm=sure[0] if sure else None,
        counted_age_ms=max(0, seen.now_ms - sure[1]) if sure else None,
    )


def _part_stock(plan: ShopPlan, number: int, placed: BinPart, stock: int, seen: _Seen) -> PartStock:
    own = placed.reorder_point, placed.order_up_to
    reorder_point, order_up_to = seen.levels.get((number, placed.part), own)
    return PartStock(
        part=plan.part_name(placed.part),
        stock=stock,
        capacity=placed.capacity,
        reorder_point=reorder_point,
        order_up_to=order_up_to,
        low=is_low(stock, reorder_point, order_up_to),
        requested=seen.requested.get((number, placed.part), 0),
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


def _balances(session: Session, tenant: TenantId, shop: str, accounts: Iterable[str]) -> Sequence[Balance]:
    """By the accounts' names, which the key finds under any collation and behind any policy."""
    rows = tenant_rows(tenant, Balance).where(col(Balance.shop_id) == shop, col(Balance.account).in_(list(accounts)))
    return session.exec(rows.order_by(col(Balance.account), col(Balance.part))).all()


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
    held = tenant_rows(tenant, Balance).where(col(Balance.shop_id) == shop, col(Balance.quantity) != 0)
    return LedgerHeld(
        events=count_events(session, shop) if is_host else 0,
        movements=_count(session, tenant, Movement, shop),
        sessions=_count(session, tenant, CabinetSession, shop),
        quarantined=_count(session, tenant, IngestQuarantine, shop),
        balances=[
            PostingView(account=row.account, part=row.part, quantity=row.quantity)
            for row in session.exec(held.order_by(col(Balance.account), col(Balance.part)))
        ],
    )


def _count(session: Session, tenant: TenantId, table: type[Table], shop: str) -> int:
    shop_id = table.shop_id  # type: ignore[attr-defined]
    rows = tenant_rows(tenant, table).where(col(shop_id) == shop).with_only_columns(func.count())
    return int(session.scalar(rows) or 0)
