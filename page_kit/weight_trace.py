"""A bin's weight over one session, drawn as steps: what stood still, how much it wavered, and where it ended.

Pure: values in, one piece of SVG out, a few dozen elements in all. Nothing in it scales with its width, so that letters
and lines are as large on a phone as on a tablet: places along the time are per cent, heights are pixels. It decides
nothing and labels only what it is told; every text in it is escaped. Masses are milligrams, times milliseconds.
"""

from collections.abc import Collection, Sequence
from html import escape
from typing import NamedTuple

from page_kit.language import Say, Texts
from page_kit.quantity import mass

HEIGHT_PX = 240
TOP_PX, BOTTOM_PX = 34, 186  # between these lie all weights
AXIS_PX = 216
RUNG_GAP_PX = 21  # labels of rungs are no nearer than this
BAND_SIGMAS = 2  # the band holds 95 % of what the weight wavered
BAND_PX_MIN = 3  # a thinner band is hidden by its line
SPAN_SIGMAS_MIN = 24  # noise alone never fills the drawing
SPAN_MG_MIN = 4000
NARROW = 4.5  # per cent: no plateau is drawn narrower, however short it was
SLOPE = 1.1  # per cent: how wide the way from one plateau to the next is drawn

TEXTS: Texts = {
    "trace_unlocked": ("开锁", "unlocked"),
    "trace_settled": ("称稳 {time}", "settled {time}"),
    "trace_label": ("重量变化：从 {before} 到 {after}", "Weight over time: from {before} to {after}"),
}


class Level(NamedTuple):
    """A weight that stood still: from `at_ms` after the unlock, with its standard deviation."""

    at_ms: int
    mg: int
    noise_mg: int


class Rung(NamedTuple):
    """What the bin would weigh in the end if a candidate were right, beside the trace. `best`: the verdict."""

    mg: int
    label: str
    best: bool = False


class Mark(NamedTuple):
    """A number on the step that leads to a level. `kind`: "" for parts, `is-foreign` for what is none of them."""

    level: int
    number: int
    kind: str = ""


def draw_trace(
    say: Say,
    levels: Sequence[Level],
    rungs: Sequence[Rung] = (),
    marks: Sequence[Mark] = (),
    passing: Collection[int] = (),
) -> str:
    """The drawing; empty for fewer than two levels, where there is nothing to compare.

    `passing`: the numbers of levels that were no load, as where a hand rested; they are drawn faintly.
    """
    if len(levels) < 2:
        return ""
    scale = _Scale(levels, rungs)
    told = say("trace_label", before=mass(levels[0].mg, say.language), after=mass(levels[-1].mg, say.language))
    plot = "".join(
        (
            _axis(),
            *(_rung_line(scale, rung) for rung in rungs),
            *(_band(scale, number, level) for number, level in enumerate(levels) if number not in passing),
            *_steps(scale, levels, passing),
            *(_mark(scale, levels, mark) for mark in marks),
            _ends(say, scale, levels),
        )
    )
    ladder = _ladder(scale, rungs)
    classes = "pb-trace has-rungs" if ladder else "pb-trace"
    return (
        f'<div class="{classes}" role="img" aria-label="{escape(told)}">'
        f'<svg class="pb-trace-plot" height="{HEIGHT_PX}">{plot}</svg>{ladder}</div>'
    )


class _Scale:
    """Where a time and a weight lie in the drawing."""

    def __init__(self, levels: Sequence[Level], rungs: Sequence[Rung]) -> None:
        self.starts = _spread([level.at_ms for level in levels])
        weights = [level.mg for level in levels] + [rung.mg for rung in rungs]
        noise_mg = max(level.noise_mg for level in levels)
        span_mg = max(max(weights) - min(weights), SPAN_SIGMAS_MIN * noise_mg, SPAN_MG_MIN)
        self._top_mg = (max(weights) + min(weights) + span_mg) / 2
        self._px_per_mg = (BOTTOM_PX - TOP_PX) / span_mg

    def y(self, mg: float) -> float:
        return round(TOP_PX + (self._top_mg - mg) * self._px_per_mg, 1)

    def height(self, mg: float) -> float:
        return round(mg * self._px_per_mg, 1)

    def end(self, number: int) -> float:
        """Where a level stops standing still."""
        return self.starts[number + 1] - SLOPE if number + 1 < len(self.starts) else 100.0


def _spread(times_ms: Sequence[int]) -> list[float]:
    """Places along the time in per cent, the last a fifth before the end; none nearer to the next than NARROW."""
    first, last = times_ms[0], times_ms[-1]
    room = 82.0
    least = min(NARROW, room / max(1, len(times_ms) - 1))
    places = [0.0]
    for number, at_ms in enumerate(times_ms[1:], 1):
        fair = room * (at_ms - first) / (last - first) if last > first else room * number / (len(times_ms) - 1)
        places.append(max(fair, places[-1] + least))
    for number in range(len(places) - 1, 0, -1):  # what was pushed out at the end moves back
        places[number] = min(places[number], room - least * (len(places) - 1 - number))
    return [round(place, 2) for place in places]


def _axis() -> str:
    return f'<line class="pb-trace-axis" x1="0" x2="100%" y1="{AXIS_PX}" y2="{AXIS_PX}"/>'


