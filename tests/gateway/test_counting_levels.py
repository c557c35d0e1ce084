"""What the levels of a session say: which of them to believe, and how far."""

import pytest

from edge_gateway.counting.evidence import BinEvidence, Level, Mass, Outcome, SessionEvidence, Verdict
from edge_gateway.counting.session_count import SURE_PPM, count_session
from tests.gateway.weighed_bins import (
    BULB,
    C3,
    CHEAP,
    FILTER,
    NOTHING,
    PAD,
    best,
    confidence,
    held,
    one_bin,
    ppm_of,
    weighed,
)

MACHINED = Mass(900_000, 300, 50)  # pieces that are all alike


def counted(*bins: BinEvidence) -> Verdict:
    """What a mechanic with nothing in hand did."""
    return count_session(SessionEvidence(bins))


# ---- how far a level may be off ----


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


def rough_in_between(*levels_mg: int, noise_mg: int) -> tuple[Level, ...]:
    """Levels of which only the first and the last are sharp."""
    first, last = Level(0, levels_mg[0], 80), Level(20_000, levels_mg[-1], 80)
    between = (Level(2_000 * at, mg, noise_mg) for at, mg in enumerate(levels_mg[1:-1], start=1))
    return (first, *between, last)


def test_a_tool_that_was_laid_in_and_taken_away_around_all_else_leaves_the_load_as_it_was() -> None:
    """A lamp is laid in, a filter taken and put back, the lamp taken away, all of it seen to 16 g at most."""
    levels = rough_in_between(4_096_000, 4_433_000, 3_921_000, 4_433_000, 4_096_060, noise_mg=16_000)
    verdict = counted(BinEvidence(1, C3, (held("F", FILTER),), levels))
    assert best(verdict) == NOTHING
    assert confidence(verdict) >= SURE_PPM


def test_what_was_laid_in_and_goes_again_is_no_reason_to_overlook_what_went_with_it() -> None:
    """A heavy filter is laid in, a bulb taken, the filter taken away, and another bulb, which 8 g hardly show."""
    levels = rough_in_between(2_048_000, 2_567_000, 2_521_000, 2_002_060, noise_mg=8_000)
    of = (held("F", FILTER, 4), held("B", BULB, 30, 60))
    verdict = counted(BinEvidence(1, C3, of, levels))
    assert best(verdict) == Outcome((("B", -2),))
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


def test_a_cheap_cell_creeps_by_a_share_of_what_was_taken() -> None:
    """Five of eight go, 4.5 kg, and the cell shows 60 g too little: 13 g of it for each kilogram, and nothing else."""
    alike = held("M", Mass(1_130_000, 1_000, 100))
    verdict = counted(one_bin(9_000_000, 9_000_000 - 5 * 1_130_000 - 60_000, of=(alike,), cell=CHEAP, noise_mg=1_500))
    assert best(verdict) == Outcome((("M", -5),))
    assert confidence(verdict) >= SURE_PPM


def test_a_cell_within_its_class_may_show_a_little_less_of_everything() -> None:
    """Five of 900 g are 6 g heavier together, which 0.13 % too steep a scale would show; they differ by far less."""
    verdict = counted(one_bin(9_000_000, 4_494_000, of=(held("M", MACHINED),)))
    assert best(verdict) == Outcome((("M", -5),))
    assert confidence(verdict) >= SURE_PPM


def test_a_cell_wanders_further_now_and_then_than_pieces_differ() -> None:
    """Half a washer of 2 g, five deviations from nothing and from one: cells do that sooner than washers."""
    verdict = counted(one_bin(1_000_000, 999_000, of=(held("W", Mass(2_000, 20, 5), 80, 200),)))
    assert best(verdict) == NOTHING


# ---- what is said of it ----


def test_a_step_says_what_moved_in_it_alone() -> None:
    """First a tool is laid in, and then a filter taken."""
    steps = counted(one_bin(4_096_000, 4_433_000, 3_921_000)).bins[0].steps
    assert [(step.changes, step.foreign_mg) for step in steps] == [((), 337_000), ((("F", -1),), 0)]


def test_an_object_seen_twice_is_one_candidate() -> None:
    """It weighs 337 g at first and 339 g in the end: whichever it is, to a person that is one answer."""
    verdict = counted(one_bin(4_096_000, 4_433_000, 4_435_000))
    objects = [outcome.foreign_mg for outcome, _ppm in verdict.bins[0].candidates if not outcome.changes]
    assert len(objects) == 1
    assert confidence(verdict) > 900_000


# ---- objects that are known to lie there ----


def bin_with(known_mg: tuple[int, ...], *levels: Level) -> BinEvidence:
    """A bin of pads in which such objects were found before."""
    return BinEvidence(1, C3, (held("P", PAD),), levels, known_mg)


def test_two_objects_are_two_answers() -> None:
    """One of 300 g and one of 400 g lie there; 350 g, roughly, are gone."""
    rough = (Level(0, 4_000_000, 80), Level(4_000, 3_650_000, 40_000))
    verdict = counted(bin_with((300_000, 400_000), *rough))
    assert ppm_of(verdict, foreign=True) > 990_000
    assert confidence(verdict) < 600_000


def test_an_object_is_taken_away_once() -> None:
    """It weighs what a filter does, and as much goes twice: the second time it was a filter."""
    evidence = BinEvidence(1, C3, (held("F", FILTER),), weighed(5_000_000, 4_488_000, 3_976_000), (512_000,))
    verdict = counted(evidence)
    assert best(verdict) == Outcome((("F", -1),), -512_000)
    assert all(outcome.foreign_mg >= -512_000 for outcome, _ppm in verdict.bins[0].candidates)


def test_a_known_object_that_hardly_shows_may_be_gone() -> None:
    """A rag of 18 g on a cheap cell, where as much may be chance if nothing is known to lie there."""
    levels = weighed(4_000_000, 3_982_000, noise_mg=1_500)
    known, unknown = (counted(BinEvidence(1, CHEAP, (held("F", FILTER),), levels, mg)) for mg in ((18_000,), ()))
    assert best(known) == Outcome((), -18_000)
    assert best(unknown) == NOTHING
