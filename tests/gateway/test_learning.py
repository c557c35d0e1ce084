"""What one piece weighs, learned from sure counts: against the textbook's closed form, and against the truth."""

import random
from statistics import fmean

import pytest

from edge_gateway.counting.learning import Known, catalogued, learn, taught, with_lesson, without_lesson


def test_single_pieces_follow_the_closed_form() -> None:
    """Murphy 2007, equations 85 to 89, with exact measurements."""
    masses = [101.0, 98.5, 99.7, 100.4, 102.2]
    known = Known(3.0, 100.0, 4.0, 6.0)
    for mass in masses:
        known = learn(known, 1, mass, 0.0)
    n, mean = len(masses), fmean(masses)
    squares = sum((mass - mean) ** 2 for mass in masses)
    assert known.kappa == pytest.approx(3.0 + n)
    assert known.mean_mg == pytest.approx((3.0 * 100.0 + n * mean) / (3.0 + n))
    assert known.alpha == pytest.approx(4.0 + n / 2)
    assert known.beta == pytest.approx(6.0 + squares / 2 + 3.0 * n * (mean - 100.0) ** 2 / (2 * (3.0 + n)))


def test_three_at_once_teach_the_mean_as_three() -> None:
    known = learn(catalogued(100_000, 500), 3, 303_000, 0.0)
    assert known.kappa == pytest.approx(23.0)
    assert known.mean_mg == pytest.approx((20 * 100_000 + 303_000) / 23)
    assert known.alpha == pytest.approx(4.5)


def test_a_blurred_weight_teaches_less() -> None:
    sharp, blurred = (learn(catalogued(15_000, 100), 1, 15_300, noise**2) for noise in (10.0, 2_000.0))
    assert abs(sharp.mean_mg - 15_000) > 10 * abs(blurred.mean_mg - 15_000)
    assert blurred.beta / blurred.alpha < 4 * 100**2  # the noise is not taken for spread


@pytest.mark.parametrize("spread", [0.01, 0.003])
def test_twenty_pieces_on_a_scale_find_mean_and_spread(spread: float) -> None:
    ratios = []
    for seed in range(40):
        chance = random.Random(seed)
        mass = taught([round(chance.gauss(400_000, 400_000 * spread)) for _ in range(20)], 100).mass()
        assert abs(mass.mean_mg - 400_000) < 4.5 * mass.mean_sigma_mg
        ratios.append(mass.spread_mg / (400_000 * spread))
    assert 0.85 < fmean(ratios) < 1.2


def test_the_mean_is_known_as_well_as_it_is_said_to_be() -> None:
    """Over many parts: what the mean is off by, in the deviations it says itself, has a square of about one."""
    squares = []
    for seed in range(150):
        chance = random.Random(seed)
        mass = taught([round(chance.gauss(400_000, 4_000)) for _ in range(20)], 100).mass()
        squares.append(((mass.mean_mg - 400_000) / mass.mean_sigma_mg) ** 2)
    assert 0.6 < fmean(squares) < 1.6


def test_a_coarse_scale_teaches_less_of_light_parts() -> None:
    """It shows whole grams, and the pieces differ by a tenth of one."""
    readings = [15_000, 15_000, 15_000, 16_000, 15_000]
    fine, coarse = (taught(readings, steps_mg) for steps_mg in (10, 1_000))
    assert coarse.kappa < 0.8 * fine.kappa
    assert coarse.mass().mean_sigma_mg > 0


def test_pieces_that_never_differ_are_not_known_to_be_equal_for_ever() -> None:
    """The two thousandth machined piece was as all before it; the next one may still be a little off."""
    known = catalogued(900_000, 300)
    for _ in range(2_000):
        known = learn(known, 1, 900_000.0, 0.0)
    assert known.mass().spread_mg > 0.0003 * 900_000


def test_a_wrong_catalogue_is_outgrown() -> None:
    chance = random.Random(5)
    known = catalogued(100_000, 1_000)
    for _ in range(200):
        known = learn(known, 1, chance.gauss(104_000, 700), 150.0**2)
    mass = known.mass()
    assert mass.mean_mg == pytest.approx(104_000, abs=600)
    assert mass.spread_mg < 2_000


def test_a_lesson_that_is_taken_back_leaves_what_the_others_taught() -> None:
    """In whatever order they came."""
    begun, (one, other) = catalogued(100_000, 800), ((1.9, 100_700.0), (0.4, 98_200.0))
    known = without_lesson(with_lesson(with_lesson(begun, *one), *other), *one)
    assert known == pytest.approx(with_lesson(begun, *other))
    assert without_lesson(known, *other) == pytest.approx(begun)


def test_bad_input_is_said() -> None:
    with pytest.raises(ValueError, match="expected three pieces or more, found 2"):
        taught([1, 2], 100)
    with pytest.raises(ValueError, match="expected one piece or more to learn from, found 0"):
        learn(catalogued(100, 1), 0, 0.0, 0.0)
