"""A label in ZPL II, the language of Zebra's printers and of many others.

Pure. ASCII goes as text in the printer's font 0 with every sign of the language escaped (^FH); Chinese as a picture
(^GFA), or as text where the settings name a font of the printer that has it (Zebra, ZPL II Programming Guide).
"""

from typing import Final

from edge_gateway.serial_devices.label import COPIES_MAX, Bars, Label, Line, Square
from edge_gateway.serial_devices.label_fonts import LabelFont

STATUS: Final = b"~HS"


def zpl(label: Label, font: LabelFont, copies: int = 1, printer_font: str = "") -> bytes:
    """The label as a printer takes it."""
    if not 1 <= copies <= COPIES_MAX:
        raise ValueError(f"expected 1 to {COPIES_MAX} copies, found {copies}")
    pieces = ["^XA", "^CI28", f"^PW{label.paper.width}", f"^LL{label.paper.height}", "^LH0,0"]
    pieces += [_text(line, font, printer_font) for line in label.lines if line.text]
    pieces += [_square(code) for code in label.squares]
    pieces += [_bars(bars) for bars in label.bars]
    pieces += [f"^PQ{copies}", "^XZ"]
    return ("\n".join(pieces) + "\n").encode("ascii")


def _text(line: Line, font: LabelFont, printer_font: str) -> str:
    at = f"^FO{line.x},{line.y}"
    if line.text.isascii() or printer_font:
        width = max(1, min(line.height, line.width * 2 // max(1, len(line.text))))  # never wider than its box
        name = "0N" if line.text.isascii() else f"@N,{line.height},{line.height},{printer_font}"
        size = f",{line.height},{width}" if line.text.isascii() else ""
        return f"{at}^A{name}{size}^FH_^FD{escaped(line.text)}^FS"
    dots = font.dots(line.text, line.height)
    return f"{at}^GFA,{len(dots.rows)},{len(dots.rows)},{dots.row_bytes},{dots.rows.hex().upper()}^FS"


def _square(code: Square) -> str:
    return f"^FO{code.x},{code.y}^BQN,2,{code.dots}^FH_^FDMM,B{len(code.data.encode()):04d}{escaped(code.data)}^FS"


def _bars(bars: Bars) -> str:
    data = escaped(bars.data.replace(">", ">0"))  # ">" begins a control of Code 128 there
    return f"^FO{bars.x},{bars.y}^BY{bars.dots}^BCN,{bars.height},N,N,N^FH_^FD>:{data}^FS"


def escaped(text: str) -> str:
    """Field data for ^FH: what is a sign of the language, or no printable ASCII, as the hex of its UTF-8."""
    return "".join(c if c.isascii() and c.isprintable() and c not in "^~_\\" else _hex(c) for c in text)


def _hex(character: str) -> str:
    return "".join(f"_{byte:02X}" for byte in character.encode())
