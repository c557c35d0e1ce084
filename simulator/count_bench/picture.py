"""The picture of the calibration: for each row, how sure the counting was against how often it was right. SVG by hand.

Both axes are drawn by their distance from certainty (90 %, 99 %, 99.9 %, ...), where the counting lives.
"""

from collections.abc import Sequence
from math import log10
from typing import Any

_SIDE = 220
_MARGIN = 46
_GAP = 26
_ACROSS = 4
_FLOOR = 1e-5  # nearer to certainty is drawn there
_TICKS = (1.0, 0.1, 0.01, 0.001, 0.0001)


def picture(rows: Sequence[dict[str, Any]]) -> str:
    """One panel a row."""
    width = _ACROSS * (_SIDE + _MARGIN + _GAP) + _GAP
    height = -(-len(rows) // _ACROSS) * (_SIDE + _MARGIN + 2 * _GAP) + _GAP
    panels = "".join(_panel(row, at) for at, row in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="11"><rect width="{width}" height="{height}" fill="#fff"/>{panels}</svg>\n'
    )


def _panel(row: dict[str, Any], at: int) -> str:
    x = _GAP + (at % _ACROSS) * (_SIDE + _MARGIN + _GAP) + _MARGIN
    y = _GAP + (at // _ACROSS) * (_SIDE + _MARGIN + 2 * _GAP) + _GAP
    tags = "tags" if row["tags"] else "no tags"
    title = f"{row['cell']}, {row['parts_per_cell']} a cell, {tags}: {row['expected_calibration_error']:.3%}"
    points = "".join(_point(confidence, exact, size) for size, confidence, exact in row["calibration"])
    return (
        f'<g transform="translate({x} {y})"><text x="0" y="-8" font-weight="bold">{title}</text>'
        f'<rect width="{_SIDE}" height="{_SIDE}" fill="#f6f6f4" stroke="#999"/>{_axes()}'
        f'<line x1="0" y1="{_SIDE}" x2="{_SIDE}" y2="0" stroke="#999" stroke-dasharray="4 3"/>{points}</g>'
    )


def _axes() -> str:
    marks = []
    for doubt in _TICKS:
        place = round(_place(1 - doubt), 1)
        name = f"{100 * (1 - doubt):.4g}"
        marks.append(f'<text x="{place}" y="{_SIDE + 14}" text-anchor="middle">{name}</text>')
        marks.append(f'<text x="-6" y="{_SIDE - place + 4:.1f}" text-anchor="end">{name}</text>')
    marks.append(f'<text x="{_SIDE // 2}" y="{_SIDE + 30}" text-anchor="middle">how sure, %</text>')
    marks.append(f'<text x="-34" y="{_SIDE // 2}" text-anchor="middle" transform="rotate(-90 -34 {_SIDE // 2})">')
    marks.append("how often right, %</text>")
    return "".join(marks)


def _point(confidence: float, exact: float, size: int) -> str:
    """A bin; a line shows the 95 % that chance alone gives its share."""
    wobble = 1.96 * (max(exact * (1 - exact), 1 / size / 4) / size) ** 0.5
    low, high = _SIDE - _place(exact - wobble), _SIDE - _place(exact + wobble)
    x, y = _place(confidence), _SIDE - _place(exact)
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{low:.1f}" y2="{high:.1f}" stroke="#7aa" stroke-width="1.5"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="#066"/>'
    )


def _place(share: float) -> float:
    """Along an axis: how many nines."""
    doubt = min(max(1 - share, _FLOOR), 1.0)
    return _SIDE * log10(doubt) / log10(_FLOOR)
