"""Parts in their classes by hand-made use, and shops that fade or only seem to."""

from math import cos, pi

import numpy as np
import pytest

from cloud.replenishment.gauges.part_classes import PartUse, Thresholds, classed, variation_of
from cloud.replenishment.gauges.shop_grades import RECENT, ShopUse, graded

STEADY = (10,) * 52


def weeks(before: int, after: int) -> tuple[int, ...]:
    """So much each week of the first half of a year, and of the second."""
    return (before,) * 26 + (after,) * 26


def test_parts_stand_in_their_fields() -> None:
    """Value 100000 + 52000 + 26000 + 5200 + 2600: A until 80 %, B until 95 %."""
    uses = [
        PartUse("star", weeks(2, 4), 1000),
        PartUse("cow", STEADY, 200),
        PartUse("question", weeks(0, 2), 500),
        PartUse("dog", weeks(2, 2), 100),
        PartUse("never", (0,) * 52, 100),
        PartUse("unpriced", STEADY, -1),
        PartUse("gone", weeks(2, 0), 100),
    ]
    found = {each.use.part: each for each in classed(uses, Thresholds())}
    assert list(found) == ["star", "cow", "question", "dog", "unpriced", "gone"]
    assert [found[part].bcg for part in ("star", "cow", "question", "dog", "unpriced", "gone")] == [
        "star", "cow", "question", "dog", None, None,
    ]  # fmt: skip
    assert found["star"].growth == pytest.approx((104 + 5) / (52 + 5) - 1)
    assert found["cow"].growth == 0
    total = 104_000 + 52_000 + 26_000 + 5_200
    assert found["star"].share == pytest.approx(104_000 / total)
    assert [found[part].abc for part in ("star", "cow", "question", "dog")] == ["A", "A", "B", "C"]
    assert found["cow"].xyz == "X"
    less = {each.use.part: each for each in classed(uses, Thresholds(share=2.0, growth=2.0, a=0.5, b=0.9, x=-1, y=0))}
    assert [less[part].bcg for part in ("star", "cow")] == ["cow", "dog"]
    assert [less[part].abc for part in ("star", "cow", "question", "dog")] == ["A", "B", "B", "C"]
    assert less["cow"].xyz == "Y"
    assert all(
        each.growth is None and each.bcg is None for each in classed([PartUse("p", weeks(0, 3), 9)], Thresholds())
    )


def test_variation_is_of_weeks_since_the_first_use() -> None:
    assert variation_of((0, 0, *(3,) * 8)) == 0
    assert variation_of((0, 2) * 4) is None  # seven weeks since the first use
    assert variation_of((2, 0) * 4) == pytest.approx(1.0)
    assert variation_of((4, 0, 0, 0) * 2) == pytest.approx(3**0.5)
    assert variation_of((0,) * 26) is None


def season(week: int) -> float:
    """The whole trade halves from July to January."""
    return 1.5 + 0.5 * cos(2 * pi * (week - 26) / 52)


def drawn(count: int, seed: int, *, fading: int = 0, to: float = 1.0) -> list[ShopUse]:
    """Shops with negative-binomial weeks of one season, 30 pieces a week and more than twice the scatter of chance."""
    draw = np.random.default_rng(seed)
    shops = []
    for number in range(count):
        size = draw.uniform(15, 60)
        means = [size * season(week) * (to if number < fading and week >= 52 - RECENT else 1) for week in range(52)]
        used = tuple(int(draw.negative_binomial(mean / 1.5, 1 / 2.5)) for mean in means)
        shops.append(ShopUse(f"s{number:03}", used, sum(used[-26:]) * 100))
    return shops


def test_a_season_and_noise_are_no_decline_and_a_real_one_is_found() -> None:
    """40 x 30 shops that only follow the season: hardly any is named. Of 12 that lost half, nearly all are."""
    named = sum(shop.fading for seed in range(40) for shop in graded(drawn(30, seed)))
    assert named <= 4
    found = wrong = 0
    for seed in range(4):
        rows = graded(drawn(30, 100 + seed, fading=3, to=0.5))
        first = [row.use.shop for row in rows if row.fading]
        assert first == [row.use.shop for row in rows[: len(first)]]
        found += len(set(first) & {"s000", "s001", "s002"})
        wrong += len(set(first) - {"s000", "s001", "s002"})
    assert found >= 11
    assert wrong <= 2


def test_too_little_is_said_to_be_too_little() -> None:
    young = ShopUse("young", (*(None,) * 40, *(20,) * 12), 100)
    small = ShopUse("small", (1,) * 44 + (0,) * 8, 90)
    whole = ShopUse("whole", STEADY, 10_000)
    by_name = {row.use.shop: row for row in graded([young, small, whole])}
    assert by_name["young"].expected is None and not by_name["young"].fading
    assert by_name["small"].expected is None
    assert (by_name["whole"].expected, by_name["whole"].grade, by_name["young"].grade) == (80, "A", "C")
    alone = graded([ShopUse("only", (30,) * 44 + (10,) * 8, 100)])[0]
    assert alone.fading and alone.lost == pytest.approx(2 / 3)
    assert alone.expected_weeks == (30.0,) * 52
    begun = graded([ShopUse("begun", (*(None,) * 10, 3, *(30,) * 41), 100)])[0]
    assert begun.expected == 240
