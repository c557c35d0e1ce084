"""What the items of a group have in common: their sums by period. A small group leans on all items together.

It leans on how often they are ordered, and on how lumpy that is beside the size of an order, not on quantities: one
group may be counted in grams and another in pieces.
"""

from dataclasses import dataclass

import numpy as np

from cloud.replenishment.forecasting import discounted
from cloud.replenishment.forecasting.values import Demand, Floats, Ints

_LEAN_PERIODS = 100.0  # of all items, in a group's rate
_LEAN_ORDERS = 10.0  # of all items, in a group's dispersion
_LEAST_SIZE = 1e-9


@dataclass(frozen=True)
class Groups:
    """Sums by group and period, each (groups, periods), and how lumpy demand is, (groups,): `dispersion`."""

    quantity: Floats
    exposure: Floats
    orders: Floats
    spread: Floats  # squares about each item's own mean, summed; (groups,)

    def rate(self, discount: float) -> Floats:
        """What an item asks for in a period, before each period and after all: (groups, periods + 1)."""
        asked, often, seen = (
            discounted.running(each, discount) for each in (self.quantity, self.orders, self.exposure)
        )
        usual = discounted.ratio(often.sum(axis=0), seen.sum(axis=0))
        return (asked + _LEAN_PERIODS * usual * self.size()) / (seen + _LEAN_PERIODS)

    def size(self) -> Floats:
        """How much one order asks for, before each period and after all: (groups, periods + 1).

        In the group's own unit; of a group without orders, as much as in all of them.
        """
        asked, often = (discounted.running(each, 1.0) for each in (self.quantity, self.orders))
        usual = discounted.ratio(asked.sum(axis=0), often.sum(axis=0))
        return np.where(often > 0, discounted.ratio(asked, often), usual)

    def dispersion(self) -> Floats:
        """Variance over mean of what an item asks for in a period: (groups,)."""
        size = np.maximum(self.size()[:, -1], _LEAST_SIZE)
        spread, asked = self.spread / size**2, self.quantity.sum(axis=1) / size
        usual = discounted.ratio(spread.sum(), asked.sum())
        return np.asarray(size * (spread + _LEAN_ORDERS * usual) / (asked + _LEAN_ORDERS))


def groups_of(demand: Demand) -> Groups:
    """The sums over all items."""
    quantity, exposure, orders = (
        _summed(each, demand.group) for each in (demand.quantity, demand.exposure, discounted.orders(demand))
    )
    return Groups(quantity, exposure, orders, _summed(spread(demand)[:, None], demand.group)[:, 0])


def spread(demand: Demand) -> Floats:
    """Squares of what was asked for about each item's own mean, as far as it could be asked for: (items,)."""
    known = demand.exposure.sum(axis=1)
    mean = discounted.ratio(demand.quantity.sum(axis=1), known)
    return np.asarray((demand.exposure * (discounted.rates(demand) - mean[:, None]) ** 2).sum(axis=1))


def _summed(amount: Floats, group: Ints) -> Floats:
    """By group: (groups, periods)."""
    found = np.zeros((int(group.max(initial=0)) + 1, amount.shape[1]))
    np.add.at(found, group, amount)
    return found
