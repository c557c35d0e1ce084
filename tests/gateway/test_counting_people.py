"""What people do at a cabinet, and what that makes of a weight that could be two things: takes, tools, restocks."""

from edge_gateway.counting.evidence import BinEvidence, Held, Mass, Outcome, SessionEvidence, Verdict
from edge_gateway.counting.session_count import SURE_PPM, count_session
from tests.gateway.weighed_bins import BULB, FILTER, NOTHING, PAD, best, confidence, held, one_bin, pads, ppm_of

WASHER = held("W", Mass(2_000, 20, 5), 80, 200)  # so light that half of one is five deviations of its cell
TWO_FILTERS = Mass(1_024_000, 2_830, 500)  # weighs as two filters, and spreads as they do

FILTERS_REST, FILTER_LEAVES = one_bin(4_096_000, 4_096_000), one_bin(4_096_000, 3_584_100)


def counted(*bins: BinEvidence, role: str = "mechanic") -> Verdict:
    """What somebody did who has nothing in hand."""
    return count_session(SessionEvidence(bins, role=role))


def washers(*levels_mg: int) -> BinEvidence:
    """Beside the filters."""
    return one_bin(*levels_mg, of=(WASHER,), number=2)


# ---- bins nobody reached into ----


def test_a_bin_that_only_drifted_was_most_likely_not_touched() -> None:
    """A little more than half a washer is missing, and the bin stood at no level in between."""
    assert best(counted(washers(1_000_000, 998_940)), 2) == NOTHING


def test_a_bin_that_stood_at_a_level_in_between_was_touched() -> None:
    assert best(counted(washers(1_000_000, 998_940, 998_940)), 2) == Outcome((("W", -1),))


def test_who_took_from_one_bin_seldom_took_from_the_next() -> None:
    alone, beside = (counted(first, washers(1_000_000, 998_970)) for first in (FILTERS_REST, FILTER_LEAVES))
    odds_alone, odds_beside = (
        ppm_of(verdict, ("W", -1), number=2) / ppm_of(verdict, number=2) for verdict in (alone, beside)
    )
    assert odds_beside < 0.8 * odds_alone


# ---- takes ----


def test_one_piece_is_taken_sooner_than_two_of_half_its_mass() -> None:
    """Two in one reach are rarer than one, and two that are fetched in one go rarer still."""
    verdict = counted(one_bin(8_000_000, 6_976_000, of=(held("F", FILTER), held("D", TWO_FILTERS))))
    assert best(verdict) == Outcome((("D", -1),))
    assert ppm_of(verdict, ("D", -1)) > 3.8 * ppm_of(verdict, ("F", -2)) > 0


def test_more_than_the_ledger_holds_is_hardly_taken() -> None:
    """By weight it is one heavy part or two filters; the ledger knows of enough filters, or of one."""
    enough, short = (
        counted(one_bin(8_000_000, 6_976_000, of=(held("F", FILTER, stock), held("D", TWO_FILTERS))))
        for stock in (8, 1)
    )
    assert ppm_of(enough, ("F", -2)) > 10 * ppm_of(short, ("F", -2))


def test_a_part_that_is_seldom_taken_goes_along_with_another_often_enough() -> None:
    """Bulbs are one take in a hundred, and so is what weighs as a bulb and a filter. Two parts are taken together as
    often in any bin; that both seldom ones are left is no reason for the third.
    """
    of = (
        Held("F", FILTER, 8, 12, weight=98),
        Held("B", BULB, 30, 60, weight=1),
        Held("T", Mass(535_000, 2_000, 400), 8, 12, weight=1),
    )
    verdict = counted(one_bin(8_000_000, 7_465_000, of=of))
    assert ppm_of(verdict, ("B", -1), ("F", -1)) > 110_000


def test_what_strayed_into_a_bin_is_in_the_way_though_it_is_never_taken_there() -> None:
    """By weight two filters or the stray; nobody ever took one of those from this bin."""
    strayed = Held("D", TWO_FILTERS, 1, 1, planned=False, weight=0.0)
    verdict = counted(one_bin(5_000_000, 3_976_000, of=(held("F", FILTER), strayed)))
    assert best(verdict) == Outcome((("D", -1),))
    assert confidence(verdict) < SURE_PPM


# ---- tools ----


def test_who_takes_something_is_likelier_to_leave_a_tool() -> None:
    """62 g in a bin that rang with 10 g: four deviations of nothing."""
    rang = one_bin(2_260_000, 2_322_000, of=(held("P", PAD),), number=2, noise_mg=10_000)
    alone, beside = (counted(first, rang) for first in (FILTERS_REST, FILTER_LEAVES))
    odds_alone, odds_beside = (
        ppm_of(verdict, foreign=True, number=2) / ppm_of(verdict, number=2) for verdict in (alone, beside)
    )
    assert odds_beside > 1.25 * odds_alone


# ---- restockers ----


def test_a_restocker_brings_no_more_than_fits() -> None:
    """One heavy part or two filters: there is room for one filter more."""
    of = (held("F", FILTER, 11), held("D", TWO_FILTERS, 4))
    verdict = counted(one_bin(5_000_000, 6_024_000, of=of), role="restocker")
    assert best(verdict) == Outcome((("D", 1),))
    assert ppm_of(verdict, ("D", 1)) > 10 * ppm_of(verdict, ("F", 2)) > 0


def test_a_restocker_who_clears_a_bin_brings_as_much_to_the_next() -> None:
    """What is seldom of a mechanic is his work: something taken out says nothing against what is brought."""
    brought = one_bin(2_048_000, 2_568_000, of=(held("F", FILTER, 4),))  # four deviations too heavy
    alone, beside = (
        counted(brought, second, role="restocker")
        for second in (pads(9_040_000, 9_040_000), pads(9_040_000, 7_910_000))
    )
    assert best(beside, 2) == Outcome((("P", -1),))
    odds_alone, odds_beside = (ppm_of(verdict, ("F", 1)) / ppm_of(verdict, foreign=True) for verdict in (alone, beside))
    assert odds_beside > odds_alone / 2


def test_among_many_parts_each_one_is_brought_less_often() -> None:
    """A filter that is four deviations too heavy is likelier something else where eight parts may be brought."""
    others = tuple(held(f"X{grams}", Mass(grams * 1_000, 100, 20)) for grams in (40, 47, 54, 61, 68, 75, 82))
    few, many = (
        counted(one_bin(4_096_000, 4_616_000, of=(held("F", FILTER), *more)), role="restocker") for more in ((), others)
    )
    odds_few, odds_many = (ppm_of(verdict, ("F", 1)) / ppm_of(verdict, foreign=True) for verdict in (few, many))
    assert odds_many < odds_few / 3
