"""What codes say of a cell: at rest, and with known masses on it.

Pure: functions of values. A `Reading` is what `on_board/parts.codes` saw of one bin; a cause is a key of `words`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from hardware.commissioning.cell_classes import CellClass

NOISY_TIMES = 4  # a class's noise: more is no chance over 24 codes
_LOW, _HIGH = -0x800000, 0x7FFFFF
_SAME_SHARE = 0.9  # of codes equal to the one before: a bridge has noise
_ANSWERED_SHARE = 0.5
_MOVED_SHARE = 4  # a quarter of what a mass should give is a mass
_GAIN_PERCENT = (70, 140)
_SIGMAS = 6


@dataclass(frozen=True)
class Reading:
    """Codes of one bin: how many, their mean and deviation, the extremes, and what was odd."""

    count: int
    mean: float
    deviation: float
    low: int
    high: int
    same: int
    jumps: int
    silent: int

    @property
    def answered(self) -> bool:
        """Whether the converter was there more often than not."""
        return self.count > 1 and self.silent < self.count * _ANSWERED_SHARE

    def as_row(self) -> dict[str, Any]:
        """For the record."""
        return {"codes": self.count, "mean": round(self.mean, 1), "deviation": round(self.deviation, 1)}


def reading(row: Sequence[int]) -> Reading:
    """A row of `on_board/parts.codes`."""
    count, base, total, squares, low, high, same, jumps, silent = row
    mean = total / count if count else 0.0
    variance = max(0.0, (squares - count * mean * mean) / (count - 1)) if count > 1 else 0.0
    return Reading(count, base + mean, sqrt(variance), low, high, same, jumps, silent)


@dataclass(frozen=True)
class Finding:
    """What is wrong with one part: a cause of `words`, and the figures its sentence needs."""

    where: str  # "bin", "door", "mux", "badge", "tags", "network", "clock"
    number: int
    cause: str
    values: Mapping[str, Any]

    def as_row(self) -> dict[str, Any]:
        """For the record and for programs."""
        return {"where": self.where, "number": self.number, "cause": self.cause, "values": dict(self.values)}


def finding_of(row: Mapping[str, Any]) -> Finding:
    """A finding from its row."""
    return Finding(row["where"], row["number"], row["cause"], row["values"])


def at_rest(found: Reading, cells: CellClass) -> tuple[str, dict[str, Any]] | None:
    """What is wrong with a cell that nothing touches: (cause, values), or None."""
    if not found.answered:
        return "dead", {}
    if found.low <= _LOW or found.high >= _HIGH:
        return "rail", {}
    if found.same >= (found.count - 1) * _SAME_SHARE:
        return "stuck", {}
    if found.jumps > found.count // 3:
        return "adrift", {}
    times = found.deviation / cells.noise_counts
    if times > NOISY_TIMES:
        return "noisy", {"times": round(times, 1), "deviation": round(found.deviation)}
    return None


def drifted(before: Reading, after: Reading, cells: CellClass) -> tuple[str, dict[str, Any]] | None:
    """Whether two readings at rest, some seconds apart, differ by more than a class may."""
    off_mg = abs(after.mean - before.mean) * cells.mg_per_count
    if off_mg <= cells.allowed_mg(0) + _SIGMAS * cells.noise_counts * cells.mg_per_count / sqrt(before.count):
        return None
    return "drifting", {"drift": grams(off_mg)}


def moved(zero: float, found: Reading, mass_mg: int, cells: CellClass) -> bool:
    """Whether a bin feels what can only be the mass."""
    return abs(found.mean - zero) > cells.expected_counts(mass_mg) / _MOVED_SHARE


def settled(before: Reading, now: Reading, cells: CellClass) -> bool:
    """Whether two looks in a row, half a second each, say the same."""
    near = _SIGMAS * cells.noise_counts
    return abs(now.mean - before.mean) < near and now.deviation < NOISY_TIMES * cells.noise_counts


@dataclass(frozen=True)
class Calibrated:
    """A bin's line through its readings, in the firmware's words, and how well they lie on it (mg)."""

    zero_counts: int
    ng_per_count: int
    residual_mg: float
    repeat_mg: float
    back_mg: float
    noise_mg: float


@dataclass(frozen=True)
class Readings:
    """Of one bin: empty, with the smaller mass, with the larger one, empty again, and with the smaller once more."""

    zero: Reading
    half: Reading
    full: Reading
    back: Reading
    again: Reading


def calibrated(found: Readings, masses_mg: tuple[int, int]) -> Calibrated:
    """The line from empty to the larger mass, and what the other readings are off it.

    `residual`: the smaller mass; `repeat`: the same once more; `back`: empty again, in between.
    """
    mg_per_count = masses_mg[1] / (found.full.mean - found.zero.mean)
    half_mg = (found.half.mean - found.zero.mean) * mg_per_count
    again_mg = (found.again.mean - found.back.mean) * mg_per_count
    return Calibrated(
        zero_counts=round(found.zero.mean),
        ng_per_count=round(mg_per_count * 1_000_000),
        residual_mg=half_mg - masses_mg[0],
        repeat_mg=again_mg - half_mg,
        back_mg=(found.back.mean - found.zero.mean) * mg_per_count,
        noise_mg=abs(found.zero.deviation * mg_per_count),
    )


def with_masses(found: Calibrated, masses_mg: tuple[int, int], cells: CellClass) -> tuple[str, dict[str, Any]] | None:
    """What is wrong with a calibrated cell: (cause, values), or None."""
    if found.ng_per_count < 0:
        return "reversed", {}
    allowed_mg = cells.allowed_mg(masses_mg[1])
    if abs(found.back_mg) > allowed_mg:
        return "loose", {"back": grams(found.back_mg)}
    percent = round(100 * cells.mg_per_count * 1_000_000 / found.ng_per_count)
    if not _GAIN_PERCENT[0] <= percent <= _GAIN_PERCENT[1]:
        return "gain", {"percent": percent}
    if abs(found.repeat_mg) > allowed_mg:
        return "not_repeating", {"repeat": grams(abs(found.repeat_mg))}
    if abs(found.residual_mg) > allowed_mg:
        return "not_linear", {"residual": grams(found.residual_mg)}
    return None


def grams(mg: float) -> str:
    """As people read it: 0.12."""
    return f"{mg / 1000:.2f}"
