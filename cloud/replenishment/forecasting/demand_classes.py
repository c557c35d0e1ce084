"""How an item is asked for: smooth, erratic, intermittent or lumpy (Syntetos, Boylan and Croston 2005).

By the mean interval between two orders (1.32 periods) and the squared coefficient of variation of the sizes of orders
(0.49). An item that was never asked for, or once, is intermittent.
"""

import numpy as np

from cloud.replenishment.forecasting import discounted
from cloud.replenishment.forecasting.values import Demand, Ints

SMOOTH, ERRATIC, INTERMITTENT, LUMPY = range(4)
NAMES = ("smooth", "erratic", "intermittent", "lumpy")
_INTERVAL = 1.32
_VARIATION = 0.49


def classes(demand: Demand) -> Ints:
    """The class of each item, by its number in `NAMES`: (items,)."""
    happened, sizes = discounted.orders(demand), discounted.rates(demand)
    orders = happened.sum(axis=1)
    often = orders * _INTERVAL >= demand.exposure.sum(axis=1)
    mean = discounted.ratio(sizes.sum(axis=1), orders)
    variance = discounted.ratio((happened * (sizes - mean[:, None]) ** 2).sum(axis=1), orders)
    varied = variance > _VARIATION * mean**2
    found = np.where(varied, np.where(often, ERRATIC, LUMPY), np.where(often, SMOOTH, INTERMITTENT))
    return np.where(orders > 0, found, INTERMITTENT).astype(np.int64)
