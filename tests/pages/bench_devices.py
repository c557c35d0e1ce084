"""A bench for the kiosk's pages: a scale, a scanner and a tag reader behind pseudo-terminals, and a printer."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

from edge_gateway.serial_devices.device_settings import parse_devices
from edge_gateway.serial_devices.devices import Devices
from tests.gateway.desk_reader import DeskReader, DeskTag
from tests.gateway.serial_device import SerialDevice

BLANK = "E28011700000020A1B2C3D4E"


class Printer:
    """What a network printer takes on its raw port."""

    def __init__(self) -> None:
        self.taken = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line:
                while data := line.recv(65536):
                    self.taken += data

    def close(self) -> None:
        """Listen no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


class Bench:
    """`grams`: what lies on the scale; `scan`: what somebody scans; `reader`: what lies on the tag reader."""

    def __init__(self, folder: Path) -> None:
        self.grams = 0.0
        self.reader = DeskReader([DeskTag(bytes.fromhex(BLANK))])
        self.printer = Printer()
        self._scale = SerialDevice(folder / "scale", lambda data: self._weigh() * data.count(b"\n"))
        self._scanner = SerialDevice(folder / "scanner", lambda data: b"")
        self._desk = SerialDevice(folder / "desk", self.reader.answer)
        self._lines = (self._scale, self._scanner, self._desk)
        self.devices = Devices(
            parse_devices(
                {
                    "bench-scale": {"kind": "scale", "protocol": "mt-sics", "port": self._scale.port},
                    "scanner": {"kind": "scanner", "port": self._scanner.port},
                    "printer": {
                        "kind": "label_printer",
                        "protocol": "zpl",
                        "port": f"tcp://127.0.0.1:{self.printer.port}",
                    },
                    "tag-desk": {"kind": "tag_writer", "port": self._desk.port},
                }
            )
        )

    def _weigh(self) -> bytes:
        return f"S S {self.grams:>10.1f} g\r\n".encode()

    def scan(self, what: str) -> None:
        """Somebody pulls the trigger."""
        self._scanner.say(what.encode() + b"\r\n")

    def unplug_scale(self) -> None:
        """Somebody pulls its plug."""
        self._scale.pull_out()

    def open(self) -> None:
        """Everything is plugged in."""
        for line in self._lines:
            line.plug_in()
        self.devices.start()

    def close(self) -> None:
        """Everything is put away."""
        self.devices.close()
        self.printer.close()
        for line in self._lines:
            line.pull_out()


@contextlib.contextmanager
def running_bench_devices(folder: Path) -> Iterator[Bench]:
    """A bench at work."""
    made = Bench(folder)
    made.open()
    try:
        yield made
    finally:
        made.close()
