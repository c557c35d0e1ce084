"""A virtual cabinet that speaks mutual TLS to a whole gateway and its broker: what is taken is booked.

It has no battery: before anything else it has to hear from its gateway what the date is. Until then it works alone.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from edge_gateway.certificates import SERVER_NAME
from hardware import boards
from simulator.commissioning import Certificates
from simulator.virtual_cabinet import VirtualCabinet
from tests.firmware.shop_authority import Held
from tests.gateway.guarded_shop import KEY, GuardedShop

BADGE = "04A1B2C3"
OIL_FILTER_MG = 600_000
PATIENCE_S = 120.0


def cabinet_of(shop: GuardedShop, held: Held, folder: Path) -> VirtualCabinet:
    """cab-1 with its certificate, at the shop's broker and its time service."""
    admission = shop.gateway.admission
    assert admission is not None
    papers = Certificates(shop.authority.der, held.cert, held.key, SERVER_NAME, admission.time_service.port)
    board = boards.FOLDER / "esp32s3-w5500-12.json"
    return VirtualCabinet("cab-1", board, folder, "127.0.0.1", shop.port, "", "", KEY, speed=4, certificates=papers)


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait for something to be so."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S} s for {what}"
        await asyncio.sleep(0.05)


def rows(shop: GuardedShop, question: str) -> list[tuple[object, ...]]:
    """What the gateway's books hold."""
    with closing(sqlite3.connect(shop.settings.database)) as connection:
        return list(connection.execute(question))


TAKEN = """
select part, quantity from posting join movement on movement.id = movement
where session <> '' and account like 'bin:%'
"""
LISTED = "select 1 from inbox where kind = 'config_taken'"


async def visit(cabinet: VirtualCabinet, shop: GuardedShop) -> None:
    """One mechanic takes two oil filters out of bin 1."""
    for bin_ in (1, 2, 3):
        await cabinet.set_load(bin_, 10 * OIL_FILTER_MG)
    said: list[int] = []
    cabinet.network.listeners.append(lambda _number, _up, data: said.append(len(data)))
    cabinet.time_network.cut()
    await cabinet.power_on()
    await cabinet.sleep_ms(6_000)
    assert not said  # the broker is there, but no certificate can be judged before the date is known
    cabinet.time_network.restore()
    await until(lambda: rows(shop, LISTED), "its access list")
    assert await cabinet.enter(1, BADGE)
    await cabinet.take(1, 2 * OIL_FILTER_MG)
    await cabinet.shut_door(1)
    await until(lambda: rows(shop, TAKEN), "the session in the books")


def test_a_session_over_mutual_tls_is_booked_and_the_date_came_first(tmp_path: Path) -> None:
    with GuardedShop(tmp_path / "shop", "nats") as shop:
        held = shop.authority.cabinet("cab-1")
        shop.admit()
        asyncio.run(asyncio.wait_for(_played(shop, held, tmp_path / "cabinet"), 400))
        assert rows(shop, TAKEN) == [("OF-1", -2)]
        assert not shop.gateway.refusals.newest()


async def _played(shop: GuardedShop, held: Held, folder: Path) -> None:
    cabinet = cabinet_of(shop, held, folder)
    try:
        await visit(cabinet, shop)
    finally:
        await cabinet.stop()
