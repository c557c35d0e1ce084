"""Visits of a restocker that the cloud told: what is to be put into which bin, what came of it, and what stands still.

Pure values; `restocking.py` says what a session did to them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from edge_gateway.feed_format import Restock
from edge_gateway.policies import Place


class Visit(NamedTuple):
    """A visit as it was told last, under `number` of the feed. `lines`: by cabinet, bin and part, what is to come."""

    id: str
    number: int
    day: str
    by: str
    until_ms: int
    lines: tuple[tuple[Place, int], ...]
    is_off: bool = False


class Came(NamedTuple):
    """What came (or, negative, went) of one line so far, in how many sessions."""

    counted: int = 0
    sessions: int = 0


Progress = Mapping[tuple[str, Place], Came]  # by visit


class Line(NamedTuple):
    """A line of a visit that stands: `left` of what was planned has not come yet."""

    visit: Visit
    place: Place
    planned: int
    came: Came

    @property
    def left(self) -> int:
        """What is still to come; of the planned sign, or the other when too much came."""
        return self.planned - self.came.counted

    @property
    def is_open(self) -> bool:
        """Whether no session has touched it yet."""
        return self.came.sessions == 0


def visit_of(told: Restock, number: int) -> Visit:
    """A visit of the feed; lines that name one part of a bin twice are one, and nothing to do is no line."""
    lines: dict[Place, int] = defaultdict(int)
    for line in told.lines:
        lines[line.cabinet, line.bin, line.part] += line.quantity
    wanted = sorted((place, quantity) for place, quantity in lines.items() if quantity)
    return Visit(told.visit, number, told.day, told.by, told.until_ms, tuple(wanted))


def lines_of(visit: Visit, progress: Progress) -> list[Line]:
    """All lines of a visit."""
    return [Line(visit, place, planned, progress.get((visit.id, place), Came())) for place, planned in visit.lines]


def stands(visit: Visit, progress: Progress, at_ms: int) -> bool:
    """Whether a restocker who begins a session at a time does it for this visit."""
    if visit.is_off or at_ms > visit.until_ms:
        return False
    return any(line.left for line in lines_of(visit, progress))


def standing_lines(visits: Iterable[Visit], progress: Progress, at_ms: int) -> list[Line]:
    """The lines of all visits that stand, the earliest day's first."""
    in_order = sorted(visits, key=lambda visit: (visit.day, visit.number))
    return [line for visit in in_order if stands(visit, progress, at_ms) for line in lines_of(visit, progress)]


def due(visits: Iterable[Visit], progress: Progress, now_ms: int, today: str) -> list[Visit]:
    """The visits a restocker who comes now does: those of today and overdue ones, else those of the next day there are.

    A visit of another week that was told already is none of what is carried in now.
    """
    standing = sorted(
        (each for each in visits if stands(each, progress, now_ms)), key=lambda each: (each.day, each.number)
    )
    until = max(today, standing[0].day) if standing else today
    return [visit for visit in standing if visit.day <= until]


def local_day(now_ms: int) -> str:
    """The day at this machine's place, as 2026-11-23."""
    return f"{datetime.fromtimestamp(now_ms / 1000).astimezone():%Y-%m-%d}"
