"""What comes back: the very piece that went, another one, into its bin or the wrong one, and what only seems so."""

import pytest

from edge_gateway.counting.evidence import BinEvidence, Lump, Mass, Outcome, SessionEvidence, Verdict
from edge_gateway.counting.session_count import SURE_PPM, count_session
from tests.gateway.weighed_bins import FILTER, PAD, best, confidence, held, one_bin, pads, ppm_of

TWO_FILTERS = Mass(1_024_000, 2_830, 500)  # weighs as two filters, and spreads as they do
MASSES = {"F": FILTER, "P": PAD, "D": TWO_FILTERS}


def counted(*bins: BinEvidence, in_hand: tuple[Lump, ...] = ()) -> Verdict:
    """What a mechanic did who has this in hand."""
    return count_session(SessionEvidence(bins, in_hand=in_hand, masses=MASSES))


def unweighed(part: str, pieces: int) -> Lump:
    """Pieces in hand of which nobody knows what they weigh."""
    return Lump(part, pieces, 0, 0)


# ---- in the session in which it was taken ----


def test_who_takes_something_seldom_brings_something_back() -> None:
    """519.5 g arrive: a heavy filter of his, or a tool; the same weight, as he takes a pad, is likelier a tool."""
    arrives, in_hand = one_bin(4_096_000, 4_615_500), (unweighed("F", 2),)
    alone, beside = (
        counted(arrives, second, in_hand=in_hand) for second in (pads(9_040_000, 9_040_000), pads(9_040_000, 7_910_000))
    )
    odds_alone, odds_beside = (ppm_of(verdict, ("F", 1)) / ppm_of(verdict, foreign=True) for verdict in (alone, beside))
    assert odds_beside < odds_alone / 4


def test_what_comes_back_at_once_and_weighs_otherwise_is_not_the_piece_that_went() -> None:
    """A pad is taken, and 3 g less laid in: not that pad, and hardly another one."""
    verdict = counted(one_bin(9_040_000, 7_910_000, 9_037_000, of=(held("P", PAD),)))
    assert best(verdict).changes == (("P", -1),)
    assert ppm_of(verdict) < 40_000


def test_another_piece_of_the_same_mass_is_hardly_a_used_core() -> None:
    """1.3 g less may be one of the shop's, so somebody is asked."""
    verdict = counted(one_bin(9_040_000, 7_910_000, 9_038_700, of=(held("P", PAD),)))
    assert ppm_of(verdict) > 100_000
    assert confidence(verdict) < SURE_PPM


def test_too_many_were_taken_and_a_heavy_one_is_put_back_with_doubt() -> None:
    """Two filters of the right mass go at once, and 522 g come: the heavier of them, or something else."""
    verdict = counted(one_bin(4_096_000, 3_072_000, 3_594_000))
    assert best(verdict) == Outcome((("F", -1),))
    assert ppm_of(verdict, ("F", -2), foreign=True) > 7_500


# ---- of what is in hand ----


def test_a_piece_is_known_again_on_another_cell() -> None:
    """It weighed 1135 g where it was taken; here 1.2 g more, as two scales of one class may differ by."""
    verdict = counted(one_bin(4_096_000, 5_232_200), in_hand=(Lump("P", 1, 1_135_000, 150),))
    assert best(verdict) == Outcome((("P", 1),))
    assert confidence(verdict) >= SURE_PPM


def test_two_that_were_weighed_one_by_one_come_back_together() -> None:
    """519 g and 518 g, far from the mean both: 1037 g are these two, and not something else."""
    in_hand = (Lump("F", 1, 519_000, 150), Lump("F", 1, 518_000, 150))
    assert best(counted(one_bin(4_096_000, 5_133_100), in_hand=in_hand)) == Outcome((("F", 2),))


def test_one_of_many_alike_comes_back_as_surely_as_a_single_one() -> None:
    """It is one of them, whichever; and it is not the likelier for there being several."""
    one, four = (counted(one_bin(4_096_000, 4_615_000), in_hand=(Lump("F", 1, 519_000, 150),) * n) for n in (1, 4))
    assert best(one) == best(four) == Outcome((("F", 1),))
    assert ppm_of(one, foreign=True) / 1.7 < ppm_of(four, foreign=True) < 1.7 * ppm_of(one, foreign=True)


