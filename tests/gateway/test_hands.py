"""What a person has in hand: lumps that weigh what they weighed, kept for two weeks."""

from edge_gateway.counting.evidence import Lump, Step
from edge_gateway.hands import KEPT_MS, LUMPS_MAX, Hands, lumps_of


def step(level: int, part: str, pieces: int, mg: int, foreign_mg: int = 0) -> Step:
    """One change of level."""
    return Step(level, ((part, pieces),), foreign_mg, mg, 200)


def test_each_step_is_a_lump_of_its_own() -> None:
    steps = (step(1, "A", -1, -612_300), step(2, "A", -2, -1_223_900), step(3, "B", -1, -655_000))
    assert lumps_of("A", -3, steps) == [Lump("A", 1, 612_300, 200), Lump("A", 2, 1_223_900, 200)]


def test_where_the_steps_do_not_tell_it_apart_only_the_number_is_known() -> None:
    put_back = (step(1, "A", -3, -1_836_000), step(2, "A", 1, 612_000))
    with_a_rag = (step(1, "A", -1, -400_000, 212_000),)
    two_at_once = (Step(1, (("A", -1), ("B", -1)), 0, -1_267_000, 200),)
    assert lumps_of("A", -2, put_back) == [Lump("A", 2, 0, 0)]
    assert lumps_of("A", -1, with_a_rag) == [Lump("A", 1, 0, 0)]
    assert lumps_of("A", -1, two_at_once) == [Lump("A", 1, 0, 0)]
    assert lumps_of("A", -1, ()) == [Lump("A", 1, 0, 0)]


def test_a_hand_that_lay_in_the_bin_is_no_part_of_the_piece() -> None:
    """It was a level of its own, of which nothing came: the piece is what the bin lost in the end."""
    nothing = Step(2, (), 0, 2_075, 260)
    assert lumps_of("A", -1, (step(1, "A", -1, -437_151), nothing)) == [Lump("A", 1, 435_076, 200)]
    twice = (step(1, "A", -1, -437_151), nothing, step(3, "A", -1, -436_000))  # of which of both, nobody can tell
    assert lumps_of("A", -2, twice) == [Lump("A", 1, 437_151, 200), Lump("A", 1, 436_000, 200)]
    beside = (step(1, "A", -1, -437_151), step(2, "B", -1, -655_000))
    assert lumps_of("A", -1, beside) == [Lump("A", 1, 437_151, 200)]


def test_what_comes_back_is_the_lump_that_weighs_the_same() -> None:
    hands = Hands()
    hands.take("wang", 0, [Lump("A", 1, 610_100, 200), Lump("A", 1, 613_700, 200), Lump("B", 1, 655_000, 200)])
    hands.give_back("wang", Lump("A", 1, 613_500, 200))
    assert hands.of("wang", 1) == (Lump("A", 1, 610_100, 200), Lump("B", 1, 655_000, 200))
    assert hands.of("li", 1) == ()
    assert hands.of("", 1) == ()


def test_a_part_of_a_lump_leaves_the_rest() -> None:
    hands = Hands()
    hands.take("wang", 0, [Lump("A", 3, 1_836_000, 300)])
    hands.give_back("wang", Lump("A", 1, 612_000, 400))
    assert hands.of("wang", 1) == (Lump("A", 2, 1_224_000, 500),)
    hands.give_back("wang", Lump("A", 5, 0, 0))
    assert hands.of("wang", 1) == ()


def test_after_two_weeks_it_is_used() -> None:
    hands = Hands()
    hands.take("wang", 0, [Lump("A", 1, 1, 1)])
    hands.take("wang", 1000, [Lump("B", 1, 1, 1)])
    assert [lump.part for lump in hands.of("wang", KEPT_MS)] == ["B"]


def test_only_the_latest_lumps_are_kept() -> None:
    hands = Hands()
    for number in range(LUMPS_MAX + 3):
        hands.take("wang", number, [Lump(f"P{number}", 1, 1, 1)])
    assert [lump.part for lump in hands.of("wang", 20)] == [f"P{number}" for number in range(3, LUMPS_MAX + 3)]
