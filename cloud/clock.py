"""The wall clock as the cloud reads it; handed in, so that tests bring their own."""

import time


def wall_clock_ms() -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000
