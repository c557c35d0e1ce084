"""The four gauges as they are drawn: a card each with its trend, and all four as one strip. Pure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cloud.replenishment.gauges.views import Gauges
from cloud.work.money import money_text
from page_kit import markup
from page_kit.language import Say, Texts
from page_kit.markup import Markup, joined, tag
from page_kit.quantity import confidence

WIDTH, HEIGHT = 320, 76
HOURS_MAX = 96  # more are said in days
GAUGES = ("complete", "exact", "fast", "frugal")
SIGNS = {"complete": "全", "exact": "准", "fast": "快", "frugal": "省"}  # a dealer's own four words, in any language

TEXTS: Texts = {
    "gauge_complete": ("满足率", "Fill rate"),
    "gauge_exact": ("盘点准确率", "Count accuracy"),
    "gauge_fast": ("从缺货到补上", "From need to restock"),
    "gauge_frugal": ("库存可用天数", "Days of stock"),
    "why_complete": ("要用的配件，当场有货的比例", "Of what was wanted, how much was there at once"),
    "why_exact": ("称出来的数，后来没人改过的比例", "Of all counts, how many nobody had to put right"),
    "why_fast": ("从要货到补上，一半比这更快", "From the request to the restock: half of them were faster"),
    "why_frugal": ("现有库存按现在的用量能用多久", "How long the stock lasts at the present use"),
    "none_complete": ("有人取过货以后就有", "Comes with the first parts that are used"),
    "none_exact": ("有人开过柜、称过数以后就有", "Comes with the first count"),
    "none_fast": ("第一次要货并补上以后就有", "Comes with the first request that is restocked"),
    "none_frugal": ("有人取过货以后就有", "Comes with the first parts that are used"),
    "same_as_before": ("与前 {days} 天一样", "As in the {days} days before"),
    "better": ("比前 {days} 天好 {change}", "{change} better than in the {days} days before"),
    "worse": ("比前 {days} 天差 {change}", "{change} worse than in the {days} days before"),
    "points": ("{value} 个百分点", "{value} points"),
    "minutes": ("{value} 分钟", "{value} min"),
    "hours": ("{value} 小时", "{value} h"),
    "days": ("{value} 天", "{value} d"),
    "missed": (
        "用了 {taken:,} 件，估计还缺了 {missing} 件",
        "{taken:,} pieces used, some {missing} more wanted",
    ),
    "never_missed": ("用了 {taken:,} 件，什么也没缺过", "{taken:,} pieces used, and nothing ever ran out"),
    "known_forecast": ("按预测估计", "Estimated by the forecast"),
    "known_past": ("按以往用量估计", "Estimated by what was used before"),
    "known_both": ("按预测和以往用量估计", "Estimated by the forecast and by what was used before"),
    "known_unknown": ("缺的货以前用得太少，估计不了", "What ran out was used too little before to estimate"),
    "counted": (
        "{counts:,} 次称重盘点；系统自己的把握 {sure}",
        "{counts:,} counts; by their own word {sure} sure",
    ),
    "checked": ("{checks} 次人工核对，{right} 相符", "{checks} checks by people, {right} as the books said"),
    "unchecked": ("还没有人工核对", "Nobody has checked by hand yet"),
    "restocked": ("补上 {count} 次；十次里九次不超过 {slow}", "{count} restocks; nine of ten within {slow}"),
    "visited": ("上门 {visits} 次，每 100 件 {each} 次", "{visits} visits, {each} for 100 pieces"),
    "visited_plainly": ("上门 {visits} 次", "{visits} visits"),
    "stock_worth": ("库存值 {value}", "Stock worth {value}"),
    "stock_pieces": ("库存 {stock} 件", "{stock} pieces in stock"),
    "unpriced": ("{count} 种配件没有价格，不在金额里", "Parts without a price, not in the money: {count}"),
    "next_round": ("下一次送货：{day}，{count} 家店", "Next round: {day}, shops: {count}"),
    "trend": ("{name}：近 {count} 周，{low} 到 {high}", "{name}: the last {count} weeks, {low} to {high}"),
    "trend_range": ("近 {count} 周 {low} – {high}", "{count} weeks, {low} – {high}"),
}


@dataclass(frozen=True)
class Shown:
    """How one of the gauges is read off."""

    value: Callable[[Gauges], float | None]
    is_better_high: bool

    def change(self, now: Gauges, before: Gauges) -> float | None:
        """By how much it is better than before; below 0 for worse."""
        new, old = self.value(now), self.value(before)
        if new is None or old is None:
            return None
        return new - old if self.is_better_high else old - new


SHOWN: dict[str, Shown] = {
    "complete": Shown(lambda found: found.complete.fill_ppm, is_better_high=True),
    "exact": Shown(lambda found: found.exact.right_ppm, is_better_high=True),
    "fast": Shown(lambda found: found.fast.median_minutes, is_better_high=False),
    "frugal": Shown(lambda found: found.frugal.stock_days, is_better_high=False),
}


def value_text(say: Say, gauge: str, value: float | None) -> str:
    """A gauge's value as people read it; a dash for nothing."""
    if value is None:
        return "–"
    if gauge in {"complete", "exact"}:
        return confidence(int(value))
    return (
        duration(say, value)
        if gauge == "fast"
        else say("days", value=f"{value:.0f}" if value >= 10 else f"{value:.1f}")
    )


