"""Visits that ask most of the controller's heap, and what they leave of it.

24 bins, an access list of 300 people, sessions in which every bin changes, a power cut with the door open, over a real
broker. The heap is the controller's 128 KB and beside it what the fakes hold, measured first; what is free is what the
firmware leaves of its 128 KB.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.questions import PowerCutError
from simulator.virtual_cabinet import VirtualCabinet
from tests.firmware.brokers import CABINETS
from tests.simulation.listener import ACCESS_KEY, MECHANIC, Listener

BOARDS = Path(__file__).resolve().parents[2] / "hardware" / "boards"
CONTROLLER_HEAP_BYTES = 128 * 1024
TAG_READER_HEAP_BYTES = 12 * 1024  # a board with a tag reader has so much more, and remembers 300 tags in it
SPARE_BYTES = 32 * 1024  # what is wanted
HELD_BYTES = 21 * 1024  # what there is: 22.5 to 24.5 KB, as the collector happens to find it
TIGHTER_BYTES = 8 * 1024  # so much less must do, too: what is free lies in pieces, and much is needed for a moment
PEOPLE = 300
_CABINET = "cab-1"
_SPEED = 12
_FIRST_MG = 2_000_000
_SAMPLE_MS = 100


@dataclass
class Found:
    """What the visits were, and the least that was free: by the interpreter's count, and as the firmware reports it."""

    fakes_bytes: int = 0
    closed: list[dict[str, Any]] = field(default_factory=list)
    free_bytes_min: int = 1 << 62
    reported_free_bytes_min: int = 1 << 62
    log: str = ""


async def worst_moments(work_dir: Path, broker_port: int, tags: int = 0, less_bytes: int = 0) -> Found:
    """Three sessions, the second with a power cut, in the heap the firmware is meant for; tags need a reader."""
    fakes_bytes = await _fakes_bytes(work_dir / "fakes", tags)
    heap_bytes = CONTROLLER_HEAP_BYTES + fakes_bytes + (TAG_READER_HEAP_BYTES if tags else 0) - less_bytes
    cabinet = _cabinet(work_dir / "cabinet", broker_port, tags, str(heap_bytes))
    listener = Listener(_CABINET, broker_port, PEOPLE)
    found = Found(fakes_bytes)
    for bin_ in range(1, cabinet.bins + 1):
        await cabinet.set_load(bin_, _FIRST_MG)
    try:
        await cabinet.power_on()
        sampling = asyncio.create_task(_sample(cabinet, found))
        await listener.event("config_taken")
        await cabinet.sleep_ms(5000)
        for number in (1, 2, 3):
            await _visit(cabinet, listener, found, number)
        sampling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sampling  # or it has ended by itself, and nothing was measured since
    finally:
        await cabinet.stop()
        listener.close()
        found.log = cabinet.log_path.read_text()
    return found


async def _fakes_bytes(work_dir: Path, tags: int) -> int:
    """What the fakes hold of the heap before the firmware is imported."""
    cabinet = _cabinet(work_dir, 9, tags)
    try:
        await cabinet.power_on()
        return await cabinet.heap_of_fakes_bytes()
    finally:
        await cabinet.stop()


def _cabinet(work_dir: Path, broker_port: int, tags: int, heap: str = "256K") -> VirtualCabinet:
    board = BOARDS / ("esp32s3-w5500-24-tags.json" if tags else "esp32s3-w5500-24.json")
    cabinet = VirtualCabinet(
        _CABINET, board, work_dir, "127.0.0.1", broker_port,
        username=_CABINET, password=CABINETS[_CABINET], access_key=ACCESS_KEY, speed=_SPEED, heap=heap,
    )  # fmt: skip
    cabinet.tags = {f"3034257BF7194E40{serial:08X}": True for serial in range(tags)}
    return cabinet


async def _visit(cabinet: VirtualCabinet, listener: Listener, found: Found, number: int) -> None:
    """Somebody changes every bin; in the second visit the power goes while the door is open."""
    before = found.closed[-1]["seq"] if found.closed else 0
    assert await cabinet.enter(1, MECHANIC)
    if number == 2:
        await listener.event("session_opened", after=before)
        cabinet.power_cut()
    for bin_ in range(1, cabinet.bins + 1):
        await cabinet.set_load(bin_, _FIRST_MG - number * (100_000 + 1000 * bin_))
    if number == 2:
        await cabinet.power_on()
    await cabinet.sleep_ms(5000)  # the bins no longer ring from that; they will from the slam
    await cabinet.shut_door(1)
    closed = await listener.event("session_closed", after=before)
    found.closed.append(closed)
    if number != 2:
        health = await listener.health_after(closed["up_ms"], boot=closed["boot"])
        found.reported_free_bytes_min = min(found.reported_free_bytes_min, health["mem_free_bytes_min"])


async def _sample(cabinet: VirtualCabinet, found: Found) -> None:
    """Look at the heap all the time; while the power is off there is none."""
    while True:
        if cabinet.powered:
            with contextlib.suppress(PowerCutError):  # it went while it was looked
                found.free_bytes_min = min(found.free_bytes_min, await cabinet.heap_free_bytes())
        await cabinet.sleep_ms(_SAMPLE_MS)
