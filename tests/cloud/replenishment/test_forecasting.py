"""The forecast: what it must never do, and values worked out by hand."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cloud.replenishment.forecasting import by_shape, negative_binomial, own_history, smoothing, textbook, trees
from cloud.replenishment.forecasting.choosing import BETTER, choose, chosen
from cloud.replenishment.forecasting.demand_classes import ERRATIC, INTERMITTENT, LUMPY, SMOOTH, classes
from cloud.replenishment.forecasting.groups import groups_of
from cloud.replenishment.forecasting.rate_views import Prior
from cloud.replenishment.forecasting.settings import MONTHLY, WEEKLY
from cloud.replenishment.forecasting.smoothed import SmoothedForecast
from cloud.replenishment.forecasting.values import Demand
from cloud.replenishment.forecasting.written import read, written
from tests.cloud.replenishment.drawn_months import drawn, whole


def one(row: list[float], exposure: list[float] | None = None) -> Demand:
    known = [1.0] * len(row) if exposure is None else exposure
    return Demand(np.array([row], float), np.array([known], float), np.zeros(1, np.int64))


def told(forecast: SmoothedForecast, periods: float, top: int = 200) -> np.ndarray:
    return forecast.distribution(np.full(len(forecast), periods), top)


@pytest.mark.parametrize(("mean", "dispersion"), [(0.02, 1.0), (0.4, 2.4), (3.0, 1.2), (40.0, 30.0)])
def test_the_negative_binomial_is_scipys(mean: float, dispersion: float) -> None:
    found = negative_binomial.probabilities(np.array([mean]), np.array([dispersion]), 120)[0]
    size = mean / (max(dispersion, negative_binomial.LEAST_DISPERSION) - 1)
    expected = stats.nbinom.pmf(np.arange(121), size, size / (size + mean))
    assert found == pytest.approx(expected, abs=1e-8)
    if dispersion == 1.0:
        assert found == pytest.approx(stats.poisson.pmf(np.arange(121), mean), abs=1e-6)


def test_windows_of_the_own_history() -> None:
    """Asked 2, 0, 3 of which the middle month is not known: two windows of one month, none of two."""
    gap = one([2, 0, 3], [1, 0, 1])
    month = own_history.windows(gap, 1, 0.5)
    assert month.weight.tolist() == [[0.25, 0.0, 1.0]]
    assert month.mean() == pytest.approx([(0.25 * 2 + 3) / 1.25])
    assert month.probabilities(3)[0] == pytest.approx([0, 0, 0.2, 0.8])
    assert own_history.windows(gap, 2, 0.5).total() == [0]
    both = own_history.windows(one([2, 0, 3]), 2, 0.5)
    assert both.asked.tolist() == [[2, 3]]
    assert own_history.windows(one([2, 0, 3]), 0, 0.5).probabilities(1).tolist() == [[1, 0]]


def test_half_a_month_with_stock_counts_half_and_is_scaled_up() -> None:
    half = own_history.windows(one([1, 1], [1, 0.4]), 1, 1.0)
    assert half.asked.tolist() == [[1, 2.5]]
    assert half.probabilities(3)[0] == pytest.approx([0, 1 / 1.4, 0.2 / 1.4, 0.2 / 1.4])


def test_months_without_stock_are_not_zeros() -> None:
    """The same demand, once with empty months left out of what is known, once taken for zeros."""
    seen = drawn(80, 36)
    empty = np.zeros((80, 36))
    empty[:, ::2] = 1
    asked = seen.quantity * (1 - empty)
    censored = smoothing.forecast(Demand(asked, 1 - empty, seen.group))
    as_zero = smoothing.forecast(Demand(asked, np.ones((80, 36)), seen.group))
    month = np.ones(80)
    assert censored.mean(month).sum() == pytest.approx(smoothing.forecast(seen).mean(month).sum(), rel=0.15)
    assert as_zero.mean(month).sum() < 0.65 * censored.mean(month).sum()


def test_a_new_item_begins_at_its_group_and_a_prior_lifts_it() -> None:
    quantity = np.concatenate([np.full((30, 24), 4.0), np.tile([0, 0, 0, 1.0], (30, 6)), np.zeros((2, 24))])
    exposure = np.ones((62, 24))
    exposure[60:] = 0
    demand = Demand(quantity, exposure, np.array([0] * 30 + [1] * 30 + [0, 1]))
    busy, slow = smoothing.forecast(demand).mean(np.ones(62))[60:]
    assert busy > 2.5
    assert 1 > slow > 0.15
    known = Prior(np.array([0.0] * 61 + [3.0]), np.array([0.0] * 61 + [4.0]))
    lifted = smoothing.forecast(demand, MONTHLY, known).mean(np.ones(62))
    assert lifted[61] > 1.5 > lifted[59]


def test_two_months_are_not_twice_an_independent_month() -> None:
    """Rates that wander: what lasts from month to month widens the sum of two more than chance would."""
    chance = np.random.default_rng(3)
    rate = np.exp(np.cumsum(chance.normal(0, 0.25, (200, 48)), axis=1))
    forecast = smoothing.forecast(whole(chance.poisson(rate).astype(float)))
    assert forecast.drift[0] > 0.05
    month, both = told(forecast, 1), told(forecast, 2)
    twice = np.stack([np.convolve(row, row)[:201] for row in month])
    at = np.arange(201)
    variance = [(p @ at**2 - (p @ at) ** 2).sum() for p in (twice, both)]
    assert variance[1] > 1.05 * variance[0]


def test_synthetic_demand_gives_back_its_dispersion() -> None:
    for lumpy in (1.5, 4.0):
        found = smoothing.forecast(drawn(600, 60, 2, lumpy))
        assert np.median(found.dispersion) == pytest.approx(lumpy, rel=0.35)
        assert groups_of(drawn(600, 60, 2, lumpy)).dispersion()[0] == pytest.approx(lumpy, rel=0.12)


def test_grams_beside_pieces_change_nothing() -> None:
    """A group in grams: its forecast is the pieces' times what a piece weighs, and the pieces' does not see it."""
    pieces = drawn(100, 36)
    grams = pieces.quantity * 250
    both = Demand(np.concatenate([pieces.quantity, grams]), np.ones((200, 36)), np.repeat([0, 1], 100))
    found = smoothing.forecast(both)
    assert found.rate[100:] == pytest.approx(250 * found.rate[:100], rel=0.02)
    assert found.rate[:100] == pytest.approx(smoothing.forecast(pieces).rate, rel=0.1)
    assert np.median(found.dispersion[100:] / found.dispersion[:100]) == pytest.approx(250, rel=0.1)


TOP = 40_000  # of a draw in a thousand the dispersion is 900: beyond 4000 there is half a per mille of it


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 12),
    st.integers(1, 30),
    st.integers(0, 10_000),
    st.floats(0, 7),
)
def test_what_holds_of_any_forecast(items: int, months: int, seed: int, periods: float) -> None:
    """A distribution, with the mean that it says; the same in chunks, in any order, and written down."""
    chance = np.random.default_rng(seed)
    asked = chance.poisson(chance.gamma(0.5, 2, (items, 1)), (items, months)).astype(float)
    exposure = np.round(chance.random((items, months)), 2)
    demand = Demand(asked * (exposure > 0), exposure, chance.integers(0, 3, items))
    fit = smoothing.fitted(demand)
    forecast = fit.forecast(demand)
    length = np.full(items, periods)
    found = forecast.distribution(length, TOP)
    assert (found >= 0).all()
    assert found.sum(axis=1) == pytest.approx(1, abs=1e-6)
    assert found @ np.arange(TOP + 1) == pytest.approx(forecast.mean(length), rel=1e-4, abs=1e-6)
    assert (forecast.mean(length + 1) >= forecast.mean(length)).all()
    assert (forecast.of(slice(0, 1)).distribution(length[:1], 30) == found[:1, :31]).all()
    again = read(written(forecast, items - 1)).distribution(length[:1], 30)
    assert again == pytest.approx(found[-1:, :31], abs=0.02)


def test_a_forecast_is_written_short_and_read_the_same() -> None:
    demand = one([0, 0, 3, 0, 1, 1, 0, 0], [1, 1, 1, 0, 1, 0.5, 1, 1])
    forecast = smoothing.forecast(demand, WEEKLY)
    text = written(forecast, 0)
    assert json.loads(text)["history"] == "2x0 3 - 1 1@0.5 2x0"
    assert told(read(text), 1.5) == pytest.approx(told(forecast, 1.5), abs=1e-8)
    for bad in ("", "[]", '{"rate": 1}', text.replace("2x0", "yx0")):
        with pytest.raises(ValueError, match="expected a forecast as it is written down"):
            read(bad)


def test_textbook_rates_by_hand() -> None:
    """0 0 2 0 4, alpha 0.1: sizes 2 then 2.2, intervals 3 then 2.9; probability 0 0 .1 .09 .181."""
    demand = one([0, 0, 2, 0, 4])
    assert textbook.croston(demand) == pytest.approx([2.2 / 2.9])
    assert textbook.sba(demand) == pytest.approx([0.95 * 2.2 / 2.9])
    assert textbook.tsb(demand) == pytest.approx([2.2 * 0.181])
    assert textbook.ses(demand) == pytest.approx([0.2 * 0.81 + 0.4])
    assert textbook.ses(one([3, 9, 3], [1, 0, 1])) == pytest.approx([3])
    assert textbook.croston(one([0, 0, 0])) == [0]
    assert textbook.imapa(one([1, 1, 1, 1])) == pytest.approx([1])
    assert textbook.pooled(whole(np.full((3, 10), 2.0))) == pytest.approx([2, 2, 2])
    # An order every other month: months and pairs of months, each with the best of the constants it may have.
    months = _ses([0, 2, 0, 4], _best([0, 2, 0, 4]))
    pairs = _ses([2, 4], _best([2, 4])) / 2
    assert textbook.imapa(one([0, 2, 0, 4])) == pytest.approx([(months + pairs) / 2])


def _ses(values: list[float], alpha: float) -> float:
    level = values[0]
    for value in values:
        level += alpha * (value - level)
    return level


def _best(values: list[float]) -> float:
    """The constant whose every step was least wrong."""
    alphas = (0.1, 0.15, 0.2, 0.25, 0.3)
    wrong = [sum((values[at] - _ses(values[:at], each)) ** 2 for at in range(1, len(values))) for each in alphas]
    return alphas[wrong.index(min(wrong))]


def test_a_shape_alone_has_the_items_own_dispersion() -> None:
    demand = one([0, 0, 0, 4])
    forecast = by_shape.by_own_dispersion(np.array([1.0]), demand)
    assert forecast.dispersion == [3.0]
    found = forecast.distribution(np.array([2.0]), 100)[0]
    at = np.arange(101)
    assert (found @ at, found @ at**2 - (found @ at) ** 2) == pytest.approx((2, 6), rel=1e-3)
    assert by_shape.poisson(np.array([0.0])).mean(np.ones(1)) > 0


def test_classes_of_syntetos_and_boylan() -> None:
    rows = [[2, 2, 3, 2], [1, 9, 1, 1], [0, 2, 0, 2], [0, 1, 0, 9], [0, 0, 0, 0]]
    assert classes(whole(np.array(rows, float))).tolist() == [SMOOTH, ERRATIC, INTERMITTENT, LUMPY, INTERMITTENT]


def test_the_choice_goes_to_what_foretells_best() -> None:
    """Levels that jump and stay: whatever is slow loses. With no history there is nothing to choose by."""
    chance = np.random.default_rng(5)
    level = np.where(chance.random((110, 36)) < 0.08, chance.gamma(1, 12, (110, 36)), np.nan)
    level[:, 0] = 5
    for month in range(1, 36):
        level[:, month] = np.where(np.isnan(level[:, month]), level[:, month - 1], level[:, month])
    choice = choose(whole(chance.poisson(level).astype(float)))
    by_way = dict(zip(choice.ways, choice.scores[SMOOTH], strict=True))
    assert by_way[choice.by_class[SMOOTH]] < by_way["sba"]
    assert by_way[choice.by_class[SMOOTH]] <= min(by_way.values()) / (1 - BETTER)
    assert max(choice.judged) + 2 <= 36
    short = choose(drawn(20, 8))
    assert (short.by_class, short.judged) == (("smoothing",) * 4, ())
    assert len(chosen(drawn(20, 8)).forecast(drawn(20, 8))) == 20


def test_trees_are_the_same_twice_and_need_something_to_learn_from() -> None:
    demand = drawn(150, 30)
    groups = groups_of(demand)
    first, second = (trees.grown(demand, groups, MONTHLY) for _ in range(2))
    assert first.models == second.models
    assert first.rate(demand).sum() == pytest.approx(demand.quantity.mean() * 150, rel=0.2)
    assert not trees.enough(drawn(20, 12), MONTHLY)
