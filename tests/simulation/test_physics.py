"""The physics: one stream on both runtimes, and figures that lie where the error model says."""

import math
import statistics
from itertools import pairwise

import pytest

from simulator import physics
from tests.simulation.conftest import Run
from tests.simulation.weighed import HOUR_US, SECOND_US, in_mg, level_mg, readings_mg

STORY = """
codes = []

def look(cells, at, seconds, rate):
    for step in range(seconds * 10):
        at += 100000
        for bin_ in range(4):
            codes.append(cells.counts(bin_, at, rate))
    return at

def play(name, air, steps):
    cells = physics.Cells(name, 4, 7, 3, air, steps)
    for bin_ in range(4):
        cells.rest(bin_, 1234567 * bin_, 11 * bin_)
        cells.restart(bin_, 0)
        codes.append(cells.calibration(bin_))
    at = look(cells, 0, 6, 10)
    cells.hand(1, at, at + 1200000)
    at = look(cells, at, 1, 80)
    cells.place(1, 900000, at)
    cells.set_load(2, 5000000, at)
    cells.set_load(3, 0, at, -77)
    cells.lean(3, at, at + 2000000, 1500000)
    at = look(cells, at, 5, 80)
    cells.air(at, 4000)
    cells.slam(at)
    at = look(cells, at, 5, 20)
    at = look(cells, at + 3600000000, 2, 40)
    cells.place(1, 0, at)
    at = look(cells, at + 300 * 86400000000, 2, 320)
    cells.restart(2, at)
    look(cells, at, 1, 10)

for name in sorted(physics.CELL_CLASSES):
    play(name, physics.CYCLE, True)
play("c3-10kg", (20000, 9000, 5000000000000), False)
lying = physics.Lying("cheap-10kg", 2, 5)
for load in range(12):
    codes.append(lying.moved(1, load * 900001, load * 900001 + 900001))
for load in range(12, 0, -1):
    codes.append(lying.moved(1, load * 900001, load * 900001 - 900001))
for age in range(0, 300000, 1234):
    codes.append(physics.decayed(-123456789012, age * 1000, 1000000))
for square in range(60):
    codes.append(physics.root(square * square * 12345 + square))
print(len(codes), codes)
"""


def test_both_runtimes_give_the_same_codes(run_jumping: Run, capsys: pytest.CaptureFixture[str]) -> None:
    exec(STORY, {"physics": physics})  # noqa: S102 - the same text runs on MicroPython
    expected = capsys.readouterr().out.splitlines()
    assert run_jumping("import physics\n" + STORY) == expected


# The error model: 0.17 g at 10, 0.49 g at 80 samples a second on a 10 kg cell, 0.86 g on one of 50 kg.
NOISES = [
    ("c3-10kg", 10, 0.17),
    ("c3-10kg", 80, 0.51),
    ("c3-50kg", 10, 0.85),
    ("c3-150kg", 10, 2.55),
    ("cheap-10kg", 10, 1.7),  # logs of such beams
]


@pytest.mark.parametrize(("cell_class", "rate_sps", "sigma_g"), NOISES)
def test_noise(cell_class: str, rate_sps: int, sigma_g: float) -> None:
    """From one sample to the next: what is slower does not count."""
    for seed in range(3):
        cells = physics.Cells(cell_class, 2, seed)
        cells.rest(1, 3000000)
        found = readings_mg(cells, 1, SECOND_US, 3000, rate_sps)
        steps = [b - a for a, b in pairwise(found)]
        spread = statistics.stdev(steps)
        assert spread / math.sqrt(2) / 1000 == pytest.approx(sigma_g, rel=0.07)
        normal = sum(abs(step) < 2 * spread for step in steps) / len(steps)
        assert 0.945 < normal < 0.963  # of a normal distribution 0.954


def test_samples_know_nothing_of_each_other() -> None:
    """Steps between white samples: each has half of its neighbour's, turned round, and nothing of the others'."""
    cells = physics.Cells("c3-10kg", 1, 5, air=physics.STEADY)
    found = readings_mg(cells, 0, SECOND_US, 4000)
    steps = [b - a for a, b in pairwise(found)]
    spread = sum(step * step for step in steps)
    for lag, expected in ((1, -0.5), (2, 0), (3, 0), (7, 0)):
        together = sum(a * b for a, b in zip(steps, steps[lag:], strict=False))
        assert together / spread == pytest.approx(expected, abs=4 / math.sqrt(4000))


