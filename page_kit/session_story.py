"""What is known of one session, bin by bin: verdicts, bookings, and what came later.

Pure: rows as the gateway and the cloud keep them in, values to draw out. It never decides what was taken. Times are
milliseconds since 1970-01-01 UTC, masses milligrams, probabilities parts per million.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Any, NamedTuple

from page_kit.session_rows import DoubtRow, MovedRow, ReZeroRow, TagCount, VerdictRow, WeighedRow
from page_kit.verdict_words import Candidate
from page_kit.weight_trace import Level

BOOKED = ("take", "return", "restock", "removal", "misplaced", "unexplained")  # the others correct or charge these
BLIND, UNSETTLED = 2, 1  # qualities of a weighing
ANOTHER_PPM = 5_000  # a verdict that is surer or less sure by less is told once
STILL_SIGMAS = 4.0  # a smaller change is the scale's own
FLOOR_MG = 400  # what a settled weight wanders in any case


class Step(NamedTuple):
    """A change of weight and what it was explained as; `level` is the number of the level it led to, from 1.

    `outcome` None: nobody has explained it.
    """

    level: int
    at_ms: int
    delta_mg: int
    outcome: Candidate | None


@dataclass(frozen=True, slots=True)
class Told:
    """One verdict on a bin."""

    number: int
    kind: str
    decided_ms: int
    best: Candidate
    candidates: tuple[Candidate, ...]
    levels: tuple[Level, ...]
    stood: frozenset[int]  # the levels that a step leads to, one that came to nothing too
    steps: tuple[Step, ...]
    tags: tuple[TagCount, ...]


class Moved(NamedTuple):
    """What was booked: `change` with all corrections, `booked` as it was at first."""

    movement: str
    cause: str
    part: str
    change: int
    booked: int
    confidence_ppm: int


class Later(NamedTuple):
    """What came after the first booking, and why. `kind`: verdict, corrected, answered, settled, rezeroed."""

    at_ms: int
    kind: str
    why: str = ""  # of a verdict: the kind of event; of a doubt: its reason
    person: str = ""
    note: str = ""
    part: str = ""
    amount: int = 0  # pieces or grams; of a re-zeroing milligrams
    total: int = 0  # of a re-zeroing: milligrams since a person counted
    told: Told | None = None  # the verdict before it


@dataclass(frozen=True, slots=True)
class BinStory:
    """All of one bin. `bin` 0: the session as a whole. `told`: the verdict that counts, None when there is none."""

    bin: int
    told: Told | None
    moved: tuple[Moved, ...]
    doubts: tuple[DoubtRow, ...]  # still open
    later: tuple[Later, ...]
    weighed: WeighedRow | None
    lasted_ms: int = 0
    origins: tuple[tuple[str, int], ...] = ()  # parts that came in, and the bin they left in this session

    @property
    def blind(self) -> bool:
        """Whether its sensor gave no weight before or after."""
        row = self.weighed
        return row is not None and (row.quality == BLIND or row.mg is None or row.before_mg is None)

    @property
    def moved_at_all(self) -> bool:
        """Whether there is anything to show of it."""
        return bool(self.moved or self.doubts or self.later or self.blind or (self.told and _says_something(self.told)))

    @property
    def levels(self) -> tuple[Level, ...]:
        """What stood still: as the verdict saw it, else the weights before and after."""
        if self.told and len(self.told.levels) > 1:
            return self.told.levels
        row = self.weighed
        if row is None or row.before_mg is None or row.mg is None:
            return ()
        return (Level(0, row.before_mg, row.before_noise_mg), Level(self.lasted_ms, row.mg, row.noise_mg))

    @property
    def steps(self) -> tuple[Step, ...]:
        """What its weight did: as the verdict explained it, else the changes that are more than noise."""
        if self.told and self.told.steps:
            return self.told.steps
        return tuple(_unexplained(self.levels))

    @property
    def passing(self) -> frozenset[int]:
        """The levels that the verdict found to be no load: a hand that rested there."""
        if not self.told or not self.told.steps:
            return frozenset()
        return frozenset(range(1, len(self.levels) - 1)) - self.told.stood

    @property
    def named(self) -> tuple[str, ...]:
        """The parts it is about: booked, in the verdict, or asked about."""
        numbers = [moved.part for moved in self.moved]
        numbers += [part for part, _ in (self.told.best.changes if self.told else ())]
        numbers += [doubt.part for doubt in self.doubts if doubt.part]
        return tuple(dict.fromkeys(numbers))

    @property
    def parts(self) -> tuple[str, ...]:
        """Every part that is mentioned, those it is about first."""
        mentioned = (part for found in (self.told.candidates if self.told else ()) for part, _ in found.changes)
        heard = (tags.part for tags in (self.told.tags if self.told else ()))
        return tuple(dict.fromkeys((*self.named, *mentioned, *heard)))


def tell_session(
    verdicts: Iterable[VerdictRow] = (),
    moved: Sequence[MovedRow] = (),
    doubts: Sequence[DoubtRow] = (),
    rezeros: Sequence[ReZeroRow] = (),
    weighed: Sequence[WeighedRow] = (),
    *,
    lasted_ms: int = 0,
) -> tuple[BinStory, ...]:
    """Every bin of which something is known, in order of its number; what concerns no bin comes first, as bin 0.

    `lasted_ms`: from the unlock until all had settled, when the last weight of each bin was taken.
    """
    told: dict[int, list[Told]] = {}
    for row in sorted(verdicts, key=lambda row: row.number):
        told.setdefault(row.bin, []).append(read_verdict(row, lasted_ms))
    weights = {row.bin: row for row in weighed}
    numbers = {*told, *weights, *(row.bin for row in moved), *(row.bin for row in doubts)}
    numbers |= {row.bin for row in rezeros}
    left, net = _left(told, moved), _net(moved)
    stories = []
    for number in sorted(numbers):
        here = tuple(told.get(number, ()))
        stories.append(
            BinStory(
                bin=number,
                told=here[-1] if here else None,
                moved=net.get(number, ()),
                doubts=tuple(row for row in doubts if row.bin == number and not row.resolved_ms),
                later=_later(number, here, moved, doubts, rezeros),
                weighed=weights.get(number),
                lasted_ms=lasted_ms,
                origins=_origins(number, here, left),
            )
        )
    return tuple(stories)


def moved_bins(bins: Iterable[BinStory]) -> tuple[BinStory, ...]:
    """The bins of which there is something to say."""
    return tuple(story for story in bins if story.bin and story.moved_at_all)


def still_count(bins: Iterable[BinStory]) -> int:
    """How many bins were looked at and did not move."""
    return sum(1 for story in bins if story.bin and not story.moved_at_all)


def read_verdict(row: VerdictRow, lasted_ms: int = 0) -> Told:
    """A verdict's JSON texts as values; its last level is that of the session's end."""
    changes, foreign_mg = json.loads(row.best)
    levels = _ended([Level(*found) for found in json.loads(row.levels or "[]")], lasted_ms)
    steps = json.loads(row.steps or "[]")
    return Told(
        number=row.number,
        kind=row.kind,
        decided_ms=row.decided_ms,
        best=_candidate(changes, foreign_mg, row.confidence_ppm),
        candidates=tuple(_candidate(*found) for found in json.loads(row.candidates or "[]")),
        levels=levels,
        stood=frozenset(level for level, *_ in steps),
        steps=tuple(_step(found, levels) for found in steps if found[1] or found[2]),
        tags=tuple(TagCount(*found) for found in json.loads(row.tags or "[]")),
    )


def _candidate(changes: Sequence[Sequence[Any]], foreign_mg: int, ppm: int) -> Candidate:
    return Candidate(tuple((str(part), int(count)) for part, count in changes), foreign_mg, ppm)


def _ended(levels: Sequence[Level], lasted_ms: int) -> tuple[Level, ...]:
    if not levels:
        return ()
    last = levels[-1]
    return (*levels[:-1], last._replace(at_ms=max(last.at_ms, levels[0].at_ms + lasted_ms)))


def _step(found: Sequence[Any], levels: Sequence[Level]) -> Step:
    level, changes, foreign_mg, delta_mg, _noise_mg = found
    at_ms = levels[level].at_ms - levels[0].at_ms if level < len(levels) else 0
    return Step(level, at_ms, delta_mg, _candidate(changes, foreign_mg, 0))


def _unexplained(levels: Sequence[Level]) -> Iterator[Step]:
    for number in range(1, len(levels)):
        before, after = levels[number - 1], levels[number]
        sigma_mg = sqrt(before.noise_mg**2 + after.noise_mg**2 + FLOOR_MG**2)
        if abs(after.mg - before.mg) > STILL_SIGMAS * sigma_mg:
            yield Step(number, after.at_ms - levels[0].at_ms, after.mg - before.mg, None)


def _says_something(told: Told) -> bool:
    """Whether a verdict is more than that nothing moved, for certain, and nothing stood still in between."""
    sure_of_nothing = not told.best.changes and not told.best.foreign_mg and told.best.ppm >= 990_000
    return not sure_of_nothing or len(told.levels) > 2


def ranked(told: Told) -> tuple[Candidate, ...]:
    """The candidates, the verdict itself in front: the best of the session is not always the best of the bin."""
    others = (found for found in told.candidates if found[:2] != told.best[:2])
    return (told.best, *others)


# ---- what was booked, net of what corrected it ----


def _net(rows: Sequence[MovedRow]) -> dict[int, tuple[Moved, ...]]:
    """What was booked, by bin. A correction may name another part, or another bin, than what it corrects."""
    movements = {row.movement: row for row in rows}
    corrects = {row.movement: row.corrects for row in rows}
    sums: dict[tuple[str, int, str], list[int]] = {}  # the change in all, and as first booked
    for row in rows:
        first = _first(row.movement, corrects)
        if first in movements and movements[first].cause in BOOKED:
            found = sums.setdefault((first, row.bin, row.part), [0, 0])
            found[0] += row.quantity
            found[1] += 0 if row.corrects else row.quantity
    net: dict[int, tuple[Moved, ...]] = {}
    for (first, number, part), (change, booked) in sums.items():
        row = movements[first]
        net[number] = (*net.get(number, ()), Moved(first, row.cause, part, change, booked, row.confidence_ppm))
    return net


def _first(movement: str, corrects: dict[str, str]) -> str:
    """The movement at the root of a chain of corrections."""
    while corrects.get(movement):
        movement = corrects[movement]
    return movement


# ---- what came later ----


def _later(
    number: int,
    told: Sequence[Told],
    moved: Sequence[MovedRow],
    doubts: Sequence[DoubtRow],
    rezeros: Sequence[ReZeroRow],
) -> tuple[Later, ...]:
    found = [
        Later(each.decided_ms, "verdict", each.kind, told=before)
        for before, each in pairwise(told)
        if _says_otherwise(before, each)
    ]
    found += [
        Later(row.booked_ms, "corrected", "", row.person, row.note, row.part, row.quantity)
        for row in moved
        if row.bin == number and row.corrects
    ]
    found += [
        Later(row.resolved_ms, "answered" if row.resolved_by else "settled", row.reason, row.resolved_by, row.note)
        for row in doubts
        if row.bin == number and row.resolved_ms
    ]
    found += [
        Later(row.at_ms, "rezeroed", amount=row.to_mg - row.from_mg, total=row.sum_mg)
        for row in rezeros
        if row.bin == number
    ]
    return tuple(sorted(found, key=lambda each: each.at_ms))


def _says_otherwise(before: Told, after: Told) -> bool:
    """All bins of a session are decided again together: most say what they said."""
    return before.best[:2] != after.best[:2] or abs(before.best.ppm - after.best.ppm) >= ANOTHER_PPM


def said_by_a_person(movement: str, corrects: str) -> bool:
    """Whether a correction was asked for at the kiosk: it is named after what it corrects, as no event's is."""
    return bool(corrects) and movement.startswith(f"{corrects}/")


# ---- what went from one bin into another ----


def _left(told: dict[int, list[Told]], moved: Sequence[MovedRow]) -> dict[str, list[int]]:
    """The bins that a part left, by part: by the verdicts that count, else by what was booked."""
    left: dict[str, list[int]] = {}
    gone = [(part, number) for number, each in told.items() for part, count in each[-1].best.changes if count < 0]
    gone += [(row.part, row.bin) for row in moved if row.quantity < 0 and row.bin not in told]
    for part, number in gone:
        left.setdefault(part, []).append(number)
    return left


def _origins(number: int, told: Sequence[Told], left: dict[str, list[int]]) -> tuple[tuple[str, int], ...]:
    """Where a part that came in came from, when one other bin lost it."""
    if not told:
        return ()
    came = (part for part, count in told[-1].best.changes if count > 0)
    found = ((part, [other for other in left.get(part, ()) if other != number]) for part in came)
    return tuple((part, others[0]) for part, others in found if len(others) == 1)
