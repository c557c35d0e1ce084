"""Which pin of a board's module does what: the list that checks, diagrams and tables are made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Board = dict[str, Any]


@dataclass(frozen=True)
class PinUse:
    """One pin and one use. `kind`: out, coil, light, in, contact (closed to ground, pulled up), phy.

    `to` is what it leads to and its terminal there; `function` the bus of the chip that has to reach the pin, if one.
    """

    pin: int
    kind: str
    to: str
    terminal: str
    function: str = ""


def pin_uses(board: Board) -> list[PinUse]:
    """Every pin that the board file gives a use, in the order of a wiring page."""
    return [use for part in (_buses, _serial, _cabinet, _ethernet) for use in part(board)]


def _buses(board: Board) -> Iterator[PinUse]:
    if "i2c" in board:
        row = board["i2c"]
        bus = f"i2c{row['id']}"
        yield PinUse(row["sda"], "out", "front_end", "SDA", f"{bus} sda")
        yield PinUse(row["scl"], "out", "front_end", "SCL", f"{bus} scl")


def _serial(board: Board) -> Iterator[PinUse]:
    for to in ("rs485", "reader", "tags"):
        if to in board:
            row = board[to]
            uart = f"uart{row['uart']}"
            yield PinUse(row["tx"], "out", to, "DI" if to == "rs485" else "RX", f"{uart} tx")
            yield PinUse(row["rx"], "in", to, "RO" if to == "rs485" else "TX", f"{uart} rx")
            if "de" in row:
                yield PinUse(row["de"], "out", to, "DE+RE")
    for number, pin in enumerate(board.get("address_pins", ())):
        yield PinUse(pin, "contact", "address", f"{1 << number}")


def _cabinet(board: Board) -> Iterator[PinUse]:
    if "lights" in board:
        yield PinUse(board["lights"]["pin"], "light", "lights", "DIN")
    for door in board.get("doors", ()):
        to = f"door {door['door']}"
        yield PinUse(door["lock"], "coil", to, "LOCK")
        yield PinUse(door["contact"], "contact", to, "CONTACT")
        yield PinUse(door["bolt"], "contact", to, "BOLT")


def _ethernet(board: Board) -> Iterator[PinUse]:
    row = board.get("ethernet", {})
    for key, kind in (("sck", "out"), ("mosi", "out"), ("miso", "in"), ("cs", "out"), ("int", "in")):
        if row.get(key) is not None:
            yield PinUse(row[key], kind, "ethernet", key.upper())
    for key in ("mdc", "mdio", "power", "ref_clk"):
        if key in row:
            yield PinUse(row[key], "phy", "ethernet", key.upper())
