"""The number in a tag: an EPC of 96 bits read as an SGTIN, by the GS1 EPC Tag Data Standard (sections 7.3 and 14.6.1).

Pure. It knows no part and no cabinet; an EPC of any other scheme is none of ours and has no GTIN.
"""

from functools import lru_cache
from typing import NamedTuple

_HEADER = 0x30  # SGTIN-96
_SERIAL_BITS = 38
_COMPANY = ((40, 12), (37, 11), (34, 10), (30, 9), (27, 8), (24, 7), (20, 6))  # (bits, digits) by partition
_REFERENCE_BITS = 44  # of company prefix and item reference together; their digits are 13
_DIGITS = 13


class EpcError(ValueError):
    """Not an SGTIN-96; the text says what was expected and what was found."""


class Sgtin(NamedTuple):
    """A trade item and which piece of it."""

    gtin: str  # 14 digits
    serial: int


def read_sgtin(epc: str) -> Sgtin:
    """The item and serial of an EPC of 24 hex digits (`EpcError`)."""
    bits = _bits(epc)
    if bits >> 88 != _HEADER:
        raise EpcError(f"expected an EPC that begins with {_HEADER:02X} (SGTIN-96), found {epc!r}")
    partition = bits >> 82 & 7
    if partition >= len(_COMPANY):
        raise EpcError(f"expected a partition of 0 to {len(_COMPANY) - 1} in an SGTIN-96, found {partition} in {epc!r}")
    company_bits, company_digits = _COMPANY[partition]
    item_bits = _REFERENCE_BITS - company_bits
    reference = bits >> _SERIAL_BITS & (1 << _REFERENCE_BITS) - 1
    company = _decimal(reference >> item_bits, company_digits, epc)
    item = _decimal(reference & (1 << item_bits) - 1, _DIGITS - company_digits, epc)
    digits = item[0] + company + item[1:]
    return Sgtin(digits + check_digit(digits), bits & (1 << _SERIAL_BITS) - 1)


@lru_cache(maxsize=4096)  # some hundred tags of a cabinet are looked at again and again
def gtin_of(epc: str) -> str | None:
    """The GTIN of an EPC, or None when it is none of ours."""
    try:
        return read_sgtin(epc).gtin
    except EpcError:
        return None


def check_digit(digits: str) -> str:
    """The last digit of a GTIN whose other digits are these (GS1 General Specifications, 7.9.1)."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _bits(epc: str) -> int:
    if len(epc) != 24 or set(epc) - set("0123456789ABCDEFabcdef"):
        raise EpcError(f"expected an EPC of 24 hex digits, found {epc[:40]!r}")
    return int(epc, 16)


def _decimal(value: int, digits: int, epc: str) -> str:
    if value >= 10**digits:
        raise EpcError(f"expected a number of {digits} digits in an SGTIN-96, found {value} in {epc!r}")
    return f"{value:0{digits}d}"
