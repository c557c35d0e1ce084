"""Several views of how much is asked for in a period, from fast to slow: what the smoothing adds up.

For each discount there are two: the discounted mean of what was asked for; and, as Teunter, Syntetos and Babai (2011)
have it, the discounted share of periods with an order times the size of an order. Both lean on what is expected of the
item from outside (its group, a prior), so that a new item begins there. The last view is that expectation by itself.
"""

from dataclasses import dataclass

import numpy as np

from cloud.replenishment.forecasting import discounted
from cloud.replenishment.forecasting.groups import Groups
from cloud.replenishment.forecasting.settings import Smoothing
from cloud.replenishment.forecasting.values import Demand, Floats, Ints

_LEAST_SIZE = 1e-9


@dataclass(frozen=True)
class Prior:
    """What is expected of each item from elsewhere: a rate a period, and how many periods of its own it weighs."""

    rate: Floats  # (items,)
    periods: Floats  # (items,), 0: nothing is known

    def of(self, items: slice | Ints) -> "Prior":
        """Of some items."""
        return Prior(self.rate[items], self.periods[items])


def views(demand: Demand, groups: Groups, settings: Smoothing, prior: Prior | None = None) -> Floats:
    """Before each period and once after the last: (items, periods + 1, 2 * discounts + 1)."""
    orders = discounted.orders(demand)
    asked, often = (discounted.running(each, 1.0) for each in (demand.quantity, orders))
    size = np.maximum((asked + groups.size()[demand.group]) / (often + 1), _LEAST_SIZE)
    found = []
    for discount in settings.discounts:
        outside, weight = _outside(groups.rate(discount)[demand.group], settings, prior)
        seen = discounted.running(demand.exposure, discount) + weight
        found.append((discounted.running(demand.quantity, discount) + weight * outside) / seen)
        found.append((discounted.running(orders, discount) * size + weight * outside) / seen)
    found.append(_outside(groups.rate(settings.level)[demand.group], settings, prior)[0])
    return np.stack(found, axis=2)


def views_now(demand: Demand, groups: Groups, settings: Smoothing, prior: Prior | None = None) -> Floats:
    """After the last period alone: (items, 2 * discounts + 1)."""
    periods = demand.quantity.shape[1]
    orders = discounted.orders(demand)
    size_of_group = groups.size()[demand.group, -1]
    size = np.maximum((demand.quantity.sum(axis=1) + size_of_group) / (orders.sum(axis=1) + 1), _LEAST_SIZE)
    found = []
    for discount in settings.discounts:
        outside, weight = _outside(groups.rate(discount)[demand.group, -1:], settings, prior)
        by_age = discounted.weights(periods, discount)
        seen = demand.exposure @ by_age + weight[:, 0]
        found.append((demand.quantity @ by_age + (weight * outside)[:, 0]) / seen)
        found.append((orders @ by_age * size + (weight * outside)[:, 0]) / seen)
    found.append(_outside(groups.rate(settings.level)[demand.group, -1:], settings, prior)[0][:, 0])
    return np.stack(found, axis=1)


def _outside(group_rate: Floats, settings: Smoothing, prior: Prior | None) -> tuple[Floats, Floats]:
    """The rate expected from outside and the periods it weighs: (items, …) and (items, 1)."""
    weight = np.full((len(group_rate), 1), settings.group_periods)
    if prior is None:
        return group_rate, weight
    total = weight + prior.periods[:, None]
    return (weight * group_rate + (prior.periods * prior.rate)[:, None]) / total, total
