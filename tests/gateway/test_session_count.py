"""The verdict on a session: what its weights, tags and people make likely, and how sure that is."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_gateway.counting.evidence import (
    BinEvidence,
    Held,
    Level,
    Lump,
    Mass,
    Outcome,
    SessionEvidence,
    TagEvidence,
)
from edge_gateway.counting.session_count import SURE_PPM, count_session
from tests.gateway.weighed_bins import BULB, C3, FILTER, PAD, best, confidence, held, one_bin, weighed


def test_nothing_moved() -> None:
    verdict = count_session(SessionEvidence((one_bin(4_096_000, 4_096_110),)))
    assert best(verdict).nothing
    assert verdict.confidence_ppm == 1_000_000


@pytest.mark.parametrize("taken", [1, 2, 3, 5])
def test_pieces_are_counted_and_sure(taken: int) -> None:
    verdict = count_session(SessionEvidence((one_bin(4_096_000, 4_096_000 - 512_300 * taken),)))
    assert best(verdict) == Outcome((("F", -taken),))
    assert confidence(verdict) >= SURE_PPM


def test_each_step_says_what_it_was() -> None:
    verdict = count_session(SessionEvidence((one_bin(4_096_000, 3_584_100, 2_559_800),)))
    steps = verdict.bins[0].steps
    assert [(step.level, step.changes) for step in steps] == [(1, (("F", -1),)), (2, (("F", -2),))]
    assert [round(step.mg, -3) for step in steps] == [-512_000, -1_024_000]


def test_what_was_put_back_is_not_taken() -> None:
    """A piece 4 sigma off its part's mean: only that it is the very same one tells that it came back."""
    verdict = count_session(SessionEvidence((one_bin(4_096_000, 3_576_000, 4_096_050),)))
    assert best(verdict).nothing
    assert confidence(verdict) >= SURE_PPM


def test_one_of_two_is_put_back() -> None:
    verdict = count_session(SessionEvidence((one_bin(4_096_000, 3_072_500, 3_583_900),)))
    assert best(verdict) == Outcome((("F", -1),))


def test_a_tool_is_none_of_the_parts() -> None:
    verdict = count_session(SessionEvidence((one_bin(4_096_000, 4_433_000),)))
    assert best(verdict) == Outcome((), 337_000)
    assert confidence(verdict) >= SURE_PPM


def test_a_used_core_is_told_from_the_part_it_replaces() -> None:
    verdict = count_session(SessionEvidence((one_bin(9_040_000, 7_909_500, 8_870_000, of=(held("P", PAD),)),)))
    assert best(verdict).changes == (("P", -1),)
    assert best(verdict).foreign_mg == pytest.approx(960_500, abs=2_000)
    assert confidence(verdict) >= SURE_PPM


def test_a_core_laid_in_without_a_pause_leaves_doubt() -> None:
    """Only the difference is seen: one taken and 0.85 of it laid in, or two and something heavier."""
    verdict = count_session(SessionEvidence((one_bin(9_040_000, 8_870_000, of=(held("P", PAD),)),)))
    assert best(verdict).changes == (("P", -1),)
    assert confidence(verdict) < SURE_PPM


def test_a_known_object_is_taken_away() -> None:
    evidence = BinEvidence(1, C3, (held("F", FILTER),), weighed(4_433_000, 4_096_000), (337_000,))
    verdict = count_session(SessionEvidence((evidence,)))
    assert best(verdict) == Outcome((), -337_000)
    assert confidence(verdict) >= SURE_PPM


def test_a_hand_that_rests_is_no_load() -> None:
    verdict = count_session(SessionEvidence((one_bin(4_096_000, 5_230_000, 3_584_100),)))
    assert best(verdict) == Outcome((("F", -1),))


def test_two_parts_of_one_cell() -> None:
    of = (held("F", FILTER), held("B", BULB, 30, 60))
    verdict = count_session(SessionEvidence((one_bin(4_786_000, 4_786_000 - 512_200 - 46_100, of=of),)))
    assert best(verdict) == Outcome((("B", -2), ("F", -1)))


def test_two_parts_of_one_mass_cannot_be_told_apart() -> None:
    of = (held("F", FILTER), held("G", Mass(512_500, 2_000, 400)))
    verdict = count_session(SessionEvidence((one_bin(8_192_000, 7_680_000, of=of),)))
    assert confidence(verdict) < 700_000
    assert {outcome.changes for outcome, _ppm in verdict.bins[0].candidates[:2]} == {(("F", -1),), (("G", -1),)}


def test_history_says_which_of_two_alike_is_taken() -> None:
    of = (Held("F", FILTER, 8, 12, weight=40.0), Held("G", Mass(512_500, 2_000, 400), 8, 12, weight=1.0))
    verdict = count_session(SessionEvidence((one_bin(8_192_000, 7_680_000, of=of),)))
    assert best(verdict).changes == (("F", -1),)
    assert 950_000 < confidence(verdict) < SURE_PPM


