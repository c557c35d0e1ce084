"""How long somebody has to wait who typed a wrong setup code: longer each time, never for good, and nobody with him.

Counted by network address. That many addresses may be tried from helps nobody: there are 2.6e13 codes. Time is a clock
that only goes on: that of a new machine may not be set yet.
"""

import math
import threading
import time
from collections.abc import Callable

FREE_TRIES = 4  # wrong ones without a pause: slips of the pen
PAUSE_S_MIN = 15  # after the next one; twice as long after each that follows, up to
PAUSE_S_MAX = 900
FORGOTTEN_S = 3600  # after so long without a wrong one
ADDRESSES_MAX = 1000  # remembered; the one that has been quiet longest is forgotten first


class SetupTries:
    """Who tried wrongly, how often, and when last. From any thread; what is asked in a pause does not prolong it."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._wrong: dict[str, tuple[int, float]] = {}  # by address: how often, and when last; the newest at the end
        self._lock = threading.Lock()

    def left_s(self, address: str) -> int:
        """For how many more seconds no code of an address is looked at; 0: it may try."""
        with self._lock:
            times, last_s = self._of(address)
        return max(0, math.ceil(last_s + pause_s(times) - self._now_s()))

    def was_wrong(self, address: str) -> None:
        """It was not the code."""
        with self._lock:
            times = self._of(address)[0] + 1
            self._wrong.pop(address, None)
            while len(self._wrong) >= ADDRESSES_MAX:
                del self._wrong[next(iter(self._wrong))]
            self._wrong[address] = times, self._now_s()

    def was_right(self, address: str) -> None:
        """It was: whatever was wrong before does not count."""
        with self._lock:
            self._wrong.pop(address, None)

    def _of(self, address: str) -> tuple[int, float]:
        times, last_s = self._wrong.get(address, (0, self._now_s()))
        return (times, last_s) if self._now_s() - last_s < FORGOTTEN_S else (0, last_s)


def pause_s(times: int) -> int:
    """The pause after so many wrong tries."""
    over = times - FREE_TRIES - 1
    return 0 if over < 0 else min(PAUSE_S_MIN << min(over, 16), PAUSE_S_MAX)
