"""How well a dealer serves: 全 准 快 省 over all shops and over time, then shop by shop, and one shop by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from fastapi import Request
from fastapi.responses import Response
from nicegui import run, ui
from sqlmodel import Session

from cloud.pages import gauge_drawn
from cloud.pages.addresses import shop_path
from cloud.pages.drawn import Drawn
from cloud.pages.gauge_drawn import GAUGES, SHOWN, SIGNS, value_text
from cloud.pages.visit import Query, Visit, show
from cloud.replenishment.gauges import reading
from cloud.replenishment.gauges.daily import make_looked_at
from cloud.replenishment.gauges.reading import SPAN_DAYS, days_before
from cloud.replenishment.gauges.views import Gauges, ShopGauges
from cloud.shop_plan import own_shop
from cloud.tenancy import TenantId
from page_kit import markup
from page_kit.address import page
from page_kit.language import Texts
from page_kit.look import link_button, title
from page_kit.markup import Markup, joined, tag

T = TypeVar("T")
WEEKS = 26
SHOWN_FIRST = 60

TEXTS: Texts = {
    "gauges": ("全准快省", "Four gauges"),
    "gauges_lead": (
        "最近 {days} 天，所有店铺合计；一天一算，迟到的记录会补进那一天。",
        "All shops together over the last {days} days. Late bookings are added to the day they belong to.",
    ),
    "gauges_lead_shop": ("最近 {days} 天。", "The last {days} days."),
    "no_gauges": ("还没有数", "Nothing to tell of yet"),
    "no_gauges_why": (
        "货柜有了第一笔流水就开始算，几分钟后出现在这里。",
        "They begin with the first movement of a cabinet, and appear here some minutes later.",
    ),
    "by_shop": ("各店铺", "Shop by shop"),
    "worst_first": ("最差的在前，按", "The worst first, by"),
    "shop": ("店铺", "Shop"),
    "all_of_them": ("全部 {count} 家", "All {count}"),
    "visits_per_100": ("每 100 件上门", "Visits for 100"),
    "back": ("‹ {name}", "‹ {name}"),
    "of_all": ("所有店铺的", "Of all shops"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows; None when nothing is known yet."""

    now: Gauges
    before: Gauges
    weeks: list[Gauges]
    shops: list[ShopGauges]
    name: str = ""


def register() -> None:
    """Add the pages."""

    @page("/gauges")
    async def of_all(request: Request, by: str = "complete", every: str = "") -> Response | None:
        gauge = by if by in GAUGES else "complete"
        return await show(
            request, (gauge_drawn.TEXTS, TEXTS), lambda visit: _build(visit, gauge, bool(every)), "see_planning"
        )

    @page("/shops/{shop}/gauges")
    async def of_shop(request: Request, shop: str) -> Response | None:
        return await show(request, (gauge_drawn.TEXTS, TEXTS), lambda visit: _build_shop(visit, shop), "see_planning")


def gauges_now(session: Session, tenant: TenantId, shop: str = "") -> tuple[Gauges, str] | None:
    """The gauges of the newest days, and the last of them; None when there are none."""
    last = reading.newest_day(session, tenant, shop)
    if last is None:
        return None
    return reading.dealer_gauges(session, tenant, days_before(last, SPAN_DAYS - 1), last, shop), last


def _found(session: Session, tenant: TenantId, shop: str = "") -> Found | None:
    name = own_shop(session, tenant, shop).name if shop else ""
    newest = gauges_now(session, tenant, shop)
    if newest is None:
        return None
    now, last = newest
    first = days_before(last, SPAN_DAYS - 1)
    before = reading.dealer_gauges(session, tenant, days_before(first, SPAN_DAYS), days_before(first, 1), shop)
    weeks = reading.gauges_over_time(session, tenant, (days_before(last, 7 * WEEKS - 1), last), "week", shop)
    shops = reading.shop_gauges(session, tenant, first, last) if not shop else []
    return Found(now, before, [week for week in weeks if week.from_day <= days_before(last, 2)], shops, name)


