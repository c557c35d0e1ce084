"""Which bin a restocker does next: lights that lead through a visit, by what the bins of an open cabinet weigh now.

It runs on the writer's thread, remembers what it showed while a session lasts, and writes nothing. Lights are hints:
bins may be done in any order, and what is booked is decided by the weights when the doors are shut.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from edge_gateway.books import Books
from edge_gateway.command import command_message
from edge_gateway.kiosk_seam import ActionError, Guidance, SeenBin, SendCommand
from edge_gateway.planogram import CabinetPlan, PartPlan
from edge_gateway.received import Outgoing
from edge_gateway.visits import Line, due, local_day, standing_lines

LIT_MS = 60_000  # a light that is still wanted is given again before that
AGAIN_MS = 10_000
WAIT_MS = 10_000  # a light that comes later than this shows nothing anybody waits for
BULK_MG = 20_000  # what is weighed in may differ so much from what was planned,
BULK_SHARE = 0.02  # or by this share of it
_SETTLED = 0


class ToDo(NamedTuple):
    """What is left to do at one bin: parts with how much of each is to come (negative: to be taken out)."""

    bin: int
    parts: tuple[tuple[PartPlan, int], ...]

    @property
    def planned_mg(self) -> int | None:
        """What the bin will weigh more when it is done; None when a part's mass is not known."""
        if any(not part.counted and not part.bulk for part, _left in self.parts):
            return None
        return sum(left * _unit_mg(part) for part, left in self.parts)

    @property
    def tolerance_mg(self) -> float:
        """How near to that a weight must come."""
        planned_mg = self.planned_mg or 0
        bulk = [
            max(part.dead_band * 1000, BULK_MG, abs(planned_mg) * BULK_SHARE) for part, _ in self.parts if part.bulk
        ]
        return max(bulk) if bulk else min((part.unit_mass_mg for part, _ in self.parts), default=0) / 2

    @property
    def takes_back(self) -> bool:
        """Whether more goes out than in."""
        planned_mg = self.planned_mg
        return sum(left for _part, left in self.parts) < 0 if planned_mg is None else planned_mg < 0

    def seen(self, change_mg: int, quality: int) -> SeenBin:
        """What a change of weight says: the part's unit where one part is planned, else grams."""
        planned_mg = self.planned_mg
        unit_mg = _unit_mg(self.parts[0][0]) if len(self.parts) == 1 and planned_mg is not None else 1000
        near = planned_mg is not None and abs(change_mg - planned_mg) < self.tolerance_mg
        return SeenBin(self.bin, round(change_mg / unit_mg), len(self.parts) == 1, near and quality == _SETTLED)


def _unit_mg(part: PartPlan) -> int:
    return 1000 if part.bulk else part.unit_mass_mg


def to_do(lines: Iterable[Line], plan: CabinetPlan) -> list[ToDo]:
    """What is left in a cabinet, by bin, in the order in which one walks."""
    left: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for line in lines:
        cabinet, number, part = line.place
        if cabinet == plan.cabinet and line.left:
            left[number][part] += line.left
    return [
        ToDo(number, tuple((plan.part(number, part), quantity) for part, quantity in sorted(parts.items())))
        for number, parts in sorted(left.items())
    ]


class _Round:
    """One restocker's session at one cabinet."""

    def __init__(self, session: int, visits: Collection[str]) -> None:
        self.session = session
        self.visits = visits  # those that were due when it began
        self.current = 0
        self.lit = 0
        self.lit_until_ms = 0
        self.amounts: dict[int, int] = {}


