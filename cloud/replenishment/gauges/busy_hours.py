"""When in a week a shop's people take parts: an empty bin at night is missed by nobody. Pure."""

from collections.abc import Iterable, Sequence

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
HOURS = 168
TAKES_MIN = 200  # fewer say too little of 168 hours: then every hour counts alike
_THURSDAY = 72  # the first hour of 1970 was the 72nd of a week that begins on Monday


class BusyHours:
    """How the demand of a week falls on its hours: a week is 7 days, a busy hour more than a 24th of one."""

    def __init__(self, shares: Sequence[float], ahead_ms: int = 0) -> None:
        if len(shares) != HOURS or min(shares) < 0 or not sum(shares) > 0:
            raise ValueError(f"expected {HOURS} shares of a week that are not all 0, found {len(shares)}")
        whole = sum(shares) / 7
        self._ahead_ms = ahead_ms
        self._until = [0.0]  # days from Monday until each hour
        for share in shares:
            self._until.append(self._until[-1] + share / whole)

    def days(self, from_ms: int, to_ms: int) -> float:
        """How many days of demand lie between two times; 0 where the second is not behind the first."""
        return self._since(to_ms) - self._since(from_ms) if to_ms > from_ms else 0.0

    def _since(self, time_ms: int) -> float:
        hour, rest_ms = divmod(time_ms + self._ahead_ms, HOUR_MS)
        week, hour = divmod(hour + _THURSDAY, HOURS)
        first, last = self._until[hour], self._until[hour + 1]
        return week * 7 + first + (last - first) * rest_ms / HOUR_MS


def every_hour_alike() -> BusyHours:
    """For a shop nothing is known of."""
    return BusyHours([1.0] * HOURS)


def busy_hours(takes_ms: Iterable[int], ahead_ms: int) -> BusyHours:
    """By when parts were taken before; `ahead_ms`: how far the shop's clock is ahead of UTC."""
    counts = [0.0] * HOURS
    total = 0
    for at_ms in takes_ms:
        counts[((at_ms + ahead_ms) // HOUR_MS + _THURSDAY) % HOURS] += 1
        total += 1
    return BusyHours(counts, ahead_ms) if total >= TAKES_MIN else every_hour_alike()
