"""How long somebody has been silent, by the hours in which somebody would notice; and how long is usual. Pure.

Silence counts while the shop takes deliveries and while the cloud itself listened: a gateway that is switched off at
night is not missed at night, and after the cloud was away nobody is missed for that. What is usual is learned from
the silences that ended by themselves: a shop whose line drops for an hour every other day is missed later than one
whose gateway has never been silent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from cloud.replenishment.alerts.matters import DAY_MS, MINUTE_MS
from cloud.work.shop_time import moment_of, zone_of

Span = tuple[int, int]  # from, to: milliseconds
Hours = Mapping[int, tuple[int, int]]  # by weekday, 1 is Monday: minutes of the day

SILENCE_MIN_MS: Final = 30 * MINUTE_MS  # a poll takes at most ten minutes, a router that starts anew five
QUIET_MS: Final = 10 * MINUTE_MS  # a silence shorter than this is none
USUAL_TIMES: Final = 1.5
LIMIT_MAX_MS: Final = 24 * 60 * MINUTE_MS  # of open hours: two days and more
LEARNED_MS: Final = 28 * DAY_MS
GAPS_KEPT: Final = 40
GAPS_MIN: Final = 3
LOOK_BACK_MS: Final = 60 * DAY_MS
ALWAYS: Final[Hours] = dict.fromkeys(range(1, 8), (8 * 60, 18 * 60))  # of a shop that has said nothing


@dataclass(frozen=True, slots=True)
class Clock:
    """When somebody would notice: a shop's hours by its time zone, and when the cloud itself heard nobody."""

    zone: str
    hours: Hours
    away: Sequence[Span] = ()


def silence_ms(last_ms: int, now_ms: int, clock: Clock) -> int:
    """How much of the time since `last_ms` counts as silence; what lies more than sixty days back does not matter."""
    return sum(to_ms - from_ms for from_ms, to_ms in _open_spans(max(last_ms, now_ms - LOOK_BACK_MS), now_ms, clock))


def limit_ms(gaps: Iterable[Span], now_ms: int, clock: Clock) -> int:
    """From how much silence on somebody is missed.

    Half as much again as the second longest silence of four weeks that ended by itself, half an hour at the least: one
    long failure must not make the cloud deaf to the next.
    """
    recent = sorted(
        (silence_ms(began_ms, ended_ms, clock) for began_ms, ended_ms in gaps if ended_ms > now_ms - LEARNED_MS),
        reverse=True,
    )
    usual_ms = recent[1] if len(recent) >= GAPS_MIN else 0
    return min(LIMIT_MAX_MS, max(SILENCE_MIN_MS, int(USUAL_TIMES * usual_ms)))


def _open_spans(from_ms: int, to_ms: int, clock: Clock) -> list[Span]:
    """The parts of a span in which the shop was open and the cloud listened."""
    spans: list[Span] = []
    day = moment_of(from_ms, clock.zone).date()
    last = moment_of(to_ms, clock.zone).date()
    while day <= last:
        hours = clock.hours.get(day.isoweekday())
        if hours is not None:
            opens_ms, closes_ms = (_at_ms(day, minute, clock.zone) for minute in hours)
            spans.append((max(from_ms, opens_ms), min(to_ms, closes_ms)))
        day += timedelta(days=1)
    for away in clock.away:
        spans = [piece for span in spans for piece in _without(span, away)]
    return [span for span in spans if span[1] > span[0]]


def _without(span: Span, away: Span) -> list[Span]:
    if away[1] <= span[0] or away[0] >= span[1]:
        return [span]
    return [(span[0], away[0]), (away[1], span[1])]


def _at_ms(day: date, minute: int, zone: str) -> int:
    if minute >= 24 * 60:
        day, minute = day + timedelta(days=1), 0
    return (
        round(datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone_of(zone)).timestamp())
        * 1000
    )


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is remembered of a source's silences. `quiet_since_ms` 0: it is heard of."""

    quiet_since_ms: int = 0
    gaps: tuple[Span, ...] = ()


def next_rhythm(known: Rhythm, last_ms: int, now_ms: int, away: Sequence[Span] = ()) -> Rhythm:
    """The same after another look: a silence begins to be one, or has ended by itself."""
    if now_ms - last_ms >= QUIET_MS:
        return Rhythm(known.quiet_since_ms or last_ms, known.gaps)
    if not known.quiet_since_ms:
        return known
    began_ms = known.quiet_since_ms
    heard_ms = max(began_ms, min(last_ms, now_ms))
    was_ours = sum(max(0, min(heard_ms, to_ms) - max(began_ms, from_ms)) for from_ms, to_ms in away)
    if heard_ms - began_ms - was_ours < QUIET_MS:
        return Rhythm(0, known.gaps)
    return Rhythm(0, (*known.gaps, (began_ms, heard_ms))[-GAPS_KEPT:])
