"""Checks of a board's supplies."""

from collections.abc import Iterator

from hardware import budgets
from hardware.boards import Board


def check(board: Board) -> Iterator[str]:
    """Everything that is wrong with the supplies."""
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