def test_cells_of_a_class_drift_as_their_class_does() -> None:
    """A kelvin: 14 ppm of 10 kg and up to 9 mg of the converter at zero; 10 ppm of the load of span."""
    zeros, spans = [], []
    for seed in range(25):
        cells = physics.Cells("c3-10kg", 12, seed, air=physics.STEADY)
        cells.air(0, 20000)
        for bin_ in range(12):
            empty = level_mg(cells, bin_, 10 * HOUR_US) / 20
            cells.rest(bin_, 10000000)
            zeros.append(empty)
            spans.append((level_mg(cells, bin_, 10 * HOUR_US + 60 * SECOND_US) - 10000000) / 20 - empty)
    assert statistics.stdev(zeros) == pytest.approx(math.hypot(140, 7), rel=0.1)
    assert statistics.stdev(spans) == pytest.approx(100, rel=0.12)
    assert abs(statistics.correlation(zeros, spans)) < 4 / math.sqrt(300)


def test_flicker_grows_with_the_time_between() -> None:
    """Six processes of 4 to 4096 s, each 0.35 of the white deviation of 167 mg: what they differ, by hand."""
    for apart_s in (10, 60, 1000, 40000):
        squares = []
        for seed in range(30):
            cells = physics.Cells("c3-10kg", 1, seed, air=physics.STEADY)
            for pair in range(6):
                at_us = pair * 200000 * SECOND_US
                first = level_mg(cells, 0, at_us)
                squares.append((level_mg(cells, 0, at_us + apart_s * SECOND_US) - first) ** 2)
        share = sum(1 - math.exp(-apart_s / tau_s) for tau_s in (4, 16, 64, 256, 1024, 4096))
        expected_mg = 167 * math.sqrt(2 * 0.35**2 * share + 2 / 16)
        assert math.sqrt(statistics.mean(squares)) == pytest.approx(expected_mg, rel=0.17)


def test_flicker_is_the_same_however_often_somebody_looks() -> None:
    """Its size, not its course: a day in one jump leaves as much as a day of samples a minute apart."""
    spreads = []
    for step_s in (60, 3600):
        found = []
        for seed in range(60):
            cells = physics.Cells("c3-10kg", 1, seed, air=physics.STEADY)
            for at_s in range(0, 7200, step_s):
                cells.counts(0, at_s * SECOND_US)
            found.append(level_mg(cells, 0, 7200 * SECOND_US))
        spreads.append(statistics.stdev(found))
    assert spreads[0] == pytest.approx(spreads[1], rel=0.25)
    assert spreads[0] == pytest.approx(167 * math.sqrt(6 * 0.35**2 + 1 / 16), rel=0.25)


def test_noise_differs_between_bins_and_runs() -> None:
    one = readings_mg(physics.Cells("c3-10kg", 2, 5), 0, SECOND_US, 20)
    assert one != readings_mg(physics.Cells("c3-10kg", 2, 5), 1, SECOND_US, 20)
    again = physics.Cells("c3-10kg", 2, 5, run=1)
    assert one != readings_mg(again, 0, SECOND_US, 20)
    assert again.calibration(0) == physics.Cells("c3-10kg", 2, 5).calibration(0)


@pytest.mark.parametrize(("cell_class", "total_g"), [("c3-10kg", 0.98), ("cheap-10kg", 20.0)])
def test_creep_ends_at_the_load_within_the_class(cell_class: str, total_g: float) -> None:
    """4 kg on a 10 kg cell: 245 ppm of it (R 60), or half a per cent; half with 90 s, half with 1000 s."""
    noise_g = {name: sigma for name, rate, sigma in NOISES if rate == 10}[cell_class]
    signs = set()
    for bin_ in range(8):
        cells = physics.Cells(cell_class, 8, 3, air=physics.STEADY)
        cells.place(bin_, 4000000, SECOND_US, 0)
        for at_s in (6, 91, 1001, 1801, 9000):
            age_s = at_s - 1
            expected_g = total_g * (math.exp(-age_s / 90) + math.exp(-age_s / 1000)) / 2
            found_g = level_mg(cells, bin_, at_s * SECOND_US) / 1000 - 4000
            assert abs(found_g) == pytest.approx(expected_g, abs=4 * noise_g)
            if at_s == 6:
                signs.add(found_g > 0)
    assert signs == {True, False}


def test_creep_is_the_same_however_often_somebody_looks() -> None:
    often, seldom = (physics.Cells("cheap-10kg", 1, 3, air=physics.STEADY) for _ in range(2))
    for cells in (often, seldom):
        cells.place(0, 8000000, 0, 0)
    for at_ms in range(0, 900_000, 250):
        often.counts(0, at_ms * 1000)
    ends = [level_mg(cells, 0, 900 * SECOND_US) for cells in (often, seldom)]
    assert ends[0] == pytest.approx(ends[1], abs=6000)  # of 40 g: flicker of 1.5 g, and white noise
    assert abs(ends[0] - 8000000) > 4000


