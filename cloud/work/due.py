"""What falls due on a vehicle next, by kilometres or months. Pure: functions of values.

A day that follows from kilometres is an estimate and says so: it rests on how far the vehicle went a day so far, by its
odometer. Readings that fall behind an earlier one are left out: one of the two was misread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cloud.work.shop_time import add_months_ms

DAY_MS = 86_400_000
TREND_DAYS_MIN = 14  # two readings of one week say little about a year
TREND_DAYS_MAX = 400  # how it was driven years ago says little about now
SOON_MS = 14 * DAY_MS
SOON_KM = 500
KM_A_DAY_MAX = 2_000
AHEAD_DAYS_MAX = 3_650
READINGS_MAX = 500

State = Literal["done", "soon", "due", "unknown"]
By = Literal["km", "months", "none"]


@dataclass(frozen=True)
class Reading:
    """What an odometer showed."""

    at_ms: int
    km: int


@dataclass(frozen=True)
class Interval:
    """What is done every so many kilometres or months (0: not by these), and when it was done last (0: never)."""

    every_km: int
    every_months: int
    last_km: int
    last_ms: int


@dataclass(frozen=True)
class Due:
    """When something falls due. `due_ms` None: it cannot be said."""

    due_km: int | None
    due_ms: int | None
    by: By
    is_estimate: bool
    state: State
    km_left: int | None


def sound(readings: Sequence[Reading]) -> list[Reading]:
    """The longest row of readings that never fall, in order of time; of two as long the later one."""
    ordered = sorted(readings, key=lambda reading: (reading.at_ms, reading.km))[-READINGS_MAX:]
    best: list[tuple[int, int]] = []  # length of the row that ends here, and what was before
    for at, reading in enumerate(ordered):
        before = [(best[i][0], i) for i in range(at) if ordered[i].km <= reading.km]
        length, last = max(before, default=(0, -1))
        best.append((length + 1, last))
    if not best:
        return []
    row: list[Reading] = []
    at = max(range(len(best)), key=lambda i: (best[i][0], i))
    while at >= 0:
        row.append(ordered[at])
        at = best[at][1]
    return row[::-1]


def km_a_day(readings: Sequence[Reading]) -> float | None:
    """How far it goes a day, over the last readings; None when they say too little."""
    row = sound(readings)
    if len(row) < 2:
        return None
    last = row[-1]
    within = [reading for reading in row if last.at_ms - reading.at_ms <= TREND_DAYS_MAX * DAY_MS]
    first = within[0] if len(within) > 1 else row[-2]
    days = (last.at_ms - first.at_ms) / DAY_MS
    if days < TREND_DAYS_MIN:
        return None
    speed = (last.km - first.km) / days
    return speed if 0 < speed <= KM_A_DAY_MAX else None


def next_due(interval: Interval, readings: Sequence[Reading], now_ms: int) -> Due:
    """When an interval falls due: by whichever comes first."""
    row, speed = sound(readings), km_a_day(readings)
    known = interval.last_km > 0 or interval.last_ms > 0
    due_km = interval.last_km + interval.every_km if interval.every_km and interval.last_km else None
    by_km_ms = _reached_ms(due_km, row, speed)
    by_months_ms = (
        add_months_ms(interval.last_ms, interval.every_months) if interval.every_months and interval.last_ms else None
    )
    km_left = due_km - row[-1].km if due_km is not None and row else None
    due_ms, by = _first(by_km_ms, by_months_ms, has_km=due_km is not None)
    state = _state(due_ms, km_left, now_ms) if known else "unknown"
    is_passed = km_left is not None and km_left <= 0
    return Due(due_km, due_ms, by, by == "km" and due_ms is not None and not is_passed, state, km_left)


def _first(by_km_ms: int | None, by_months_ms: int | None, *, has_km: bool) -> tuple[int | None, By]:
    """Whichever comes first."""
    if by_km_ms is not None and (by_months_ms is None or by_km_ms <= by_months_ms):
        return by_km_ms, "km"
    if by_months_ms is not None:
        return by_months_ms, "months"
    return None, "km" if has_km else "none"


def _reached_ms(due_km: int | None, row: Sequence[Reading], speed: float | None) -> int | None:
    """When an odometer shows `due_km`; the day it was read where that is behind."""
    if due_km is None or not row:
        return None
    passed = [reading.at_ms for reading in row if reading.km >= due_km]
    if passed:
        return passed[0]
    if speed is None:
        return None
    days = (due_km - row[-1].km) / speed
    return row[-1].at_ms + round(min(days, AHEAD_DAYS_MAX) * DAY_MS)


def _state(due_ms: int | None, km_left: int | None, now_ms: int) -> State:
    if (km_left is not None and km_left <= 0) or (due_ms is not None and due_ms <= now_ms):
        return "due"
    if (km_left is not None and km_left <= SOON_KM) or (due_ms is not None and due_ms <= now_ms + SOON_MS):
        return "soon"
    return "unknown" if due_ms is None and km_left is None else "done"
