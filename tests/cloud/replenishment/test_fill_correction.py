"""The corrected aim brings what is reached to what was promised, and never runs away."""

import numpy as np
import pytest

from cloud.replenishment.fill_correction import (
    LOOSER_MOST,
    PIECES_MIN,
    TIGHTER_MOST,
    WEEKS_MIN,
    Reached,
    corrected,
    moved,
)

AIM_PPM = 950_000


def _reached(draw: np.random.Generator, missing: float) -> Reached:
    asked = 600
    missed = draw.binomial(asked, min(max(missing, 0.0), 1.0))
    return Reached(asked - missed, float(missed), WEEKS_MIN)


@pytest.mark.parametrize(("wrong", "power"), [(2.0, 1.0), (0.6, 1.0), (1.8, 0.7), (1.3, 1.6)])
def test_it_settles_on_the_promise(wrong: float, power: float) -> None:
    """A forecast whose bins miss `wrong` times what is computed, or answer more or less than the aim moves."""
    draw, computed, late = np.random.default_rng(1), AIM_PPM, []
    for step in range(60):
        missing = wrong * 0.05 * ((1 - computed / 1e6) / 0.05) ** power
        if step >= 20:
            late.append(1 - missing)
        computed = corrected(AIM_PPM, computed, _reached(draw, missing))
    assert np.mean(late) == pytest.approx(0.95, abs=0.005)
    assert np.std(late) < 0.012


@pytest.mark.parametrize("missing", [0.6, 0.0])
def test_it_never_runs_away(missing: float) -> None:
    """Where nothing helps, or nothing is ever missing, it stops at its bounds."""
    draw, computed = np.random.default_rng(1), AIM_PPM
    for _ in range(200):
        computed = corrected(AIM_PPM, computed, _reached(draw, missing))
        assert 0.05 / TIGHTER_MOST - 1e-6 <= 1 - computed / 1e6 <= 0.05 * LOOSER_MOST + 1e-6
    assert 1 - computed / 1e6 == pytest.approx(0.05 / TIGHTER_MOST if missing else 0.05 * LOOSER_MOST)


def test_little_demand_moves_nothing() -> None:
    """Neither too few pieces nor too short a time; another aim is kept as far away as the one before."""
    for few in (Reached(PIECES_MIN / 2, 20, WEEKS_MIN), Reached(500, 100, WEEKS_MIN - 1), Reached()):
        assert corrected(AIM_PPM, 970_000, few) == 970_000
    assert moved(980_000, AIM_PPM, 970_000) == 988_000
    assert (Reached(3, 1).ppm, Reached().ppm) == (750_000, -1)
