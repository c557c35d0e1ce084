"""Frames of an R200 tag reader on a desk, and the commands that look for tags and write one.

Pure. A frame is `BB type code length length parameters sum 7E`; bytes are not escaped, so its length says where it
ends, and a broken one is skipped to the next first byte. Clones differ in the first and last byte. Writing: access
password, bank, first word, number of words, data; the answer names the tag by its PC and EPC and ends in 0 (M100
protocol manual).
"""

from typing import Final, NamedTuple

POLL: Final = 0x22
STOP: Final = 0x28
SELECT: Final = 0x0C
SELECT_MODE: Final = 0x12
WRITE: Final = 0x49
POWER: Final = 0xB6
INFO: Final = 0x03
FAILED: Final = 0xFF
NO_TAG: Final = 0x15
NOTICE: Final = 2
EPC_BYTES: Final = 12
FAILURES: Final = {0x09: "read", 0x10: "write", 0x13: "lock", 0x16: "access password", 0x17: "command", 0x20: "hopping"}
_PARAMETERS_MAX: Final = 128
_EPC_BANK: Final = 1
_PC_WORD: Final = 1
_PC_96: Final = b"\x30\x00"  # six words of EPC, no user memory told
_NO_PASSWORD: Final = bytes(4)


class Frame(NamedTuple):
    """`kind`: 1 an answer, 2 a notice of a tag."""

    kind: int
    code: int
    data: bytes


class SeenTag(NamedTuple):
    """A tag that answered: its number in upper-case hex digits, and how loud, in dBm."""

    epc: str
    rssi_dbm: int


class Frames:
    """Bytes in, frames out; a bounded number of bytes is kept."""

    def __init__(self, header: int = 0xBB, trailer: int = 0x7E) -> None:
        self._header, self._trailer = header, trailer
        self._kept = bytearray()

    def forget(self) -> None:
        """What has come so far ends in nothing."""
        self._kept.clear()

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are complete with these bytes."""
        self._kept += data
        found: list[Frame] = []
        while True:
            start = self._kept.find(self._header)
            del self._kept[: len(self._kept) if start < 0 else start]
            frame, used = self._next()
            if not used:
                return found
            del self._kept[:used]
            if frame is not None:
                found.append(frame)

    def _next(self) -> tuple[Frame | None, int]:
        kept = self._kept
        if len(kept) < 5:
            return None, 0
        end = 5 + (kept[3] << 8 | kept[4])
        if end > 5 + _PARAMETERS_MAX or kept[1] > NOTICE:
            return None, 1
        if len(kept) < end + 2:
            return None, 0
        if kept[end + 1] != self._trailer or sum(kept[1:end]) & 0xFF != kept[end]:
            return None, 1
        return Frame(kept[1], kept[2], bytes(kept[5:end])), end + 2


def command(code: int, data: bytes = b"", header: int = 0xBB, trailer: int = 0x7E) -> bytes:
    """A command as it goes over the line."""
    body = bytes((0, code, len(data) >> 8, len(data) & 0xFF)) + data
    return bytes((header,)) + body + bytes((sum(body) & 0xFF, trailer))


def power(cdbm: int) -> bytes:
    """Parameters of POWER, in hundredths of dBm."""
    return cdbm.to_bytes(2, "big")


def select(epc: str) -> bytes:
    """Parameters of SELECT: only the tag with this number."""
    number = bytes.fromhex(epc)
    return bytes((0x01, 0, 0, 0, 0x20, 8 * len(number), 0)) + number


def write_epc(epc: str) -> bytes:
    """Parameters of WRITE: a number of 96 bits and the PC that says so, in one go."""
    data = _PC_96 + bytes.fromhex(epc)
    place = bytes((_EPC_BANK, 0, _PC_WORD, 0, len(data) // 2))
    return _NO_PASSWORD + place + data


def tag_of(frame: Frame) -> SeenTag | None:
    """The tag in a notice: RSSI, PC, EPC, CRC; None when it is none, or its CRC is wrong."""
    data = frame.data
    if frame.kind != NOTICE or frame.code != POLL or len(data) < 5 or len(data) % 2 == 0:
        return None
    words, number = data[1] >> 3, data[3:-2]
    if len(number) != 2 * words or crc(data[1:-2]) != data[-2] << 8 | data[-1]:
        return None
    return SeenTag(number.hex().upper(), data[0] - 256 if data[0] > 127 else data[0])


def crc(data: bytes) -> int:
    """CRC-16/GENIBUS, as a tag makes it over its PC and EPC."""
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021) & 0xFFFF if value & 0x8000 else value << 1
    return value ^ 0xFFFF
