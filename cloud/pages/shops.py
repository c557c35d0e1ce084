"""A dealer's shops, the ones that need somebody first: as a list and on a map."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import func
from sqlmodel import Session, col

from cloud import fleet
from cloud.pages import gauge_drawn
from cloud.pages.addresses import shop_path
from cloud.pages.drawn import Drawn, follow_drawn
from cloud.pages.gauges import gauges_now
from cloud.pages.shop_map import Spot, draw_map
from cloud.pages.visit import Visit, show
from cloud.tables import Visit as Stop
from cloud.tenancy import TenantId, tenant_rows
from cloud.views import ShopOverview
from page_kit import markup
from page_kit.address import page
from page_kit.age import HOUR_MS, age
from page_kit.language import Texts
from page_kit.look import box, link_button, title
from page_kit.markup import Markup, joined
from page_kit.trouble import GatewayFacts, Trouble, gateway_troubles

SHOWN_FIRST = 24
SILENT_MS = 3 * HOUR_MS

TEXTS: Texts = {
    "shops": ("店铺", "Shops"),
    "lead": ("最需要照看的排在前面。", "Those that need somebody come first."),
    "no_shops": ("还没有店铺", "No shops yet"),
    "none_so_named": ("没有叫这个名字的店铺", "No shop is called that"),
    "find_shop": ("按店名查找", "Find by name"),
    "list": ("列表", "List"),
    "map": ("地图", "Map"),
    "no_places": ("还没有店铺填写位置", "No shop has said where it is"),
    "not_on_map": ("{count} 家店铺没有位置，不在图上", "Shops without a place, not on the map: {count}"),
    "all_of_them": ("全部 {count} 家", "All {count}"),
    "key_wrong": ("有问题", "Something is wrong"),
    "key_low": ("该补货", "Bins low"),
    "key_good": ("正常", "All well"),
    "last_contact": ("上次联系", "Last contact"),
    "low": ("该补货的货位", "Bins low"),
    "of_bins": ("{low} / {bins}", "{low} / {bins}"),
    "doubts": ("差异", "Discrepancies"),
    "requests": ("待补货", "To bring"),
    "mark_silent": ("网关没有消息", "Nothing heard of its gateway"),
    "mark_cannot_write": ("网关磁盘写不进去", "Its disk cannot be written"),
    "mark_disk_low": ("网关磁盘快满了", "Its disk is nearly full"),
    "mark_disk_days": ("网关磁盘快满了", "Its disk is nearly full"),
    "mark_outbox": ("待上传 {count} 条", "Waiting to be sent: {count}"),
    "mark_quarantined": ("{count} 条看不懂", "Not understood: {count}"),
    "mark_broken": ("{count} 条损坏已重发", "Damaged, asked for again: {count}"),
    "mark_full": ("{count} 个货柜存满不开门", "Cabinets too full to open: {count}"),
    "mark_backlog": ("柜中待取 {count} 条", "Still in cabinets: {count}"),
    "mark_never_came": ("{count} 条再也收不到", "Will never come: {count}"),
    "blind": ("失灵货位 {count}", "Blind bins: {count}"),
    "old_document": ("资料未更新", "Works from an older document"),
}
_NEVER_MS = 1 << 62


@dataclass(frozen=True)
class Found:
    """The tenant's shops, and when they were asked about."""

    now_ms: int
    shops: list[ShopOverview]


@dataclass
class _Chosen:
    """What somebody has chosen on the page."""

    is_map: bool
    name: str = ""
    all: bool = False
    drawn: Drawn[Found] | None = field(default=None, repr=False)

    def named(self, name: object) -> None:
        """Show the shops with this in their names."""
        self.name = str(name or "").strip().casefold()
        if self.drawn is not None:
            self.drawn.again()

    def everything(self) -> None:
        """Show all of them."""
        self.all = True
        if self.drawn is not None:
            self.drawn.again()


def register() -> None:
    """Add the page."""

    @page("/")
    async def shops(request: Request, view: str = "") -> Response | None:
        return await show(request, (gauge_drawn.TEXTS, TEXTS), lambda visit: _build(visit, _Chosen(view == "map")))


async def _build(visit: Visit, chosen: _Chosen) -> None:
    def query(session: Session, tenant: TenantId) -> Found:
        now_ms = visit.now_ms()
        return Found(now_ms, worst_first(fleet.shops(session, tenant, now_ms)))

    found = await visit.read(query)
    newest = await visit.read(gauges_now) if visit.may("see_planning") else None
    with visit.frame():
        title(visit.say("shops"), visit.say("lead"))
        if newest is not None:
            markup.show(gauge_drawn.strip(visit.say, newest[0], await visit.read(_next_round)))
        if len(found.shops) > 1:
            _draw_choices(visit, chosen)
        chosen.drawn = follow_drawn(visit, query, lambda rows: _draw(visit, rows, chosen), found)
        markup.on_press(chosen.drawn.shown, "all", lambda _: chosen.everything())


