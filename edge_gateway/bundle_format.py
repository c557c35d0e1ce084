"""What a bundle of controller firmware is, byte by byte: read by the cloud, the gateway and whoever makes one.

    magic      8 bytes   "PBFW\\x00\\x00\\x00\\x01"
    length     4 bytes   of the header, big endian
    header     JSON      one object in the order of `BundleHeader`, UTF-8, at most 2 KB
    signature  384 bytes of magic, length and header, by a release key (RSA-3072, PKCS #1 v1.5, SHA-256)
    image      bytes     a ROMFS image of the compiled firmware, `image_bytes` long
    more       bytes     a MicroPython, if the header describes one, for boards that can replace theirs

The header names the image by its SHA-256, so that one signature stands for all; controllers check it by themselves
(`firmware/cabinet/bundle.py`), and everybody on the way may. Pure; imported by cloud and gateway.

    BundleError   these bytes are no bundle, or no known key has signed them; the text says what was expected and found
"""

import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

MAGIC = b"PBFW\x00\x00\x00\x01"
PREFIX_BYTES = 12
HEADER_BYTES_MAX = 2048
SIGNATURE_BYTES = 384
BUNDLE_BYTES_MAX = 4 << 20  # as the command `update` may say
EXPONENT = 65537
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")  # RFC 8017, section 9.2, note 1
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){1,3}")
_MODULUS = re.compile(r"[0-9a-f]{768}")


class BundleError(ValueError):
    """These bytes are no bundle, or no known key has signed them."""


class InterpreterHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The MicroPython that a bundle brings along."""

    micropython: str
    bytes: int
    sha256: str


class BundleHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a bundle is for. Versions are numbers with points between them, compared as numbers."""

    version: str
    boards: list[str]  # names of board files
    micropython: str  # the oldest MicroPython it runs on
    mpy: int  # the version of its bytecode, which the interpreter must have
    previous_min: str  # the oldest firmware that may be replaced by it, "" for any
    image_bytes: int
    image_sha256: str
    created_ms: int
    key: str  # which key has signed: `ReleaseKey.id`; to say so, never to trust it
    interpreter: InterpreterHeader | None = None


class ReleaseKey(NamedTuple):
    """A key whose signature counts."""

    name: str
    modulus: int

    @property
    def id(self) -> str:
        """The first eight bytes of the modulus' SHA-256, in hex."""
        return hashlib.sha256(self.modulus.to_bytes(SIGNATURE_BYTES, "big")).hexdigest()[:16]


def read_keys(text: str) -> list[ReleaseKey]:
    """Release keys as `partsbay firmware keygen` writes them and a controller holds them: a line each.

    The modulus as 768 hex digits, a space, the key's name. `BundleError` when a line is not that.
    """
    keys = []
    for line in text.splitlines():
        if not line.strip():
            continue
        modulus, _, name = line.strip().partition(" ")
        if not _MODULUS.fullmatch(modulus) or modulus[0] in "01234567":
            raise BundleError(f"expected a line with 768 hex digits and a name, found {line[:40]!r}")
        keys.append(ReleaseKey(name.strip() or "release", int(modulus, 16)))
    return keys


def head_bytes(start: bytes) -> int:
    """How long the head (all before the image) of a bundle is that starts so; needs its first 12 bytes."""
    length = int.from_bytes(start[8:PREFIX_BYTES], "big")
    if start[:8] != MAGIC or not 0 < length <= HEADER_BYTES_MAX:
        raise BundleError(f"expected a bundle, found {start[:12].hex() or 'nothing'}")
    return PREFIX_BYTES + length + SIGNATURE_BYTES


def read(bundle: bytes) -> BundleHeader:
    """The header of a whole bundle, whose image is what the header says; who signed it is not looked at."""
    head = head_bytes(bundle)
    try:
        header = msgspec.json.decode(bundle[PREFIX_BYTES : head - SIGNATURE_BYTES], type=BundleHeader)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BundleError(f"expected the header of a bundle, found another ({error})") from error
    if not _VERSION.fullmatch(header.version):
        raise BundleError(f"expected a version such as 0.2.0, found {header.version[:40]!r}")
    _check_images(header, bundle[head:], head)
    return header


def _check_images(header: BundleHeader, data: bytes, head: int) -> None:
    brought = header.interpreter
    whole = header.image_bytes + (brought.bytes if brought else 0)
    if len(data) != whole or (brought and brought.bytes < 1):
        raise BundleError(f"expected {head + whole} bytes, found {head + len(data)}")
    _compare("image", data[: header.image_bytes], header.image_sha256)
    if brought:
        _compare("interpreter", data[header.image_bytes :], brought.sha256)


def _compare(what: str, data: bytes, expected: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise BundleError(f"expected an {what} with digest {expected[:16]}, found {found[:16]}")


def check(bundle: bytes, keys: Sequence[ReleaseKey]) -> tuple[BundleHeader, str]:
    """The header of a whole bundle, and the name of the key that has signed it (`BundleError` when none has)."""
    header = read(bundle)
    signed = head_bytes(bundle) - SIGNATURE_BYTES
    for key in keys:
        if is_signed(bundle[:signed], bundle[signed : signed + SIGNATURE_BYTES], key.modulus):
            return header, key.name
    known = ", ".join(key.name for key in keys) or "none is known"
    raise BundleError(f"expected a signature by one of the release keys ({known}), found none")


def is_signed(data: bytes, signature: bytes, modulus: int) -> bool:
    """Whether a signature is of these bytes, by this key. The padding is built and compared whole, never parsed."""
    number = int.from_bytes(signature, "big")
    if len(signature) != SIGNATURE_BYTES or number >= modulus:
        return False
    padding = b"\xff" * (SIGNATURE_BYTES - 3 - len(_SHA256_INFO) - 32)
    expected = b"\x00\x01" + padding + b"\x00" + _SHA256_INFO + hashlib.sha256(data).digest()
    return pow(number, EXPONENT, modulus).to_bytes(SIGNATURE_BYTES, "big") == expected
