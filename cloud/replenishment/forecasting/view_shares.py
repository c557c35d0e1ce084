"""How much of each view of the rate goes into the forecast: shares of 0 or more, the same for all items.

Fitted to what came after: the Poisson likelihood of demand given a sum of views, by expectation maximisation (Lee and
Seung 2001 show that it only climbs). Equal shares weigh along, so that a short history changes little.
"""

import numpy as np

from cloud.replenishment.forecasting.groups import Groups
from cloud.replenishment.forecasting.rate_views import Prior, views
from cloud.replenishment.forecasting.settings import Smoothing
from cloud.replenishment.forecasting.values import Demand, Floats

_ROUNDS = 300
_LEAST = 1e-12


def fitted_shares(demand: Demand, groups: Groups, settings: Smoothing, prior: Prior | None = None) -> Floats:
    """(views,). Rows of a group weigh less where its demand is lumpier, so that grams do not drown pieces."""
    some = thinned(demand, settings)
    seen = views(some, groups, settings, None if prior is None else prior.of(every(demand, settings)))
    first = min(settings.first_period, some.quantity.shape[1])
    lumpy = np.maximum(groups.dispersion(), 1.0)[some.group][:, None]
    weight = np.broadcast_to(1 / lumpy, some.quantity.shape)[:, first:].reshape(-1)
    rows = seen[:, first:-1].reshape(-1, seen.shape[2])
    asked, exposure = (each[:, first:].reshape(-1) for each in (some.quantity, some.exposure))
    known = exposure > 0
    return _climbed(rows[known] * (exposure * weight)[known, None], (asked * weight)[known], settings.lean_expected)


def _climbed(rows: Floats, asked: Floats, lean: float) -> Floats:
    equal = 1 / rows.shape[1]
    shares, expected = np.full(rows.shape[1], equal), rows.sum(axis=0)
    for _ in range(_ROUNDS):
        wanted = (asked / np.maximum(rows @ shares, _LEAST)) @ rows
        shares = (shares * wanted + lean * equal) / (expected + lean)
    return shares


def every(demand: Demand, settings: Smoothing) -> slice:
    items, periods = demand.quantity.shape
    return slice(None, None, max(1, -(-items * periods // settings.rows_max)))


def thinned(demand: Demand, settings: Smoothing) -> Demand:
    step = every(demand, settings)
    return Demand(demand.quantity[step], demand.exposure[step], demand.group[step])
