"""The firmware on the real interpreter: a scan against its period, its heap, bytes per event, journal appends.

The wire time of a scan is what its bytes take at the board's clock (nine bits a byte: eight and an acknowledgement);
the interpreter's is the processor time of the whole process per scan, fakes and all, on this machine.
"""

import asyncio
import os
import subprocess
import tempfile
from pathlib import Path

from cabinet import wire

from simulator.controller_process import build, import_path, interpreter, runs_in_place
from simulator.virtual_cabinet import VirtualCabinet
from simulator.whole_shop import BOARDS
from tests.benchmarks import jumping_bench
from tests.benchmarks.figures import Figure
from tests.firmware.brokers import Nats
from tests.simulation import heap_visits

BINS = 24
PERIOD_MS = 100.0
OPEN_MS = 20_000

APPENDS = """
import os, sys, vfs
import utime as time
from flash import Flash
device = Flash(sys.argv[1])
vfs.VfsLfs2.mkfs(device)
vfs.mount(vfs.VfsLfs2(device), "/flash")
os.chdir("/flash")
from cabinet.journal import Journal
bins = [[bin_, 3456789, 170, 3456789 - 612000, 171, 0] for bin_ in range(1, 25)]
body = dict(kind="session_closed", boot=1, up_ms=1234567, session=17, how="shut", missing="", open_ms=8000, bins=bins)
journal = Journal("journal", "cab-1", 1048576)
journal.open(lambda snapshot: None, lambda seq, body: None)
journal.snapshot = lambda: dict(session=0, commands=[], boot=1)
count = 400
start = time.ticks_us()
for _ in range(count):
    seq = journal.append(body)
    journal.acknowledge(journal.epoch, seq, seq)
mine = time.ticks_diff(time.ticks_us(), start)
line = bytes(journal.lines_from(seq, 4096)[0]) + b"\\n"
with open("raw", "wb") as raw:
    start = time.ticks_us()
    for _ in range(count):
        raw.write(line)
        raw.flush()
    plain = time.ticks_diff(time.ticks_us(), start)
print(len(line), count * 1000000 // mine, count * 1000000 // plain)
"""


def measure() -> list[Figure]:
    """All figures of the firmware."""
    with tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder:
        places = [Path(folder) / name for name in ("scans", "heap", "appends", "jumping")]  # a script sees its own only
        for place in places:
            place.mkdir()
        scans, heap, appends, jumping = places
        return [
            *asyncio.run(_cabinet(scans)),
            *(jumping_bench.measure(jumping) if runs_in_place() else ()),
            *_heap(heap),
            *_journal(appends),
            _small_event(),
        ]


async def _cabinet(folder: Path) -> list[Figure]:
    cabinet = VirtualCabinet(
        "cab-1",
        BOARDS / "esp32s3-w5500-24.json",
        folder,
        broker_host="127.0.0.1",
        broker_port=9,
        username="cab-1",
        password="none",
        access_key="00" * 32,
    )
    try:
        await cabinet.power_on()
        await cabinet.sleep_ms(5_000)
        await cabinet.force_door(1)
        await cabinet.sleep_ms(1_000)
        return await _scans(cabinet)
    finally:
        await cabinet.stop()


async def _scans(cabinet: VirtualCabinet) -> list[Figure]:
    """While a door is open every bin is scanned ten times a second."""
    before_us, bytes_before = await cabinet.bus_bytes()
    cpu_before = _cpu_ms(cabinet.pid or 0)
    await cabinet.sleep_ms(OPEN_MS)
    after_us, bytes_after = await cabinet.bus_bytes()
    scans = (after_us - before_us) / 1000 / PERIOD_MS
    wire_ms = (bytes_after - bytes_before) / scans * 9 / 400
    interpreter_ms = (_cpu_ms(cabinet.pid or 0) - cpu_before) / scans
    return [
        Figure(f"scan of {BINS} bins: bytes on the bus", (bytes_after - bytes_before) / scans, "bytes"),
        Figure(f"scan of {BINS} bins: wire time at 400 kHz", wire_ms, "ms", PERIOD_MS, "its period"),
        Figure(f"scan of {BINS} bins: interpreter, here", interpreter_ms, "ms", PERIOD_MS, "its period"),
        Figure(f"scan of {BINS} bins: both", wire_ms + interpreter_ms, "ms", PERIOD_MS, "its period"),
    ]


def _cpu_ms(pid: int) -> float:
    """Processor time of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _heap(folder: Path) -> list[Figure]:
    """Of the controller's own heap, at its worst moment, with the largest cabinet and list."""
    if not runs_in_place():
        return []  # a named interpreter keeps the bytecode on its heap: the figure would be of another thing
    broker = Nats()
    broker.start()
    try:
        found = asyncio.run(heap_visits.worst_moments(folder, broker.port))
    finally:
        broker.close()
    free = min(found.free_bytes_min, found.reported_free_bytes_min)
    spare = heap_visits.SPARE_BYTES / 1024
    return [
        Figure("heap free of 128K, fakes not counted", free / 1024, "KB", spare, "spare wanted", 1.0),
        Figure("heap that the fakes hold beside", found.fakes_bytes / 1024, "KB"),
    ]


def _journal(folder: Path) -> list[Figure]:
    image = folder / "bench.img"
    image.write_bytes(b"\xff" * 4096 * 512)
    script = folder / "appends.py"
    script.write_text(APPENDS)
    ran = subprocess.run(
        [interpreter(), "-X", "heapsize=512K", str(script), str(image)],
        env={**os.environ, "MICROPYPATH": import_path(build())},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    length, mine, plain = (float(word) for word in ran.stdout.split())
    return [
        Figure("a session_closed of 24 bins", length, "bytes", float(wire.EVENT_BYTES_MAX), "largest event"),
        Figure("journal appends of it, flushed", mine, "appends/s", plain, "littlefs write and flush alone"),
    ]


def _small_event() -> Figure:
    body = {
        "kind": "door_opened",
        "boot": 12,
        "up_ms": 123456789,
        "utc_ms": 1800000000000,
        "session": 4711,
        "door": 1,
    }
    line = wire.encode_event("cab-1", "0123456789abcdef", 4712, body)
    return Figure("a door_opened event", float(len(line)), "bytes", float(wire.EVENT_BYTES_MAX), "largest event")
