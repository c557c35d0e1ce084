"""What to bring on the next round: the open requests of the gateways, gathered by shop and part. Reads only."""

from collections import defaultdict

from sqlmodel import Session, col

from cloud.history import open_requests
from cloud.shop_plan import ShopPlan, plans
from cloud.stock import stock_by_bin
from cloud.tables import Request, Shop
from cloud.tenancy import TenantId, tenant_rows
from cloud.views import BinToFill, PartToBring, ShopRound

Stock = dict[tuple[str, int, str], int]


def to_bring(session: Session, tenant: TenantId, now_ms: int) -> list[ShopRound]:
    """Every shop that waits for parts, the longest waiting first."""
    by_shop: dict[str, list[Request]] = defaultdict(list)
    for request in session.exec(open_requests(tenant).order_by(col(Request.raised_ms), col(Request.id))):
        by_shop[request.shop_id].append(request)
    names = {shop.id: shop.name for shop in session.exec(tenant_rows(tenant, Shop))}
    known, stock = plans(session, tenant), stock_by_bin(session, tenant)
    return [
        ShopRound(
            shop=shop,
            shop_name=names[shop],
            oldest_request_age_ms=max(0, now_ms - requests[0].raised_ms),
            parts=parts_to_bring(known[shop], requests, stock.get(shop, {})),
        )
        for shop, requests in by_shop.items()
    ]


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
