"""A&D balances: `ST,+00123.45  g`, a header, nine characters of number with the sign, three of unit.

Pure. ST stands still, US does not, QT is a count and no mass, OL out of range (`OL,+9999999E+19`). Fields are at fixed
places (A&D EK, FX, GX and GC manuals, "A&D standard format").
"""

from typing import Final

from edge_gateway.serial_devices.lines import Lines
from edge_gateway.serial_devices.weight import Said, ScaleAnswer, ScaleFault, Weight, weight_of

ASK: Final = b"Q\r\n"
WHEN_STABLE: Final = b"S\r\n"
ZERO: Final = b"Z\r\n"
RE_ZERO: Final = b"R\r\n"
TARE: Final = b"T\r\n"

_LENGTH: Final = 15  # without the line's end
_ACKNOWLEDGED: Final = b"\x06"


class AandD:
    """A parser."""

    def __init__(self) -> None:
        self._lines = Lines(_read)
        self.feed, self.forget = self._lines.feed, self._lines.forget


def _read(line: bytes) -> list[Said]:
    if line == _ACKNOWLEDGED:
        return [ScaleAnswer("ACK", True)]
    if line.startswith(b"EC,E") and line[4:].isdigit():
        return [ScaleAnswer("EC", False, f"the scale reports error {line[4:].decode()}")]
    if len(line) != _LENGTH or line[:3] not in (b"ST,", b"US,", b"QT,", b"OL,"):
        return [ScaleFault(f"expected ST, US, QT or OL and 15 characters in all, found {line[:40]!r}")]
    return [_weight(line[:3], line[3:12], line[12:])]


def _weight(head: bytes, number: bytes, unit: bytes) -> Said:
    if head == b"OL,":
        return Weight(None, False, "under" if number[:1] == b"-" else "over")
    if head == b"QT,":
        return ScaleFault("expected a mass, found a count of pieces: switch the scale to grams")
    if number[:1] not in (b"+", b"-") or not number[-1:].isdigit() or not number[1:2].strip():
        return ScaleFault(f"expected a sign and eight characters of number, found {number!r}")
    return weight_of(number, unit, head == b"ST,")
