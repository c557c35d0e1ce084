"""Whether the parts of a bin can be told apart by weight: found when a planogram is made, not when counts go wrong.

Pure. The likely outcomes of a session are laid out by what they weigh, each with how often it happens and how far its
weight wanders. Where a decision by weight alone would name another outcome, it is wrong: the sum over all of them is
the bin's expected share of wrong counts, and the worst pairs say why. It knows no plateaus, no persons and no history;
those help later, and only by chance.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import erf, log, sqrt
from typing import Literal, NamedTuple

from edge_gateway.counting import prior
from edge_gateway.counting.evidence import Cell, Mass

REFUSE_WRONG_PPM = 60_000  # of all sessions at the bin
WARN_WRONG_PPM = 10_000
REFUSE_SINGLE_PPM = 50_000  # of those in which one piece of either of two parts was taken
SEEN_SIGMA = 6.0  # a piece must weigh that many deviations of a cell in which nothing moved
WORST_KEPT = 5  # pairs that are named

_BOTH_MAX = 2  # pieces of each, where two parts are taken
_REACH = 4.0  # deviations from its mean at which an outcome ends

Finding = Literal["fine", "warned", "refused"]
Pieces = tuple[tuple[str, int], ...]  # how many of which parts, in the planogram's order; () is nothing


class PlacedPart(NamedTuple):
    """A part in a bin: what it weighs, and how many fit (0: not known)."""

    part: str
    mass: Mass
    capacity: int


class Taking(NamedTuple):
    """Something that may have been taken: what it weighs, its standard deviation, and how often it happens."""

    pieces: Pieces
    mg: float
    sigma_mg: float
    share: float


@dataclass(frozen=True, slots=True)
class Alike:
    """Two outcomes that are hard to tell apart. `wrong_ppm`: of the sessions in which either happened."""

    one: Taking
    other: Taking
    wrong_ppm: int

    @property
    def apart_mg(self) -> int:
        """How far their weights are from each other."""
        return abs(round(self.one.mg - self.other.mg))

    @property
    def sigma_mg(self) -> int:
        """How far both wander, as one standard deviation."""
        return round(sqrt((self.one.sigma_mg**2 + self.other.sigma_mg**2) / 2))

    @property
    def single(self) -> bool:
        """Whether each is one piece of one part."""
        return all(sum(count for _, count in outcome.pieces) == 1 for outcome in (self.one, self.other))


@dataclass(frozen=True, slots=True)
class BinCheck:
    """What was found of a bin. `wrong_ppm`: the expected share of wrong counts of its sessions.

    `alike`: outcomes that are taken for each other, the most frequent mistake first. `too_light`: parts whose single
    piece does not show on the cell. `full_mg`: what the bin weighs when it is full; `overloaded`: that is more than its
    cell can.
    """

    verdict: Finding
    wrong_ppm: int
    alike: tuple[Alike, ...]
    too_light: tuple[str, ...]
    full_mg: int
    overloaded: bool


def check_bin(cell: Cell, parts: Sequence[PlacedPart], tagged: Collection[str] = ()) -> BinCheck:
    """Whether sessions at a bin with these parts can be counted. `tagged`: parts whose every piece a reader hears."""
    outcomes = sorted(_outcomes(cell, parts), key=lambda outcome: outcome.mg - _REACH * outcome.sigma_mg)
    wrong, alike = _confused(outcomes, frozenset(tagged))
    wrong_ppm = round(wrong * 1e6)
    too_light = tuple(placed.part for placed in parts if placed.mass.mean_mg < seen_mg(cell))
    full_mg = round(sum(placed.capacity * placed.mass.mean_mg for placed in parts))
    overloaded = full_mg > cell.capacity_mg
    twins = [pair for pair in alike if pair.wrong_ppm > REFUSE_SINGLE_PPM and pair.single]
    refused = bool(too_light) or bool(twins) or wrong_ppm > REFUSE_WRONG_PPM
    warned = overloaded or wrong_ppm > WARN_WRONG_PPM
    verdict: Finding = "refused" if refused else "warned" if warned else "fine"
    return BinCheck(verdict, wrong_ppm, _worst(alike, twins), too_light, full_mg, overloaded)


def seen_mg(cell: Cell) -> float:
    """The lightest piece that can be counted on a cell; what is lighter is kept in grams."""
    return SEEN_SIGMA * sqrt(cell.floor_mg**2 + cell.repeat_mg**2)


def _worst(alike: list[Alike], twins: list[Alike]) -> tuple[Alike, ...]:
    """The pairs named: the most frequent mistakes, and single pieces that look alike in any case."""
    ranked = sorted(alike, key=lambda pair: -pair.wrong_ppm * (pair.one.share + pair.other.share))
    return tuple(dict.fromkeys((*ranked[:WORST_KEPT], *twins)))


# ---- what may happen ----


def _outcomes(cell: Cell, parts: Sequence[PlacedPart]) -> Iterator[Taking]:
    yield _outcome(cell, (), (), prior.NOTHING)
    if not parts:
        return
    pairs = list(combinations(parts, 2))
    two = prior.TWO_PARTS if pairs else 0.0
    for placed in parts:
        share = (1 - prior.NOTHING - two) / len(parts)
        for count, of_all in enumerate(prior.COUNTS, start=1):
            if _fits(placed, count):
                yield _outcome(cell, (placed,), (count,), share * of_all)
    both = sum(prior.COUNTS[:_BOTH_MAX]) ** 2
    for one, other in pairs:
        for first in range(1, _BOTH_MAX + 1):
            for second in range(1, _BOTH_MAX + 1):
                if _fits(one, first) and _fits(other, second):
                    share = prior.COUNTS[first - 1] * prior.COUNTS[second - 1] / both / len(pairs)
                    yield _outcome(cell, (one, other), (first, second), two * share)


def _fits(placed: PlacedPart, count: int) -> bool:
    return placed.capacity <= 0 or count <= placed.capacity


def _outcome(cell: Cell, placed: Sequence[PlacedPart], counts: Sequence[int], share: float) -> Taking:
    mg, variance = 0.0, float(cell.floor_mg**2)
    for (_, mass, _), count in zip(placed, counts, strict=True):
        mg += count * mass.mean_mg
        variance += mass.variance(count)
    if placed:
        variance += cell.repeat_mg**2
    variance += (mg * cell.creep_ppm / 1e6) ** 2 + (mg * cell.scale_ppm / 1e6) ** 2
    pieces = tuple((part.part, count) for part, count in zip(placed, counts, strict=True))
    return Taking(pieces, mg, max(sqrt(variance), 1.0), share)


# ---- what is taken for what ----

_Stretch = tuple[float, float]  # of weights, in mg
_ALL: _Stretch = (-1e12, 1e12)


def _confused(outcomes: Sequence[Taking], tagged: frozenset[str]) -> tuple[float, list[Alike]]:
    """The share of sessions that are taken for another outcome, and the pairs that are; outcomes by their lower end."""
    lost: list[list[_Stretch]] = [[] for _ in outcomes]  # the weights at which another outcome is likelier
    alike = []
    for at, one in enumerate(outcomes):
        upper = one.mg + _REACH * one.sigma_mg
        for beside in range(at + 1, len(outcomes)):
            other = outcomes[beside]
            if other.mg - _REACH * other.sigma_mg > upper:
                break
            if tagged and _told_by_tags(one, other, tagged):
                continue
            others = _likelier(one, other)
            ones = _rest(others)
            lost[at] += others
            lost[beside] += ones
            wrong = one.share * _probability(one, others) + other.share * _probability(other, ones)
            wrong_ppm = round(wrong / (one.share + other.share) * 1e6)
            if wrong_ppm > 0:
                alike.append(Alike(one, other, wrong_ppm))
    wrong = sum(outcome.share * _probability(outcome, _union(lost[at])) for at, outcome in enumerate(outcomes))
    return wrong / sum(outcome.share for outcome in outcomes), alike


def _told_by_tags(one: Taking, other: Taking, tagged: frozenset[str]) -> bool:
    return {piece for piece in one.pieces if piece[0] in tagged} != {
        piece for piece in other.pieces if piece[0] in tagged
    }


def _likelier(one: Taking, other: Taking) -> list[_Stretch]:
    """Where the other outcome is likelier than this one, in order.

    The logarithms of two normal densities differ by a parabola: a u^2 + b u + c, positive where this one is likelier,
    with u in this one's deviations from its mean.
    """
    ratio = one.sigma_mg / other.sigma_mg
    apart = (other.mg - one.mg) / other.sigma_mg
    a = (ratio * ratio - 1) / 2
    b = -ratio * apart
    c = log(one.share / (other.share * ratio)) + apart * apart / 2
    if abs(a) < 1e-9:
        return _beyond(one, b, c)
    root = b * b - 4 * a * c
    if root <= 0:
        return [] if a > 0 else [_ALL]
    away = sqrt(root) / (2 * abs(a))
    low = one.mg + one.sigma_mg * (-b / (2 * a) - away)
    high = one.mg + one.sigma_mg * (-b / (2 * a) + away)
    return [(low, high)] if a > 0 else [(_ALL[0], low), (high, _ALL[1])]


def _beyond(one: Taking, b: float, c: float) -> list[_Stretch]:
    """Where a straight line (b u + c) is negative."""
    if abs(b) < 1e-9:
        return [] if c >= 0 else [_ALL]
    at = one.mg - one.sigma_mg * c / b
    return [(at, _ALL[1])] if b < 0 else [(_ALL[0], at)]


def _rest(stretches: Sequence[_Stretch]) -> list[_Stretch]:
    """All other weights."""
    ends = [_ALL[0], *(end for stretch in stretches for end in stretch), _ALL[1]]
    return [(low, high) for low, high in zip(ends[::2], ends[1::2], strict=True) if low < high]


def _union(stretches: list[_Stretch]) -> list[_Stretch]:
    """The same weights without overlaps."""
    joined: list[_Stretch] = []
    for low, high in sorted(stretches):
        if joined and low <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(high, joined[-1][1])
        else:
            joined.append((low, high))
    return joined


def _probability(outcome: Taking, stretches: Sequence[_Stretch]) -> float:
    """How likely an outcome weighs what lies in stretches that do not overlap."""
    scale, mg = 1 / (outcome.sigma_mg * _ROOT_2), outcome.mg
    twice = 0.0
    for low, high in stretches:
        twice += erf((high - mg) * scale) - erf((low - mg) * scale)
    return twice / 2


_ROOT_2 = sqrt(2)
