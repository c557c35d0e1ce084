"""What a method said before each period of a backtest, from nothing but the periods before it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cloud.replenishment.backtest.level_tables import LevelTables, level_tables
from cloud.replenishment.forecasting.values import Demand, Floats, Forecast, Ints

Method = Callable[[Demand], Forecast]
"""Gives the forecast of what comes after the last period of a demand."""

QUANTILES = (0.90, 0.95)


@dataclass(frozen=True)
class Foretold:
    """By origin: mean and quantiles of the next period's demand, and what each level promises."""

    mean: Floats  # (items, origins)
    quantiles: Ints  # (quantiles, items, origins)
    tables: tuple[LevelTables, ...]  # by origin


def foretold(method: Method, demand: Demand, origins: range, lead: int) -> Foretold:
    """Ask a method before each of some periods; it is handed the periods before and nothing else."""
    means, quantiles, tables = [], [], []
    for origin in origins:
        forecast = method(demand.until(origin))
        tables.append(level_tables(forecast, lead))
        means.append(tables[-1].mean)
        next_period = level_tables(forecast, 0)
        quantiles.append([next_period.by_ratio(share) for share in QUANTILES])
    return Foretold(np.stack(means, axis=1), np.moveaxis(np.array(quantiles), 0, 2), tuple(tables))
