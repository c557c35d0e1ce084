"""Levels against golden values, against play, and by what has to hold whatever the numbers are."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.replenishment.levels import exact
from cloud.replenishment.levels.curve import each_aims, together_reach
from cloud.replenishment.levels.policy import levels_of, levels_of_each
from cloud.replenishment.levels.shared import levels_shared
from cloud.replenishment.levels.terms import Levels, terms
from edge_gateway.planogram import PartPlan
from edge_gateway.replenishment import quantity_to_bring
from tests.cloud.replenishment.drawn_forecasts import KnownForecast, known
from tests.cloud.replenishment.replayed_levels import played


def test_exact_theory_gives_the_golden_values_of_stockpyl() -> None:
    small_large = exact.best_min_max(exact.poisson_demand(6), holding=1, stockout=19, fixed=5)
    assert (small_large.first, small_large.second) == (7, 11)
    assert small_large.cost == pytest.approx(10.251753, abs=5e-7)
    fixed = exact.best_fixed_quantity(6, 1, holding=1, stockout=19, fixed=5)
    assert (fixed.first, fixed.second) == (7, 9)
    assert fixed.cost == pytest.approx(10.690964, abs=5e-7)
    stock, cost = exact.newsvendor(exact.poisson_demand(1), holding=1, stockout=19)
    assert (stock, round(cost, 6)) == (3, 2.466739)


def test_the_least_cost_of_a_period_without_lead_time_is_the_newsvendors() -> None:
    """And with a fixed cost: what (7, 11) costs, computed here as by the exact theory."""
    at_cost = terms(1, lead=0, review=1, shortage=19, holding=1, counted="end", periods_a_year=1)
    levels = levels_of(known((1, 1)), at_cost)
    assert (levels.reorder_point[0], levels.order_up_to[0]) == (2, 3)
    assert levels.cost_a_year[0] == pytest.approx(2.466739, abs=5e-7)
    with_lines = levels_of(
        known((6, 1)), terms(1, lead=0, review=1, shortage=19, holding=1, line_cost=5, counted="end", periods_a_year=1)
    )
    small, large = int(with_lines.reorder_point[0]), int(with_lines.order_up_to[0])
    cost = exact.min_max_cost(exact.poisson_demand(6), small, large, holding=1, stockout=19, fixed=5)
    assert with_lines.cost_a_year[0] == pytest.approx(cost, rel=1e-9)
    assert 10.251753 < cost < 10.251753 * 1.04  # the best of all brings four at once, as (7, 11)


def test_visits_without_a_pause_cost_what_continuous_watching_does() -> None:
    """With the review period going to nothing: s, and the cost, of the exact (r, Q) for what is brought at once."""
    best = exact.best_fixed_quantity(0.4, 1, holding=1, stockout=19, fixed=5)
    asked = terms(
        1, lead=1, review=1 / 256, shortage=19, holding=1, line_cost=best.second**2 / 0.8, periods_a_year=1
    )  # so that it brings as much at once
    levels = levels_of(known((0.4, 1)), asked)
    assert (levels.reorder_point[0], levels.order_up_to[0]) == (best.first, best.first + best.second)
    cost = levels.cost_a_year[0] - (asked.line_cost[0] - 5) * levels.orders_a_year[0]
    assert cost == pytest.approx(best.cost, rel=0.01)


def test_single_pieces_without_a_line_cost_are_kept_by_the_base_stock_formula() -> None:
    one, two = exact.poisson_demand(1), exact.poisson_demand(2)
    assert exact.base_stock_fill(one, two, 4) == pytest.approx(0.929208, abs=5e-7)
    for aim in (0.5, 0.8, 0.929, 0.93, 0.95, 0.99):
        levels = levels_of(known((1, 1)), terms(1, lead=1, review=1, fill=aim))
        best = next(level for level in range(20) if exact.base_stock_fill(one, two, level) >= aim)
        assert (levels.reorder_point[0], levels.order_up_to[0]) == (best - 1, best)
        assert levels.fill[0] == pytest.approx(exact.base_stock_fill(one, two, best), abs=1e-9)


@pytest.mark.parametrize(("lead", "review"), [(1, 5), (0, 2), (4, 1), (5, 3)])
def test_what_levels_promise_happens(lead: int, review: int) -> None:
    """40 kinds of items, packs and line costs, each with 80,000 steps of demand: fill, stock, waiting and orders."""
    draw = np.random.default_rng(3)
    kinds, copies = 40, 20
    forecast = KnownForecast(
        draw.gamma(0.6, 0.3, kinds) + 0.01, 1 + draw.gamma(1, 1, kinds) * (draw.random(kinds) < 0.6)
    )
    asked = terms(
        kinds, lead=float(lead), review=float(review), fill=0.93, value=40, holding=0.02,
        line_cost=draw.choice([0.0, 1.0, 8.0], kinds), pack=draw.choice([1, 1, 2, 5], kinds), periods_a_year=1,
    )  # fmt: skip
    levels = levels_of(forecast, asked)
    rows = np.repeat(np.arange(kinds), copies)
    found = played(
        forecast.of(rows).drawn(4000, 5), levels.reorder_point[rows], levels.order_up_to[rows], asked.pack[rows],
        lead=lead, review=review,
    )  # fmt: skip
    weight = np.repeat(forecast.rate, copies)
    of_kind = (found.fill * weight).reshape(kinds, copies).sum(1) / weight.reshape(kinds, copies).sum(1)
    assert np.abs(of_kind - levels.fill).max() < 0.035  # the rarest item is asked for 1,200 times
    assert (of_kind * forecast.rate).sum() / forecast.rate.sum() == pytest.approx(
        (levels.fill * forecast.rate).sum() / forecast.rate.sum(), abs=0.003
    )
    orders = found.orders.reshape(kinds, copies).mean(1)
    off = np.abs(orders - levels.orders_a_year) / np.sqrt(levels.orders_a_year / (3800 * copies))
    assert off.max() < 4  # standard errors, were they independent
    assert orders.sum() == pytest.approx(levels.orders_a_year.sum(), rel=0.01)
    on_hand = found.on_hand.reshape(kinds, copies).mean(1)
    assert np.abs(on_hand - levels.on_hand).max() < 0.06 * levels.on_hand.max()
    assert on_hand.sum() == pytest.approx(levels.on_hand.sum(), rel=0.02)
    assert (found.most <= (levels.order_up_to + asked.pack - 1)[rows]).all()


_ITEMS = 12
_numbers = st.integers(0, 2**32 - 1)


def _drawn(seed: int) -> tuple[KnownForecast, dict[str, np.ndarray]]:
    draw = np.random.default_rng(seed)
    forecast = KnownForecast(draw.gamma(0.5, 2, _ITEMS), 1 + draw.gamma(0.7, 2, _ITEMS))
    kept = {
        "lead": draw.choice([0.0, 0.2, 1.0, 2.5], _ITEMS),
        "review": draw.choice([0.5, 1.0, 2.0], _ITEMS),
        "value": draw.gamma(1, 50, _ITEMS),
        "line_cost": draw.choice([0.0, 3.0, 20.0], _ITEMS),
        "pack": draw.choice([1, 1, 4, 12], _ITEMS),
        "capacity": draw.choice([0, 1, 5, 12, 30], _ITEMS),
        "unit_g": draw.choice([0.0, 900.0], _ITEMS),
        "bears_g": draw.choice([0.0, 9_500.0], _ITEMS),
        "shelf_life": draw.choice([np.inf, 2.0, 26.0], _ITEMS),
        "least": draw.choice([0, 1], _ITEMS),
    }
    return forecast, kept


@given(_numbers)
@settings(max_examples=10, deadline=None)
def test_whatever_the_terms_a_higher_aim_is_never_a_lower_level_and_nothing_overflows(seed: int) -> None:
    forecast, kept = _drawn(seed)
    asked = terms(_ITEMS, fill=0.5, **kept)
    many = levels_of_each(forecast, [asked.aiming_at(aim) for aim in (0.3, 0.8, 0.9, 0.95, 0.99)])
    for lower, higher in pairwise(many):
        assert (higher.order_up_to >= lower.order_up_to).all()
        assert (higher.reorder_point >= lower.reorder_point).all()
        assert (higher.fill >= lower.fill - 1e-9).all()
    for aim, levels in zip((0.3, 0.8, 0.9, 0.95, 0.99), many, strict=True):
        free = levels.limit == 0
        assert (levels.fill[free] >= aim - 1e-9).all()
        _fits(levels, kept)


@given(_numbers)
@settings(max_examples=10, deadline=None)
def test_whatever_is_missing_dearer_is_never_less_stock(seed: int) -> None:
    forecast, kept = _drawn(seed)
    asked = terms(_ITEMS, **kept)
    many = levels_of_each(forecast, [asked.by_cost(missing=price) for price in (0.0, 1.0, 30.0, 1000.0)])
    for lower, higher in pairwise(many):
        assert (higher.fill >= lower.fill - 1e-9).all()
    for levels in many:
        _fits(levels, kept)


def _fits(levels: Levels, kept: dict[str, np.ndarray]) -> None:
    """By the gateway's own rule: at every stock that asks for more, whole packs are brought and all of it has room."""
    for item in range(_ITEMS):
        small, large = int(levels.reorder_point[item]), int(levels.order_up_to[item])
        pack, capacity = int(kept["pack"][item]), int(kept["capacity"][item])
        assert 0 <= small < max(large, 1)
        plan = PartPlan(
            number="P", unit="piece", unit_mass_mg=0, spread_mg=0, pack_size=pack, gtin="", capacity=capacity,
            reorder_point=small, order_up_to=large, dead_band=0, opening=None, counted=True, bulk=False,
        )  # fmt: skip
        for stock in range(small + 1 if large else 0):
            brought = quantity_to_bring(plan, stock, at_risk=0)
            assert brought % pack == 0 or pack > capacity > 0
            assert brought >= large - stock
            assert capacity == 0 or stock + brought <= capacity
            if kept["unit_g"][item] and kept["bears_g"][item]:
                assert (stock + brought) * kept["unit_g"][item] <= kept["bears_g"][item]


