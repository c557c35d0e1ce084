"""How regular demand is: the classes by which methods are chosen and promises are kept. Pure.

By the mean interval between weeks with demand and the squared coefficient of variation of what they ask for, with the
borders of Syntetos, Boylan and Croston, "On the categorization of demand patterns" (2005): 1.32 and 0.49. Only time
with stock counts.
"""

from typing import Final

import numpy as np

from cloud.replenishment.forecasting.values import Demand

CLASSES: Final = ("smooth", "erratic", "intermittent", "lumpy", "new")
NEW_WEEKS = 8.0  # seen for less: nothing is known of its kind yet
_INTERVAL, _VARIED = 1.32, 0.49


def classes_of(demand: Demand) -> list[str]:
    """The class of every item."""
    seen = demand.exposure.sum(axis=1)
    asked = demand.quantity > 0
    times = asked.sum(axis=1)
    interval = np.divide(seen, times, out=np.full(len(seen), np.inf), where=times > 0)
    mean = np.divide(demand.quantity.sum(axis=1), times, out=np.ones(len(seen)), where=times > 0)
    off = np.where(asked, demand.quantity - mean[:, None], 0.0)
    varied = np.divide((off**2).sum(axis=1), times * mean**2, out=np.zeros(len(seen)), where=times > 0)
    number = np.where(seen < NEW_WEEKS, 4, 2 * (interval > _INTERVAL) + (varied > _VARIED))
    return [CLASSES[each] for each in number]
