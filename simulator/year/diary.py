"""What is due when in a year: visits, mornings, evenings, the restocker, power cuts, thefts, and the week's comparison.

Pure, drawn from a seed. Nothing is done here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from random import Random

from simulator.timetable import visits_s

START = datetime(2026, 1, 1, tzinfo=UTC)
START_MS = int(START.timestamp() * 1000)
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
VISITS_A_DAY = 10
SATURDAY = 5
SUNDAY = 6
POWER_CUTS_A_YEAR = 24
_OFF_MS = (10_000, 3 * HOUR_MS)


class Due(Enum):
    """What there is to do."""

    VISIT = "a visit of the standard mix"
    MORNING = "what lies about is cleared"
    EVENING = "somebody looks into the bins that are asked about"
    RESTOCK = "the restocker fills up, and counts a bin now and then"
    POWER_CUT = "the power goes, and comes again"
    THEFT = "a piece goes without a session"
    WEEK_END = "ledger and truth are compared"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One thing to do. `for_ms`: how long it lasts, where that is drawn; `number`: which theft."""

    at_ms: int
    due: Due = field(compare=False)
    for_ms: int = field(default=0, compare=False)
    number: int = field(default=0, compare=False)


def diary(seed: int, days: int) -> list[Entry]:
    """Everything but thefts, in order."""
    random = Random(f"{seed}/year/diary")
    entries = [*_visits(random, days), *_regular(days), *_power_cuts(random, days)]
    return sorted(entries)


def weekday(day: int) -> int:
    """The day of the week, 0 a Monday, so many days after the start."""
    return (START.weekday() + day) % 7


def _visits(random: Random, days: int) -> Iterator[Entry]:
    kinds = [weekday(day) for day in range(days)]
    count = VISITS_A_DAY * sum(kind < SATURDAY for kind in kinds) + VISITS_A_DAY // 3 * kinds.count(SATURDAY)
    for at_s in visits_s(random, START_MS, days, count):
        yield Entry(int(at_s * 1000), Due.VISIT)


def _regular(days: int) -> Iterator[Entry]:
    for day in range(days):
        midnight_ms = day * DAY_MS
        kind = weekday(day)
        if kind != SUNDAY:
            yield Entry(midnight_ms + 6 * HOUR_MS, Due.MORNING)
            yield Entry(midnight_ms + 19 * HOUR_MS, Due.EVENING)
        else:
            yield Entry(midnight_ms + 12 * HOUR_MS, Due.WEEK_END)
        if kind == 0:
            yield Entry(midnight_ms + 6 * HOUR_MS + HOUR_MS // 2, Due.RESTOCK)


def _power_cuts(random: Random, days: int) -> Iterator[Entry]:
    for _ in range(round(POWER_CUTS_A_YEAR * days / 365)):
        yield Entry(random.randrange(DAY_MS, days * DAY_MS), Due.POWER_CUT, random.randrange(*_OFF_MS))
