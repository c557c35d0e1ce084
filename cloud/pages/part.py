"""One part: what it is, its numbers, what it fits, what replaces it, what it costs, and where it lies."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud import consumption
from cloud.catalogue import parts as reading
from cloud.catalogue.views import FitmentPage, FitmentView, PartAtShop, PartUse, PartView, PriceView, ReferenceView
from cloud.dealer_time import own_day
from cloud.pages import found_parts, part_taught
from cloud.pages.addresses import cabinet_path, part_edit_path, part_path, policy_path, shop_path
from cloud.pages.drawn import follow_drawn
from cloud.pages.found_parts import cabinet_text
from cloud.pages.names import shop_names
from cloud.pages.visit import Visit, show
from cloud.shop_plan import own_shop
from cloud.tenancy import TenantId
from cloud.work.shop_time import utc_offset_min
from page_kit.address import page
from page_kit.language import Say, Texts
from page_kit.look import box as box_of
from page_kit.look import link_button, title
from page_kit.markup import Markup, badge, box, empty, figure, heading, joined, link, tag
from page_kit.markup import show as show_markup
from page_kit.quantity import quantity

FITMENT_SHOWN = 60
DAYS = 30
SPARKS = 3  # shops whose consumption is drawn: each is a month of its ledger
DAY_MS = 86_400_000
_SPARK_HEIGHT = 40

TEXTS: Texts = {
    "replaced": ("这个配件已由下列配件替代：", "This part is replaced by:"),
    "replaces": ("它替代了：", "It replaces:"),
    "withdrawn_long": ("已停售：不再供货，记录保留。", "Withdrawn: offered no longer, its records stay."),
    "category": ("分类", "Category"),
    "unit_mass": ("单件重量", "Unit mass"),
    "pack": ("包装数量", "Pack size"),
    "gtin": ("条形码", "Bar code"),
    "shelf_life": ("保质期", "Shelf life"),
    "days": ("{count} 天", "{count} days"),
    "price_now": ("现价（不含税）", "Price (net)"),
    "price_tax": ("含税 {price}", "{price} with tax"),
    "numbers": ("号码", "Numbers"),
    "no_numbers": ("没有其他号码", "No other numbers"),
    "kind_oe": ("OE 号", "OE number"),
    "kind_competitor": ("其他品牌", "Other brands"),
    "kind_old": ("旧号", "Old number"),
    "fits": ("适用车型", "Fits"),
    "fits_nothing": ("目录里还没有适用车型", "The catalogue does not say yet what it fits"),
    "make": ("品牌", "Make"),
    "model": ("车型", "Model"),
    "engine": ("发动机", "Engine"),
    "years": ("年份", "Years"),
    "note": ("说明", "Note"),
    "any": ("不限", "any"),
    "since": ("{year} 起", "from {year}"),
    "until": ("至 {year}", "until {year}"),
    "change": ("修改", "Change"),
    "more_fits": ("还有更多，可在“修改”页或导出文件里看", "There are more: see “Change” or an export"),
    "stock": ("库存", "Stock"),
    "nowhere": ("没有货位放这个配件", "No bin keeps this part"),
    "total": ("合计", "In all"),
    "prices": ("价格记录", "Prices"),
    "from_day": ("自 {day} 起", "from {day}"),
    "all_shops": ("所有店", "every shop"),
    "in_bin": ("货位 {bin}", "bin {bin}"),
    "policy": ("补货策略 ›", "Policy ›"),
    "used": ("近 30 天用量", "Used in the last 30 days"),
    "used_sum": ("{shop}：{amount}", "{shop}: {amount}"),
    "aces": ("ACES 车辆 {id}", "ACES vehicle {id}"),
}


@dataclass(frozen=True)
class Found:
    """What stays as it is while the page is open."""

    part: PartView
    references: list[ReferenceView]
    fitment: FitmentPage
    prices: list[PriceView]
    shops: dict[str, str]
    today: str  # as most of the dealer's shops have it


def register() -> None:
    """Add the page."""

    @page("/part")
    async def one_part(request: Request, number: str = "") -> Response | None:
        return await show(
            request,
            (found_parts.TEXTS, part_taught.TEXTS, TEXTS),
            lambda visit: _build(visit, number.replace("\0", "")),
            "see_catalogue",
        )


async def _build(visit: Visit, number: str) -> None:
    sees_prices = visit.may("see_prices")

    def query(session: Session, tenant: TenantId) -> Found:
        return Found(
            reading.part(session, tenant, number),
            reading.references(session, tenant, number),
            reading.fitment(session, tenant, number, after=0, limit=FITMENT_SHOWN),
            reading.prices(session, tenant, number) if sees_prices else [],
            dict(shop_names(session, tenant)),
            own_day(session, tenant, visit.now_ms()),
        )

    def kept(session: Session, tenant: TenantId) -> PartUse:
        return reading.where_kept(session, tenant, number, visit.now_ms())

    found, use = await visit.read(query), await visit.read(kept)
    say = visit.say
    with visit.frame():
        with box_of("pb-row pb-between pb-top pb-gap-below"):
            title(say.name(found.part.name_zh, found.part.name_en) or number)
            if visit.may("edit_catalogue"):
                link_button(say("change"), part_edit_path(number), "is-quiet")
        show_markup(_head(say, found))
        await part_taught.draw_taught(visit, number, found.shops, found.part.unit_mass_mg)
        show_markup(heading(say("stock")))
        follow_drawn(visit, kept, lambda newest: _stock(say, newest, sees_policy=visit.may("see_planning")), use)
        if visit.may("see_consumption") and use.shops:
            _draw_sparks(visit, number, use)
        show_markup(joined(_numbers(say, found.references), _fits(say, found.fitment), _prices(say, found)))


def _head(say: Say, found: Found) -> Markup:
    part = found.part
    marks = [badge(part.number), *([badge(part.brand)] if part.brand else [])]
    if part.category:
        marks.append(badge(say(f"category_{part.category}")))
    facts = [figure(say(name), value) for name, value in _facts(say, part)]
    price = _price_now(say, found)
    notes: list[Markup] = []
    if part.replaced_by:
        notes.append(_chain(say("replaced"), part.replaced_by, "is-warned"))
    if part.withdrawn:
        notes.append(box("pb-card is-alert pb-gap-below", say("withdrawn_long")))
    if part.replaces:
        notes.append(_chain(say("replaces"), part.replaces, ""))
    picture = tag("img", class_="pb-part-picture", src=part.image, alt="") if part.image else Markup()
    return joined(
        *notes,
        box(
            "pb-card pb-part-head",
            picture,
            box("pb-grow", box("pb-row pb-wrap pb-marks", *marks), box("pb-figures pb-gap-above", *facts, price)),
        ),
    )


def _chain(lead: str, numbers: list[str], kind: str) -> Markup:
    links = [link("pb-read-word pb-strong", part_path(number), number) for number in numbers]
    return box(f"pb-card pb-gap-below {kind}", box("pb-read-so", tag("span", lead), *links))


def _facts(say: Say, part: PartView) -> list[tuple[str, str]]:
    facts: list[tuple[str, str]] = []
    if part.unit_mass_mg:
        spread = f" ± {_grams(part.spread_mg)}" if part.spread_mg else ""
        facts.append(("unit_mass", f"{_grams(part.unit_mass_mg)}{spread} g"))
    if part.pack_size > 1:
        facts.append(("pack", quantity(part.pack_size, part.unit, say.language)))
    if part.gtin:
        facts.append(("gtin", part.gtin))
    if part.shelf_life_days:
        facts.append(("shelf_life", say("days", count=part.shelf_life_days)))
    return facts


def _grams(mass_mg: int) -> str:
    return f"{mass_mg / 1000:,.1f}".removesuffix(".0")


def _price_now(say: Say, found: Found) -> Markup:
    now = next((price for price in found.prices if not price.shop and price.from_day <= found.today), None)
    if now is None:
        return Markup()
    gross = now.price_minor + now.price_minor * now.tax_ppm // 1_000_000
    tax = box("pb-soft pb-small", say("price_tax", price=_money(gross, now.currency))) if now.tax_ppm else Markup()
    return box(
        "pb-figure", box("pb-number", _money(now.price_minor, now.currency)), box("pb-soft", say("price_now")), tax
    )


def _money(minor: int, currency: str) -> str:
    sign = {"CNY": "¥", "EUR": "€", "USD": "$"}.get(currency, f"{currency} ")
    return f"{sign}{minor / 100:,.2f}"


def _stock(say: Say, use: PartUse, *, sees_policy: bool) -> Markup:
    if not use.shops:
        return empty(say("nowhere"))
    unit = use.part.unit
    policy_of = use.part.number if sees_policy else ""
    rows = [_shop_row(say, shop, unit, policy_of) for shop in use.shops]
    total = tag(
        "tr",
        tag("td", tag("strong", say("total"))),
        tag("td"),
        tag("td", tag("strong", quantity(use.stock, unit, say.language)), class_="is-figure"),
    )
    return tag("table", tag("tbody", *rows, *([total] if len(rows) > 1 else [])), class_="pb-table")


def _shop_row(say: Say, shop: PartAtShop, unit: str, policy_of: str) -> Markup:
    """`policy_of`: the part whose policies lead on, "" for nobody's."""
    places = []
    for place in shop.bins:
        where = tag("span", f"{cabinet_text(say, place)} · {say('in_bin', bin=place.bin)}")
        held = tag("strong", quantity(place.stock, unit, say.language))
        places.append(link("pb-spot", cabinet_path(place.shop, place.cabinet), where, held))
        if policy_of:
            path = policy_path(place.shop, place.cabinet, place.bin, policy_of)
            places.append(link("pb-spot", path, tag("span", say("policy"))))
    name = link("pb-way pb-strong", shop_path(shop.shop), shop.shop_name)
    amount = tag("span", quantity(shop.stock, unit, say.language), class_="pb-number")
    return tag("tr", tag("td", name), tag("td", box("pb-places", *places)), tag("td", amount, class_="is-figure"))


