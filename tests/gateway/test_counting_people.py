"""What people do at a cabinet, and what that makes of a weight that could be two things."""

import pytest

from edge_gateway.counting.evidence import BinEvidence, Lump, Mass, Outcome, SessionEvidence, Verdict
from edge_gateway.counting.session_count import SURE_PPM, count_session
from tests.gateway.weighed_bins import CHEAP, FILTER, NOTHING, PAD, best, confidence, held, one_bin, pads, ppm_of

SCREW_SET = Mass(31_000, 150, 30)  # on a cheap cell hardly more than what it repeats
MASSES = {"F": FILTER, "P": PAD}


def counted(*bins: BinEvidence, in_hand: tuple[Lump, ...] = ()) -> Verdict:
    """What a mechanic did who has this in hand."""
    return count_session(SessionEvidence(bins, in_hand=in_hand, masses=MASSES))


def cheap_bin(*levels_mg: int) -> BinEvidence:
    """Screw sets on a cheap cell."""
    return one_bin(*levels_mg, of=(held("S", SCREW_SET, 30, 60),), number=2, cell=CHEAP, noise_mg=1_500)


ONE_FILTER_LEAVES = one_bin(4_096_000, 3_584_100)
ONE_PAD_LEAVES = pads(9_040_000, 7_910_000)


# ---- bins nobody reached into ----


def test_a_bin_that_only_drifted_was_most_likely_not_touched() -> None:
    """A third of a piece, and it stood at no level in between."""
    verdict = counted(cheap_bin(930_000, 919_000))
    assert best(verdict, 2) == NOTHING
    assert confidence(verdict, 2) > 600_000


def test_a_bin_that_stood_at_a_level_in_between_was_touched() -> None:
    untouched, touched = counted(cheap_bin(930_000, 918_000)), counted(cheap_bin(930_000, 924_000, 918_000))
    assert best(untouched, 2) == NOTHING
    assert best(touched, 2) == Outcome((("S", -1),))


def test_who_took_from_one_bin_seldom_took_from_the_next() -> None:
    """Half a piece: a take if it is all that happened, and less likely one beside a clear take."""
    alone, beside = (counted(*bins, cheap_bin(930_000, 915_000)) for bins in ((), (ONE_FILTER_LEAVES,)))
    odds_alone, odds_beside = (
        ppm_of(verdict, ("S", -1), number=2) / ppm_of(verdict, number=2) for verdict in (alone, beside)
    )
    assert odds_beside < odds_alone / 2


# ---- what comes back ----


def test_who_takes_something_seldom_brings_something_back() -> None:
    """519.5 g arrive: a heavy filter of his, or a tool; the same weight, as he takes a pad, is likelier a tool."""
    in_hand = (Lump("F", 2, 0, 0),)
    arrives = one_bin(4_096_000, 4_615_500)
    alone, beside = counted(arrives, in_hand=in_hand), counted(arrives, ONE_PAD_LEAVES, in_hand=in_hand)
    assert best(alone) == Outcome((("F", 1),))
    assert best(beside) == Outcome((), 519_500)
    odds_alone, odds_beside = (ppm_of(verdict, ("F", 1)) / ppm_of(verdict, foreign=True) for verdict in (alone, beside))
    assert odds_beside < odds_alone / 5


WRONGLY_BOOKED = (Lump("F", 1, 640_000, 150),)  # a verdict took something of 640 g for a filter of 512 g


def test_a_booking_that_was_wrong_does_not_spoil_a_return() -> None:
    """No filter weighs 640 g, so that the one that comes weighs something else says nothing against it."""
    verdict = counted(one_bin(4_096_000, 4_608_300), in_hand=WRONGLY_BOOKED)
    assert best(verdict) == Outcome((("F", 1),))
    assert confidence(verdict) >= SURE_PPM


@pytest.mark.parametrize("bin_", [one_bin(4_096_000, 4_736_000), pads(9_040_000, 9_680_000, number=1)])
def test_a_booking_that_was_wrong_is_not_repeated(bin_: BinEvidence) -> None:
    """What weighed 640 g then comes back, into the filters' bin or another one: it is no filter."""
    verdict = counted(bin_, in_hand=WRONGLY_BOOKED)
    assert best(verdict) == Outcome((), 640_000)


def test_another_piece_of_the_same_mass_is_hardly_a_used_core() -> None:
    """A pad is taken and one is laid in that weighs 1.3 g less: it may be one of the shop's, so somebody is asked."""
    verdict = counted(one_bin(9_040_000, 7_910_000, 9_038_700, of=(held("P", PAD),)))
    assert ppm_of(verdict) > 100_000
    assert confidence(verdict) < SURE_PPM


# ---- pieces in the wrong bin ----


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