def test_a_piece_in_the_wrong_bin_is_explained_by_where_it_left() -> None:
    first = one_bin(4_096_000, 3_071_600)
    second = one_bin(9_040_000, 9_552_000, of=(held("P", PAD),), number=2)
    verdict = count_session(SessionEvidence((first, second)))
    assert best(verdict, 1) == Outcome((("F", -2),))
    assert best(verdict, 2) == Outcome((("F", 1),))


def test_the_very_piece_that_left_one_bin_arrives_in_another() -> None:
    first = one_bin(4_096_000, 3_583_200, 3_070_900)
    second = one_bin(9_040_000, 9_552_300, of=(held("P", PAD),), number=2)
    verdict = count_session(SessionEvidence((first, second)))
    assert best(verdict, 2) == Outcome((("F", 1),))
    assert confidence(verdict, 2) >= SURE_PPM


def test_what_somebody_has_in_hand_may_come_into_any_bin() -> None:
    second = one_bin(9_040_000, 9_552_300, of=(held("P", PAD),), number=2)
    in_hand = (Lump("F", 1, 512_350, 150),)
    known = count_session(SessionEvidence((second,), in_hand=in_hand, masses={"F": FILTER}))
    unknown = count_session(SessionEvidence((second,)))
    assert best(known, 2) == Outcome((("F", 1),))
    assert best(unknown, 2) == Outcome((), 512_300)


def test_a_restocker_brings_many_in_handfuls() -> None:
    levels = [1_000_000]
    for handful in (12, 15, 10, 3):
        levels.append(levels[-1] + handful * 23_020)
    verdict = count_session(SessionEvidence((one_bin(*levels, of=(held("B", BULB, 43, 100),)),), role="restocker"))
    assert best(verdict) == Outcome((("B", 40),))
    assert confidence(verdict) >= SURE_PPM


def test_no_more_leaves_than_the_bin_weighed() -> None:
    verdict = count_session(SessionEvidence((one_bin(1_030_000, 6_000, of=(held("F", FILTER, 2, 12),)),)))
    assert best(verdict) == Outcome((("F", -2),))
    assert all(n >= -3 for outcome, _ppm in verdict.bins[0].candidates for _part, n in outcome.changes)


def test_tags_tell_parts_of_one_mass_apart() -> None:
    of = (held("F", FILTER), held("G", Mass(512_500, 2_000, 400)))
    bin_ = one_bin(8_192_000, 7_680_000, of=of)
    tags = {"F": TagEvidence((), 8, 0), "G": TagEvidence((900,), 7, 0)}
    verdict = count_session(SessionEvidence((bin_,), tags=tags))
    assert best(verdict) == Outcome((("G", -1),))
    assert confidence(verdict) >= SURE_PPM


def test_a_silent_tag_alone_takes_nothing() -> None:
    tags = {"F": TagEvidence((900,), 7, 0)}
    verdict = count_session(SessionEvidence((one_bin(4_096_000, 4_096_050),), tags=tags))
    assert best(verdict).nothing


def test_a_silent_tag_beside_a_clear_weight_changes_no_count() -> None:
    tags = {"F": TagEvidence((900, 900, 350_000), 5, 0)}
    verdict = count_session(SessionEvidence((one_bin(4_096_000, 3_072_200),), tags=tags))
    assert best(verdict) == Outcome((("F", -2),))


@given(
    seed=st.integers(0, 10_000),
    moves=st.lists(st.tuples(st.sampled_from("FPB"), st.integers(-3, 3)), min_size=1, max_size=3),
)
@settings(max_examples=60, deadline=None)
def test_probabilities_are_probabilities_and_bounds_hold(seed: int, moves: list[tuple[str, int]]) -> None:
    chance = random.Random(seed)
    masses = {"F": FILTER, "P": PAD, "B": BULB}
    of = (held("F", FILTER, 5), held("P", PAD, 3), held("B", BULB, 40, 60))
    levels = [sum(round(part.mass.mean_mg) * part.stock for part in of)]
    for part, n in moves:
        levels.append(
            levels[-1] + round(sum(chance.gauss(masses[part].mean_mg, masses[part].spread_mg) * n for _ in (0,)))
        )
    levels.append(levels[-1] + chance.randrange(-150, 150))
    found = count_session(SessionEvidence((one_bin(*levels, of=of),))).bins[0]
    shares = [ppm for _outcome, ppm in found.candidates]
    assert sum(shares) <= 1_000_000
    assert all(before >= after for before, after in pairwise(shares))
    assert found.confidence_ppm <= 1_000_000
    stocks = {part.part: part.stock for part in of}
    for outcome, _ppm in found.candidates:
        assert all(-n <= stocks[part] + 3 for part, n in outcome.changes)


