"""The days of a horizon, vans and shops' hours as the planning takes them: from rows to values. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cloud.people.rules import RefusedError
from cloud.replenishment.visits.values import Spot, VanDay
from cloud.tables import Shop, ShopHours, Van
from cloud.work.shop_time import moment_of

DAYS_DEFAULT = 5
DAYS_MAX = 14
LOOKED_AHEAD_DAYS = 28
HOURS_DEFAULT = (8 * 60, 18 * 60)
SERVICE_MIN_DEFAULT = 20


@dataclass(frozen=True)
class Horizon:
    """The days on which a van works, from the first that is asked for."""

    days: tuple[date, ...]
    now: datetime  # by the wall clock of the dealer's shops

    def number(self, day: str) -> int | None:
        """The number of a day, None for one outside."""
        return next((at for at, each in enumerate(self.days) if each.isoformat() == day), None)

    def ahead_days(self, at: int) -> float:
        """How long it is from now to the end of a day, in days."""
        end = datetime.combine(self.days[at] + timedelta(days=1), datetime.min.time(), self.now.tzinfo)
        return max(0.0, (end - self.now).total_seconds() / 86_400)


def horizon(vans: Sequence[Van], now_ms: int, zone: str, first_day: str = "", days: int = DAYS_DEFAULT) -> Horizon:
    """The next `days` days on which a van works (`RefusedError`): from today while a van has not left yet."""
    now = moment_of(now_ms, zone)
    first = day_of_text(first_day) if first_day else now.date()
    weekdays = {int(each) for van in vans if not van.withdrawn for each in van.weekdays}
    if not first_day and not _still_leaves(vans, now):
        first += timedelta(days=1)
    ahead = (first + timedelta(days=at) for at in range(LOOKED_AHEAD_DAYS))
    found = [day for day in ahead if day.isoweekday() in weekdays]
    return Horizon(tuple(found[:days]), now)


def _still_leaves(vans: Sequence[Van], now: datetime) -> bool:
    minute = now.hour * 60 + now.minute
    return any(str(now.isoweekday()) in van.weekdays and minute < van.starts_min for van in vans)


def day_of_text(text: str) -> date:
    """A day such as 2026-11-23 (`RefusedError`)."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedError(f"expected a day such as 2026-11-23, found {text[:40]!r}") from None


def van_days(vans: Iterable[Van], found: Horizon, taken: Iterable[tuple[str, str]] = ()) -> list[VanDay]:
    """Every van on every day it works, but for `taken` (van, day): those are loaded and gone."""
    gone = set(taken)
    return [
        van_day(van, at)
        for at, day in enumerate(found.days)
        for van in vans
        if not van.withdrawn and str(day.isoweekday()) in van.weekdays and (van.id, day.isoformat()) not in gone
    ]


def van_day(van: Van, at: int) -> VanDay:
    """A van on a day of the horizon."""
    return VanDay(
        van=van.id,
        day=at,
        spot=Spot(van.latitude_e6, van.longitude_e6),
        max_g=van.max_kg * 1000,
        starts_min=van.starts_min,
        ends_min=van.ends_min,
        km_per_hour=van.km_per_hour,
    )


def hours_of(rows: Sequence[ShopHours], days: Sequence[date]) -> tuple[tuple[int, int] | None, ...]:
    """When a shop is open on each day: by its rows, or 8 to 18 when it has none at all."""
    if not rows:
        return tuple(HOURS_DEFAULT for _ in days)
    by_weekday: Mapping[int, tuple[int, int]] = {row.weekday: (row.opens_min, row.closes_min) for row in rows}
    return tuple(by_weekday.get(day.isoweekday()) for day in days)


def service_min(rows: Sequence[ShopHours]) -> int:
    """How long a visit takes there."""
    return max((row.service_min for row in rows), default=SERVICE_MIN_DEFAULT)


def spot_of(shop: Shop) -> Spot | None:
    """Where a shop is, None when nobody said."""
    if shop.latitude_e6 is None or shop.longitude_e6 is None:
        return None
    return Spot(shop.latitude_e6, shop.longitude_e6)
