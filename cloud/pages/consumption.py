"""What a shop consumed over time: one chart for pieces, one for grams, and the parts with the most first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud import consumption as consumed
from cloud import fleet, history
from cloud.pages import choosing, session_links
from cloud.pages.addresses import segment
from cloud.pages.choosing import choose_shop
from cloud.pages.found_parts import part_link
from cloud.pages.names import CabinetNames, cabinet_names, shop_names
from cloud.pages.session_links import latest
from cloud.pages.shops import worst_first
from cloud.pages.visit import Visit, part_name, show
from cloud.shop_plan import own_shop
from cloud.tenancy import TenantId
from cloud.views import Consumption, ConsumptionBucket, SessionView
from cloud.work.shop_time import utc_offset_min
from page_kit import markup
from page_kit.address import page
from page_kit.cabinet_face import bar
from page_kit.language import Say, Texts
from page_kit.look import box, empty, heading, link_button, title
from page_kit.quantity import quantity

SPANS: dict[str, tuple[int, consumed.Bucket]] = {"day": (24, "hour"), "week": (7, "day"), "month": (30, "day")}
SESSIONS_SHOWN = 6
SERIES_MAX = 5  # more colours nobody can tell apart; the others are drawn as one
COLOURS = ("#0b6b5f", "#c06a0a", "#4f9d92", "#7a5c99", "#a8b94b", "#b8bfba")

TEXTS: Texts = {
    "consumption": ("用量", "Consumption"),
    "no_shops": ("还没有店铺", "No shops yet"),
    "span_day": ("24 小时", "24 hours"),
    "span_week": ("7 天", "7 days"),
    "span_month": ("30 天", "30 days"),
    "none": ("这段时间没有用量", "Nothing was consumed in this time"),
    "pieces": ("件数", "Pieces"),
    "grams": ("散装（克）", "Bulk (g)"),
    "others": ("其他", "Others"),
    "by_part": ("按配件", "By part"),
    "part": ("配件", "Part"),
    "used": ("用量", "Consumed"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows: the tenant's shops by name, the one chosen, its span, and its consumption in it."""

    shops: list[tuple[str, str]]
    shop: str
    span: str
    consumption: Consumption | None
    ahead_min: int  # of UTC, of the shop's clock
    sessions: list[SessionView]
    names: CabinetNames


def register() -> None:
    """Add the page."""

    @page("/consumption")
    async def consumption(request: Request, shop: str = "", span: str = "") -> Response | None:
        return await show(
            request,
            (choosing.TEXTS, session_links.TEXTS, TEXTS),
            lambda visit: _build(visit, shop, span if span in SPANS else ""),
            "see_consumption",
        )


async def _build(visit: Visit, shop: str, span: str) -> None:
    sees_sessions = visit.may("see_sessions")

    def query(session: Session, tenant: TenantId) -> Found:
        names = shop_names(session, tenant)
        chosen = shop or _worst(session, tenant, visit.now_ms())
        if not chosen:
            return Found(names, "", span, None, 0, [], {})
        now_ms = visit.now_ms()
        ahead_min = utc_offset_min(now_ms, own_shop(session, tenant, chosen).time_zone)
        shown, amounts = _Look(session, tenant, chosen, now_ms, ahead_min).choose_span(span)
        sessions = history.sessions(session, tenant, chosen, limit=SESSIONS_SHOWN) if sees_sessions else []
        return Found(names, chosen, shown, amounts, ahead_min, sessions, cabinet_names(session, tenant, [chosen]))

    found = await visit.read(query)
    with visit.frame():
        title(visit.say("consumption"))
        if found.consumption is None:
            empty(visit.say("no_shops"))
            return
        _draw_choices(visit, found)
        _draw(visit, found.consumption, found)
        if sees_sessions:
            markup.show(latest(visit.say, found.shop, found.sessions, found.names))


def _worst(session: Session, tenant: TenantId, now_ms: int) -> str:
    """The shop that needs somebody first, "" when there is none."""
    return next((row.id for row in worst_first(fleet.shops(session, tenant, now_ms))), "")