def test_the_order_of_the_parts_does_not_matter() -> None:
    of = (held("F", FILTER), held("B", BULB, 30, 60), held("P", PAD, 2))
    levels = (7_046_000, 7_046_000 - 512_200 - 46_100, 5_357_400)
    one = count_session(SessionEvidence((one_bin(*levels, of=of),)))
    other = count_session(SessionEvidence((one_bin(*levels, of=of[::-1]),)))
    assert best(one) == best(other)
    assert confidence(one) == pytest.approx(confidence(other), abs=2)


def test_a_return_of_other_pieces_than_those_in_hand_is_doubted() -> None:
    """One piece is in hand and weighed 519.0 g; what comes weighs as the part should, but not as that piece."""
    in_hand = (Lump("F", 1, 519_000, 150),)
    verdict = count_session(SessionEvidence((one_bin(4_096_000, 4_608_000),), in_hand=in_hand, masses={"F": FILTER}))
    assert confidence(verdict) < SURE_PPM


def test_the_newest_in_hand_is_likelier() -> None:
    """Two parts of one mass were taken, each two at a time, so that no piece was weighed: the later one comes back."""
    twin = Mass(512_100, 2_000, 400)
    in_hand = (Lump("F", 2, 0, 0), Lump("G", 2, 0, 0))
    of = (held("F", FILTER), held("G", twin))
    evidence = SessionEvidence(
        (one_bin(8_192_000, 8_704_050, of=of),), in_hand=in_hand, masses={"F": FILTER, "G": twin}
    )
    shares = {outcome.changes: ppm for outcome, ppm in count_session(evidence).bins[0].candidates}
    assert shares[(("G", 1),)] > 1.2 * shares[(("F", 1),)]


def test_a_load_that_still_rang_is_worth_its_noise() -> None:
    """Between taking a pad and laying in its core only a rough level was seen: better than none."""
    levels = (Level(0, 9_040_000, 80), Level(4_000, 7_925_000, 16_000), Level(9_000, 8_870_000, 80))
    evidence = BinEvidence(1, C3, (held("P", PAD),), levels)
    verdict = count_session(SessionEvidence((evidence,)))
    assert best(verdict).changes == (("P", -1),)
    assert best(verdict).foreign_mg == pytest.approx(960_000, abs=20_000)


def test_the_same_evidence_gives_the_same_verdict() -> None:
    of = (held("F", FILTER), held("B", BULB, 30, 60), held("P", PAD, 2))
    evidence = SessionEvidence((one_bin(7_046_000, 6_487_700, 5_357_400, of=of),))
    assert count_session(evidence) == count_session(evidence)


def test_a_stranger_whose_tag_came_is_known_by_it() -> None:
    """Nobody has a pad in hand any longer, but its tag is heard: so it is a pad that lies in the filters' bin."""
    verdict = count_session(
        SessionEvidence((one_bin(4_096_000, 5_224_500),), masses={"P": PAD}, tags={"P": TagEvidence((), 5, 1)})
    )
    assert best(verdict) == Outcome((("P", 1),))
    assert confidence(verdict) >= SURE_PPM


def test_a_piece_that_strayed_is_brought_home() -> None:
    """Two pieces of what belongs there weigh the same: nobody would take them and put them where the stray belongs."""
    small, large = Mass(340_000, 3_400, 300), Mass(678_000, 2_000, 300)
    strayed = Held("L", large, 1, 1, planned=False)
    here = one_bin(4_078_000, 3_400_500, of=(held("S", small, stock=10), strayed))
    home = one_bin(6_780_000, 7_457_500, of=(held("L", large, stock=10),), number=2)
    verdict = count_session(SessionEvidence((here, home)))
    assert (best(verdict, 1), best(verdict, 2)) == (Outcome((("L", -1),)), Outcome((("L", 1),)))
    assert min(confidence(verdict, 1), confidence(verdict, 2)) >= SURE_PPM


def test_what_may_be_a_stray_or_as_heavy_pieces_is_asked() -> None:
    """It left and arrived nowhere: either is likely."""
    small, large = Mass(340_000, 3_400, 300), Mass(680_000, 2_000, 300)
    strayed = Held("L", large, 1, 1, planned=False)
    verdict = count_session(SessionEvidence((one_bin(4_080_000, 3_400_000, of=(held("S", small), strayed)),)))
    assert confidence(verdict) < SURE_PPM
    assert {outcome.changes for outcome, _ppm in verdict.bins[0].candidates[:2]} == {(("L", -1),), (("S", -2),)}


def test_weights_that_say_nothing_are_a_question_and_no_search_without_end() -> None:
    """The wire allows a noise of two tonnes."""
    blurred = tuple(Level(at, mg, 2_000_000_000) for at, mg in enumerate((600_000, 300_000, 500_000, 577_000)))
    verdict = count_session(SessionEvidence((BinEvidence(1, C3, (held("B", BULB, 30, 60),), blurred),)))
    assert confidence(verdict) < SURE_PPM
