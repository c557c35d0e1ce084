"""What the modelled cells do, measured as one would measure real ones: `python -m simulator.physics_figures`.

Prints the table of `docs/physics.md`. Every figure is over the same twelve cells of a class, so that it is the same
each time. It measures codes only, and sees nothing of how the model makes them.
"""

import math
import statistics
import sys
from itertools import pairwise

from simulator import physics

SEEDS = range(1, 13)
SECOND_US = 1_000_000
QUARTER_US = 900 * SECOND_US
DAY_QUARTERS = 96
_LEVEL = 16  # samples of one level


def noise_g(cell_class: str, rate_sps: int) -> float:
    """From one sample to the next, as the deviation of one."""
    squares = []
    for seed in SEEDS:
        found = _samples_g(_steady(cell_class, seed), 0, 500, rate_sps)
        squares += [(b - a) ** 2 for a, b in pairwise(found)]
    return math.sqrt(statistics.mean(squares) / 2)


def wander_g(cell_class: str, apart_s: int) -> float:
    """How much two levels so far apart differ in an unchanged bin, as a deviation."""
    squares = []
    for seed in SEEDS:
        cells = _steady(cell_class, seed)
        for pair in range(40):
            at_us = pair * 20_000 * SECOND_US
            before_g = _level_g(cells, at_us)
            squares.append((_level_g(cells, at_us + apart_s * SECOND_US) - before_g) ** 2)
    return math.sqrt(statistics.mean(squares))


def creep_g(cell_class: str, share_percent: int = 40) -> float:
    """From 5 s to half an hour after a load of that share of the capacity came: the mean of what the cells creep."""
    found = []
    for seed in SEEDS:
        cells = _steady(cell_class, seed)
        cells.set_load(0, cells.capacity_mg * share_percent // 100, 0, 0)
        early_g = _level_g(cells, 5 * SECOND_US)
        found.append(abs(_level_g(cells, 1800 * SECOND_US) - early_g))
    return statistics.mean(found)


def day_g(cell_class: str) -> tuple[float, float]:
    """What an unchanged bin at 40 % load goes up and down in 24 hours, in the mean and at the worst cell."""
    spans = []
    for seed in SEEDS:
        cells = physics.Cells(cell_class, 1, seed, air=(10_000, 0, 0))
        cells.rest(0, cells.capacity_mg * 2 // 5)
        found = [_level_g(cells, quarter * QUARTER_US) for quarter in range(DAY_QUARTERS)]
        spans.append(max(found) - min(found))
    return statistics.mean(spans), max(spans)


def again_g(cell_class: str) -> float:
    """How a load of 1 kg differs from itself when it is taken out and put back, as a deviation."""
    lying = [physics.Lying(cell_class, 1, seed) for seed in range(400)]
    return statistics.stdev(one.moved(0, 0, 1_000_000) for one in lying) / 1000


def table() -> str:
    """All of it, as Markdown."""
    lines = [
        "| g | noise at 10/s | at 80/s | wander in 1 min | in 1 h | creep | a day's span (worst) | 1 kg put back |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in physics.CELL_CLASSES:
        mean_g, worst_g = day_g(name)
        lines.append(
            f"| {name} | {noise_g(name, 10):.2f} | {noise_g(name, 80):.2f} | {wander_g(name, 60):.2f} "
            f"| {wander_g(name, 3600):.2f} | {creep_g(name):.1f} | {mean_g:.1f} ({worst_g:.1f}) | {again_g(name):.2f} |"
        )
    return "\n".join(lines)


def _steady(cell_class: str, seed: int) -> physics.Cells:
    """A cell at a temperature that does not change, empty."""
    return physics.Cells(cell_class, 1, seed, air=physics.STEADY)


def _samples_g(cells: physics.Cells, from_us: int, count: int, rate_sps: int) -> list[float]:
    zero, ng_per_count = cells.calibration(0)
    step_us = SECOND_US // rate_sps
    return [(cells.counts(0, from_us + i * step_us, rate_sps) - zero) * ng_per_count / 1e9 for i in range(count)]


def _level_g(cells: physics.Cells, from_us: int) -> float:
    found = sorted(_samples_g(cells, from_us, _LEVEL, 10))
    return statistics.mean(found[1:-1])  # a spike is no level


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
