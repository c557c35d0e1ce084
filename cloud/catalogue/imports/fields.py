"""How one cell becomes a value: each reader takes a cell's text and answers the value, or says what it expected.

Pure. `CellError` carries the key of what was expected (`words.py`); the line, the column and what was found are added
by whoever reads the line.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from cloud.catalogue.imports.cells import DateCell, ErrorCell, NumberCell
from cloud.catalogue.imports.numbers import (
    DecimalMark,
    NumberError,
    mass_mg,
    money_minor,
    narrow,
    number,
    tax_ppm,
    whole,
)
from edge_gateway.shop_document import NAME_CHARACTERS_MAX, is_gtin

TEXT_CHARACTERS_MAX = 500
INT_MAX = 2**31 - 1
MASS_MG_MAX = 1_000_000_000
MONEY_MINOR_MAX = 10**12
DANGEROUS: Final = ("=", "+", "-", "@")  # how a formula begins
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
_DATE_LIKE = re.compile(
    r"\d{4}[/-]\d{1,2}[/-]\d{1,2}|\d{1,2}-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\d{1,2}月\d{1,2}日",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(:00)?)?")
_VIN_LETTERS = r"[A-HJ-NPR-Z0-9]"


class CellError(ValueError):
    """A cell that cannot be taken: the key of what was expected, and its values."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values: Mapping[str, str] = {name: str(value) for name, value in values.items()}


@dataclass
class Reading:
    """What reading a cell depends on, and what was noticed of the present line: (column, key, values)."""

    mark: DecimalMark = ""
    mass_unit: str = ""
    money_unit: str = ""
    shops: Mapping[str, str] = field(default_factory=dict)
    noticed: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)

    def notice(self, column: str, key: str, **values: str) -> None:
        """Something worth a look that stops nothing."""
        self.noticed.append((column, key, values))


Reader = Callable[[str, Reading], Any]


def text(most: int = TEXT_CHARACTERS_MAX) -> Reader:
    """Text on one line."""

    def read(cell: str, _reading: Reading) -> str:
        return _clean(cell, most)

    return read


def _clean(cell: str, most: int) -> str:
    if isinstance(cell, ErrorCell):
        raise CellError("no_error")
    plain = " ".join(cell.split())
    if not plain.isascii():
        plain = unicodedata.normalize("NFC", plain)
    if plain[:1] == "'" and plain[1:2] in DANGEROUS:
        plain = plain[1:]  # as an export writes it, so that no program takes it for a formula
    if not plain.isprintable() and _CONTROL.search(plain):
        raise CellError("text_clean")
    if len(plain) > most:
        raise CellError("text_short", most=most)
    return plain


def part_number(column: str) -> Reader:
    """A number that names a part: what Excel does to such numbers is refused or noticed."""

    def read(cell: str, reading: Reading) -> str:
        if isinstance(cell, DateCell):
            raise CellError("number_not_date")
        plain = _clean(cell, NAME_CHARACTERS_MAX)
        if _SCIENTIFIC.fullmatch(plain):
            raise CellError("number_not_scientific")
        if _DATE_LIKE.fullmatch(plain):
            reading.notice(column, "looks_like_date")
        if isinstance(cell, NumberCell) and len(plain) > 15:
            reading.notice(column, "digits_lost")
        return plain

    return read


def _number_of(read: Callable[[], int]) -> int:
    try:
        return read()
    except NumberError as error:
        raise CellError(str(error)) from None


