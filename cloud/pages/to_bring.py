"""What to bring on the next round: shop by shop, part by part, into which bins and why."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from cloud.pages.addresses import segment, shop_path
from cloud.pages.drawn import follow_drawn
from cloud.pages.found_parts import part_link
from cloud.pages.names import CabinetNames, cabinet_name, cabinet_names
from cloud.pages.visit import Visit, show
from cloud.replenishment import requested
from cloud.tenancy import TenantId
from cloud.views import BinToFill, PartName, PartToBring, ShopRound
from page_kit import markup
from page_kit.address import page
from page_kit.language import Texts
from page_kit.look import box, link_button, title
from page_kit.markup import Markup, joined
from page_kit.quantity import quantity

SHOPS_SHOWN = 6

TEXTS: Texts = {
    "bring": ("该带什么", "What to bring"),
    "lead": ("按店铺和配件，等得最久的店在前。", "By shop and part; the shop that waits longest comes first."),
    "to_rounds": ("送货安排", "Rounds"),
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
    "more_shops": ("后面还有 {count} 家店", "Shops behind these: {count}"),
    "next": ("下一页", "Next"),
    "first": ("回到第一页", "Back to the first"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows: some shops, and how many wait in all."""

    rounds: list[ShopRound]
    waiting: int
    names: CabinetNames
    now_ms: int


def register() -> None:
    """Add the page."""

    @page("/to-bring")
    async def to_bring(request: Request, shop: str = "", cursor: str = "") -> Response | None:
        return await show(request, (TEXTS,), lambda visit: _build(visit, shop, cursor))


async def _build(visit: Visit, shop: str, cursor: str) -> None:
    def query(session: Session, tenant: TenantId) -> Found:
        now_ms = visit.now_ms()
        rounds, waiting = requested.rounds(session, tenant, now_ms, shop=shop, cursor=cursor, limit=SHOPS_SHOWN)
        return Found(rounds, waiting, cabinet_names(session, tenant, [each.shop for each in rounds]), now_ms)

    found = await visit.read(query)
    with visit.frame():
        title(visit.say("bring"), visit.say("lead"))
        if visit.may("load_visits"):
            with box("pb-buttons pb-below"):
                link_button(visit.say("to_rounds"), "/rounds", "is-quiet")
        follow_drawn(visit, query, lambda rows: _draw(visit, rows, bool(shop or cursor)), found)


def _draw(visit: Visit, found: Found, is_part: bool) -> Markup:
    say = visit.say
    if not found.rounds and not is_part:
        return markup.empty(say("nothing"), say("nothing_why"))
    ways = [markup.link("pb-button is-quiet", "/to-bring", say("first"))] if is_part else []
    if found.waiting > len(found.rounds) > 0:
        path = f"/to-bring?cursor={segment(found.rounds[-1].shop)}"
        ways.append(markup.link("pb-button", path, say("next")))
        ways.append(markup.box("pb-soft", say("more_shops", count=found.waiting - len(found.rounds))))
    return joined(
        *(_shop(visit, found, shop) for shop in found.rounds), markup.box("pb-row pb-wrap pb-gap-above", *ways)
    )


def _shop(visit: Visit, found: Found, shop: ShopRound) -> Markup:
    say = visit.say
    oldest_ms = found.now_ms - (shop.oldest_request_age_ms or 0)
    since = markup.box("pb-row pb-tight pb-soft pb-nowrap", markup.box("", say("waiting")), markup.age(say, oldest_ms))
    name = markup.tag("h2", markup.link("pb-way", shop_path(shop.shop), shop.shop_name), class_="pb-h2")
    return joined(markup.box("pb-row pb-wrap pb-between pb-shop-head", name, since), _table(visit, shop, found.names))


def _table(visit: Visit, shop: ShopRound, names: CabinetNames) -> Markup:
    say, tag = visit.say, markup.tag
    heads = (tag("th", say("part")), tag("th", say("quantity"), class_="is-figure"), tag("th", say("reason")))
    rows = [
        _part(visit, wanted, [_why(visit, wanted.part, place, (shop.shop, names)) for place in wanted.bins])
        for wanted in shop.parts
    ]
    return tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *rows), class_="pb-table")


def _part(visit: Visit, wanted: PartToBring, reasons: list[str]) -> Markup:
    say, unit, tag = visit.say, wanted.part.unit, markup.tag
    amount = [markup.box("pb-number pb-change", quantity(wanted.quantity, unit, say.language))]
    if wanted.pack_size > 1:
        size = quantity(wanted.pack_size, unit, say.language)
        amount.append(markup.box("pb-soft pb-small", say("packs", packs=wanted.packs, size=size)))
    name = part_link(visit, wanted.part)
    return tag(
        "tr",
        tag("td", name, markup.box("pb-soft pb-small", wanted.part.number)),
        tag("td", *amount, class_="is-figure"),
        tag("td", *(markup.box("pb-small", reason) for reason in reasons)),
    )


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
