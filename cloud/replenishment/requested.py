"""What to bring on the next round: the open requests of the gateways, gathered by shop and part. Reads only."""

from collections import defaultdict

from sqlalchemy import func
from sqlmodel import Session, col

from cloud.history import open_requests
from cloud.shop_plan import ShopPlan, plan_of
from cloud.stock import stock_of_bins
from cloud.tables import OpenMatter, Request, Shop
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.views import BinToFill, PartToBring, ShopRound

Stock = dict[tuple[str, int, str], int]


def to_bring(session: Session, tenant: TenantId, now_ms: int) -> list[ShopRound]:
    """Every shop that waits for parts, the longest waiting first."""
    return rounds(session, tenant, now_ms)[0]


def rounds(
    session: Session, tenant: TenantId, now_ms: int, *, shop: str = "", cursor: str = "", limit: int | None = None
) -> tuple[list[ShopRound], int]:
    """Shops that wait for parts, the longest waiting first: one of them, or some behind the shop `cursor`.

    And how many wait from there on (`NotFoundError` when the cursor's shop does not wait, or is not yours).
    """
    waiting = _waiting(session, tenant, shop)
    if cursor and cursor not in waiting:
        raise NotFoundError(f"expected a shop that waits for parts, found {cursor!r}: begin again without a cursor")
    behind = waiting[waiting.index(cursor) + 1 :] if cursor else waiting
    wanted = behind if limit is None else behind[:limit]
    by_shop: dict[str, list[Request]] = {name: [] for name in wanted}
    rows = open_requests(tenant).where(col(Request.shop_id).in_(wanted))
    for request in session.exec(rows.order_by(col(Request.raised_ms), col(Request.id))):
        by_shop[request.shop_id].append(request)
    named = session.exec(tenant_rows(tenant, Shop).where(col(Shop.id).in_(wanted)))
    names = {row.id: row.name for row in named}
    found = [_round(session, tenant, (name, names[name]), by_shop[name], now_ms) for name in wanted if by_shop[name]]
    return found, len(behind)


def _waiting(session: Session, tenant: TenantId, shop: str) -> list[str]:
    """The shops with open requests, the longest waiting first."""
    by, oldest_ms = col(OpenMatter.shop_id), func.min(OpenMatter.since_ms)
    rows = tenant_rows(tenant, OpenMatter).where(col(OpenMatter.kind) == "request")
    if shop:
        rows = rows.where(by == shop)
    return list(session.scalars(rows.with_only_columns(by).group_by(by).order_by(oldest_ms, by)))


def _round(
    session: Session, tenant: TenantId, shop: tuple[str, str], requests: list[Request], now_ms: int
) -> ShopRound:
    plan = plan_of(session, tenant, shop[0])
    stock = stock_of_bins(session, tenant, shop[0], {(row.cabinet, row.bin) for row in requests})
    return ShopRound(
        shop=shop[0],
        shop_name=shop[1],
        oldest_request_age_ms=max(0, now_ms - requests[0].raised_ms),
        parts=parts_to_bring(plan, requests, stock),
    )


def parts_to_bring(plan: ShopPlan, requests: list[Request], stock: Stock) -> list[PartToBring]:
    """The open requests of one shop, gathered by part, in whole packs."""
    by_part: dict[str, list[Request]] = defaultdict(list)
    for request in requests:
        by_part[request.part].append(request)
    return [_part_to_bring(plan, part, by_part[part], stock) for part in sorted(by_part)]


def _part_to_bring(plan: ShopPlan, number: str, requests: list[Request], stock: Stock) -> PartToBring:
    part = plan.parts.get(number)
    pack_size = max(1, part.pack_size) if part else 1
    quantity = sum(request.quantity for request in requests)
    return PartToBring(
        part=plan.part_name(number),
        quantity=quantity,
        pack_size=pack_size,
        packs=-(-quantity // pack_size),
        bins=[_bin_to_fill(request, stock) for request in requests],
    )


def _bin_to_fill(request: Request, stock: Stock) -> BinToFill:
    return BinToFill(
        request=request.id,
        cabinet=request.cabinet,
        bin=request.bin,
        quantity=request.quantity,
        stock_when_raised=request.stock,
        stock=stock.get((request.cabinet, request.bin, request.part), 0),
        raised_ms=request.raised_ms,
    )
