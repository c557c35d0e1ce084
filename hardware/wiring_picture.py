"""The diagram of a board: the module with its pins, what each leads to, the supplies; and one bin, one lock in detail.

Drawn tall and narrow, so that it can be read on a phone beside the cabinet and on a sheet of paper; no two wires cross.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

from hardware import boards, budgets
from hardware.chips import module_of
from hardware.drawing import FAINT, INK, Drawing
from hardware.parts import PARTS
from hardware.pin_uses import Board, PinUse, pin_uses
from hardware.wiring_words import title, word

WIDTH = 640
_MODULE_X, _MODULE_WIDTH = 16, 128
_BOX_X, _BOX_WIDTH = 262, 282
_RAILS_X, _RAIL_STEP = 560, 14
_ROW = 27
_GROUND = "GND"
_COLOURS = {
    "module": INK,
    "front_end": "#1565c0",
    "rs485": "#6a1b9a",
    "address": "#6d4c41",
    "reader": "#2e7d32",
    "tags": "#00838f",
    "lights": "#b28704",
    "door": "#a0410d",
    "ethernet": "#455a64",
}
_RAIL_COLOURS = {
    "12V": "#c62828",
    "5V": "#ef6c00",
    "5V tags": "#a1887f",
    "3V3": "#8e24aa",
    "3V3 cells": "#d81b60",
    _GROUND: "#212121",
}


@dataclass(frozen=True)
class Block:
    """A peripheral: its pins, its supplies, and lines of text below."""

    key: str
    heading: str
    uses: tuple[PinUse, ...]
    supplies: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many lines pins and supplies take."""
        return max(len(self.uses), len(self.supplies))


def picture(board: Board, language: str) -> str:
    """The SVG of a board."""
    drawing = Drawing(WIDTH)
    drawing.write(_MODULE_X, 32, f"{word('wiring of', language)} {board['name']}", 21, weight=700)
    drawing.write(_MODULE_X, 56, title(board, language), 14, colour=FAINT)
    y = _supplies(drawing, board, language, 84)
    y = _module(drawing, board, language, y + 84)
    if "nodes" in board.get("rs485", {}):
        y = _nodes(drawing, board, language, y + 46)
    if "i2c" in board:
        y = _one_bin(drawing, language, y + 46)
    if "doors" in board:
        held = boards.locks_of(board) == boards.FAIL_SAFE
        y = _one_lock(drawing, language, y + 46, *(("magnet", "clamp") if held else ("coil", "flyback")))
    drawing.write(_MODULE_X, y + 32, word("ground", language), 14, colour=FAINT)
    return drawing.text(f"{word('wiring of', language)} {title(board, language)}")


# ---- supplies ----


def _supplies(drawing: Drawing, board: Board, language: str, y: float) -> float:
    drawing.write(_MODULE_X, y + 4, word("supplies", language), 16, weight=700)
    top = y + 18
    places: dict[str, tuple[float, float]] = {}
    for rail in reversed(budgets.rails(board)):
        feeder = board["rails"][rail.name].get("from")
        depth = 0 if feeder is None else 1 + round((places[feeder][0] - _MODULE_X) / 205)
        x = _MODULE_X + depth * 205
        colour = _RAIL_COLOURS[rail.name]
        drawing.box(x, top, 188, 50, "#ffffff", colour)
        drawing.write(x + 10, top + 20, f"{rail.name}  {rail.max_ma:g} mA", 15, colour=colour, weight=700)
        drawing.write(x + 10, top + 39, _supply_name(rail.part, language), 13)
        if feeder is not None:
            middle = places[feeder][0] + 196
            from_y = places[feeder][1] + 25
            feeder_colour = _RAIL_COLOURS[feeder]
            drawing.wire([(middle - 10, from_y), (middle, from_y), (middle, top + 25), (x, top + 25)], feeder_colour)
        places[rail.name] = (x, top)
        top += 58
    return top


