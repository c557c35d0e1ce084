"""Forecasts and levels of any number of bins, in chunks: what is held at a time does not grow with how many there are.

Pure: demand and terms in, rates and levels out. What all bins have in common is fitted once and is small; each chunk
is worked on by itself, here or elsewhere (`each`; `dask_cluster` has one over many machines), and the result is the
same to the last bit wherever that was, since the chunks are the same.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from cloud.replenishment.forecasting.choosing import Chosen
from cloud.replenishment.forecasting.rate_views import Prior
from cloud.replenishment.forecasting.settings import WEEKLY, Smoothing
from cloud.replenishment.forecasting.smoothed import SmoothedForecast
from cloud.replenishment.forecasting.smoothing import fitted
from cloud.replenishment.forecasting.values import Demand, Floats, Forecast
from cloud.replenishment.levels.policy import levels_of
from cloud.replenishment.levels.terms import Levels, Terms

CHUNK = 2_048  # items
FORECAST_CHUNK = 4_096  # items

Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
"""Does some work on each of some chunks, and gives what came of it in their order."""


class Fitted(Protocol):
    """What all items have in common: of the smoothing (`smoothing.fitted`), or by class (`choosing.chosen`)."""

    def forecast(self, demand: Demand, prior: Prior | None = None) -> Forecast:
        """Of some of the items."""
        ...


@dataclass(frozen=True)
class Planned:
    """Of every item: the demand expected of one period, and the levels."""

    rate: Floats  # (items,)
    levels: Levels


def planned(
    demand: Demand,
    terms: Terms,
    *,
    fit: Fitted | None = None,
    settings: Smoothing = WEEKLY,
    prior: Prior | None = None,
    each: Each = map,
    chunk: int = CHUNK,
) -> Planned:
    """Forecast and price every item (`ValueError` when the terms are of other items).

    `fit`: what was fitted to all of them; without one, the smoothing is, by `settings`.
    """
    items = len(demand.group)
    if items != len(terms):
        raise ValueError(f"expected terms for {items} items, found {len(terms)}")
    fit, on = fit or fitted(demand, settings, prior), terms.priced()
    chunks = ((fit, _of(demand, some), on.of(some), prior and prior.of(some)) for some in _slices(items, chunk))
    found = list(each(_plan, chunks))
    if not found:
        return Planned(np.zeros(0), Levels.none(0))
    return Planned(np.concatenate([rate for rate, _ in found]), Levels.joined([levels for _, levels in found]))


def forecast_in_chunks(
    fit: Chosen, demand: Demand, prior: Prior | None = None, *, chunk: int = FORECAST_CHUNK
) -> SmoothedForecast:
    """The forecast of every item, as `fit.forecast`: what it takes to make it is held for a chunk at a time."""
    slices = _slices(len(demand.group), chunk) or [slice(0)]
    parts = [fit.forecast(_of(demand, some), prior and prior.of(some)) for some in slices]
    return SmoothedForecast.joined(parts, demand)


def levels_in_chunks(forecast: Forecast, terms: Terms, *, each: Each = map, chunk: int = CHUNK) -> Levels:
    """The levels of every item of a forecast that there is already (`ValueError` as `levels_of`)."""
    if len(forecast) != len(terms):
        raise ValueError(f"expected terms for {len(forecast)} items, found {len(terms)}")
    on = terms.priced()
    chunks = ((forecast.of(some), on.of(some)) for some in _slices(len(terms), chunk))
    found = list(each(_level, chunks))
    return Levels.joined(found) if found else Levels.none(0)


def _plan(chunk: tuple[Fitted, Demand, Terms, Prior | None]) -> tuple[Floats, Levels]:
    fit, demand, terms, prior = chunk
    forecast = fit.forecast(demand, prior)
    return forecast.mean(np.ones(len(forecast))), levels_of(forecast, terms)


def _level(chunk: tuple[Forecast, Terms]) -> Levels:
    return levels_of(*chunk)


def _of(demand: Demand, some: slice) -> Demand:
    return Demand(demand.quantity[some], demand.exposure[some], demand.group[some])


def _slices(items: int, size: int) -> list[slice]:
    return [slice(first, first + size) for first in range(0, items, size)]
