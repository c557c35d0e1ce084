"""Counts from weights: hand-made cases, properties, and whether a stated confidence is kept."""

import random
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_gateway.counting.one_part import SURE_PPM, Change, Piece, count, level_sigma_mg

FILTER = Piece(600_000, 900)
BULB = Piece(21_000, 60)


def change(before_mg: int, after_mg: int, noise_mg: int = 150) -> Change:
    return Change(before_mg, noise_mg, after_mg, noise_mg)


# (what happened, weights, piece, stock, expected count): counted by hand
CLEAR = [
    ("nothing", change(6_000_000, 6_000_300), FILTER, 10, 0),
    ("two filters taken", change(6_000_000, 4_800_400), FILTER, 10, -2),
    ("one bulb taken", change(840_000, 818_900), BULB, 40, -1),
    ("twelve bulbs brought", change(840_000, 1_092_100), BULB, 40, 12),
    ("the last one", change(600_000, 0), FILTER, 1, -1),
    ("more than the ledger holds", change(3_000_000, 0), FILTER, 3, -5),
    ("a whole bin of bulbs", change(840_000, 100), BULB, 40, -40),
    ("a whole bin filled", change(0, 1_260_000), BULB, 0, 60),
]


@pytest.mark.parametrize(("what", "weights", "piece", "stock", "expected"), CLEAR)
def test_clear_cases(what: str, weights: Change, piece: Piece, stock: int, expected: int) -> None:
    found = count(weights, piece, stock, 60, -1)
    assert found.best == expected, what
    assert found.confidence_ppm >= SURE_PPM, what


def test_half_a_piece_is_not_sure() -> None:
    found = count(change(840_000, 829_500, noise_mg=3000), BULB, 40, 60, -1)
    assert found.confidence_ppm < SURE_PPM
    assert {n for n, _ in found.candidates} >= {0, -1}


def test_a_rag_is_none_of_these() -> None:
    found = count(change(6_000_000, 6_137_000), FILTER, 10, 20, -1)
    assert found.other_ppm > 900_000
    assert found.confidence_ppm < SURE_PPM


def test_a_part_lighter_than_the_noise_is_not_counted() -> None:
    washer = Piece(300, 10)
    assert count(change(60_000, 59_700), washer, 200, 400, -1).confidence_ppm < SURE_PPM


def test_direction_decides_between_equals() -> None:
    """A noisy weight half way between nothing and one: who opened the door is evidence too."""
    weights = change(840_000, 840_000 + 10_500, noise_mg=4000)
    taking = dict(count(weights, BULB, 40, 60, -1).candidates)
    bringing = dict(count(weights, BULB, 40, 60, 1).candidates)
    assert bringing[1] > taking[1]


def test_many_pieces_are_less_sure_than_few() -> None:
    loose = Piece(21_000, 900)
    few = count(change(840_000, 840_000 - 21_000 - 2_000), loose, 40, 60, -1)
    many = count(change(840_000, 840_000 - 35 * 21_000 - 6_000), loose, 40, 60, -1)
    assert few.confidence_ppm >= SURE_PPM > many.confidence_ppm


@given(
    n=st.integers(-20, 20),
    mass_mg=st.integers(5_000, 900_000),
    stock=st.integers(20, 30),
    error=st.floats(-1.5, 1.5),
)
def test_a_weight_near_a_whole_count_gives_that_count(n: int, mass_mg: int, stock: int, error: float) -> None:
    piece = Piece(mass_mg, mass_mg // 500)
    before = stock * mass_mg
    sigma = sqrt(2 * 150**2 + 170**2 + abs(n) * piece.spread_mg**2)
    found = count(change(before, before + n * mass_mg + round(error * sigma)), piece, stock, 60, -1)
    if 12 * sigma + 0.004 * abs(n) * mass_mg + 0.004 * before < mass_mg:
        assert found.best == n


@given(
    weights=st.builds(change, st.integers(-5_000, 9_000_000), st.integers(-5_000, 9_000_000), st.integers(0, 20_000)),
    piece=st.builds(Piece, st.integers(1, 2_000_000), st.integers(0, 5_000)),
    stock=st.integers(0, 200),
    towards=st.sampled_from((-1, 0, 1)),
)
def test_probabilities_are_probabilities(weights: Change, piece: Piece, stock: int, towards: int) -> None:
    found = count(weights, piece, stock, 100, towards)
    shares = [ppm for _n, ppm in found.candidates]
    assert all(0 <= ppm <= 1_000_000 for ppm in [*shares, found.other_ppm, found.confidence_ppm])
    assert sum(shares) + found.other_ppm <= 1_000_000
    assert found.confidence_ppm == max([0, *(ppm for n, ppm in found.candidates if n == found.best)])


def test_a_stated_confidence_is_kept() -> None:
    """Ten thousand takes drawn from the physics: of those called sure, no more than one in a hundred is wrong."""
    draw = random.Random(20)
    sure = wrong = 0
    for _ in range(10_000):
        mass_mg, spread = draw.randint(1_000, 8_000), draw.randint(10, 120)
        stock = draw.randint(5, 40)
        n = -min(stock, int(draw.expovariate(0.4)))
        noise = draw.randint(50, 900)
        before = stock * mass_mg + draw.gauss(0, noise)
        moved = sum(draw.gauss(mass_mg, spread) for _ in range(-n))
        after = before - moved + draw.gauss(0, noise) + draw.gauss(0, 150)
        found = count(Change(round(before), noise, round(after), noise), Piece(mass_mg, spread), stock, 60, -1)
        if found.confidence_ppm >= SURE_PPM:
            sure += 1
            wrong += found.best != n
    assert sure > 3_000
    assert wrong / sure < 0.01


def test_a_level_is_less_exact_the_more_lies_there() -> None:
    """40 bulbs of 21 g: noise 150 and floor 170 mg, 40 spreads of 60 mg, 0.1 % of 840 g: sqrt of the squares."""
    expected = sqrt(150**2 + 170**2 + 40 * 60**2 + 840**2)
    assert level_sigma_mg(840_000, 150, 40, 60) == pytest.approx(expected)
