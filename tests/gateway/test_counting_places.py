"""Where a thing may have come to lie, and what a bin that nobody touched looks like, say what it is."""

import pytest

from edge_gateway.counting.evidence import BinEvidence, Lump, Mass, Outcome, SessionEvidence, TagEvidence
from edge_gateway.counting.returnable import returnable
from edge_gateway.counting.session_count import SURE_PPM, count_session
from edge_gateway.counting.tag_likelihood import log_likelihood
from tests.gateway.weighed_bins import BULB, CHEAP, FILTER, best, confidence, held, one_bin, ppm_of

HOSE = Mass(250_000, 2_500, 500)


def still_bins(number: int) -> tuple[BinEvidence, ...]:
    return tuple(one_bin(4_096_000, 4_096_050, number=2 + at) for at in range(number))


@pytest.mark.parametrize("weighed_mg", [27_000, 30_000, 38_000])
def test_a_light_tool_shows_on_a_cheap_cell_that_nobody_touched_otherwise(weighed_mg: int) -> None:
    """Five grams is how it comes back after a change of load; what nobody touches stays within two."""
    found = count_session(SessionEvidence((one_bin(3_000_000, 3_000_000 + weighed_mg, cell=CHEAP, noise_mg=1_300),)))
    assert best(found) == Outcome((), weighed_mg)


def test_as_much_after_somebody_took_and_put_back_is_how_a_cheap_cell_comes_back() -> None:
    levels = (3_000_000, 2_488_000, 3_015_000)
    found = count_session(SessionEvidence((one_bin(*levels, cell=CHEAP, noise_mg=1_300),)))
    assert best(found).nothing


def test_what_one_takes_home_again_goes_to_the_one_bin_it_is_of() -> None:
    """A tool may be left in any bin: the more there are, the less likely it is just where the piece in hand belongs."""
    in_hand = (Lump("F", 1, 512_300, 170), Lump("G", 1, 0, 0))
    bin_ = one_bin(4_096_000, 4_608_900)
    few = count_session(SessionEvidence((bin_, *still_bins(1)), in_hand=in_hand))
    many = count_session(SessionEvidence((bin_, *still_bins(23)), in_hand=in_hand))
    assert 1_000_000 - ppm_of(many, ("F", 1)) < (1_000_000 - ppm_of(few, ("F", 1))) / 6


def test_who_leans_on_a_tray_takes_nothing_in_passing() -> None:
    """The load is as it was before the arm lay on it: no piece went with the arm."""
    of = (held("H", Mass(62_000, 220, 40), stock=54, capacity=80),)
    found = count_session(SessionEvidence((one_bin(3_388_000, 4_950_000, 3_387_980, of=of),)))
    assert best(found).nothing
    assert ppm_of(found, ("H", -1)) < 100


def test_a_core_as_heavy_as_a_new_part_is_rare_and_a_worn_one_is_not() -> None:
    """A quarter of a per cent off is a piece put back on a cheap cell; a tenth off is a core."""
    of = (held("H", HOSE),)
    back = count_session(SessionEvidence((one_bin(2_000_000, 1_750_000, 1_999_400, of=of, cell=CHEAP),)))
    worn = count_session(SessionEvidence((one_bin(2_000_000, 1_750_000, 1_960_000, of=of, cell=CHEAP),)))
    assert best(back).nothing
    assert best(worn) == Outcome((("H", -1),), pytest.approx(210_000, abs=2_000))


def test_where_many_were_taken_a_core_is_less_likely_left() -> None:
    one = count_session(SessionEvidence((one_bin(4_096_000, 3_583_900, 4_095_600, cell=CHEAP, noise_mg=1_300),)))
    three = count_session(SessionEvidence((one_bin(4_096_000, 2_560_000, 4_095_600, cell=CHEAP, noise_mg=1_300),)))
    assert confidence(three) > confidence(one)


def test_any_of_many_newcomers_may_be_the_silent_one() -> None:
    """Thirty pieces came and twenty-nine tags: likelier than one piece that came in silence."""
    one = log_likelihood(TagEvidence((), 4, 0), 1)
    thirty = log_likelihood(TagEvidence((), 4, 29), 30)
    assert thirty > one + 3.0


def test_of_what_is_in_hand_each_piece_is_older_than_the_next() -> None:
    """Three hoses that were taken together, and a filter after them: each hose is as old as it is."""
    shares = returnable((Lump("H", 3, 750_000, 170), Lump("F", 1, 512_000, 170))).share
    assert shares["H"] == pytest.approx((0.7 + 0.49 + 0.343) / (1 + 0.7 + 0.49 + 0.343), abs=0.01)


def test_a_single_piece_of_a_lump_is_none_that_was_weighed_alone() -> None:
    """Three went together and one comes back: it weighs what a piece may, not a third of the three to the gram."""
    in_hand = (Lump("F", 3, 1_536_000, 170),)
    found = count_session(SessionEvidence((one_bin(4_096_000, 4_611_000),), in_hand=in_hand, masses={"F": FILTER}))
    assert best(found) == Outcome((("F", 1),))


@pytest.mark.parametrize("dirt_mg", [-12_000, -5_000, 3_000, 7_000])
def test_a_few_grams_are_dirt_and_no_exchange_of_a_part_for_something_nearly_as_heavy(dirt_mg: int) -> None:
    found = count_session(SessionEvidence((one_bin(4_096_000, 4_096_000 + dirt_mg), *still_bins(3))))
    assert best(found).nothing
    assert ppm_of(found, ("F", -1), foreign=True) < 10_000


def test_a_part_that_lies_in_two_bins_may_be_carried_from_one_to_the_other() -> None:
    first = one_bin(4_096_000, 3_583_700)
    second = one_bin(2_048_000, 2_560_300, number=2)
    found = count_session(SessionEvidence((first, second)))
    assert best(found, 1) == Outcome((("F", -1),))
    assert best(found, 2) == Outcome((("F", 1),))
    assert confidence(found, 2) > 990_000


def test_half_a_piece_is_no_dirt() -> None:
    """As light as the dirt beside a filter; beside bulbs it is what nobody can explain."""
    of = (held("B", BULB, stock=40, capacity=80),)
    found = count_session(SessionEvidence((one_bin(920_000, 909_000, of=of), *still_bins(3))))
    assert not best(found).nothing or confidence(found) < SURE_PPM


def test_the_very_piece_comes_home_though_the_bin_was_filled_up_meanwhile() -> None:
    of = (held("F", FILTER, stock=12, capacity=12),)
    in_hand = (Lump("F", 1, 512_300, 170),)
    found = count_session(SessionEvidence((one_bin(6_144_000, 6_656_310, of=of), *still_bins(11)), in_hand=in_hand))
    assert best(found) == Outcome((("F", 1),))
    assert confidence(found) >= 999_000


def test_of_what_is_in_hand_the_third_last_piece_is_half_as_likely() -> None:
    """Newer than the filter are two hoses that were taken together, and each of them is one."""
    shares = returnable((Lump("F", 1, 512_000, 170), Lump("H", 2, 500_000, 170))).share
    assert shares["F"] == pytest.approx(0.49 / (1 + 0.7 + 0.49), abs=0.01)
