"""A door that is open without power: its lock holds only while it is energised, as an escape door's magnet does.

For a coil or magnet that is made for continuous duty, in a cabinet whose settings say `locks: fail_safe`; no other
loads this. While the door is open it is not energised, so that a bolt does not snap out against it; a restart of the
controller lets go for as long as it takes.
"""

import asyncio

from cabinet.door import POLL_MS, SHUT, Door


class FailSafeDoor(Door):
    """`lock` on is locked."""

    def __init__(self, number: int, lock, contact, bolt, lock_ms_max: int):
        Door.__init__(self, number, lock, contact, bolt, lock_ms_max)
        lock.value(not self.open)

    def poll(self, now_ms: int):
        """As every door's; it is held again once it is shut."""
        what = Door.poll(self, now_ms)
        if what == SHUT:
            self._lock.value(1)
        return what

    def unlock(self, clock) -> bool:
        """Let go until the door opens, at most for `lock_ms_max`; nothing grows warm by it."""
        if self._task is None:
            self._unlocked = True
            self._task = asyncio.create_task(self._let_go(clock))
        return True

    def release(self) -> None:
        """Hold it again now, if it is shut."""
        self._lock.value(not self.open)
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def drop(self) -> None:
        """Stay as it is: off would be open."""

    async def _let_go(self, clock) -> None:
        end_ms = clock.up_ms() + self.lock_ms_max
        try:
            self._lock.value(0)
            while clock.up_ms() + POLL_MS < end_ms and not self.open:
                await asyncio.sleep_ms(POLL_MS)
        finally:
            self._lock.value(not self.open)
        self._task = None
