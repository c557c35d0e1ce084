"""The drawing of a bin's weight: everything stands where its time and its weight say, and inside the drawing."""

import re
from collections.abc import Sequence
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from page_kit.language import Say
from page_kit.weight_trace import (
    AXIS_PX,
    BOTTOM_PX,
    RUNG_GAP_PX,
    TEXTS,
    TOP_PX,
    Level,
    Mark,
    Rung,
    clock,
    draw_trace,
)

SAY = Say("en", TEXTS)
TAKEN = (Level(0, 5_508_000, 300), Level(6_000, 4_896_000, 400), Level(14_000, 4_284_000, 300))
levels_drawn = st.lists(
    st.builds(Level, st.integers(0, 600_000), st.integers(-100_000, 150_000_000), st.integers(0, 80_000)),
    min_size=2,
    max_size=16,
).map(lambda found: [level._replace(at_ms=at) for level, at in zip(found, sorted(x.at_ms for x in found), strict=True)])


def parts(drawing: str, classes: str, tag: str = "line") -> list[ElementTree.Element]:
    root = ElementTree.fromstring(drawing)  # noqa: S314 - our own drawing
    return [found for found in root.iter(tag) if found.get("class", "").startswith(classes)]


def number(found: ElementTree.Element, key: str) -> float:
    return float(found.get(key, "nan").rstrip("%"))


def test_a_weight_alone_is_no_trace() -> None:
    assert not draw_trace(SAY, TAKEN[:1])
    assert not draw_trace(SAY, ())


def test_equal_steps_are_drawn_equally_deep() -> None:
    flat = [found for found in parts(draw_trace(SAY, TAKEN), "pb-trace-line") if found.get("y1") == found.get("y2")]
    heights = [number(found, "y1") for found in flat]
    assert heights == [TOP_PX, (TOP_PX + BOTTOM_PX) / 2, BOTTOM_PX]


def test_what_went_back_ends_where_it_began() -> None:
    back = (*TAKEN[:2], Level(14_000, 5_508_000, 300))
    lines = parts(draw_trace(SAY, back), "pb-trace-line")
    assert number(lines[0], "y1") == number(lines[-1], "y2")


def test_the_band_is_as_high_as_the_noise() -> None:
    levels = (Level(0, 75_000, 2_000), Level(9_000, 45_000, 2_000))
    bands = parts(draw_trace(SAY, levels), "pb-trace-band", "rect")
    span_mg = 48_000  # 24 standard deviations: more than the 30 g between the levels
    assert [number(band, "height") for band in bands] == [round(8_000 * (BOTTOM_PX - TOP_PX) / span_mg, 1)] * 2


def test_noise_alone_is_not_drawn_as_a_cliff() -> None:
    lines = parts(draw_trace(SAY, (Level(0, 975_000, 200), Level(9_000, 975_400, 200))), "pb-trace-line")
    assert abs(number(lines[0], "y1") - number(lines[-1], "y2")) < 20


def test_a_level_that_was_no_load_is_faint_and_has_no_band() -> None:
    levels = (Level(0, 75_000, 2_000), Level(4_000, 95_000, 2_000), Level(9_000, 45_000, 2_000))
    drawing = draw_trace(SAY, levels, passing={1})
    assert len(parts(drawing, "pb-trace-line is-passing")) == 3
    assert len(parts(drawing, "pb-trace-band", "rect")) == 2


def test_the_verdict_is_the_rung_on_which_the_trace_ends() -> None:
    rungs = [Rung(4_284_000, "2 x", True), Rung(4_896_000, "1 x")]
    drawing = draw_trace(SAY, TAKEN, rungs)
    rung, other = parts(drawing, "pb-trace-rung")[:2]
    ends = number(parts(drawing, "pb-trace-line")[-1], "y2")
    assert "is-best" in rung.get("class", "")
    assert number(rung, "y1") == ends
    assert number(other, "y1") == number(parts(drawing, "pb-trace-line")[2], "y1")


def test_rungs_near_each_other_are_told_apart() -> None:
    rungs = [Rung(4_284_000 + 500 * at, f"{at} x") for at in range(4)]
    places = sorted(number(found, "y") for found in parts(draw_trace(SAY, TAKEN, rungs), "pb-trace-label", "text"))
    assert all(after - before >= RUNG_GAP_PX - 0.2 for before, after in pairwise(places))
    assert places[-1] < AXIS_PX


def test_a_mark_stands_on_its_step() -> None:
    drawing = draw_trace(SAY, TAKEN, marks=[Mark(1, 1), Mark(2, 2, "is-foreign")])
    dots = parts(drawing, "pb-trace-dot", "circle")
    firm = [found for found in parts(drawing, "pb-trace-line") if found.get("y1") != found.get("y2")]
    for dot, step in zip(dots, firm, strict=True):
        assert number(step, "x1") < number(dot, "cx") < number(step, "x2")
        assert number(step, "y1") < number(dot, "cy") < number(step, "y2")
    assert dots[1].get("class", "").endswith("is-foreign")


def test_it_says_before_and_after_and_how_long() -> None:
    drawing = draw_trace(SAY, TAKEN)
    for told in ("5,508.0 g", "4,284.0 g", "unlocked", "settled 14 s"):
        assert told in drawing
    assert 'aria-label="Weight over time: from 5,508.0 g to 4,284.0 g"' in drawing


def test_a_label_with_markup_is_only_text() -> None:
    drawing = draw_trace(SAY, TAKEN, [Rung(4_284_000, "<img src=x onerror=bad()>&", True)])
    assert "<img" not in drawing
    assert parts(drawing, "pb-trace-label", "text")[0].text == "<img src=x onerror=bad()>&"


@given(levels_drawn, st.booleans())
def test_everything_is_inside_and_in_the_order_of_time(levels: Sequence[Level], with_rungs: bool) -> None:
    rungs = [Rung(levels[0].mg, "0"), Rung(levels[-1].mg, "1", True)] if with_rungs else []
    drawing = draw_trace(SAY, levels, rungs, [Mark(at, at) for at in range(1, len(levels))])
    lines = parts(drawing, "pb-trace-line")
    for line in lines:
        assert 0 <= number(line, "x1") <= number(line, "x2") <= 100
        assert TOP_PX - 0.1 <= number(line, "y1") <= BOTTOM_PX + 0.1
    assert number(lines[-1], "x2") == 100
    assert len(lines) == 2 * len(levels) - 1
    dots = [number(dot, "cx") for dot in parts(drawing, "pb-trace-dot", "circle")]
    assert dots == sorted(dots)


def test_no_plateau_is_too_narrow_to_see() -> None:
    levels = [Level(0, 900_000, 300), *(Level(3_000 + 40 * at, 900_000 - at, 300) for at in range(6))]
    levels.append(Level(90_000, 500_000, 300))
    flat = parts(draw_trace(SAY, levels), "pb-trace-line")[::2]
    assert min(number(line, "x2") - number(line, "x1") for line in flat) > 3


@pytest.mark.parametrize(("after_ms", "words"), [(0, "0 s"), (8_900, "8 s"), (65_000, "1:05"), (-5, "0 s")])
def test_times_since_the_unlock(after_ms: int, words: str) -> None:
    assert clock(after_ms, SAY) == words


def test_nothing_in_it_scales_with_its_width() -> None:
    assert not re.search(r"viewBox|preserveAspectRatio", draw_trace(SAY, TAKEN, [Rung(0, "x")]))
