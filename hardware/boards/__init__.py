"""Board files: one JSON a board, the one source for firmware, simulator, checks, wiring pages and parts lists.

A file may extend another: `extends` names it, objects are merged key by key, anything else replaces what was there, and
null takes it away. What the controller is given as its `board.json` is `firmware_view`: pins, buses and limits; what
only people need (modules, cables, supplies, parts) stays here.
"""

import json
from pathlib import Path
from typing import Any

Board = dict[str, Any]
FOLDER = Path(__file__).resolve().parent

FAIL_SECURE, FAIL_SAFE = LOCKS = ("fail_secure", "fail_safe")  # as cabinet/board.py has them

_UART = ("uart", "tx", "rx", "baud")
# What a controller is told, of which key; None: the whole of it.
_FIRMWARE_KEYS: dict[str, tuple[str, ...] | None] = {
    "name": None,
    "title": None,
    "micropython": None,
    "bins": None,
    "i2c": ("id", "scl", "sda", "freq_hz"),
    "mux_first": None,
    "rs485": (*_UART, "de", "nodes"),
    "address_pins": None,
    "reader": ("kind", *_UART),
    "tags": ("kind", *_UART, "header", "trailer", "power_cdbm"),
    "lights": ("pin",),
    "doors": ("door", "lock", "contact", "bolt", "lock_ms_max"),
    "ethernet": ("phy", "spi", "sck", "mosi", "miso", "cs", "int", "addr", "mdc", "mdio", "power", "ref_clk"),
    "watchdog_ms": None,
    "journal_bytes": None,
}


class BoardError(ValueError):
    """A board file is not as it should be; the text says what was expected and found."""


def names() -> list[str]:
    """Every board there is a file of."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def cabinets() -> list[str]:
    """The boards that run a cabinet: those with doors."""
    return [name for name in names() if "doors" in load(name)]


def load(board: str | Path) -> Board:
    """A board by its name, or a file, with everything it extends."""
    path = board if isinstance(board, Path) else FOLDER / f"{board}.json"
    if not path.exists():
        raise BoardError(f"expected a board, one of {', '.join(names())}, found {board}")
    return _loaded(path, [])


def _loaded(path: Path, below: list[str]) -> Board:
    values: Board = json.loads(path.read_text())
    base = values.pop("extends", None)
    if base is None:
        return values
    if base in below or base not in names():
        raise BoardError(f"expected {path.name} to extend another board, found {base}")
    return merged(_loaded(FOLDER / f"{base}.json", [*below, base]), values)


def merged(base: Board, changes: Board) -> Board:
    """A board with changes, as a file that extends another makes them."""
    new = dict(base)
    for key, value in changes.items():
        if value is None:
            new.pop(key, None)
        elif isinstance(value, dict) and isinstance(new.get(key), dict):
            new[key] = merged(new[key], value)
        else:
            new[key] = value
    return new


def locks_of(board: Board) -> str:
    """What a board's doors do without power; they stay shut unless it says otherwise."""
    return str(board.get("locks", FAIL_SECURE))


def firmware_view(board: Board) -> Board:
    """What the controller of a board is given: small, and nothing that only people need."""
    return {key: _seen(board[key], kept) for key, kept in _FIRMWARE_KEYS.items() if key in board}


def _seen(value: Any, kept: tuple[str, ...] | None) -> Any:
    if kept is None:
        return value
    if isinstance(value, list):
        return [_seen(each, kept) for each in value]
    return {key: value[key] for key in kept if key in value}


def firmware_json(board: Board) -> str:
    """The text of the controller's `board.json`."""
    return json.dumps(firmware_view(board), separators=(",", ":"))
