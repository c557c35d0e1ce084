"""Toledo continuous output: frames that a terminal sends some seven times a second, unasked.

Pure. `STX SWA SWB SWC`, six digits of weight, six of tare, `CR`, perhaps a checksum (the two's complement of the sum of
the low seven bits); a short form leaves the tare out. There is no decimal point in a field: status word A has it
(Mettler Toledo terminals' technical manuals, "continuous output"). The status words have a bit that is always set, the
fields nothing but digits after blanks, so that a frame is found again by its bytes.
"""

from fractions import Fraction
from typing import Final

from edge_gateway.serial_devices.framed import Framed
from edge_gateway.serial_devices.lines import parity_fault
from edge_gateway.serial_devices.parity import LOW_BITS, without_parity
from edge_gateway.serial_devices.weight import MG_IN, Said, ScaleFault, Weight, in_mg

ZERO: Final = b"Z"
TARE: Final = b"T"
CLEAR_TARE: Final = b"C"
PRINT: Final = b"P"

_STX: Final = 0x02
_CR: Final = 0x0D
_FULL: Final = 17  # without the checksum
_SHORT: Final = 11
_UNITS: Final = ("", "g", "t", "oz", "ozt", "dwt", "ton", "custom")  # 0: status word B says kg or lb
_SET: Final = 0x20  # in every status word


class Toledo(Framed):
    """A parser. `checksum` None: one that fits is taken as one, and a frame waits for the byte after it."""

    def __init__(self, checksum: bool | None = None) -> None:
        super().__init__()
        self._checksum = checksum

    def _next(self) -> tuple[int, Said | None]:
        low = bytes(self._kept).translate(LOW_BITS)
        start = low.find(bytes((_STX,)))
        if start:
            return (len(low) if start < 0 else start), None
        length = _length(low)
        if length < 0:
            return 1, ScaleFault(f"expected a frame of 11, 12, 17 or 18 bytes that ends with CR, found {low[:18]!r}")
        if not length or (self._checksum is not False and len(low) == length):
            return 0, None
        used = self._end(low, length)
        if not used:
            return 1, ScaleFault(f"expected the checksum {checksum(low[:length]):02x}, found {low[length]:02x}")
        plain = without_parity(bytes(self._kept[:length]))
        if plain is None:
            return 1, parity_fault(bytes(self._kept[:length]))
        said = _read(plain)
        return (1 if isinstance(said, ScaleFault) else used), said

    def _end(self, low: bytes, length: int) -> int:
        """How many bytes the frame has; 0 when its checksum is wrong, or what follows is no frame."""
        if self._checksum is False:
            return length
        if low[length] == checksum(low[:length]):
            return length + 1
        return length if self._checksum is None and low[length] == _STX else 0


def checksum(frame: bytes) -> int:
    """The two's complement of the low seven bits' sum, from STX to CR."""
    return -sum(byte & 0x7F for byte in frame) & 0x7F


def _length(low: bytes) -> int:
    """Where the frame that begins here ends, without a checksum; 0: not yet known, -1: it is none."""
    if any(not byte & _SET for byte in low[1:4]):
        return -1
    if len(low) < _SHORT:
        return 0
    if low[_SHORT - 1] == _CR:
        return _SHORT
    if len(low) < _FULL:
        return 0
    return _FULL if low[_FULL - 1] == _CR else -1


def _read(frame: bytes) -> Said:
    _stx, place, status, more = frame[:4]
    digits = frame[4:10]
    if status & 0x04:
        return Weight(None, False, "under" if status & 0x02 else "over")
    if status & 0x40:
        return ScaleFault("expected a scale that has found its zero, found one that was just switched on")
    if not _is_number(digits) or (len(frame) == _FULL and not _is_number(frame[10:16], blank=True)):
        return ScaleFault(f"expected six digits of weight, and six of tare, found {frame[4:-1]!r}")
    unit = _UNITS[more & 0x07] or ("kg" if status & 0x10 else "lb")
    if unit not in MG_IN:
        return ScaleFault(f"expected a unit of mass, found {unit}")
    step = Fraction(10) ** (2 - (place & 0x07)) / (10 if more & 0x10 else 1)
    value = int(digits) * step * (-1 if status & 0x02 else 1)
    return in_mg(value, step, unit, not status & 0x08, bool(status & 0x01))


def _is_number(field: bytes, *, blank: bool = False) -> bool:
    digits = field.lstrip(b" ")
    return digits.isdigit() or (blank and not digits)
