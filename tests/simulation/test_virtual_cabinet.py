"""A whole virtual cabinet: the real firmware in the real interpreter, seen through a real broker."""

import asyncio
import time
from pathlib import Path

import pytest

from simulator.virtual_cabinet import DoorLockedError, VirtualCabinet
from tests.firmware.brokers import Broker
from tests.simulation.cabinet_scene import Scene, enter, play_at
from tests.simulation.listener import MECHANIC, Listener

FIRST_MG = 2_000_000


def play(scene: Scene, broker: Broker, work_dir: Path) -> None:
    """Play a scene with a cabinet that has power, its access list, and 2 kg in every bin."""

    async def fill(cabinet: VirtualCabinet) -> None:
        for bin_ in range(1, cabinet.bins + 1):
            await cabinet.set_load(bin_, FIRST_MG)

    async def at_rest(cabinet: VirtualCabinet, listener: Listener) -> None:
        await listener.event("config_taken")
        await cabinet.sleep_ms(4000)  # virtual: every bin has been weighed
        await scene(cabinet, listener)

    play_at(broker, work_dir, "esp32s3-w5500-12.json", fill, at_rest, speed=8)


def test_a_visit_is_reported_with_what_was_taken(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        await enter(cabinet)
        await cabinet.take(3, 250_000)
        await cabinet.put(5, 40_000)
        await cabinet.shut_door(1)
        shut_ms = time.time_ns() // 1000000
        closed = await listener.event("session_closed")
        assert closed["how"] == "shut"
        changes = {row[0]: row for row in closed["bins"]}
        assert {3, 5} <= set(changes)
        # Bounds: 6 sigma of the difference of two means of a 0.17 g cell, plus 0.0245 % creep of the change.
        assert abs(changes[3][1] - changes[3][3] - 250_000) < 1500
        assert abs(changes[5][3] - changes[5][1] - 40_000) < 1500
        opened = await listener.event("session_opened")
        assert opened["by"] == "badge"
        assert opened["badge"] == MECHANIC
        assert cabinet.mass_mg(3) == FIRST_MG - 250_000
        shut = await listener.event("door_shut")  # the session's end comes as late as the machine is busy
        told_ms = [cabinet.wall_ms_of(event["boot"], event["up_ms"]) for event in (shut, closed)]
        assert abs(told_ms[0] - shut_ms) < 5000
        assert told_ms[0] <= told_ms[1] <= time.time_ns() // 1000000

    play(scene, broker, tmp_path)


def test_power_cut_with_the_door_open_is_recovered(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        await enter(cabinet)
        opened = await listener.event("session_opened", after=1)
        await listener.event("door_opened", after=opened["seq"])
        cabinet.power_cut()
        await cabinet.take(7, 500_000)
        await cabinet.shut_door(1)
        await cabinet.power_on()
        closed = await listener.event("session_closed", after=opened["seq"])
        assert closed["how"] == "recovered"
        assert closed["session"] == opened["seq"]
        assert closed["epoch"] == opened["epoch"]
        assert closed["boot"] == opened["boot"] + 1 == cabinet.boots
        changes = {row[0]: row for row in closed["bins"]}
        assert abs(changes[7][1] - changes[7][3] - 500_000) < 1500

    play(scene, broker, tmp_path)


def test_a_locked_door_does_not_open_and_a_forced_one_is_noticed(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        assert not await cabinet.wait_unlocked(1, 500)
        with pytest.raises(DoorLockedError):
            await cabinet.open_door(1)
        assert not await cabinet.enter(1, "DEADBEEF", timeout_ms=2000)
        assert (await listener.event("badge_refused"))["reason"] == "unknown"
        assert not await cabinet.enter(1, MECHANIC, reach_ms=8_000)  # the hand comes long after the bolt is back
        await cabinet.force_door(1)
        assert (await listener.event("door_forced"))["door"] == 1
        assert await cabinet.open_when_unlocked(1, 500)  # it stands open

    play(scene, broker, tmp_path)


def test_a_cut_network_loses_nothing(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        await cabinet.network_cut(True)
        await asyncio.sleep(1)  # what had left the cabinet before is at the broker, and comes
        before = listener.kinds()
        await enter(cabinet)
        await cabinet.take(2, 100_000)
        await cabinet.shut_door(1)
        await cabinet.sleep_ms(8000)
        assert listener.kinds() == before
        await cabinet.network_cut(False)
        closed = await listener.event("session_closed")
        assert abs(next(row[1] - row[3] for row in closed["bins"] if row[0] == 2) - 100_000) < 1500

    play(scene, broker, tmp_path)


def test_broken_converters_are_reported(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        await cabinet.set_fault(4, "nack")
        assert (await listener.event("bin_fault"))["bin"] == 4
        await cabinet.set_fault(4, "well")
        assert (await listener.event("bin_well"))["bin"] == 4
        await cabinet.set_fault(9, "saturated")
        seen = (await listener.event("bin_well"))["seq"]
        fault = await listener.event("bin_fault", after=seen)
        assert (fault["bin"], fault["fault"]) == (9, "saturated")

    play(scene, broker, tmp_path)


def test_an_open_wire_and_a_hung_multiplexer_are_reported(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        await cabinet.set_fault(4, "open_rail")
        fault = await listener.event("bin_fault")
        assert (fault["bin"], fault["fault"]) == (4, "saturated")
        await cabinet.set_fault(4, "well")
        seen = (await listener.event("bin_well"))["seq"]
        await cabinet.set_fault(7, "mux_stuck")  # all of its eight would weigh what bin 7 does; the other four hear two
        disturbed = {}
        while len(disturbed) < 12:
            fault = await listener.event("bin_fault", after=seen)
            seen = fault["seq"]
            disturbed[fault["bin"]] = fault["fault"]
        assert {disturbed[bin_] for bin_ in (9, 10, 11, 12)} == {"no_answer"}
        assert {disturbed[bin_] for bin_ in range(1, 9)} <= {"no_answer", "stuck"}
        with pytest.raises(ValueError, match="expected a fault of well, stuck"):
            await cabinet.set_fault(4, "bent")

    play(scene, broker, tmp_path)


def test_a_wire_that_is_open_and_wanders_is_noisy(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        await cabinet.set_fault(4, "open_wander")
        fault = await listener.event("bin_fault")
        assert (fault["bin"], fault["fault"]) == (4, "noisy")
        await cabinet.set_fault(4, "well")
        assert (await listener.event("bin_well"))["bin"] == 4

    play(scene, broker, tmp_path)


def test_who_leans_on_a_tray_leaves_its_weight_as_it_was(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        await enter(cabinet)
        await cabinet.lean(3, 2_000_000, 3000)
        await cabinet.shut_door(1)
        closed = await listener.event("session_closed")
        assert all(abs(row[1] - row[3]) < 1500 for row in closed["bins"])

    play(scene, broker, tmp_path)


def test_a_power_cut_at_any_moment_leaves_a_sound_flash(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        for cut in range(6):
            await cabinet.present_badge("DEADBEEF", for_ms=100 + 37 * cut)
            cabinet.power_cut()
            await cabinet.power_on()
        last = (await listener.event("booted", after=1))["seq"]
        for _ in range(5):
            last = (await listener.event("booted", after=last))["seq"]
        assert listener.kinds().count("journal_created") == 1
        assert "Traceback" not in cabinet.log_path.read_text()

    play(scene, broker, tmp_path)


def test_a_door_shut_while_the_controller_starts_is_found_shut(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        await enter(cabinet)
        cabinet.power_cut()
        starting = asyncio.create_task(cabinet.power_on())
        await asyncio.sleep(0)  # the interpreter is on its way, and has not asked for its world
        await cabinet.take(2, 100_000)
        await cabinet.shut_door(1)
        await starting
        closed = await listener.event("session_closed")
        assert closed["how"] == "recovered"
        assert abs(next(row[1] - row[3] for row in closed["bins"] if row[0] == 2) - 100_000) < 1500

    play(scene, broker, tmp_path)


def test_the_light_and_the_lock_are_seen(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener) -> None:
        heard: list[str] = []
        cabinet.observers.append(lambda name, values: heard.append(name))
        await enter(cabinet)
        assert cabinet.doors[1].open
        assert any(any(colour) for colour in cabinet.lights.values())
        assert {"lock", "latched", "open", "light"} <= set(heard)
        await cabinet.shut_door(1)
        await listener.event("session_closed", after=1)
        assert cabinet.doors[1].latched
        assert not cabinet.doors[1].energised
        assert await cabinet.heap_free_bytes() > 32 * 1024

    play(scene, broker, tmp_path)
