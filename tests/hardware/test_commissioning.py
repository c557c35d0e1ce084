"""From a blank board to a cabinet that sells parts, by the command a technician types, on a pseudo-terminal."""

import asyncio
import contextlib
import functools
import io
import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from littlefs import LittleFS
from littlefs.context import UserContextFile

from hardware.bundles import bundle, release_key
from hardware.commissioning import commission
from page_kit.language import Language
from simulator import scenario
from simulator.ports import free_port
from simulator.serial_board import SerialBoard
from simulator.virtual_cabinet import VirtualCabinet
from simulator.virtual_technician import ROOT, VirtualTechnician
from simulator.whole_shop import WholeShop

CABINET = "cab-1"
BINS = 6
SPEED = 80.0
SELLING_SPEED = 10.0
BOARD = {"extends": "esp32s3-w5500-12", "name": "bench-6", "title": "Six bins", "title_zh": "六个货位", "bins": BINS}


class Shop(WholeShop):
    """Cloud, gateway, and in place of a cabinet a blank board."""

    authority = ""

    @functools.cached_property
    def enrolment_port(self) -> int:
        """Where cabinets enrol."""
        return free_port()

    def _make_cabinet(self, name: str, board: Path, cell_class: str, seed: int) -> VirtualCabinet:
        path = self.folder / "bench-6.json"
        path.write_text(json.dumps(BOARD))
        return SerialBoard(name, path, self.folder / name, broker_port=self.mqtt_port, speed=SPEED, seed=seed)

    def _write_configuration(self) -> None:
        """Cabinets sign in by certificate only, and get theirs at a port of the gateway's."""
        super()._write_configuration()
        path = self.folder / "gateway.toml"
        tls = f'tls = "required"\ntls_port = {free_port()}\ntime_port = {free_port()}\n'
        path.write_text(
            path.read_text().replace("[broker]\n", f"[enrolment]\nport = {self.enrolment_port}\n[broker]\n{tls}")
        )

    async def code(self) -> str:
        """What the owner reads out from the gateway."""
        command = ["gateway", "enrol-code", CABINET, "--config", str(self.folder / "gateway.toml")]
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "partsbay", *command, cwd=ROOT, stdout=-1)
        said = (await process.communicate())[0].decode()
        self.authority = said.split("authority: ")[1].splitlines()[0]
        return said.split()[1]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """A signed bundle and the key it is trusted by."""
    folder = tmp_path_factory.mktemp("program")
    line = release_key.make(folder / "key.pem", "", "tests")
    key = release_key.load(folder / "key.pem", "")
    (folder / "keys").write_text(line + "\n")
    (folder / "bundle").write_bytes(bundle.sign(bundle.image(), key))
    yield ["--bundle", str(folder / "bundle"), "--keys", str(folder / "keys")]


def test_a_blank_board_becomes_a_cabinet_that_sells_parts(tmp_path: Path, program: list[str]) -> None:
    layout = {CABINET: scenario.LAYOUT["cab-1"][:BINS]}
    shop = Shop(tmp_path, scenario.document(layout), [scenario.DEALER_USER], {CABINET: "esp32s3-w5500-12"})
    asyncio.run(_commission_and_sell(shop, program))


