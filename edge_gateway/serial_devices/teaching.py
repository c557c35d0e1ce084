"""What counted pieces on a scale tell of one piece: its mass, how sure that is, and how much pieces differ.

Pure. A batch of n pieces weighs n times the mean, give or take the pieces' spread (by the square root of n) and what
the scale rounds. One batch says the mean; how much pieces differ shows only between batches. Batches that do not agree
are refused: most likely one was miscounted, and often it can be said which.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final, Literal, NamedTuple

from edge_gateway.counting.learning import Known, learn

PIECES_MAX: Final = 1000
BATCHES_MAX: Final = 9
ASSUMED_SPREAD: Final = 0.007  # of the mean, for a part nobody has said a spread of: as counting assumes
ERROR_MAX: Final = 0.01  # of the mean, with 95 %: more pieces are wanted
_SIGMAS: Final = 1.96
_STUDENT: Final = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31)  # the same, by degrees of freedom from 1
# Chi-squared by degrees of freedom from 1: what 99.9 % and 95 % stay below, and what 95 % exceed (any table of it).
_HARDLY: Final = (10.83, 13.82, 16.27, 18.47, 20.52, 22.46, 24.32, 26.12)
_LIKELY: Final = (3.84, 5.99, 7.81, 9.49, 11.07, 12.59, 14.07, 15.51)
_LOW: Final = (0.00393, 0.1026, 0.3518, 0.7107, 1.1455, 1.6354, 2.1673, 2.7326)
_SHIFTS: Final = (-1, 1, -2, 2, -3, 3)

Problem = Literal["miscounted", "varies", "more"]


class Batch(NamedTuple):
    """So many pieces weighed together; `step_mg`: the scale's last digit."""

    pieces: int
    mass_mg: int
    step_mg: int

    @property
    def variance(self) -> float:
        """What the scale may be wrong by, squared: a step (zero and weight are rounded, and it repeats no better)."""
        return float(max(1, self.step_mg)) ** 2


class Taught(NamedTuple):
    """What one piece weighs, `error_mg` with 95 %. `spread_mg` 0: not known; `spread_max_mg` its bound with 95 %."""

    unit_mass_mg: int
    error_mg: int
    spread_mg: int
    spread_max_mg: int
    pieces: int
    batches: int


class Doubt(NamedTuple):
    """Why nothing is taught. Of `miscounted`: which batch (from 0), and how many pieces it may be; -1 for neither."""

    problem: Problem
    batch: int = -1
    pieces: int = 0


def judge(batches: Sequence[Batch], spread_mg: int = 0) -> Taught | Doubt:
    """What batches teach, or why they do not. `spread_mg`: what is known of the spread, 0 for nothing.

    `ValueError` without batches, or for one that holds nothing.
    """
    check(batches)
    mean = _mean(batches, 0.0)
    spread = float(spread_mg) or ASSUMED_SPREAD * mean
    freedom = len(batches) - 1
    if freedom and _misfit(batches, spread) > _HARDLY[freedom - 1]:
        found = _miscounted(batches, spread)
        if found is not None:
            return found
        if len(batches) < 3:
            return Doubt("varies")
    estimate, bound = _spread(batches)
    # A spread from two batches says next to nothing; from three on it is taken, as surely as Student's t has it.
    used, sigmas = (estimate, _STUDENT[freedom - 1]) if freedom > 1 else (max(spread, estimate), _SIGMAS)
    mean = _mean(batches, used)
    error = sigmas / sqrt(sum(each.pieces**2 / (each.pieces * used**2 + each.variance) for each in batches))
    if error > ERROR_MAX * mean:
        return Doubt("more")
    pieces = sum(each.pieces for each in batches)
    return Taught(round(mean), max(1, round(error)), round(estimate), round(bound), pieces, len(batches))


def check(batches: Sequence[Batch]) -> None:
    """Refuse what cannot have been weighed (`ValueError`)."""
    if not 1 <= len(batches) <= BATCHES_MAX:
        raise ValueError(f"expected 1 to {BATCHES_MAX} batches, found {len(batches)}")
    for each in batches:
        if not 1 <= each.pieces <= PIECES_MAX or each.mass_mg <= 0 or each.step_mg < 0:
            raise ValueError(f"expected 1 to {PIECES_MAX} pieces that weigh something, found {each}")


def belief(batches: Sequence[Batch], spread_mg: int = 0) -> Known:
    """What counting believes of the part then, as if it had counted these pieces with certainty."""
    check(batches)
    mean = _mean(batches, 0.0)
    spread = float(spread_mg) or ASSUMED_SPREAD * mean
    known = Known(1e-3, mean, 2.0, spread * spread)
    for each in batches:
        known = learn(known, each.pieces, each.mass_mg, each.variance)
    return known


def by_known_mass(batch: Batch, unit_mass_mg: float) -> int:
    """How many pieces a batch would be by what a piece was known to weigh; its own number when that is as good."""
    if unit_mass_mg <= 0:
        return batch.pieces
    found = batch.mass_mg / unit_mass_mg
    off, counted_off = abs(found - round(found)), abs(found - batch.pieces)
    return round(found) if counted_off > 0.5 and off < 0.2 and 0.5 < found / batch.pieces < 2.0 else batch.pieces


def _mean(batches: Sequence[Batch], spread: float) -> float:
    """The mean mass of a piece; every batch counts as much as it is worth."""
    weights = [each.pieces / (each.pieces * spread**2 + each.variance) for each in batches]
    total = sum(weight * each.pieces for weight, each in zip(weights, batches, strict=True))
    return sum(weight * each.mass_mg for weight, each in zip(weights, batches, strict=True)) / total


def _misfit(batches: Sequence[Batch], spread: float) -> float:
    """Chi-squared of the batches about their common mean."""
    mean = _mean(batches, spread)
    return sum((each.mass_mg - each.pieces * mean) ** 2 / (each.pieces * spread**2 + each.variance) for each in batches)


def _miscounted(batches: Sequence[Batch], spread: float) -> Doubt | None:
    """The one batch whose number, a few pieces off, would make all agree; None when there is none.

    Where several would, it is not said which.
    """
    fitting = [
        (misfit, place, each.pieces + shift)
        for place, each in enumerate(batches)
        for shift in _SHIFTS
        if each.pieces + shift > 0
        for misfit in (_misfit(_recounted(batches, place, each.pieces + shift), spread),)
        if misfit <= _LIKELY[len(batches) - 2]
    ]
    if not fitting:
        return None
    places = {place for _, place, _ in fitting}
    _, place, pieces = min(fitting)
    return Doubt("miscounted", place, pieces) if len(places) == 1 else Doubt("miscounted")


def _recounted(batches: Sequence[Batch], place: int, pieces: int) -> list[Batch]:
    made = list(batches)
    made[place] = made[place]._replace(pieces=pieces)
    return made


def _spread(batches: Sequence[Batch]) -> tuple[float, float]:
    """The pieces' standard deviation as the batches differ, and its bound with 95 %; zeros for a single batch."""
    freedom = len(batches) - 1
    if not freedom:
        return 0.0, 0.0
    mean = sum(each.mass_mg for each in batches) / sum(each.pieces for each in batches)
    total = sum((each.mass_mg - each.pieces * mean) ** 2 / each.pieces for each in batches)
    scale = sum(each.variance / each.pieces for each in batches) * freedom / len(batches)
    return sqrt(max(0.0, total - scale) / freedom), sqrt(total / _LOW[freedom - 1])