def _band(scale: _Scale, number: int, level: Level) -> str:
    """How much the weight wavered while it stood still, to scale."""
    height = scale.height(2 * BAND_SIGMAS * level.noise_mg)
    if height < BAND_PX_MIN:
        return ""
    x, width = scale.starts[number], round(scale.end(number) - scale.starts[number], 2)
    top = scale.y(level.mg + BAND_SIGMAS * level.noise_mg)
    return f'<rect class="pb-trace-band" x="{x}%" width="{width}%" y="{top}" height="{height}" rx="3"/>'


def _steps(scale: _Scale, levels: Sequence[Level], passing: Collection[int]) -> list[str]:
    """The line: level, way to the next, level."""
    faint: list[str] = []
    firm: list[str] = []
    for number, level in enumerate(levels):
        y, end = scale.y(level.mg), round(scale.end(number), 2)
        lines = faint if number in passing else firm
        lines.append(_line(scale.starts[number], y, end, y, number in passing))
        if number + 1 < len(levels):
            to_passing = number in passing or number + 1 in passing
            lines = faint if to_passing else firm
            lines.append(_line(end, y, scale.starts[number + 1], scale.y(levels[number + 1].mg), to_passing))
    return faint + firm


def _line(x1: float, y1: float, x2: float, y2: float, faint: bool) -> str:
    kind = " is-passing" if faint else ""
    return f'<line class="pb-trace-line{kind}" x1="{x1}%" y1="{y1}" x2="{x2}%" y2="{y2}"/>'


def _mark(scale: _Scale, levels: Sequence[Level], mark: Mark) -> str:
    """A number in a ring, in the middle of the step that leads to a level."""
    x = round(scale.starts[mark.level] - SLOPE / 2, 2)
    y = round((scale.y(levels[mark.level - 1].mg) + scale.y(levels[mark.level].mg)) / 2, 1)
    return (
        f'<circle class="pb-trace-dot {mark.kind}" cx="{x}%" cy="{y}" r="11"/>'
        f'<text class="pb-trace-number {mark.kind}" x="{x}%" y="{y}" dy=".36em">{mark.number}</text>'
    )


def _ends(say: Say, scale: _Scale, levels: Sequence[Level]) -> str:
    """What it weighed before and after, and when."""
    before, after = levels[0], levels[-1]
    settled = say("trace_settled", time=clock(after.at_ms - before.at_ms, say))
    rises_first, falls_last = levels[1].mg > before.mg, levels[-2].mg > after.mg
    end = "pb-trace-mass is-end"
    return "".join(
        (
            _text("pb-trace-mass", 0, _beside(scale, before, rises_first), mass(before.mg, say.language)),
            _text(end, 100, _beside(scale, after, falls_last), mass(after.mg, say.language)),
            _text("pb-trace-time", 0, AXIS_PX + 18, say("trace_unlocked")),
            _text("pb-trace-time is-end", 100, AXIS_PX + 18, settled),
        )
    )


def _beside(scale: _Scale, level: Level, below: bool) -> float:
    """Where the weight of a level is written: on the side away from its step, clear of its band."""
    band = scale.height(BAND_SIGMAS * level.noise_mg)
    away = band if band >= BAND_PX_MIN / 2 else 0
    return scale.y(level.mg) + (19 + away if below else -9 - away)


def _text(classes: str, x: float, y: float, content: str) -> str:
    return f'<text class="{classes}" x="{x}%" y="{round(y, 1)}">{escape(content)}</text>'


def clock(after_ms: int, say: Say) -> str:
    """A time since the unlock: `8 s`, `1:05`."""
    seconds = max(0, after_ms) // 1000
    if seconds < 60:
        return f"{seconds} {'秒' if say.language == 'zh' else 's'}"
    return f"{seconds // 60}:{seconds % 60:02}"


# ---- what it would weigh otherwise ----


def _rung_line(scale: _Scale, rung: Rung) -> str:
    y = scale.y(rung.mg)
    classes = "pb-trace-rung is-best" if rung.best else "pb-trace-rung"
    return f'<line class="{classes}" x1="{scale.starts[-1]}%" x2="100%" y1="{y}" y2="{y}"/>'


def _ladder(scale: _Scale, rungs: Sequence[Rung]) -> str:
    """The labels of the rungs, beside the plot: each at its weight, moved apart where they would cover each other."""
    if not rungs:
        return ""
    ordered = sorted(rungs, key=lambda rung: -rung.mg)
    pieces = []
    for rung, place in zip(ordered, _apart([scale.y(rung.mg) for rung in ordered]), strict=True):
        kind = " is-best" if rung.best else ""
        y = scale.y(rung.mg)
        pieces.append(f'<line class="pb-trace-rung{kind}" x1="0" y1="{y}" x2="12" y2="{place}"/>')
        pieces.append(f'<text class="pb-trace-label{kind}" x="17" y="{place}" dy=".36em">{escape(rung.label)}</text>')
    return f'<svg class="pb-trace-ladder" height="{HEIGHT_PX}">{"".join(pieces)}</svg>'


def _apart(places: Sequence[float]) -> list[float]:
    """The same heights, from the top down, at least RUNG_GAP_PX from each other, kept within the drawing."""
    apart: list[float] = []
    for place in places:
        apart.append(max(place, apart[-1] + RUNG_GAP_PX) if apart else place)
    over = max(0.0, apart[-1] - (AXIS_PX - 8)) if apart else 0.0
    return [round(place - over, 1) for place in apart]
