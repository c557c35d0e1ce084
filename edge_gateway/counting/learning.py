"""What one piece of a part weighs, learned from events whose count is sure.

Pure. A normal-inverse-gamma belief over mean and variance, as counting scales keep it: `kappa` pieces' worth of
knowledge of the mean, `alpha` and `beta` of the variance from piece to piece (Murphy, "Conjugate Bayesian analysis of
the Gaussian distribution", 2007, section 3).
"""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

from edge_gateway.counting.evidence import Mass

_SPREAD = 0.007  # of the mean: for a part nobody has said a spread of
_SPREAD_MIN = 0.0005
_KAPPA_CATALOGUE = 20.0  # what a catalogue's unit mass is worth, in pieces
_ALPHA_CATALOGUE = 4.0


class Known(NamedTuple):
    """What is known of a part's mass: `mean_mg`, and the belief's other three numbers (`beta` in mg squared)."""

    kappa: float
    mean_mg: float
    alpha: float
    beta: float

    def mass(self) -> Mass:
        """As counting wants it: the spread a new piece is predicted with."""
        variance = self.beta / self.alpha
        spread = max(sqrt(variance), _SPREAD_MIN * self.mean_mg)
        return Mass(self.mean_mg, spread, sqrt(variance / self.kappa), 2.0 * self.alpha)


def catalogued(unit_mass_mg: int, spread_mg: int) -> Known:
    """What a catalogue says: a unit mass, perhaps a spread (0: not known)."""
    spread = float(spread_mg) if spread_mg > 0 else _SPREAD * unit_mass_mg
    return Known(_KAPPA_CATALOGUE, float(unit_mass_mg), _ALPHA_CATALOGUE, spread * spread * (_ALPHA_CATALOGUE - 1.0))


def taught(masses_mg: Sequence[int], readability_mg: int) -> Known:
    """What pieces laid on a scale one after the other tell; the scale shows steps of `readability_mg`.

    `ValueError` for fewer than three pieces.
    """
    if len(masses_mg) < 3:
        raise ValueError(f"expected three pieces or more, found {len(masses_mg)}")
    mean = sum(masses_mg) / len(masses_mg)
    spread = _SPREAD * mean
    known = Known(1e-3, mean, 2.0, spread * spread)
    for mass_mg in masses_mg:
        known = learn(known, 1, mass_mg, readability_mg * readability_mg / 12.0)
    return known


def learn(known: Known, pieces: int, total_mg: float, variance: float) -> Known:
    """The belief after `pieces` together changed a weight by `total_mg`, measured with `variance` (mg squared).

    What the measurement blurs teaches less: its weight is that of pieces whose spread it adds to.
    `ValueError` unless at least one piece moved.
    """
    return with_lesson(known, lesson_weight(known, pieces, variance), total_mg / pieces)


def lesson_weight(known: Known, pieces: int, variance: float) -> float:
    """How many pieces' worth `pieces` teach that were weighed together with `variance` (mg squared).

    `ValueError` unless at least one piece moved.
    """
    if pieces < 1:
        raise ValueError(f"expected one piece or more to learn from, found {pieces}")
    spread = known.beta / (known.alpha - 1.0) if known.alpha > 1.0 else known.beta
    return pieces * spread / (spread + variance / pieces) if spread > 0.0 else 1e-6


def with_lesson(known: Known, weight: float, piece_mg: float) -> Known:
    """The belief after pieces of `piece_mg` each, worth `weight`."""
    kappa = known.kappa + weight
    surprise = piece_mg - known.mean_mg
    mean = known.mean_mg + weight * surprise / kappa
    beta = known.beta + 0.5 * known.kappa * weight * surprise * surprise / kappa
    return Known(kappa, mean, known.alpha + 0.5, beta)


def without_lesson(known: Known, weight: float, piece_mg: float) -> Known:
    """The belief as if those pieces had never been weighed, whatever was learned since: lessons have no order."""
    kappa = known.kappa - weight
    surprise = (piece_mg - known.mean_mg) * known.kappa / kappa
    mean = known.mean_mg - weight * surprise / known.kappa
    beta = known.beta - 0.5 * kappa * weight * surprise * surprise / known.kappa
    return Known(kappa, mean, known.alpha - 0.5, beta)
