"""What each stock position after loading costs until the next loading has arrived: short, on hand, waiting.

A van that is loaded now arrives after the lead time; whatever is asked for until the next one arrives has to come from
the position of now. So a position `y` meets the demand D of the lead time, and of lead time and review period: what is
missing in between is E[D(lead + review) - y]+ - E[D(lead) - y]+.
"""

from dataclasses import dataclass, fields

import numpy as np

from cloud.replenishment.forecasting.values import Floats, Forecast, Ints
from cloud.replenishment.levels.terms import Terms


@dataclass(frozen=True)
class Losses:
    """By position 0, 1 … top: (items, top + 1). `asked`: the demand of a review period, (items,)."""

    short: Floats  # units of a review's demand that are not there when asked for
    on_hand: Floats
    waiting: Floats
    asked: Floats
    demand: Floats  # P(a review's demand = 0, 1 … top)

    def of(self, items: Ints) -> "Losses":
        """The losses of some items alone."""
        return Losses(*(getattr(self, each.name)[items] for each in fields(self)))


def reviews(terms: Terms) -> Floats:
    """The periods from one loading to the next: a request is open until it arrives, and no second one is raised."""
    return terms.review * np.maximum(1, np.ceil(terms.lead / terms.review - 1e-9))


def losses(forecast: Forecast, terms: Terms, top: int) -> Losses:
    """The losses of every position up to `top`; what lies above is no less exact for it."""
    review = reviews(terms)
    from_lead, mean_lead = _short(forecast, terms.lead, top)
    from_both, mean_both = _short(forecast, terms.lead + review, top)
    stock = np.arange(top + 1.0)
    on_hand, waiting = stock - mean_both[:, None] + from_both, from_both
    if terms.counted == "mean":  # between the two arrivals it falls as a line, nearly
        on_hand = (on_hand + stock - mean_lead[:, None] + from_lead) / 2
        waiting = (waiting + from_lead) / 2
    asked = mean_both - mean_lead
    return Losses(np.maximum(from_both - from_lead, 0), on_hand, waiting, asked, forecast.distribution(review, top))


def _short(forecast: Forecast, periods: Floats, top: int) -> tuple[Floats, Floats]:
    """E[D - y]+ for y = 0 … top, and E[D]. From P(D <= y) alone, so that no tail is cut off."""
    some = np.maximum(periods, 1e-6)
    mean = np.where(periods > 0, forecast.mean(some), 0.0)
    above = 1 - np.cumsum(forecast.distribution(some, top), axis=1)
    served = np.cumsum(np.clip(above, 0, 1), axis=1)
    short = np.empty((len(mean), top + 1))
    short[:, 0] = mean
    short[:, 1:] = np.maximum(mean[:, None] - served[:, :-1], 0)
    short[periods <= 0] = 0
    return short, mean
