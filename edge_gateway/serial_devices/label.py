"""A label as it shall look: what stands where, in dots. Printer languages and the picture on the kiosk are made of it.

Pure. Sizes are millimetres and dots per inch; everything lies within the label, or is made smaller until it does, or is
left out (a barcode too wide to be read is worse than none).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from edge_gateway.serial_devices.label_fonts import LabelFont
from edge_gateway.serial_devices.scans import BIN_PREFIX

MARGIN_MM: Final = 2
QUIET_MODULES: Final = 2  # beside the margin
TEXT_CHARACTERS_MAX: Final = 64
COPIES_MAX: Final = 100
_LEAST: Final = 14  # dots: no smaller text can be read
_CODE128_MAX: Final = 40


class LabelError(ValueError):
    """A label cannot be made; the text says what was expected and what was found."""


class Line(NamedTuple):
    """A line of text in a box; `height` is that of the line."""

    x: int
    y: int
    width: int
    height: int
    text: str


class Square(NamedTuple):
    """A QR code, error correction M. `modules` of `dots` dots each way."""

    x: int
    y: int
    modules: int
    dots: int
    data: str

    @property
    def size(self) -> int:
        """Its width and height in dots."""
        return self.modules * self.dots


class Bars(NamedTuple):
    """A Code 128 barcode, without its text. `dots`: of the narrowest bar."""

    x: int
    y: int
    width: int
    height: int
    dots: int
    data: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What is in the printer."""

    width_mm: int
    height_mm: int
    dpi: int
    gap_mm: int = 2

    def dots(self, mm: float) -> int:
        """So many millimetres."""
        return int(mm * self.dpi / 25.4)

    @property
    def width(self) -> int:
        """In dots."""
        return self.dots(self.width_mm)

    @property
    def height(self) -> int:
        """In dots."""
        return self.dots(self.height_mm)


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a label."""

    paper: Paper
    lines: tuple[Line, ...]
    squares: tuple[Square, ...] = ()
    bars: tuple[Bars, ...] = ()


@dataclass(frozen=True, slots=True)
class PartWords:
    """What a label says of a part."""

    number: str
    name_zh: str = ""
    name_en: str = ""
    brand: str = ""
    gtin: str = ""


def bin_label(paper: Paper, font: LabelFont, cabinet: str, number: int, part: PartWords | None) -> Label:
    """The label of a bin: its number, large; its part; a code that the kiosk's scanner understands."""
    margin = paper.dots(MARGIN_MM)
    code = square(f"{BIN_PREFIX}{cabinet}/{number}", paper, paper.height * 45 // 100)
    code = code._replace(x=paper.width - margin - code.size, y=margin)
    top = code.size
    lines = [_fit(font, str(number), margin, margin, code.x - 2 * margin, top * 7 // 10)]
    lines.append(_fit(font, cabinet, margin, margin + top * 7 // 10, code.x - 2 * margin, top * 3 // 10))
    below = margin + top + margin // 2
    texts = [part.number, part.name_zh, part.name_en] if part else ["—" if font.has_chinese else "-"]
    lines += _stack(font, [text for text in texts if text], margin, below, paper)
    return Label(paper, tuple(lines), (code,))


def part_label(paper: Paper, font: LabelFont, part: PartWords, epc: str = "", serial: str = "") -> Label:
    """The label of a part, or of one piece of it: `epc` is that of its tag, `serial` its number."""
    margin = paper.dots(MARGIN_MM)
    data = f"(01){part.gtin.zfill(14)}(21){serial}" if part.gtin and serial else part.number
    code = square(data, paper, paper.height * 42 // 100)
    code = code._replace(x=paper.width - margin - code.size, y=margin)
    texts = [text for text in (part.number, part.name_zh or part.name_en, part.brand) if text]
    each = max(_LEAST, code.size // len(texts))
    lines = [
        _fit(font, text, margin, margin + place * each, code.x - 2 * margin, each * 9 // 10)
        for place, text in enumerate(texts)
    ]
    below = margin + code.size + margin // 2
    bars = _bars(part.number, paper, below, paper.height // 5)
    if bars is not None:
        below = bars.y + bars.height + margin // 2
    more = [part.name_en if part.name_zh else "", f"EPC {epc}" if epc else ""]
    lines += _stack(font, [text for text in more if text], margin, below, paper)
    return Label(paper, tuple(lines), (code,), (bars,) if bars is not None else ())


def square(data: str, paper: Paper, size_max: int) -> Square:
    """A QR code of at most so many dots, at the corner (`LabelError` when even the smallest is larger)."""
    modules = len(qr_modules(data))
    dots = min(10, size_max // modules)
    if dots < 2:
        raise LabelError(f"expected a label of {paper.height_mm} mm to hold a code of {modules} modules, found no room")
    return Square(0, 0, modules, dots, data)


@lru_cache(maxsize=64)
def qr_modules(data: str) -> tuple[tuple[bool, ...], ...]:
    """The modules of a QR code of bytes, error correction M, in the smallest version."""
    from reportlab.graphics.barcode import qrencoder  # noqa: PLC0415 - slow to import, and few gateways print

    code = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData(qrencoder.QR8bitByte(data.encode()))
    code.make()
    return tuple(tuple(bool(dark) for dark in row) for row in code.modules)


def code128_width(data: str, dots: int) -> int:
    """Of set B: start, a symbol a character, check and stop (ISO/IEC 15417)."""
    return (11 * (len(data) + 2) + 13) * dots


def _bars(data: str, paper: Paper, y: int, height: int) -> Bars | None:
    margin = paper.dots(MARGIN_MM)
    room = paper.width - 2 * margin - 20
    if not data.isascii() or not data.isprintable() or len(data) > _CODE128_MAX:
        return None
    for dots in (paper.dots(0.38), paper.dots(0.25)):
        width = code128_width(data, max(1, dots))
        if dots and width <= room and y + height <= paper.height - margin:
            return Bars((paper.width - width) // 2, y, width, height, dots, data)
    return None


def _stack(font: LabelFont, texts: list[str], x: int, y: int, paper: Paper) -> list[Line]:
    """Lines one below the other in what is left of the label; those that would be too small are left out."""
    margin = paper.dots(MARGIN_MM)
    room = paper.height - margin - y
    while texts and room // len(texts) < _LEAST:
        texts = texts[:-1]
    if not texts:
        return []
    each = min(room // len(texts), paper.dots(7))
    width = paper.width - 2 * margin
    return [_fit(font, text, x, y + place * each, width, each * 9 // 10) for place, text in enumerate(texts)]


def _fit(font: LabelFont, text: str, x: int, y: int, width: int, height: int) -> Line:  # noqa: PLR0917 - a box
    """A line as high as fits; cut where even the smallest is too long."""
    text = "".join(c for c in text[:TEXT_CHARACTERS_MAX] if c.isprintable())
    font.check(text)
    while height > _LEAST and font.width(text, height) > width:
        height -= 1
    while text and font.width(text, height) > width:
        text = text[:-1]
    return Line(x, y, min(width, max(1, font.width(text, height))), height, text)
