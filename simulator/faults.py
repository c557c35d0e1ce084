"""What goes wrong in a simulated shop: how each fault strikes, how often a seed may draw it, and how all is healed.

`docs/faults.md` says of each kind where it may strike, who must recover, and what may be lost. A fault strikes, lasts,
and is over by itself; `heal` ends all that still last. Nothing here judges: the oracle does.
"""

import asyncio
import math
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from simulator.simulated_shop import SimulatedShop

DAY_S = 86_400
TEARS = ("nothing", "half", "all", "garbage")
_SENSORS = ("stuck", "nack", "saturated", "open_rail", "open_wander", "mux_stuck")

Strike = Callable[[SimulatedShop, Random], Awaitable[None]]


class NothingToStrikeError(Exception):
    """What a fault would have struck is down already, or not there yet: that is no fault."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault: strikes a day from `low` to `high`, and whether more than half of them aim at visits.

    What is `armed` strikes at one of the next steps of its victim, who counts it.
    """

    strike: Strike
    low: float
    high: float
    aimed: bool = True
    armed: bool = False


def behave(shop: SimulatedShop, ppm: dict[str, int]) -> None:
    """Let broker and cloud misbehave as often as was drawn."""
    manners = shop.broker.manners
    manners.duplicate_ppm = ppm.get("broker_duplicate", 0)
    manners.delay_ppm = ppm.get("broker_delay", 0)
    manners.reorder_ppm = ppm.get("broker_reorder", 0)
    for name in shop.cloud.trouble_ppm:
        shop.cloud.trouble_ppm[name] = ppm.get(name, 0)


async def heal(shop: SimulatedShop) -> None:
    """Everything works again."""
    behave(shop, {})
    shop.cloud.outages = 0
    shop.gateway.is_unplugged = False
    shop.cloud.fuse.put_out()
    shop.cloud.keep_running()
    while shop.gateway.is_away:  # noqa: ASYNC110 - whoever has it brings it back
        await asyncio.sleep(60)
    for name, cabinet in shop.cabinets.items():
        shop.line(name).slow_ms = 0
        shop.line(name).restore()
        await cabinet.network_cut(False)
        for at in range(1, cabinet.bins + 1):
            if cabinet.faults.get(at, "well") != "well":
                await cabinet.set_fault(at, "well")
        await shop.power_on(name)
    shop.broker.start()
    shop.gateway.clock_offset_ms = shop.cloud.clock_offset_ms = 0
    shop.gateway.disk_is_full = False
    if shop.gateway.life is not None:
        shop.gateway.life.fuse.make_room()
        shop.gateway.life.fuse.put_out()
    shop.gateway.keep_running()


# ---- the kinds ----


def _some(shop: SimulatedShop, random: Random) -> str:
    return random.choice(sorted(shop.cabinets))


def _span_s(random: Random, low_s: float, high_s: float) -> float:
    return low_s * math.exp(random.random() * math.log(high_s / low_s))


async def power_cut(shop: SimulatedShop, random: Random) -> None:
    """A controller loses its power, wherever it is, and gets it back."""
    name = _some(shop, random)
    if not shop.cabinets[name].powered:
        raise NothingToStrikeError
    shop.power_cut(name)
    await asyncio.sleep(_span_s(random, 0.2, 900))
    await shop.power_on(name)


async def flash_cut(shop: SimulatedShop, random: Random) -> None:
    """A controller loses its power in the middle of one of its next flash operations, which is torn."""
    name = _some(shop, random)
    shop.process(name).tell("cut_in", round(_span_s(random, 1, 60)) - 1, random.choice(TEARS))


async def network_cut(shop: SimulatedShop, random: Random) -> None:
    """A cabinet's network cable is out."""
    cabinet = shop.cabinets[_some(shop, random)]
    await cabinet.network_cut(True)
    await asyncio.sleep(_span_s(random, 0.5, 20_000))
    await cabinet.network_cut(False)


async def network_half_open(shop: SimulatedShop, random: Random) -> None:
    """Every byte between a cabinet and the broker is swallowed; both believe in their connection."""
    line = shop.line(_some(shop, random))
    line.go_silent()
    await asyncio.sleep(_span_s(random, 0.5, 3_600))
    line.restore()


async def network_slow(shop: SimulatedShop, random: Random) -> None:
    """Every byte takes up to seconds."""
    line = shop.line(_some(shop, random))
    line.slow_ms = _span_s(random, 50, 4_000)
    await asyncio.sleep(_span_s(random, 10, 3_600))
    line.slow_ms = 0


async def sensor_fault(shop: SimulatedShop, random: Random) -> None:
    """For a while a converter is stuck, silent or saturated, a wire of its cell is off, or its multiplexer hangs."""
    cabinet = shop.cabinets[_some(shop, random)]
    at = random.randint(1, cabinet.bins)
    await cabinet.set_fault(at, random.choice(_SENSORS))
    await asyncio.sleep(_span_s(random, 5, 7_200))
    await cabinet.set_fault(at, "well")