async def _build(visit: Visit, gauge: str, every: bool) -> None:
    def query(session: Session, tenant: TenantId) -> Found | None:
        return _found(session, tenant)

    found = await visit.read(query)
    with visit.frame():
        title(visit.say("gauges"), visit.say("gauges_lead", days=SPAN_DAYS))
        drawn = Drawn(lambda rows: _draw(visit, rows, gauge, every=every), found)
    ui.timer(0.1, lambda: _look(visit, drawn, query), once=True)


async def _build_shop(visit: Visit, shop: str) -> None:
    def query(session: Session, tenant: TenantId) -> tuple[str, Found | None]:
        return own_shop(session, tenant, shop).name, _found(session, tenant, shop)

    found = await visit.read(query)
    with visit.frame():
        link_button(visit.say("back", name=found[0]), shop_path(shop), "is-quiet pb-back")
        title(visit.say("gauges"), visit.say("gauges_lead_shop", days=SPAN_DAYS))
        drawn = Drawn(lambda rows: _draw_one(visit, rows[1]), found)
        link_button(visit.say("of_all"), "/gauges", "is-quiet pb-gap-above")
    ui.timer(0.1, lambda: _look(visit, drawn, query, shop), once=True)


async def _look(visit: Visit, drawn: Drawn[T], query: Query[T], shop: str = "") -> None:
    """Count what has come since, and show it."""
    services, dealer = visit.services, visit.person.tenant.dealer
    made = await run.io_bound(make_looked_at, services.database, dealer, services.now_ms(), shop)
    if made and (found := await visit.read_again(query)) is not None:
        drawn.found(found)


def _draw(visit: Visit, found: Found | None, gauge: str, *, every: bool) -> Markup:
    if found is None:
        return markup.empty(visit.say("no_gauges"), visit.say("no_gauges_why"))
    return joined(
        gauge_drawn.cards(visit.say, found.now, found.before, found.weeks, SPAN_DAYS),
        _shops(visit, found.shops, gauge, every=every) if len(found.shops) > 1 else Markup(),
    )


def _draw_one(visit: Visit, found: Found | None) -> Markup:
    if found is None:
        return markup.empty(visit.say("no_gauges"), visit.say("no_gauges_why"))
    return gauge_drawn.cards(visit.say, found.now, found.before, found.weeks, SPAN_DAYS)


def _shops(visit: Visit, shops: Sequence[ShopGauges], gauge: str, *, every: bool) -> Markup:
    say = visit.say
    rows = reading.worst_first(shops, gauge)
    shown = rows if every else rows[:SHOWN_FIRST]
    choices = [
        markup.link(
            f"pb-button {'is-main' if each == gauge else 'is-quiet'}",
            f"/gauges?by={each}",
            f"{SIGNS[each]} {say(f'gauge_{each}')}",
        )
        for each in GAUGES
    ]
    heads = [tag("th", say("shop"))]
    heads += [tag("th", say(f"gauge_{each}"), class_="is-figure") for each in GAUGES]
    heads += [tag("th", say("visits_per_100"), class_="is-figure")]
    more = markup.link("pb-button is-quiet", f"/gauges?by={gauge}&every=1", say("all_of_them", count=len(rows)))
    return joined(
        markup.heading(say("by_shop")),
        markup.box("pb-soft pb-label", say("worst_first")),
        markup.box("pb-buttons pb-below", *choices),
        tag(
            "table",
            tag("thead", tag("tr", *heads)),
            tag("tbody", *(_row(visit, row, gauge) for row in shown)),
            class_="pb-table pb-gauge-table",
        ),
        markup.box("pb-buttons pb-gap-above", more) if len(rows) > len(shown) else Markup(),
    )


def _row(visit: Visit, row: ShopGauges, gauge: str) -> Markup:
    say = visit.say
    cells = [
        tag(
            "td",
            tag("span", value_text(say, each, SHOWN[each].value(row)), class_="pb-number"),
            class_="is-figure is-sorted" if each == gauge else "is-figure",
            data_name=say(f"gauge_{each}"),
        )
        for each in GAUGES
    ]
    visits = row.frugal.visits_per_100
    each = tag("span", "–" if visits is None else f"{visits:.1f}", class_="pb-number")
    name = markup.link("pb-way pb-strong", shop_path(row.shop, "/gauges"), row.shop_name)
    return tag("tr", tag("td", name), *cells, tag("td", each, class_="is-figure", data_name=say("visits_per_100")))
