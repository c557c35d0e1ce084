"""Bundles that must not run, offered to one cabinet of a shop while its neighbour goes on selling.

A gateway refuses most of them at its own door. Here they lie behind it, as on a disk that was written by somebody else,
so that the controller is the one who judges. What counts is what both cabinets brought into the ledger.
"""

import asyncio
import hashlib
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

import partsbay
from edge_gateway.cabinet_updates.bundle_folder import BundleFolder
from edge_gateway.cabinet_updates.handing_over import TELL_AGAIN_MS
from edge_gateway.disk import DiskWatch
from edge_gateway.status_report import gateway_status
from edge_gateway.upload_format import CabinetFirmware
from hardware.bundles import bundle, release_key
from simulator.commissioning import Firmware
from simulator.controller_process import runs_in_place
from simulator.virtual_cabinet import VirtualCabinet
from tests.firmware.brokers import CABINETS, GATEWAY, broker_of
from tests.gateway.program import PASSWORD, GatewayProgram
from tests.simulation.cabinet_scene import BOARDS, enter
from tests.simulation.test_updates import KEY, KEYS, PRESENT, QUARANTINE, gateway, rows, until

__all__ = ["gateway"]  # the fixture
pytestmark = pytest.mark.skipif(not runs_in_place(), reason="a named interpreter cannot be handed a flash")

OWN_BOARD = "esp32s3-w5500-12"
BLOCK_BYTES = 4096
FOREIGN_KEY = rsa.generate_private_key(release_key.EXPONENT, release_key.BITS)
OIL_FILTER_MG = 600_000
SPEED = 4.0  # the gateway looks for orders every two seconds: nothing is gained by more
FIRST_LEAVES = ("event", "live", "health", "state"), ("journal_ack", "command", "time", "config")
OVER_MOSQUITTO = (1, 4, 6)  # of the bad bundles: a changed image, another key, older
Scene = Callable[[VirtualCabinet, VirtualCabinet], Awaitable[None]]
LOADS_MG = {1: 10 * OIL_FILTER_MG, 2: 5_000_000, 3: 40 * 21_000}  # as the shop's document opens them
TAKEN = """
select account, sum(quantity) from posting join movement on movement.id = movement
where session <> '' and account like 'bin:%' group by account order by account
"""
REFUSED = "select count(*) from inbox where cabinet = 'cab-1' and kind = 'update_refused'"
LAST_REFUSED = "select line from inbox where kind = 'update_refused' order by seq desc limit 1"
LISTED = "select count(distinct cabinet) from inbox where kind = 'config_taken'"
ORDERS = "select count(*) from firmware_order"
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


def _bundle(version: str, key: rsa.RSAPrivateKey = KEY, boards: tuple[str, ...] = ()) -> bytes:
    return bundle.sign(bundle.Image(version, PRESENT.data, PRESENT.mpy), key, boards)


def bad_bundles() -> list[Bad]:
    """Changed in head or image, cut short in and between two blocks, of another key, for another board, older."""
    good = _bundle("0.3.0")
    head, whole = len(good) - len(PRESENT.data), len(good)
    other = next(name for name in bundle.cabinet_boards() if name != OWN_BOARD)
    older = _bundle("0.1.9")
    foreign, board = _bundle("0.3.0", FOREIGN_KEY), _bundle("0.3.0", KEY, (other,))
    short = f"expected {whole} bytes of 0.3.0, found less"
    unsigned = "expected a signature by a release key of this cabinet, found none"
    return [
        Bad("0.3.0", whole, _flipped(good, good.index(b"0.3.0") + 2), unsigned),
        Bad("0.3.0", whole, _flipped(good, whole - 1), "expected an image with digest"),
        Bad("0.3.0", whole, good[: head + 3 * BLOCK_BYTES + 100], short),
        Bad("0.3.0", whole, good[: head + 5 * BLOCK_BYTES], short),
        Bad("0.3.0", len(foreign), foreign, unsigned),
        Bad("0.3.0", len(board), board, f"expected firmware for board {OWN_BOARD}, found it for {other}"),
        Bad("0.1.9", len(older), older, "expected a version after 0.2.0, found 0.1.9"),
    ]


