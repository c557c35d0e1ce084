"""The stock of each part, period by period, when it is kept up to levels: the protocol that policies are measured by.

Reviewed every period, lead time `lead` periods, waiting pieces are served first. In each period, in this order:
what was ordered `lead` periods ago arrives and serves who waits; what the level lacks of stock and orders less who
waits is ordered (with lead time 0 it arrives at once); the period's demand is served, the rest waits; stock and
waiting are counted. A part begins with its level in stock. The first `warm_up` periods are not counted, nor is a
period of a part of which nothing is known. Exact theory to check it by: Poisson(1), lead time 1, level 4: 92.92 %.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from cloud.replenishment.forecasting.values import Floats, Ints

HOLDING, BACKORDER = 1.0, 19.0  # what a piece in stock and a waiting one cost, a period


@dataclass(frozen=True)
class Outcome:
    """Sums by part over the counted periods, and how many of them there were: (items,) each."""

    asked: Floats
    short: Floats
    on_hand: Floats
    waiting: Floats
    periods: Floats

    @property
    def fill(self) -> float:
        """Share of the pieces asked for that were served at once; 1 when nothing was asked for."""
        asked = float(self.asked.sum())
        return 1 - float(self.short.sum()) / asked if asked else 1.0

    @property
    def mean_on_hand(self) -> float:
        """Pieces in stock, a part and period."""
        return float(self.on_hand.sum() / self.periods.sum())

    @property
    def cost(self) -> float:
        """Holding and backorder cost, a part and period."""
        return float((HOLDING * self.on_hand.sum() + BACKORDER * self.waiting.sum()) / self.periods.sum())


def simulate(demand: Floats, level: Floats | Ints, lead: int, warm_up: int, known: Floats | None = None) -> Outcome:
    """Demand and levels, (items, periods); `level[:, t]` is set before period t. `known`: 0 is not counted."""
    known = np.ones(demand.shape) if known is None else known
    stock, waiting = level[:, 0].astype(float), np.zeros(len(demand))
    coming = deque([np.zeros(len(demand)) for _ in range(lead)])
    sums = np.zeros((5, len(demand)))
    for period in range(demand.shape[1]):
        stock, waiting = _serve(stock + (coming.popleft() if lead else 0.0), waiting)
        lacks = np.maximum(level[:, period] - (stock - waiting + sum(coming)), 0)
        if lead:
            coming.append(lacks)
        else:
            stock, waiting = _serve(stock + lacks, waiting)
        asked = demand[:, period]
        short = np.maximum(asked - stock, 0)
        stock, waiting = stock - (asked - short), waiting + short
        if period >= warm_up:
            sums += known[:, period] * np.stack([asked, short, stock, waiting, np.ones(len(demand))])
    return Outcome(*sums)


def _serve(stock: Floats, waiting: Floats) -> tuple[Floats, Floats]:
    served = np.minimum(stock, waiting)
    return stock - served, waiting - served
