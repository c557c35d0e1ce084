"""100,000 bins forecast and priced, in a process of its own: how long, beside the limit of five minutes, and memory."""

import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from cloud.replenishment.engine import planned
from tests.benchmarks.figures import Figure
from tests.cloud.replenishment.drawn_demand import drawn_demand, drawn_terms

BINS = 100_000
LIMIT_S = 300
MEMORY_MB = 2_048


def measure() -> Iterator[Figure]:
    """Seconds and peak memory of the whole."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        seconds, demand_mb, peak_mb = process.submit(_plan, BINS).result()
    yield Figure(f"{BINS:,} bins of 104 weeks forecast and priced", seconds, "s", LIMIT_S, "limit", 1.0)
    yield Figure("their demand in memory", demand_mb, "MB")
    yield Figure("most memory of the process, with its demand", peak_mb, "MB", MEMORY_MB, "limit", 1.0)


def _plan(bins: int) -> tuple[float, float, float]:
    demand, kind = drawn_demand(bins, seed=1)
    on = drawn_terms(kind, seed=1)
    begun = time.perf_counter()
    found = planned(demand, on)
    seconds = time.perf_counter() - begun
    if len(found.levels) != bins:
        raise ValueError(f"expected {bins} bins, found {len(found.levels)}")
    held = (demand.quantity.nbytes + demand.exposure.nbytes) / 2**20
    return seconds, held, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
