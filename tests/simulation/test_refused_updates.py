"""Bundles that must not run, offered to one cabinet of a shop while its neighbour goes on selling; over both brokers.

A gateway refuses most of them at its own door. Here they lie behind it, as on a disk that was written by somebody else,
so that the controller is the one who judges. What counts is what both cabinets brought into the ledger.
"""

import asyncio
import hashlib
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

import partsbay
from edge_gateway.cabinet_updates import handing_over
from edge_gateway.cabinet_updates.bundle_folder import BundleFolder
from edge_gateway.gateway import Gateway
from edge_gateway.settings import parse
from edge_gateway.shop_document import encode_document
from edge_gateway.upload_format import CabinetFirmware
from hardware.bundles import bundle, release_key
from simulator.commissioning import Firmware
from simulator.controller_process import runs_in_place
from simulator.ports import free_port
from simulator.virtual_cabinet import VirtualCabinet
from tests.firmware.brokers import CABINETS, GATEWAY, Broker, broker_of
from tests.gateway.program import GatewayProgram
from tests.gateway.world import document
from tests.simulation.cabinet_scene import BOARDS, enter
from tests.simulation.test_updates import KEY, KEYS, PRESENT

pytestmark = [
    pytest.mark.skipif(not runs_in_place(), reason="a named interpreter cannot be handed a flash"),
    pytest.mark.usefixtures("quick_looks"),
]

OWN_BOARD = "esp32s3-w5500-12"
BLOCK_BYTES = 4096
OIL_FILTER_MG = 600_000
SPEED = 12.0
PATIENCE_S = 300.0  # a command that a lost connection swallowed is said again after a minute
FIRST_LEAVES = ("event", "live", "health", "state"), ("journal_ack", "command", "time", "config")
Scene = Callable[[VirtualCabinet, VirtualCabinet], Awaitable[None]]
LOADS_MG = {1: 10 * OIL_FILTER_MG, 2: 5_000_000, 3: 40 * 21_000}  # as the shop's document opens them
TAKEN = """
select coalesce(-sum(quantity), 0) from posting join movement on movement.id = movement
where session <> '' and account = ?
"""
REFUSED = "select count(*) from inbox where cabinet = 'cab-1' and kind = 'update_refused'"
LAST_REFUSED = "select line from inbox where kind = 'update_refused' order by seq desc limit 1"
LISTED = "select count(distinct cabinet) from inbox where kind = 'config_taken'"
TOLD = "select cabinet, count(*) from inbox where kind like 'update%' group by cabinet"
SAID_WHAT_THEY_ARE = "select cabinet from controller_device order by cabinet"
QUARANTINE = "select count(*) from quarantine"
ORDER = """
insert into firmware_order (cabinet, version, digest, bytes, downgrade, ordered_ms) values ('cab-1', ?, ?, ?, 0, ?)
"""


class Bad(NamedTuple):
    """A bundle that must not run: what is said of it, its bytes as they lie there, and how its refusal begins."""

    version: str
    said_bytes: int
    found: bytes
    reason: str


def _flipped(whole: bytes, at: int) -> bytes:
    return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]


@cache
def _foreign_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(release_key.EXPONENT, release_key.BITS)


def _bundle(version: str, key: rsa.RSAPrivateKey = KEY, boards: tuple[str, ...] = ()) -> bytes:
    return bundle.sign(bundle.Image(version, PRESENT.data, PRESENT.mpy), key, boards)


@cache
def bad_bundles() -> list[Bad]:
    """Changed in head or image, cut short in and between two blocks, of another key, for another board, older.

    Each of another version: a controller on a busy machine asks for a piece twice, and takes none of another version.
    """
    other = next(name for name in bundle.cabinet_boards() if name != OWN_BOARD)
    head, image, within, between = (_bundle(f"0.3.{number}") for number in range(4))
    foreign, board, older = _bundle("0.3.4", _foreign_key()), _bundle("0.3.5", KEY, (other,)), _bundle("0.1.9")
    block = len(head) - len(PRESENT.data) + 3 * BLOCK_BYTES  # where one begins
    unsigned = "expected a signature by a release key of this cabinet, found none"
    return [
        Bad("0.3.0", len(head), _flipped(head, head.index(b"0.3.0") + 2), unsigned),
        Bad("0.3.1", len(image), _flipped(image, len(image) - 1), "expected an image with digest"),
        Bad("0.3.2", len(within), within[: block + 100], f"expected {len(within)} bytes of 0.3.2, found less"),
        Bad("0.3.3", len(between), between[:block], f"expected {len(between)} bytes of 0.3.3, found less"),
        Bad("0.3.4", len(foreign), foreign, unsigned),
        Bad("0.3.5", len(board), board, f"expected firmware for board {OWN_BOARD}, found it for {other}"),
        Bad("0.1.9", len(older), older, "expected a version after 0.2.0, found 0.1.9"),
    ]


