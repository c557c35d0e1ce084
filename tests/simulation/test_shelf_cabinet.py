"""A long cabinet: 48 bins on six shelf nodes behind an RS-485 line, the real firmware of both ends."""

from pathlib import Path

import pytest

from simulator.virtual_cabinet import VirtualCabinet
from tests.firmware.brokers import Broker
from tests.simulation.cabinet_scene import enter, play_at
from tests.simulation.listener import Listener

FIRST_MG = 2_000_000
BOARD = "esp32s3-w5500-48-shelves.json"


async def fill(cabinet: VirtualCabinet) -> None:
    for bin_ in range(1, cabinet.bins + 1):
        await cabinet.set_load(bin_, FIRST_MG)


def test_a_session_over_shelf_nodes_is_weighed_and_each_broken_node_is_named(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        await listener.event("config_taken")
        await all_well(listener)
        await enter(cabinet)
        await cabinet.take(3, 250_000)
        await cabinet.put(48, 40_000)
        await cabinet.take(25, 700_000)
        await cabinet.shut_door(1)
        closed = await listener.event("session_closed")
        changes = {row[0]: row for row in closed["bins"]}
        for bin_, taken_mg in ((3, 250_000), (48, -40_000), (25, 700_000)):
            assert abs(changes[bin_][1] - changes[bin_][3] - taken_mg) < 1500
        assert "bin_fault" not in listener.kinds()
        seen = closed["seq"]
        for node, kind, expected in ((2, "corrupt", "no_answer"), (6, "hung", "stuck")):
            await cabinet.set_node_fault(node, kind)
            seen = await faults_of(listener, node, expected, seen)
            await cabinet.set_node_fault(node, "well")
            for _ in range(8):
                seen = (await listener.event("bin_well", after=seen))["seq"]
        with pytest.raises(ValueError, match="expected a fault of well, silent"):
            await cabinet.set_node_fault(2, "bent")

    play_at(broker, tmp_path, BOARD, fill, scene, speed=6, heap="512K")


async def all_well(listener: Listener) -> None:
    """Wait until every bin has a weight."""
    health = await listener.health_after(0)
    while health["bins_blind"]:
        health = await listener.health_after(health["up_ms"])


async def faults_of(listener: Listener, node: int, expected: str, seen: int) -> int:
    """Wait until all eight bins of a node, and no others, were said to be faulty, and for what."""
    found = {}
    while len(found) < 8:
        fault = await listener.event("bin_fault", after=seen)
        seen = fault["seq"]
        found[fault["bin"]] = fault["fault"]
    assert found == dict.fromkeys(range(8 * node - 7, 8 * node + 1), expected)
    return seen
