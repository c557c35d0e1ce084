"""How well demand was foretold. Arrays are (items, periods); `known` is 0 where nothing is known of what came.

- RMSE: root of the mean squared error of the mean, over all items and periods.
- RMSSE (Makridakis et al. 2022, the M5 competition): of each item, the root of its mean squared error over the mean
  squared error of the naive forecast (the last period's demand) before the holdout, counted from its first order; the
  mean over the items of which that is above 0.
- pinball: the quantile loss, doubled and summed over all, over the sum of demand: 0 is perfect, and the numbers of two
  tables can be compared.
"""

from dataclasses import dataclass

import numpy as np

from cloud.replenishment.backtest.foretold import QUANTILES, Foretold
from cloud.replenishment.forecasting import discounted
from cloud.replenishment.forecasting.values import Demand, Floats, Ints


@dataclass(frozen=True)
class Errors:
    """Lower is better."""

    rmse: float
    rmsse: float
    pinball_90: float
    pinball_95: float


def errors(said: Foretold, demand: Demand, first: int) -> Errors:
    """Of what was said before the last periods; those from `first` on are measured."""
    origins = said.mean.shape[1]
    skipped = first - (demand.quantity.shape[1] - origins)
    came, known = demand.quantity[:, first:], (demand.exposure[:, first:] > 0).astype(float)
    squares = known * (said.mean[:, skipped:] - came) ** 2
    pinballs = [pinball(came, said.quantiles[at][:, skipped:], share, known) for at, share in enumerate(QUANTILES)]
    return Errors(_root_mean(squares.sum(), known.sum()), _rmsse(squares, known, demand.until(first)), *pinballs)


def pinball(came: Floats, quantile: Ints, share: float, known: Floats) -> float:
    """Twice the quantile loss, over what was asked for (0 when nothing was)."""
    off = came - quantile
    lost = known * np.maximum(share * off, (share - 1) * off)
    asked = float((known * came).sum())
    return float(2 * lost.sum() / asked) if asked else 0.0


def _rmsse(squares: Floats, known: Floats, before: Demand) -> float:
    scale = naive_squares(before)
    mean = discounted.ratio(squares.sum(axis=1), known.sum(axis=1))
    counted = (scale > 0) & (known.sum(axis=1) > 0)
    return float(np.sqrt(mean[counted] / scale[counted]).mean()) if counted.any() else float("nan")


def naive_squares(before: Demand) -> Floats:
    """Mean squared step from one period to the next, from each item's first order on: (items,), 0 if there is none."""
    begun = np.cumsum(before.quantity, axis=1) > 0
    both = begun[:, :-1] & (before.exposure[:, :-1] > 0) & (before.exposure[:, 1:] > 0)
    squares = np.where(both, np.diff(before.quantity, axis=1) ** 2, 0.0)
    return discounted.ratio(squares.sum(axis=1), both.sum(axis=1).astype(float))


def _root_mean(total: float, count: float) -> float:
    return float(np.sqrt(total / count)) if count else float("nan")
