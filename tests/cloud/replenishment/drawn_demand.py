"""Bins as a large dealer has them: two years of weeks, mostly zeros, of several kinds, some of them bulk in steps."""

import numpy as np

from cloud.replenishment.forecasting.values import Demand
from cloud.replenishment.levels.terms import Terms, terms

WEEKS = 104
KINDS = ("intermittent", "lumpy", "erratic", "smooth", "bulk", "new")
_SHARES = (0.55, 0.17, 0.08, 0.06, 0.06, 0.08)


def drawn_demand(bins: int, seed: int) -> tuple[Demand, np.ndarray]:
    """The demand, and the kind of each bin by its number in KINDS."""
    draw = np.random.default_rng(seed)
    kind = draw.choice(len(KINDS), bins, p=_SHARES)
    rate = np.array([0.08, 0.12, 0.8, 2.5, 9.0, 0.25])[kind] * draw.gamma(1.2, 1 / 1.2, bins)
    size = np.array([1.1, 4.0, 3.0, 1.2, 4.0, 1.3])[kind]
    quantity = np.zeros((bins, WEEKS), np.float64)
    for first in range(0, bins, 10_000):  # so that drawing takes no more memory than planning
        some = slice(first, first + 10_000)
        often = draw.poisson(np.broadcast_to((rate / size)[some, None], quantity[some].shape))
        quantity[some] = often + draw.poisson(often * (size[some, None] - 1))
    exposure = np.ones((bins, WEEKS))
    exposure[draw.random((bins, WEEKS)) < 0.02] = 0.4  # it was empty for part of the week
    began = np.where(kind == KINDS.index("new"), draw.integers(60, 100, bins), 0)
    exposure[np.arange(WEEKS) < began[:, None]] = 0
    quantity[exposure == 0] = 0
    return Demand(quantity, exposure, draw.integers(0, 40, bins)), kind


def drawn_terms(kind: np.ndarray, seed: int) -> Terms:
    """A week between visits, packs, capacities and prices as parts have them."""
    draw = np.random.default_rng(seed)
    bins = len(kind)
    bulk = kind == KINDS.index("bulk")
    pack = np.where(bulk, 20, draw.choice([1, 1, 1, 2, 4, 10], bins))
    return terms(
        bins,
        lead=draw.choice([1, 2, 3], bins) / 7,
        review=draw.choice([3.5, 7, 7, 14], bins) / 7,
        fill=np.where(draw.random(bins) < 0.1, np.nan, 0.95),
        shortage=19.0,
        value=np.exp(draw.normal(3.5, 1.2, bins)),
        holding=0.2 / 52,
        line_cost=3.0,
        pack=pack,
        capacity=np.where(bulk, 100, pack + draw.integers(4, 40, bins)),
        unit_g=np.where(bulk, 100.0, np.exp(draw.normal(5.5, 1, bins))),
        bears_g=draw.choice([10_000.0, 20_000.0, 50_000.0], bins),
        shelf_life=np.where(draw.random(bins) < 0.05, 52.0, np.inf),
    )
