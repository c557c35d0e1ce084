"""Times of the day as people type and read them, as minutes of the day. Pure; None for what is no such time.

typed_minute("7:30")   450
clock_text(450)        "07:30"
"""

import re

MIDNIGHT = 24 * 60  # when something ends at the end of a day
_CLOCK = re.compile(r"([01]?\d|2[0-3])(?:[:：.](\d\d))?")


def typed_minute(typed: str) -> int | None:
    """A time such as 20:00, or 20."""
    found = _CLOCK.fullmatch(typed.strip())
    if not found or not typed.strip().replace("：", ":").isascii() or int(found[2] or 0) > 59:
        return None
    return int(found[1]) * 60 + int(found[2] or 0)


def typed_end(typed: str) -> int | None:
    """The same of an end, which may be 24:00."""
    return MIDNIGHT if typed.strip().replace("：", ":") in ("24", "24:00") else typed_minute(typed)


def clock_text(minute: int) -> str:
    """A minute of the day as a clock shows it."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