def test_each_level_says_what_limited_it() -> None:
    forecast = known(*[(4.0, 2.0)] * 7, (0.0, 1.0), (0.02, 1.0))
    levels = levels_of(
        forecast,
        terms(
            9, lead=1, review=1, fill=0.95, line_cost=2,
            capacity=np.array([0, 6, 0, 0, 0, 0, 0, 0, 0]),
            unit_g=np.array([0, 0, 500.0, 0, 0, 500.0, 0, 0, 0]),
            bears_g=np.array([0, 0, 3_400.0, 0, 0, 4_400.0, 0, 0, 0]),
            shelf_life=np.array([np.inf, np.inf, np.inf, 1.0, 60.0, np.inf, np.inf, np.inf, 10.0]),
            pack=np.array([1, 1, 1, 1, 1, 10, 1, 1, 1]),
            least=np.array([0, 0, 0, 0, 0, 0, 0, 1, 1]),
        ),
    )  # fmt: skip
    assert levels.limited_by() == ["", "capacity", "weight", "shelf_life", "", "pack", "", "", "shelf_life"]
    assert levels.order_up_to[[1, 2, 5, 7, 8]].tolist() == [6, 6, 0, 1, 1]
    known_use = np.cumsum(forecast.distribution(np.ones(9), 10), axis=1)[3]
    assert 1 - known_use[levels.order_up_to[3] - 1] >= 0.9 > 1 - known_use[levels.order_up_to[3]]
    assert levels.fill[[1, 2, 3]].max() < 0.95 <= levels.fill[0]
    assert levels.fill[7] == 1.0
    assert levels.fill[5] == 0.0