def _supply_name(part: str, language: str) -> str:
    own = {"on-module": ("on the board", "板载"), "trunk": ("from the line's cable", "来自总线电缆")}
    if part in own:
        return own[part][language == "zh"]
    name = PARTS[part].zh if language == "zh" else PARTS[part].en
    return name.partition("，" if language == "zh" else ", ")[0].partition(" (")[0].partition("（")[0]


# ---- the module and what hangs on it ----


def blocks(board: Board, language: str) -> list[Block]:
    """Everything that the module is wired to, in the order of the drawing."""
    uses: dict[str, list[PinUse]] = {}
    for use in pin_uses(board):
        uses.setdefault(use.to, []).append(use)
    return [_own_supply(board, language), *(_block(board, to, tuple(its), language) for to, its in uses.items())]


def _own_supply(board: Board, language: str) -> Block:
    """Where the module gets its own power, or, fed by its network, gives it."""
    feeder = board["rails"][board["powers"]["module"]]["from"]
    heading = word("gives supply" if board["rails"][feeder]["part"] == "poe" else "own supply", language)
    return Block("module", heading, (), (feeder, _GROUND))


def _block(board: Board, to: str, uses: tuple[PinUse, ...], language: str) -> Block:
    key = to.partition(" ")[0]
    power = board.get("powers", {}).get("locks" if key == "door" else key)
    on_board = key == "ethernet" and board["ethernet"]["phy"] != "W5500"
    supplies = (power, _GROUND) if power else (_GROUND,)
    if key == "ethernet":
        heading = word(board["ethernet"]["phy"], language)
    elif key == "door":
        heading = f"{word('door', language)} {to.split()[1]}"
    else:
        heading = word("rs485 node" if key == "rs485" and "nodes" not in board["rs485"] else key, language)
    return Block(key, heading, uses, () if on_board else supplies, tuple(_notes(board, key, language)))


def _notes(board: Board, key: str, language: str) -> Iterator[str]:
    if key == "front_end":
        for number in range(budgets.muxes(board)):
            first, last = 1 + 8 * number, min(board["bins"], 8 + 8 * number)
            yield f"TCA9548A 0x{board['mux_first'] + number:02x}: {word('bins', language)} {first}–{last}"
        row = board["i2c"]
        yield f"{word('branches', language)} {word('at most', language)} {row['branch_mm']} mm, {row['pull_up_ohms']} Ω"
    elif key == "lights":
        yield word("through shifter", language)
    elif key == "door":
        kind = " held" if boards.locks_of(board) == boards.FAIL_SAFE else ""
        notes = (("LOCK", f"lock{kind}"), ("CONTACT", "contact"), ("BOLT", f"bolt{kind}"))
        yield from (f"{name}: {word(note, language)}" for name, note in notes)
    elif key == "ethernet" and board["ethernet"]["phy"] != "W5500":
        yield word("nothing to wire", language)
    elif key == "rs485":
        yield word("line", language)
    if key == "rs485" and "nodes" in board["rs485"]:
        row = board["rs485"]
        yield f"{row['nodes']} × {row['node_board']}, {row['cable_m']} m"


def _module(drawing: Drawing, board: Board, language: str, y: float) -> float:
    top, pin_rows = y, []
    rails = [rail.name for rail in reversed(budgets.rails(board))] + [_GROUND]
    for block in blocks(board, language):
        height = 34 + _ROW * block.rows + 19 * len(block.notes) + (8 if block.notes else 0)
        pin_rows += _draw_block(drawing, block, y, height, rails)
        y += height + 16
    names = wrap(module_of(board).title, 12)
    drawing.box(_MODULE_X, top - 20 - 18 * len(names), _MODULE_WIDTH, y - top + 20 + 18 * len(names), "#eef3f8")
    for line, words in enumerate(names):
        drawing.write(_MODULE_X + 10, top + 2 - 18 * (len(names) - line), words, 14, weight=700)
    for label, row_y, colour in pin_rows:
        drawing.write(_MODULE_X + _MODULE_WIDTH - 10, row_y + 5, label, 15, "end", colour, 700)
    _draw_rails(drawing, rails, top, y)
    return y


