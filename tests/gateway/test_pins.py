"""Doors that ask for a PIN: a running gateway, and a virtual cabinet with the real firmware behind a real broker."""

import asyncio
import contextlib
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from cabinet import wire

from edge_gateway import access_key, settings
from edge_gateway.access_list import access_list
from edge_gateway.disk import DiskWatch
from edge_gateway.gateway import Gateway, wall_clock_ms
from edge_gateway.kiosk_seam import ActionError, ChoosePin, EnterPin
from edge_gateway.pins import CHOOSE_MS, WAIT_MS
from edge_gateway.received import Received
from edge_gateway.shop_document import DocumentError, ShopDocument, check_document, encode_document
from edge_gateway.status_report import gateway_status
from edge_gateway.upload_format import CabinetDoors, GatewayStatus
from simulator.ports import free_port
from simulator.virtual_cabinet import DoorLockedError, VirtualCabinet
from tests.gateway.world import document
from tests.simulation.cabinet_scene import BOARDS

BADGE, KEY, PASSWORD = "04A1B2C3", "5a" * 32, "cabinet-secret"
MINUTE_MS = 60_000
KEPT = Path(__file__).parents[1] / "kept_programs"


def _document(version: int, reset_ms: int, pin_doors: list[int]) -> ShopDocument:
    found = document(version, ("cab-1",))
    cabinets = [msgspec.structs.replace(cabinet, doors=2, pin_doors=pin_doors) for cabinet in found.cabinets]
    people = [msgspec.structs.replace(person, pin_reset_ms=reset_ms) for person in found.people]
    return msgspec.structs.replace(found, cabinets=cabinets, people=people)


