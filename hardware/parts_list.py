"""What has to be bought for a board, as CSV: part, quantity, what for, prices, how they are known, substitutes."""

import csv
import io
from collections.abc import Iterator

from hardware import boards, budgets
from hardware.parts import PARTS, PRICES_OF
from hardware.pin_uses import Board

COLUMNS = (
    "part", "name", "name_zh", "quantity", "for",
    "unit_usd_from", "unit_usd_to", "price_of", "price_source", "substitutes",
)  # fmt: skip
_SOURCES = {"S": "seen at a shop", "G": "estimate, not checked"}


def needed(board: Board) -> list[tuple[str, int, str]]:
    """(part, how many, what for), each part once."""
    found: dict[str, tuple[int, list[str]]] = {}
    for part, count, what in _needed(board):
        before, whats = found.get(part, (0, []))
        found[part] = (before + count, whats if what in whats else [*whats, what])
    return [(part, count, "; ".join(whats)) for part, (count, whats) in found.items()]


def _needed(board: Board) -> Iterator[tuple[str, int, str]]:
    yield board["module"], 1, "controller" if "doors" in board else "node"
    if board.get("ethernet", {}).get("phy") == "W5500":
        yield "W5500", 1, "network"
    yield from _weighing(board)
    for key, part, what in (("reader", "pn532", "badges"), ("tags", "r200", "tags"), ("rs485", "rs485-3v3", "line")):
        if key in board:
            yield part, 1, what
    if "tags" in board:
        yield "uhf-antenna", 4, "tags"
    if "lights" in board:
        yield "ws2812", board["bins"], "lights"
        yield "level-shifter", 1, "lights"
    for door in board.get("doors", ()):
        for part in (door["coil"], PARTS[door["coil"]].driver, "door-contact", "plug-door"):
            yield part, 1, "doors"
    for name, rail in board.get("rails", {}).items():
        if rail["part"] in PARTS:
            yield rail["part"], 1, f"supply {name}"
    if "nodes" in board.get("rs485", {}):
        yield from _line(board)
    if "doors" in board:
        yield "enclosure", 1, "cabinet"


def _weighing(board: Board) -> Iterator[tuple[str, int, str]]:
    if "i2c" in board:
        yield "tca9548a", budgets.muxes(board), "bins"
        for part in ("nau7802", board["cell"], "tray", "cell-cable", "plug-cell"):
            yield part, board["bins"], "bins"


def _line(board: Board) -> Iterator[tuple[str, int, str]]:
    row = board["rs485"]
    yield "rs485-cable", row["cable_m"], "line"
    yield "terminator", row["terminations"], "line"
    yield "plug-line", 1 + 2 * row["nodes"], "line: one at the controller, in and out of each node"
    for part, count, what in needed(boards.load(row["node_board"])):
        yield part, count * row["nodes"], f"nodes: {what}"


def totals_usd(board: Board) -> tuple[float, float]:
    """(from, to) for everything."""
    rows = needed(board)
    return (
        sum(PARTS[part].cents[0] * count for part, count, _ in rows) / 100,
        sum(PARTS[part].cents[1] * count for part, count, _ in rows) / 100,
    )


def csv_text(board: Board) -> str:
    """The list; its last line is the sum."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name, count, what in needed(board):
        part = PARTS[name]
        low, high = (f"{cents / 100:.2f}" for cents in part.cents)
        source = _SOURCES[part.known]
        writer.writerow([name, part.en, part.zh, count, what, low, high, PRICES_OF, source, part.substitutes])
    low_all, high_all = totals_usd(board)
    writer.writerow(["total", "all of it", "合计", "", "", f"{low_all:.2f}", f"{high_all:.2f}", PRICES_OF, "", ""])
    return out.getvalue()
