"""Numbers as people type them, as the whole units that are stored. Pure; None for what is no such number.

whole("12")               12
thousandths("850.5")      850500        grams as milligrams
percent_ppm("13")         130000
"""

import re
from decimal import Decimal

_DECIMAL = re.compile(r"\d{1,9}([.,]\d{1,6})?")
_DIGITS_MAX = 9


def whole(typed: str) -> int | None:
    """A whole number that is not negative."""
    told = typed.strip().replace(" ", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) <= _DIGITS_MAX else None


def thousandths(typed: str) -> int | None:
    """A decimal number in thousandths; None where it has finer parts."""
    return _scaled(typed, 1000)


def percent_ppm(typed: str) -> int | None:
    """A percentage in millionths of one."""
    return _scaled(typed.strip().removesuffix("%"), 10_000)


def thousandths_text(value: int) -> str:
    """How thousandths are typed."""
    return _text(value, 1000)


def percent_text(ppm: int) -> str:
    """How a percentage is typed."""
    return _text(ppm, 10_000)


def _scaled(typed: str, by: int) -> int | None:
    told = typed.strip()
    if not (told.isascii() and _DECIMAL.fullmatch(told)):
        return None
    scaled = Decimal(told.replace(",", ".")) * by
    return int(scaled) if scaled == scaled.to_integral_value() else None


def _text(value: int, by: int) -> str:
    return f"{Decimal(value) / by:f}" if value % by else str(value // by)
