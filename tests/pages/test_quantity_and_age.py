"""Quantities, confidences and ages as people read them; expected values written by hand."""

import pytest

from page_kit.age import age, stale
from page_kit.quantity import change, confidence, mass, quantity

NOW = 1_794_873_600_000


@pytest.mark.parametrize(
    ("amount", "unit", "zh", "en"),
    [
        (0, "piece", "0 件", "0 pcs"),
        (1, "piece", "1 件", "1 pc"),
        (12, "piece", "12 件", "12 pcs"),
        (-1, "piece", "−1 件", "−1 pc"),
        (850, "gram", "850 克", "850 g"),
        (1000, "gram", "1000 克", "1000 g"),
        (1001, "gram", "1 kg", "1 kg"),
        (1250, "gram", "1.25 kg", "1.25 kg"),
        (-6000, "gram", "−6 kg", "−6 kg"),
    ],
)
def test_quantity(amount: int, unit: str, zh: str, en: str) -> None:
    assert quantity(amount, unit, "zh") == zh
    assert quantity(amount, unit, "en") == en


def test_a_change_has_its_sign() -> None:
    assert change(2, "piece", "zh") == "+2 件"
    assert change(-140, "gram", "en") == "−140 g"


@pytest.mark.parametrize(
    ("ppm", "shown"),
    [(1_000_000, "100 %"), (999_999, "99.9 %"), (962_000, "96.2 %"), (6_000, "0.6 %"), (0, "0.0 %"), (-5, "0.0 %")],
)
def test_confidence_is_never_rounded_up(ppm: int, shown: str) -> None:
    assert confidence(ppm) == shown


def test_mass() -> None:
    assert mass(1_234_560, "en") == "1,234.6 g"
    assert mass(-50, "zh") == "0.0 克"
    assert mass(-2_040, "zh") == "−2.0 克"
    assert mass(None, "zh") == "—"


@pytest.mark.parametrize(
    ("ago_ms", "zh", "en"),
    [
        (0, "刚刚", "just now"),
        (-5000, "刚刚", "just now"),
        (12_000, "12 秒前", "12 s ago"),
        (59_999, "59 秒前", "59 s ago"),
        (60_000, "1 分钟前", "1 min ago"),
        (3_600_000, "1 小时前", "1 h ago"),
        (86_400_000 * 3, "3 天前", "3 d ago"),
    ],
)
def test_age(ago_ms: int, zh: str, en: str) -> None:
    assert age(NOW - ago_ms, NOW, "zh") == zh
    assert age(NOW - ago_ms, NOW, "en") == en


def test_never_and_stale() -> None:
    assert age(0, NOW, "zh") == "从未"
    assert stale(NOW - 61_000, NOW, 60_000)
    assert not stale(NOW - 60_000, NOW, 60_000)