class UpdatingShop:
    """A whole gateway in this process, and what is read and done behind its back."""

    def __init__(self, folder: Path, broker: dict[str, Any]) -> None:
        self.folder = folder
        cabinets = {name: {"password": password, "access_key": "0" * 64} for name, password in CABINETS.items()}
        told = {
            "gateway": "gw-1",
            "data_dir": str(folder),
            "kiosk": {"port": 0},
            "broker": broker,
            "cabinets": cabinets,
        }
        self.gateway = Gateway(parse(told))
        self.gateway.start()
        self.port = int(self.gateway.mqtt_address().rsplit(":", 1)[1])
        new = document()
        self.gateway.put_document(new, encode_document(new))

    def close(self) -> None:
        """End it."""
        self.gateway.close()

    def slip_in(self, bad: Bad) -> None:
        """Behind the gateway's door: the bytes beside those it has judged, and the order for cab-1."""
        digest = hashlib.sha256(bad.found).hexdigest()
        BundleFolder(self.folder / "bundles").keep(digest, bad.found)
        with closing(sqlite3.connect(self.gateway.database)) as db, db:
            db.execute(ORDER, (bad.version, digest, bad.said_bytes, self.gateway.now_ms()))

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the gateway's books hold."""
        with closing(sqlite3.connect(f"file:{self.gateway.database}?mode=ro", uri=True)) as db:
            return db.execute(query, values).fetchall()

    async def until(self, expected: list[tuple[Any, ...]], query: str, *values: object) -> None:
        """Wait until the books answer so."""
        deadline = time.monotonic() + PATIENCE_S
        while (found := self.rows(query, *values)) != expected:
            assert time.monotonic() < deadline, f"expected {expected}, found {found}: {query} {values}"
            await asyncio.sleep(0.02)

    async def sell(self, cabinet: VirtualCabinet) -> None:
        """A mechanic takes an oil filter out of bin 1, and the ledger knows of it."""
        account = f"bin:{cabinet.cabinet_id}/1"
        [(before,)] = self.rows(TAKEN, account)
        await enter(cabinet)
        await cabinet.take(1, OIL_FILTER_MG)
        await cabinet.shut_door(1)
        await self.until([(before + 1,)], TAKEN, account)

    def recorded(self) -> tuple[str, str]:
        """Version and reason of the newest `update_refused` in the gateway's books."""
        event = json.loads(self.rows(LAST_REFUSED)[0][0])["body"]
        return event["version"], event["reason"]

    def seen_by_the_dealer(self) -> CabinetFirmware:
        """What the gateway's report to the cloud says of cab-1's firmware."""
        return next(each for each in self.gateway.status().firmware or [] if each.cabinet == "cab-1")

    def cabinet(self, name: str) -> VirtualCabinet:
        """A cabinet of the shop that starts from its slots, and trusts one release key."""
        return VirtualCabinet(
            name, BOARDS / f"{OWN_BOARD}.json", self.folder / name, "127.0.0.1", self.port,
            username=name, password=CABINETS[name], access_key="0" * 64, speed=SPEED,
            firmware=Firmware(bundle.sign(PRESENT, KEY), KEYS),
        )  # fmt: skip


@pytest.fixture
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders are found at once: the seconds until the next look prove nothing."""
    monkeypatch.setattr(handing_over, "LOOK_MS", 20)


async def start(cabinet: VirtualCabinet) -> None:
    """Fill it as the shop's document says, and give it power."""
    for bin_, load_mg in LOADS_MG.items():
        await cabinet.set_load(bin_, load_mg)
    await cabinet.power_on()


async def _played(shop: UpdatingShop, scene: Scene) -> None:
    """A scene at both cabinets of the shop, once both have their lists and their bins have come to themselves."""
    cabinets = [shop.cabinet(name) for name in CABINETS]
    try:
        await asyncio.gather(*map(start, cabinets))
        await shop.until([(2,)], LISTED)
        await asyncio.gather(*(cabinet.sleep_ms(8_000) for cabinet in cabinets))
        await scene(*cabinets)
    finally:
        await asyncio.gather(*(cabinet.stop() for cabinet in cabinets))


