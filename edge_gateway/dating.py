"""When an event happened, in milliseconds since 1970-01-01 UTC.

Pure: the time of receipt is handed in. A controller with a clock says when; one without says only how long it
has been up, and then the beginning of its boot, as near as its messages tell, dates the event. A time is never
later than the receipt.
"""

AHEAD_MS_MAX = 120_000  # a clock may be this much ahead of ours before we stop believing it
BELIEVABLE_MS_MIN = 1_577_836_800_000  # 2020-01-01: an earlier clock was never set


def occurred_ms(utc_ms: int | None, up_ms: int, received_ms: int, boot_ms: int | None) -> int:
    """The time of an event. `boot_ms`: when the boot it belongs to began, if anything is known of it."""
    if utc_ms is not None and BELIEVABLE_MS_MIN <= utc_ms <= received_ms + AHEAD_MS_MAX:
        return min(utc_ms, received_ms)
    if boot_ms is not None:
        return min(boot_ms + up_ms, received_ms)
    return received_ms


def boot_began_ms(known_ms: int | None, up_ms: int, received_ms: int) -> int:
    """A better guess of when a boot began: no message arrives before it was sent, so the earliest guess is nearest."""
    guess = began_ms(received_ms, up_ms)
    return guess if known_ms is None else min(known_ms, guess)


def began_ms(ended_ms: int, lasted_ms: int) -> int:
    """When something began that lasted so long; its end when that would be before anybody had a cabinet."""
    began = ended_ms - lasted_ms
    return began if began >= BELIEVABLE_MS_MIN else ended_ms
