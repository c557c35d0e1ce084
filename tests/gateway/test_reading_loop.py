"""The reading loop on pseudo-terminals: plugged in late, pulled out, silent, babbling, at another speed."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mtsics.core.state import ScaleConfig, ScaleState
from mtsics.protocol.engine import MTSICSEngine
from mtsics.transport.tcp import TCPConfig, TCPTransport

from edge_gateway.serial_devices.bench_scale import BenchScale, is_sound
from edge_gateway.serial_devices.device_settings import parse_devices
from edge_gateway.serial_devices.devices import Devices
from edge_gateway.serial_devices.probe import answer_of
from edge_gateway.serial_devices.reading_loop import ReadingLoop, Talk
from tests.gateway.serial_device import SerialDevice

WAIT_S = 60.0
SILENT_S = 1.0  # it asks every 0.25 s: a machine with much to do may hold the answer up, and nobody fell silent


def until(holds: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < ends, f"expected {what} within {WAIT_S:.0f} s, found that not"
        threading.Event().wait(0.01)


class Bench:
    """A scale of MT-SICS at the end of a line, and the loop that reads it."""

    def __init__(self, folder: Path, baud: int = 9600) -> None:
        self.grams = 0.0
        self.mode = "well"
        self.baud = baud
        self.device = SerialDevice(folder / "scale", self._answer)
        settings = {"kind": "scale", "protocol": "mt-sics", "port": self.device.port}
        self.settings = parse_devices({"bench": settings})["bench"]
        self.told: list[str] = []
        self.scale = BenchScale(self.settings, self._send, lambda: time.monotonic_ns() // 1_000_000)
        protocol = self.scale.protocol
        talk = Talk(protocol.parser(), self.scale.hear, is_sound, protocol.ask, True, protocol.bauds)
        self.loop = ReadingLoop(
            self.settings, talk, self._changed, lambda: int(time.time() * 1000), silent_s=SILENT_S, again_s=0.05
        )

    def _send(self, data: bytes) -> None:
        self.loop.send(data)

    def _changed(self) -> None:
        self.told.append(self.loop.state.trouble)

    def _answer(self, data: bytes) -> bytes:
        line = self.loop._line
        if self.mode == "silent":
            return b""
        if self.mode == "babbling" or (line is not None and line.baudrate != self.baud):
            return b"\xfe\x80\x00U" * 20
        if data.startswith(b"Z"):
            self.grams = 0.0
            return b"Z A\r\n"
        return f"S S {self.grams:>10.3f} g\r\n".encode() * data.count(b"\n")

    def steady(self) -> int:
        found = self.scale.shown().steady
        return -1 if found is None else found.mass_mg


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.loop.close()
    made.device.pull_out()


def test_every_trouble_is_told_once_and_so_is_its_end(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    bench.loop.start()
    until(lambda: bench.loop.state.why != "", "a port that is not there to be told")
    bench.device.name.symlink_to("/dev/null")  # no line at all
    until(lambda: bench.loop.state.trouble == "cannot_open", "a port that cannot be opened to be told")
    bench.device.name.unlink()
    until(lambda: bench.loop.state.trouble == "unplugged", "its absence")
    bench.grams = 244.8
    bench.device.plug_in()
    until(lambda: bench.steady() == 244_800, "a steady weight")
    bench.device.pull_out()
    until(lambda: bench.loop.state.trouble == "unplugged", "unplugging to be seen")
    with pytest.raises(OSError, match="expected bench to be plugged in"):
        bench.scale.zero()
    until(lambda: bench.scale.shown().weight is None, "the old reading to be shown no more")
    bench.device.plug_in()
    until(lambda: bench.loop.state.trouble == "", "the scale to be found again")
    bench.mode = "silent"
    until(lambda: bench.loop.state.trouble == "silent", "silence to be told")
    bench.mode = "babbling"
    until(lambda: bench.loop.state.trouble == "not_understood", "babbling to be told")
    assert "found 80 bytes" in bench.loop.state.why or "bytes of something else" in bench.loop.state.why
    bench.mode = "well"
    until(lambda: bench.loop.state.trouble == "", "the scale to be understood again")
    assert bench.scale.zero()
    until(lambda: bench.steady() == 0, "the zero")
    expected = ["unplugged", "cannot_open", "unplugged", "", "unplugged", "", "silent", "not_understood", ""]
    assert bench.told == expected
    assert len([record for record in caplog.records if record.name.endswith("reading_loop")]) == len(expected)


def test_another_speed_is_found_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench(tmp_path, baud=4800)
    bench.grams = 12.0
    bench.device.plug_in()
    bench.loop.start()
    try:
        until(lambda: bench.steady() == 12_000, "a weight at the other speed")
        assert (bench.loop.state.baud, bench.loop.state.trouble) == (4800, "")
        assert "found at 4800 baud, not 9600" in caplog.text
    finally:
        bench.loop.close()
    assert answer_of(bench.settings, WAIT_S) == (True, "12 g, at rest at 9600 baud")
    bench.device.pull_out()
    well, said = answer_of(bench.settings, WAIT_S)
    assert not well and said.startswith("cannot be opened: expected a serial port at ")


def test_against_an_emulator_that_others_wrote() -> None:
    state = ScaleState(config=ScaleConfig(capacity=4200.0, graduation=0.01, unit="g"))
    loop = asyncio.new_event_loop()
    transport = TCPTransport(MTSICSEngine(state), TCPConfig(host="127.0.0.1", port=0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(transport.start(), loop).result(WAIT_S)
    host, port = transport.address
    table = {"bench": {"kind": "scale", "protocol": "mt-sics", "port": f"tcp://{host}:{port}"}}
    devices = Devices(parse_devices(table))
    scale = devices.scales["bench"]
    try:
        devices.start()
        for grams in (244.86, 4199.99):
            state.set_weight(grams, stable=True)
            until(lambda: (found := scale.shown().steady) is not None and found.mass_mg == round(grams * 1000), "it")  # noqa: B023
        state.set_weight(50.0, stable=False)
        until(lambda: (found := scale.shown().weight) is not None and not found.stable, "motion")
        assert scale.shown().steady is None
        state.set_weight(50.0, stable=True)
        assert scale.tare()
        until(lambda: (found := scale.shown().steady) is not None and found.mass_mg == 0, "the tare")
        state.set_weight(250.0, stable=True)
        until(lambda: (found := scale.shown().steady) is not None and found.mass_mg == 200_000, "net")
        assert answer_of(devices.settings["bench"], WAIT_S) == (True, "200 g, at rest at 9600 baud")
        state.set_weight(9999.0, stable=True)
        until(lambda: (found := scale.shown().weight) is not None and found.range == "over", "overload")
    finally:
        devices.close()
        asyncio.run_coroutine_threadsafe(transport.close(), loop).result(WAIT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
