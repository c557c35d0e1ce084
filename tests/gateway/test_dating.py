"""When an event happened, with a clock and without."""

import pytest

from edge_gateway.dating import AHEAD_MS_MAX, began_ms, boot_began_ms, occurred_ms

NOW = 1_790_000_000_000


@pytest.mark.parametrize(
    ("utc_ms", "up_ms", "boot_ms", "expected"),
    [
        (NOW - 86_400_000, 5, None, NOW - 86_400_000),  # a day in the cabinet's journal
        (NOW + AHEAD_MS_MAX, 5, None, NOW),  # a clock a little ahead is believed, but nothing is in the future
        (NOW + AHEAD_MS_MAX + 1, 5000, NOW - 60_000, NOW - 55_000),
        (NOW + AHEAD_MS_MAX + 1, 5000, None, NOW),
        (1_000, 5000, NOW - 60_000, NOW - 55_000),  # a clock that was never set
        (None, 5000, NOW - 60_000, NOW - 55_000),
        (None, 90_000, NOW - 60_000, NOW),
        (None, 5000, None, NOW),
    ],
)
def test_table(utc_ms: int | None, up_ms: int, boot_ms: int | None, expected: int) -> None:
    assert occurred_ms(utc_ms, up_ms, NOW, boot_ms) == expected


def test_the_fastest_message_dates_a_boot_best() -> None:
    late = boot_began_ms(None, 1_000, NOW + 400)
    quick = boot_began_ms(late, 2_000, NOW + 1_010)
    assert (late, quick) == (NOW - 600, NOW - 990)
    assert boot_began_ms(quick, 3_000, NOW + 9_000) == quick


def test_what_lasted_for_ages_does_not_date_anything() -> None:
    ages_ms = 9_007_199_254_740_991
    assert began_ms(NOW, ages_ms) == NOW
    assert boot_began_ms(None, ages_ms, NOW) == NOW
    assert boot_began_ms(NOW - 600, ages_ms, NOW) == NOW - 600
