"""What the items of a group have in common: their sums by period. A small group leans on all items together."""

from dataclasses import dataclass

import numpy as np

from cloud.replenishment.forecasting import discounted
from cloud.replenishment.forecasting.values import Demand, Floats, Ints

_LEAN_PERIODS = 100.0  # of all items, in a group's rate
_LEAN_ORDERS = 10.0  # of all items, in the size of a group's orders and in its dispersion


@dataclass(frozen=True)
class Groups:
    """Sums by group and period, each (groups, periods), and how lumpy demand is, (groups,): `dispersion`."""

    quantity: Floats
    exposure: Floats
    orders: Floats
    spread: Floats  # squares about each item's own mean, summed; (groups,)

    def rate(self, discount: float) -> Floats:
        """What an item asks for in a period, before each period and after all: (groups, periods + 1)."""
        over, under = (discounted.running(each, discount) for each in (self.quantity, self.exposure))
        return leaning(over, under, _LEAN_PERIODS)

    def size(self) -> Floats:
        """How much one order asks for, before each period and after all: (groups, periods + 1)."""
        over, under = (discounted.running(each, 1.0) for each in (self.quantity, self.orders))
        return leaning(over, under, _LEAN_ORDERS)

    def dispersion(self) -> Floats:
        """Variance over mean of what an item asks for in a period: (groups,)."""
        asked = self.quantity.sum(axis=1)
        return leaning(self.spread[:, None], asked[:, None], _LEAN_ORDERS * self.size()[:, -1:])[:, 0]


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


def leaning(over: Floats, under: Floats, lean: float | Floats) -> Floats:
    """over / under of each group, leaning on the same of all groups; (groups, …)."""
    everything = discounted.ratio(over.sum(axis=0), under.sum(axis=0))
    return discounted.ratio(over + lean * everything, under + lean)


def _summed(amount: Floats, group: Ints) -> Floats:
    """By group: (groups, periods)."""
    found = np.zeros((int(group.max(initial=0)) + 1, amount.shape[1]))
    np.add.at(found, group, amount)
    return found
