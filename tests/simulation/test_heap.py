"""The controller in the heap it is meant for: 128 KB, and what the fakes hold of it beside.

24 bins, 300 people, sessions in which every bin changes, a power cut with the door open, over a real broker.
"""

import asyncio
from pathlib import Path

import pytest

from simulator.controller_process import runs_in_place
from tests.firmware.brokers import Nats
from tests.simulation.heap_visits import HELD_BYTES, TIGHTER_BYTES, Found, worst_moments

pytestmark = pytest.mark.skipif(not runs_in_place(), reason="a named interpreter keeps bytecode on its heap")


def played(work_dir: Path, tags: int, less_bytes: int = 0) -> Found:
    """The visits, over a broker of their own; all was done, and nothing for want of memory."""
    broker = Nats()
    broker.start()
    try:
        found = asyncio.run(worst_moments(work_dir, broker.port, tags, less_bytes))
    finally:
        broker.close()
    assert [closed["how"] for closed in found.closed] == ["shut", "recovered", "shut"]
    for closed in found.closed:
        assert len([row for row in closed["bins"] if row[1] - row[3] > 90_000]) == 24
    assert "MemoryError" not in found.log
    return found


@pytest.mark.parametrize("tags", [0, 60])
def test_the_firmware_leaves_heap_to_spare_at_its_worst_moment(tmp_path: Path, tags: int) -> None:
    found = played(tmp_path, tags)
    assert found.free_bytes_min >= HELD_BYTES
    assert found.reported_free_bytes_min >= HELD_BYTES


def test_it_does_all_in_less_heap_than_it_is_meant_for(tmp_path: Path) -> None:
    """What is free after a collection says nothing of what was needed a moment before, nor of how it lies."""
    played(tmp_path, tags=60, less_bytes=TIGHTER_BYTES)
