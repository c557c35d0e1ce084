"""The outcomes of one bin that its weights allow, each with the likelihood of all ways to get there.

Pure. The levels of a session are walked through as a filter does: between two of them somebody did something, a few
pieces of a part, two parts in one reach, something that is none of the parts, or nothing; each way keeps its own idea
of the load (mean and variance), so that an error of one level is not counted as two. Ways that lead to the same
outcome are added up.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import log, sqrt

from edge_gateway.counting.evidence import BinEvidence, Level, Mass
from edge_gateway.counting.ways import (
    KNOWN,
    NOTHING_YET,
    Candidate,
    Changes,
    Move,
    Seen,
    Sum,
    Way,
    add,
    moved,
    with_move,
    with_object,
)

_DRIFT = 30.0  # freedom of a weight nobody touched: cells wander now and then further than they do
_PLATEAU = 4.0  # freedom where a plateau has a part in it
_STRETCH = 1.1  # pieces may all be a little heavier than they should
_REACH = 6.5  # deviations beyond which nothing is looked for
_WINDOW = 17.0  # ways e^17 times less likely than the best are dropped
_WAYS_MAX = 32
_FOREIGN_MAX = 2
_OBJECT_SIGMAS = 2.0  # what is nearer to nothing is not looked at
_OBJECT_MG_MIN = 8_000.0  # what is lighter is drift or dirt, no tool
_TOGETHER = 3  # pieces of each of two parts in one reach

# How likely it is to do it in this way, given what came of it in the end.
_IN_ONE_REACH = log(0.4)  # several pieces
_TWO_PARTS_IN_ONE_REACH = log(0.2)
_BACK_AND_FORTH = log(0.1)
_NOTHING_THERE = log(0.1)
_NOBODY_THERE = log(0.994)
_TOUCHED = log(0.005)  # without a level in between
_DIRT = log(0.001)  # came or went: oil, a scrap of packing, a cable that leans on the tray; no quarter of a piece
_DIRT_MG = 5_000.0
_PASSING = log(0.03 / 2_000_000)  # a level that was no load: a hand that rested; per mg
_EXCHANGED = log(0.002)  # taken and something else laid in, with no level in between
_EXCHANGED_RANKS = 6  # looked for beyond the likeliest ways only
_REMOVED = log(0.5)
_PUT_BACK = log(0.5)
_SAME_PIECES = log(0.9)  # a return of pieces that were weighed when they were taken
_OTHER_PIECES = 0.03

Pair = tuple[float, float, float, int, int, int, int]  # mass, variance, freedom, part, pieces, other part, pieces


class Trace:
    """The walk through one bin's levels; `log_prior` says how likely an outcome is beforehand."""

    def __init__(
        self,
        evidence: BinEvidence,
        parts: tuple[Candidate, ...],
        log_prior: Callable[[Changes, tuple[int, ...]], float],
    ) -> None:
        self._log_prior = log_prior
        self._cell = evidence.cell
        self._levels = evidence.loads
        self._known_foreign = evidence.foreign_mg
        self._parts = parts
        self._lightest_mg = min((part.mass.mean_mg for part in parts if not part.guest), default=0.0)
        self._at_rest = sum(self._cell.rest_variance(level.noise_mg) for level in self._levels[:2])
        self._pairs = _pairs(parts) if _lost(self._levels) else []
        self._pair_masses = [pair[0] for pair in self._pairs]

    def outcomes(self) -> list[Way]:
        """What the last level may mean, the likeliest first."""
        first = self._levels[0]
        ways = [Way((), (), 0.0, float(first.mg), self._seen(0).variance)]
        last = len(self._levels) - 1
        for at in range(1, last + 1):
            ways = self._step(ways, self._seen(at), passing=at < last)
        return ways

    def _freedom(self, freedom: float) -> float:
        """A plateau may be further off than its noise says: a knock that dies away looks still for a moment."""
        return min(freedom, _PLATEAU) if len(self._levels) > 2 else freedom

    def _seen(self, at: int) -> Seen:
        cell, level = self._cell, self._levels[at]
        creep = cell.creep_ppm * (level.mg - self._levels[0].mg) / 1e6
        return Seen(at, level.mg, cell.variance(level.noise_mg) + creep * creep)

    def _step(self, ways: list[Way], seen: Seen, *, passing: bool) -> list[Way]:
        found: dict[Sum, Way] = {}
        for rank, way in enumerate(ways):
            for after in self._after(way, seen):
                add(found, after)
            if rank < _EXCHANGED_RANKS:
                for after in self._exchanged(way, seen):
                    add(found, after)
            if passing:
                add(found, way._replace(weight=way.weight + _PASSING))
        return [with_move(way, seen) for way in self._likeliest(found)]

    def _likeliest(self, found: dict[Sum, Way]) -> list[Way]:
        """The ways worth going on with, the likeliest first."""
        weighed = [(way.weight + self._log_prior(way.changes, way.foreign), way) for way in found.values()]
        weighed.sort(key=lambda pair: pair[0], reverse=True)
        limit = weighed[0][0] - _WINDOW
        return [way for weight, way in weighed[:_WAYS_MAX] if weight >= limit]

    def _after(self, way: Way, seen: Seen) -> Iterator[Way]:
        change = seen.mg - way.mean_mg
        still = way.variance + seen.variance
        if len(self._levels) > 2:
            yield moved(way, (way.changes, way.foreign), _NOTHING_THERE, (change, still, _PLATEAU), seen)
        else:
            yield from self._untouched(way, change, still, seen)
        yield from self._single(way, change, still, seen)
        yield from self._together(way, change, still, seen)
        yield from self._the_same(way, change, still, seen)
        yield from self._foreign(way, change, still, seen)

    def _untouched(self, way: Way, change: float, still: float, seen: Seen) -> Iterator[Way]:
        """A bin that stood at no level in between: nobody was there, or somebody touched what lies in it."""
        at_rest = seen._replace(variance=seen.variance - self._cell.repeat_mg**2)
        yield moved(way, NOTHING_YET, _NOBODY_THERE, (change, self._at_rest, _DRIFT), at_rest)
        yield moved(way, NOTHING_YET, _TOUCHED, (change, still, _DRIFT), seen)
        if abs(change) < self._lightest_mg / 4:
            yield moved(way, NOTHING_YET, _DIRT, (change, still + _DIRT_MG**2, KNOWN), seen)

    def _single(self, way: Way, change: float, still: float, seen: Seen) -> Iterator[Way]:
        for at, n, rest, variance in self._near(change, still):
            changes = self._changed(way.changes, at, n)
            if changes is None:
                continue
            part = self._parts[at]
            fit = (rest, variance, self._freedom(part.mass.freedom))
            if way.moves and (changes, way.foreign) == NOTHING_YET:
                first = way.moves[0]  # the pieces that come back are those that went, in whatever lumps
                fit = (seen.mg - first.load_mg, first.load_variance + seen.variance, self._freedom(KNOWN))
            log_way = _log_unweighed(part, n) + _log_reach(way, at, n)
            yield moved(way, (changes, way.foreign), log_way, fit, seen)

    def _near(self, change: float, still: float) -> Iterator[tuple[int, int, float, float]]:
        """Pieces of one part that weigh about the change: (part, pieces, what is left unexplained, its variance)."""
        scale = self._cell.scale_ppm / 1e6
        margin = _REACH * sqrt(still)
        for at, part in enumerate(self._parts):
            mass = part.mass
            most_mg = _STRETCH * (part.out_max + part.in_max) * mass.mean_mg + margin
            if not -most_mg <= change <= most_mg:
                continue
            middle = round(change / mass.mean_mg)
            reach = int(_REACH * sqrt(still + _piece_variance(mass, middle or 1, scale)) / mass.mean_mg) + 1
            most = part.out_max + part.in_max  # however blurred the weights are
            for n in range(max(middle - reach, -most), min(middle + reach, most) + 1):
                rest = change - n * mass.mean_mg
                variance = still + _piece_variance(mass, n, scale)
                if n != 0 and rest * rest <= _REACH * _REACH * variance:
                    yield at, n, rest, variance

    def _together(self, way: Way, change: float, still: float, seen: Seen) -> Iterator[Way]:
        if change >= 0 or not self._pairs:
            return
        margin = _REACH * sqrt(still) + (_STRETCH - 1.0) * -change
        first = bisect_left(self._pair_masses, -change - margin)
        for mass_mg, spread, freedom, one, n, other, m in self._pairs[first:]:
            if mass_mg > -change + margin:
                return
            rest, variance = change + mass_mg, still + spread
            if rest * rest > _REACH * _REACH * variance:
                continue
            changes = self._changed(way.changes, one, -n)
            changes = None if changes is None else self._changed(changes, other, -m)
            if changes is not None:
                fit = (rest, variance, self._freedom(freedom))
                yield moved(way, (changes, way.foreign), _TWO_PARTS_IN_ONE_REACH, fit, seen)

    def _the_same(self, way: Way, change: float, still: float, seen: Seen) -> Iterator[Way]:
        """The very pieces that were taken before come back, or what was laid in is taken away again."""
        yield from self._put_back(way, change, still, seen)
        if change <= 0:
            return
        for at, part in enumerate(self._parts):
            for pieces, mg, lump_variance, share in part.lumps:
                gain = self._cell.scale_ppm * mg / 1e6
                rest, variance = change - mg, still + lump_variance + 2 * gain * gain
                if rest * rest > _REACH * _REACH * variance:
                    continue
                changes = self._changed(way.changes, at, pieces)
                if changes is not None:
                    log_way = _SAME_PIECES + log(share)
                    yield moved(way, (changes, way.foreign), log_way, (rest, variance, KNOWN), seen)

    def _put_back(self, way: Way, change: float, still: float, seen: Seen) -> Iterator[Way]:
        """A move is undone. The last one, or all of them: then the load is as it was, however roughly seen since."""
        moves = [move for move in reversed(way.moves) if not move.nothing]
        for number, move in enumerate(moves):
            now = self._undone(way, move)
            if now is None:
                continue
            since = move if number == 0 else moves[-1] if now == NOTHING_YET else None
            rest, variance = change + move.mg, still + move.variance
            if move.foreign_mg and move.changes:  # an exchange: only what was laid in goes again
                since, rest = None, change + move.foreign_mg
            if since is not None:
                rest, variance = seen.mg - since.load_mg, since.load_variance + seen.variance
            if rest * rest <= _REACH * _REACH * variance:
                yield moved(way, now, _PUT_BACK, (rest, variance, KNOWN), seen)

    def _undone(self, way: Way, move: Move) -> Sum | None:
        if move.foreign_mg:
            foreign = list(way.foreign)
            if move.foreign_mg not in foreign:
                return None
            foreign.remove(move.foreign_mg)
            return way.changes, tuple(foreign)
        changes: Changes | None = way.changes
        for at, n in move.changes:
            if changes is None or n > 0:
                return None
            changes = self._changed(changes, at, -n)
        return None if not move.changes or changes is None else (changes, way.foreign)

    def _foreign(self, way: Way, change: float, still: float, seen: Seen) -> Iterator[Way]:
        for known in self._known_foreign:
            if -known not in way.foreign:
                removed = (way.changes, (*way.foreign, -known))
                yield moved(way, removed, _REMOVED, (change + known, still, KNOWN), seen)
        least = _OBJECT_SIGMAS**2 * (self._at_rest if len(self._levels) == 2 else still)
        if len(way.foreign) < _FOREIGN_MAX and change * change > least and abs(change) > _OBJECT_MG_MIN:
            yield with_object(way, way.changes, change, 0.0, seen)

    def _exchanged(self, way: Way, seen: Seen) -> Iterator[Way]:
        """One or two pieces were taken and something laid in, in one go."""
        change = seen.mg - way.mean_mg
        if len(way.foreign) == _FOREIGN_MAX or change * change <= 16 * (way.variance + seen.variance):
            return
        for at, part in enumerate(self._parts):
            for n in (1, 2):
                rest = change + n * part.mass.mean_mg
                changes = None if part.guest or rest < _OBJECT_MG_MIN else self._changed(way.changes, at, -n)
                if changes is not None:
                    yield with_object(way, changes, rest, _EXCHANGED, seen)

    def _changed(self, changes: Changes, at: int, n: int) -> Changes | None:
        """Changes with `n` more of a part; None when more left or came than can have."""
        counts = dict(changes)
        count = counts.get(at, 0) + n
        part = self._parts[at]
        if not -part.out_max <= count <= part.in_max:
            return None
        if count:
            counts[at] = count
        else:
            del counts[at]
        return tuple(sorted(counts.items()))