async def _refused_one_by_one(shop: UpdatingShop, cabinet: VirtualCabinet, neighbour: VirtualCabinet) -> None:
    """Each is refused and recorded, the neighbour sells meanwhile, and so does whoever refused, in the end."""
    for number, bad in enumerate(bad_bundles(), 1):
        shop.slip_in(bad)
        await asyncio.gather(shop.sell(neighbour), shop.until([(number,)], REFUSED))
        version, reason = shop.recorded()
        assert version == bad.version and reason.startswith(bad.reason), (number, version, reason)
        seen = shop.seen_by_the_dealer()
        assert (seen.firmware, seen.slot, seen.trial) == (PRESENT.version, "a", False)
        assert (seen.wanted, seen.state, seen.reason) == (version, "refused", reason)
    await shop.sell(cabinet)
    assert shop.rows(TOLD) == [("cab-1", len(bad_bundles()))]


def test_what_must_not_run_is_refused_while_the_neighbour_sells(tmp_path: Path) -> None:
    with closing(UpdatingShop(tmp_path, {"kind": "embedded", "port": free_port()})) as shop:

        async def scene(cabinet: VirtualCabinet, neighbour: VirtualCabinet) -> None:
            await _refused_one_by_one(shop, cabinet, neighbour)

        asyncio.run(_played(shop, scene))
        assert shop.rows(QUARANTINE) == [(0,)]


def test_at_a_mosquitto_that_hangs_up_on_what_is_new_all_sell_and_then_refuse_the_same(tmp_path: Path) -> None:
    """Its operator has not allowed what updates need; once he has, a cabinet that is started anew can be updated."""
    with closing(broker_of("mosquitto")) as broker:
        broker.leaves = FIRST_LEAVES
        broker.start()
        where = {"kind": "external", "port": broker.port, "username": GATEWAY[0], "password": GATEWAY[1]}
        with closing(UpdatingShop(tmp_path, where)) as shop:

            async def scene(cabinet: VirtualCabinet, neighbour: VirtualCabinet) -> None:
                await asyncio.gather(shop.sell(cabinet), shop.sell(neighbour))
                assert shop.rows(SAID_WHAT_THEY_ARE) == []
                await _allowed(broker, shop, cabinet, neighbour)
                await _refused_one_by_one(shop, cabinet, neighbour)
                assert shop.rows(SAID_WHAT_THEY_ARE) == [("cab-1",)]  # the neighbour was not started anew

            asyncio.run(_played(shop, scene))
            assert shop.rows(QUARANTINE) == [(0,)]


async def _allowed(broker: Broker, shop: UpdatingShop, cabinet: VirtualCabinet, neighbour: VirtualCabinet) -> None:
    """The operator allows it, and starts his broker anew; when gateway and neighbour are back, so is cab-1."""
    broker.kill()
    broker.leaves = type(broker).leaves
    broker.start()
    await shop.sell(neighbour)
    cabinet.power_cut()
    await cabinet.power_on()
    await shop.until([("cab-1",)], SAID_WHAT_THEY_ARE)
    await cabinet.sleep_ms(8_000)


def test_the_gateway_orders_nothing_that_is_no_whole_bundle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its own door: said to whoever brought it. Which keys, boards and versions count, the controllers know."""
    path = tmp_path / "offered.bundle"
    good = _bundle("0.3.0")
    head = len(good) - len(PRESENT.data)
    with closing(GatewayProgram(tmp_path, 'kind = "embedded"\nport = 0')) as gateway:  # its books; it need not run
        for found, why in (
            (_flipped(good, len(good) - 1), "expected an image with digest"),
            (good[:-1], f"expected {len(good)} bytes, found {len(good) - 1}"),
            (good[: head // 2], "expected"),
            (_flipped(good, 0), "expected a bundle, found"),
            (b"", "expected a bundle, found nothing"),
        ):
            path.write_bytes(found)
            command = ["gateway", "update-cabinets", str(path), "--config", str(gateway.config), "--cabinet", "cab-1"]
            assert partsbay.main(command) != 0
            assert why in capsys.readouterr().err
        with closing(sqlite3.connect(gateway.database)) as db:
            assert db.execute("select count(*) from firmware_order").fetchall() == [(0,)]
        assert not (gateway.folder / "bundles").exists()
