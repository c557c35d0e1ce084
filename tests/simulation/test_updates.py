"""New firmware for real controllers by a real gateway: bad ones return by themselves, old and new get on.

The controller starts from its slots as a board does; what is released is this firmware with a line changed.
"""

import asyncio
import hashlib
import json
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from hardware import firmware_build
from hardware.bundles import bundle, interpreter, release_key
from simulator import commissioning
from simulator.commissioning import Firmware
from simulator.controller_process import runs_in_place
from simulator.ports import free_port
from simulator.virtual_cabinet import VirtualCabinet
from tests import kept_gateway
from tests.firmware.update_stories import application
from tests.gateway.program import PASSWORD, ROOT, GatewayProgram
from tests.simulation.cabinet_scene import BOARDS, enter

pytestmark = pytest.mark.skipif(not runs_in_place(), reason="a named interpreter cannot be handed a flash")

KEPT = ROOT / "tests" / "kept_programs"
KEY = rsa.generate_private_key(release_key.EXPONENT, release_key.BITS)
KEYS = (release_key.public_line(KEY, "test"),)
PRESENT = bundle.image()
SPEED = 24.0
VALID = 2  # ESP_OTA_IMG_VALID
WAIT_S = 300.0

# One that takes hold of the controller and never lets go; only the watchdog ends it.
HANGS = """
def run():
    import time
    while True:
        time.sleep_ms(1000)
"""
OLD_INTERPRETER = application(micropython="1.29.0")
NEW_INTERPRETER = application(micropython="99.0.0")

Scene = Callable[[VirtualCabinet], Awaitable[None]]


def released(folder: Path, version: str, change: str = "", brought: bytes = b"") -> bytes:
    """This firmware as another version; `change` is put behind the last line of its controller."""
    names = json.loads((firmware_build.build() / "names.json").read_text())["names"]
    source = folder / f"source-{version}"
    for name, text in (("health", f'FIRMWARE = "{version}"'), ("controller", change)):
        before = (firmware_build.FIRMWARE / "cabinet" / f"{name}.py").read_text()
        after = before.replace(f'FIRMWARE = "{PRESENT.version}"', text) if name == "health" else before + "\n" + text
        source.mkdir(exist_ok=True)
        (source / f"{name}.py").write_text(after)
        made = folder / version / "cabinet" / f"{name}.mpy"
        firmware_build.compile_file(source / f"{name}.py", made, f"cabinet.{name}", names=names)
    more = interpreter.parse(brought, version) if brought else None
    boards = ["esp32s3-w5500-12"] if brought else ()
    return bundle.sign(bundle.image(folder / version, version), KEY, boards, interpreter=more)


def play(folder: Path, gateway: GatewayProgram, firmware: bytes, scene: Scene) -> VirtualCabinet:
    """A scene at a cabinet that starts with this firmware."""

    async def whole() -> VirtualCabinet:
        cabinet = VirtualCabinet(
            "cab-1", BOARDS / "esp32s3-w5500-12.json", folder / "cabinet", "127.0.0.1", gateway.mqtt_port(),
            username="cab-1", password=PASSWORD, access_key="0" * 64, speed=SPEED,
            firmware=Firmware(firmware, KEYS, OLD_INTERPRETER),
        )  # fmt: skip
        for bin_ in range(1, 13):
            await cabinet.set_load(bin_, 1_000_000)
        try:
            await cabinet.power_on()
            await scene(cabinet)
        finally:
            await cabinet.stop()
        return cabinet

    return asyncio.run(whole())


def rows(gateway: GatewayProgram, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{gateway.database}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchall()


async def until(gateway: GatewayProgram, query: str, expected: list[tuple[Any, ...]]) -> None:
    """Wait until the gateway's database answers so."""
    deadline = asyncio.get_running_loop().time() + WAIT_S
    while (found := rows(gateway, query)) != expected:
        assert asyncio.get_running_loop().time() < deadline, f"expected {expected}, found {found}"
        await asyncio.sleep(0.05)


STATE = "select firmware, trial, state from cabinet_firmware where cabinet = 'cab-1'"
CLOSED = "select count(*) from inbox where kind = 'session_closed'"
CONFIRMED = "select count(*) from inbox where kind = 'update_confirmed'"
QUARANTINE = "select count(*) from quarantine"


def running_interpreter(cabinet: VirtualCabinet) -> bytes:
    """What lies in the partition that `otadata` names and says to be valid; the first when it names none."""
    assert cabinet.slots_path is not None
    otadata, *apps = (Path(path).read_bytes() for path in commissioning.app_partitions(cabinet.slots_path))
    entries = [struct.unpack_from("<I20xI", otadata, sector * 4096) for sector in (0, 1)]
    seq = max((seq for seq, state in entries if state == VALID), default=1)
    return apps[(seq - 1) % 2][: len(OLD_INTERPRETER)]


async def visit(cabinet: VirtualCabinet) -> None:
    """Open, take, shut; not before the bins have come to themselves after a start."""
    await cabinet.sleep_ms(10_000)
    await enter(cabinet)
    await cabinet.take(1, 200_000)
    await cabinet.shut_door(1)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayProgram]:
    program = GatewayProgram(tmp_path, f'kind = "embedded"\nport = {free_port()}')
    program.start()
    yield program
    program.close()


