"""What a shop's ledger tells of some days: stock of each part from hour to hour, what was taken, when the van came.

Pure: lines of the ledger in, days out. Stock of a part is that of all bins of the shop together: who finds one bin
empty goes to the other.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

VISIT_GAP_MS = 3 * 3_600_000  # movements of the van further apart are two visits
BROUGHT = ("restock", "removal")
COUNTED = ("take", "return", "restock", "removal", "misplaced")


class Line(NamedTuple):
    """A line of the ledger with its movement."""

    movement: str
    at_ms: int
    cause: str
    corrects: str
    session: str
    sure_ppm: int
    account: str
    part: str
    quantity: int

    @property
    def is_bin(self) -> bool:
        """Whether it is of a bin."""
        return self.account.startswith("bin:")

    @property
    def is_use(self) -> bool:
        """Whether it is of the shop or of one of its jobs."""
        return self.account.startswith(("shop:", "job:"))


@dataclass
class Story:
    """A shop from `since_ms` until now. `lines` in order of time; `held`: what bins hold now, by part.

    `older`: parts that were there before `since_ms` although they had no stock then. `origins`: when movements before
    `since_ms` happened that lines here correct.
    """

    since_ms: int
    now_ms: int
    lines: Sequence[Line]
    held: Mapping[str, int]
    older: frozenset[str] = frozenset()
    origins: Mapping[str, int] = field(default_factory=dict)
    _empty: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    @cached_property
    def changes(self) -> dict[str, list[tuple[int, int]]]:
        """By part, when its stock changed and by how much."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for line in self.lines:
            if line.is_bin:
                found[line.part].append((line.at_ms, line.quantity))
        return dict(found)

    @cached_property
    def first(self) -> dict[str, int]:
        """By part, the stock at `since_ms`: what is held now less whatever came since."""
        parts = {*self.held, *self.changes}
        return {part: self.held.get(part, 0) - sum(n for _, n in self.changes.get(part, ())) for part in parts}

    def begins_ms(self, part: str) -> int | None:
        """Since when a part is in the shop; None when it never was."""
        if self.first.get(part, 0) or part in self.older:
            return self.since_ms
        return next((at_ms for at_ms, _ in self.changes.get(part, ())), None)

    def empty(self, part: str) -> list[tuple[int, int]]:
        """When nothing of a part was there, from its beginning until now."""
        if part not in self._empty:
            self._empty[part] = self._find_empty(part)
        return self._empty[part]

    def _find_empty(self, part: str) -> list[tuple[int, int]]:
        begins_ms = self.begins_ms(part)
        if begins_ms is None:
            return []
        stock, since_ms, spells = self.first.get(part, 0), begins_ms, []
        for at_ms, quantity in [*self.changes.get(part, ()), (self.now_ms, 0)]:
            if stock <= 0 and at_ms > since_ms:
                spells.append((since_ms, at_ms))
            stock, since_ms = stock + quantity, max(at_ms, since_ms)
        return _joined(spells)

    @cached_property
    def taken(self) -> list[tuple[int, str, int]]:
        """(when, part, quantity) of what the shop and its jobs gained; a correction when what it corrects was."""
        times = {line.movement: line.at_ms for line in self.lines}
        found = []
        for line in self.lines:
            if line.is_use and line.cause != "charge":
                at_ms = times.get(line.corrects, self.origins.get(line.corrects, line.at_ms))
                found.append((at_ms, line.part, line.quantity))
        return found

    @cached_property
    def uses(self) -> dict[str, "Uses"]:
        """By part, what was taken of it in order of time."""
        found: dict[str, Uses] = defaultdict(Uses)
        for at_ms, part, quantity in sorted(self.taken):
            found[part].add(at_ms, quantity)
        return found

    @cached_property
    def visits_ms(self) -> list[int]:
        """When the van came."""
        visits: list[int] = []
        last_ms = -VISIT_GAP_MS - 1
        for line in self.lines:
            if line.cause in BROUGHT and line.is_bin:
                if line.at_ms - last_ms > VISIT_GAP_MS:
                    visits.append(line.at_ms)
                last_ms = line.at_ms
        return visits

    @cached_property
    def corrected(self) -> set[tuple[str, str]]:
        """(session, bin's account) of every count that was corrected later."""
        sessions = {line.movement: line.session for line in self.lines}
        return {(sessions.get(line.corrects, ""), line.account) for line in self.lines if line.corrects and line.is_bin}

    @cached_property
    def counted(self) -> dict[tuple[str, str], tuple[int, int]]:
        """(session, bin's account) of whatever a session booked, with (when, how sure)."""
        return {
            (line.session, line.account): (line.at_ms, line.sure_ppm)
            for line in self.lines
            if line.session and line.is_bin and line.cause in COUNTED
        }


class Uses:
    """What was taken of a part, so that any span is added up at once."""

    def __init__(self) -> None:
        self._times_ms: list[int] = []
        self._sums = [0]

    def add(self, at_ms: int, quantity: int) -> None:
        """Take one in; times go up."""
        self._times_ms.append(at_ms)
        self._sums.append(self._sums[-1] + quantity)

    def between(self, from_ms: int, to_ms: int) -> int:
        """What was taken from a time until before another."""
        first, last = bisect_left(self._times_ms, from_ms), bisect_left(self._times_ms, to_ms)
        return self._sums[last] - self._sums[first]


def stock_at(story: Story, times_ms: Sequence[int]) -> dict[str, list[int]]:
    """By part, the stock at some times that go up."""
    found: dict[str, list[int]] = {}
    for part, first in story.first.items():
        changes, at, stock = story.changes.get(part, []), 0, first
        levels = []
        for time_ms in times_ms:
            while at < len(changes) and changes[at][0] < time_ms:
                stock += changes[at][1]
                at += 1
            levels.append(stock)
        found[part] = levels
    return found


def _joined(spells: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for from_ms, to_ms in spells:
        if joined and joined[-1][1] == from_ms:
            joined[-1] = joined[-1][0], to_ms
        else:
            joined.append((from_ms, to_ms))
    return joined