def slip_in(gateway: GatewayProgram, bad: Bad) -> None:
    """Behind the gateway's door: the bytes beside those it has judged, and the order for cab-1."""
    digest = hashlib.sha256(bad.found).hexdigest()
    BundleFolder(gateway.folder / "bundles").keep(digest, bad.found)
    with closing(sqlite3.connect(gateway.database)) as db, db:
        db.execute(ORDER, (bad.version, digest, bad.said_bytes, time.time_ns() // 1_000_000))


@pytest.fixture
def over_mosquitto(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[GatewayProgram]:
    """A gateway whose cabinets speak over a Mosquitto; perhaps one whose access list is of the first release."""
    with closing(broker_of("mosquitto")) as broker:
        broker.leaves = getattr(request, "param", broker.leaves)
        broker.start()
        where = f'kind = "external"\nport = {broker.port}\nusername = "{GATEWAY[0]}"\npassword = "{GATEWAY[1]}"'
        with closing(GatewayProgram(tmp_path, where)) as program:
            program.start()
            yield program


def cabinet_of(gateway: GatewayProgram, folder: Path, name: str, password: str) -> VirtualCabinet:
    """A cabinet of the shop that starts from its slots, and trusts one release key."""
    return VirtualCabinet(
        name, BOARDS / f"{OWN_BOARD}.json", folder / name, "127.0.0.1", gateway.mqtt_port(),
        username=name, password=password, access_key="0" * 64, speed=SPEED,
        firmware=Firmware(bundle.sign(PRESENT, KEY), KEYS),
    )  # fmt: skip


def seen_by_the_dealer(gateway: GatewayProgram) -> CabinetFirmware:
    """What the gateway's report to the cloud says of cab-1's firmware."""
    report = gateway_status(gateway.database, DiskWatch(gateway.database), time.time_ns() // 1_000_000)
    return next(each for each in report.firmware or [] if each.cabinet == "cab-1")


def recorded(gateway: GatewayProgram) -> tuple[str, str]:
    """Version and reason of the newest `update_refused` in the gateway's books."""
    event = json.loads(rows(gateway, LAST_REFUSED)[0][0])["body"]
    return event["version"], event["reason"]


async def refused(gateway: GatewayProgram, number: int) -> None:
    """Wait for so many refusals. A command that a lost connection swallowed is said again after a minute."""
    async with asyncio.timeout(5 * TELL_AGAIN_MS / 1000):
        while rows(gateway, REFUSED) != [(number,)]:
            await asyncio.sleep(0.05)


async def sell(cabinet: VirtualCabinet) -> None:
    """A mechanic takes an oil filter out of bin 1."""
    await enter(cabinet)
    await cabinet.take(1, OIL_FILTER_MG)
    await cabinet.shut_door(1)
    await cabinet.sleep_ms(5_000)


async def _played(gateway: GatewayProgram, folder: Path, passwords: dict[str, str], scene: Scene) -> None:
    """A scene at both cabinets of the shop, filled as its document says, once both have come to themselves."""
    cabinets = [cabinet_of(gateway, folder, name, password) for name, password in passwords.items()]
    try:
        for cabinet in cabinets:
            for bin_, load_mg in LOADS_MG.items():
                await cabinet.set_load(bin_, load_mg)
            await cabinet.power_on()
        await until(gateway, LISTED, [(2,)])
        await cabinets[1].sleep_ms(10_000)
        await scene(*cabinets)
    finally:
        await asyncio.gather(*(cabinet.stop() for cabinet in cabinets))


def _refused_one_by_one(gateway: GatewayProgram, folder: Path, passwords: dict[str, str], bundles: list[Bad]) -> None:
    """Each is refused and recorded, the neighbour sells meanwhile, and so does whoever refused, in the end."""

    async def scene(cabinet: VirtualCabinet, neighbour: VirtualCabinet) -> None:
        for number, bad in enumerate(bundles, 1):
            slip_in(gateway, bad)
            await asyncio.gather(sell(neighbour), refused(gateway, number))
            version, reason = recorded(gateway)
            assert version == bad.version and reason.startswith(bad.reason), (number, version, reason)
            seen = seen_by_the_dealer(gateway)
            assert (seen.firmware, seen.slot, seen.trial) == (PRESENT.version, "a", False)
            assert (seen.wanted, seen.state, seen.reason) == (version, "refused", reason)
        await sell(cabinet)
        await until(gateway, TAKEN, [("bin:cab-1/1", -1), ("bin:cab-2/1", -len(bundles))])

    asyncio.run(_played(gateway, folder, passwords, scene))
    assert rows(gateway, QUARANTINE) == [(0,)]
    told = "select cabinet, count(*) from inbox where kind like 'update%' group by cabinet"
    assert rows(gateway, told) == [("cab-1", len(bundles))]


def test_what_must_not_run_is_refused_while_the_neighbour_sells(tmp_path: Path, gateway: GatewayProgram) -> None:
    _refused_one_by_one(gateway, tmp_path, dict.fromkeys(("cab-1", "cab-2"), PASSWORD), bad_bundles())


def test_it_is_refused_over_mosquitto_too(tmp_path: Path, over_mosquitto: GatewayProgram) -> None:
    bundles = bad_bundles()
    _refused_one_by_one(over_mosquitto, tmp_path, CABINETS, [bundles[number] for number in OVER_MOSQUITTO])


def test_the_gateway_orders_nothing_that_is_no_whole_bundle(
    tmp_path: Path, gateway: GatewayProgram, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own door: said to whoever brought it. Which keys, boards and versions count, the controllers know."""
    path = tmp_path / "offered.bundle"
    good = _bundle("0.3.0")
    head = len(good) - len(PRESENT.data)
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
    assert rows(gateway, ORDERS) == [(0,)]
    assert not (gateway.folder / "bundles").exists()


@pytest.mark.parametrize("over_mosquitto", [FIRST_LEAVES], indirect=True)
def test_a_broker_that_hangs_up_on_what_is_new_keeps_nobody_from_selling(
    tmp_path: Path, over_mosquitto: GatewayProgram
) -> None:
    """Mosquitto ends the connection of whoever publishes what its operator did not allow yet."""

    async def scene(cabinet: VirtualCabinet, neighbour: VirtualCabinet) -> None:
        await asyncio.gather(sell(cabinet), sell(neighbour))
        await until(over_mosquitto, TAKEN, [("bin:cab-1/1", -1), ("bin:cab-2/1", -1)])

    asyncio.run(_played(over_mosquitto, tmp_path, CABINETS, scene))
    assert rows(over_mosquitto, QUARANTINE) == [(0,)]