async def _commission_and_sell(shop: Shop, program: list[str]) -> None:
    board = shop.cabinets[CABINET]
    assert isinstance(board, SerialBoard)
    technician = VirtualTechnician(board)
    record = shop.folder / "record"
    who = ["--who", "李工", "--certificates", "F1-0417,F1-0418", "--temperature", "21.5"]
    command = ["commission", board.port, "--board", str(shop.folder / "bench-6.json"), "--record", str(record)]
    command += ["--watch", "0.5"]
    try:
        await shop.start()
        for bin_, fault in ((1, "reversed"), (2, "swapped"), (4, "noisy"), (5, "nack")):
            board.faults[bin_] = fault
        await board.power_on()
        place = ["--cabinet", CABINET, "--gateway", f"127.0.0.1:{shop.enrolment_port}"]
        identity = [*place, "--code", await shop.code(), *who, *program]

        # The cable is pulled while the last bin is calibrated; then it goes on, and names what is wrong.
        await technician.run(*command, *identity, stop_at=lambda asked: asked == _load(6))
        found = _causes(technician)
        wrong = {(1, "reversed"), (2, "swapped"), (3, "swapped"), (4, "noisy"), (5, "dead")}
        assert found == wrong, "\n".join(technician.said)
        assert shop.authority in " ".join(" ".join(technician.said).split())
        assert await technician.run(*command, *program, "--resume", "--language", "zh") == 1, "\n".join(technician.said)
        assert _causes(technician) == {(1, "reversed"), (2, "swapped"), (3, "swapped"), (4, "noisy"), (5, "dead")}
        assert [row["values"] for row in technician.findings if row["number"] in {2, 3}][:2] == [
            {"other": 3},
            {"other": 2},
        ]
        assert any("S+ 和 S− 接反了" in line for line in technician.said)
        assert {asked["bin"] for asked in technician.asked if asked.get("do") == "load"} == {1, 2, 3, 6}
        assert sorted(json.loads((record / "record.json").read_text())["bins_calibrated"]) == ["6"]
        first = json.loads((record / "record.json").read_text())["bins_calibrated"]["6"]

        # One bin after its repair, then the rest; the power goes in between, with the firmware running.
        await board.set_fault(5, "well")
        assert await technician.run(*command, "--bin", "5") == 1
        assert _causes(technician) == {(1, "reversed"), (2, "swapped"), (3, "swapped"), (4, "noisy")}
        board.power_cut()
        for bin_ in (1, 2, 4):
            board.faults[bin_] = "well"
        await board.power_on()
        assert await technician.run(*command, *program, "--resume") == 0, "\n".join(technician.said)
        found = json.loads((record / "record.json").read_text())
        assert sorted(found["bins_calibrated"]) == ["1", "2", "3", "4", "5", "6"]
        assert found["bins_calibrated"]["6"] == first  # nobody touched it again
        assert not found["findings"]
        assert found["certificates"] == ["F1-0417", "F1-0418"]
        for row in found["bins_calibrated"].values():
            assert abs(row["residual_mg"]) < 1000
            assert abs(row["repeat_mg"]) < 1000
        _compare_with_flash(board, found)
        secrets = [shop.cabinet_password(CABINET), shop._credentials[f"access_key {CABINET}"]]
        assert not [path for path in record.iterdir() for secret in secrets if secret in path.read_text()]
        await _sell(shop, board)
    finally:
        await shop.stop()


def test_a_lock_is_commissioned_for_what_it_does_without_power(tmp_path: Path, program: list[str]) -> None:
    asyncio.run(_commission_magnet(tmp_path, program))


async def _commission_magnet(folder: Path, program: list[str]) -> None:
    magnet, plain = folder / "magnet.json", "esp32s3-w5500-12"
    magnet.write_text(json.dumps({"extends": "esp32s3-w5500-12-fail-safe", "bins": 1}))
    board = SerialBoard(CABINET, magnet, folder / "cab", speed=20.0, locks="fail_safe")
    technician = VirtualTechnician(board)
    coil: list[int] = []
    board.observers.append(lambda name, values: coil.append(values[1]) if name == "lock" else None)
    try:
        await board.power_on()
        refused = functools.partial(asyncio.to_thread, _refused, board.port, folder)
        assert "found lock-12v, which may be on for 25 % of the time" in await refused(plain, "fail_safe")
        assert "lock-12v 只能通电 25% 的时间，会烧毁" in await refused(plain, "fail_safe", "zh")
        assert "fail_secure on door 1, found magnet-12v, which is" in await refused(str(magnet), "fail_secure")
        assert "1 号门应是 fail_secure 的锁，装的 magnet-12v 却是" in await refused(str(magnet), "fail_secure", "zh")
        assert "found: locks 'open' (fail_secure / fail_safe)" in await refused(str(magnet), "open")
        assert not coil  # nobody has switched one on

        # The settings say nothing, so the board does. The armature is too far off, then it is mended.
        command = ["commission", board.port, "--board", str(magnet), "--settings", str(_settings(folder)), *program]
        command += ["--record", str(folder / "record"), "--watch", "0.5"]
        technician.habits["shut"] = lambda asked: board.shut_door(asked["door"], latches=False)
        assert await technician.run(*command) == 1, "\n".join(technician.said)
        assert _causes(technician) == {(1, "not_held"), (0, "no_gateway")}
        del technician.habits["shut"]
        assert await technician.run(*command, "--resume") == 1, "\n".join(technician.said)
        assert _causes(technician) == {(0, "no_gateway")}
        assert coil[0] == 1  # held before it is let go
        figures = json.loads((folder / "record" / "record.json").read_text())["steps"]["door/1"]["figures"]
        assert 50 <= figures["free_ms"] < figures["on_ms"] < figures["max_ms"] == 3000  # a bolt takes 50 ms
        assert "<dt>Doors without power</dt><dd>open</dd>" in (folder / "record" / "record.en.html").read_text()
        await _until(lambda: board.doors[1].energised and board.doors[1].latched)  # by its firmware
    finally:
        await board.stop()
    files = LittleFS(context=UserContextFile(str(board.flash_path)), block_size=4096, block_count=512, mount=True)
    with files.open("settings.json") as settings, files.open("board.json") as given:
        assert (json.load(settings)["locks"], "locks" in json.load(given)) == ("fail_safe", False)
    files.unmount()