def _log_unweighed(part: Candidate, n: int) -> float:
    """What somebody brings back was weighed when he took it, if he took it here: then other pieces are less likely."""
    if n < 0 or not part.lumps:
        return 0.0
    return log(max(sum(lump.share for lump in part.lumps if lump.pieces > n), _OTHER_PIECES))


def _lost(levels: tuple[Level, ...]) -> bool:
    """Whether some level is lower than the one before, by more than noise."""
    return any(after.mg < before.mg - 3 * before.noise_mg for before, after in pairwise(levels))


def _log_reach(way: Way, at: int, n: int) -> float:
    """Pieces of a part go or come at once. Back come others than those just taken hardly, where just as many were."""
    if n > 0 and _turns(way.changes, at, n):
        same = any(move.changes == ((at, -n),) for move in way.moves)
        return _BACK_AND_FORTH + (log(_OTHER_PIECES) if same else 0.0)
    return _IN_ONE_REACH if abs(n) > 1 else 0.0


def _turns(changes: Changes, at: int, n: int) -> bool:
    """Whether pieces of a part go the other way than they went before."""
    return any(part == at and count * n < 0 for part, count in changes)


def _piece_variance(mass: Mass, n: int, scale: float) -> float:
    gain = scale * n * mass.mean_mg
    return mass.variance(n) + gain * gain


def _pairs(parts: tuple[Candidate, ...]) -> list[Pair]:
    """Two parts of the bin in one reach, by mass."""
    reaches = [_reaches(part) for part in parts if not part.guest]
    found = [
        (mass + more, variance + further, min(parts[one].mass.freedom, parts[other].mass.freedom), one, n, other, m)
        for one, of_one in enumerate(reaches)
        for other in range(one + 1, len(reaches))
        for n, mass, variance in of_one
        for m, more, further in reaches[other]
    ]
    found.sort()
    return found


def _reaches(part: Candidate) -> list[tuple[int, float, float]]:
    """What one reach takes of a part: (pieces, mass, variance)."""
    numbers = range(1, min(_TOGETHER, part.out_max) + 1)
    return [(n, n * part.mass.mean_mg, part.mass.variance(n)) for n in numbers]