async def broker_restart(shop: SimulatedShop, random: Random) -> None:
    """The broker dies and comes back, half the time without its memory."""
    if not shop.broker.up:
        raise NothingToStrikeError
    shop.broker.stop(forget=random.random() < 0.5)
    await asyncio.sleep(_span_s(random, 0.2, 600))
    shop.broker.start()


async def gateway_kill(shop: SimulatedShop, random: Random) -> None:
    """The gateway's program is killed at one of its next statements or acknowledgements."""
    shop.gateway.kill_after(random.randrange(80))


async def gateway_power(shop: SimulatedShop, random: Random) -> None:
    """The gateway's machine loses its power there, or in a commit: what was not synced to disk is torn."""
    if random.random() < 0.5:
        shop.gateway.kill_after(random.randrange(80), power=True)
    else:
        shop.gateway.kill_after(random.randrange(4), power=True, in_commit=True)


async def gateway_away(shop: SimulatedShop, random: Random) -> None:
    """The gateway's machine is unplugged for hours or days; journals fill up meanwhile."""
    gateway = shop.gateway
    if gateway.is_away or gateway.is_unplugged:
        raise NothingToStrikeError
    gateway.is_unplugged = True
    gateway.stop()
    await asyncio.sleep(_span_s(random, 3_600, 3 * DAY_S))
    gateway.is_unplugged = False
    gateway.keep_running()


async def gateway_disk_full(shop: SimulatedShop, random: Random) -> None:
    """The gateway's disk has no room for a while."""
    if shop.gateway.disk_is_full:
        raise NothingToStrikeError
    shop.gateway.fill_disk(random.randrange(4))
    await asyncio.sleep(_span_s(random, 5, 7_200))
    shop.gateway.make_room()


async def gateway_clock(shop: SimulatedShop, random: Random) -> None:
    """The clock of the gateway's machine jumps, either way, and is set right later."""
    shop.gateway.clock_offset_ms = random.choice((-1, 1)) * round(_span_s(random, 500, 40 * DAY_S * 1000))
    await asyncio.sleep(_span_s(random, 5, 40_000))
    shop.gateway.clock_offset_ms = 0


async def cloud_clock(shop: SimulatedShop, random: Random) -> None:
    """The clock of the cloud's machine jumps."""
    shop.cloud.clock_offset_ms = random.choice((-1, 1)) * round(_span_s(random, 500, 40 * DAY_S * 1000))
    await asyncio.sleep(_span_s(random, 5, 40_000))
    shop.cloud.clock_offset_ms = 0


async def cloud_unreachable(shop: SimulatedShop, random: Random) -> None:
    """The shop has no internet for a while."""
    await _without_cloud(shop, _span_s(random, 1, 1.5 * DAY_S))


async def cloud_away(shop: SimulatedShop, _random: Random) -> None:
    """The shop has no internet for a month."""
    await _without_cloud(shop, 30 * DAY_S)


async def _without_cloud(shop: SimulatedShop, for_s: float) -> None:
    shop.cloud.outages += 1
    await asyncio.sleep(for_s)
    shop.cloud.outages = max(0, shop.cloud.outages - 1)  # all may have been healed meanwhile


async def cloud_kill(shop: SimulatedShop, random: Random) -> None:
    """The cloud's program is killed at one of its next statements."""
    shop.cloud.kill_after(random.randrange(60))


async def strange_message(shop: SimulatedShop, random: Random) -> None:
    """Somebody says what nobody understands."""
    known = _some(shop, random)
    if not shop.broker.hears_gateway:
        raise NothingToStrikeError
    topic = random.choice(
        (f"partsbay/1/{known}/event", f"partsbay/1/{known}/health", f"partsbay/1/{known}/state", "partsbay/1/x/event")
    )
    number = random.randrange(1 << 60)  # no two the same: a broken envelope that comes again is another case
    text = f'{{"v":9,"cabinet":"{known}","epoch":"0123456789abcdef","seq":{number},'
    payload = random.choice((random.randbytes(random.randrange(8, 300)), text.encode(), b"{%d}" % number))
    shop.broker.publish_strange(topic, payload)


async def controller_replaced(shop: SimulatedShop, random: Random) -> None:
    """A controller breaks for good: a new one, with nothing on its flash, takes its place."""
    name = _some(shop, random)
    shop.power_cut(name)
    shop.put_new_flash(name)
    await asyncio.sleep(_span_s(random, 60, 3_600))
    await shop.power_on(name)


