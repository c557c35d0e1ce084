"""The physics: one stream on both runtimes, and figures that lie where the error model says."""

import math
import statistics

import pytest

from simulator import physics
from tests.simulation.conftest import Run

STORY = """
cells = physics.Cells("c3-10kg", 4, 7)
for bin_ in range(4):
    cells.rest(bin_, 1234567 * bin_)
codes = []
at = 0
for step in range(600):
    at += 100000
    if step == 100:
        cells.hand(1, at, at + 1200000)
    if step == 106:
        cells.place(1, 900000, at)
    if step == 200:
        cells.slam(at)
    for bin_ in range(4):
        codes.append(cells.counts(bin_, at, 10 if step % 2 else 80))
codes.append(cells.calibration(2))
print(codes)
"""
SECOND_US = 1000000


def test_both_runtimes_give_the_same_codes(run_jumping: Run, capsys: pytest.CaptureFixture[str]) -> None:
    exec(STORY, {"physics": physics})  # noqa: S102 - the same text runs on MicroPython
    expected = capsys.readouterr().out.splitlines()
    assert run_jumping("import physics\n" + STORY) == expected


def in_mg(cells: physics.Cells, bin_: int, counts: int) -> float:
    """A code as the calibration reads it."""
    zero, ng_per_count = cells.calibration(bin_)
    return (counts - zero) * ng_per_count / 1e6


def readings_mg(cells: physics.Cells, bin_: int, from_s: float, count: int, rate_sps: int = 10) -> list[float]:
    """Readings at a steady rate."""
    step_us = SECOND_US // rate_sps
    start_us = round(from_s * SECOND_US)
    return [in_mg(cells, bin_, cells.counts(bin_, start_us + i * step_us, rate_sps)) for i in range(count)]


@pytest.mark.parametrize(
    ("cell_class", "rate_sps", "low_g", "high_g"),
    [  # hardware-notes section 5: 0.17 g at 10, 0.49 g at 80 samples a second on a 10 kg cell, 0.86 g on a 50 kg cell
        ("c3-10kg", 10, 0.15, 0.19),
        ("c3-10kg", 80, 0.44, 0.54),
        ("c3-50kg", 10, 0.77, 0.95),
        ("c3-150kg", 10, 2.3, 2.8),
    ],
)
def test_noise(cell_class: str, rate_sps: int, low_g: float, high_g: float) -> None:
    for seed in range(3):
        cells = physics.Cells(cell_class, 2, seed)
        cells.rest(1, 3000000)
        found = readings_mg(cells, 1, 1, 3000, rate_sps)
        assert low_g < statistics.stdev(found) / 1000 < high_g
        assert abs(statistics.mean(found) - 3000000) < 6 * high_g * 1000 / math.sqrt(3000) + 5


def test_noise_is_white() -> None:
    cells = physics.Cells("c3-10kg", 1, 5)
    found = readings_mg(cells, 0, 1, 4000)
    mean = statistics.mean(found)
    spread = sum((value - mean) ** 2 for value in found)
    for lag in (1, 2, 5, 10):
        together = sum((a - mean) * (b - mean) for a, b in zip(found, found[lag:], strict=False))
        assert abs(together / spread) < 4 / math.sqrt(4000)


def test_noise_differs_between_bins_and_runs() -> None:
    one = readings_mg(physics.Cells("c3-10kg", 2, 5), 0, 1, 20)
    assert one != readings_mg(physics.Cells("c3-10kg", 2, 5), 1, 1, 20)
    again = physics.Cells("c3-10kg", 2, 5, run=1)
    assert one != readings_mg(again, 0, 1, 20)
    assert again.calibration(0) == physics.Cells("c3-10kg", 2, 5).calibration(0)


def test_creep_ends_at_the_load_within_the_class() -> None:
    cells = physics.Cells("c3-10kg", 8, 3)
    signs = set()
    for bin_ in range(8):
        cells.place(bin_, 4000000, SECOND_US)
        early = statistics.mean(readings_mg(cells, bin_, 6, 100)) - 4000000
        for at_s in range(20, 1800, 2):
            cells.counts(bin_, at_s * SECOND_US)
        late = statistics.mean(readings_mg(cells, bin_, 1800, 100)) - 4000000
        assert abs(late) < 220  # hardware-notes section 5: 1.1 g in 30 minutes at 40 % load, 0.98 g by R 60
        assert 700 < abs(early) < 1100
        signs.add(early > 0)
    assert signs == {True, False}


def test_taking_rings_and_settles() -> None:
    cells = physics.Cells("c3-10kg", 2, 9)
    cells.rest(0, 1000000)
    cells.rest(1, 1000000)
    cells.place(0, 800000, SECOND_US)
    fresh = readings_mg(cells, 0, 1.0, 40, 80)
    assert 150000 < max(fresh) - min(fresh) < 2 * 1.5 * 600000
    assert statistics.stdev(readings_mg(cells, 0, 4, 40, 80)) < 700
    assert statistics.stdev(readings_mg(cells, 1, 1, 40, 80)) < 700  # the neighbour felt nothing


def test_a_slam_shakes_every_bin() -> None:
    cells = physics.Cells("c3-10kg", 3, 9)
    cells.slam(SECOND_US)
    for bin_ in range(3):
        shaken = readings_mg(cells, bin_, 1.0, 16, 80)
        assert 100000 < max(shaken) - min(shaken) < 800000
        assert statistics.stdev(readings_mg(cells, bin_, 4, 40, 80)) < 700


def test_sine_and_decay_against_the_mathematics() -> None:
    for turn in range(256):
        assert abs(physics.sine(turn) - 32767 * math.sin(turn * math.pi / 64)) < 1
    for age_ms in range(0, 2000, 7):
        expected = 1000000 * math.exp(-age_ms / 200)
        assert abs(physics.decayed(1000000, age_ms * 1000, 200000) - expected) < 0.065 * expected + 5


def test_an_unknown_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a cell class of c3-10kg, c3-150kg, c3-50kg, found 'c4'"):
        physics.Cells("c4", 1, 1)