def _draw_block(
    drawing: Drawing, block: Block, y: float, height: float, rails: list[str]
) -> list[tuple[str, float, str]]:
    colour = _COLOURS[block.key]
    drawing.box(_BOX_X, y, _BOX_WIDTH, height, "#fbfcfd", colour)
    drawing.write(_BOX_X + 12, y + 23, block.heading, 15, weight=700)
    drawn = []
    for number in range(block.rows):
        row_y = y + 34 + _ROW * number + _ROW / 2 - 2
        if number < len(block.uses):
            use = block.uses[number]
            drawing.wire([(_MODULE_X + _MODULE_WIDTH, row_y), (_BOX_X, row_y)], colour)
            drawing.dot(_BOX_X, row_y, colour)
            drawing.write(_BOX_X + 14, row_y + 5, use.terminal, 15, colour=colour, weight=600)
            drawn.append((f"GPIO {use.pin}", row_y, colour))
        if number < len(block.supplies):
            if block.key == "module":
                drawn.append(_feed(drawing, block.supplies[number], row_y))
            _tap(drawing, block.supplies[number], row_y, rails)
    for number, note in enumerate(block.notes):
        drawing.write(_BOX_X + 14, y + 34 + _ROW * block.rows + 15 + 19 * number, note, 13, colour=FAINT)
    return drawn


def _feed(drawing: Drawing, rail: str, y: float) -> tuple[str, float, str]:
    colour = _RAIL_COLOURS[rail]
    drawing.wire([(_MODULE_X + _MODULE_WIDTH, y), (_BOX_X, y)], colour)
    return rail, y, colour


def _tap(drawing: Drawing, rail: str, y: float, rails: list[str]) -> None:
    x, colour = _RAILS_X + _RAIL_STEP * rails.index(rail), _RAIL_COLOURS[rail]
    drawing.wire([(_BOX_X + _BOX_WIDTH, y), (x, y)], colour)
    drawing.dot(x, y, colour)
    drawing.write(_BOX_X + _BOX_WIDTH - 12, y + 5, rail, 14, "end", colour, 600)


def _draw_rails(drawing: Drawing, rails: list[str], top: float, bottom: float) -> None:
    for number, rail in enumerate(rails):
        x = _RAILS_X + _RAIL_STEP * number
        drawing.wire([(x, top - 6), (x, bottom - 10)], _RAIL_COLOURS[rail], 4)
        drawing.write(x + 4, top - 12, rail, 12, colour=_RAIL_COLOURS[rail], weight=600, upright=True)


# ---- details ----


def _nodes(drawing: Drawing, board: Board, language: str, y: float) -> float:
    row = board["rs485"]
    drawing.write(_MODULE_X, y, word("nodes", language), 16, weight=700)
    y += 30
    left, right = _MODULE_X + 30, WIDTH - 40
    for number, (name, colour) in enumerate(
        (("A", "#6a1b9a"), ("B", "#ab47bc"), ("12V", "#c62828"), ("GND", "#212121"))
    ):
        line_y = y + 16 * number
        drawing.wire([(left, line_y), (right, line_y)], colour)
        drawing.write(left - 6, line_y + 5, name, 13, "end", colour, 600)
    for x in (left + 14, right - 6):
        drawing.box(x - 8, y - 6, 24, 28, "#ffffff")
        drawing.write(x + 4, y + 12, "120", 11, "middle")
    step = (right - left - 60) / row["nodes"]
    jumpers = len(boards.load(row["node_board"])["address_pins"])
    for number in range(row["nodes"]):
        x = left + 44 + step * number
        for wire, colour in enumerate(("#6a1b9a", "#ab47bc", "#c62828", "#212121")):
            tap = x + 14 + 14 * wire
            drawing.wire([(tap, y + 16 * wire), (tap, y + 84)], colour, 2.5)
            drawing.dot(tap, y + 16 * wire, colour, 3.5)
        drawing.box(x, y + 82, step - 10, 78, "#f6f1fa", "#6a1b9a")
        closed = [str(1 << bit) for bit in range(jumpers) if number >> bit & 1] or [word("none", language)]
        drawing.write(x + 8, y + 102, f"{word('node', language)} {number + 1}", 14, weight=700)
        drawing.write(x + 8, y + 122, f"{8 * number + 1}–{8 * number + 8}", 13)
        drawing.write(x + 8, y + 138, word("jumpers", language), 12, colour=FAINT)
        drawing.write(x + 8, y + 153, "+".join(closed), 13, colour=FAINT)
    return y + 162


