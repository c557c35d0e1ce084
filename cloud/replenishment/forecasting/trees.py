"""A rate by gradient-boosted trees over all items at once (LightGBM): what the views add up to, and more.

Ke et al. 2017; as a mean with Tweedie or Poisson likelihood over many series it won much of the M5 competition. Learnt
from every earlier period: what was known then, and what was asked for next. Quantities are measured in the group's
usual order, so that grams and pieces are the same to a tree. The same input gives the same trees on any machine with
the same LightGBM, on one thread.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cloud.replenishment.forecasting import discounted
from cloud.replenishment.forecasting.groups import Groups
from cloud.replenishment.forecasting.rate_views import Prior, views
from cloud.replenishment.forecasting.settings import Smoothing
from cloud.replenishment.forecasting.values import Demand, Floats
from cloud.replenishment.forecasting.view_shares import every, thinned

THREADS = 1
ROUNDS = 120
_LEAST_ROWS = 2_000
_LEAST_ORDERS = 200
_COMMON: dict[str, Any] = {
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
_OURS: tuple[dict[str, Any], ...] = (
    {"objective": "poisson", "seed": 1},
    {"objective": "tweedie", "tweedie_variance_power": 1.5, "seed": 2},
)
TWEEDIE: tuple[dict[str, Any], ...] = ({"objective": "tweedie", "tweedie_variance_power": 1.3, "seed": 1},)


@dataclass(frozen=True)
class Trees:
    """Models as LightGBM writes them down; what they say is averaged."""

    models: tuple[str, ...]
    settings: Smoothing
    groups: Groups

    def rate(self, demand: Demand, prior: Prior | None = None) -> Floats:
        """Expected in the next period: (items,)."""
        from lightgbm import Booster  # noqa: PLC0415

        known = features(demand, self.groups, self.settings, prior)[:, -1]
        said = [Booster(model_str=model).predict(known, num_threads=THREADS) for model in self.models]
        return np.asarray(np.mean(said, axis=0) * _unit(demand, self.groups))


def grown(
    demand: Demand,
    groups: Groups,
    settings: Smoothing,
    prior: Prior | None = None,
    kinds: tuple[dict[str, Any], ...] = _OURS,
) -> Trees:
    """Trees that learnt from every period of `demand` but the first few: of one that is `enough`."""
    from lightgbm import Dataset, train  # noqa: PLC0415

    some, first = thinned(demand, settings), settings.first_period
    known = features(some, groups, settings, None if prior is None else prior.of(every(demand, settings)))
    rows = known[:, first:-1].reshape(-1, known.shape[2])
    seen = some.exposure[:, first:].reshape(-1)
    asked = (discounted.rates(some) / _unit(some, groups)[:, None])[:, first:].reshape(-1)
    told = seen > 0
    models = []
    for kind in kinds:
        data = Dataset(rows[told], asked[told], weight=seen[told], params={"verbose": -1})
        models.append(train({**_COMMON, **kind, "num_threads": THREADS}, data, ROUNDS).model_to_string())
    return Trees(tuple(models), settings, groups)


def enough(demand: Demand, settings: Smoothing) -> bool:
    """Whether there is anything to learn from."""
    told = demand.exposure[:, settings.first_period :] > 0
    asked = demand.quantity[:, settings.first_period :] > 0
    return int(told.sum()) >= _LEAST_ROWS and int(asked.sum()) >= _LEAST_ORDERS


def features(demand: Demand, groups: Groups, settings: Smoothing, prior: Prior | None = None) -> Floats:
    """What is known before each period and after all: (items, periods + 1, features), in the group's usual orders."""
    unit = _unit(demand, groups)[:, None]
    asked, seen = (discounted.running(each, 1.0) for each in (demand.quantity / unit, demand.exposure))
    orders = discounted.running(discounted.orders(demand), 1.0)
    squares = discounted.running((discounted.rates(demand) / unit) ** 2 * demand.exposure, 1.0)
    views_of = views(demand, groups, settings, prior) / unit[:, :, None]
    others = (
        *_last(discounted.rates(demand) / unit),
        _since(demand),
        _root(discounted.rates(demand) / unit, demand.exposure, settings.level),
        (asked + 1) / (orders + 1),
        (squares + 2) / (asked + 1),
        orders / np.maximum(seen, 1),
    )
    return np.concatenate([views_of, np.stack(others, axis=2)], axis=2)


def _unit(demand: Demand, groups: Groups) -> Floats:
    """The group's usual order: (items,)."""
    return np.asarray(np.maximum(groups.size()[demand.group, -1], 1e-9))


def _root(rates: Floats, exposure: Floats, discount: float) -> Floats:
    """Of square roots, so that one large order counts less."""
    over, under = (discounted.running(each, discount) for each in (np.sqrt(rates) * exposure, exposure))
    return over / (under + 1)


def _last(rates: Floats, periods: int = 3) -> list[Floats]:
    """What was asked for one, two and three periods ago."""
    items, length = rates.shape
    found = []
    for ago in range(1, periods + 1):
        shifted = np.zeros((items, length + 1))
        shifted[:, ago:] = rates[:, : max(length + 1 - ago, 0)]
        found.append(shifted)
    return found


def _since(demand: Demand) -> Floats:
    """Periods with stock since the last order."""
    found = np.zeros((demand.quantity.shape[0], demand.quantity.shape[1] + 1))
    for period in range(demand.quantity.shape[1]):
        waited = found[:, period] + demand.exposure[:, period]
        found[:, period + 1] = np.where(demand.quantity[:, period] > 0, 0, waited)
    return found
