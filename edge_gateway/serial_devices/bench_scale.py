"""A bench scale as the kiosk sees it: what it shows now, what has come to rest, and its keys for zero and tare."""

import threading
from collections.abc import Callable
from typing import NamedTuple

from edge_gateway.serial_devices.device_settings import DeviceSettings
from edge_gateway.serial_devices.scale_protocols import SCALES
from edge_gateway.serial_devices.steady import FRESH_MS, Steadied, Steady
from edge_gateway.serial_devices.weight import Said, ScaleAnswer, ScaleFault, Weight


class Shown(NamedTuple):
    """What a scale shows now: its newest reading (None: none that is fresh), what stands still, what it refused."""

    weight: Weight | None
    steady: Steadied | None
    refused: str


class BenchScale:
    """Readings come from the loop's thread, questions from the pages'."""

    def __init__(self, device: DeviceSettings, send: Callable[[bytes], None], clock_ms: Callable[[], int]) -> None:
        self.device, self.protocol = device, SCALES[device.protocol]
        self._send, self._clock_ms = send, clock_ms
        self._lock = threading.Lock()
        self._steady = Steady()
        self._newest: tuple[Weight, int] | None = None
        self._refused = ""
        self.faults = 0  # since the start

    def hear(self, said: Said) -> None:
        """From the reading loop."""
        now_ms = self._clock_ms()
        with self._lock:
            match said:
                case Weight():
                    self._newest = said, now_ms
                    self._steady.take(said, now_ms)
                case ScaleFault():
                    self.faults += 1
                case ScaleAnswer():
                    self._refused = "" if said.done else said.words

    def shown(self) -> Shown:
        """What it shows now."""
        now_ms = self._clock_ms()
        with self._lock:
            newest = self._newest
            fresh = newest[0] if newest is not None and now_ms - newest[1] <= FRESH_MS else None
            return Shown(fresh, self._steady.at(now_ms), self._refused)

    def zero(self) -> bool:
        """Press its zero key; False when it has none that can be pressed from here (`OSError`: it is not there)."""
        return self._press(self.protocol.zero)

    def tare(self) -> bool:
        """Press its tare key, as `zero`."""
        return self._press(self.protocol.tare)

    def _press(self, command: bytes) -> bool:
        with self._lock:
            self._refused = ""
            self._steady = Steady()
        if command:
            self._send(command)
        return bool(command)


def is_sound(said: Said) -> bool:
    """Whether a value shows that a scale is understood."""
    return not isinstance(said, ScaleFault)
