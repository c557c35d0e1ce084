"""What a barcode scanner sends, and what it means: a trade item's number, a GS1 element string, a label of ours, text.

Pure. GS1 element strings are read by the table of application identifiers (GS1 General Specifications, section 3) with
FNC1 as the separator that scanners send as GS (0x1D), or in brackets as people write them; AIM symbology identifiers
(`]C1`, `]d2`, `]E0` ...) say what was scanned. A trade item's number counts only with its right check digit.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from edge_gateway.sgtin import check_digit

Kind = Literal["gtin", "gs1", "bin", "text"]
FNC1: Final = "\x1d"
BIN_PREFIX: Final = "PB:"  # of the label on a bin: PB:<cabinet>/<bin>
SCAN_BYTES_MAX: Final = 512
_GS1_AIMS: Final = ("]C1", "]e0", "]d2", "]Q3", "]J1")
_GTIN_LENGTHS: Final = (8, 12, 13, 14)
# Application identifiers: (characters, fixed length or None, how long at most).
_FIXED: Final[Mapping[str, int]] = {
    "00": 18, "01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2,
    "410": 13, "411": 13, "412": 13, "413": 13, "414": 13, "415": 13, "416": 13, "417": 13,
}  # fmt: skip
_UP_TO: Final[Mapping[str, int]] = {
    "10": 20, "21": 20, "22": 20, "30": 8, "37": 8, "235": 28, "240": 30, "241": 30, "242": 6, "243": 20, "250": 30,
    "251": 30, "254": 20, "400": 30, "401": 30, "403": 30, "420": 20, "422": 3, **{str(n): 90 for n in range(90, 100)},
}  # fmt: skip


class Scan(NamedTuple):
    """What was scanned. `text` as it was read, without symbology identifier, prefix and suffix.

    `gtin`: 14 digits, "" when there is none; `elements`: (identifier, value) of an element string, in order. `cabinet`
    and `bin`: of a label of ours.
    """

    kind: Kind
    text: str
    gtin: str = ""
    elements: tuple[tuple[str, str], ...] = ()
    cabinet: str = ""
    bin: int = 0

    def value(self, identifier: str) -> str:
        """What an application identifier says, "" when it is not there."""
        return dict(self.elements).get(identifier, "")


class ScannerLines:
    """A parser of what a scanner sends: lines that end with CR, LF or both; too long a one is dropped."""

    def __init__(self, prefix: str = "", suffix: str = "") -> None:
        self._prefix, self._suffix = prefix, suffix
        self._kept = bytearray()
        self._overlong = False

    def forget(self) -> None:
        """What has come so far ends in nothing."""
        self._kept.clear()
        self._overlong = False

    def feed(self, data: bytes) -> list[Scan]:
        """The scans that are complete with these bytes."""
        found = []
        for byte in data:
            if byte in (0x0A, 0x0D):
                scan = None if self._overlong else self._read(bytes(self._kept))
                self.forget()
                if scan is not None:
                    found.append(scan)
            elif len(self._kept) >= SCAN_BYTES_MAX:
                self._kept.clear()
                self._overlong = True
            else:
                self._kept.append(byte)
        return found

    def _read(self, line: bytes) -> Scan | None:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            text = line.decode("latin-1")
        text = text.removeprefix(self._prefix).removesuffix(self._suffix).strip(" \t\x00\x02\x03")
        return read_scan(text) if text and not any(c < " " and c != FNC1 for c in text) else None


def read_scan(text: str) -> Scan:
    """What a line of a scanner, or one typed by a wedge, means."""
    aim, text = (text[:3], text[3:]) if _is_aim(text) else ("", text)
    plain = text.strip(FNC1 + " ")
    if plain.startswith(BIN_PREFIX):
        return _bin(plain)
    elements = _bracketed(plain) if plain.startswith("(") else _elements(text, aim)
    if elements:
        gtin = dict(elements).get("01", "") or dict(elements).get("02", "")
        return Scan("gs1", plain, gtin, elements)
    gtin = gtin14(plain)
    return Scan("gtin", plain, gtin) if gtin else Scan("text", plain)


def gtin14(digits: str) -> str:
    """A trade item's number of 8, 12, 13 or 14 digits as 14; "" when it is none, or its check digit is wrong."""
    is_one = len(digits) in _GTIN_LENGTHS and digits.isascii() and digits.isdigit()
    return digits.zfill(14) if is_one and check_digit(digits[:-1]) == digits[-1] else ""


def _is_aim(text: str) -> bool:
    return len(text) > 3 and text[0] == "]" and text[1].isalpha() and text[2].isalnum()


def _bin(text: str) -> Scan:
    cabinet, _, number = text.removeprefix(BIN_PREFIX).rpartition("/")
    if cabinet and number.isascii() and number.isdigit() and len(number) <= 3:
        return Scan("bin", text, cabinet=cabinet, bin=int(number))
    return Scan("text", text)


def _elements(text: str, aim: str) -> tuple[tuple[str, str], ...]:
    """The element string in what was scanned; () when it is none."""
    said = aim in _GS1_AIMS or FNC1 in text
    if aim and not said:
        return ()
    found = _read_elements(text.lstrip(FNC1))
    # Without a sign that it is one, a number that happens to begin with 01 must be all of it sound.
    return found if said or (found and found[0][0] in ("01", "02")) else ()


def _read_elements(rest: str) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    while rest:
        identifier, length, is_fixed = _identifier(rest)
        if not identifier:
            return ()
        rest = rest[len(identifier) :]
        value = rest[:length] if is_fixed else rest.partition(FNC1)[0]
        if not _is_sound(identifier, value, length, is_fixed):
            return ()
        found.append((identifier, value))
        rest = rest[len(value) :].lstrip(FNC1)
    return tuple(found)


def _bracketed(text: str) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for piece in text[1:].split("("):
        identifier, closed, value = piece.partition(")")
        known, length, is_fixed = _identifier(identifier)
        if not closed or known != identifier or not _is_sound(identifier, value, length, is_fixed):
            return ()
        found.append((identifier, value))
    return tuple(found)


def _identifier(text: str) -> tuple[str, int, bool]:
    """(identifier, length of its value, whether that is fixed) at the beginning of a text; "" when there is none."""
    if len(text) >= 4 and text[:2] in ("31", "32", "33", "34", "35", "36") and text[:4].isdigit():
        return text[:4], 6, True
    for characters in (2, 3):
        name = text[:characters]
        if name in _FIXED:
            return name, _FIXED[name], True
        if name in _UP_TO:
            return name, _UP_TO[name], False
    return "", 0, False


def _is_sound(identifier: str, value: str, length: int, is_fixed: bool) -> bool:
    if is_fixed and (len(value) != length or not (value.isascii() and value.isdigit())):
        return False
    if identifier in ("01", "02") and not gtin14(value):
        return False
    return 0 < len(value) <= length and FNC1 not in value