async def gateway_restored(shop: SimulatedShop, random: Random) -> None:
    """The gateway's database is put back from the last backup, as the book says: while the cloud answers."""
    backup = shop.folder / "backup" / "gateway.db"
    if not backup.exists():
        raise NothingToStrikeError
    await _replace_gateway(shop, random, backup)


async def gateway_lost(shop: SimulatedShop, random: Random) -> None:
    """The gateway's disk is gone; somebody runs `gateway restore` on a new one, while the cloud answers."""
    await _replace_gateway(shop, random, None)


async def _replace_gateway(shop: SimulatedShop, random: Random, backup: Path | None) -> None:
    gateway, cloud = shop.gateway, shop.cloud
    if gateway.is_away or gateway.is_unplugged or cloud.unreachable:
        raise NothingToStrikeError  # whoever has read the book waits for the cloud
    gateway.is_away = True
    gateway.stop()
    await asyncio.sleep(_span_s(random, 60, 3_600))
    while cloud.unreachable or cloud.app is None or cloud.fuse.is_lit:  # noqa: ASYNC110 - somebody looks now and then
        await asyncio.sleep(60)
    shop.oracle.release()
    remove(gateway.database)
    trouble, cloud.trouble_ppm = cloud.trouble_ppm, dict.fromkeys(cloud.trouble_ppm, 0)
    try:
        if backup is None:
            await gateway.restore()
        else:
            shutil.copyfile(backup, gateway.database)
            shop.oracle.gateway_replaced("from the backup of last night")
            await gateway.start()
    finally:
        gateway.is_away = False
        cloud.trouble_ppm = trouble


async def cloud_restored(shop: SimulatedShop, random: Random) -> None:
    """The cloud's database is put back from the last backup."""
    backup = shop.folder / "backup" / "cloud.db"
    if not backup.exists():
        raise NothingToStrikeError
    shop.cloud.stop()
    await asyncio.sleep(_span_s(random, 5, 600))
    shop.oracle.release()
    remove(shop.cloud.database)
    shutil.copyfile(backup, shop.cloud.database)
    shop.oracle.cloud_replaced("from the backup of last night")
    shop.cloud.keep_running()


KINDS: dict[str, Kind] = {
    "power_cut": Kind(power_cut, 0.2, 3),
    "flash_cut": Kind(flash_cut, 0.2, 4, armed=True),
    "network_cut": Kind(network_cut, 0.2, 3),
    "network_half_open": Kind(network_half_open, 0.2, 3),
    "network_slow": Kind(network_slow, 0.2, 2),
    "sensor_fault": Kind(sensor_fault, 0.1, 1),
    "broker_restart": Kind(broker_restart, 0.2, 3),
    "gateway_kill": Kind(gateway_kill, 0.3, 6, armed=True),
    "gateway_power": Kind(gateway_power, 0.1, 3, armed=True),
    "gateway_disk_full": Kind(gateway_disk_full, 0.1, 1, armed=True),
    "gateway_away": Kind(gateway_away, 0.02, 0.3, aimed=False),
    "gateway_clock": Kind(gateway_clock, 0.1, 1),
    "cloud_clock": Kind(cloud_clock, 0.1, 1),
    "cloud_unreachable": Kind(cloud_unreachable, 0.1, 1, aimed=False),
    "cloud_away": Kind(cloud_away, 0.005, 0.03, aimed=False),
    "cloud_kill": Kind(cloud_kill, 0.2, 3, armed=True),
    "strange_message": Kind(strange_message, 0.2, 4),
    "controller_replaced": Kind(controller_replaced, 0.02, 0.2),
    "gateway_restored": Kind(gateway_restored, 0.02, 0.2, aimed=False),
    "gateway_lost": Kind(gateway_lost, 0.02, 0.2, aimed=False),
    "cloud_restored": Kind(cloud_restored, 0.02, 0.2, aimed=False),
}
PPM = {  # of messages or requests; the highest that is drawn
    "broker_duplicate": 50_000,
    "broker_delay": 20_000,
    "broker_reorder": 20_000,
    "cloud_error": 200_000,
    "cloud_answer_lost": 200_000,
    "cloud_late": 50_000,
}
ALL = frozenset(KINDS) | frozenset(PPM)


async def back_up(shop: SimulatedShop) -> None:
    """Every night at two: both databases are copied as SQLite copies them."""
    await asyncio.sleep(21 * 3600)
    while True:
        while shop.gateway.files_are_dead:  # noqa: ASYNC110 - its next start puts them right
            await asyncio.sleep(10)
        for database in (shop.gateway.database, shop.cloud.database):
            copy = shop.folder / "backup" / database.name
            copy.parent.mkdir(exist_ok=True)
            with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
        await asyncio.sleep(DAY_S)


def remove(database: Path) -> None:
    """Take a database away, with all that lies beside it."""
    for suffix in ("", "-wal", "-shm", ".dead", "-wal.dead"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
