"""The oracle's ear at the hardware: how long a lock's coil is on, and whether boards come up. Opens no file.

A coil without power is off, whatever its pin says. Shares no code with the product.
"""

from collections.abc import Mapping

from simulator.verdict import Violation

ALLOWANCE_MS = 100  # the firmware switches a coil off at its next turn
BOOT_MS_MAX = 60_000

Door = tuple[str, int]  # cabinet, door


class Coils:
    """The coils that are on, since when, and what was on for too long."""

    def __init__(self, lock_ms_max: Mapping[Door, int]) -> None:
        self._limit_ms = dict(lock_ms_max)
        self._since_ms: dict[Door, int] = {}
        self._told: set[Door] = set()  # too long already, and said so

    def switch(self, door: Door, on: bool, at_ms: int) -> list[Violation]:
        """A coil is switched; switching on what is on changes nothing."""
        if door not in self._limit_ms:
            return [Violation("lock_bounded", f"expected a lock of this run, found door {door[1]} of {door[0]}")]
        if on:
            self._since_ms.setdefault(door, at_ms)
            return []
        found = self._too_long(door, at_ms)
        self._since_ms.pop(door, None)
        self._told.discard(door)
        return found

    def power_lost(self, cabinet: str, at_ms: int) -> list[Violation]:
        """All coils of a cabinet are off."""
        on = [door for door in self._since_ms if door[0] == cabinet]
        return [found for door in on for found in self.switch(door, False, at_ms)]

    def overdue(self, now_ms: int) -> list[Violation]:
        """Coils that are on still and should not be."""
        return [found for door in self._since_ms for found in self._too_long(door, now_ms)]

    def at_rest(self, now_ms: int) -> list[Violation]:
        """Coils that are on although nothing happens any more."""
        return [
            Violation(
                "lock_bounded", f"{cabinet} door {door}: expected the coil off at rest, found it on since {since}"
            )
            for (cabinet, door), since in self._since_ms.items()
        ] + self.overdue(now_ms)

    def _too_long(self, door: Door, now_ms: int) -> list[Violation]:
        since_ms = self._since_ms.get(door, now_ms)
        limit_ms = self._limit_ms[door] + ALLOWANCE_MS
        if now_ms - since_ms <= limit_ms or door in self._told:
            return []
        self._told.add(door)
        return [
            Violation(
                "lock_bounded",
                f"{door[0]} door {door[1]}: expected the coil on for at most {limit_ms} ms, "
                f"found {now_ms - since_ms} ms since {since_ms}",
            )
        ]


class Boards:
    """Which cabinets have power, and which of them have not come up yet."""

    def __init__(self) -> None:
        self._waiting_ms: dict[str, int] = {}  # cabinet: since when power is there and the main loop is not

    def power(self, cabinet: str, on: bool, at_ms: int) -> None:
        """Power is given or taken."""
        if on:
            self._waiting_ms.setdefault(cabinet, at_ms)
        else:
            self._waiting_ms.pop(cabinet, None)

    def booted(self, cabinet: str, at_ms: int) -> list[Violation]:
        """The main loop is reached."""
        found = self._late(cabinet, at_ms)
        self._waiting_ms.pop(cabinet, None)
        return found

    def overdue(self, now_ms: int) -> list[Violation]:
        """Boards that should be up by now; each is named once."""
        found = [(cabinet, self._late(cabinet, now_ms)) for cabinet in self._waiting_ms]
        for cabinet, late in found:
            if late:
                del self._waiting_ms[cabinet]
        return [violation for _, late in found for violation in late]

    def _late(self, cabinet: str, now_ms: int) -> list[Violation]:
        since_ms = self._waiting_ms.get(cabinet, now_ms)
        if now_ms - since_ms <= BOOT_MS_MAX:
            return []
        return [
            Violation(
                "boots",
                f"{cabinet}: expected the main loop within {BOOT_MS_MAX} ms of power at {since_ms}, "
                f"found none after {now_ms - since_ms} ms",
            )
        ]