def _next_round(session: Session, tenant: TenantId) -> tuple[str, int] | None:
    """The first day with visits that are planned or on the van, and how many."""
    day = col(Stop.day)
    rows = tenant_rows(tenant, Stop).where(col(Stop.state).in_(["planned", "loaded"]))
    found = session.execute(rows.with_only_columns(day, func.count()).group_by(day).order_by(day).limit(1)).first()
    return (found[0], int(found[1])) if found else None


def _draw_choices(visit: Visit, chosen: _Chosen) -> None:
    say = visit.say
    with box("pb-row pb-wrap pb-below"):
        with box("pb-buttons"):
            link_button(say("list"), "/", "is-quiet" if chosen.is_map else "is-main")
            link_button(say("map"), "/?view=map", "is-main" if chosen.is_map else "is-quiet")
        made = box("pb-field pb-find", "input").props("type=search autocomplete=off")
        made.props["placeholder"] = made.props["aria-label"] = say("find_shop")
        made.on("input", lambda event: chosen.named(event.args), js_handler="(event) => emit(event.target.value)")


def worst_first(shops: list[ShopOverview]) -> list[ShopOverview]:
    """What does not work at all, then bins that are low, open discrepancies, and how long nothing was heard."""
    return sorted(
        shops,
        key=lambda shop: (
            -(shop.gateway_cannot_write_age_ms is not None)
            - bool(shop.cabinets_full)
            - shop.gateway_disk_low
            - is_silent(shop),
            -shop.bins_low,
            -shop.open_discrepancies,
            -(_NEVER_MS if shop.last_contact_age_ms is None else shop.last_contact_age_ms),
        ),
    )


def is_silent(shop: ShopOverview) -> bool:
    """Whether a gateway that was heard of before has not been for so long that somebody should look."""
    return shop.last_contact_age_ms is not None and shop.last_contact_age_ms > SILENT_MS


def _draw(visit: Visit, found: Found, chosen: _Chosen) -> Markup:
    if not found.shops:
        return markup.empty(visit.say("no_shops"))
    wanted = [shop for shop in found.shops if chosen.name in shop.name.casefold()]
    if not wanted:
        return markup.empty(visit.say("none_so_named"))
    shown = wanted if chosen.all else wanted[:SHOWN_FIRST]
    return joined(
        _draw_map(visit, found.now_ms, wanted) if chosen.is_map else Markup(),
        markup.box("pb-cards pb-wide-cards", *(_card(visit, found.now_ms, shop) for shop in shown)),
        _more(visit, len(wanted)) if len(wanted) > len(shown) else Markup(),
    )


def _more(visit: Visit, count: int) -> Markup:
    return markup.box(
        "pb-buttons pb-gap-above",
        markup.tag(
            "button", visit.say("all_of_them", count=count), type="button", class_="pb-button is-quiet", data_all="1"
        ),
    )


def _draw_map(visit: Visit, now_ms: int, shops: Sequence[ShopOverview]) -> Markup:
    say = visit.say
    spots = [
        Spot(shop.latitude_e6, shop.longitude_e6, kind_of(shop, now_ms) or "is-good", shop.name, shop_path(shop.id))
        for shop in shops
        if shop.latitude_e6 is not None and shop.longitude_e6 is not None
    ]
    if not spots:
        return markup.box("pb-below", markup.empty(say("no_places")))
    spots.sort(key=lambda spot: ("is-wrong", "is-low", "is-good").index(spot.kind))
    keys = [
        markup.box("pb-row pb-tight", markup.tag("span", class_=f"pb-map-key {kind}"), say(f"key_{kind[3:]}"))
        for kind in ("is-wrong", "is-low", "is-good")
    ]
    lacking = len(shops) - len(spots)
    note = markup.box("pb-soft", say("not_on_map", count=lacking)) if lacking else Markup()
    return markup.box("pb-card pb-below", draw_map(spots, say("map")), markup.box("pb-key", *keys, note))


def kind_of(shop: ShopOverview, now_ms: int) -> str:
    """How a shop is: `is-wrong`, `is-low`, or "" when all is well."""
    troubles = shop_troubles(shop, now_ms)
    if shop.open_discrepancies or is_silent(shop) or any(each.kind == "is-wrong" for each in troubles):
        return "is-wrong"
    return "is-low" if shop.bins_low else ""