class Desk:
    """A running gateway whose clock can be set forward, with one cabinet in its settings."""

    def __init__(self, folder: Path) -> None:
        self.ahead_ms = 0
        self.port = free_port()
        told = {
            "gateway": "gw-1",
            "data_dir": str(folder),
            "kiosk": {"port": 0},
            "broker": {"port": self.port},
            "cabinets": {"cab-1": {"password": PASSWORD, "access_key": KEY}},
        }
        self.gateway = Gateway(settings.parse(told), now_ms=lambda: wall_clock_ms() + self.ahead_ms)
        self.gateway.start()
        self._seq = 0

    def put(self, version: int, reset_ms: int, pin_doors: list[int]) -> None:
        """A document of the cloud's."""
        found = _document(version, reset_ms, pin_doors)
        self.gateway.put_document(found, encode_document(found))

    def badge(self, reason: str, ago_ms: int = 0) -> None:
        """What a controller journals of a badge."""
        if not self._seq:
            self.event({"kind": "journal_created", "reason": "first"})
        self.event({"kind": "badge_refused", "badge": BADGE, "reason": reason}, ago_ms)

    def event(self, body: dict[str, Any], ago_ms: int = 0) -> None:
        """The next of the cabinet's journal, taken in when this returns."""
        now_ms = self.gateway.now_ms()
        self._seq += 1
        line = wire.encode_event(
            "cab-1", "0123456789abcdef", self._seq, body | {"boot": 1, "up_ms": self._seq, "utc_ms": now_ms - ago_ms}
        )
        self.gateway.writer.put(Received("partsbay/1/cab-1/event", line, now_ms))
        self.gateway.writer.submit(lambda: None).result(20)

    def refusal(self, pin: str) -> str:
        """Which refusal a PIN meets; "" when it opens."""
        try:
            self.gateway.act(EnterPin("cab-1", "wang", pin))
        except ActionError as error:
            return error.refusal
        return ""

    def value(self, statement: str) -> Any:
        """The one value of a query."""
        with contextlib.closing(sqlite3.connect(self.gateway.database)) as db:
            return db.execute(statement).fetchone()[0]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A gateway that runs."""
    found = Desk(tmp_path / "data")
    yield found
    found.gateway.close()


def test_a_pin_is_chosen_with_leave_asked_for_and_guessed_in_vain(desk: Desk) -> None:
    desk.put(1, 0, [2])
    desk.gateway.writer.put(Received("partsbay/1/cab-1/device", _device(), desk.gateway.now_ms()))
    desk.badge("pin", ago_ms=2 * MINUTE_MS)
    assert desk.gateway.pins_asked() == ()  # said long ago: whoever it was has gone
    desk.badge("pin")
    (asked,) = desk.gateway.pins_asked()
    assert (asked.person, asked.has_pin, asked.may_choose) == ("wang", False, False)
    assert desk.refusal("2580") == "no_pin"
    with pytest.raises(ActionError, match="leave"):
        desk.gateway.act(ChoosePin("cab-1", "wang", "2580"))
    desk.put(2, desk.gateway.now_ms(), [2])
    desk.badge("pin")
    assert desk.gateway.pins_asked()[0].may_choose
    for pin in ("123", "123456789", "1111", "12a4", "１２３４"):
        with pytest.raises(ActionError, match="4 to 8 digits"):
            desk.gateway.act(ChoosePin("cab-1", "wang", pin))
    desk.gateway.act(ChoosePin("cab-1", "wang", "2580"))
    assert desk.gateway.pins_asked()[0].has_pin
    with pytest.raises(ActionError, match="of before"):  # a stolen badge does not choose anew
        desk.gateway.act(ChoosePin("cab-1", "wang", "1357", old="0000"))
    assert "2580" not in desk.value("select digest from person_pin")
    assert desk.value("select digest from person_pin").startswith("$argon2id$")
    assert [desk.refusal("1234") for _ in range(4)] == ["wrong_pin"] * 4  # with the one above these are five
    assert desk.refusal("2580") == "pin_wait"
    desk.ahead_ms += WAIT_MS
    assert desk.refusal("2580") == "badge_again"
    desk.badge("pin")
    assert desk.refusal("1234") == "wrong_pin"
    desk.ahead_ms += WAIT_MS
    desk.badge("pin")
    assert desk.refusal("2580") == "pin_wait"  # twice as long now
    desk.ahead_ms += WAIT_MS
    desk.badge("pin")
    assert desk.refusal("2580") == ""
    assert desk.value("select count(*) from pin_try where outcome = 'wrong'") == 6
    assert desk.gateway.pins_asked() == ()  # one badge, one opening
    desk.ahead_ms += CHOOSE_MS
    desk.put(3, desk.gateway.now_ms(), [2])  # the dealer resets it
    desk.badge("pin")
    assert desk.refusal("2580") == "no_pin"
    gone = msgspec.structs.replace(_document(4, 0, [2]), people=[])
    desk.gateway.put_document(gone, encode_document(gone))
    assert desk.value("select count(*) from person_pin") == 0


def test_of_an_older_controller_no_badge_opens_where_a_door_asks(desk: Desk) -> None:
    desk.put(1, 0, [2])
    rows = _rows(desk, knows=False), _rows(desk, knows=True)
    assert rows == ((0, None), (2, 0b10))
    desk.badge("unknown")
    assert [asked.person for asked in desk.gateway.pins_asked()] == ["wang"]
    desk.put(2, 0, [])
    assert _rows(desk, knows=False) == (2, None)
    for wrong in ([3], [0], [1, 1]):
        with pytest.raises(DocumentError, match="with a PIN"):
            check_document(_document(1, 0, wrong))


def _rows(desk: Desk, *, knows: bool) -> tuple[int, int | None]:
    found = desk.gateway.document()
    assert found is not None
    payload = access_list(found, "cab-1", KEY, desk.gateway.now_ms(), knows_pins=knows)
    header = wire.decode_config_header(payload.split(b"\n")[0])
    return header["people"], header.get("pin_doors")


def test_a_key_is_replaced_and_a_cabinet_with_the_old_one_is_told_of(desk: Desk, tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    other = "11" * 32
    text = "# mine\n" + "".join(
        f'[cabinets.{name}]\npassword = "{PASSWORD}"\naccess_key = "{key}"\n'
        for name, key in (("cab-1", KEY), ("cab-2", other))
    )
    config.write_text(f'gateway = "gw-1"\ndata_dir = "{tmp_path}"\n{text}')
    before, now = access_key.replace(config, "cab-1")
    told = settings.load(config).cabinets
    assert (before, now) == (access_key.fingerprint(KEY), access_key.fingerprint(told["cab-1"].access_key))
    assert before != now
    assert told["cab-2"].access_key == other
    assert config.read_text().startswith('gateway = "gw-1"') and "# mine" in config.read_text()
    assert config.stat().st_mode & 0o777 == 0o600
    with pytest.raises(access_key.AccessKeyError, match="a cabinet of these settings"):
        access_key.replace(config, "cab-9")
    desk.put(1, 0, [])
    desk.badge("unknown")
    desk.event({"kind": "config_refused", "version": 1, "reason": "expected an HMAC by this cabinet's key"})
    assert "HMAC" in desk.value("select refused from access_key where cabinet = 'cab-1'")
    assert desk.value("select fingerprint from access_key") == access_key.fingerprint(KEY)
    key = access_key.fingerprint(KEY)
    (doors,) = _report(desk).doors or ()
    assert (doors.locks, doors.list_key, "HMAC" in doors.list_refused) == ("", key, True)
    desk.gateway.writer.put(Received("partsbay/1/cab-1/device", _device(), desk.gateway.now_ms()))
    desk.event({"kind": "config_taken", "version": 1})
    assert desk.value("select refused from access_key where cabinet = 'cab-1'") == ""
    report = _report(desk)
    assert report.doors == [CabinetDoors("cab-1", "fail_secure", key, doors.list_key_ms, "")]
    of_before = _report_of_the_first_release().decode(msgspec.json.encode(report))  # a cloud that is older
    assert [each.cabinet for each in of_before.cabinets] == ["cab-1"]


def _report(desk: Desk) -> GatewayStatus:
    return gateway_status(desk.gateway.database, DiskWatch(desk.gateway.database), desk.gateway.now_ms())


def _report_of_the_first_release() -> Any:
    """What reads a gateway's report, as version 0.1.0 had it."""
    module = ModuleType("upload_format_of_before")
    with tarfile.open(KEPT / "gateway-0.1.0.tar.gz") as kept:
        source = kept.extractfile("edge_gateway/upload_format.py")
        assert source is not None
        exec(source.read(), vars(module))  # noqa: S102 - our own first release
    return msgspec.json.Decoder(module.GatewayStatus)