def order(gateway: GatewayProgram, folder: Path, data: bytes, *more: str) -> None:
    path = folder / f"{hashlib.sha256(data).hexdigest()[:8]}.bundle"
    path.write_bytes(data)
    command = [sys.executable, str(ROOT / "partsbay.py"), "gateway", "update-cabinets", str(path)]
    subprocess.run(
        [*command, "--config", str(gateway.config), "--cabinet", "cab-1", *more], check=True, env=gateway.environment()
    )


def test_bad_releases_go_back_by_themselves_and_a_good_one_stays(tmp_path: Path, gateway: GatewayProgram) -> None:
    bad = released(tmp_path, "0.3.0", "raise ValueError('of a bad release')")
    foreign = bundle.sign(
        bundle.Image("0.3.1", PRESENT.data, PRESENT.mpy),
        rsa.generate_private_key(release_key.EXPONENT, release_key.BITS),
    )
    older = bundle.sign(bundle.Image("0.1.9", PRESENT.data, PRESENT.mpy), KEY)
    hangs = released(tmp_path, "0.3.2", HANGS, NEW_INTERPRETER)
    good = released(tmp_path, "0.4.0", brought=NEW_INTERPRETER)
    reason = "select reason from cabinet_firmware where cabinet = 'cab-1'"

    async def scene(cabinet: VirtualCabinet) -> None:
        await until(gateway, STATE, [("0.2.0", 0, "")])
        order(gateway, tmp_path, bad)
        await until(gateway, STATE, [("0.2.0", 0, "returned")])
        assert "of a bad release" in rows(gateway, reason)[0][0]
        order(gateway, tmp_path, foreign)
        await until(gateway, STATE, [("0.2.0", 0, "refused")])
        assert rows(gateway, reason) == [("expected a signature by a release key of this cabinet, found none",)]
        order(gateway, tmp_path, older)
        await until(gateway, reason, [("expected a version after 0.2.0, found 0.1.9",)])
        order(gateway, tmp_path, hangs)
        await until(gateway, reason, [("its interpreter was started anew before it had proved itself",)])
        assert running_interpreter(cabinet) == OLD_INTERPRETER
        await cabinet.sleep_ms(15_000)  # it tells of this before its bins have come to rest
        await enter(cabinet)  # a session is open: the good one has to wait
        order(gateway, tmp_path, good)
        await until(gateway, STATE, [("0.2.0", 0, "loading")])
        await cabinet.take(1, 200_000)
        await cabinet.shut_door(1)
        await until(gateway, STATE, [("0.4.0", 1, "installed")])
        await visit(cabinet)
        await until(gateway, STATE, [("0.4.0", 0, "confirmed")])
        await until(gateway, CLOSED, [(2,)])
        await until(gateway, CONFIRMED, [(1,)])  # `device` may have said so first
        assert running_interpreter(cabinet) == NEW_INTERPRETER

    play(tmp_path, gateway, bundle.sign(PRESENT, KEY), scene)
    told = rows(gateway, "select kind from inbox where kind like 'update%' or kind like 'session%' order by epoch, seq")
    assert [kind for (kind,) in told] == [
        "update_returned", "update_refused", "update_refused", "update_returned", "session_opened", "session_closed",
        "update_installed", "session_opened", "session_closed", "update_confirmed",
    ]  # fmt: skip
    assert rows(gateway, QUARANTINE) == [(0,)]


def test_a_cabinet_of_the_first_release_works_with_this_gateway(tmp_path: Path, gateway: GatewayProgram) -> None:
    image = (KEPT / "firmware-0.1.0.rom").read_bytes()

    async def scene(cabinet: VirtualCabinet) -> None:
        await until(gateway, STATE, [("0.1.0", 0, "")])
        await visit(cabinet)
        await until(gateway, CLOSED, [(1,)])

    play(tmp_path, gateway, bundle.sign(bundle.Image("0.1.0", image, PRESENT.mpy), KEY), scene)
    assert rows(gateway, QUARANTINE) == [(0,)]


def test_this_firmware_works_with_a_gateway_of_the_first_release(tmp_path: Path) -> None:
    kept_gateway.unpack(tmp_path / "gateway")
    folder = tmp_path / "shop"
    folder.mkdir()
    gateway = GatewayProgram(folder, f'kind = "embedded"\nport = {free_port()}', tmp_path / "gateway")
    gateway.start()

    async def scene(cabinet: VirtualCabinet) -> None:
        await until(gateway, "select count(*) from inbox where kind = 'config_taken'", [(1,)])
        await visit(cabinet)
        await until(gateway, CLOSED, [(1,)])

    try:
        play(tmp_path, gateway, bundle.sign(PRESENT, KEY), scene)
        assert rows(gateway, QUARANTINE) == [(0,)]
        assert rows(gateway, "select firmware from (select json_extract(health, '$.firmware') as firmware from "
                    "controller_status)") == [("0.2.0",)]  # fmt: skip
    finally:
        gateway.close()