def _card(visit: Visit, now_ms: int, shop: ShopOverview) -> Markup:
    kind = {"is-wrong": "is-alert", "is-low": "is-warned"}.get(kind_of(shop, now_ms), "")
    address = markup.box("pb-soft pb-small", shop.address) if shop.address else Markup()
    return markup.link(
        f"pb-card {kind}".strip(),
        shop_path(shop.id),
        markup.box("pb-card-title", shop.name),
        address,
        figures(visit, shop, now_ms),
        _marks(visit, shop, now_ms),
    )


def shop_troubles(shop: ShopOverview, now_ms: int) -> tuple[Trouble, ...]:
    """What is wrong with a shop's gateway. What the cloud could not book counts with what the gateway could not."""
    ages_ms = [age_ms for age_ms in (shop.quarantined_age_ms, shop.gateway_quarantined_age_ms) if age_ms is not None]
    facts = GatewayFacts(
        outbox_backlog=shop.gateway_backlog,
        outbox_oldest_ms=then_ms(now_ms, shop.gateway_backlog_age_ms),
        quarantined=shop.quarantined + shop.gateway_quarantined,
        quarantine_oldest_ms=then_ms(now_ms, max(ages_ms, default=None)),
        broken=shop.gateway_broken,
        broken_ms=then_ms(now_ms, shop.gateway_broken_age_ms),
        cannot_write_since_ms=then_ms(now_ms, shop.gateway_cannot_write_age_ms),
        disk_free_bytes=-1 if shop.gateway_disk_free_bytes is None else shop.gateway_disk_free_bytes,
        disk_days=-1 if shop.gateway_disk_days is None else shop.gateway_disk_days,
        disk_low=shop.gateway_disk_low,
        document_refused=shop.gateway_document_refused,
    )
    return gateway_troubles(facts, now_ms)


def then_ms(now_ms: int, age_ms: int | None) -> int:
    """The time of an age; 0 for never."""
    return 0 if age_ms is None else now_ms - age_ms


def figures(visit: Visit, shop: ShopOverview, now_ms: int) -> Markup:
    """The numbers a dealer looks at first."""
    say = visit.say
    contact = markup.age(say, then_ms(now_ms, shop.last_contact_age_ms), "pb-number")
    return markup.box(
        "pb-figures pb-gap-above",
        markup.figure(say("low"), say("of_bins", low=shop.bins_low, bins=shop.bins), "is-low" if shop.bins_low else ""),
        markup.figure(say("doubts"), str(shop.open_discrepancies), "is-wrong" if shop.open_discrepancies else ""),
        markup.figure(say("requests"), str(shop.open_requests)),
        markup.box("pb-figure", contact, markup.box("pb-soft", say("last_contact"))),
    )


def marks(visit: Visit, shop: ShopOverview) -> list[Markup]:
    """What is not as it should be with the bins, and with what the shop works from."""
    say = visit.say
    found = [markup.badge(say("blind", count=shop.bins_blind), "is-wrong")] if shop.bins_blind else []
    if shop.gateway_document_version < shop.document_version:
        found.append(markup.badge(say("old_document"), "is-low"))
    return found


def _marks(visit: Visit, shop: ShopOverview, now_ms: int) -> Markup:
    """All that is wrong in a few words each; the shop's own page has the sentences."""
    found = [markup.badge(visit.say("mark_silent"), "is-wrong")] if is_silent(shop) else []
    found += marks(visit, shop)
    for trouble in shop_troubles(shop, now_ms):
        found.append(_mark(visit, trouble.key, dict(trouble.values), (now_ms, trouble.then_ms), trouble.kind))
    never_ms, taken_in_ms = then_ms(now_ms, shop.never_came_age_ms), then_ms(now_ms, shop.taken_in_age_ms)
    for key, count, when_ms, kind in (
        ("full", shop.cabinets_full, 0, "is-wrong"),
        ("never_came", shop.never_came, never_ms, "is-wrong"),
        ("backlog", shop.journal_backlog, taken_in_ms, "is-low"),
    ):
        if count:
            found.append(_mark(visit, key, {"count": count}, (now_ms, when_ms), kind))
    return markup.box("pb-row pb-wrap pb-marks", *found)


def _mark(visit: Visit, key: str, values: dict[str, object], times_ms: tuple[int, int], kind: str) -> Markup:
    content, (now_ms, when_ms) = visit.say(f"mark_{key}", **values), times_ms
    return markup.badge(f"{content} · {age(when_ms, now_ms, visit.say.language)}" if when_ms else content, kind)
