"""A forecast of weeks, as the three numbers a day that are kept beside each policy (`day_demand.py`)."""

import numpy as np

from cloud.replenishment.day_demand import DayDemand
from cloud.replenishment.demand.weeks import WEEK_DAYS
from cloud.replenishment.forecasting.values import Floats, Forecast, Ints

_FAR = 4.0  # weeks: by how much more they vary than four single ones, the variance of the rate is known
_CELLS = 2_000_000


def day_demands(forecast: Forecast, steps: Ints) -> list[DayDemand]:
    """Of every item; `steps`: grams or pieces in which it was counted."""
    items = len(forecast)
    mean = forecast.mean(np.ones(items))
    near, far = _variances(forecast, 1.0), _variances(forecast, _FAR)
    # V(t) = own * t + shared * t * t, through both.
    shared = np.clip((far - _FAR * near) / (_FAR * _FAR - _FAR), 0.0, near)
    own = np.maximum(near - shared, 0.0)
    a_day, square = steps / WEEK_DAYS, steps * steps / WEEK_DAYS
    kept = np.column_stack([mean * a_day, own * square, shared * square / WEEK_DAYS, steps]).tolist()
    return [DayDemand(row[0], row[1], row[2], int(row[3])) for row in kept]


def _variances(forecast: Forecast, weeks: float) -> Floats:
    """Of the demand of so many weeks, by the distribution itself, items of like demand together."""
    items = len(forecast)
    mean = forecast.mean(np.full(items, weeks))
    found = np.zeros(items)
    tops = 2 ** np.ceil(np.log2(np.maximum(32, 8 * mean + 16))).astype(np.int64)
    for top in np.unique(tops):
        group = np.flatnonzero(tops == top)
        for some in np.array_split(group, max(1, -(-group.size * int(top) // _CELLS))):
            shares = forecast.of(some).distribution(np.full(some.size, weeks), int(top))
            number = np.arange(shares.shape[1], dtype=np.float64)
            within = shares.sum(axis=1)
            first = shares @ number / within
            found[some] = np.maximum(shares @ (number * number) / within - first * first, 0.0)
    return found
