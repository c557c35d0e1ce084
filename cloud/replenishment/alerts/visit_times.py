"""When somebody could be at a shop: the next planned visit of it, or the first that could be made. Pure."""

from datetime import date, datetime, timedelta

from cloud.replenishment.alerts.contact import Hours
from cloud.work.shop_time import moment_of, zone_of

_DAYS_TRIED = 14


def arrival_ms(day: str, minute: int, zone: str) -> int:
    """The moment of a day as 2026-11-23, so many minutes after its midnight at the shop."""
    return _at_ms(date.fromisoformat(day), minute, zone)


def next_possible_ms(now_ms: int, lead_days: int, hours: Hours, zone: str) -> int:
    """When a visit that nobody has planned yet could begin: after the lead time, when the shop next opens."""
    first = moment_of(now_ms, zone).date() + timedelta(days=max(1, lead_days))
    days = (first + timedelta(days=more) for more in range(_DAYS_TRIED))
    day = next((day for day in days if day.isoweekday() in hours), first)
    opens_min, _ = hours.get(day.isoweekday(), (8 * 60, 0))
    return _at_ms(day, opens_min, zone)


def _at_ms(day: date, minute: int, zone: str) -> int:
    moment = datetime(day.year, day.month, day.day, min(minute // 60, 23), minute % 60, tzinfo=zone_of(zone))
    return round(moment.timestamp()) * 1000
