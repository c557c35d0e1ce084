"""The engine: chunks, wherever they are worked on, give what all at once would, and hold no more than they must."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from cloud.replenishment.dask_cluster import on_cluster
from cloud.replenishment.engine import Planned, forecast_in_chunks, levels_in_chunks, planned
from cloud.replenishment.forecasting.choosing import Choice, chosen
from cloud.replenishment.forecasting.rate_views import Prior
from cloud.replenishment.forecasting.settings import WEEKLY
from cloud.replenishment.forecasting.smoothing import fitted, forecast
from cloud.replenishment.levels.policy import levels_of
from cloud.replenishment.levels.terms import Levels
from cloud.replenishment.planning_forecast import Fitted
from tests.cloud.replenishment.drawn_demand import KINDS, drawn_demand, drawn_terms

QUICK = replace(WEEKLY, rows_max=20_000)  # fitted to fewer item weeks


def test_chunks_give_what_all_at_once_would() -> None:
    demand, kind = drawn_demand(800, seed=2)
    on = drawn_terms(kind, seed=2)
    known = forecast(demand, QUICK)
    whole = levels_of(known, on)
    found = planned(demand, on, fit=fitted(demand, QUICK), chunk=250)
    np.testing.assert_allclose(found.rate, known.mean(np.ones(800)), rtol=1e-9)
    assert (found.levels.order_up_to == whole.order_up_to).mean() > 0.999  # a tie may fall the other way
    np.testing.assert_allclose(found.levels.fill, whole.fill, atol=1e-3)
    assert (levels_in_chunks(known, on, chunk=250).order_up_to == whole.order_up_to).mean() > 0.999
    by_fill = ~np.isnan(on.fill) & (whole.limit == 0)
    for number, name in enumerate(KINDS):
        of_kind = by_fill & (kind == number)
        assert whole.fill[of_kind].min() >= 0.95 - 1e-9, name
    assert (whole.order_up_to * on.unit_g <= on.bears_g).all()


def test_a_forecast_made_in_chunks_is_the_same_to_the_last_bit() -> None:
    demand, _ = drawn_demand(900, seed=5)
    choice = Choice(("imapa", "pooled", "smoothing", "both"), (), np.zeros((4, 0)), ())
    fit = chosen(demand, QUICK, choice=choice)
    prior = Prior(np.full(900, 0.1), np.full(900, 5.0))
    for known in (None, prior):
        whole, found = fit.forecast(demand, known), forecast_in_chunks(fit, demand, known, chunk=256)
        assert found.history is demand
        for name in ("rate", "dispersion", "drift"):
            assert getattr(found, name).tobytes() == getattr(whole, name).tobytes(), name
    nothing, _ = drawn_demand(0, seed=5)
    assert len(forecast_in_chunks(fit, nothing)) == 0


def test_no_more_than_a_chunk_is_cut_out_at_a_time() -> None:
    demand, kind = drawn_demand(200, seed=3)
    sizes: list[int] = []

    def one_by_one(work: Callable[[Any], Any], chunks: Iterable[Any]) -> Iterator[Any]:
        for chunk in chunks:
            sizes.append(len(chunk[2]))
            yield work(chunk)

    planned(demand, drawn_terms(kind, seed=3), settings=QUICK, each=one_by_one, chunk=60)
    assert sizes == [60, 60, 60, 20]
    with pytest.raises(ValueError, match="expected terms for 200 items, found 10"):
        planned(demand, drawn_terms(kind[:10], seed=3))


def test_two_workers_of_a_dask_cluster_give_the_same_to_the_last_bit() -> None:
    from distributed import LocalCluster  # noqa: PLC0415

    demand, kind = drawn_demand(2_000, seed=4)
    on = drawn_terms(kind, seed=4)
    here, known = planned(demand, on, settings=QUICK, chunk=500), forecast(demand, QUICK)
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        on_cluster(cluster.scheduler_address) as each,
    ):
        assert len(cluster.workers) == 2
        there = planned(demand, on, settings=QUICK, each=each, chunk=500)
        fit = Fitted(known, [], [], {}, {})
        as_the_run_does = fit.levels(on, cluster.scheduler_address)
    _same(here, there)
    _same(Planned(here.rate, fit.levels(on)), Planned(here.rate, as_the_run_does))


def _same(here: Planned, there: Planned) -> None:
    assert here.rate.tobytes() == there.rate.tobytes()
    for each in fields(Levels):
        assert getattr(here.levels, each.name).tobytes() == getattr(there.levels, each.name).tobytes(), each.name
