"""Runs under MicroPython: the real link connects over TLS again and again while JSON comes and goes around it.

Arguments: firmware folder, flash folder, a file of settings, how many connections, and `inside` or `outside`. This port
keeps what TLS needs in libc's memory, as an ESP32 does outside of the interpreter's heap. With `inside`, as boards have
it that keep it in the heap, blocks of the sizes measured there are taken from it for each connection. Writes one
line of JSON: attempts, connections, what went wrong, how long handshakes took and how late a task that wanted to run
every 5 ms came meanwhile, and bytes of heap.
"""

import asyncio
import gc
import json
import os
import sys
import time

sys.path.insert(0, sys.argv[1])
gc.threshold(4096)  # a board's heap lies in less pieces

from cabinet import link  # noqa: E402 - the heap is set up before
from cabinet.journal import Journal  # noqa: E402

link.BACKOFF_MS_MIN = 4
link.BACKOFF_MS_MAX = 8
_TICK_MS = 5
_BAD_MOMENT_MS = 15
# mbedtls with buffers of 16 KB in and 4 KB out: the two, the contexts, the key and the two certificates parsed.
_TLS_BLOCKS = (16717, 4429, 2900, 1800, 1100, 900, 700, 600, 500)
_BINS = [{"bin": number, "mg": number * 1234567, "name": "货柜" * (number % 9)} for number in range(24)]

gc.collect()
_before_bytes = gc.mem_alloc()
from cabinet import secure  # noqa: E402 - it is weighed

gc.collect()
SECURE_BYTES = gc.mem_alloc() - _before_bytes


class Soaked(link.Link):
    """The link, and what it costs."""

    blocks = ()  # what stands for TLS in this heap
    held_bytes = 0

    def __init__(self, *arguments):
        self.attempts = -1  # the first `_begin` is none
        self.handshaking = False
        self.took_us = []
        self.troubles = []
        self.quiet_at = time.ticks_ms()
        super().__init__(*arguments)

    def _begin(self):
        Soaked.blocks = ()
        self.quiet_at = time.ticks_add(time.ticks_ms(), _BAD_MOMENT_MS)
        if self.trouble and "the end of the connection" not in self.trouble:
            self.troubles.append(self.trouble)
        self.attempts += 1
        super()._begin()

    def bad_moment(self):
        """As if a coil were held for a while after each connection."""
        return time.ticks_diff(self.quiet_at, time.ticks_ms()) > 0

    async def _introduce(self, stream):
        if self.bad_moment():
            self.troubles.append("a handshake began in a bad moment")
        self.handshaking = True
        began = time.ticks_us()
        try:
            await super()._introduce(stream)
        finally:
            self.handshaking = False
        self.took_us.append(time.ticks_diff(time.ticks_us(), began))


def wrap(sock, names):
    """The module's own, with its memory on this heap."""
    if sys.argv[5] == "inside":
        Soaked.blocks = [bytearray(length) for length in _TLS_BLOCKS]
    before = gc.mem_alloc()
    wrapped = real_wrap(sock, names)
    Soaked.held_bytes = max(Soaked.held_bytes, gc.mem_alloc() - before)
    return wrapped


real_wrap = secure.wrap
secure.wrap = wrap


async def churn():
    """What a shop's day leaves behind in a heap."""
    kept = []
    while True:
        kept.append(json.loads(json.dumps(_BINS[: 1 + os.urandom(1)[0] % 24])))
        if len(kept) > 4:
            kept.pop(os.urandom(1)[0] % len(kept))
        await asyncio.sleep_ms(7)


async def be_late(one, late_us):
    """How late a task comes that wants to run often."""
    while True:
        due = time.ticks_add(time.ticks_us(), _TICK_MS * 1000)
        was_handshaking = one.handshaking
        await asyncio.sleep_ms(_TICK_MS)
        if was_handshaking or one.handshaking:
            late_us.append(time.ticks_diff(time.ticks_us(), due))


def resident_kb():
    with open("/proc/self/status") as file:  # noqa: PTH123 - this runs under MicroPython
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


def read_settings(path):
    with open(path) as file:  # noqa: PTH123 - this runs under MicroPython
        settings = json.load(file)
    settings["access_key"] = bytes.fromhex(settings["access_key"])
    return settings


async def main():
    count = int(sys.argv[4])
    settings = read_settings(sys.argv[3])
    os.chdir(sys.argv[2])
    journal = Journal("journal", settings["cabinet"], 400000, 4000)
    journal.open(lambda snapshot: None, lambda seq, event: None)
    one = Soaked(settings, journal, lambda leaf, payload: None)
    one.is_bad_moment = one.bad_moment
    late_us = []
    tasks = [asyncio.create_task(task) for task in (churn(), be_late(one, late_us), one.run())]
    while one.connects < count and one.attempts < 2 * count:
        await asyncio.sleep_ms(2)
        if len(late_us) > 40:
            late_us[:] = [max(late_us)]
    for task in tasks:
        task.cancel()
    took_us = sorted(one.took_us)
    found = {
        "attempts": one.attempts,
        "connects": one.connects,
        "troubles": one.troubles,
        "handshake_us": took_us[len(took_us) // 2],
        "handshake_us_max": took_us[-1],
        "late_us_max": max(late_us),
        "secure_bytes": SECURE_BYTES,
        "held_bytes": one.held_bytes,
        "free_bytes": gc.mem_free(),
        "resident_kb": resident_kb(),
    }
    sys.stdout.write(json.dumps(found) + "\n")


asyncio.run(main())
