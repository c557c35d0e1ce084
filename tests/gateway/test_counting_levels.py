"""What the levels of a session say: which of them to believe, and how far."""

import pytest

from edge_gateway.counting.evidence import BinEvidence, Level, Mass, Outcome, SessionEvidence, Verdict
from edge_gateway.counting.session_count import SURE_PPM, count_session
from tests.gateway.weighed_bins import BULB, C3, FILTER, best, confidence, held, one_bin, ppm_of


def counted(*bins: BinEvidence) -> Verdict:
    """What a mechanic with nothing in hand did."""
    return count_session(SessionEvidence(bins))


def test_a_plateau_that_was_a_little_off_for_a_moment_makes_no_doubt() -> None:
    """A knock that dies away looks still: 1.5 g too low, and then the filter's own weight. No bulb went with it."""
    of = (held("F", FILTER), held("B", BULB, 30, 60))
    verdict = counted(one_bin(4_786_000, 4_272_500, 4_274_000, of=of))
    assert best(verdict) == Outcome((("F", -1),))
    assert confidence(verdict) > 985_000


@pytest.mark.parametrize("heavier_mg", [3_000, 4_500, 6_000])
def test_two_that_went_together_and_come_back_one_by_one_are_all_back(heavier_mg: int) -> None:
    """Neither is weighed alone when they go: only the whole load tells that nothing is missing."""
    one = FILTER.mean_mg + heavier_mg
    verdict = counted(one_bin(4_096_000, round(4_096_000 - 2 * one), round(4_096_000 - one), 4_096_050))
    assert best(verdict).nothing
    assert confidence(verdict) >= SURE_PPM


@pytest.mark.parametrize("rough_mg", [8_192_000, 7_680_000, 7_665_000])
def test_a_rough_level_in_between_blurs_neither_the_one_before_nor_the_one_after(rough_mg: int) -> None:
    """Two filters 16 g apart; the load rings with 16 g while a hand is in the bin, before it took or after."""
    of = (held("F", FILTER), held("G", Mass(528_000, 2_000, 400)))
    levels = (Level(0, 8_192_000, 80), Level(4_000, rough_mg, 16_000), Level(9_000, 7_680_000, 80))
    verdict = counted(BinEvidence(1, C3, of, levels))
    assert best(verdict) == Outcome((("F", -1),))
    assert confidence(verdict) >= SURE_PPM


def test_no_more_left_than_lay_there_by_weight_whatever_the_ledger_says() -> None:
    """Two bulbs were weighed, the ledger holds eight, and the doors were shut while the bin still rang."""
    rang = (Level(0, 45_900, 80), Level(4_000, 20_000, 25_000))
    verdict = counted(BinEvidence(1, C3, (held("B", BULB, 8, 60),), rang))
    assert ppm_of(verdict, ("B", -1)) > ppm_of(verdict, ("B", -2)) > 0
    assert all(n >= -3 + 1 for outcome, _ppm in verdict.bins[0].candidates for _part, n in outcome.changes)


def test_pieces_of_a_mass_that_is_hardly_known_may_all_be_off_together() -> None:
    """Five filters, each 7 g heavier than the catalogue says, which is worth 5 g: they are five filters."""
    hardly, well = Mass(512_000, 2_000, 5_000), Mass(512_000, 2_000, 400)
    levels = (4_096_000, 4_096_000 - 5 * 519_000)
    verdict = counted(one_bin(*levels, of=(held("F", hardly),)))
    assert best(verdict) == Outcome((("F", -5),))
    assert confidence(verdict) >= SURE_PPM
    assert ppm_of(counted(one_bin(*levels, of=(held("F", well),))), ("F", -5)) < 10_000
