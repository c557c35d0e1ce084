"""A label as a picture, made of the same layout as what is printed: for the kiosk to show before paper is spent."""

import base64
import io
from typing import Any

from PIL import Image, ImageDraw

from edge_gateway.serial_devices.label import Bars, Label, Square, qr_modules
from edge_gateway.serial_devices.label_fonts import LabelFont


def picture(label: Label, font: LabelFont) -> Image.Image:
    """Black on white, a pixel a dot."""
    made = Image.new("L", (label.paper.width, label.paper.height), 255)
    for line in label.lines:
        if line.text:
            made.paste(font.image(line.text, line.height), (line.x, line.y))
    draw = ImageDraw.Draw(made)
    for code in label.squares:
        _draw_square(draw, code)
    for bars in label.bars:
        _draw_bars(draw, bars)
    return made


def picture_address(label: Label, font: LabelFont) -> str:
    """The picture as an address that a page can show by itself."""
    kept = io.BytesIO()
    picture(label, font).save(kept, "PNG")
    return "data:image/png;base64," + base64.b64encode(kept.getvalue()).decode()


def _draw_square(draw: ImageDraw.ImageDraw, code: Square) -> None:
    for y, row in enumerate(qr_modules(code.data)):
        for x, dark in enumerate(row):
            if dark:
                left, top = code.x + x * code.dots, code.y + y * code.dots
                draw.rectangle((left, top, left + code.dots - 1, top + code.dots - 1), fill=0)


def _draw_bars(draw: ImageDraw.ImageDraw, bars: Bars) -> None:
    """By reportlab's table of symbols: bars and spaces in turn, `A` is one module wide, `a` one of space."""
    x = bars.x
    for sign in _symbols(bars.data):
        width = (ord(sign.lower()) - ord("a") + 1) * bars.dots
        if sign.isupper():
            draw.rectangle((x, bars.y, x + width - 1, bars.y + bars.height - 1), fill=0)
        x += width


def _symbols(data: str) -> str:
    from reportlab.graphics.barcode import code128  # noqa: PLC0415 - slow to import, and few gateways print

    made: Any = code128.Code128(value=data)
    made.validate()
    made.encode()
    made.decompose()
    return str(made.decomposed)