def duration(say: Say, minutes: float) -> str:
    """Hours, days when they are many, minutes when it is less than one."""
    hours = minutes / 60
    if hours < 1:
        return say("minutes", value=max(1, math.ceil(minutes)))
    if hours > HOURS_MAX:
        return say("days", value=f"{hours / 24:.1f}")
    return say("hours", value=f"{hours:.0f}" if hours >= 10 else f"{hours:.1f}")


def cards(say: Say, now: Gauges, before: Gauges, weeks: Sequence[Gauges], days: int) -> Markup:
    """The four, each with its sign, its value, what changed, its trend and what it rests on."""
    return markup.box("pb-gauges", *(_card(say, gauge, (now, before), weeks, days) for gauge in GAUGES))


def _card(say: Say, gauge: str, spans: tuple[Gauges, Gauges], weeks: Sequence[Gauges], days: int) -> Markup:
    shown, now = SHOWN[gauge], spans[0]
    return markup.box(
        "pb-card pb-gauge",
        markup.box(
            "pb-row",
            markup.box("pb-gauge-sign", SIGNS[gauge], aria_hidden="true"),
            markup.box(
                "pb-grow",
                tag("h2", say(f"gauge_{gauge}"), class_="pb-card-title"),
                markup.box("pb-soft pb-small", say(f"why_{gauge}")),
            ),
        ),
        markup.box("pb-huge pb-gap-above", value_text(say, gauge, shown.value(now))),
        _change(say, gauge, shown.change(*spans), days),
        trend(say, gauge, weeks),
        markup.box("pb-gauge-facts", *(markup.box("", fact) for fact in _facts(say, gauge, now))),
    )


def _change(say: Say, gauge: str, change: float | None, days: int) -> Markup:
    if change is None:
        return markup.box("pb-soft pb-small", "\u00a0")
    small = {"complete": 500, "exact": 500, "fast": 30, "frugal": 0.5}[gauge]
    if abs(change) < small:
        return markup.box("pb-soft pb-small", say("same_as_before", days=days))
    if gauge in {"complete", "exact"}:
        told = say("points", value=f"{abs(change) / 10_000:.1f}")
    else:
        told = value_text(say, gauge, abs(change))
    better = change > 0
    return markup.box(
        f"pb-small {'is-good' if better else 'is-low'} pb-strong",
        say("better" if better else "worse", days=days, change=told),
    )


def _facts(say: Say, gauge: str, now: Gauges) -> list[str]:
    told = {"complete": _complete, "exact": _exact, "fast": _fast, "frugal": _frugal}[gauge](say, now)
    return told or [say(f"none_{gauge}")]


