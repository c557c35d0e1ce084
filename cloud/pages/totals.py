"""Totals by brand, part and month: what all shops together used, and of no shop by itself."""

from collections import defaultdict
from collections.abc import Sequence
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response
from nicegui import run, ui
from sqlmodel import Session

from cloud import totals as counted
from cloud.api.totals import shown_brand
from cloud.identity import SignedIn
from cloud.pages.own_part import OwnPart
from cloud.pages.visit import Visit, show
from cloud.totals import MonthView, Totals, TotalView
from page_kit.address import page
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import box, empty, heading, link_button, text, title
from page_kit.quantity import quantity

MONTHS_SHOWN = 6
PARTS_SHOWN = 100  # of a brand in a month; the API has all of them
TEXTS: Texts = {
    "totals": ("品牌用量", "Totals by brand"),
    "totals_lead": (
        "所有店铺合计，按月公布，公布后不再改。少于 3 个店铺的数字不单独列出。",
        "All shops together, published month by month and not changed later. Nothing is shown of fewer than 3 shops.",
    ),
    "totals_due": ("正在汇总 {count} 个月，稍等片刻。", "Months being summed up: {count}. It takes a moment."),
    "totals_none": ("还没有公布的月份", "No month has been published yet"),
    "totals_none_why": (
        "每个月在结束 5 天后公布。",
        "A month is published 5 days after its end.",
    ),
    "totals_empty": ("没有可以公布的数字", "Nothing that may be shown"),
    "totals_part": ("配件", "Part"),
    "totals_used": ("用量", "Used"),
    "totals_shops": ("店铺数", "Shops"),
    "totals_of_shops": ("{count} 个店铺", "{count} shops"),
    "totals_others": ("其他配件合计", "Other parts together"),
    "totals_no_brand": ("没有品牌", "No brand"),
    "totals_more": ("还有 {count} 种", "{count} more"),
    "totals_older": ("更早的月份", "Months before"),
}


def register() -> None:
    """Add the page."""

    @page("/totals")
    async def totals(request: Request, cursor: str = "") -> Response | None:
        return await show(request, (TEXTS,), lambda visit: _build(visit, cursor[:7]), "see_totals")


async def _build(visit: Visit, cursor: str) -> None:
    def query(session: Session, person: SignedIn) -> Totals:
        brand = shown_brand(person, None)
        now_ms = visit.now_ms()
        return counted.totals(session, person.tenant, now_ms, brand=brand, before=cursor, months=MONTHS_SHOWN)

    with visit.frame():
        title(visit.say("totals"), visit.say("totals_lead"))
        part: OwnPart[Totals] = OwnPart(visit, query, lambda found, ages: _draw(visit, found, ages))
        await part.start()
    ui.timer(0.1, lambda: _publish(visit), once=True)


async def _publish(visit: Visit) -> None:
    """Sum up what is due while somebody looks: the page follows."""
    services, tenant = visit.services, visit.person.tenant
    await run.io_bound(counted.publish_due, services.database, tenant, services.now_ms())


def _draw(visit: Visit, found: Totals, _ages: Ages) -> None:
    say = visit.say
    if found.due:
        text(say("totals_due", count=len(found.due)), "pb-note")
    if not found.months and not found.due:
        empty(say("totals_none"), say("totals_none_why"))
    if found.months and not any(month.totals for month in found.months):
        empty(say("totals_empty"), say("totals_none_why"))
        return
    for month in found.months:
        heading(month.month)
        _draw_month(visit, month)
    if found.cursor:
        with box("pb-gap-above"):
            link_button(say("totals_older"), f"/totals?{urlencode({'cursor': found.cursor})}", "is-quiet")


def _draw_month(visit: Visit, month: MonthView) -> None:
    if not month.totals:
        text(visit.say("totals_empty"), "pb-soft")
    brands: dict[str, list[TotalView]] = defaultdict(list)
    for total in month.totals:
        brands[total.brand].append(total)
    for brand, rows in sorted(brands.items()):
        text(brand or visit.say("totals_no_brand"), "pb-card-title pb-below")
        _draw_table(visit, rows)


def _draw_table(visit: Visit, rows: Sequence[TotalView]) -> None:
    say = visit.say
    with box("pb-table pb-below", "table"):
        with box(tag="thead"), box(tag="tr"):
            text(say("totals_part"), tag="th")
            text(say("totals_used"), "is-figure", "th")
            text(say("totals_shops"), "is-figure", "th")
        with box(tag="tbody"):
            for row in rows[:PARTS_SHOWN]:
                _draw_row(visit, row)
    if len(rows) > PARTS_SHOWN:
        text(say("totals_more", count=len(rows) - PARTS_SHOWN), "pb-soft")


def _draw_row(visit: Visit, row: TotalView) -> None:
    say = visit.say
    with box(tag="tr"):
        with box(tag="td"):
            text(say.name(row.name_zh, row.name_en) if row.part else say("totals_others"), "pb-strong")
            if row.part:
                text(row.part, "pb-code")
        with box("is-figure", "td"):
            text(quantity(row.quantity, "gram" if row.unit == "gram" else "piece", say.language), "pb-number")
        text(say("totals_of_shops", count=row.shops), "is-figure pb-soft", "td")
