"""MT-SICS, the language of Mettler Toledo's scales and of many others: lines of ASCII, asked and answered.

Pure. `S S     12.345 g`: the command's name, a status, ten characters of number, a unit; fields stand at fixed places,
so that a lost byte makes a fault and no other number. A real unit answers `SI` with `S S ...`, some with `SI S ...`:
both are read (MT-SICS reference manual, levels 0 and 1).
"""

from typing import Final

from edge_gateway.serial_devices.lines import Lines
from edge_gateway.serial_devices.weight import Said, ScaleAnswer, ScaleFault, Weight, weight_of

WEIGH: Final = b"S\r\n"  # answers when it stands still
WEIGH_NOW: Final = b"SI\r\n"
REPEAT: Final = b"SIR\r\n"
ZERO: Final = b"Z\r\n"
TARE: Final = b"T\r\n"
CLEAR_TARE: Final = b"TAC\r\n"
RESET: Final = b"@\r\n"
SERIAL_NUMBER: Final = b"I4\r\n"

_WEIGHTS: Final = (b"S", b"SI", b"SIR", b"SNR", b"SR")
_TARES: Final = (b"T", b"TI", b"TA")
_COMMANDS: Final = (*_WEIGHTS, *_TARES, b"Z", b"ZI", b"TAC", b"TAR", b"@", b"I0", b"I1", b"I2", b"I3", b"I4", b"I5")
_ERRORS: Final = {b"ES": "the scale does not know the command", b"EL": "the scale cannot do this", b"ET": "line error"}
_NUMBER: Final = 10
_UNIT_MAX: Final = 5


class MtSics:
    """A parser of replies.

    The unit stands at a line's end, and a `kg` that lost its first letter is a `g`: a reading counts only when the one
    before it had the same unit.
    """

    def __init__(self) -> None:
        self._lines = Lines(self._read)
        self.feed = self._lines.feed
        self._unit = ""

    def forget(self) -> None:
        """What has come so far ends in nothing."""
        self._lines.forget()
        self._unit = ""

    def _read(self, line: bytes) -> list[Said]:
        return [self._checked(said) for said in _read(line)]

    def _checked(self, said: Said) -> Said:
        if not isinstance(said, Weight) or said.range or said.unit == self._unit:
            return said
        before, self._unit = self._unit, said.unit
        if before:
            return ScaleFault(f"expected the unit {before} as before, found {said.unit}: it counts when it comes again")
        return ScaleAnswer("S", True, f"it weighs in {said.unit}")


def _read(line: bytes) -> list[Said]:
    if line in _ERRORS:
        return [ScaleAnswer(line.decode(), False, _ERRORS[line])]
    name, _, rest = line.partition(b" ")
    if name not in _COMMANDS:
        return [ScaleFault(f"expected a reply of MT-SICS, found {line[:40]!r}")]
    if name in _WEIGHTS:
        return [_weight(line, rest)]
    if name in _TARES and rest[:2] in (b"S ", b"D "):
        return [ScaleAnswer(name.decode(), True, rest[2:].decode("ascii", errors="replace").strip())]
    return [_answer(line, name, rest)]


def _weight(line: bytes, rest: bytes) -> Said:
    match rest:
        case b"+":
            return Weight(None, False, "over")
        case b"-":
            return Weight(None, False, "under")
        case b"I":
            return ScaleAnswer("S", False, "the scale is busy")
        case b"L":
            return ScaleAnswer("S", False, "the scale cannot do this")
    status, number, unit = rest[:2], rest[2 : 2 + _NUMBER], rest[3 + _NUMBER :]
    is_whole = len(number) == _NUMBER and rest[2 + _NUMBER : 3 + _NUMBER] == b" "
    is_sound = is_whole and status in (b"S ", b"D ") and number[-1:].isdigit() and 1 <= len(unit) <= _UNIT_MAX
    if not is_sound or unit != unit.strip():
        return ScaleFault(f"expected a status, 10 characters of number and a unit, found {line[:40]!r}")
    return weight_of(number, unit, status == b"S ")


def _answer(line: bytes, name: bytes, rest: bytes) -> Said:
    status, _, words = rest.partition(b" ")
    what = name.decode()
    if status in (b"A", b"B"):
        return ScaleAnswer(what, True, words.decode("ascii", errors="replace").replace('"', "").strip())
    reasons = {b"I": "it does not stand still, or is busy", b"+": "too much on it", b"-": "too little on it"}
    reasons[b"L"] = "the scale cannot do this"
    if status in reasons and not words:
        return ScaleAnswer(what, False, reasons[status])
    return ScaleFault(f"expected an answer to {what}, found {line[:40]!r}")
