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
from hardware.bundles.interpreter import Interpreter, check, header

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
    *,
    created_ms: int | None = None,
    interpreter: Interpreter | None = None,
) -> bytes:
    """The bundle of an image, for these boards (default: all there are), signed; with an interpreter, if one is given.

    Of an interpreter `check` may say that a board cannot take it (`InterpreterError`).
    """
    names = list(board_names) or cabinet_boards()
    described = None
    if interpreter is not None:
        check(interpreter, names)
        described = header(interpreter, hashlib.sha256(interpreter.data).hexdigest())
    fields = {
        "version": image.version,
        "boards": names,
        "micropython": MICROPYTHON_MIN,
        "mpy": image.mpy,
        "previous_min": previous_min,
        "image_bytes": len(image.data),
        "image_sha256": hashlib.sha256(image.data).hexdigest(),
        "created_ms": time.time_ns() // 1_000_000 if created_ms is None else created_ms,
        "key": key_id(key),
        "interpreter": described,
    }
    text = json.dumps(fields, separators=(",", ":")).encode()
    if len(text) > reading.HEADER_BYTES_MAX:
        raise MakeError(
            f"expected a header of at most {reading.HEADER_BYTES_MAX} bytes, found {len(text)}: fewer boards"
        )
    signed = b"".join((reading.MAGIC, len(text).to_bytes(4, "big"), text))
    more = interpreter.data if interpreter is not None else b""
    return signed + release_key.sign(key, signed) + image.data + more


def key_id(key: rsa.RSAPrivateKey) -> str:
    """The first eight bytes of the SHA-256 of a key's modulus, in hex."""
    modulus = key.public_key().public_numbers().n
    return hashlib.sha256(modulus.to_bytes(release_key.BITS // 8, "big")).hexdigest()[:16]


def verify(bundle: bytes, key_lines: Sequence[str]) -> dict[str, Any]:
    """The header of a bundle that is whole and signed by one of the keys (`cabinet.bundle.BundleError` when not)."""
    head = bundle[: reading.head_bytes(bundle)]
    return _whole(reading.signed_header(head, key_lines), bundle[len(head) :])


def show(bundle: bytes) -> dict[str, Any]:
    """The header of a bundle that is whole, whoever has signed it."""
    head = reading.head_bytes(bundle)
    return _whole(json.loads(bundle[reading.PREFIX_BYTES : head - reading.SIGNATURE_BYTES]), bundle[head:])


def _whole(fields: dict[str, Any], data: bytes) -> dict[str, Any]:
    size = fields["image_bytes"]
    described = fields.get("interpreter") or {"bytes": 0}
    if len(data) != size + described["bytes"]:
        raise reading.BundleError(f"expected an image of {size + described['bytes']} bytes, found {len(data)}")
    _compare("image", data[:size], fields["image_sha256"])
    if described["bytes"]:
        _compare("interpreter", data[size:], described["sha256"])
    return fields


def _compare(what: str, data: bytes, expected: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise reading.BundleError(f"expected an {what} with digest {expected[:16]}, found {found[:16]}")
