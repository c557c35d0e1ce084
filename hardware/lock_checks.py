"""Checks of a board's locks: does each do without power what it should, and may its coil be on for as long as it is?

A fail-secure lock is drawn for a bounded time and rests. A fail-safe one is held for as long as its door is shut, which
only a coil for continuous duty stands: any other burns. Commissioning asks the same of a cabinet's settings.
"""

from collections.abc import Iterator
from typing import NamedTuple

from hardware.boards import FAIL_SAFE, LOCKS, Board, locks_of
from hardware.parts import PARTS, Coil

_DRAWS = 3  # cabinet/door.py: so many full times in a row, then the coil rests
_ALWAYS = 100


class Misfit(NamedTuple):
    """A lock that cannot be what is `wanted` of it; `kind` is what it is, `duty` its coil's share of time in percent.

    `cause` is lock_unknown (kind "", duty 0), lock_duty or lock_kind.
    """

    cause: str
    door: int
    part: str
    wanted: str
    kind: str = ""
    duty: int = 0


def misfits(board: Board, locks: str) -> Iterator[Misfit]:
    """The locks of a board that cannot be what `locks` says."""
    for door in board.get("doors", ()):
        part = door.get("coil", "none")
        coil = PARTS[part].coil if part in PARTS else None
        if coil is None:
            yield Misfit("lock_unknown", door["door"], part, locks)
        elif cause := _cause(coil, locks):
            yield Misfit(cause, door["door"], part, locks, coil.locks, coil.duty_percent)


def _cause(coil: Coil, locks: str) -> str:
    if locks == FAIL_SAFE and coil.duty_percent < _ALWAYS:
        return "lock_duty"
    return "" if coil.locks == locks else "lock_kind"


def check(board: Board) -> Iterator[str]:
    """Everything that is wrong with the locks."""
    locks = locks_of(board)
    if locks not in LOCKS:
        yield f"expected locks that are fail_secure or fail_safe, found {locks}"
        return
    unfit = {misfit.door: misfit for misfit in misfits(board, locks)}
    for door in board.get("doors", ()):
        if door["door"] in unfit:
            yield _said(unfit[door["door"]])
        else:
            yield from _limit(door, locks)


def _said(misfit: Misfit) -> str:
    door, part = misfit.door, misfit.part
    if misfit.cause == "lock_unknown":
        return f"expected a lock of the parts list on door {door}, found {part}"
    if misfit.cause == "lock_duty":
        return (
            f"expected a coil for continuous duty on door {door}, held while it is shut ({misfit.wanted}),"
            f" found {part}, which may be on for {misfit.duty} % of the time"
        )
    return f"expected a lock that is {misfit.wanted} on door {door}, found {part}, which is {misfit.kind}"


def _limit(door: Board, locks: str) -> Iterator[str]:
    on_ms, number, coil = door.get("lock_ms_max", 0), door["door"], PARTS[door["coil"]].coil
    most_ms = coil.on_ms_max if coil is not None else 0
    if on_ms <= 0 and locks == FAIL_SAFE:
        yield f"expected a limit to how long door {number} is let go, found none"
    elif on_ms <= 0:
        yield f"expected a limit for the lock coil of door {number}, found none"
    elif most_ms and _DRAWS * on_ms > most_ms:
        yield (
            f"expected the coil of door {number} on for at most {most_ms // _DRAWS} ms"
            f" (three times in a row, {most_ms} ms), found {on_ms}"
        )