def _bounded(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise CellError("in_range", least=least, most=most)
    return value


def integer(least: int, most: int) -> Reader:
    """A whole number within bounds."""

    def read(cell: str, reading: Reading) -> int:
        return _bounded(_number_of(lambda: whole(number(_value(cell), reading.mark))), least, most)

    return read


def mass(cell: str, reading: Reading) -> int:
    """A mass in milligrams."""
    return _bounded(_number_of(lambda: mass_mg(_value(cell), reading.mass_unit, reading.mark)), 0, MASS_MG_MAX)


def money(cell: str, reading: Reading) -> int:
    """Money in minor units."""
    return _bounded(_number_of(lambda: money_minor(_value(cell), reading.money_unit, reading.mark)), 0, MONEY_MINOR_MAX)


def tax(cell: str, reading: Reading) -> int:
    """A rate of tax in parts per million."""
    return _bounded(_number_of(lambda: tax_ppm(_value(cell), reading.mark)), 0, 1_000_000)


def _value(cell: str) -> str:
    if isinstance(cell, ErrorCell):
        raise CellError("no_error")
    if isinstance(cell, DateCell):
        raise CellError("a_number")
    return cell


def one_of(words: Mapping[str, str], expected: str) -> Reader:
    """One of a few words, as any of their names."""

    def read(cell: str, _reading: Reading) -> str:
        found = words.get(narrow(_clean(cell, TEXT_CHARACTERS_MAX)).lower())
        if found is None:
            raise CellError(expected)
        return found

    return read


_YES_NO: Final = {
    **dict.fromkeys(("yes", "y", "true", "1", "是", "停用", "withdrawn"), "yes"),
    **dict.fromkeys(("no", "n", "false", "0", "否"), "no"),
}


def flag(cell: str, reading: Reading) -> bool:
    """Yes or no."""
    return bool(one_of(_YES_NO, "yes_or_no")(cell, reading) == "yes")


CATEGORY_WORDS: Final = {
    **dict.fromkeys(("appearance", "外观件", "外观", "body"), "appearance"),
    **dict.fromkeys(("chassis", "底盘件", "底盘"), "chassis"),
    **dict.fromkeys(("engine", "发动机件", "发动机"), "engine"),
    **dict.fromkeys(("electrical", "电子电器件", "电子电器", "电器件", "电器"), "electrical"),
    **dict.fromkeys(("wearing", "易损易耗件", "易损件", "易耗件", "易损易耗"), "wearing"),
}
UNIT_WORDS: Final = {
    **dict.fromkeys(("piece", "pieces", "pc", "pcs", "件", "个", "只", "支", "套", "条", "片", "根"), "piece"),
    **dict.fromkeys(("gram", "grams", "g", "克"), "gram"),
}
REFERENCE_WORDS: Final = {
    **dict.fromkeys(("oe", "oem", "oe号", "原厂", "原厂号", "原厂件"), "oe"),
    **dict.fromkeys(("competitor", "竞品", "竞品号", "竞争品牌", "aftermarket"), "competitor"),
    **dict.fromkeys(("old", "旧号", "老号", "previous"), "old"),
}


def day(cell: str, _reading: Reading) -> str:
    """A day as 2026-11-22; one whose day and month could be changed about is refused."""
    plain = unicodedata.normalize("NFKC", cell).strip()
    match = _DAY.fullmatch(plain)
    if isinstance(cell, (NumberCell, ErrorCell)) or not match:
        raise CellError("a_day")
    try:
        return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        raise CellError("a_day") from None


def gtin(cell: str, reading: Reading) -> str:
    """A GTIN; zeros that Excel took from its front are put back when the check digit says so."""
    plain = narrow(_clean(cell, TEXT_CHARACTERS_MAX))
    if not plain.isascii() or not plain.isdigit() or len(plain) > 14:
        raise CellError("a_gtin")
    longer = next((length for length in (8, 12, 13, 14) if length >= len(plain)), 14)
    whole_number = plain.zfill(longer) if longer - len(plain) <= 2 else plain
    if not is_gtin(whole_number):
        raise CellError("a_gtin")
    if whole_number != plain:
        reading.notice("gtin", "zeros_restored", gtin=whole_number)
    return whole_number


def address(cell: str, _reading: Reading) -> str:
    """A web address."""
    plain = _clean(cell, TEXT_CHARACTERS_MAX)
    try:
        parts = urlsplit(plain)
    except ValueError:
        raise CellError("an_address") from None
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise CellError("an_address")
    return plain


def currency(cell: str, _reading: Reading) -> str:
    """A currency by its three letters."""
    plain = narrow(_clean(cell, TEXT_CHARACTERS_MAX)).upper()
    plain = {"元": "CNY", "人民币": "CNY", "RMB": "CNY", "¥": "CNY"}.get(plain, plain)
    if not re.fullmatch(r"[A-Z]{3}", plain):
        raise CellError("a_currency")
    return plain


def _matching(pattern: str, expected: str) -> Reader:
    shape = re.compile(pattern)

    def read(cell: str, _reading: Reading) -> str:
        plain = narrow(_clean(cell, TEXT_CHARACTERS_MAX)).upper()
        if isinstance(cell, DateCell) or not shape.fullmatch(plain):
            raise CellError(expected)
        return plain

    return read


wmi: Final = _matching(_VIN_LETTERS + "{3}", "a_wmi")
vin: Final = _matching(_VIN_LETTERS + "{17}", "a_vin")
vin_pattern: Final = _matching(r"[A-HJ-NPR-Z0-9?]{0,14}", "a_pattern")


def shop(cell: str, reading: Reading) -> str:
    """A shop's id, by its id or its name."""
    found = reading.shops.get(_clean(cell, TEXT_CHARACTERS_MAX))
    if found is None:
        raise CellError("known_shop")
    return found
