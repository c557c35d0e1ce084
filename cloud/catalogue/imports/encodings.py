"""Which letters the bytes of a text file stand for: UTF-8, UTF-16, GB18030 (GBK), or what a person says.

Pure. Nothing is guessed in silence: an answer that is not sure says between which encodings, and a person decides.
"""

import codecs
from dataclasses import dataclass
from typing import Final

from cloud.catalogue.imports.file_error import FileError

ENCODINGS: Final = ("utf-8", "gb18030", "utf-16", "big5", "windows-1252")
_PYTHON: Final = {
    "utf-8": "utf-8-sig",
    "gb18030": "gb18030",
    "utf-16": "utf-16",
    "big5": "big5",
    "windows-1252": "cp1252",
}
_SAMPLE = 1 << 20
_SURE_SEQUENCES = 8  # so many letters of several bytes do not come about by chance
_SURE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, its encoding, how that is known, and what else it might be (empty: sure)."""

    text: str
    encoding: str
    how: str  # bom | ascii | valid | common | chosen | guessed
    others: tuple[str, ...] = ()


def decode(data: bytes, chosen: str = "") -> Decoded:
    """The text of a file (`FileError` with the line when it has none)."""
    if chosen:
        return Decoded(_decode(data, chosen), chosen, "chosen")
    if data.startswith(codecs.BOM_UTF8):
        return Decoded(_decode(data, "utf-8"), "utf-8", "bom")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Decoded(_decode(data, "utf-16"), "utf-16", "bom")
    if b"\0" in data[:_SAMPLE]:
        return _without_bom(data)
    if data.isascii():
        return Decoded(data.decode("ascii"), "utf-8", "ascii")
    return _of_bytes(data)


def _decode(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(_PYTHON[encoding])
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = " ".join(f"{byte:02X}" for byte in data[error.start : error.start + 2])
        raise FileError("bytes_unreadable", encoding=encoding.upper(), line=line, found=found) from error
    if "\0" in text:
        raise FileError("file_binary")
    return text


def _without_bom(data: bytes) -> Decoded:
    """UTF-16 without its mark: every other byte of what is written in Latin letters is zero."""
    sample = data[: _SAMPLE & ~1]
    low, high = sample[0::2].count(0), sample[1::2].count(0)
    if not len(data) % 2 and max(low, high) > 20 * (min(low, high) + 1) and max(low, high) * 10 > len(sample):
        name = "utf-16-be" if low > high else "utf-16-le"
        try:
            text = data.decode(name)
        except UnicodeDecodeError as error:
            raise FileError("file_binary") from error
        if "\0" not in text:
            return Decoded(text, "utf-16", "valid")
    raise FileError("file_binary")


def _of_bytes(data: bytes) -> Decoded:
    utf8, gbk = _attempt(data, "utf-8"), _attempt(data, "gb18030")
    if utf8 is not None:
        sure = _sequences(utf8) >= _SURE_SEQUENCES or gbk is None or _common_share(gbk) < _common_share(utf8)
        return Decoded(utf8, "utf-8", "valid" if sure else "guessed", () if sure else ("gb18030",))
    if gbk is not None and _common_share(gbk) >= _SURE_SHARE:
        return Decoded(gbk, "gb18030", "common")
    if nearly := _nearly_utf8(data):
        raise nearly
    latin = _attempt(data, "windows-1252")
    if gbk is None and latin is None:
        _decode(data, "gb18030")  # says where
    if latin is not None and (gbk is None or _isolated_share(data) > 0.5):
        return Decoded(latin, "windows-1252", "guessed", tuple(name for name in ("gb18030",) if gbk is not None))
    return Decoded(gbk or "", "gb18030", "guessed", ("big5", "windows-1252"))


def _attempt(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(_PYTHON[encoding])
    except UnicodeDecodeError:
        return None


def _sequences(text: str) -> int:
    return sum(not letter.isascii() for letter in text[:_SAMPLE])


def _common_share(text: str) -> float:
    """How many of the letters beyond ASCII are common Chinese ones or usual signs: the first level of GB 2312."""
    beyond = [letter for letter in text[:_SAMPLE] if not letter.isascii()]
    return sum(_is_common(letter) for letter in beyond) / max(1, len(beyond))


def _is_common(letter: str) -> bool:
    try:
        code = letter.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return 0xB0 <= code[0] <= 0xD7 or code[0] in {0xA1, 0xA3}


def _isolated_share(data: bytes) -> float:
    """How many bytes beyond ASCII stand alone between Latin letters, as accents do."""
    sample = data[:_SAMPLE]
    places = [at for at, byte in enumerate(sample) if byte >= 0x80]
    alone = sum(
        (at == 0 or sample[at - 1] < 0x80) and (at + 1 == len(sample) or sample[at + 1] < 0x80) for at in places
    )
    return alone / max(1, len(places))


def _nearly_utf8(data: bytes) -> FileError | None:
    """A file that is UTF-8 but for a few bytes is damaged, not of another encoding."""
    text = data[:_SAMPLE].decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    if not bad or _sequences(text) < 20 * bad:
        return None
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = " ".join(f"{byte:02X}" for byte in data[error.start : error.start + 2])
        return FileError("bytes_unreadable", encoding="UTF-8", line=line, found=found)
    return None
