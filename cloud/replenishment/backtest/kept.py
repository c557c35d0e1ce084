"""The stock that a method's levels lead to: at an aim, by the cost ratio, and for a fill rate that is truly reached."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log

import numpy as np

from cloud.replenishment.backtest.foretold import Foretold
from cloud.replenishment.backtest.level_tables import LevelTables
from cloud.replenishment.backtest.simulation import BACKORDER, HOLDING, Outcome, simulate
from cloud.replenishment.forecasting.values import Demand, Ints

NEWSVENDOR = BACKORDER / (BACKORDER + HOLDING)
CURVE = (0.70, 0.75, 0.80, 0.84, 0.88, 0.90, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 0.998)
_STEPS = 24  # halvings until an aim is found
_HIGHEST, _LOWEST = 1e-5, 0.9  # short shares of the aims looked at
_PRICES = (1e-7, 1e4)

Rule = Callable[[LevelTables, float], Ints]
"""The levels before one period, from its tables and a number from 0 to 1: the higher, the more stock."""


def equal_fill(tables: LevelTables, aim: float) -> Ints:
    """Every part at the same fill rate."""
    return tables.by_fill(aim)


def equal_price(tables: LevelTables, aim: float) -> Ints:
    """Stock where it helps most: one price for all parts at which, as promised, all of them reach a fill rate."""
    low, high = (log(each) for each in _PRICES)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if tables.promised(tables.by_price(exp(middle))) >= aim else (low, middle)
    return tables.by_price(exp(low))


def one_price(tables: LevelTables, aim: float) -> Ints:
    """The same where the price is given: pieces saved from being short, a piece held, 1 - `aim`."""
    return tables.by_price(1 - aim)


@dataclass(frozen=True)
class Shop:
    """What is simulated: the last periods of a demand, some of them to warm up."""

    demand: Demand
    lead: int
    warm_up: int

    def keep(self, said: Foretold, rule: Rule, aim: float) -> Outcome:
        """Each period's levels by a rule and an aim."""
        level = np.stack([rule(tables, aim) for tables in said.tables], axis=1)
        origins = level.shape[1]
        asked, known = self.demand.quantity[:, -origins:], self.demand.exposure[:, -origins:] > 0
        return simulate(asked, level, self.lead, self.warm_up, known.astype(float))

    def keep_by_ratio(self, said: Foretold) -> Outcome:
        """Each period's levels by the newsvendor's ratio of the two costs."""
        return self.keep(said, LevelTables.by_ratio, NEWSVENDOR)

    def true_aim(self, said: Foretold, rule: Rule, fill: float) -> float | None:
        """The lowest aim that truly reaches a fill rate; None when none does."""
        low, high = log(_LOWEST), log(_HIGHEST)
        if self.keep(said, rule, 1 - exp(high)).fill < fill:
            return None
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (low, middle) if self.keep(said, rule, 1 - exp(middle)).fill >= fill else (middle, high)
        return 1 - exp(high)
