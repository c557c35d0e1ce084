"""The balance assertion: what drifts is followed within a bound, what goes away in pieces is not."""

import math
import random

import pytest

from edge_gateway.balance import Holding, Judgement, Reference, after_booking, bound_mg, confirms, judge
from edge_gateway.counting.cells import CELLS
from edge_gateway.counting.evidence import Level, Mass

C3, CHEAP = CELLS["c3-10kg"], CELLS["cheap-10kg"]
FILTER = Mass(600_000.0, 1800.0)
CRUDE = Mass(100_000.0, 4000.0)  # of castings whose pieces differ by four in a hundred


def level(mg: float) -> Level:
    """A settled weight."""
    return Level(0, round(mg), 150)


def filters(stock: int, foreign_mg: int = 0) -> Holding:
    """A bin of filters by the ledger."""
    return Holding(C3, ((stock, FILTER),), foreign_mg)


def castings(stock: int) -> Holding:
    """A bin whose absolute weight tells nothing: so many pieces spread by more than one of them weighs."""
    return Holding(CHEAP, ((stock, CRUDE),))


def test_the_first_weight_is_what_later_ones_are_compared_with() -> None:
    judged = judge(level(5_999_000), None, filters(10))
    assert (judged.agrees, judged.firm, judged.reference) == (True, True, Reference(5_999_000, 0))


@pytest.mark.parametrize("missing", [1, 2, -1])
def test_a_piece_more_or_less_than_the_ledger_says_is_seen(missing: int) -> None:
    judged = judge(level(6_000_000 - missing * 600_000), Reference(6_000_000, 0), filters(10))
    assert (judged.agrees, judged.expected_mg, judged.rezero_mg) == (False, 6_000_000, None)


def test_what_lies_there_and_is_no_part_is_expected() -> None:
    assert judge(level(6_137_000), None, filters(10, 137_000)).firm
    assert not judge(level(6_000_000), Reference(6_400_000, 0), filters(10, 400_000)).agrees


def test_a_weight_that_confirms_the_count_ends_what_had_been_taken_over() -> None:
    """Ten filters of 600 g, known to 1.8 g: within four deviations (9 g by hand) they are all there."""
    judged = judge(level(6_004_000), Reference(6_003_900, 55_000), filters(10))
    assert judged.reference == Reference(6_003_900, 0)
    assert confirms(level(6_008_000), filters(10))
    assert not confirms(level(6_060_000), filters(10))


def test_where_the_level_tells_nothing_a_drift_is_followed_on_the_record() -> None:
    holding = castings(70)
    assert not confirms(level(7_000_000), holding)
    judged = judge(level(7_080_000), Reference(7_060_000, 5_000), holding)
    assert judged == Judgement(True, False, Reference(7_080_000, 25_000), 7_060_000, 7_060_000, 50_000)


def test_a_small_drift_is_not_worth_a_record() -> None:
    judged = judge(level(7_070_000), Reference(7_060_000, 0), castings(70))
    assert (judged.agrees, judged.reference, judged.rezero_mg) == (True, Reference(7_060_000, 0), None)


def test_the_sum_of_drifts_stays_below_half_a_piece() -> None:
    """Each step alone could pass for drift; 15 g at a time, the fourth does not."""
    reference: Reference | None = Reference(7_060_000, 0)
    mg, followed = 7_060_000, 0
    for _ in range(10):
        mg -= 15_000
        judged = judge(level(mg), reference, castings(70))
        if not judged.agrees:
            break
        reference, followed = judged.reference, followed + 1
    assert followed == 3
    assert reference is not None
    assert abs(reference.sum_mg) <= bound_mg(castings(70)) == 50_000


def test_a_piece_that_goes_is_no_drift_even_where_the_level_tells_nothing() -> None:
    assert not judge(level(6_960_000), Reference(7_060_000, 0), castings(70)).agrees


def test_less_than_half_a_piece_is_no_piece() -> None:
    """50 g of a filter's 600 are far more than ten filters may be off by: nothing is confirmed, and nothing missing."""
    assert not confirms(level(6_050_000), filters(10))
    assert judge(level(6_050_000), None, filters(10)).agrees
    assert not judge(level(6_310_000), None, filters(10)).agrees


def test_drift_that_was_taken_over_is_no_pieces() -> None:
    """155 g above what seventy castings should weigh would be too much; 45 g of it are known to be drift."""
    judged = judge(level(7_160_000), Reference(7_155_000, 45_000), castings(70))
    assert (judged.agrees, judged.reference) == (True, Reference(7_155_000, 45_000))
    assert not judge(level(7_160_000), Reference(7_155_000, 0), castings(70)).agrees


def test_where_the_level_tells_nothing_a_first_weight_is_not_sure() -> None:
    """It is compared with from now on, but it ends no question."""
    judged = judge(level(7_080_000), None, castings(70))
    assert (judged.agrees, judged.firm, judged.reference) == (True, False, Reference(7_080_000, 0))


def test_heavy_pieces_allow_no_more_drift_than_a_cell_has() -> None:
    """Half a piece would be 600 g; no cell of 10 kg drifts by more than 200 g."""
    heavy = Holding(CHEAP, ((7, Mass(1_200_000.0, 60_000.0)),))
    assert bound_mg(heavy) == 200_000
    assert judge(level(8_400_000 + 190_000), Reference(8_400_000, 0), heavy).agrees
    assert not judge(level(8_400_000 + 250_000), Reference(8_400_000, 0), heavy).agrees


def test_a_full_bin_may_be_off_by_its_scale() -> None:
    """Ten machined pieces of 900 g, alike to a third of a gram: 12 g of 9 kg are within what a cell may be off."""
    machined = Holding(C3, ((10, Mass(900_000.0, 300.0)),))
    assert confirms(level(9_012_000), machined)
    assert not confirms(level(9_030_000), machined)


def test_warm_and_cold_days_do_not_fill_the_bound() -> None:
    """A year of a cheap cell: 1.5 g a kelvin, 18 K between summer and winter, 5 K between day and night."""
    chance = random.Random(7)
    reference: Reference | None = None
    records = 0
    for day in range(365):
        for hour in (8, 14, 20):
            kelvin = 9 * math.sin(2 * math.pi * day / 365) + 2.5 * math.sin(2 * math.pi * (hour - 8) / 24)
            judged = judge(level(7_060_000 + 1500 * kelvin + chance.gauss(0, 1500)), reference, castings(70))
            assert judged.agrees, (day, hour, judged)
            records += judged.rezero_mg is not None
            reference = judged.reference
    assert 1 <= records <= 10


def test_five_pieces_that_go_one_at_a_time_in_a_month_are_noticed_at_the_first() -> None:
    """Under the same weather: each morning's weight, a casting gone every sixth day."""
    chance = random.Random(3)
    reference: Reference | None = None
    gone, noticed = 0, []
    for day in range(30):
        if day % 6 == 5:
            gone += 1
        drift_mg = 1500 * 4 * math.sin(2 * math.pi * day / 30)
        judged = judge(level(7_060_000 - 100_000 * gone + drift_mg + chance.gauss(0, 1500)), reference, castings(70))
        if not judged.agrees:
            noticed.append(day)
        reference = judged.reference
    assert noticed == list(range(5, 30))


def test_what_is_booked_without_being_weighed_is_expected_to_weigh_so_much() -> None:
    assert after_booking(Reference(6_000_000, 12), [(-2, FILTER)]) == Reference(4_800_000, 12)
    assert after_booking(None, [(1, FILTER)]) is None
