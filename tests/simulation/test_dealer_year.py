"""A dealer's year in small: nothing lost, the gateway's rule, the same seed the same year, less stock for the fill."""

from dataclasses import asdict

import numpy as np
import pytest

from edge_gateway.planogram import PartPlan
from edge_gateway.replenishment import is_enough, quantity_to_bring
from simulator.dealer_year import command
from simulator.dealer_year.asked import draw_asked
from simulator.dealer_year.play import Play, State, needs_stock, shops_of_day, whole_packs
from simulator.dealer_year.shelf import Shelf
from simulator.dealer_year.typed_in import TypedIn
from simulator.dealer_year.world import draw_world


def test_requests_are_raised_and_sized_by_the_gateways_rule() -> None:
    grid = np.array(np.meshgrid(np.arange(14), [0, 2, 5], [0, 3, 6, 12], [1, 4], [6, 13])).reshape(5, -1)
    stock, small, large, pack, capacity = grid[:, grid[1] < np.maximum(grid[2], 1)]
    large = np.minimum(large, capacity)
    needs = needs_stock(stock, small, large)
    brought = np.where(needs, whole_packs(stock, large, pack, capacity), 0)
    for at in range(len(stock)):
        plan = PartPlan(
            number="P", unit="piece", unit_mass_mg=0, spread_mg=0, pack_size=int(pack[at]), gtin="",
            capacity=int(capacity[at]), reorder_point=int(small[at]), order_up_to=int(large[at]), dead_band=0,
            opening=None, counted=True, bulk=False,
        )  # fmt: skip
        assert needs[at] == (not is_enough(plan, int(stock[at]), 0))
        assert brought[at] == quantity_to_bring(plan, int(stock[at]), 0)


def test_every_piece_that_is_brought_is_taken_spoilt_taken_back_or_still_there() -> None:
    world = draw_world(4, 60, seed=3)
    wanted = draw_asked(world, seed=3)
    stock = world.capacity.copy()
    play = Play(world, wanted, TypedIn(world, world.rate), State.begin(world, stock))
    tally = play.days(0, 500)
    taken = int(play.state.seen.taken.sum())
    left = int(play.state.shelf.stock.sum())
    assert int(stock.sum()) + tally.brought == taken + tally.expired + tally.taken_back + left
    assert tally.asked - tally.missing + tally.waited - int(play.state.waiting.sum()) == taken
    assert tally.expired > 0
    assert (play.state.shelf.stock >= 0).all()
    assert (play.state.shelf.stock <= world.capacity).all()


def test_lots_are_taken_oldest_first_and_thrown_away_when_their_time_is_over() -> None:
    world = draw_world(3, 60, seed=1)
    spoils = int(np.flatnonzero(world.life_days == 270)[0])
    shelf = Shelf(world, np.zeros(len(world.part), np.int64))
    three = np.zeros(len(world.part), np.int64)
    three[spoils] = 3
    shelf.bring(three)
    for _ in range(100):
        shelf.grow_older()
    shelf.bring(three)
    shelf.take(three * 2 // 3)
    spoilt = [int(shelf.grow_older()[spoils]) for _ in range(271)]
    assert spoilt.index(1) == 169  # of the first three two were taken, one is 270 days old
    assert spoilt[-1] == 3 or sum(spoilt) == 4


def test_the_van_comes_to_every_shop_in_its_rhythm_and_never_on_weekends() -> None:
    world = draw_world(20, 60, seed=2)
    came = np.array([[shop in shops_of_day(world, day) for day in range(28)] for shop in range(20)])
    assert not came[:, [5, 6, 12, 13]].any()
    assert {(int(review), int(days)) for review, days in zip(world.review_days, came.sum(1), strict=True)} == {
        (3, 8), (7, 4), (14, 2),
    }  # fmt: skip


@pytest.fixture(scope="module")
def report() -> command.Report:
    return command.play(command.Asked(shops=3, days=84, seed=1))


def test_the_same_fill_takes_less_stock_by_forecast(report: command.Report) -> None:
    ours, typed, scaled = report.rows
    assert scaled.fill >= ours.fill
    assert scaled.stock_yuan > ours.stock_yuan
    assert ours.fill > 0.93  # the aim is .95; a short year of three shops
    assert typed.fill < ours.fill
    for row in report.rows:
        parts = row.holding_yuan + row.visits_yuan + row.expired_yuan + row.missing_yuan
        assert row.cost_yuan == pytest.approx(parts, abs=2)


def test_the_same_seed_is_the_same_year() -> None:
    asked = command.Asked(shops=2, days=28, seed=2)
    first, second = (asdict(command.play(asked)) for _ in range(2))
    assert {**first, "seconds": 0} == {**second, "seconds": 0}
    assert first["rows"] != asdict(command.play(command.Asked(shops=2, days=28, seed=3)))["rows"]


def test_what_cannot_be_played_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 2 to 300 shops, found 1"):
        command.Asked(shops=1)
    with pytest.raises(ValueError, match="expected 28 to 730 days, found 3"):
        command.Asked(days=3)
