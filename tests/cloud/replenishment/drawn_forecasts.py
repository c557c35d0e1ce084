"""Forecasts of known distributions, and the demand that they foretell: Poisson, and Poisson of a rate that is drawn."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import nbinom, poisson

from cloud.replenishment.forecasting.values import Floats, Ints


@dataclass(frozen=True)
class KnownForecast:
    """Independent periods: mean `rate`, variance `spread` times the mean (1: Poisson, more: negative binomial)."""

    rate: Floats
    spread: Floats

    def __len__(self) -> int:
        return len(self.rate)

    def mean(self, periods: Floats) -> Floats:
        return self.rate * periods

    def distribution(self, periods: Floats, top: int) -> Floats:
        mean = (self.rate * periods)[:, None]
        spread = self.spread[:, None]
        wide = np.maximum(spread, 1 + 1e-9)
        units = np.arange(top + 1)
        known = nbinom.pmf(units, np.maximum(mean, 1e-12) / (wide - 1), 1 / wide)
        return np.where(spread > 1, known, poisson.pmf(units, mean))

    def of(self, items: slice | Ints) -> "KnownForecast":
        return KnownForecast(self.rate[items], self.spread[items])

    def drawn(self, periods: int, seed: int) -> Floats:
        """(items, periods) of demand."""
        draw = np.random.default_rng(seed)
        shape = self.rate[:, None] / np.maximum(self.spread[:, None] - 1, 1e-9)
        size = (len(self), periods)
        rates = np.where(
            self.spread[:, None] > 1, draw.gamma(shape, self.spread[:, None] - 1, size), self.rate[:, None]
        )
        return draw.poisson(rates).astype(float)


def known(*pairs: tuple[float, float]) -> KnownForecast:
    """Items of (rate, spread)."""
    rate, spread = zip(*pairs, strict=True)
    return KnownForecast(np.array(rate, float), np.array(spread, float))