def test_more_than_is_in_hand_hardly_comes_back() -> None:
    """One heavy part of his, or two filters: he has two filters in hand, or one."""
    arrives = one_bin(5_000_000, 6_024_000, of=(held("F", FILTER), held("D", TWO_FILTERS)))
    one, two = (counted(arrives, in_hand=(unweighed("D", 1), unweighed("F", n))) for n in (1, 2))
    assert ppm_of(two, ("F", 2)) > 10 * ppm_of(one, ("F", 2))


def test_what_does_not_fit_hardly_comes_back() -> None:
    """A filter four deviations too heavy, or something else: the bin has room, or it is full."""
    room, full = (
        counted(one_bin(4_096_000, 4_620_000, of=(held("F", FILTER, stock),)), in_hand=(unweighed("F", 2),))
        for stock in (8, 12)
    )
    odds_room, odds_full = (ppm_of(verdict, ("F", 1)) / ppm_of(verdict, foreign=True) for verdict in (room, full))
    assert odds_full < odds_room / 5


WRONGLY_BOOKED = (Lump("F", 1, 640_000, 150),)  # a verdict took something of 640 g for a filter of 512 g


def test_a_booking_that_was_wrong_does_not_spoil_a_return() -> None:
    """No filter weighs 640 g, so that the one that comes weighs something else says nothing against it."""
    verdict = counted(one_bin(4_096_000, 4_608_300), in_hand=WRONGLY_BOOKED)
    assert best(verdict) == Outcome((("F", 1),))
    assert confidence(verdict) >= SURE_PPM


@pytest.mark.parametrize("bin_", [one_bin(4_096_000, 4_736_000), pads(9_040_000, 9_680_000, number=1)])
def test_a_booking_that_was_wrong_is_not_repeated(bin_: BinEvidence) -> None:
    """What weighed 640 g then comes back, into the filters' bin or another one: it is no filter."""
    assert best(counted(bin_, in_hand=WRONGLY_BOOKED)) == Outcome((), 640_000)


# ---- into the wrong bin ----


def with_alternators(*levels_mg: int) -> BinEvidence:
    """A bin of filters and of something heavier."""
    return one_bin(*levels_mg, of=(held("F", FILTER), held("A", Mass(700_000, 2_000, 400))))


def test_what_arrives_in_the_wrong_bin_has_left_its_own() -> None:
    arrives = pads(9_040_000, 9_556_000)  # a filter's mass, two deviations off
    left = counted(with_alternators(9_096_000, 8_584_000), arrives)
    stayed = counted(with_alternators(9_096_000, 8_396_000), arrives)
    assert (best(left, 1), best(left, 2)) == (Outcome((("F", -1),)), Outcome((("F", 1),)))
    assert (best(stayed, 1), best(stayed, 2)) == (Outcome((("A", -1),)), Outcome((), 516_000))
    assert confidence(stayed, 2) > 800_000


def test_a_piece_far_from_its_mean_is_known_again_in_the_wrong_bin() -> None:
    """520 g left the filters' bin, and 520 g arrive: it is that one, though filters hardly weigh as much."""
    verdict = counted(one_bin(4_096_000, 3_576_000), pads(7_910_000, 8_430_000))
    assert (best(verdict, 1), best(verdict, 2)) == (Outcome((("F", -1),)), Outcome((("F", 1),)))
    assert confidence(verdict, 2) > 990_000


def test_one_piece_lands_in_the_wrong_bin_sooner_than_two() -> None:
    """Of what is in hand one heavy part weighs as two filters."""
    verdict = counted(pads(7_910_000, 8_934_000, number=1), in_hand=(unweighed("D", 1), unweighed("F", 2)))
    assert best(verdict) == Outcome((("D", 1),))
    assert ppm_of(verdict, ("D", 1)) > 4 * ppm_of(verdict, ("F", 2)) > 0
