"""Exact theory of stock for one item, to hold the levels against. Slow and sure; the product's own way is `policy`.

Costs are a period: `holding` for a unit that lies there at its end, `stockout` for one that is waited for at its end,
`fixed` for an order. Demand is given as P(0), P(1) … of one period, or as a Poisson mean.
"""

from dataclasses import dataclass
from math import lgamma, log, sqrt

import numpy as np

from cloud.replenishment.forecasting.values import Floats, Ints


@dataclass(frozen=True)
class Exact:
    """The best of its kind: two numbers (which, says the function) and their cost a period."""

    first: int
    second: int
    cost: float


def poisson_demand(mean: float) -> Floats:
    """P(0), P(1) … of a Poisson demand, as far as it is of any weight."""
    many = int(mean + 12 * sqrt(mean)) + 30  # beyond lies less than 1e-14
    return np.exp([units * log(mean) - mean - lgamma(units + 1) for units in range(many)])


def newsvendor(demand: Floats, holding: float, stockout: float) -> tuple[int, float]:
    """The best stock to begin one period with, and its cost: the smallest with P(D <= S) >= b / (b + h)."""
    best = int(np.argmax(np.cumsum(demand) >= stockout / (stockout + holding) - 1e-15))
    return best, float(period_cost(demand, np.array([best]), holding, stockout)[0])


def period_cost(demand: Floats, stock: Ints, holding: float, stockout: float) -> Floats:
    """What a period that begins with so much stock is expected to cost at its end."""
    left = np.asarray(stock)[:, None] - np.arange(len(demand))
    cost: Floats = (np.where(left > 0, holding * left, -stockout * left) * demand).sum(axis=1)
    return cost


def base_stock_fill(lead: Floats, both: Floats, up_to: int) -> float:
    """The fill rate of an order-up-to level. `lead`, `both`: demand of the lead time, and with a review period.

    1 - (E[D(lead + review) - S]+ - E[D(lead) - S]+) / E[D(review)], as the yardstick of the data has it.
    """
    missing = _over(both, up_to) - _over(lead, up_to)
    return 1 - missing / (_mean(both) - _mean(lead))


def best_min_max(demand: Floats, holding: float, stockout: float, fixed: float) -> Exact:
    """The best (s, S) of a periodic review without lead time: at s or below, up to S.

    Zheng and Federgruen, Finding optimal (s, S) policies is about as simple as evaluating a single policy,
    Operations Research 39 (1991). With a lead time give the demand of lead time and period to `period_cost` instead.
    """
    low = newsvendor(demand, holding, stockout)[0]
    many = low + 40 * len(demand)
    visits = _visits(demand, many)
    at = np.arange(low - many, low + many + 1)
    costs = period_cost(demand, at, holding, stockout)

    def cost(small: int, large: int) -> float:
        """Of s = small, S = large: what is met on the way down, and one order."""
        steps = visits[: large - small]
        return float((fixed + steps @ costs[large - at[0] - np.arange(large - small)]) / steps.sum())

    def loss(stock: int) -> float:
        return float(costs[stock - at[0]])

    large, small = low, low - 1
    while loss(small) < cost(small, large) and small > at[0]:
        small -= 1
    best = Exact(small, large, cost(small, large))
    while loss(large + 1) <= best.cost:
        large += 1
        if cost(best.first, large) < best.cost:
            small = best.first
            while loss(small + 1) >= cost(small, large):
                small += 1
            best = Exact(small, large, cost(small, large))
    return best


def min_max_cost(demand: Floats, small: int, large: int, *, holding: float, stockout: float, fixed: float) -> float:
    """What an (s, S) of a periodic review without lead time costs a period."""
    steps = _visits(demand, large - small)
    met = period_cost(demand, large - np.arange(large - small), holding, stockout)
    return float((fixed + steps @ met) / steps.sum())


def best_fixed_quantity(mean: float, lead: float, holding: float, stockout: float, fixed: float) -> Exact:
    """The best (r, Q) under continuous watching: at r, order Q. Poisson demand, a fixed lead time.

    Federgruen and Zheng, An efficient algorithm for computing an optimal (r, Q) policy, Operations Research 40 (1992).
    """
    demand = poisson_demand(mean * lead)
    low = newsvendor(demand, holding, stockout)[0]
    total = fixed * mean + _loss(demand, low, holding, stockout)
    below, above, many = low - 1, low + 1, 1
    while True:
        down, up = (_loss(demand, at, holding, stockout) for at in (below, above))
        if min(down, up) >= total / many:
            return Exact(below, many, total / many)
        total, many = total + min(down, up), many + 1
        below, above = (below - 1, above) if down <= up else (below, above + 1)


def _loss(demand: Floats, stock: int, holding: float, stockout: float) -> float:
    return float(period_cost(demand, np.array([stock]), holding, stockout)[0])


def _visits(demand: Floats, many: int) -> Floats:
    """How often each position below S is met before the next order, from S down."""
    padded = np.pad(demand, (0, max(0, many - len(demand))))
    visits = np.zeros(many)
    for at in range(many):
        visits[at] = ((at == 0) + visits[:at] @ padded[at:0:-1]) / (1 - padded[0])
    return visits


def _mean(demand: Floats) -> float:
    return float(np.arange(len(demand)) @ demand)


def _over(demand: Floats, stock: int) -> float:
    return float(np.maximum(np.arange(len(demand)) - stock, 0) @ demand)
