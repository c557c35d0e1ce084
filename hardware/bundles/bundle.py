"""Bundles of firmware: compiled, packed, signed, and looked at. What they are byte by byte: docs/updates.md.

Read with the firmware's own `cabinet.bundle`, so that what is signed here is what a controller takes.
"""

import hashlib
import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cabinet import bundle as reading
from cryptography.hazmat.primitives.asymmetric import rsa

from hardware import boards, firmware_build, rom_image
from hardware.bundles import release_key

MICROPYTHON_MIN = "1.29"  # the first with the ROMFS that images are made for
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){1,3}")
_FIRMWARE = re.compile(r'^FIRMWARE = "(.+)"$', re.MULTILINE)


class MakeError(ValueError):
    """A bundle cannot be made of this; the text says what was expected and found."""


class Image(NamedTuple):
    """Compiled firmware as it lies in a slot, and what it says of itself."""

    version: str
    data: bytes
    mpy: int  # the version of its bytecode


def image(changed: Path | None = None, version: str = "") -> Image:
    """The firmware, compiled and packed; .mpy files below `changed` take the place of its own.

    `version` is what it then says of itself, by default what `health.py` says.
    """
    folder = firmware_build.build()
    found = _FIRMWARE.search((firmware_build.FIRMWARE / "cabinet" / "health.py").read_text())
    version = version or (found[1] if found else "")
    if not _VERSION.fullmatch(version):
        raise MakeError(f"expected a version such as 0.2.0 of the firmware, found {version!r}")
    data = rom_image.pack([folder] if changed is None else [changed, folder])
    return Image(version, data, (folder / "main.mpy").read_bytes()[1])


def cabinet_boards() -> list[str]:
    """The boards that this firmware is for."""
    return boards.cabinets()


def sign(
    image: Image,
    key: rsa.RSAPrivateKey,
    board_names: Sequence[str] = (),
    previous_min: str = "",
    created_ms: int | None = None,
) -> bytes:
    """The bundle of an image, for these boards (default: all there are), signed."""
    header = {
        "version": image.version,
        "boards": list(board_names) or cabinet_boards(),
        "micropython": MICROPYTHON_MIN,
        "mpy": image.mpy,
        "previous_min": previous_min,
        "image_bytes": len(image.data),
        "image_sha256": hashlib.sha256(image.data).hexdigest(),
        "created_ms": time.time_ns() // 1_000_000 if created_ms is None else created_ms,
        "key": key_id(key),
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    if len(text) > reading.HEADER_BYTES_MAX:
        raise MakeError(
            f"expected a header of at most {reading.HEADER_BYTES_MAX} bytes, found {len(text)}: fewer boards"
        )
    signed = b"".join((reading.MAGIC, len(text).to_bytes(4, "big"), text))
    return signed + release_key.sign(key, signed) + image.data


def key_id(key: rsa.RSAPrivateKey) -> str:
    """The first eight bytes of the SHA-256 of a key's modulus, in hex."""
    modulus = key.public_key().public_numbers().n
    return hashlib.sha256(modulus.to_bytes(release_key.BITS // 8, "big")).hexdigest()[:16]


def verify(bundle: bytes, key_lines: Sequence[str]) -> dict[str, Any]:
    """The header of a bundle that is whole and signed by one of the keys (`cabinet.bundle.BundleError` when not)."""
    head = bundle[: reading.head_bytes(bundle)]
    header: dict[str, Any] = reading.signed_header(head, key_lines)
    return _whole(header, bundle[len(head) :])


def show(bundle: bytes) -> dict[str, Any]:
    """The header of a bundle that is whole, whoever has signed it."""
    head = reading.head_bytes(bundle)
    header = json.loads(bundle[reading.PREFIX_BYTES : head - reading.SIGNATURE_BYTES])
    return _whole(header, bundle[head:])


def _whole(header: dict[str, Any], image_data: bytes) -> dict[str, Any]:
    if len(image_data) != header["image_bytes"]:
        raise reading.BundleError(f"expected an image of {header['image_bytes']} bytes, found {len(image_data)}")
    found = hashlib.sha256(image_data).hexdigest()
    if found != header["image_sha256"]:
        raise reading.BundleError(f"expected an image with digest {header['image_sha256'][:16]}, found {found[:16]}")
    return header