def _numbers(say: Say, references: list[ReferenceView]) -> Markup:
    if not references:
        return joined(heading(say("numbers")), empty(say("no_numbers")))
    groups = [
        box(
            "pb-figure pb-numbers",
            box("pb-soft", say(f"kind_{kind}")),
            *(
                box("", tag("span", f"{each.brand} ", class_="pb-soft"), tag("strong", each.number, class_="pb-vin"))
                for each in references
                if each.kind == kind
            ),
        )
        for kind in ("oe", "competitor", "old")
        if any(each.kind == kind for each in references)
    ]
    return joined(heading(say("numbers")), box("pb-card pb-figures", *groups))


def _fits(say: Say, page: FitmentPage) -> Markup:
    if not page.fitment:
        return joined(heading(say("fits")), empty(say("fits_nothing")))
    names = ("make", "model", "engine", "years", "note")
    head = tag("thead", tag("tr", *(tag("th", say(name)) for name in names)))
    rows = [tag("tr", *(tag("td", cell) for cell in fitment_cells(say, row))) for row in page.fitment]
    more = box("pb-soft pb-gap-above", say("more_fits")) if page.next else Markup()
    return joined(heading(say("fits")), tag("table", head, tag("tbody", *rows), class_="pb-table"), more)


def fitment_cells(say: Say, row: FitmentView) -> tuple[str, ...]:
    make = row.make or (say("aces", id=row.base_vehicle) if row.base_vehicle else say("any"))
    note = " · ".join(word for word in (row.position, f"× {row.quantity}" if row.quantity else "", row.note) if word)
    return make, row.model or say("any"), row.engine or say("any"), _years(say, row), note


