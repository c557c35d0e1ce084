"""Discounted sums of what was asked for and of how long it could be asked for: what every smoothing here is made of.

A discount of 0.9 gives the last period the weight 1, the one before 0.9, then 0.81. Periods without stock weigh
nothing: they say nothing about demand (`Demand.exposure`).
"""

import numpy as np

from cloud.replenishment.forecasting.values import Demand, Floats


def weights(periods: int, discount: float) -> Floats:
    """The weight of each period, the oldest first: (periods,)."""
    return discount ** np.arange(periods - 1, -1, -1.0)


def running(amount: Floats, discount: float) -> Floats:
    """The discounted sum before each period and, last, after them all: (items, periods + 1)."""
    found = np.zeros((amount.shape[0], amount.shape[1] + 1))
    for period in range(amount.shape[1]):
        found[:, period + 1] = discount * found[:, period] + amount[:, period]
    return found


def orders(demand: Demand) -> Floats:
    """1 where anything was asked for: (items, periods)."""
    return (demand.quantity > 0).astype(np.float64)


def rates(demand: Demand) -> Floats:
    """What would have been asked for in a whole period, 0 where nothing is known: (items, periods)."""
    known = demand.exposure > 0
    return np.divide(demand.quantity, demand.exposure, out=np.zeros_like(demand.quantity), where=known)


def ratio(over: Floats | float, under: Floats | float) -> Floats:
    """over / under, 0 where nothing is known."""
    above, below = np.broadcast_arrays(np.asarray(over, float), np.asarray(under, float))
    return np.asarray(np.divide(above, below, out=np.zeros(above.shape), where=below > 0))
