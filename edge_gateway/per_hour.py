"""A bound on what one cabinet may cause in an hour, so that none of them can fill memory and disk with it.

Pure but for what it counts; the time is handed in. What is over the bound is not lost: it waits with its sender.
"""

HOUR_MS = 3_600_000
NAMES_MAX = 10_000  # remembered: where strangers are counted, addresses have no end


class PerHour:
    """`most` times an hour for each cabinet."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: dict[str, tuple[int, int]] = {}  # cabinet: the hour, and how often in it

    def allows(self, cabinet: str, now_ms: int) -> bool:
        """Whether it may happen once more; then it counts."""
        hour = now_ms // HOUR_MS
        counted_hour, count = self._counts.get(cabinet, (hour, 0))
        if counted_hour != hour:
            count = 0
        if count >= self._most:
            return False
        if cabinet not in self._counts and len(self._counts) >= NAMES_MAX:
            self._counts = {name: found for name, found in self._counts.items() if found[0] == hour}
            if len(self._counts) >= NAMES_MAX:
                self._counts.clear()
        self._counts[cabinet] = hour, count + 1
        return True
