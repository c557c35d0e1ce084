"""A whole virtual cabinet with a tag reader: what it tells of its tags, and in which order; and one without."""

from pathlib import Path
from typing import Any

from simulator.virtual_cabinet import VirtualCabinet
from tests.firmware.brokers import Broker
from tests.simulation.cabinet_scene import Scene, enter, play_at
from tests.simulation.conftest import Run
from tests.simulation.listener import Listener

TAGS = [f"3034257BF7194E40{serial:08X}" for serial in range(12)]


def play(scene: Scene, broker: Broker, work_dir: Path) -> None:
    """Play a scene with a cabinet of twelve tagged pieces that has told what it holds."""

    async def fill(cabinet: VirtualCabinet) -> None:
        for epc in TAGS:
            await cabinet.put_tag(epc)

    async def told_first(cabinet: VirtualCabinet, listener: Listener) -> None:
        first = await listener.event("tags_read")
        assert (first["pass"], first["session"], first["missing"]) == (0, 0, "")
        assert sorted(first["came"].split()) == TAGS
        await scene(cabinet, listener)

    play_at(broker, work_dir, "esp32s3-w5500-12-tags.json", fill, told_first, speed=8, seed=2)


async def reach_in(cabinet: VirtualCabinet) -> None:
    """Badge, open door 1, and put something into bin 1."""
    await enter(cabinet)
    await cabinet.put(1, 50_000)


async def told(listener: Listener, after: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The next session's end, and the tags read before it."""
    closed = await listener.event("session_closed", after=after)
    return closed, await listener.event("tags_read", after=after)


def test_tags_are_told_before_the_session_is_closed(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        opened_after = (await listener.event("tags_read"))["seq"]
        await reach_in(cabinet)
        await cabinet.take_tag(TAGS[3], near=True)
        await cabinet.put_tag("3034257BF7194E4000000100")
        await cabinet.shut_door(1)
        closed, read = await told(listener, opened_after)
        shut = await listener.event("door_shut", after=opened_after)
        assert shut["seq"] < read["seq"] < closed["seq"]
        assert closed["up_ms"] - shut["up_ms"] <= 8100
        assert (read["pass"], read["session"], read["more"], read["seen"]) == (1, closed["session"], 0, 12)
        assert (read["missing"], read["came"]) == (TAGS[3], "3034257BF7194E4000000100")
        assert read["rounds"] >= 20

    play(scene, broker, tmp_path)


def test_after_a_power_cut_everything_is_told_anew(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        before = (await listener.event("tags_read"))["seq"]
        await reach_in(cabinet)
        await listener.event("door_opened", after=before)
        await cabinet.take_tag(TAGS[0])
        cabinet.power_cut()
        await cabinet.power_on()
        await listener.event("booted", after=before)
        await cabinet.shut_door(1)
        closed, read = await told(listener, before)
        assert closed["how"] == "recovered"
        assert (read["pass"], read["session"]) == (0, closed["session"])
        assert read["seq"] < closed["seq"]
        assert sorted(read["came"].split()) == TAGS[1:]

    play(scene, broker, tmp_path)


def test_a_dead_reader_ends_no_session_late_and_is_told(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        before = (await listener.event("tags_read"))["seq"]
        await cabinet.set_tag_reader("dead")
        await reach_in(cabinet)
        await cabinet.shut_door(1)
        closed = await listener.event("session_closed", after=before)
        shut = await listener.event("door_shut", after=before)
        assert closed["up_ms"] - shut["up_ms"] <= 8100
        health = await listener.health_after(closed["up_ms"], boot=closed["boot"])
        assert (health["tags"], health["tag_failures"], health["tags_over"]) == (12, 1, 0)
        assert listener.kinds().count("tags_read") == 1  # silence was not taken for an empty cabinet

    play(scene, broker, tmp_path)


def test_without_a_tag_reader_none_of_it_is_loaded(run_jumping: Run) -> None:
    lines = run_jumping("""
import sys
import cabinet.controller
print("cabinet.pn532" in sys.modules, "cabinet.r200" in sys.modules, "cabinet.inventory" in sys.modules)
""")
    assert lines == ["True False False"]
