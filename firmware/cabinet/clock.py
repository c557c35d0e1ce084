"""Time as the controller knows it: milliseconds since this boot, the number of the boot, and UTC from the gateway.

The ticks of a board wrap after 12.4 days; `up_ms` goes on across that as long as it is asked once in six days, which
the main loop does. UTC is absent until the gateway has said it, and is never guessed.
"""

import os
import time

from cabinet import wire

ROUND_TRIP_MS_MAX = 2000  # an older echo says too little about now
_YEAR_2200_MS = 7258118400000  # later is no date, and would outgrow what an event can say


class Clock:
    """`boot` counts the starts of this controller from 1."""

    def __init__(self, boot: int):
        self.boot = boot
        self._ticks = time.ticks_ms()
        self._up_ms = 0
        self._offset_ms = None

    def up_ms(self) -> int:
        """Milliseconds since this boot."""
        ticks = time.ticks_ms()
        self._up_ms += time.ticks_diff(ticks, self._ticks)
        self._ticks = ticks
        return self._up_ms

    def utc_ms(self):
        """Milliseconds since 1970-01-01 UTC, or None when nobody has said."""
        return None if self._offset_ms is None else self.up_ms() + self._offset_ms

    def take(self, message: dict) -> bool:
        """Set UTC by a `time` message that echoes our own `boot` and `up_ms`; whether it was fresh enough."""
        now_ms = self.up_ms()
        round_trip_ms = now_ms - message["up_ms"]
        if message["boot"] != self.boot or not 0 <= round_trip_ms < ROUND_TRIP_MS_MAX:
            return False
        if message["utc_ms"] > _YEAR_2200_MS:
            return False
        self._offset_ms = message["utc_ms"] + round_trip_ms // 2 - now_ms
        return True


def count_boot(path: str, journaled: int) -> int:
    """The number of this boot: one more than the file and the journal know, kept in the file."""
    boot = max(_read_number(path), journaled) + 1
    with open(path + ".new", "w") as file:
        file.write("%d\n" % boot)
    os.rename(path + ".new", path)
    return boot


def _read_number(path: str) -> int:
    try:
        with open(path) as file:
            number = int(file.read())
    except (OSError, ValueError):
        return 0  # first boot, or a lost file: the journal knows better
    return number if number < wire.INT_MAX else 0  # damaged: no event could say it
