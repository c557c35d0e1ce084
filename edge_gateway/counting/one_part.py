"""How many pieces a change of weight means: a probability for every count, never a rounded division.

Pure: functions of values. One part per bin. The constants are those of a C3 single-point cell on a NAU7802
(docs: the error model of the simulator is drawn from the same sources, but shares no code with this module).
"""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, exp, log, pi, sqrt
from typing import NamedTuple

SURE_PPM = 990_000  # a count is booked without asking from here on

# One settled weighing, beyond its own noise: a one-second mean of a 10 kg C3 cell on a NAU7802 spreads 170 mg.
FLOOR_MG = 170
# Creep of a C3 cell over half an hour: 0.0245 % of the load (OIML R60), plus an item 6 cm off centre: 0.005 %.
CREEP_PPM = 300
# Span of a calibration with a workshop weight: 0.1 % of what moved.
SCALE_PPM = 1000

_RARER = 1.5  # n pieces at once are (n + 1) ** 1.5 times less likely beforehand than none: packs do come and go
_AGAINST = 0.2  # a mechanic who brings back, a restocker who takes away
_NONE_OF_THESE = 0.002  # a tool, a rag, a hand: beforehand
_BEYOND_LEDGER = 0.1  # more than the ledger holds: the ledger may be wrong, but seldom is
_CANDIDATES_MAX = 400
_FLOOR_SQUARED = FLOOR_MG * FLOOR_MG
_CREEP = CREEP_PPM / 1e6


class Change(NamedTuple):
    """What a bin weighed before and after, each with its noise (one standard deviation)."""

    before_mg: int
    before_noise_mg: int
    after_mg: int
    after_noise_mg: int


@dataclass(frozen=True, slots=True)
class Piece:
    """What one piece weighs, and how much that differs from piece to piece (one standard deviation)."""

    mass_mg: int
    spread_mg: int


@dataclass(frozen=True, slots=True)
class Count:
    """The likeliest change in pieces (negative: taken), how sure, and the likeliest others as (count, ppm).

    `other_ppm` is the probability that it is nothing of this part at all.
    """

    best: int
    confidence_ppm: int
    candidates: tuple[tuple[int, int], ...]
    other_ppm: int


def count(change: Change, piece: Piece, stock: int, capacity: int, towards: int) -> Count:
    """Probabilities for a change of a bin that holds `stock` by the ledger.

    `towards` is -1 where taking is likelier, 1 where bringing is, 0 where neither.
    """
    delta = change.after_mg - change.before_mg
    still = _still_variance(change)
    if _nothing_moved(delta, still, piece.mass_mg):
        return _NOTHING
    bounds = _bounds(change, piece, stock, capacity)
    weights = {
        n: _log_prior(n, stock, towards) + _log_density(delta - n * piece.mass_mg, _variance(n, still, piece))
        for n in _candidates(delta, still, piece, bounds)
    }
    span_mg = 2.0 * max(abs(delta), change.before_mg, change.after_mg, piece.mass_mg)
    return _normalise(weights, log(_NONE_OF_THESE) - log(span_mg))


_NOTHING = Count(0, 1_000_000, ((0, 1_000_000),), 0)


def _nothing_moved(delta_mg: int, still: float, mass_mg: int) -> bool:
    """The everyday case, decided without the sums: within three sigma of nothing, at least nine from one piece."""
    return delta_mg * delta_mg <= 9 * still and mass_mg * mass_mg > 144 * still


def change_sigma_mg(change: Change) -> float:
    """The standard deviation of a change in which nothing moved."""
    return sqrt(_still_variance(change))


def level_sigma_mg(mg: int, noise_mg: int, pieces: int, spread_mg: int) -> float:
    """The standard deviation of a settled weight that should be `pieces` pieces."""
    scale = mg * SCALE_PPM / 1e6
    return sqrt(noise_mg * noise_mg + FLOOR_MG * FLOOR_MG + pieces * spread_mg * spread_mg + scale * scale)


def _still_variance(change: Change) -> float:
    before_mg, before_noise_mg, after_mg, after_noise_mg = change
    load_mg = before_mg if before_mg > after_mg else after_mg
    creep = load_mg * _CREEP if load_mg > 0 else 0.0
    return before_noise_mg * before_noise_mg + after_noise_mg * after_noise_mg + _FLOOR_SQUARED + creep * creep


def _variance(n: int, still: float, piece: Piece) -> float:
    scale = n * piece.mass_mg * SCALE_PPM / 1e6
    return still + abs(n) * piece.spread_mg * piece.spread_mg + scale * scale


def _bounds(change: Change, piece: Piece, stock: int, capacity: int) -> tuple[int, int]:
    """What can have left is what the ledger or the scale says was there; what can have come is what fits."""
    out = max(stock, ceil(change.before_mg / piece.mass_mg) + 1, 0)
    into = max(capacity - stock, ceil(change.after_mg / piece.mass_mg) + 1 - stock, 1)
    return -out, into


def _candidates(delta_mg: int, still: float, piece: Piece, bounds: tuple[int, int]) -> set[int]:
    middle = round(delta_mg / piece.mass_mg)
    reach = 2 + ceil(6 * sqrt(_variance(middle, still, piece)) / piece.mass_mg)
    reach = min(reach, _CANDIDATES_MAX // 2)
    low, high = bounds
    return {0} | set(range(max(low, middle - reach), min(high, middle + reach) + 1))


@lru_cache(maxsize=4096)
def _log_prior(n: int, stock: int, towards: int) -> float:
    weight = -_RARER * log(1 + abs(n))
    if n * towards < 0:
        weight += log(_AGAINST)
    if -n > stock:
        weight += log(_BEYOND_LEDGER)
    return weight


def _log_density(error_mg: float, variance: float) -> float:
    return -0.5 * (error_mg * error_mg / variance + log(2 * pi * variance))


def _normalise(weights: dict[int, float], other: float) -> Count:
    highest = max(other, *weights.values())
    shares = {n: exp(weight - highest) for n, weight in weights.items()}
    total = sum(shares.values()) + exp(other - highest)
    ranked = sorted(((share / total, n) for n, share in shares.items()), reverse=True)
    candidates = tuple((n, int(share * 1e6)) for share, n in ranked[:4] if share * 1e6 >= 1)
    share, best = ranked[0]
    return Count(best, int(share * 1e6), candidates, int(exp(other - highest) / total * 1e6))
