"""Virtual time under asyncio: the same behaviour as the interpreter's own, on a clock that is not the wall's."""

import time

import pytest

from tests.simulation.conftest import Run

BEHAVIOUR = """
import asyncio

async def sleeper(name, ms):
    print("start", name)
    try:
        await asyncio.sleep_ms(ms)
        print("woke", name)
    except asyncio.CancelledError:
        print("cancelled", name)
        raise
    return name

async def failing():
    await asyncio.sleep_ms(10)
    raise ValueError("as meant")

async def waits_for(task):
    try:
        await task
    except asyncio.CancelledError:
        print("waiter cancelled")

async def main():
    tasks = [asyncio.create_task(sleeper(i, ms)) for i, ms in enumerate((60, 20, 40, 20, 0))]
    for task in tasks:
        print(await task)
    print(await asyncio.gather(sleeper("a", 30), sleeper("b", 10)))
    try:
        await failing()
    except ValueError as error:
        print("caught", error)
    print(await asyncio.gather(failing(), sleeper("c", 5), return_exceptions=True))
    try:
        await asyncio.wait_for_ms(sleeper("slow", 500), 20)
    except asyncio.TimeoutError:
        print("timed out")
    print(await asyncio.wait_for_ms(sleeper("quick", 5), 500))
    task = asyncio.create_task(sleeper("never", 100000))
    await asyncio.sleep_ms(20)
    print(task.done(), task.cancel())
    await asyncio.sleep_ms(20)
    print(task.done(), task.cancel())
    inner = asyncio.create_task(sleeper("inner", 100000))
    outer = asyncio.create_task(waits_for(inner))
    await asyncio.sleep_ms(20)
    outer.cancel()
    await asyncio.sleep_ms(20)
    print(inner.done(), outer.done())
    event = asyncio.Event()
    waiting = [asyncio.create_task(event.wait()) for _ in range(2)]
    await asyncio.sleep_ms(20)
    event.set()
    for task in waiting:
        print(await task)
    lock = asyncio.Lock()
    async def holder(name):
        async with lock:
            print("holds", name)
            await asyncio.sleep_ms(5)
    await asyncio.gather(holder(1), holder(2), holder(3))
    server = await asyncio.start_server(echo, "127.0.0.1", 0 or PORT)
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(b"one line\\n")
    await writer.drain()
    print(await reader.readline(), await reader.readexactly(3))
    try:
        await asyncio.wait_for_ms(reader.read(1), 30)
    except asyncio.TimeoutError:
        print("silence")
    writer.close()
    server.close()

async def echo(reader, writer):
    line = await reader.readline()
    writer.write(line + b"end")
    await writer.drain()
    await reader.read(1)
    writer.close()

asyncio.run(main())
"""


def test_asyncio_behaves_as_the_interpreters_own(run_plain: Run, run_jumping: Run, free_port: int) -> None:
    script = BEHAVIOUR.replace("0 or PORT", "PORT").replace("PORT", str(free_port))
    expected = run_plain(script)
    assert len(expected) > 30
    assert run_jumping(script) == expected
    assert run_jumping(script, ticks_start_ms=2**30 - 100) == expected


def test_sleeps_end_on_the_millisecond_across_the_wrap(run_jumping: Run) -> None:
    lines = run_jumping(
        """
import asyncio
async def main():
    for ms in (0, 1, 7, 100, 86400000):
        start = time.ticks_ms()
        await asyncio.sleep_ms(ms)
        print(start, time.ticks_diff(time.ticks_ms(), start))
asyncio.run(main())
""",
        ticks_start_ms=2**30 - 5,
    )
    wrap = 2**30
    assert lines == [f"{wrap - 5} 0", f"{wrap - 5} 1", f"{wrap - 4} 7", "3 100", "103 86400000"]


