"""Doors that ask for more than a badge, and what a lock does without power: the real firmware at a virtual cabinet."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from cabinet import wire

from simulator.virtual_cabinet import DoorLockedError, VirtualCabinet
from tests.firmware.brokers import CABINETS, GATEWAY, Broker, hang_up
from tests.simulation.cabinet_scene import BOARDS, CABINET
from tests.simulation.listener import ACCESS_KEY, MECHANIC, YEAR_MS, Listener

BOARD = "esp32s3-w5500-24.json"  # two doors


class Gateway:
    """Sends one cabinet its list and commands."""

    def __init__(self, port: int) -> None:
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="gateway-of-doors")
        self._client.username_pw_set(*GATEWAY)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def close(self) -> None:
        """Disconnect."""
        hang_up(self._client)

    def send_list(self, pin_doors: int, key: str = ACCESS_KEY) -> None:
        """The mechanic's badge, and the doors for which it is not enough."""
        header: dict[str, Any] = {
            "cabinet": CABINET,
            "version": 2,
            "expires_utc_ms": time.time_ns() // 1_000_000 + YEAR_MS,
            "badge_format": "hex",
            "badge_bits": 80,
            "people": 1,
            "pin_doors": pin_doors,
        }
        lines = [wire.encode_config_header(header), wire.encode_access_row(MECHANIC, "mechanic-1", "mechanic")]
        text = b"\n".join([*lines, b""])
        code = hmac.new(bytes.fromhex(key), text, hashlib.sha256).hexdigest().encode()
        self._client.publish(f"partsbay/1/{CABINET}/config", text + code, 1, retain=True).wait_for_publish(10)

    def unlock(self, door: int) -> None:
        """After the right PIN."""
        command = {"id": f"pin-{door}", "kind": "unlock", "door": door, "person": "mechanic-1"}
        self._client.publish(f"partsbay/1/{CABINET}/command", wire.encode_command(command), 1)


Scene = Callable[[VirtualCabinet, Listener, Gateway], Awaitable[None]]


def _play(broker: Broker, folder: Path, scene: Scene, locks: str = "fail_secure") -> None:
    async def whole() -> None:
        cabinet = VirtualCabinet(
            CABINET, BOARDS / BOARD, folder, "127.0.0.1", broker.port,
            username=CABINET, password=CABINETS[CABINET], access_key=ACCESS_KEY, speed=8.0, locks=locks,
        )  # fmt: skip
        listener, gateway = Listener(CABINET, broker.port), Gateway(broker.port)
        try:
            await cabinet.power_on()
            await listener.health_after(0)
            await cabinet.sleep_ms(4000)  # virtual: every bin has been weighed
            await scene(cabinet, listener, gateway)
        finally:
            await cabinet.stop()
            listener.close()
            gateway.close()

    asyncio.run(whole())


def test_behind_some_doors_a_badge_alone_does_not_come(broker: Broker, tmp_path: Path) -> None:
    async def scene(cabinet: VirtualCabinet, listener: Listener, gateway: Gateway) -> None:
        gateway.send_list(pin_doors=0b10)
        await _takes_list(listener)
        assert await cabinet.present_badge(MECHANIC)
        assert await cabinet.wait_unlocked(1, 5000)
        asked = await listener.event("badge_refused")
        assert (asked["badge"], asked["reason"]) == (MECHANIC, "pin")
        with pytest.raises(DoorLockedError):
            await cabinet.open_door(2)
        gateway.unlock(2)
        assert await cabinet.open_when_unlocked(2, 160_000)  # virtual: the broker has all of 20 s for it
        await cabinet.shut_door(2)
        closed = await listener.event("session_closed")
        gateway.send_list(pin_doors=0b11)
        await _takes_list(listener, after=closed["seq"])
        assert await cabinet.present_badge(MECHANIC)
        await listener.event("badge_refused", after=closed["seq"])
        assert listener.kinds().count("session_opened") == 1  # nothing was unlocked: no session began
        gateway.send_list(pin_doors=0, key="11" * 32)
        refused = await listener.event("config_refused", after=closed["seq"])
        assert "HMAC" in refused["reason"]

    _play(broker, tmp_path, scene)


async def _takes_list(listener: Listener, after: int = 0) -> None:
    """The listener gave one of its own when it connected; what comes next is the gateway's."""
    while (await listener.event("config_taken", after=after))["version"] != 2:
        after = (await listener.event("config_taken", after=after))["seq"]


@pytest.mark.parametrize("locks", ["fail_secure", "fail_safe"])
def test_what_a_lock_does_without_power(broker: Broker, tmp_path: Path, locks: str) -> None:
    """Fail-secure: shut, and only for a moment on current. Fail-safe: held by current, open without."""
    switched: list[tuple[int, bool]] = []

    async def scene(cabinet: VirtualCabinet, listener: Listener, gateway: Gateway) -> None:
        cabinet.observers.append(lambda name, told: switched.append((told[0], told[1])) if name == "lock" else None)
        safe = locks == "fail_safe"
        await _takes_any(listener)
        assert [door.energised for door in cabinet.doors.values()] == [safe, safe]
        assert not cabinet.is_unlocked(1)
        assert await cabinet.enter(1, MECHANIC)
        await cabinet.shut_door(1)
        await listener.event("session_closed")
        assert not cabinet.is_unlocked(1)
        assert [door.energised for door in cabinet.doors.values()] == [safe, safe]
        assert ((1, not safe) in switched) and ((1, safe) in switched)
        cabinet.power_cut()
        assert [cabinet.is_unlocked(door) for door in (1, 2)] == [safe, safe]
        await cabinet.power_on()
        await listener.health_after(0, boot=2)
        await cabinet.sleep_ms(1000)  # virtual: the bolts have come out
        assert [cabinet.is_unlocked(door) for door in (1, 2)] == [False, False]

    _play(broker, tmp_path, scene, locks)


async def _takes_any(listener: Listener) -> None:
    await listener.event("config_taken")
