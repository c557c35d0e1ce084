"""CAS indicators: `ST,GS,` with a device's id, a lamp byte and eight characters of number, 22 bytes in all.

Pure. Also their form of 18 bytes ("AND 18": headers, number and unit only) and of 10 (number and unit, no status: such
a reading is never called stable, and teaches nothing). Ids and lamps are no text: a frame is found by its places, not
by its lines (CAS CI series and NT-200 manuals, "serial interface").
"""

from typing import Final

from edge_gateway.serial_devices.framed import Framed
from edge_gateway.serial_devices.lines import parity_fault
from edge_gateway.serial_devices.parity import LOW_BITS, without_parity
from edge_gateway.serial_devices.weight import MG_IN, Said, ScaleFault, Weight, unit_of, weight_of

PRINT: Final = b"P"
ZERO: Final = b"MZ\r\n"
TARE: Final = b"MT\r\n"

_STATES: Final = (b"ST,", b"US,", b"OL,", b"UL,")
_KINDS: Final = (b"GS,", b"NT,")
_END: Final = b"\r\n"
_LONG, _MIDDLE, _SHORT = 22, 18, 12  # the short one with its line's end
_KEPT_MAX: Final = 64


class Cas(Framed):
    """A parser of all three lengths."""

    def _next(self) -> tuple[int, Said | None]:
        low = bytes(self._kept[:_KEPT_MAX]).translate(LOW_BITS)
        start = _begins(low)
        if start:  # before a frame with a head: a short one, or what is none
            return self._headless(low, start)
        if not low:
            return 0, None
        for length in (_MIDDLE, _LONG):
            if low[length - 2 : length] == _END and low[:6][3:] in _KINDS:
                return length, self._read(length)
        if len(low) < _LONG:
            return 0, None
        return 1, ScaleFault(f"expected a frame of 18 or 22 bytes, found {low[:_LONG]!r}")

    def _headless(self, low: bytes, start: int) -> tuple[int, Said | None]:
        """`start` bytes that begin no frame with a head."""
        end = low.find(_END)
        if 0 <= end < start:
            if end != _SHORT - 2:
                return end + 2, ScaleFault(f"expected a frame of 10, 18 or 22 bytes, found {low[:end]!r}")
            plain = without_parity(bytes(self._kept[:_SHORT]))
            said = parity_fault(low[:end]) if plain is None else _number(plain[:8], plain[8:10], False, None)
            return _SHORT, said
        if start < len(low) or len(low) >= _KEPT_MAX:
            return start, ScaleFault(f"expected a frame of 10, 18 or 22 bytes, found {low[:start]!r}")
        return 0, None

    def _read(self, length: int) -> Said:
        frame = bytes(self._kept[:length])
        words = frame[:6] + frame[8:] if length == _LONG else frame  # id and lamps are no text
        plain = without_parity(words)
        if plain is None:
            return parity_fault(words)
        if length == _LONG and (plain[6:7] != b"," or plain[15:16] != b" "):
            return ScaleFault(f"expected a comma before the number and a blank after it, found {plain!r}")
        number = plain[7:15] if length == _LONG else plain[6:14]
        unit = plain[-4:-2]
        if plain[:2] == b"OL":
            return Weight(None, False, "over")
        if plain[:2] == b"UL":
            return Weight(None, False, "under")
        return _number(number, unit, plain[:2] == b"ST", plain[3:5] == b"NT")


def _begins(low: bytes) -> int:
    """Where the next frame with a head begins, or may yet; the length of all that is there when nowhere."""
    for start in range(len(low)):
        piece = low[start : start + 3]
        if any(state.startswith(piece) for state in _STATES):
            return start
    return len(low)


def _number(number: bytes, unit: bytes, stable: bool, net: bool | None) -> Said:
    """Eight characters: a sign or a blank, then digits with a point, right-justified."""
    is_sound = number[-1:].isdigit() and number[:1] in (b" ", b"+", b"-", b"0")
    if not is_sound or unit_of(unit) not in MG_IN:
        return ScaleFault(f"expected a sign, seven characters of number and a unit, found {number + unit!r}")
    return weight_of(number, unit, stable, net)
