"""The font of a label's text: one with Chinese characters, measured and made into dots by Pillow.

Which file is found where is looked up once. Without one, labels can still carry ASCII; Chinese is then refused with
what to install, never printed as empty boxes.
"""

import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image, ImageDraw, ImageFont

# Where Debian, Ubuntu, Fedora, macOS and Windows keep theirs.
PLACES: Final = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyhbd.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
WANTED: Final = "install the package fonts-noto-cjk or fonts-wqy-microhei, or name a file as font of the printer"
_PROBE: Final = "配"


class FontError(ValueError):
    """A label cannot be set; the text says what is missing."""


class Dots(NamedTuple):
    """Black and white: rows of whole bytes, a set bit is black, the highest bit is the leftmost dot."""

    width: int
    height: int
    rows: bytes

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return (self.width + 7) // 8


class LabelFont:
    """One font in any height."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.has_chinese = bool(path)
        self._sized = lru_cache(maxsize=32)(self._load)

    def width(self, text: str, height: int) -> int:
        """How many dots wide a line is."""
        return int(self._sized(height).getlength(text) + 0.999)

    def check(self, text: str) -> None:
        """Refuse what this font cannot show."""
        if not text.isascii() and not self.has_chinese:
            raise FontError(f"expected a font with Chinese characters for {text!r}, found none: {WANTED}")

    def dots(self, text: str, height: int) -> Dots:
        """A line of text, `height` dots high and as wide as it is."""
        image = self.image(text, height)
        inverted = image.point(lambda value: 255 - value)
        return Dots(image.width, image.height, inverted.convert("1").tobytes())

    def image(self, text: str, height: int) -> Image.Image:
        """The same as a picture: black on white."""
        self.check(text)
        font = self._sized(height)
        made = Image.new("L", (max(1, self.width(text, height)), height), 255)
        # Chinese characters are as high as the em; the middle of a capital stands in the middle of the line.
        ImageDraw.Draw(made).text((0, height // 2), text, fill=0, font=font, anchor="lm")
        return made.point(lambda value: 255 if value > 140 else 0)

    def _load(self, height: int) -> ImageFont.FreeTypeFont:
        size = max(6, height * 9 // 10)
        if self.path:
            return ImageFont.truetype(self.path, size)
        found = ImageFont.load_default(size)
        if not isinstance(found, ImageFont.FreeTypeFont):
            raise FontError("expected Pillow with FreeType, found one without")
        return found


@lru_cache(maxsize=4)
def label_font(wanted: str = "") -> LabelFont:
    """The font named, or the first that is found; one with ASCII alone when there is none (`FontError`: unreadable)."""
    for path in (wanted,) if wanted else (*PLACES, _asked()):
        if path and Path(path).is_file():
            try:
                ImageFont.truetype(path, 12).getmask(_PROBE)
            except OSError as error:
                raise FontError(f"expected a font file at {path}, found {error}") from error
            return LabelFont(path)
    if wanted:
        raise FontError(f"expected a font file at {wanted}, found none")
    return LabelFont("")


def _asked() -> str:
    """What fontconfig has for Chinese, where there is one."""
    program = shutil.which("fc-match")
    if program is None:
        return ""
    asked = [program, "-f", "%{file}\n%{lang}", "sans:lang=zh-cn"]
    told = subprocess.run(asked, capture_output=True, text=True, timeout=5, check=False).stdout
    path, _, languages = told.partition("\n")
    return path if "zh-cn" in languages else ""