def _settings(folder: Path, **more: str) -> Path:
    path = folder / "settings.json"
    held = {"cabinet": CABINET, "broker_host": "127.0.0.1", "broker_port": 1883, "username": CABINET}
    path.write_text(json.dumps({**held, "password": "cab-1-password", "access_key": "5c" * 32, **more}))
    return path


def _refused(port: str, folder: Path, board: str, locks: str, language: Language = "en") -> str:
    """What the command says when it refuses, its lines joined as they were broken."""
    out = io.StringIO()
    asked = commission.Asked(port, language, board, settings=_settings(folder, locks=locks), record=folder / "record")
    assert commission.run(asked, io.StringIO(), out) == 2
    return ("" if language == "zh" else " ").join(line.strip() for line in out.getvalue().splitlines())


def _load(bin_: int) -> dict[str, Any]:
    return {"do": "load", "bin": bin_, "mass_mg": 1_000_000}


def _causes(technician: VirtualTechnician) -> set[tuple[int, str]]:
    return {(row["number"], row["cause"]) for row in technician.findings}


def _compare_with_flash(board: SerialBoard, found: dict[str, Any]) -> None:
    """An independent littlefs reads what was left in the board's flash: no more than what belongs there."""
    context = UserContextFile(str(board.flash_path))
    files = LittleFS(context=context, block_size=4096, block_count=512, mount=True)
    names = {f"{root.strip('/')}/{name}".lstrip("/") for root, _, found in files.walk("/") for name in found}
    known = {
        "ca.der",
        "cert.der",
        "key.der",
        "main.py",
        "starter.mpy",
        "release_keys",
        "board.json",
        "settings.json",
        "calibration.json",
        "boot",
        "slots",
    }
    assert {name for name in names if not name.startswith("journal/")} - {"access"} == known
    with files.open("calibration.json") as file:
        held = json.load(file)
    assert held == {
        bin_: [row["zero_counts"], row["ng_per_count"]] for bin_, row in sorted(found["bins_calibrated"].items())
    }
    with files.open("board.json") as file:
        assert json.load(file)["name"] == "bench-6"
    files.unmount()


async def _sell(shop: Shop, board: SerialBoard) -> None:
    """The parts are put in, and a mechanic takes three oil filters: the ledger knows."""
    board.power_cut()
    board.speed = SELLING_SPEED
    for bin_, (part, *_) in scenario.parts_of({CABINET: scenario.LAYOUT["cab-1"][:BINS]}, {}, CABINET).items():
        await board.set_load(bin_, part.stock * part.mass_mg)
    await board.power_on()
    oil_filter = scenario.part("OF-1012")
    await _until(lambda: _held(shop) >= 1)
    for _ in range(20):  # it does not know the date until the gateway has told it
        if await board.enter(1, "04A1B2C3"):
            break
    await board.take(1, 3 * oil_filter.mass_mg)
    await board.shut_door(1)
    await _until(lambda: bool(_taken(shop)))
    assert _taken(shop) == [("OF-1012", -3)]


async def _until(condition: Any, seconds: float = 120.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


def _held(shop: Shop) -> int:
    """Which access list the cabinet says it has taken."""
    rows = _rows(shop, "SELECT count(*) FROM inbox WHERE kind = 'config_taken'")
    return int(rows[0][0])


def _taken(shop: Shop) -> list[tuple[Any, ...]]:
    return _rows(
        shop,
        "SELECT p.part, p.quantity FROM posting p JOIN movement m ON m.id = p.movement"
        " WHERE m.cause != 'opening' AND p.account LIKE 'bin:cab-1/1'",
    )


def _rows(shop: Shop, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(shop.gateway_database)) as database:
        return database.execute(query).fetchall()