@dataclass(frozen=True)
class _Look:
    """One look at what a shop consumed, by the shop's own clock, which is `ahead_min` ahead of UTC."""

    session: Session
    tenant: TenantId
    shop: str
    now_ms: int
    ahead_min: int

    def choose_span(self, asked: str) -> tuple[str, Consumption]:
        """The span asked for; else the week, or its last hours when all of the week lies in one day."""
        found = self._consumption(asked or "week")
        if asked or len({bucket.start_ms for bucket in found.buckets}) > 1:
            return asked or "week", found
        day = self._consumption("day")
        return ("day", day) if day.totals else ("week", found)

    def _consumption(self, span: str) -> Consumption:
        """From the start of the first whole hour or day of the span until now."""
        count, bucket = SPANS[span]
        from_ms = self.now_ms - (count - 1) * consumed.BUCKET_MS[bucket]
        return consumed.consumption(
            self.session,
            self.tenant,
            self.shop,
            from_ms=consumed.bucket_start_ms(from_ms, bucket, self.ahead_min),
            to_ms=self.now_ms + 1,
            bucket=bucket,
            utc_offset_min=self.ahead_min,
        )


def _draw_choices(visit: Visit, found: Found) -> None:
    say = visit.say
    choose_shop(say, found.shops, found.shop, lambda shop: f"/consumption?shop={shop}&span={found.span}")
    with box("pb-buttons pb-gap-above"):
        for each in SPANS:
            path = f"/consumption?shop={segment(found.shop)}&span={each}"
            link_button(say(f"span_{each}"), path, "is-main" if each == found.span else "is-quiet")


def _draw(visit: Visit, consumption: Consumption, found: Found) -> None:
    say = visit.say
    labels = [_label(start, found) for start in _starts(consumption)]
    if not consumption.totals:
        with box("pb-gap-above"):
            empty(say("none"))
        return
    for unit, name in (("piece", "pieces"), ("gram", "grams")):
        totals = [total for total in consumption.totals if total.part.unit == unit]
        if totals:
            heading(say(name))
            with box("pb-card"):
                ui.echart(chart(say, consumption, totals, labels)).classes("pb-chart")
    heading(say("by_part"))
    _draw_totals(visit, consumption.totals)


def chart(
    say: Say, consumption: Consumption, totals: Sequence[ConsumptionBucket], labels: Sequence[str]
) -> dict[str, Any]:
    """The options of a stacked bar chart: the parts with the most, and all others as one. A label for every start."""
    starts = _starts(consumption)
    named = [total.part.number for total in totals[:SERIES_MAX]]
    amounts: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    wanted = {total.part.number for total in totals}
    for bucket in consumption.buckets:
        if bucket.part.number in wanted:
            series = bucket.part.number if bucket.part.number in named else ""
            amounts[series][bucket.start_ms] += bucket.quantity
    names = {total.part.number: part_name(say, total.part) for total in totals} | {"": say("others")}
    axis = {"fontSize": 14, "color": "#55625f"}
    return {
        "color": list(COLOURS),
        "animation": False,
        "textStyle": {"fontFamily": "inherit", "fontSize": 14},
        "tooltip": {"trigger": "axis"},
        "legend": {"type": "scroll", "bottom": 0, "itemGap": 16, "textStyle": {"fontSize": 14}},
        "grid": {"left": 8, "right": 12, "top": 16, "bottom": 48, "containLabel": True},
        "xAxis": {
            "type": "category",
            "data": list(labels),
            "axisTick": {"show": False},
            "axisLabel": axis,
        },
        "yAxis": {
            "type": "value",
            "minInterval": 1,
            "axisLabel": axis,
            "splitLine": {"lineStyle": {"color": "#dfe3dd"}},
        },
        "series": [
            {
                "type": "bar",
                "stack": "all",
                "name": names[number],
                "barMaxWidth": 44,
                "data": [amounts[number][start] for start in starts],
            }
            for number in [*named, ""]
            if number in amounts
        ],
    }


def _starts(consumption: Consumption) -> list[int]:
    """The start of every hour or day of the span, those without consumption too."""
    width_ms = consumed.BUCKET_MS[consumption.bucket]
    return list(range(consumption.from_ms, consumption.to_ms, width_ms))


def _label(start_ms: int, found: Found) -> str:
    moment = datetime.fromtimestamp(start_ms / 1000, timezone(timedelta(minutes=found.ahead_min)))
    return f"{moment:%H:%M}" if found.span == "day" else f"{moment.month}-{moment.day}"


def _draw_totals(visit: Visit, totals: Sequence[ConsumptionBucket]) -> None:
    most = {unit: max((t.quantity for t in totals if t.part.unit == unit), default=1) for unit in ("piece", "gram")}
    lines = [
        markup.box(
            "pb-line pb-measured",
            markup.box("pb-grow", part_link(visit, total.part)),
            markup.box("pb-number pb-change", quantity(total.quantity, total.part.unit, visit.say.language)),
            bar(total.quantity, most[total.part.unit], 0, low=False),
        )
        for total in sorted(totals, key=lambda total: total.part.unit == "gram")
    ]
    markup.show(markup.box("pb-card", *lines))
