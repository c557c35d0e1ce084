"""Scenes at a whole virtual cabinet: the real firmware in the real interpreter, seen through a real broker."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from simulator.virtual_cabinet import HEAP, VirtualCabinet
from tests.firmware.brokers import CABINETS, Broker
from tests.simulation.listener import ACCESS_KEY, MECHANIC, Listener

BOARDS = Path(__file__).resolve().parents[2] / "hardware" / "boards"
CABINET = "cab-1"
Scene = Callable[[VirtualCabinet, Listener], Awaitable[None]]


def play_at(
    broker: Broker,
    work_dir: Path,
    board: str,
    fill: Callable[[VirtualCabinet], Awaitable[None]],
    scene: Scene,
    *,
    speed: float,
    seed: int = 1,
    heap: str = HEAP,
) -> None:
    """Play a scene with a new cabinet, which `fill` has filled before it gets power."""

    async def whole() -> None:
        cabinet = VirtualCabinet(
            CABINET, BOARDS / board, work_dir, "127.0.0.1", broker.port,
            username=CABINET, password=CABINETS[CABINET], access_key=ACCESS_KEY, speed=speed, seed=seed,
            heap=heap,
        )  # fmt: skip
        listener = Listener(CABINET, broker.port)
        try:
            await fill(cabinet)
            await cabinet.power_on()
            await scene(cabinet, listener)
        finally:
            await cabinet.stop()
            listener.close()

    asyncio.run(whole())


async def enter(cabinet: VirtualCabinet) -> None:
    """Badge and open door 1."""
    assert await cabinet.enter(1, MECHANIC)
