"""Lines out of bytes: what ends with a line feed, or with a carriage return alone, of a bounded length.

Pure. A line that never ends is given up and said once; what comes after the next end counts again.
"""

from collections.abc import Callable
from typing import Final

from edge_gateway.serial_devices.parity import LOW_BITS, without_parity
from edge_gateway.serial_devices.weight import Said, ScaleFault

LINE_BYTES_MAX: Final = 256
_LF: Final = 0x0A
_CR: Final = 0x0D


class Lines:
    """Feeds complete lines, without their ends and without parity bits, to `read`."""

    def __init__(self, read: Callable[[bytes], list[Said]], bytes_max: int = LINE_BYTES_MAX) -> None:
        self._read, self._bytes_max = read, bytes_max
        self._kept = bytearray()
        self._overlong = False

    def forget(self) -> None:
        """What has come so far ends in nothing."""
        self._kept.clear()
        self._overlong = False

    def feed(self, data: bytes) -> list[Said]:
        """What is complete with these bytes."""
        found: list[Said] = []
        for byte, low in zip(data, data.translate(LOW_BITS), strict=True):
            if low in (_LF, _CR):
                found += self._end(byte)
            elif len(self._kept) >= self._bytes_max:
                self._kept.clear()
                self._overlong = True
            else:
                self._kept.append(byte)
        return found

    def _end(self, end: int) -> list[Said]:
        line, overlong = bytes(self._kept), self._overlong
        self.forget()
        if overlong:
            return [ScaleFault(f"expected a line of at most {self._bytes_max} bytes, found more")]
        if not line:
            return []
        plain = without_parity(line + bytes((end,)))
        return [parity_fault(line)] if plain is None else self._read(plain[:-1])


def parity_fault(data: bytes) -> ScaleFault:
    """A frame whose eighth bits are none of a sound parity."""
    return ScaleFault(f"expected seven bits or a sound parity in every byte, found {data[:40]!r}")