def test_taking_rings_and_settles() -> None:
    cells = physics.Cells("c3-10kg", 2, 9)
    cells.rest(0, 1000000)
    cells.rest(1, 1000000)
    cells.place(0, 800000, SECOND_US)
    fresh = readings_mg(cells, 0, SECOND_US, 40, 80)
    assert 150000 < max(fresh) - min(fresh) < 2 * 1.5 * 600000
    assert statistics.stdev(readings_mg(cells, 0, 4 * SECOND_US, 40, 80)) < 700
    assert statistics.stdev(readings_mg(cells, 1, SECOND_US, 40, 80)) < 700  # the neighbour felt nothing


def test_a_slam_shakes_every_bin() -> None:
    cells = physics.Cells("c3-10kg", 3, 9)
    cells.slam(SECOND_US)
    for bin_ in range(3):
        shaken = readings_mg(cells, bin_, SECOND_US, 16, 80)
        assert 100000 < max(shaken) - min(shaken) < 800000
        assert statistics.stdev(readings_mg(cells, bin_, 4 * SECOND_US, 40, 80)) < 700


def test_who_leans_presses_and_sways_and_leaves_nothing() -> None:
    cells = physics.Cells("c3-10kg", 1, 9, air=physics.STEADY)
    cells.rest(0, 2000000)
    cells.lean(0, SECOND_US, 21 * SECOND_US, 1500000)
    pressed = readings_mg(cells, 0, 2 * SECOND_US, 180)
    assert statistics.mean(pressed) == pytest.approx(3500000, abs=20000)
    assert 20000 < statistics.stdev(pressed) < 60000  # 4 % of sway, 1 % of tremor
    assert level_mg(cells, 0, 22 * SECOND_US) == pytest.approx(2000000, abs=1000)


def test_a_hand_shakes_its_bin_only_while_it_is_there() -> None:
    cells = physics.Cells("c3-10kg", 2, 9)
    cells.hand(0, 2 * SECOND_US, 7 * SECOND_US)
    assert statistics.stdev(readings_mg(cells, 0, 0, 19)) < 700
    rummaged = readings_mg(cells, 0, 2 * SECOND_US, 49)
    assert 150000 < statistics.stdev(rummaged) < 1300000
    assert statistics.stdev(readings_mg(cells, 0, 7 * SECOND_US, 40)) < 700
    assert statistics.stdev(readings_mg(cells, 1, 2 * SECOND_US, 49)) < 700


def test_spikes_are_rare_and_large() -> None:
    """2 in a million samples, up to the capacity either way: of 1,500,000 samples 3 are expected."""
    cells = physics.Cells("c3-10kg", 1, 4, air=physics.STEADY)
    found = []
    for at in range(500_000):  # sampled fast, so that it is the generator that is drawn from
        mg = in_mg(cells, 0, cells.counts(0, at * 20))
        if abs(mg) > 3000:
            found.append(mg)
    assert 0 < len(found) < 8
    assert all(abs(mg) < 10020000 for mg in found)


def test_a_start_leaves_the_gain_off_in_three_of_ten() -> None:
    cells = physics.Cells("c3-10kg", 1, 4, air=physics.STEADY)
    cells.rest(0, 4000000)
    off = []
    for start in range(400):
        cells.restart(0, start * 10 * SECOND_US)
        off.append((level_mg(cells, 0, start * 10 * SECOND_US) - 4000000) / 4000000)
    wrong = [share for share in off if abs(share) > 0.00025]
    assert 0.23 < len(wrong) / 400 < 0.35
    assert statistics.stdev(wrong) == pytest.approx(0.0075, rel=0.2)


def test_without_steps_a_start_leaves_the_gain_right() -> None:
    cells = physics.Cells("c3-10kg", 1, 4, air=physics.STEADY, steps=False)
    cells.rest(0, 4000000)
    for start in range(40):
        cells.restart(0, start * 10 * SECOND_US)
        assert level_mg(cells, 0, start * 10 * SECOND_US) == pytest.approx(4000000, abs=700)


