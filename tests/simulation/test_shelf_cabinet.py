"""Boards of other kinds: 48 bins on six shelf nodes behind an RS-485 line, and a board with its own Ethernet."""

from pathlib import Path

import pytest

from simulator.virtual_cabinet import VirtualCabinet
from tests.firmware.brokers import Broker
from tests.simulation.cabinet_scene import enter, play_at
from tests.simulation.listener import MECHANIC, Listener

FIRST_MG = 2_000_000
BOARD = "esp32s3-w5500-48-shelves.json"
BROKEN_NODES = {2: "silent", 3: "corrupt", 4: "wrong_address", 5: "late", 6: "hung"}


async def fill(cabinet: VirtualCabinet) -> None:
    for bin_ in range(1, cabinet.bins + 1):
        await cabinet.set_load(bin_, FIRST_MG)


def test_a_session_over_shelf_nodes_is_weighed_and_each_broken_node_is_named(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        await listener.event("config_taken")
        await all_well(listener)
        assert await cabinet.present_badge(MECHANIC, for_ms=2000)
        assert await cabinet.open_when_unlocked(1, 5000)
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
        for node, kind in BROKEN_NODES.items():
            await cabinet.set_node_fault(node, kind)
        assert await faults_of_nodes(listener, seen) == {
            node: {"stuck" if kind == "hung" else "no_answer"} for node, kind in BROKEN_NODES.items()
        }
        for node in BROKEN_NODES:
            await cabinet.set_node_fault(node, "well")
        await all_well(listener)
        with pytest.raises(ValueError, match="expected a fault of well, silent"):
            await cabinet.set_node_fault(2, "bent")

    play_at(broker, tmp_path, BOARD, fill, scene, speed=6, heap="512K")


def test_a_board_with_its_own_ethernet_lets_people_in(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        await listener.event("config_taken")
        await all_well(listener)
        await enter(cabinet)
        await cabinet.take(12, 250_000)
        await cabinet.shut_door(1)
        closed = await listener.event("session_closed")
        assert (closed["how"], [row[0] for row in closed["bins"] if row[1] - row[3] > 200_000]) == ("shut", [12])
        assert (await listener.event("booted"))["board"] == "olimex-esp32-poe-12"

    play_at(broker, tmp_path, "olimex-esp32-poe-12.json", fill, scene, speed=6)


async def all_well(listener: Listener) -> None:
    """Wait until every bin has a weight."""
    health = await listener.health_after(0)
    while health["bins_blind"]:
        health = await listener.health_after(health["up_ms"])


async def faults_of_nodes(listener: Listener, seen: int) -> dict[int, set[str]]:
    """Wait until as many bins were said to be faulty as the broken nodes have; which nodes', and for what."""
    found: dict[int, dict[int, str]] = {}
    while sum(map(len, found.values())) < 8 * len(BROKEN_NODES):
        fault = await listener.event("bin_fault", after=seen)
        seen = fault["seq"]
        found.setdefault((fault["bin"] + 7) // 8, {})[fault["bin"]] = fault["fault"]
    return {node: set(bins.values()) for node, bins in found.items()}
