"""A label in TSPL, the language of TSC's printers and of most Chinese ones.

Pure. Text is ASCII in one of the printer's bitmap fonts, as large as its box allows; Chinese goes as a picture
(BITMAP), or in GB 18030 where the settings name a font of the printer that has it (TSC, TSPL/TSPL2 Programming
Language).
"""

from typing import Final

from edge_gateway.serial_devices.label import COPIES_MAX, Bars, Label, Line, Square
from edge_gateway.serial_devices.label_fonts import LabelFont

STATUS: Final = b"\x1b!?"
FONTS: Final = (("5", 32, 48), ("4", 24, 32), ("3", 16, 24), ("2", 12, 20), ("1", 8, 12))  # name, width, height in dots


def tspl(label: Label, font: LabelFont, copies: int = 1, printer_font: str = "") -> bytes:
    """The label as a printer takes it."""
    if not 1 <= copies <= COPIES_MAX:
        raise ValueError(f"expected 1 to {COPIES_MAX} copies, found {copies}")
    paper = label.paper
    head = [f"SIZE {paper.width_mm} mm,{paper.height_mm} mm", f"GAP {paper.gap_mm} mm,0 mm", "DIRECTION 1", "CLS"]
    lines = [piece.encode("ascii") for piece in head]
    lines += [_text(line, font, printer_font) for line in label.lines if line.text]
    lines += [_square(code) for code in label.squares]
    lines += [_bars(bars) for bars in label.bars]
    lines.append(f"PRINT 1,{copies}".encode())
    return b"\r\n".join(lines) + b"\r\n"


def _text(line: Line, font: LabelFont, printer_font: str) -> bytes:
    if not line.text.isascii() and not printer_font:
        return _picture(line, font)
    if line.text.isascii():
        name, times = _font(line)
        if name:
            return b'TEXT %d,%d,"%s",0,%d,%d,"%s"' % (line.x, line.y, name, times, times, escaped(line.text))
        return _picture(line, font)
    times = max(1, line.height // 24)
    return b'TEXT %d,%d,"%s",0,%d,%d,"%s"' % (line.x, line.y, printer_font.encode(), times, times, escaped(line.text))


def _font(line: Line) -> tuple[bytes, int]:
    """The largest font of the printer, and how often enlarged, that fits the line's box; b"" when none does."""
    fitting = [
        (height * times, name.encode(), times)
        for name, width, height in FONTS
        for times in range(1, 9)
        if height * times <= line.height and width * times * len(line.text) <= line.width
    ]
    if not fitting:
        return b"", 0
    _height, name, times = max(fitting)
    return name, times


def _picture(line: Line, font: LabelFont) -> bytes:
    dots = font.dots(line.text, line.height)
    inverted = bytes(byte ^ 0xFF for byte in dots.rows)  # here a clear bit is black
    head = b"BITMAP %d,%d,%d,%d,0," % (line.x, line.y, dots.row_bytes, dots.height)
    return head + _without_tail(inverted, dots.width, dots.row_bytes)


def _without_tail(rows: bytes, width: int, row_bytes: int) -> bytes:
    """Rows whose last byte is white beyond the width."""
    beyond = row_bytes * 8 - width
    if not beyond:
        return rows
    made = bytearray(rows)
    for place in range(row_bytes - 1, len(made), row_bytes):
        made[place] |= (1 << beyond) - 1
    return bytes(made)


def _square(code: Square) -> bytes:
    return b'QRCODE %d,%d,M,%d,A,0,"%s"' % (code.x, code.y, code.dots, escaped(code.data))


def _bars(bars: Bars) -> bytes:
    wide = bars.dots * 2
    place = b"%d,%d" % (bars.x, bars.y)
    return b'BARCODE %b,"128",%d,0,0,%d,%d,"%s"' % (place, bars.height, bars.dots, wide, escaped(bars.data))


def escaped(text: str) -> bytes:
    """What stands between quotes: a quote of its own in brackets, no control characters, Chinese in GB 18030."""
    kept = "".join(c for c in text if c.isprintable())
    return kept.replace('"', '\\["]').encode("gb18030", errors="replace")
