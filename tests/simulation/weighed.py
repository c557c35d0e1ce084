"""Codes of the modelled cells as their calibration reads them."""

import statistics

from simulator import physics

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US


def in_mg(cells: physics.Cells, bin_: int, counts: int) -> float:
    """A code in milligrams."""
    zero, ng_per_count = cells.calibration(bin_)
    return (counts - zero) * ng_per_count / 1e6


def readings_mg(cells: physics.Cells, bin_: int, from_us: int, count: int, rate_sps: int = 10) -> list[float]:
    """Readings at a steady rate."""
    step_us = SECOND_US // rate_sps
    return [in_mg(cells, bin_, cells.counts(bin_, from_us + i * step_us, rate_sps)) for i in range(count)]


def level_mg(cells: physics.Cells, bin_: int, from_us: int) -> float:
    """The mean of 16 readings at 10 samples a second, without a spike."""
    found = sorted(readings_mg(cells, bin_, from_us, 18))
    return statistics.mean(found[1:-1])
