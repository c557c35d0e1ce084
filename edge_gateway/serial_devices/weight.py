"""What a bench scale says, whatever it speaks: one value for all protocols, in whole milligrams.

Pure. A unit is turned into milligrams exactly, by a fraction; what is no unit of mass (pieces, per cent) has no mass.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, NamedTuple, Protocol

Range = Literal["", "over", "under"]

# Milligrams in a unit. The avoirdupois pound is 453.59237 g by definition (1959), the ounce a sixteenth of it.
_POUND = Fraction(45359237, 100)
MG_IN: Mapping[str, Fraction] = {
    "mg": Fraction(1),
    "ct": Fraction(200),
    "g": Fraction(1000),
    "kg": Fraction(1_000_000),
    "t": Fraction(1_000_000_000),
    "lb": _POUND,
    "oz": _POUND / 16,
    "ozt": Fraction(311034768, 10_000),
}
MASS_MG_MAX = 10**12  # a thousand tonnes: beyond every scale, so nothing that was weighed
_DECIMAL = re.compile(rb"([+-]?) *([0-9]+)(?:\.([0-9]+))?")


class Weight(NamedTuple):
    """A reading. `mass_mg` None: out of range, `range` says to which side. `step_mg`: its last digit, 0 when unknown.

    `stable`: the scale itself calls it so. `unit` as the scale sent it. `net`: a tare is taken off; None: not said.
    """

    mass_mg: int | None
    stable: bool
    range: Range = ""
    unit: str = ""
    net: bool | None = None
    step_mg: int = 0


class ScaleFault(NamedTuple):
    """What came and is no reading; the sentence says what was expected and what was found."""

    why: str


class ScaleAnswer(NamedTuple):
    """The scale's answer to a command: `what` as the scale names it (Z, T, @, I4 ...), `done`, and its words."""

    what: str
    done: bool
    words: str = ""


Said = Weight | ScaleFault | ScaleAnswer


class Parser(Protocol):
    """Bytes in, in any pieces; what they say out. It holds a bounded number of bytes and never raises."""

    def feed(self, data: bytes) -> list[Said]:
        """What is complete with these bytes."""
        ...

    def forget(self) -> None:
        """What has come so far ends in nothing: the line was lost, or its speed was another."""
        ...


def unit_of(sent: bytes) -> str:
    """A unit as it is known here, "" for one that is none of mass."""
    name = sent.decode("ascii", errors="replace").strip().lower()
    return name if name in MG_IN else ""


def weight_of(number: bytes, sent_unit: bytes, stable: bool, net: bool | None = None) -> Weight | ScaleFault:
    """A reading from a decimal number and a unit as they were sent."""
    found, unit = _DECIMAL.fullmatch(number.strip(b" ")), unit_of(sent_unit)
    if found is None:
        return ScaleFault(f"expected a decimal number, found {number!r}")
    if not unit:
        return ScaleFault(f"expected a unit of mass ({', '.join(MG_IN)}), found {sent_unit!r}")
    sign, whole, part = found[1], found[2], found[3] or b""
    value = Fraction(int(whole + part), 10 ** len(part)) * (-1 if sign == b"-" else 1)
    return in_mg(value, Fraction(1, 10 ** len(part)), unit, stable, net)


def in_mg(value: Fraction, step: Fraction, unit: str, stable: bool, net: bool | None = None) -> Weight | ScaleFault:
    """A reading of so many of a unit of `MG_IN`, with a last digit worth `step` of it."""
    mass_mg = round(value * MG_IN[unit])
    if abs(mass_mg) > MASS_MG_MAX:
        return ScaleFault(f"expected at most {MASS_MG_MAX} mg, found {mass_mg}")
    return Weight(mass_mg, stable, "", unit, net, max(1, round(step * MG_IN[unit])))
