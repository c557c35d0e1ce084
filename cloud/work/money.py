"""Money in whole minor units: exact, and rounded by one rule.

Pure. A price is net and of one unit, so a line's net amount is exact. Its tax is rounded to whole minor units by line,
half away from zero (四舍五入), as Chinese VAT invoices have it; sums are sums of rounded lines, so what is printed adds
up. Amounts of two currencies are never added.
"""

from collections.abc import Mapping
from typing import Final

PPM: Final = 1_000_000
_MINUS: Final = "\u2212"
# ISO 4217 currencies whose minor unit is not the hundredth part
_DIGITS: Final[Mapping[str, int]] = {
    "JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "PYG": 0, "UGX": 0, "XAF": 0, "XOF": 0, "ISK": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip
_SIGNS: Final[Mapping[str, str]] = {"CNY": "¥", "EUR": "€", "USD": "$", "GBP": "£"}


def tax_minor(net_minor: int, tax_ppm: int) -> int:
    """The tax on a net amount, rounded half away from zero: a credit takes back exactly what was charged."""
    product = abs(net_minor) * tax_ppm
    rounded = (2 * product + PPM) // (2 * PPM)
    return -rounded if net_minor < 0 else rounded


def digits_of(currency: str) -> int:
    """How many decimals a currency is written with."""
    return _DIGITS.get(currency, 2)


def amount_text(minor: int, currency: str) -> str:
    """An amount as a number, as 1234.50: for files."""
    digits = digits_of(currency)
    whole, part = divmod(abs(minor), 10**digits)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"


def money_text(minor: int, currency: str) -> str:
    """An amount as people read it, as ¥1,234.50 or SEK 1,234.50."""
    digits = digits_of(currency)
    whole, part = divmod(abs(minor), 10**digits)
    number = f"{whole:,}.{part:0{digits}d}" if digits else f"{whole:,}"
    sign = _SIGNS.get(currency, f"{currency}\u00a0")
    return f"{_MINUS if minor < 0 else ''}{sign}{number}"


def rate_text(tax_ppm: int) -> str:
    """A tax rate, as 13% or 7.7%."""
    whole, part = divmod(tax_ppm, 10_000)
    return f"{whole}.{f'{part:04d}'.rstrip('0')}%" if part else f"{whole}%"
