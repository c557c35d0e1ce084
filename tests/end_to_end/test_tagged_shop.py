"""Two parts of one mass in one bin, told apart by their tags: real firmware, virtual reader, gateway, cloud."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator.whole_shop import WholeShop
from tests.gateway.tag_writer import write_sgtin

MASS_MG = 400_000
STOCK = 5
GTINS = {"PAD-L": "80614141123458", "PAD-R": "10614141123459"}
MECHANIC = "04A1B2C3"


def tags(part: str) -> list[str]:
    return [write_sgtin(GTINS[part], 7, serial) for serial in range(STOCK)]


def document() -> dict[str, Any]:
    """A brake pad for the left and one for the right in bin 1; eleven bins are empty."""
    parts = [
        {
            "number": number,
            "name_zh": number,
            "name_en": number,
            "unit_mass_mg": MASS_MG,
            "spread_mg": 1500,
            "gtin": gtin,
        }
        for number, gtin in GTINS.items()
    ]
    bin_ = {"bin": 1, "part": "PAD-L", "capacity": 10, "opening": STOCK}
    bin_["also"] = [{"part": "PAD-R", "capacity": 10, "opening": STOCK}]
    return {
        "version": 1,
        "shop": "shop-1",
        "shop_name": "Shop",
        "dealer": "dealer-1",
        "dealer_name": "Dealer",
        "parts": parts,
        "cabinets": [{"id": "cab-1", "name_zh": "柜", "name_en": "Cabinet", "bins": [bin_]}],
        "people": [{"id": "p-li", "name": "Li", "role": "mechanic", "badges": [MECHANIC]}],
        "jobs": [],
    }


def rows(shop: WholeShop, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(shop.gateway_database)) as db:
        return db.execute(query).fetchall()


async def until(what: str, found: Callable[[], bool], seconds: float = 180.0) -> None:
    async with asyncio.timeout(seconds):
        while not found():
            await asyncio.sleep(0.05)


async def visit(shop: WholeShop) -> None:
    """Somebody takes one pad, the right one."""
    cabinet = shop.cabinets["cab-1"]
    for part in GTINS:
        for epc in tags(part):
            await cabinet.put_tag(epc)
    await cabinet.set_load(1, 2 * STOCK * MASS_MG)
    await shop.power_on()
    await until("the first reading", lambda: bool(rows(shop, "select 1 from tag_read where pass = 0")))
    assert await cabinet.enter(1, MECHANIC)
    await cabinet.take(1, MASS_MG)
    await cabinet.take_tag(tags("PAD-R")[2])
    await cabinet.shut_door(1)
    await until("a verdict", lambda: bool(rows(shop, "select 1 from verdict where bin = 1")))
    # One look at the tags bills nobody: until the second one, three minutes later, the count is a question.
    assert not rows(shop, "select 1 from posting where account = 'shop:shop-1'")
    assert rows(shop, "select reason from discrepancy") == [("uncertain_count",)]
    await until("the second look", lambda: len(rows(shop, "select 1 from verdict where bin = 1")) == 2)


def test_what_the_weight_cannot_tell_the_tags_do(tmp_path: Path) -> None:
    shop = WholeShop(tmp_path, document(), [], {"cab-1": "esp32s3-w5500-12-tags"}, speed=20.0, seed=2)

    async def run() -> None:
        try:
            await shop.start()
            await visit(shop)
        finally:
            await shop.stop()

    asyncio.run(run())
    ((best, said, confidence_ppm),) = rows(shop, "select best, tags, confidence_ppm from newest_verdict where bin = 1")
    assert json.loads(best) == [[["PAD-R", -1]], 0]
    assert sorted(json.loads(said)) == [["PAD-L", 5, 0, 0], ["PAD-R", 4, 1, 0]]
    assert confidence_ppm > 990_000
    taken = rows(shop, "select part, quantity from posting where account = 'shop:shop-1'")
    assert taken == [("PAD-R", 1)]
