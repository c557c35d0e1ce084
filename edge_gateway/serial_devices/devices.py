"""The devices of one gateway: a reading loop for each that talks, and what pages ask them for.

Made by the composition root from the settings. Without any device nothing is started and nothing is shown.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from edge_gateway.serial_devices import bench_scale
from edge_gateway.serial_devices.bench_scale import BenchScale
from edge_gateway.serial_devices.device_settings import DeviceSettings
from edge_gateway.serial_devices.r200_frames import Frames
from edge_gateway.serial_devices.reading_loop import LineState, ReadingLoop, Talk
from edge_gateway.serial_devices.scans import Scan, ScannerLines
from edge_gateway.serial_devices.tag_desk import TagDesk


class DeviceNow(NamedTuple):
    """A device and how its line is; None for a printer, whose line is opened to print only."""

    device: DeviceSettings
    line: LineState | None


class Scans:
    """The newest scan, for the page that is open: the one opened last takes it, once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: list[object] = []
        self._newest: Scan | None = None

    def put(self, scan: Scan) -> None:
        """From the reading loop; the one before it, if nobody took it, is forgotten."""
        with self._lock:
            self._newest = scan if self._pages else None

    def open(self, page: object) -> None:
        """A page begins to listen."""
        with self._lock:
            self._pages.append(page)
            self._newest = None  # it was meant for a page before

    def leave(self, page: object) -> None:
        """A page listens no more."""
        with self._lock:
            if page in self._pages:
                self._pages.remove(page)

    def take(self, page: object) -> Scan | None:
        """What was scanned for this page since it asked last."""
        with self._lock:
            if not self._pages or self._pages[-1] is not page:
                return None
            scan, self._newest = self._newest, None
            return scan


@dataclass
class Devices:
    """All devices by name. `start` begins to read, `close` ends it; `changes` grows with every trouble and its end."""

    settings: Mapping[str, DeviceSettings] = field(default_factory=dict)
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    scales: dict[str, BenchScale] = field(default_factory=dict)
    desks: dict[str, TagDesk] = field(default_factory=dict)
    scans: Scans = field(default_factory=Scans)
    changes: int = 0

    def __post_init__(self) -> None:
        self._loops = {name: self._loop(device) for name, device in self.settings.items() if _talks(device)}

    def start(self) -> None:
        """Begin to read every device that talks."""
        for loop in self._loops.values():
            loop.start()

    def close(self) -> None:
        """End all loops, and wait until they have ended."""
        for loop in self._loops.values():
            loop.close()

    def of_kind(self, kind: str) -> list[DeviceSettings]:
        """The devices of a kind, in the order of the settings."""
        return [device for device in self.settings.values() if device.kind == kind]

    def now(self) -> tuple[DeviceNow, ...]:
        """How every device is."""
        return tuple(
            DeviceNow(device, self._loops[name].state if name in self._loops else None)
            for name, device in self.settings.items()
        )

    def troubles(self) -> int:
        """How many devices are in trouble."""
        return sum(bool(each.line and each.line.trouble) for each in self.now())

    def _changed(self) -> None:
        self.changes += 1

    def _loop(self, device: DeviceSettings) -> ReadingLoop[Any]:
        def send(data: bytes) -> None:
            self._loops[device.name].send(data)

        return ReadingLoop(device, self._talk(device, send), self._changed, self.now_ms)

    def _talk(self, device: DeviceSettings, send: Callable[[bytes], None]) -> Talk[Any]:
        match device.kind:
            case "scale":
                scale = self.scales[device.name] = BenchScale(device, send, _steady_ms)
                protocol = scale.protocol
                bauds = protocol.bauds
                return Talk(protocol.parser(), scale.hear, bench_scale.is_sound, protocol.ask, True, bauds)
            case "scanner":
                parser = ScannerLines(device.prefix, device.suffix)
                return Talk(parser, self.scans.put, lambda _: True, expects=False)
        desk = self.desks[device.name] = TagDesk(device, send)
        return Talk(Frames(device.header, device.trailer), desk.hear, lambda _: True, expects=False)


def _talks(device: DeviceSettings) -> bool:
    return device.kind != "label_printer"


def _steady_ms() -> int:
    """A clock that only goes forward."""
    return time.monotonic_ns() // 1_000_000