def test_ticks_wrap_as_on_a_board(run_jumping: Run) -> None:
    lines = run_jumping(
        """
print(time.ticks_add(2**30 - 1, 3), time.ticks_diff(2, 2**30 - 1), time.ticks_diff(2**30 - 1, 2))
try:
    time.ticks_add(0, 2**29)
except OverflowError:
    print("too far")
print(time.gmtime(0)[:3], time.mktime((2000, 1, 2, 0, 0, 0, 0, 0)))
print([at for at in range(0, 4_000_000_000, 7_777_777) if time.mktime(time.gmtime(at)) != at])
print(time.mktime((2024, 2, 29, 23, 59, 60, 0, 0)) == time.mktime((2024, 3, 1, 0, 0, 0, 0, 0)))
"""
    )
    assert lines == ["2 3 -3", "too far", "(2000, 1, 1) 86400", "[]", "True"]


def test_hardware_goes_on_while_the_firmware_blocks(run_jumping: Run) -> None:
    lines = run_jumping(
        """
virtual_time.after_ms(30, lambda: print("later", time.ticks_ms()))
virtual_time.after_ms(10, lambda: print("sooner", time.ticks_ms()))
dropped = virtual_time.after_ms(20, lambda: print("never"))
virtual_time.agenda.drop(dropped)
time.sleep_ms(40)
print("awake", time.ticks_ms())
"""
    )
    assert lines == ["sooner 10", "later 30", "awake 40"]


def test_a_stream_in_the_process_wakes_its_reader(run_jumping: Run) -> None:
    lines = run_jumping(
        """
import asyncio
class Line(virtual_asyncio.InProcessStream):
    data = b""
    def ready(self, events):
        return events if self.data else events & ~1
    def read(self, count):
        data, self.data = self.data[:count], self.data[count:]
        return data
    def say(self, data):
        self.data += data
        self.wake()
async def main():
    line = Line()
    reader = asyncio.StreamReader(line)
    virtual_time.after_ms(25, line.say, b"abc")
    try:
        await asyncio.wait_for_ms(reader.read(1), 10)
    except asyncio.TimeoutError:
        print("nothing by", time.ticks_ms())
    print(await reader.read(2), time.ticks_ms())
    print(await reader.read(2), time.ticks_ms())
asyncio.run(main())
"""
    )
    assert lines == ["nothing by 10", "b'ab' 25", "b'c' 25"]


@pytest.mark.parametrize("speed", [1, 40])
def test_the_wall_clock_is_scaled(run_jumping: Run, speed: int) -> None:
    begun = time.monotonic()
    lines = run_jumping(
        f"""
import asyncio, utime
virtual_time.start(virtual_time.WallClock({speed * 1000}))
async def main():
    await asyncio.sleep_ms(0)
    wall = utime.ticks_ms()
    start = time.ticks_ms()
    for _ in range(10):
        await asyncio.sleep_ms({speed * 20})
    print(time.ticks_diff(time.ticks_ms(), start), utime.ticks_ms() - wall)
print(time.ticks_us() < 10)
asyncio.run(main())
"""
    )
    assert time.monotonic() - begun < 10
    virtual_ms, wall_ms = map(int, lines[1].split())
    assert lines[0] == "True"  # no time passes before the first wait
    assert virtual_ms >= speed * 200
    assert wall_ms >= 199
    assert virtual_ms <= (wall_ms + 2) * speed  # a late host may stretch time, nothing may shorten it


def test_time_stretches_when_the_host_is_late(run_jumping: Run) -> None:
    lines = run_jumping(
        """
import asyncio, utime
clock = virtual_time.WallClock(100000)
virtual_time.start(clock)
anchors = []
clock.on_anchor = anchors.append
async def main():
    await asyncio.sleep_ms(10)
    before = time.ticks_ms()
    utime.sleep_ms(100)  # ten virtual seconds in which the host did something else
    print(time.ticks_diff(time.ticks_ms(), before) <= virtual_time.LEAP_US_MAX // 1000, len(anchors) > 1)
asyncio.run(main())
"""
    )
    assert lines == ["True True"]
