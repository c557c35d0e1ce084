"""How likely it is to hear what was heard: the tags of a part against pieces that left and came."""

from math import comb, exp

import pytest

from edge_gateway.counting.evidence import Lump, SessionEvidence, TagEvidence, Verdict
from edge_gateway.counting.session_count import count_session
from edge_gateway.counting.tag_likelihood import log_likelihood
from tests.gateway.weighed_bins import FILTER, best, one_bin, ppm_of

PIECES = 6
SILENT_PPM = 20_000  # of a tag that is there


@pytest.mark.parametrize("left", [0, 1, 2, 3, PIECES])
def test_all_that_may_be_heard_is_certain_together(left: int) -> None:
    """Each set of tags may be missing. Those that stay are silent by chance, which makes the sum (1 + p)^n."""
    total = 0.0
    for missing in range(PIECES + 1):
        tags = TagEvidence((SILENT_PPM,) * missing, PIECES - missing, 0)
        total += comb(PIECES, missing) * exp(log_likelihood(tags, -left))
    by_chance = (1 + SILENT_PPM / 1e6) ** (PIECES - left)
    assert total == pytest.approx(by_chance, rel=0.03)


def test_one_silent_tag_says_less_where_there_are_many() -> None:
    """One of 200 is silent now and then; one of two, when nobody took it, hardly ever."""
    few, many = (TagEvidence((900,), others, 0) for others in (1, 199))
    assert taken_odds(few) > 50 * taken_odds(many)
    assert taken_odds(many) > 1


def taken_odds(tags: TagEvidence) -> float:
    """How much likelier it is that a piece left than that none did."""
    return exp(log_likelihood(tags, -1) - log_likelihood(tags, 0))


def test_a_tag_that_is_often_silent_says_less_than_one_that_never_was() -> None:
    reliable, poor = (TagEvidence((ppm,), 5, 0) for ppm in (900, 350_000))
    assert taken_odds(reliable) > 100 * taken_odds(poor)


def test_a_missing_tag_too_many_is_a_silence_and_a_missing_tag_too_few_a_rarity() -> None:
    """Two are silent: two left. Or one, and a good tag was silent by chance; or three, and one without a tag."""
    two = TagEvidence((900, 900), 4, 0)
    one_left, two_left, three_left = (log_likelihood(two, -left) for left in (1, 2, 3))
    assert two_left > one_left + 3
    assert two_left > three_left + 3


def test_a_piece_whose_tag_is_dead_is_as_rare_among_many() -> None:
    """Any of those that are heard may be the one that left, though it is heard."""
    few, many = (TagEvidence((), heard, 0) for heard in (2, 200))
    assert log_likelihood(few, -1) == pytest.approx(log_likelihood(many, -1), abs=0.1)


# ---- what came ----


def returned(came: int | None) -> Verdict:
    """Something of a filter's mass, 2.5 deviations off, is laid into its bin by somebody who has two in hand."""
    tags = None if came is None else {"F": TagEvidence((), 6, came)}
    evidence = SessionEvidence(
        (one_bin(4_096_000, 4_613_000),), in_hand=(Lump("F", 2, 0, 0),), masses={"F": FILTER}, tags=tags
    )
    return count_session(evidence)


def test_what_comes_without_its_tag_is_likelier_something_else() -> None:
    silent, heard, unread = (ppm_of(returned(came), foreign=True) for came in (0, 1, None))
    assert silent > 10 * unread > 0
    assert unread > 10 * heard
    assert best(returned(1)).changes == (("F", 1),)
