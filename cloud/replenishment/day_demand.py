"""The demand of a part in a bin over any span of days, as it is kept beside its policy. Pure; no arrays.

What a forecast says of weeks is kept as three numbers a day: the mean, the variance that days bring by themselves, and
the variance of the rate, which all days share because it is one rate that is not known exactly. Over `t` days the
demand is taken as negative-binomial with mean `mean * t` and variance `own * t + shared * t * t`, Poisson where that
is no wider. Quantities are pieces or grams; bulk is counted in steps of `step` grams, so that sums stay short.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

DAYS_MAX = 730.0
_ENOUGH = 1 - 1e-9


class DayDemandError(ValueError):
    """A kept forecast cannot be read; the text says what was expected and what was found."""


@dataclass(frozen=True, slots=True)
class DayDemand:
    """A day's demand of a part in a bin: mean in units, variances in squares of units."""

    mean: float
    own: float
    shared: float = 0.0
    step: int = 1

    def expected(self, days: float) -> float:
        """What will be asked for in so many days."""
        return self.mean * max(0.0, days)

    def variance(self, days: float) -> float:
        """How far that may be off, squared."""
        days = max(0.0, days)
        return self.own * days + self.shared * days * days

    def at_most(self, quantity: float, days: float) -> float:
        """P(no more than `quantity` is asked for in so many days), 0 to 1."""
        if quantity < 0:
            return 0.0
        total = 0.0
        for at, share in enumerate(self._shares(days)):
            if at > quantity // self.step:
                break
            total += share
        return min(1.0, total)

    def more_than(self, quantity: float, days: float) -> float:
        """P(more than `quantity` is asked for in so many days): a bin that holds that much runs short."""
        return 1.0 - self.at_most(quantity, days)

    def quantile(self, share: float, days: float) -> int:
        """The least quantity that is enough with a probability of `share`."""
        total = 0.0
        at = -1
        for at, each in enumerate(self._shares(days)):  # noqa: B007 -- the last one is the answer
            total += each
            if total >= share:
                break
        return max(at, 0) * self.step

    def days_of(self, stock: float) -> float | None:
        """How long a stock lasts at the expected demand; None for more than `DAYS_MAX`."""
        days = stock / self.mean if self.mean > 0 else math.inf
        return max(0.0, days) if days <= DAYS_MAX else None

    def _shares(self, days: float) -> "list[float]":
        """P(demand = 0, 1 … steps), until nearly all of it is there."""
        mean, variance = self.expected(days) / self.step, self.variance(days) / self.step**2
        if mean <= 0:
            return [1.0]
        if variance <= mean * 1.000001:
            first, ratio = -mean, (0.0, mean)
        else:  # size r, success p: the share of k is that of k - 1 times (r + k - 1) / k * (1 - p)
            rest = 1 - mean / variance
            size = mean * (1 - rest) / rest
            first, ratio = size * math.log1p(-rest), (rest, rest * (size - 1))
        return _shares(first, ratio, int(mean + 40 * math.sqrt(max(variance, mean)) + 40))

    def kept(self) -> str:
        """As it is kept."""
        return json.dumps({"day": [round(self.mean, 6), round(self.own, 6), round(self.shared, 8)], "step": self.step})


def _shares(first: float, ratio: tuple[float, float], top: int) -> list[float]:
    """Panjer's recursion from the logarithm of the first share: p(k) = (a + b / k) p(k - 1)."""
    shares: list[float] = []
    logarithm, total = first, 0.0
    for at in range(top + 1):
        if at:
            logarithm += math.log(ratio[0] + ratio[1] / at)
        shares.append(math.exp(logarithm))
        total += shares[-1]
        if total >= _ENOUGH:
            break
    return shares


def read_day_demand(text: str) -> DayDemand:
    """What was kept (`DayDemandError`)."""
    try:
        found: Any = json.loads(text)
        mean, own, shared = (float(each) for each in found["day"])
        step = int(found["step"])
    except (ValueError, KeyError, TypeError) as error:
        raise DayDemandError(f"expected a kept forecast, found {text[:60]!r} ({error})") from error
    if not (mean >= 0 and own >= 0 and shared >= 0 and step >= 1):
        raise DayDemandError(f"expected a kept forecast of nothing negative, found {text[:60]!r}")
    return DayDemand(mean, own, shared, step)
