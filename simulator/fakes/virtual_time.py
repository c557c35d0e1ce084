"""The controller's time: microseconds since its power came on, and what its hardware does when.

`clock` is the one seam through which time comes in. `WallClock` lets the wall clock drive it, at a speed; another
clock with the same three calls (`now_us`, `wait`, `wait_for_ever`) may drive it in lockstep and jump when all is idle.
`agenda` holds what the virtual hardware will do later, in order. Nothing here knows a chip or the firmware.
"""

import utime

LEAP_US_MAX = 30000  # more than this between two looks at the clock is the host's delay, not the controller's

_NEVER_US = 1 << 60

clock = None
agenda = None


class WallClock:
    """Wall clock times speed. When the host cannot keep up, time stretches instead of leaping over the firmware."""

    def __init__(self, speed_permille=1000):
        self._permille = speed_permille
        self._base_us = 0
        self._base_wall_us = 0
        self._limit_us = 0
        self._looks = 0  # until the first wait, each look costs 1 us: importing the firmware takes no virtual time
        self._started = False
        self.on_anchor = None  # called with the virtual time whenever it is tied to the wall clock anew

    def now_us(self):
        if not self._started:
            self._looks += 1
            return self._looks
        now = self._base_us + (utime.ticks_us() - self._base_wall_us) * self._permille // 1000
        if now > self._limit_us:
            now = self._limit_us
            self._anchor(now)
        self._limit_us = now + LEAP_US_MAX
        return now

    def wait(self, poller, until_us):
        """The ready streams of `poller` at `until_us`, or as soon as there are some."""
        if not self._started:
            self._started = True
            self._anchor(self._looks)
        now = self.now_us()
        wall_us = (until_us - now) * 1000 // self._permille
        if wall_us > 0:
            self._limit_us = until_us + LEAP_US_MAX
            if wall_us >= 2000:
                return poller.ipoll(wall_us // 1000)
            utime.sleep_us(wall_us)  # polling counts in whole milliseconds, and more calls cost more
        return poller.ipoll(0)

    def wait_for_ever(self, poller):
        """The ready streams of `poller`, however long that takes."""
        while True:
            for ready in self.wait(poller, self.now_us() + 3600000000):
                return (ready,)

    def _anchor(self, now_us):
        self._base_us = now_us
        self._base_wall_us = utime.ticks_us()
        self._limit_us = now_us + LEAP_US_MAX
        if self.on_anchor:
            self.on_anchor(now_us)


class Agenda:
    """Calls that are due at a virtual time, earliest first; equal times in the order they were made."""

    def __init__(self):
        self._entries = []
        self._alarm_us = _NEVER_US
        self._alarm = None

    def at(self, at_us, call, *arguments):
        """Have `call(*arguments)` made at `at_us`; the entry can be handed to `drop`."""
        entry = (at_us, call, arguments)
        entries = self._entries
        place = len(entries)
        while place and entries[place - 1][0] > at_us:
            place -= 1
        entries.insert(place, entry)
        return entry

    def drop(self, entry):
        """Forget an entry; one that is already done is forgotten already."""
        for place in range(len(self._entries)):
            if self._entries[place] is entry:
                self._entries.pop(place)
                return

    def set_alarm(self, at_us, call):
        """Have `call()` made at `at_us`, instead of what the alarm was set to before."""
        self._alarm_us = at_us
        self._alarm = call

    def next_us(self):
        """When the next entry is due, or None."""
        alarm_us = self._alarm_us
        entries = self._entries
        if entries and entries[0][0] < alarm_us:
            return entries[0][0]
        return None if alarm_us == _NEVER_US else alarm_us

    def run(self, now_us):
        """Do all that is due."""
        entries = self._entries
        while entries and entries[0][0] <= now_us:
            _, call, arguments = entries.pop(0)
            call(*arguments)
        if self._alarm_us <= now_us:
            self._alarm_us = _NEVER_US
            self._alarm()


def start(a_clock):
    """Put `a_clock` in charge of this process."""
    global clock, agenda
    clock = a_clock
    agenda = Agenda()


def after_ms(ms, call, *arguments):
    """Have `call` made `ms` virtual milliseconds from now."""
    return agenda.at(clock.now_us() + ms * 1000, call, *arguments)


def pass_until(poller, serve, until_us):
    """Let the hardware and the world go on while the firmware is blocked; `serve` answers the world."""
    while True:
        now = clock.now_us()
        agenda.run(now)
        if now >= until_us:
            return
        due = agenda.next_us()
        for _ in clock.wait(poller, until_us if due is None or due > until_us else due):
            serve()
