"""The forecast from the demand: `forecast(demand)`, or in two steps, for work in chunks.

    fit = fitted(demand)            # what all items have in common: small
    fit.forecast(some_of_it)        # of any of them, in any order: the same as of all at once

Never looks at anything but the periods it is given.
"""

from dataclasses import dataclass

import numpy as np

from cloud.replenishment.forecasting import discounted
from cloud.replenishment.forecasting.groups import Groups, groups_of, spread
from cloud.replenishment.forecasting.rate_views import Prior, views_now
from cloud.replenishment.forecasting.settings import MONTHLY, Smoothing
from cloud.replenishment.forecasting.smoothed import SmoothedForecast
from cloud.replenishment.forecasting.values import Demand, Floats
from cloud.replenishment.forecasting.view_shares import fitted_shares

_LEAST_DISPERSION = 1.02


@dataclass(frozen=True)
class Fit:
    """What the items have in common."""

    settings: Smoothing
    groups: Groups
    shares: Floats  # of each view of the rate, (views,)
    drift: float  # how much of the dispersion lasts from one period into the next

    def forecast(self, demand: Demand, prior: Prior | None = None, rate: Floats | None = None) -> SmoothedForecast:
        """Of these items, from what is known of them; `rate`: expected a period, if it was found another way."""
        settings = self.settings
        rate = self.rate(demand, prior) if rate is None else rate
        drift = np.full(len(rate), self.drift)
        lumpy = self._dispersion(demand, rate)
        return SmoothedForecast(rate, lumpy, drift, demand, settings.history_discount, settings.shape_periods)

    def rate(self, demand: Demand, prior: Prior | None = None) -> Floats:
        """Expected in a period, by the views of the rate: (items,)."""
        return np.asarray(views_now(demand, self.groups, self.settings, prior) @ self.shares)

    def _dispersion(self, demand: Demand, rate: Floats) -> Floats:
        """Of each item's own history, leaning on its group's by so many orders.

        What is asked for more often than is usual in the group is lumpier than its past says, and the other way round;
        what was lumpy beyond all measure (one order of 48 after years of threes) will hardly be so again.
        """
        settings, of_group = self.settings, self.groups.dispersion()[demand.group]
        lean = settings.dispersion_orders * self.groups.size()[demand.group, -1]
        own = discounted.ratio(spread(demand) + lean * of_group, demand.quantity.sum(axis=1) + lean)
        usual = self.groups.rate(settings.level)[demand.group, -1]
        busy = np.where(usual > 0, discounted.ratio(rate, usual), 1.0) ** settings.dispersion_by_rate
        lumpy = np.minimum(1 + (own - 1) * busy, settings.dispersion_most * of_group)
        return np.maximum(lumpy, _LEAST_DISPERSION)


def forecast(demand: Demand, settings: Smoothing = MONTHLY, prior: Prior | None = None) -> SmoothedForecast:
    """The demand of the periods after the last one."""
    return fitted(demand, settings, prior).forecast(demand, prior)


def fitted(demand: Demand, settings: Smoothing = MONTHLY, prior: Prior | None = None) -> Fit:
    """What all items have in common."""
    groups = groups_of(demand)
    return Fit(settings, groups, fitted_shares(demand, groups, settings, prior), settings.drift_share * lasting(demand))


def lasting(demand: Demand) -> float:
    """How much of what lies above or below an item's mean lasts into the next period, 0 to 1: over all items.

    The first autocorrelation about each item's own mean, pooled; of one mean of n periods it is too low by 1 / n.
    """
    known = demand.exposure.sum(axis=1)
    mean = discounted.ratio(demand.quantity.sum(axis=1), known)[:, None]
    off = (discounted.rates(demand) - mean) * demand.exposure
    both = (off[:, 1:] * off[:, :-1]).sum()
    return float(np.clip(both / max((off**2).sum(), 1e-9) + 1 / max(demand.quantity.shape[1], 1), 0.0, 1.0))
