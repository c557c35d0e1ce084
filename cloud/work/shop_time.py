"""Days and months as a shop's calendar has them: a month begins at midnight in the shop's own time zone. Pure."""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cloud.people.rules import RefusedError

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
YEAR_MIN, YEAR_MAX = 2000, 2200


class MonthError(RefusedError):
    """What should be a month or a time zone is none; the text says what was expected and what was found."""


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name, such as Asia/Shanghai (`MonthError`)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise MonthError(f"expected a time zone such as Asia/Shanghai, found {name[:60]!r}") from error


def moment_of(time_ms: int, zone: str) -> datetime:
    """A time by the clock of a time zone (`MonthError`)."""
    return datetime.fromtimestamp(time_ms / 1000, zone_of(zone))


def utc_offset_min(time_ms: int, zone: str) -> int:
    """How far the clock of a time zone is ahead of UTC at a time."""
    ahead = moment_of(time_ms, zone).utcoffset() or timedelta()
    return int(ahead.total_seconds() // 60)


def month_span_ms(month: str, zone: str) -> tuple[int, int]:
    """The first moment of a month, and of the one behind it (`MonthError`)."""
    year, number = _parts(month)
    return _midnight_ms(year, number, zone), _midnight_ms(year + number // 12, number % 12 + 1, zone)


def month_of(time_ms: int, zone: str) -> str:
    """The month of a time, as 2026-11."""
    return f"{moment_of(time_ms, zone):%Y-%m}"


def midnight_ms(day: str, zone: str) -> int:
    """When a day such as 2026-11-22 begins."""
    return _ms(datetime.combine(date.fromisoformat(day), time(), zone_of(zone)))


def last_midnight_ms(now_ms: int, zone: str, hour: int = 0) -> int:
    """The last time it was midnight, or that hour of the day."""
    now = moment_of(now_ms, zone)
    start = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    if start > now:
        start = (now - timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0)
    return _ms(start)


def day_of(time_ms: int, zone: str) -> str:
    """The day of a time, as 2026-11-22."""
    return f"{moment_of(time_ms, zone):%Y-%m-%d}"


def clock_of(time_ms: int, zone: str) -> str:
    """A time as people write it, as 2026-11-22 14:05."""
    return f"{moment_of(time_ms, zone):%Y-%m-%d %H:%M}"


def month_before(month: str) -> str:
    """The month before one."""
    year, number = _parts(month)
    return f"{year - (number == 1):04d}-{(number - 2) % 12 + 1:02d}"


def month_after(month: str) -> str:
    """The month after one."""
    year, number = _parts(month)
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def add_months_ms(time_ms: int, months: int) -> int:
    """The same day so many months later, the month's last day where it has fewer; by UTC, for estimates."""
    start = moment_of(time_ms, "UTC")
    total = start.year * 12 + start.month - 1 + months
    year, month = divmod(total, 12)
    last = (datetime(year + (month + 1) // 12, (month + 1) % 12 + 1, 1, tzinfo=start.tzinfo) - timedelta(days=1)).day
    return _ms(start.replace(year=year, month=month + 1, day=min(start.day, last)))


def _parts(month: str) -> tuple[int, int]:
    found = _MONTH.fullmatch(month)
    if not found or not YEAR_MIN <= int(found[1]) <= YEAR_MAX:
        raise MonthError(f"expected a month such as 2026-11, found {month[:20]!r}")
    return int(found[1]), int(found[2])


def _midnight_ms(year: int, month: int, zone: str) -> int:
    return _ms(datetime(year, month, 1, tzinfo=zone_of(zone)))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp()) * 1000
