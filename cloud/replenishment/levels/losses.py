"""What each stock position after loading costs until the next loading has arrived: short, on hand, waiting.

A van that is loaded now arrives after the lead time; whatever is asked for until the next one arrives has to come from
the position of now. So a position `y` meets the demand D of the lead time, and of lead time and time between loadings:
what is missing in between is E[D(lead + between) - y]+ - E[D(lead) - y]+.
"""

from dataclasses import dataclass, fields

import numpy as np

from cloud.replenishment.forecasting.values import Floats, Forecast, Ints
from cloud.replenishment.levels.cycle import Times
from cloud.replenishment.levels.terms import Terms

_NO_TAIL = 1e-12  # nothing is asked for beyond the table: what is in it is all


@dataclass(frozen=True)
class Losses:
    """By position 0, 1 … top, a mean of the time between two loadings: (items, top + 1)."""

    short: Floats  # units a period that are not there when asked for
    on_hand: Floats
    waiting: Floats

    def __add__(self, other: "Losses") -> "Losses":
        return Losses(self.short + other.short, self.on_hand + other.on_hand, self.waiting + other.waiting)

    def of(self, items: Ints) -> "Losses":
        """The losses of some items alone."""
        return Losses(*(getattr(self, each.name)[items] for each in fields(self)))


@dataclass(frozen=True)
class Met:
    """All that some items meet. `first`: after a loading that brought something; often the very same as `later`."""

    asked: Floats  # units a period, (items,)
    times: Times
    first: Losses
    later: Losses

    def of(self, items: Ints) -> "Met":
        """Of some items alone."""
        first = self.first.of(items)
        later = first if self.first is self.later else self.later.of(items)
        return Met(self.asked[items], self.times.of(items), first, later)


def first_review(terms: Terms) -> Floats:
    """The periods from a loading to the next that can bring: while a request is open no second one is raised."""
    return terms.review * np.maximum(1, np.ceil(terms.lead / terms.review - 1e-9))


def met(forecast: Forecast, terms: Terms, top: int) -> Met:
    """What the items meet at every position up to `top`; what lies above is no less exact for it."""
    lead = _short(forecast, terms.lead, top)
    longest, asked = first_review(terms), forecast.mean(terms.review) / terms.review
    demand = forecast.distribution(terms.review, top)
    later = _losses(forecast, terms, terms.review, lead)
    if (longest <= terms.review).all():
        return Met(asked, Times(terms.review, terms.review, demand, demand), later, later)
    times = Times(longest, terms.review, forecast.distribution(longest, top), demand)
    return Met(asked, times, _losses(forecast, terms, longest, lead), later)


def _losses(forecast: Forecast, terms: Terms, between: Floats, lead: tuple[Floats, Floats]) -> Losses:
    (from_lead, mean_lead), top = lead, lead[0].shape[1] - 1
    from_both, mean_both = _short(forecast, terms.lead + between, top)
    stock = np.arange(top + 1.0)
    on_hand, waiting = stock - mean_both[:, None] + from_both, from_both
    if terms.counted == "mean":  # between the two arrivals it falls as a line, nearly
        on_hand = (on_hand + stock - mean_lead[:, None] + from_lead) / 2
        waiting = (waiting + from_lead) / 2
    return Losses(np.maximum(from_both - from_lead, 0) / between[:, None], on_hand, waiting)


def _short(forecast: Forecast, periods: Floats, top: int) -> tuple[Floats, Floats]:
    """E[D - y]+ for y = 0 … top, and E[D]. From P(D <= y) alone, so that no tail is cut off."""
    some = np.maximum(periods, 1e-6)
    above = np.clip(1 - np.cumsum(forecast.distribution(some, top), axis=1), 0, 1)
    served = np.cumsum(above, axis=1)
    mean = np.where(above[:, -1] < _NO_TAIL, served[:, -1], forecast.mean(some)) * (periods > 0)
    short = np.empty((len(mean), top + 1))
    short[:, 0] = mean
    short[:, 1:] = np.maximum(mean[:, None] - served[:, :-1], 0)
    short[periods <= 0] = 0
    return short, mean
