"""Pieces that go without a session, and when somebody could notice.

Each case takes so many pieces of one part, one at a time over a month: while the controller has no power, or slipped
out behind a shut door; of a heavy part, of a light one, and of the part that is lightest for what its cell drifts.
Noticed is a piece when a question is opened for its bin after it went.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from simulator.count_bench.bench_planogram import Place
from simulator.physics import Cells
from simulator.year.diary import DAY_MS, HOUR_MS, Due, Entry

MONTH_DAYS = 30
_COLD_HOUR, _WARM_HOUR = 4, 16
_READINGS = 64
_EVERY_DAYS = 60  # from the beginning of one case to that of the next
_FIRST_DAY = 10
_HEAVY_MG_MIN = 250_000
EXCUSED_DAYS = 30  # for so long a bin that was stolen from may be wrong in silence


def drift_mg(cells: Cells, bins: int) -> list[float]:
    """What each cell wanders from a night to its afternoon: by empty cells nobody else uses, on the third day."""
    cold, warm = ([_empty_mg(cells, bin_, 48 + hour) for bin_ in range(bins)] for hour in (_COLD_HOUR, _WARM_HOUR))
    return [abs(after - before) for before, after in zip(cold, warm, strict=True)]


def _empty_mg(cells: Cells, bin_: int, hour: int) -> float:
    at_us = hour * HOUR_MS * 1000
    codes = [cells.counts(bin_, at_us + reading * 100_000) for reading in range(_READINGS)]
    zero, ng_per_count = cells.calibration(bin_)
    return (median(codes) - zero) * ng_per_count / 1e6


@dataclass(slots=True)
class Stolen:
    """One piece. `how`: by which question in which kind of event it was noticed; "" while it is not."""

    at_ms: int
    mass_mg: int
    noticed_ms: int | None = None
    how: str = ""


@dataclass(slots=True)
class Case:
    """Pieces of one part in one bin (from 1). `without_power`: the door was opened; otherwise it stayed shut."""

    what: str
    bin: int
    part: str
    without_power: bool
    pieces: list[Stolen] = field(default_factory=list)

    def missing(self) -> list[Stolen]:
        """The pieces nobody has noticed yet."""
        return [piece for piece in self.pieces if piece.noticed_ms is None]


def cases(plan: Sequence[Sequence[Place]], drift_mg: Sequence[float]) -> list[Case]:
    """Whom to steal from: `drift_mg` is what each bin's cell wanders over a day."""
    places = [(bin_ + 1, place) for bin_, own in enumerate(plan) for place in own]
    by_mass = sorted(places, key=lambda found: found[1].part.mass_mg)
    heavy = [found for found in by_mass if found[1].part.mass_mg >= _HEAVY_MG_MIN] or by_mass[-2:]
    by_drift = sorted(places, key=lambda found: found[1].part.mass_mg / max(1.0, drift_mg[found[0] - 1]))
    chosen: list[Case] = []
    for what, candidates, without_power in (
        ("lightest for its cell's drift", by_drift, True),
        ("light, without power", by_mass, True),
        ("light, behind a shut door", by_mass, False),
        ("heavy, without power", heavy, True),
        ("heavy, behind a shut door", heavy, False),
    ):
        taken = {case.bin for case in chosen}
        free = [found for found in candidates if found[0] not in taken]
        if free:
            chosen.append(Case(what, free[0][0], free[0][1].part.number, without_power))
    return chosen


def thefts(count: int, pieces: int, days: int) -> list[Entry]:
    """When each of `count` cases loses its pieces: at two in the morning, over a month each, as the days allow."""
    span = min(MONTH_DAYS, max(1, days - 7))
    entries = []
    for number in range(count):
        first = min(_FIRST_DAY + number * _EVERY_DAYS, days - span)
        for piece in range(pieces):
            day = max(1, first + piece * span // pieces)
            entries.append(Entry(day * DAY_MS + 2 * HOUR_MS + number * HOUR_MS // 2, Due.THEFT, 600_000, number))
    return entries
