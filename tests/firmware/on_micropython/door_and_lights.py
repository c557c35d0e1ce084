"""A door's pins and coil, the bins' lights, and the clock across the wrap of its ticks."""

import asyncio
import time

from cabinet import clock as clock_module
from cabinet import door as door_module
from cabinet.clock import Clock, count_boot
from cabinet.door import Door
from cabinet.lights import Lights
from cabinet_bench import Clock as SetClock
from cabinet_bench import Pin


def make_door(open_=0, unlatched=0, lock_ms_max=150):
    lock, contact, bolt = Pin(1), Pin(open_), Pin(unlatched)
    return Door(1, lock, contact, bolt, lock_ms_max), lock, contact, bolt


def poll(door, times=5, from_ms=0):
    events = [door.poll(from_ms + 20 * k) for k in range(times)]
    return [event for event in events if event is not None]


def test_making_a_door_lets_go_of_its_coil():
    _, lock, _, _ = make_door()
    assert lock.level == 0


def test_a_bounce_is_no_event():
    door, _, contact, _ = make_door()
    for _ in range(10):
        contact.level = 1
        assert poll(door, 2) == []
        contact.level = 0
        assert poll(door, 1) == []


def test_a_door_nobody_unlocked_is_forced():
    door, _, contact, _ = make_door()
    contact.level = 1
    assert poll(door) == [door_module.FORCED]
    assert door.open
    contact.level = 0
    assert poll(door) == [door_module.SHUT]


def test_a_bolt_that_does_not_fall_is_told_once():
    door, _, contact, bolt = make_door(open_=1, unlatched=1)
    contact.level = 0
    assert poll(door) == [door_module.SHUT]
    assert poll(door, 400, 1000) == [door_module.NOT_LATCHED]
    bolt.level = 0
    assert poll(door) == []
    assert door.locked


async def until_level(lock, level):
    """Wait for the coil; the test's own deadline ends it."""
    while lock.level != level:
        await asyncio.sleep_ms(1)


async def test_the_coil_is_on_for_its_time_and_no_longer():
    door, lock, _, bolt = make_door(lock_ms_max=1000)
    clock = SetClock()
    door.unlock(clock)
    await until_level(lock, 1)
    bolt.level = 1
    clock.now_ms = 900
    door.unlock(clock)  # asked again: not a longer time
    clock.now_ms = 990
    await until_level(lock, 0)
    while not door.locked:
        await asyncio.sleep_ms(1)
        bolt.level = 0
        assert poll(door) == []


async def test_a_coil_asked_for_again_and_again_rests():
    door, lock, _, _ = make_door(lock_ms_max=3000)
    clock = SetClock()
    for _ in range(3):
        assert door.unlock(clock)
        await until_level(lock, 1)
        clock.now_ms += 2990
        await until_level(lock, 0)
        await asyncio.sleep_ms(1)
    assert not door.unlock(clock)
    await asyncio.sleep_ms(30)
    assert lock.level == 0
    clock.now_ms += 8900  # 3 ms for each that it was on
    assert not door.unlock(clock)
    clock.now_ms += 200
    assert door.unlock(clock)
    await until_level(lock, 1)
    door.release()


async def test_the_coil_lets_go_when_the_door_opens():
    door, lock, contact, bolt = make_door(lock_ms_max=3600000)
    door.unlock(SetClock())
    await until_level(lock, 1)
    bolt.level = contact.level = 1
    assert poll(door) == [door_module.OPENED]
    await until_level(lock, 0)  # not in an hour


async def test_the_coil_lets_go_when_told_to():
    door, lock, _, _ = make_door(lock_ms_max=5000)
    door.unlock(Clock(1))
    await until_level(lock, 1)
    door.release()
    assert lock.level == 0
    await asyncio.sleep_ms(30)
    assert lock.level == 0


async def test_a_door_unlocked_but_not_yet_pulled_is_not_forced():
    door, _, contact, _ = make_door(lock_ms_max=5000)
    door.unlock(Clock(1))
    assert poll(door) == []  # before the coil has moved the bolt
    contact.level = 1
    assert poll(door) == [door_module.OPENED]
    door.release()


class Pixels:
    def __init__(self):
        self.colours = {}
        self.writes = 0

    def __setitem__(self, i, colour):
        self.colours[i] = colour

    def write(self):
        self.writes += 1


def test_a_bin_shows_its_colour_until_its_time_is_over():
    pixels = Pixels()
    lights = Lights(pixels, 3)
    lights.light(2, "amber", 1000)
    lights.tick(0)
    assert pixels.colours == {0: (0, 0, 0), 1: (60, 30, 0), 2: (0, 0, 0)}
    writes = pixels.writes
    lights.tick(999)
    assert pixels.writes == writes
    lights.tick(1000)
    assert pixels.colours[1] == (0, 0, 0)


def test_a_signal_covers_all_bins_and_gives_them_back():
    pixels = Pixels()
    lights = Lights(pixels, 2)
    lights.light(1, "white", 10000)
    lights.signal("red", True, 1000, 1000)
    seen = []
    for now_ms in (1000, 1200, 1400, 2000):
        lights.tick(now_ms)
        seen.append((pixels.colours[0][0], pixels.colours[1][0]))
    assert seen == [(60, 60), (0, 0), (60, 60), (40, 0)]


class WrappingTime:
    """Ticks as a board has them: they wrap at 2^30."""

    def __init__(self, ticks):
        self.ticks = ticks

    def ticks_ms(self):
        return self.ticks & 0x3FFFFFFF

    def ticks_diff(self, end, start):
        return ((end - start + 0x20000000) & 0x3FFFFFFF) - 0x20000000


def test_uptime_goes_on_across_the_wrap_of_the_ticks():
    fake = clock_module.time = WrappingTime(0x3FFFFFFF - 5000)
    try:
        clock = Clock(1)
        for _ in range(30):  # thirty days, asked once a day
            fake.ticks += 24 * 3600 * 1000
            clock.up_ms()
        assert clock.up_ms() == 30 * 24 * 3600 * 1000
    finally:
        clock_module.time = time


def test_utc_is_absent_until_a_fresh_echo_of_this_boot():
    fake = clock_module.time = WrappingTime(0)
    try:
        clock = Clock(7)
        fake.ticks += 10000
        assert clock.utc_ms() is None
        assert not clock.take({"boot": 6, "up_ms": 9900, "utc_ms": 1000000})  # another boot
        assert not clock.take({"boot": 7, "up_ms": 8000, "utc_ms": 1000000})  # two seconds old
        assert not clock.take({"boot": 7, "up_ms": 10001, "utc_ms": 1000000})  # from the future
        assert not clock.take({"boot": 7, "up_ms": 9900, "utc_ms": 9007199254740991})  # no date
        assert clock.utc_ms() is None
        assert clock.take({"boot": 7, "up_ms": 9900, "utc_ms": 1000000})
        assert clock.utc_ms() == 1000050  # half the round trip of 100 ms
        fake.ticks += 500
        assert clock.utc_ms() == 1000550
    finally:
        clock_module.time = time


def test_boots_are_counted_by_file_and_journal():
    assert count_boot("boot-a", 0) == 1
    assert count_boot("boot-a", 0) == 2
    assert count_boot("boot-a", 9) == 10  # the file was lost and written anew: the journal knows better
    with open("boot-a", "w") as file:
        file.write("rubbish")
    assert count_boot("boot-a", 10) == 11
    with open("boot-a", "w") as file:
        file.write("9" * 30)
    assert count_boot("boot-a", 11) == 12  # no event could say the number in the file