class RestockGuide:
    """`knows`: whether a cabinet is one of ours. `weights`: what its bins weighed when they last rested, doors shut."""

    def __init__(self, knows: Callable[[str], bool], weights: Callable[[str], Mapping[int, int]]) -> None:
        self._knows, self._weights = knows, weights
        self._rounds: dict[str, _Round] = {}
        self._guidance: dict[str, Guidance] = {}

    def guidance(self, cabinet: str) -> Guidance | None:
        """How far the restocker at an open cabinet is; None when there is none. From any thread."""
        return self._guidance.get(cabinet)

    def hear(self, cabinet: str, word: Mapping[str, Any], books: Books, now_ms: int) -> list[Outgoing]:
        """A live message of a cabinet: the lights it calls for."""
        if not word["session"] or books.plan is None or books.plan.roles.get(word["person"]) != "restocker":
            return self._end(cabinet, now_ms)
        known = self._rounds.get(cabinet)
        if known is None or known.session != word["session"]:
            found = due(books.visits.values(), books.came, now_ms, local_day(now_ms))
            known = _Round(word["session"], {visit.id for visit in found})
        tasks = _tasks(cabinet, known, books, now_ms)
        if not tasks:
            return self._end(cabinet, now_ms)
        self._rounds[cabinet] = known
        seen = self._seen(cabinet, tasks, word["bins"])
        known.current = _next(known, tasks, seen)
        known.amounts = {number: found.amount for number, found in seen.items()}
        in_order = tuple(seen[task.bin] for task in tasks if task.bin in seen)
        self._guidance[cabinet] = Guidance(known.session, word["person"], known.current, in_order)
        return self._light(cabinet, known, tasks, now_ms)

    def point(self, cabinet: str, number: int, books: Books, now_ms: int) -> list[Outgoing]:
        """Somebody wants another bin next (`ActionError` when nobody restocks that cabinet)."""
        known, guidance = self._rounds.get(cabinet), self._guidance.get(cabinet)
        if known is None or guidance is None or books.plan is None:
            raise ActionError(f"expected a restocker at {cabinet}, found none: badge there first", "nobody_restocks")
        known.current = number
        self._guidance[cabinet] = guidance._replace(current=number)
        return self._light(cabinet, known, _tasks(cabinet, known, books, now_ms), now_ms)

    def _seen(self, cabinet: str, tasks: Sequence[ToDo], rows: Sequence[Sequence[Any]]) -> dict[int, SeenBin]:
        before, by_bin = self._weights(cabinet), {task.bin: task for task in tasks}
        return {
            number: by_bin[number].seen(mg - before[number], quality)
            for number, mg, quality in rows
            if number in by_bin and number in before and mg is not None
        }

    # ---- lights ----

    def _light(self, cabinet: str, known: _Round, tasks: Sequence[ToDo], now_ms: int) -> list[Outgoing]:
        if known.current == known.lit and (not known.lit or now_ms < known.lit_until_ms - AGAIN_MS):
            return []
        messages = []
        if known.lit and known.lit != known.current and now_ms < known.lit_until_ms:
            messages.append(self._command(cabinet, known.lit, "off", 0, now_ms))
        if known.current:
            back = any(task.takes_back for task in tasks if task.bin == known.current)
            messages.append(self._command(cabinet, known.current, "blue" if back else "green", LIT_MS, now_ms))
        known.lit, known.lit_until_ms = known.current, now_ms + LIT_MS
        return messages

    def _end(self, cabinet: str, now_ms: int) -> list[Outgoing]:
        known = self._rounds.pop(cabinet, None)
        self._guidance.pop(cabinet, None)
        if known is None or not known.lit or now_ms >= known.lit_until_ms:
            return []
        return [self._command(cabinet, known.lit, "off", 0, now_ms)]

    def _command(self, cabinet: str, number: int, colour: str, for_ms: int, now_ms: int) -> Outgoing:
        fields = {"bin": number, "colour": colour, "for_ms": for_ms}
        return command_message(SendCommand(cabinet, "light", fields, WAIT_MS), self._knows, now_ms)[1]


def _tasks(cabinet: str, known: _Round, books: Books, now_ms: int) -> list[ToDo]:
    if books.plan is None:
        return []
    visits = [visit for visit in books.visits.values() if visit.id in known.visits]
    return to_do(standing_lines(visits, books.came, now_ms), books.plan.cabinet(cabinet))


def _next(known: _Round, tasks: Sequence[ToDo], seen: Mapping[int, SeenBin]) -> int:
    """The bin to be lit: where hands are; else the one that was, until it is done, then the next; 0: all done."""
    left = [task.bin for task in tasks if task.bin not in seen or not seen[task.bin].is_done]
    moved = [number for number in left if number in seen and _has_moved(known, seen[number])]
    if moved and known.current not in moved:
        return moved[0]
    if known.current in left:
        return known.current
    behind = [number for number in left if number > known.current]
    return (behind or left or [0])[0]


def _has_moved(known: _Round, found: SeenBin) -> bool:
    return found.bin in known.amounts and known.amounts[found.bin] != found.amount