def _one_bin(drawing: Drawing, language: str, y: float) -> float:
    drawing.write(_MODULE_X, y, word("one bin", language), 16, weight=700)
    y += 16
    height = 130
    drawing.box(_MODULE_X, y, 128, height, "#fbfcfd", _COLOURS["front_end"])
    drawing.write(_MODULE_X + 10, y + 22, "TCA9548A", 15, weight=700)
    drawing.box(246, y, 150, height, "#fbfcfd", _COLOURS["front_end"])
    drawing.write(256, y + 22, "NAU7802", 15, weight=700)
    drawing.box(500, y, 124, height, "#f3f6ee", "#558b2f")
    drawing.write(510, y + 22, word("cell", language), 14, weight=700)
    blue = _COLOURS["front_end"]
    for number, (left, right, colour) in enumerate(
        (("SDn", "SDA", blue), ("SCn", "SCL", blue), ("3V3", "VIN", "#d81b60"), ("GND", "GND", "#212121"))
    ):
        row_y = y + 44 + 24 * number
        drawing.wire([(144, row_y), (246, row_y)], colour)
        drawing.write(134, row_y + 5, left, 14, "end", colour, 600)
        drawing.write(256, row_y + 5, right, 14, colour=colour, weight=600)
    for number, (name, colour) in enumerate(
        (("E+", "#c62828"), ("E−", "#212121"), ("A+ / S+", "#2e7d32"), ("A− / S−", "#9e9e9e"))
    ):
        row_y = y + 44 + 24 * number
        drawing.wire([(396, row_y), (500, row_y)], colour)
        drawing.write(388, row_y + 5, name.split(" / ")[0], 14, "end", INK, 600)
        drawing.write(510, row_y + 5, name.split(" / ")[-1], 14, colour=INK, weight=600)
    drawing.write(500, y + height + 18, word("cell note", language), 12, "middle", FAINT)
    return y + height + 20


def _one_lock(drawing: Drawing, language: str, y: float, coil: str, guard: str) -> float:
    """A lock's coil and its driver; `guard` is the word for what takes the coil's last current."""
    drawing.write(_MODULE_X, y, word("one lock", language), 16, weight=700)
    y += 30
    red, brown, black = "#c62828", _COLOURS["door"], "#212121"
    drawing.wire([(360, y), (495, y)], red)
    drawing.write(352, y + 5, "12V", 14, "end", red, 600)
    drawing.box(420, y + 22, 150, 40, "#fbfcfd", brown)
    drawing.write(495, y + 47, word(coil, language), 15, "middle", weight=700)
    drawing.wire([(495, y), (495, y + 22)], red)
    drawing.wire([(495, y + 62), (495, y + 88)], brown)
    drawing.box(430, y + 88, 130, 40, "#fbfcfd")
    drawing.write(495, y + 113, "MOSFET", 15, "middle", weight=700)
    drawing.wire([(144, y + 108), (430, y + 108)], brown)
    drawing.write(134, y + 113, "GPIO", 14, "end", brown, 600)
    drawing.wire([(495, y + 128), (495, y + 150), (360, y + 150)], black)
    drawing.write(352, y + 155, "GND", 14, "end", black, 600)
    drawing.wire([(250, y + 108), (250, y + 150), (310, y + 150)], black, 2, "5 5")
    drawing.write(244, y + 140, word("gate", language), 13, "end", FAINT)
    drawing.write(404, y + 47, word(guard, language), 13, "end", FAINT)
    return y + 156
