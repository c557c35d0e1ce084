"""Ways to explain the levels of a bin: what each comes to, how likely it is, and what it makes the load.

Pure: definitions, and how a way goes on by one level. Which ways there are is `trace.py`'s.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, lgamma, log, log1p, pi
from typing import NamedTuple

from edge_gateway.counting import prior
from edge_gateway.counting.evidence import Mass

KNOWN = 1000.0  # freedom of what does not hang on a learned spread

Changes = tuple[tuple[int, int], ...]  # (part, pieces), in order of the part, none of them zero
Sum = tuple[Changes, tuple[int, ...]]  # what a way comes to: changes, and objects that are none of the parts (mg)
NOTHING_YET: Sum = ((), ())


class WeighedLump(NamedTuple):
    """Pieces of one part, weighed when they were taken; `share`: how likely these come back, of all of that part."""

    pieces: int
    mg: int
    variance: float
    share: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A part that may have gone or come: its limits are what a session can change.

    `lumps`: pieces of it that may come back and were weighed.
    """

    mass: Mass
    out_max: int
    in_max: int
    guest: bool  # it belongs to another bin
    lumps: tuple[WeighedLump, ...] = ()


class Move(NamedTuple):
    """One step of a way: what moved, the change of weight with its variance as measured, and the load before it."""

    level: int
    changes: Changes
    foreign_mg: int
    mg: float
    variance: float
    load_mg: float
    load_variance: float

    @property
    def nothing(self) -> bool:
        """Whether it came to nothing."""
        return not self.changes and not self.foreign_mg


class Seen(NamedTuple):
    """A level as a measurement of the load."""

    level: int
    mg: int
    variance: float


class Way(NamedTuple):
    """One explanation up to a level: what it comes to, how likely, and what it makes the load.

    `moves`: how it came there; while it is one of many, only `before`, the way it goes on.
    """

    changes: Changes
    foreign: tuple[int, ...]
    weight: float
    mean_mg: float
    variance: float
    moves: tuple[Move, ...] = ()
    before: "Way | None" = None


@lru_cache(maxsize=256)
def _log_student_scale(freedom: int) -> float:
    return lgamma((freedom + 1) / 2) - lgamma(freedom / 2) - 0.5 * log(freedom * pi)


def _log_student(rest: float, variance: float, freedom: float) -> float:
    """Log density of Student's distribution: a spread learned from few pieces may be larger than it seems."""
    scale = _log_student_scale(min(int(freedom), 1000))
    return scale - 0.5 * log(variance) - 0.5 * (freedom + 1) * log1p(rest * rest / (variance * freedom))


def moved(way: Way, now: Sum, log_way: float, fit: tuple[float, float, float], seen: Seen) -> Way:
    """A way goes on to what it comes to now.

    `fit`: what of the level is left unexplained, how far that may be, and how well that is known.
    """
    rest, variance, freedom = fit
    weight = way.weight + log_way + _log_student(rest, variance, freedom)
    gain = 1.0 - seen.variance / variance  # the share of the surprise that belongs to the load, not to the measurement
    return Way(*now, weight, seen.mg - rest + gain * rest, seen.variance * gain, before=way)


def with_object(way: Way, changes: Changes, mg: float, log_way: float, seen: Seen) -> Way:
    """A way on which something of `mg` that is none of the parts came: whatever the level is, it explains it."""
    now = (changes, (*way.foreign, round(mg)))
    weight = way.weight + prior.log_tool(mg) + log_way
    return Way(*now, weight, float(seen.mg), seen.variance, before=way)


def with_move(way: Way, seen: Seen) -> Way:
    """A way that is kept, with how it came to this level; one that passed it by has no step there."""
    before = way.before
    if before is None:
        return way
    earlier, now = dict(before.changes), dict(way.changes)
    changed = ((at, now.get(at, 0) - earlier.get(at, 0)) for at in sorted(earlier.keys() | now.keys()))
    move = Move(
        level=seen.level,
        changes=tuple((at, n) for at, n in changed if n),
        foreign_mg=sum(way.foreign) - sum(before.foreign),
        mg=seen.mg - before.mean_mg,
        variance=before.variance + seen.variance,
        load_mg=before.mean_mg,
        load_variance=before.variance,
    )
    return way._replace(moves=(*before.moves, move), before=None)


def add(found: dict[Sum, Way], way: Way) -> None:
    """Add a way to those that come to the same; the likelier one tells how."""
    key = (way.changes, way.foreign)
    before = found.get(key)
    if before is None:
        found[key] = way
        return
    high, low = (before, way) if before.weight >= way.weight else (way, before)
    found[key] = high._replace(weight=high.weight + log1p(exp(low.weight - high.weight)))