def test_stock_where_it_helps_most_costs_less_than_the_same_fill_everywhere() -> None:
    draw = np.random.default_rng(7)
    items = 400
    forecast = KnownForecast(draw.gamma(0.5, 1, items) + 0.01, 1 + draw.gamma(1, 1, items))
    asked = terms(items, lead=0.4, review=1, fill=0.95, value=draw.gamma(0.7, 60, items) + 1, line_cost=3)
    everywhere = each_aims(forecast, asked, [0.9, 0.95, 0.99])
    assert [point.aim for point in everywhere] == [0.9, 0.95, 0.99]
    assert everywhere[0].value < everywhere[1].value < everywhere[2].value
    levels = levels_shared(forecast, asked, everywhere[1].fill)
    fill = (levels.fill @ forecast.rate) / forecast.rate.sum()
    assert everywhere[1].fill <= fill < everywhere[1].fill + 0.005
    assert levels.on_hand @ asked.value < 0.85 * everywhere[1].value
    points = together_reach(forecast, asked)
    assert [point.fill for point in points] == sorted(point.fill for point in points)
    assert [point.value for point in points] == sorted(point.value for point in points)
    with pytest.raises(ValueError, match="room for"):
        levels_shared(forecast, terms(items, lead=0.4, review=1, capacity=1), 0.99)


def test_bad_terms_get_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"expected fill rates from 0 to below 1, found 1\.0"):
        terms(2, lead=1, review=1, fill=1.0)
    with pytest.raises(ValueError, match=r"expected review periods above 0, found 0\.0"):
        terms(2, lead=1, review=0)
    with pytest.raises(ValueError, match="expected terms for 1 items, found 2"):
        levels_of(known((1, 1)), terms(2, lead=1, review=1, fill=0.9))
    with pytest.raises(ValueError, match="count in larger units"):
        levels_of(known((1e6, 1)), terms(1, lead=1, review=1, fill=0.9))