def _complete(say: Say, now: Gauges) -> list[str]:
    found = now.complete
    if found.known_by == "never_empty":
        return [say("never_missed", taken=found.taken)] if found.taken else []
    missing = f"{found.missing:.0f}" if found.missing >= 10 else f"{found.missing:.1f}"
    return [say("missed", taken=found.taken, missing=missing), say(f"known_{found.known_by}")]


def _exact(say: Say, now: Gauges) -> list[str]:
    found = now.exact
    if not found.counts:
        return []
    counted = say("counted", counts=found.counts, sure=confidence(found.sure_ppm or 0))
    if not found.checks:
        return [counted, say("unchecked")]
    return [counted, say("checked", checks=found.checks, right=confidence(found.checks_right_ppm or 0))]


def _fast(say: Say, now: Gauges) -> list[str]:
    found = now.fast
    if found.p90_minutes is None:
        return []
    return [say("restocked", count=found.restocks, slow=duration(say, found.p90_minutes))]


def _frugal(say: Say, now: Gauges) -> list[str]:
    found = now.frugal
    each = found.visits_per_100
    facts = [
        say("visited_plainly", visits=found.visits)
        if each is None
        else say("visited", visits=found.visits, each=f"{each:.1f}"),
        say("stock_worth", value=money_text(found.stock_value_minor, found.currency))
        if found.currency and found.stock_value_minor
        else say("stock_pieces", stock=found.stock),
    ]
    return [*facts, say("unpriced", count=found.unpriced)] if found.unpriced and found.currency else facts


def trend(say: Say, gauge: str, weeks: Sequence[Gauges]) -> Markup:
    """A line over the weeks, its last point marked; nothing when there are too few."""
    values = [(at, value) for at, week in enumerate(weeks) if (value := SHOWN[gauge].value(week)) is not None]
    if len(values) < 2:
        return markup.box("pb-gauge-trend")
    low, high = min(value for _, value in values), max(value for _, value in values)
    told = {"count": len(weeks), "low": value_text(say, gauge, low), "high": value_text(say, gauge, high)}
    spread = (high - low) or 1.0
    spots = [
        (round(at / (len(weeks) - 1) * WIDTH, 1), round(HEIGHT - 8 - (value - low) / spread * (HEIGHT - 16), 1))
        for at, value in values
    ]
    line = "M" + "L".join(f"{x} {y}" for x, y in spots)
    return markup.box(
        "pb-gauge-trend",
        tag(
            "svg",
            tag("path", d=f"{line}L{spots[-1][0]} {HEIGHT}L{spots[0][0]} {HEIGHT}Z", class_="pb-gauge-area"),
            tag("path", d=line, class_="pb-gauge-line"),
            viewBox=f"0 0 {WIDTH} {HEIGHT}",
            preserveAspectRatio="none",
            role="img",
            aria_label=say("trend", name=say(f"gauge_{gauge}"), **told),
        ),
        markup.box("pb-soft pb-small", say("trend_range", **told)),
    )


def strip(say: Say, now: Gauges, next_round: tuple[str, int] | None) -> Markup:
    """All four in one line that leads to their page, and the day of the next round with how many shops it has."""
    pieces = [
        markup.box(
            "pb-strip-one",
            markup.box("pb-strip-sign", SIGNS[gauge], aria_hidden="true"),
            markup.box(
                "",
                markup.box("pb-number", value_text(say, gauge, SHOWN[gauge].value(now))),
                markup.box("pb-soft pb-small", say(f"gauge_{gauge}")),
            ),
        )
        for gauge in GAUGES
    ]
    day, shops = next_round or ("", 0)
    way = markup.link("pb-strip-round", "/rounds", say("next_round", day=day, count=shops)) if day else Markup()
    return markup.box("pb-card pb-strip-card", markup.link("pb-strip", "/gauges", joined(*pieces)), way)
