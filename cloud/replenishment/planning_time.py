"""The last midnight, or night's hour, by the clock of a time zone."""

from datetime import timedelta

from cloud.work.shop_time import moment_of


def midnight_ms(now_ms: int, zone: str, hour: int = 0) -> int:
    """The last time it was midnight, or that hour of the day."""
    now = moment_of(now_ms, zone)
    start = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    if start > now:
        start = (now - timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0)
    return round(start.timestamp()) * 1000
