"""What to bring on the next round: shop by shop, part by part, into which bins and why."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud import replenishment
from cloud.pages.names import CabinetNames, cabinet_name, cabinet_names
from cloud.pages.visit import Visit, part_name, show
from cloud.tenancy import TenantId
from cloud.views import BinToFill, PartName, PartToBring, ShopRound
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import box, empty, text, title
from page_kit.quantity import quantity

TEXTS: Texts = {
    "bring": ("该带什么", "What to bring"),
    "lead": ("按店铺和配件，等得最久的店在前。", "By shop and part; the shop that waits longest comes first."),
    "nothing": ("现在不用带什么", "Nothing to bring just now"),
    "nothing_why": ("所有货位都在补货点以上。", "Every bin is above its reorder point."),
    "waiting": ("最早要货", "Waiting since"),
    "part": ("配件", "Part"),
    "quantity": ("数量", "Quantity"),
    "reason": ("去哪里，为什么", "Where to, and why"),
    "packs": ("{packs} 包，每包 {size}", "{packs} × pack of {size}"),
    "why": (
        "{cabinet} 货位 {bin}：要 {quantity}，要货时剩 {raised}，现在 {stock}",
        "{cabinet} bin {bin}: {quantity}; {raised} left when asked, {stock} now",
    ),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    rounds: list[ShopRound]
    names: CabinetNames


def register() -> None:
    """Add the page."""

    @ui.page("/to-bring", title="Partsbay")
    async def to_bring(request: Request) -> Response | None:
        return await show(request, (TEXTS,), _build)


async def _build(visit: Visit) -> None:
    def query(session: Session, tenant: TenantId) -> Found:
        return Found(replenishment.to_bring(session, tenant, visit.now_ms()), cabinet_names(session, tenant))

    found = await visit.read(query)
    with visit.frame():
        title(visit.say("bring"), visit.say("lead"))
        await visit.follow(query, lambda rows, ages: _draw(visit, rows, ages), found)


def _draw(visit: Visit, found: Found, ages: Ages) -> None:
    if not found.rounds:
        empty(visit.say("nothing"), visit.say("nothing_why"))
    for shop in found.rounds:
        with box("pb-row pb-between pb-shop-head"):
            text(shop.shop_name, "pb-h2", "h2")
            with box("pb-row pb-tight pb-soft pb-nowrap"):
                text(visit.say("waiting"))
                ages.show(visit.then_ms(shop.oldest_request_age_ms))
        _draw_table(visit, shop, found.names)


def _draw_table(visit: Visit, shop: ShopRound, names: CabinetNames) -> None:
    say = visit.say
    with box("pb-table", "table"):
        with box("", "thead"), box("", "tr"):
            text(say("part"), "", "th")
            text(say("quantity"), "is-figure", "th")
            text(say("reason"), "", "th")
        with box("", "tbody"):
            for wanted in shop.parts:
                _draw_part(
                    visit, wanted, [_why(visit, wanted.part, place, (shop.shop, names)) for place in wanted.bins]
                )


def _draw_part(visit: Visit, wanted: PartToBring, reasons: list[str]) -> None:
    say, unit = visit.say, wanted.part.unit
    with box("", "tr"):
        with box("", "td"):
            text(part_name(say, wanted.part), "pb-strong")
            text(wanted.part.number, "pb-soft pb-small")
        with box("is-figure", "td"):
            text(quantity(wanted.quantity, unit, say.language), "pb-number pb-change")
            if wanted.pack_size > 1:
                size = quantity(wanted.pack_size, unit, say.language)
                text(say("packs", packs=wanted.packs, size=size), "pb-soft pb-small")
        with box("", "td"):
            for reason in reasons:
                text(reason, "pb-small")


def _why(visit: Visit, part: PartName, place: BinToFill, where: tuple[str, CabinetNames]) -> str:
    def amount(number: int) -> str:
        return quantity(number, part.unit, visit.say.language)

    return visit.say(
        "why",
        cabinet=cabinet_name(visit.say, where[1], where[0], place.cabinet),
        bin=place.bin,
        quantity=amount(place.quantity),
        raised=amount(place.stock_when_raised),
        stock=amount(place.stock),
    )
