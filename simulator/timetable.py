"""When people come: so many visits, spread over working days, mornings of Saturdays, and never at night. Pure."""

from datetime import UTC, datetime, timedelta
from random import Random

_HOURS = {0: (7, 18), 1: (7, 18), 2: (7, 18), 3: (7, 18), 4: (7, 18), 5: (8, 12)}  # weekday: from, to
_MORNING_S = 4 * 3600


def visits_s(random: Random, start_ms: int, days: int, count: int) -> list[float]:
    """Seconds after `start_ms` at which somebody comes, in order; a Saturday has a third of a day's visits."""
    start = datetime.fromtimestamp(start_ms / 1000, UTC)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    shifts = []
    for day in range(days + 1):
        date = midnight + timedelta(days=day)
        hours = _HOURS.get(date.weekday())
        opens = date + timedelta(hours=hours[0]) if hours else date
        if hours and start <= opens < start + timedelta(days=days):
            shifts.append(((opens - start).total_seconds(), (hours[1] - hours[0]) * 3600))
    weights = [length_s if length_s > _MORNING_S else length_s / 3 for _, length_s in shifts]
    chosen = random.choices(shifts, weights, k=count)
    return sorted(opens_s + random.random() * length_s for opens_s, length_s in chosen)
