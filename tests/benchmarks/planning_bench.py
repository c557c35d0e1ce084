"""100,000 bins planned as the nightly run does it: choose, fit, forecast, levels, in a process of its own.

How long beside the limit of five minutes, what of it is the processor's, and memory; beside it the smoothing by itself.
"""

import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context

from cloud.replenishment.engine import forecast_in_chunks, levels_in_chunks, planned
from cloud.replenishment.forecasting.choosing import choose, chosen
from cloud.replenishment.forecasting.settings import WEEKLY
from cloud.replenishment.forecasting.values import Demand
from cloud.replenishment.levels.terms import Levels, Terms
from tests.benchmarks.figures import Figure
from tests.cloud.replenishment.drawn_demand import drawn_demand, drawn_terms

BINS = 100_000
LIMIT_S = 300
MEMORY_MB = 1_024
Work = Callable[[Demand, Terms], Iterator[Levels | None]]
_NIGHTLY = ("choosing the ways", "fitting", "forecasting", "levels")


def measure() -> Iterator[Figure]:
    """Seconds and peak memory of the whole, the processor's seconds by part."""
    seconds, shares, demand_mb, peak_mb = _measured(_nightly)
    yield Figure(f"{BINS:,} bins of 104 weeks planned as at night", seconds, "s", LIMIT_S, "limit", 1.0)
    for name, share in zip(_NIGHTLY, shares, strict=True):
        yield Figure(f"of the processor: {name}", share, "s")
    yield Figure("their demand in memory", demand_mb, "MB")
    yield Figure("most memory of the process, with its demand", peak_mb, "MB", MEMORY_MB, "limit", 1.0)
    seconds, _, _, peak_mb = _measured(_smoothed)
    yield Figure("the same by the smoothing alone", seconds, "s", LIMIT_S, "limit", 1.0)
    yield Figure("most memory of that process", peak_mb, "MB", MEMORY_MB, "limit", 1.0)


def _measured(work: Work) -> tuple[float, list[float], float, float]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_done, work, BINS).result()


def _done(work: Work, bins: int) -> tuple[float, list[float], float, float]:
    """Seconds, the processor's seconds by part, MB of the demand, most MB of the process."""
    demand, kind = drawn_demand(bins, seed=1)
    on = drawn_terms(kind, seed=1)
    begun, marks = time.perf_counter(), [time.process_time()]
    found: Levels | None = None
    for each in work(demand, on):
        found = each
        marks.append(time.process_time())
    seconds = time.perf_counter() - begun
    if found is None or len(found) != bins:
        raise ValueError(f"expected levels of {bins} bins, found {found}")
    shares = [after - before for before, after in pairwise(marks)]
    held = (demand.quantity.nbytes + demand.exposure.nbytes) / 2**20
    return seconds, shares, held, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _nightly(demand: Demand, on: Terms) -> Iterator[Levels | None]:
    """As `planning_forecast.fitted` and its levels; stops after each part, with the levels at last."""
    choice = choose(demand, WEEKLY)
    yield None
    fit = chosen(demand, WEEKLY, choice=choice)
    yield None
    forecast = forecast_in_chunks(fit, demand)
    yield None
    yield levels_in_chunks(forecast, on)


def _smoothed(demand: Demand, on: Terms) -> Iterator[Levels | None]:
    yield planned(demand, on).levels
