"""Quiet hours: when a way is not to be used, by the clock of the shop an alert is about. Pure."""

from datetime import datetime, timedelta

from cloud.work.shop_time import moment_of, zone_of

NONE = -1
DAY_MIN = 24 * 60


def is_quiet(now_ms: int, zone: str, from_min: int, to_min: int) -> bool:
    """Whether it is quiet hours. They may go over midnight; from a minute to the same one is all day."""
    if from_min == NONE:
        return False
    local = moment_of(now_ms, zone)
    minute = local.hour * 60 + local.minute
    if from_min < to_min:
        return from_min <= minute < to_min
    return minute >= from_min or minute < to_min


def told_from_ms(now_ms: int, zone: str, from_min: int, to_min: int) -> int:
    """When something that is known now may be told: now, or at the end of the quiet hours."""
    if not is_quiet(now_ms, zone, from_min, to_min):
        return now_ms
    local = moment_of(now_ms, zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    end = _on(midnight, to_min, zone)
    if end <= local:
        end = _on(midnight + timedelta(days=1), to_min, zone)
    return round(end.timestamp()) * 1000


def _on(midnight: datetime, minute: int, zone: str) -> datetime:
    """A minute of a day by its wall clock, also on a day on which clocks are changed."""
    return datetime(midnight.year, midnight.month, midnight.day, minute // 60, minute % 60, tzinfo=zone_of(zone))