def test_cells_follow_the_air_after_twenty_minutes() -> None:
    """The air grows 8 K warmer at once: after 20 minutes the cells have 63 % of it, after 2 hours all but 0.25 %."""
    air = physics.Air(0, 0, 0)
    air.set(HOUR_US, 8000)
    for after_s, share in ((0, 0), (300, 1 - math.exp(-0.25)), (1200, 1 - math.exp(-1)), (7200, 1 - math.exp(-6))):
        assert air.cells_mk(HOUR_US + after_s * SECOND_US) == pytest.approx(8000 * share, abs=3)
    air.set(3 * HOUR_US, 0)
    assert air.cells_mk(3 * HOUR_US + 1200 * SECOND_US) == pytest.approx(8000 * math.exp(-1), abs=8)


def test_a_day_is_warmest_in_the_afternoon_and_a_year_in_july() -> None:
    day = physics.Air(10000, 0, 0)
    warmth = {minute: day.cells_mk(minute * 60 * SECOND_US) for minute in range(0, 1440, 5)}
    assert max(warmth.values()) - min(warmth.values()) == pytest.approx(10000 / math.hypot(1, math.tau / 72), abs=20)
    assert max(warmth, key=lambda minute: warmth[minute]) == pytest.approx(15 * 60 + 20, abs=10)
    year = physics.Air(0, 15000, 0)
    warmth = {day_: year.cells_mk(day_ * 24 * HOUR_US) for day_ in range(365)}
    assert max(warmth.values()) - min(warmth.values()) == pytest.approx(15000, abs=20)
    assert max(warmth, key=lambda day_: warmth[day_]) == pytest.approx(200, abs=3)
    later = physics.Air(10000, 15000, 50 * HOUR_US)
    assert later.cells_mk(HOUR_US) == physics.Air(10000, 15000, 0).cells_mk(51 * HOUR_US)


@pytest.mark.parametrize(("cell_class", "ppm_per_cm"), [("c3-10kg", 8.5), ("cheap-10kg", 40)])
def test_a_mass_beside_the_middle_weighs_more_or_less(cell_class: str, ppm_per_cm: float) -> None:
    """2 kg, 6 cm beside the middle (one deviation); a cheap cell's step of 5 g beside it."""
    found = [physics.Lying(cell_class, 1, seed).moved(0, 0, 2000000) for seed in range(800)]
    expected_mg = math.hypot(2 * ppm_per_cm * 6, 5000 if cell_class == "cheap-10kg" else 0)
    assert statistics.stdev(found) == pytest.approx(expected_mg, rel=0.1)
    assert statistics.mean(found) == pytest.approx(0, abs=4 * expected_mg / math.sqrt(800))


def test_what_was_beside_the_middle_is_gone_with_the_last_piece() -> None:
    found = []
    for seed in range(200):
        lying = physics.Lying("c3-10kg", 1, seed)
        for pieces in range(10):
            lying.moved(0, pieces * 500000, (pieces + 1) * 500000)
        most = lying.moved(0, 5000000, 4500000)
        for pieces in range(9, 1, -1):
            lying.moved(0, pieces * 500000, (pieces - 1) * 500000)
        found.append(most)
        assert lying.moved(0, 500000, 0) == 0
    assert statistics.stdev(found) == pytest.approx(0.5 * 8.5 * 6 * 3, rel=0.15)  # nine of half a kilogram


def test_a_cheap_cell_does_not_come_back_to_where_it_was() -> None:
    """A fresh offset of 5 g with each change: it replaces the one before."""
    cells = physics.Cells("cheap-10kg", 1, 2, air=physics.STEADY)
    cells.rest(0, 1000000)
    found = []
    for change in range(300):
        at_us = change * 10 * HOUR_US
        cells.set_load(0, 1000000 + change % 2, at_us)
        found.append(level_mg(cells, 0, at_us + 5 * HOUR_US) - 1000000)
    assert statistics.stdev(found) == pytest.approx(math.hypot(5000, 1700 * 0.9), rel=0.15)
    assert statistics.stdev(found[200:]) < 7000  # it does not run away


def test_sine_decay_and_root_against_the_mathematics() -> None:
    for turn in range(256):
        assert abs(physics.sine(turn) - 32767 * math.sin(turn * math.pi / 64)) < 1
    for age_ms in range(0, 5000, 7):
        expected = 100000000 * math.exp(-age_ms / 200)
        assert physics.decayed(100000000, age_ms * 1000, 200000) == pytest.approx(expected, rel=0.0003, abs=1)
        assert physics.decayed(-100000000, age_ms * 1000, 200000) == -physics.decayed(100000000, age_ms * 1000, 200000)
    for value in (0, 1, 2, 3, 4, 99, 100, 10**12 - 1, 10**12):
        assert physics.root(value) == math.isqrt(value)


def test_an_unknown_cell_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected a cell class of c3-10kg, .*, cheap-10kg, found 'c4'"):
        physics.Cells("c4", 1, 1)
