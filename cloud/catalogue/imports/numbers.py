"""Numbers as people write them: 1,234.56 and 1.234,56 and １２３４, with units of mass and money.

Pure. A number that could be two is never read as one of them: `NumberError`.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Literal

from cloud.catalogue.imports.cells import NumberCell

DecimalMark = Literal["", ".", ","]
MASS_MG = {"mg": 1, "g": 1000, "kg": 1_000_000}
_MASS_WORDS = {"毫克": "mg", "千克": "kg", "公斤": "kg", "克": "g", "kg": "kg", "mg": "mg", "g": "g"}
_MASS = re.compile(r"^(.*?)\s*(毫克|千克|公斤|克|kg|mg|g)$", re.IGNORECASE)
_MONEY = re.compile(r"^(?:[¥$€]|CNY|RMB|USD|EUR)?\s*(.*?)\s*(元|分|CNY|RMB|USD|EUR)?$", re.IGNORECASE)
_PLAIN = re.compile(r"[+-]?\d+")
_POINT = re.compile(r"[+-]?([1-9]\d{0,2}(,\d{3})+|\d+)(\.\d+)?|[+-]?\.\d+")
_COMMA = re.compile(r"[+-]?([1-9]\d{0,2}(\.\d{3})+|\d+)(,\d+)?|[+-]?,\d+")
_DIGITS_MAX = 18


class NumberError(ValueError):
    """No number, or one that could be two; the text is the key of what was expected."""


def narrow(text: str) -> str:
    """The same with full-width digits and signs made narrow and all kinds of blanks taken away."""
    if text.isascii() and text.isalnum():
        return text
    return re.sub(r"[\s\u00a0\u2009\u202f'’]", "", unicodedata.normalize("NFKC", text))


def ways(text: str) -> set[DecimalMark]:
    """By which decimal marks a text is a number; both when it is the same number either way."""
    found: set[DecimalMark] = set()
    if _POINT.fullmatch(text):
        found.add(".")
    if _COMMA.fullmatch(text):
        found.add(",")
    return found


def is_ambiguous(text: str) -> bool:
    """Whether a text is one number with a decimal point and another with a decimal comma, such as 1,234."""
    text = narrow(text)
    return len(ways(text)) == 2 and not _PLAIN.fullmatch(text)


def number(text: str, mark: DecimalMark) -> Decimal:
    """The number a text stands for (`NumberError`)."""
    if isinstance(text, NumberCell):
        return Decimal(text)
    if text.isdigit() and text.isascii() and len(text) <= _DIGITS_MAX:
        return Decimal(text)
    plain = narrow(text)
    if len(plain) > _DIGITS_MAX + 8:
        raise NumberError("a_number")
    if _PLAIN.fullmatch(plain):
        return Decimal(plain)
    found = ways(plain)
    if not found:
        raise NumberError("a_number")
    if mark == "":
        if len(found) == 2:
            raise NumberError("a_number_that_is_one")
        mark = found.pop()
    if mark not in ways(plain):
        raise NumberError("number_with_point" if mark == "." else "number_with_comma")
    thousands = "," if mark == "." else "."
    return Decimal(plain.replace(thousands, "").replace(mark, "."))


def whole(value: Decimal) -> int:
    """A number without a fraction (`NumberError`)."""
    if value != value.to_integral_value():
        raise NumberError("a_whole_number")
    return int(value)


def mass_mg(text: str, unit: str, mark: DecimalMark) -> int:
    """A mass; a unit in the cell goes before that of the column (`NumberError`). Finer than a milligram is rounded."""
    has_unit = not isinstance(text, NumberCell) and not text[-1:].isdigit()
    match = _MASS.match(unicodedata.normalize("NFKC", text).strip()) if has_unit else None
    if match:
        text, unit = match[1], _MASS_WORDS[match[2].lower()]
    if unit not in MASS_MG:
        raise NumberError("a_mass_with_unit")
    return round(number(text, mark) * MASS_MG[unit])


def money_minor(text: str, unit: str, mark: DecimalMark) -> int:
    """Money in minor units; `unit` is "major" (元) or "minor" (分), or is said in the cell (`NumberError`)."""
    if not isinstance(text, NumberCell):
        match = _MONEY.match(unicodedata.normalize("NFKC", text).strip())
        if match:
            text = match[1]
            unit = "minor" if match[2] == "分" else "major" if match[2] else unit
    if unit not in {"major", "minor"}:
        raise NumberError("money_with_unit")
    value = number(text, mark) * (100 if unit == "major" else 1)
    if value != value.to_integral_value():
        raise NumberError("money_to_the_cent")
    return int(value)


def tax_ppm(text: str, mark: DecimalMark) -> int:
    """A rate of tax in parts per million: `13 %` and `13` are the same, `0.13` could be either (`NumberError`)."""
    plain = narrow(text)
    said = plain.endswith("%")
    value = number(
        type(text)(plain.removesuffix("%")) if isinstance(text, NumberCell) else plain.removesuffix("%"), mark
    )
    if not said and 0 < value < 1:
        raise NumberError("tax_in_percent")
    return whole(value * 10_000)


def mass_unit_in(header: str) -> str:
    """The unit of mass that a column's header says, such as `克重(g)`; "" when it says none."""
    plain = unicodedata.normalize("NFKC", header).lower()
    match = re.search(r"(?:^|[^a-z])(毫克|千克|公斤|kg|mg|g)(?:$|[^a-z])", plain) or re.search(r"(克)(?!重)", plain)
    return _MASS_WORDS[match[1]] if match else ""


def money_unit_in(header: str) -> str:
    """The unit of money that a column's header says, such as `单价(元)`; "" when it says none."""
    plain = unicodedata.normalize("NFKC", header).lower()
    if re.search(r"[((]?分[))]?$", plain) or "cents" in plain or "minor" in plain:
        return "minor"
    return "major" if re.search(r"元|yuan|cny|rmb|¥|usd|eur|\$|€", plain) else ""
