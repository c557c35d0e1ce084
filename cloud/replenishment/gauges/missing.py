"""What was wanted while nothing was there: empty time, by busy hours, times what is wanted a day. Pure.

The rate is the forecast's where there is one; before forecasts, what was taken in the quarter before, by the days
in which there was something to take. With less than a week of that nothing is known, and nothing is added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cloud.replenishment.gauges.busy_hours import BusyHours
from cloud.replenishment.gauges.story import Story

PAST_DAYS = 91
KNOWN_DAYS_MIN = 7.0
FORECAST_DAYS = 31  # a forecast tells of as many days before it was made, too
DAY_MS = 86_400_000


@dataclass
class Missing:
    """A day: pieces that were wanted and not there, and on how much time that rests."""

    pieces: float = 0.0
    by_forecast: float = 0.0
    kept_days: float = 0.0
    empty_days: float = 0.0
    unknown_days: float = 0.0


@dataclass(frozen=True)
class Rate:
    """What a forecast says is wanted of a part a day, and when it was made."""

    a_day: float
    made_ms: int


def missing_days(
    story: Story,
    parts: Sequence[str],
    days_ms: Sequence[tuple[int, int]],
    hours: BusyHours,
    forecasts: Mapping[str, Rate],
) -> list[Missing]:
    """A row for each of some days (from, until) that go up, over the parts that a shop should have."""
    found = [Missing() for _ in days_ms]
    for part in parts:
        _add_part(_Part(story, part, hours), days_ms, forecasts.get(part), found)
    return found


class _Part:
    """A part of a shop: when it was there, and what was taken of it."""

    def __init__(self, story: Story, part: str, hours: BusyHours) -> None:
        self.begins_ms = story.begins_ms(part)
        self.now_ms = story.now_ms
        self.spells = story.empty(part)
        self._hours = hours
        self._uses = story.uses[part]

    def kept(self, from_ms: int, to_ms: int) -> float:
        """Days of demand within a span in which the part should have been there."""
        if self.begins_ms is None:
            return 0.0
        return self._hours.days(max(from_ms, self.begins_ms), min(to_ms, self.now_ms))

    def empty(self, from_ms: int, to_ms: int) -> float:
        """Of them, those without a piece."""
        return sum(self._hours.days(max(a_ms, from_ms), min(b_ms, to_ms)) for a_ms, b_ms in self.spells)

    def past_rate(self, day_ms: int) -> float | None:
        """What was taken a day before a day while there was something to take; None when too little is known."""
        from_ms = day_ms - PAST_DAYS * DAY_MS
        there = self.kept(from_ms, day_ms) - self.empty(from_ms, day_ms)
        if there < KNOWN_DAYS_MIN:
            return None
        return max(0, self._uses.between(from_ms, day_ms)) / there


def _add_part(part: _Part, days_ms: Sequence[tuple[int, int]], forecast: Rate | None, found: list[Missing]) -> None:
    first_ms, last_ms = days_ms[0][0], days_ms[-1][1]
    spells = [spell for spell in part.spells if spell[0] < last_ms and spell[1] > first_ms]
    for (from_ms, to_ms), day in zip(days_ms, found, strict=True):
        day.kept_days += part.kept(from_ms, to_ms)
        if not any(a_ms < to_ms and b_ms > from_ms for a_ms, b_ms in spells):
            continue
        empty = part.empty(from_ms, to_ms)
        day.empty_days += empty
        if forecast is not None and to_ms > forecast.made_ms - FORECAST_DAYS * DAY_MS:
            day.pieces += empty * forecast.a_day
            day.by_forecast += empty * forecast.a_day
        elif (rate := part.past_rate(from_ms)) is not None:
            day.pieces += empty * rate
        else:
            day.unknown_days += empty
