"""Checks of a board's supplies and of its lock coils."""

from collections.abc import Iterator

from hardware import budgets
from hardware.boards import Board
from hardware.parts import PARTS

_DRAWS = 3  # cabinet/door.py: so many full times in a row, then the coil rests


def check(board: Board) -> Iterator[str]:
    """Everything that is wrong with the supplies and the coils."""
    yield from _supplied(board)
    for door in board.get("doors", ()):
        yield from _coil(door)


def _supplied(board: Board) -> Iterator[str]:
    known = board.get("rails", {})
    for what, rail in board.get("powers", {}).items():
        if rail not in known:
            yield f"expected a supply {rail} for {what}, found {', '.join(known)}"
            return
    fed = {
        "front_end": "i2c",
        "reader": "reader",
        "tags": "tags",
        "lights": "lights",
        "locks": "doors",
        "rs485": "rs485",
    }
    for what, key in fed.items():
        if key in board and what not in board["powers"]:
            yield f"expected a supply for {what}, found none"
    for rail in budgets.rails(board):
        if rail.needed_ma > rail.max_ma:
            yield (
                f"expected {rail.needed_ma:.0f} mA on {rail.name} ({rail.ma:.0f} mA at once and a quarter to spare),"
                f" found a supply of {rail.max_ma:.0f}"
            )


def _coil(door: Board) -> Iterator[str]:
    on_ms = door.get("lock_ms_max", 0)
    coil = PARTS.get(door.get("coil", ""))
    if coil is None or not coil.on_ms_max:
        yield f"expected a lock of the parts list on door {door['door']}, found {door.get('coil', 'none')}"
    elif on_ms <= 0:
        yield f"expected a limit for the lock coil of door {door['door']}, found none"
    elif _DRAWS * on_ms > coil.on_ms_max:
        yield (
            f"expected the coil of door {door['door']} on for at most {coil.on_ms_max // _DRAWS} ms"
            f" (three times in a row, {coil.on_ms_max} ms), found {on_ms}"
        )