def _years(say: Say, row: FitmentView) -> str:
    if row.from_year and row.to_year:
        return f"{row.from_year}–{row.to_year}" if row.from_year != row.to_year else str(row.from_year)
    if row.from_year:
        return say("since", year=row.from_year)
    return say("until", year=row.to_year) if row.to_year else say("any")


def _prices(say: Say, found: Found) -> Markup:
    if not found.prices:
        return Markup()
    rows = [
        tag(
            "tr",
            tag("td", say("from_day", day=price.from_day)),
            tag("td", found.shops.get(price.shop, price.shop) or say("all_shops")),
            tag("td", _money(price.price_minor, price.currency), class_="is-figure"),
        )
        for price in found.prices[:12]
    ]
    return joined(heading(say("prices")), tag("table", tag("tbody", *rows), class_="pb-table"))


def _draw_sparks(visit: Visit, number: str, use: PartUse) -> None:
    """What the shops with the most used of it, day by day: looked up once the page stands, for it takes longer."""
    place = ui.element("div")

    async def draw() -> None:
        def query(session: Session, tenant: TenantId) -> list[tuple[str, list[int]]]:
            return [
                (shop.shop_name, _daily(session, tenant, shop.shop, number, visit.now_ms()))
                for shop in use.shops[:SPARKS]
            ]

        found = await visit.read_again(query)
        used = [(shop, amounts) for shop, amounts in found or [] if any(amounts)]
        if used:
            with place:
                show_markup(_sparks(visit.say, used, use.part.unit))

    ui.timer(0.1, draw, once=True)


def _daily(session: Session, tenant: TenantId, shop: str, number: str, now_ms: int) -> list[int]:
    ahead_min = utc_offset_min(now_ms, own_shop(session, tenant, shop).time_zone)
    start_ms = consumption.bucket_start_ms(now_ms - (DAYS - 1) * DAY_MS, "day", ahead_min)
    found = consumption.consumption(
        session, tenant, shop, from_ms=start_ms, to_ms=now_ms + 1, bucket="day", utc_offset_min=ahead_min
    )
    amounts = [0] * DAYS
    for bucket in found.buckets:
        if bucket.part.number == number:
            amounts[min(DAYS - 1, (bucket.start_ms - start_ms) // DAY_MS)] += bucket.quantity
    return amounts


def _sparks(say: Say, used: list[tuple[str, list[int]]], unit: str) -> Markup:
    cards = [
        box(
            "pb-card pb-spark-card",
            box("pb-strong", say("used_sum", shop=shop, amount=quantity(sum(amounts), unit, say.language))),
            spark(amounts),
        )
        for shop, amounts in used
    ]
    return joined(heading(say("used")), box("pb-cards", *cards))


def spark(amounts: list[int]) -> Markup:
    """Amounts as a row of bars, the highest as high as the drawing; what came back is left out."""
    top = max((amount for amount in amounts if amount > 0), default=1)
    bars = [
        tag("rect", x=at * 4, y=_SPARK_HEIGHT - height, width=3, height=height)
        for at, amount in enumerate(amounts)
        if amount > 0 and (height := max(2, round(amount * _SPARK_HEIGHT / top)))
    ]
    box_ = f"0 0 {len(amounts) * 4} {_SPARK_HEIGHT}"
    return tag("svg", *bars, class_="pb-spark", viewBox=box_, preserveAspectRatio="none", aria_hidden="true")
