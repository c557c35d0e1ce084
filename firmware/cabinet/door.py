"""One door: its contact, its bolt and its lock coil.

`poll` turns the two inputs, free of bounce, into what happened. `unlock` energises the coil for a bounded time and
lets go in the same coroutine whatever happens; making a `Door` lets go of the coil first. A coil that was on for three
times its limit rests before it is drawn again, however often somebody asks. It decides nothing about who may open it.
"""

import asyncio

OPENED = "opened"
FORCED = "forced"  # opened though nobody unlocked it
SHUT = "shut"
NOT_LATCHED = "not_latched"

_STEADY = 3  # equal readings in a row
_LATCH_MS = 2000  # a shut door has this long to latch
POLL_MS = 20
_AFTER_OPEN_MS = 200  # the bolt must not snap out against an ajar door
_DRAWS_MAX = 3  # times `lock_ms_max` that a cold coil may be on before it has to rest
_REST = 3  # milliseconds off that make up for one on


class Door:
    """A door of the cabinet; `lock`, `contact` and `bolt` are pins."""

    def __init__(self, number: int, lock, contact, bolt, lock_ms_max: int):
        lock.value(0)
        self.number = number
        self.lock_ms_max = lock_ms_max
        self.open = bool(contact.value())
        self.latched = not bolt.value()
        self._lock = lock
        self._contact = contact
        self._bolt = bolt
        self._unlocked = False  # by us, since it last latched
        self._steady = 0
        self._shut_ms = None  # when it was last seen shut and not latched
        self._task = None  # the one that has the coil
        self._warm_ms = 0  # on-time that no rest has made up for
        self._off_ms = 0  # when it was last switched off

    @property
    def locked(self) -> bool:
        """Whether it is shut, latched and the coil is off."""
        return not self.open and self.latched and self._task is None

    @property
    def unlocking(self) -> bool:
        """Whether its coil is held for somebody to open it."""
        return self._task is not None

    @property
    def moving(self) -> bool:
        """Whether the contact says something new that is not steady yet."""
        return bool(self._contact.value()) != self.open

    @property
    def restless(self) -> bool:
        """Whether time alone may bring something: a contact not steady yet, a bolt that should have fallen."""
        return (self._shut_ms is not None and self._shut_ms >= 0) or bool(self._contact.value()) != self.open

    def watch(self, on_change) -> None:
        """Have `on_change(pin)` called by interrupt whenever contact or bolt change."""
        for pin in (self._contact, self._bolt):
            pin.irq(on_change, pin.IRQ_RISING | pin.IRQ_FALLING)

    def poll(self, now_ms: int):
        """What happened since the last call: OPENED, FORCED, SHUT, NOT_LATCHED or None."""
        self.latched = not self._bolt.value()
        if bool(self._contact.value()) == self.open:
            self._steady = 0
            return None if self.open else self._watch_bolt(now_ms)
        self._steady += 1
        if self._steady < _STEADY:
            return None
        self._steady = 0
        self.open = not self.open
        self._shut_ms = None
        if not self.open:
            return SHUT
        return OPENED if self._unlocked else FORCED

    def _watch_bolt(self, now_ms: int):
        if self._task is not None:
            self._shut_ms = None
            return None
        if self.latched:
            self._unlocked = False
            self._shut_ms = None
            return None
        if self._shut_ms is None:
            self._shut_ms = now_ms
        elif 0 <= self._shut_ms <= now_ms - _LATCH_MS:
            self._shut_ms = -1  # said once
            return NOT_LATCHED
        return None

    def unlock(self, clock) -> bool:
        """Energise the coil until the door opens, at most `lock_ms_max`; whether it is energised or has to rest."""
        if self._task is not None:
            return True
        self._warm_ms = max(0, self._warm_ms - (clock.up_ms() - self._off_ms) // _REST)
        self._off_ms = clock.up_ms()
        if self._warm_ms + self.lock_ms_max > _DRAWS_MAX * self.lock_ms_max:
            return False
        self._unlocked = True
        self._task = asyncio.create_task(self._pull(clock))
        return True

    def release(self) -> None:
        """Let go of the coil now."""
        self._lock.value(0)
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def drop(self) -> None:
        """Coil off and nothing else: for when the program is ending and no task of it will run again."""
        self._lock.value(0)

    async def _pull(self, clock) -> None:
        begin_ms = clock.up_ms()
        end_ms = begin_ms + self.lock_ms_max
        try:
            self._lock.value(1)
            while clock.up_ms() + POLL_MS < end_ms and not self.open:
                await asyncio.sleep_ms(POLL_MS)
            await asyncio.sleep_ms(min(_AFTER_OPEN_MS, max(0, end_ms - clock.up_ms())))
        finally:
            self._lock.value(0)
            self._off_ms = clock.up_ms()
            self._warm_ms += self._off_ms - begin_ms
        self._task = None