def _device() -> bytes:
    told = {"firmware": "0.2.0", "board": "esp32s3-w5500-24", "micropython": "1.29.0/6", "slot": "none", "trial": 0}
    told |= {"installing": "", "got_bytes": 0, "of_bytes": 0, "locks": "fail_secure", "tls": 0}
    message: bytes = wire.encode("device", told | {"certificate": "", "not_after_ms": 0})
    return message


def test_the_right_pin_unlocks_the_door_of_a_real_controller(desk: Desk, tmp_path: Path) -> None:
    desk.put(1, desk.gateway.now_ms(), [2])

    async def whole() -> None:
        cabinet = VirtualCabinet(
            "cab-1", BOARDS / "esp32s3-w5500-24.json", tmp_path / "cab-1", "127.0.0.1", desk.port,
            username="cab-1", password=PASSWORD, access_key=KEY, speed=8.0,
        )  # fmt: skip
        try:
            await cabinet.power_on()
            await _until(lambda: desk.gateway.writer.intake.knows_pins("cab-1"))
            await _until(lambda: desk.value("select count(*) from inbox where kind = 'config_taken'") >= 1)
            await cabinet.sleep_ms(6000)  # virtual: every bin has been weighed, the newest list is there
            assert await cabinet.present_badge(BADGE)
            assert await cabinet.wait_unlocked(1, 5000)
            await _until(lambda: bool(desk.gateway.pins_asked()))
            with pytest.raises(DoorLockedError):
                await cabinet.open_door(2)
            await asyncio.to_thread(desk.gateway.act, ChoosePin("cab-1", "wang", "2580"))
            await asyncio.to_thread(desk.gateway.act, EnterPin("cab-1", "wang", "2580"))
            assert await cabinet.wait_unlocked(2, 160_000)  # virtual: the broker has all of 20 s for it
        finally:
            await cabinet.stop()

    asyncio.run(whole())


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.02)
