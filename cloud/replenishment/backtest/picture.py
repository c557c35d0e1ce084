"""The picture of a backtest: for each method, the stock that it takes to reach a fill rate. SVG by hand.

Fill is drawn by its distance from certainty (80 %, 90 %, 95 %, 98 %, 99 %), where the stock goes; a circle is what a
method did when it aimed at the fill asked for.
"""

from collections.abc import Iterable
from html import escape
from math import log
from typing import Any

_WIDTH, _HEIGHT = 620, 420
_LEFT, _TOP, _RIGHT, _BELOW = 62, 56, 310, 58
_FILLS = (0.80, 0.85, 0.90, 0.95, 0.98, 0.99)
_OURS = ("#0b6b5f", "#7bb8ac")
_OTHERS = ("#a3221b", "#d98a2b", "#8a6bb1", "#3c6fb0", "#6b8e23", "#8f4a00", "#c2559d", "#777777")
_NOTES = 17
_INK, _SOFT = "#16211f", "#55625f"


def picture(report: dict[str, Any]) -> str:
    """Stock against fill."""
    rows = report["methods"]
    scale = _Scale(_highest(rows, report["settings"]["fill"]))
    colours = [*_OURS, *_OTHERS]
    curves = [_curve(row, colours[at % len(colours)], at < len(_OURS), scale) for at, row in enumerate(rows)]
    names = [_name(row, colours[at % len(colours)], at) for at, row in enumerate(rows)]
    width, height = _LEFT + _WIDTH + _RIGHT, _TOP + _HEIGHT + _BELOW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="12" fill="{_INK}"><rect width="{width}" height="{height}" fill="#fff"/>{_title(report)}'
        f'<clipPath id="inside"><rect width="{_WIDTH}" height="{_HEIGHT}"/></clipPath>'
        f'<g transform="translate({_LEFT} {_TOP})">{_axes(report, scale)}'
        f'<g clip-path="url(#inside)">{"".join(reversed(curves))}</g>{"".join(names)}</g></svg>\n'
    )


class _Scale:
    """From fill and stock to a place."""

    def __init__(self, highest: float) -> None:
        self.highest = highest

    def x(self, fill: float) -> float:
        low, high = log(1 - _FILLS[0]), log(1 - _FILLS[-1])
        return round(_WIDTH * (log(max(1 - fill, 1e-6)) - low) / (high - low), 1)

    def y(self, stock: float) -> float:
        return round(_HEIGHT * (1 - stock / self.highest), 1)


def _highest(rows: list[dict[str, Any]], fill: float) -> float:
    """What our own takes at the highest fill drawn, or a little above what the dearest takes for the fill asked for."""
    ours = [point["on_hand"] for point in rows[0]["curve"] if point["fill"] <= _FILLS[-1]]
    true = [row["at_true_fill"]["on_hand"] for row in rows if row["at_true_fill"]]
    return float(max([*ours, *(1.1 * each for each in true), 1e-6]))


def _title(report: dict[str, Any]) -> str:
    data, settings = report["data"], report["settings"]
    text = f"Stock against fill: {data['items']:,} parts, {data['measured_from']} to {data['last_period']}"
    aimed = f"circle: aimed at {settings['fill']:.1%}; figure: stock for it indeed"
    terms = f"lead time {settings['lead_time']}, reviewed every period; {aimed}"
    return (
        f'<text x="{_LEFT}" y="24" font-size="16" font-weight="bold">{escape(text)}</text>'
        f'<text x="{_LEFT}" y="43" fill="{_SOFT}">{escape(terms)}</text>'
    )


def _axes(report: dict[str, Any], scale: _Scale) -> str:
    parts = [f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#f4f5f1"/>']
    for fill in _FILLS:
        x = scale.x(fill)
        parts.append(f'<line x1="{x}" x2="{x}" y1="0" y2="{_HEIGHT}" stroke="#dfe3dd"/>')
        parts.append(f'<text x="{x}" y="{_HEIGHT + 18}" text-anchor="middle">{100 * fill:.0f}</text>')
    for stock in _steps(scale.highest):
        y = scale.y(stock)
        parts.append(f'<line x1="0" x2="{_WIDTH}" y1="{y}" y2="{y}" stroke="#dfe3dd"/>')
        parts.append(f'<text x="-8" y="{y + 4}" text-anchor="end">{stock:g}</text>')
    asked = scale.x(report["settings"]["fill"])
    parts.append(f'<line x1="{asked}" x2="{asked}" y1="0" y2="{_HEIGHT}" stroke="{_SOFT}" stroke-dasharray="4 4"/>')
    parts.append(f'<text x="{_WIDTH / 2}" y="{_HEIGHT + 42}" text-anchor="middle">fill reached, %</text>')
    parts.append(
        f'<text text-anchor="middle" transform="translate(-44 {_HEIGHT / 2}) rotate(-90)">'
        "pieces in stock, a part</text>"
    )
    return "".join(parts)


def _steps(highest: float) -> Iterable[float]:
    """Round numbers up to the highest, five to ten of them."""
    step = 10.0 ** (len(str(int(highest))) - 1)
    while highest / step < 5:
        step /= 2
    return [round(step * each, 6) for each in range(int(highest / step) + 1)]


def _curve(row: dict[str, Any], colour: str, ours: bool, scale: _Scale) -> str:
    points = " ".join(f"{scale.x(point['fill'])},{scale.y(point['on_hand'])}" for point in row["curve"])
    at = row["at_aim"]
    width = 3 if ours else 1.5
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"/>'
        f'<circle cx="{scale.x(at["fill"])}" cy="{scale.y(at["on_hand"])}" r="{width + 2.5}" fill="#fff" '
        f'stroke="{colour}" stroke-width="2"/>'
    )


def _name(row: dict[str, Any], colour: str, at: int) -> str:
    y = 10 + 1.4 * _NOTES * at
    true = row["at_true_fill"]
    weight = ' font-weight="bold"' if at < len(_OURS) else ""
    said = "never" if true is None else f"{true['on_hand']:.2f}"
    return (
        f'<g transform="translate({_WIDTH + 18} {y})"><line x2="18" y1="-4" y2="-4" stroke="{colour}" '
        f'stroke-width="3"/><text x="24"{weight}>{escape(row["method"])}: {said}</text></g>'
    )
