"""How a stock runs down while nobody brings any: a band from likely to unlikely, week by week, as SVG.

Pure: values in, one piece of SVG out. Places along the time are per cent, heights are pixels, as in `weight_trace.py`:
letters and lines are as large on a phone as on a tablet. Also bars of what was asked for before. Quantities are pieces
or grams; every text is escaped.
"""

from collections.abc import Callable, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from page_kit.language import Say, Texts
from page_kit.markup import Markup
from page_kit.quantity import quantity

HEIGHT_PX = 210
TOP_PX, BOTTOM_PX, AXIS_PX = 18, 170, 196

TEXTS: Texts = {
    "fan_now": ("现在", "now"),
    "fan_weeks": ("{weeks} 周", "{weeks} wk"),
    "fan_point": ("补货点 {point}", "Ask at {point}"),
    "fan_visit": ("下次补货前", "by the next visit"),
    "fan_label": ("库存怎样减少", "How the stock runs down"),
    "bars_label": ("最近每周用量", "Used in each of the last weeks"),
    "bars_first": ("{weeks} 周前", "{weeks} wk ago"),
    "bars_last": ("上周", "last week"),
}


Place = tuple[Callable[[float], float], Callable[[float], float]]  # per cent of a week, pixels of an amount


class Ahead(NamedTuple):
    """What will have been asked for by the end of a week: with a chance of 10, 50, 90 and 98 in a hundred no more."""

    low: float
    middle: float
    high: float
    very_high: float


def draw_fan(say: Say, unit: str, levels: tuple[int, int], weeks: Sequence[Ahead], visit_weeks: float) -> Markup:
    """From now on, by (stock, reorder point), with the time by which somebody will have been there."""
    stock, point = levels
    top = max(stock, point, 1) * 1.08

    def y(amount: float) -> float:
        return BOTTOM_PX - (BOTTOM_PX - TOP_PX) * amount / top

    def x(week: float) -> float:
        return 100.0 * week / len(weeks)

    wide = _band(stock, [(each.low, each.very_high) for each in weeks], (x, y), "pb-fan-wide")
    near = _band(stock, [(each.low, each.high) for each in weeks], (x, y), "pb-fan-near")
    middle = [(0.0, float(stock)), *((at + 1.0, stock - each.middle) for at, each in enumerate(weeks))]
    # What would be below nothing is cut off at the axis.
    run_down = "".join([wide, near, *_lines(middle, (x, y))])
    pieces = [f'<svg x="0" y="0" width="100%" height="{BOTTOM_PX}" class="pb-fan-cut">{run_down}</svg>']
    if point > 0:
        label = escape(say("fan_point", point=quantity(point, unit, say.language)))
        pieces.append(f'<line class="pb-fan-point" x1="0%" x2="100%" y1="{y(point):.1f}" y2="{y(point):.1f}"/>')
        pieces.append(f'<text class="pb-fan-low is-end" x="100%" y="{y(point) - 6:.1f}">{label}</text>')
    pieces.append(_visit(say, x(min(visit_weeks, len(weeks)))))
    pieces.append(f'<line class="pb-trace-axis" x1="0%" x2="100%" y1="{BOTTOM_PX}" y2="{BOTTOM_PX}"/>')
    pieces.append(f'<text class="pb-trace-time" x="0%" y="{AXIS_PX}">{escape(say("fan_now"))}</text>')
    last = escape(say("fan_weeks", weeks=len(weeks)))
    pieces.append(f'<text class="pb-trace-time is-end" x="100%" y="{AXIS_PX}">{last}</text>')
    return _svg(say("fan_label"), pieces)


def _visit(say: Say, at: float) -> str:
    anchor = " is-end" if at > 60 else ""
    place = f"{at:.2f}%"
    name = escape(say("fan_visit"))
    return (
        f'<line class="pb-fan-visit" x1="{place}" x2="{place}" y1="{TOP_PX - 12}" y2="{BOTTOM_PX}"/>'
        f'<text class="pb-trace-time{anchor}" x="{place}" dx="{-6 if anchor else 6}" y="{TOP_PX - 4}">{name}</text>'
    )


def _band(stock: int, edges: Sequence[tuple[float, float]], place: Place, kind: str) -> str:
    """Between the highest and the lowest stock: one nested drawing, stretched to the width."""
    x, y = place
    upper = [(0.0, float(stock)), *((at + 1.0, stock - low) for at, (low, _) in enumerate(edges))]
    lower = [(0.0, float(stock)), *((at + 1.0, stock - high) for at, (_, high) in enumerate(edges))]
    points = " ".join(f"{x(week):.2f},{y(amount):.1f}" for week, amount in (*upper, *reversed(lower)))
    return (
        f'<svg x="0" y="0" width="100%" height="{HEIGHT_PX}" viewBox="0 0 100 {HEIGHT_PX}" preserveAspectRatio="none">'
        f'<polygon class="{kind}" points="{points}"/></svg>'
    )


def _lines(points: Sequence[tuple[float, float]], place: Place) -> list[str]:
    x, y = place
    return [
        f'<line class="pb-trace-line" x1="{x(a):.2f}%" y1="{y(b):.1f}" x2="{x(c):.2f}%" y2="{y(d):.1f}"/>'
        for (a, b), (c, d) in pairwise(points)
    ]


def draw_bars(say: Say, unit: str, asked: Sequence[int], mean: float) -> Markup:
    """What was asked for week by week, the oldest first, with the mean that is expected of a week."""
    top = max(*asked, mean, 1) * 1.15
    width = 100 / len(asked)
    pieces = []
    for at, amount in enumerate(asked):
        height = (BOTTOM_PX - TOP_PX) * amount / top
        place = f'x="{at * width + width * 0.14:.2f}%" width="{width * 0.72:.2f}%"'
        pieces.append(f'<rect class="pb-fan-bar" {place} y="{BOTTOM_PX - height:.1f}" height="{height:.1f}" rx="3"/>')
    y = BOTTOM_PX - (BOTTOM_PX - TOP_PX) * mean / top
    pieces.append(f'<line class="pb-fan-mean" x1="0%" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>')
    pieces.append(f'<line class="pb-trace-axis" x1="0%" x2="100%" y1="{BOTTOM_PX}" y2="{BOTTOM_PX}"/>')
    most = escape(quantity(max(asked), unit, say.language))
    pieces.append(f'<text class="pb-trace-time" x="0%" y="{TOP_PX - 4}">{most if max(asked) else ""}</text>')
    first = escape(say("bars_first", weeks=len(asked)))
    pieces.append(f'<text class="pb-trace-time" x="0%" y="{AXIS_PX}">{first}</text>')
    pieces.append(f'<text class="pb-trace-time is-end" x="100%" y="{AXIS_PX}">{escape(say("bars_last"))}</text>')
    return _svg(say("bars_label"), pieces)


def _svg(label: str, pieces: Sequence[str]) -> Markup:
    inner = "".join(pieces)
    return Markup(
        f'<div class="pb-trace pb-fan"><svg height="{HEIGHT_PX}" role="img" aria-label="{escape(label)}">{inner}</svg>'
        "</div>"
    )
