"""Judges a bundle of firmware by its head: signed by whom, for which board, newer than what runs.

    BundleError   the bundle is refused; the text says what was expected and what was found

A bundle is magic (8 bytes), length of the header (4, big endian), header (JSON), signature (384), image, and
perhaps an interpreter. The signature
is RSA-3072 with SHA-256, PKCS #1 v1.5 (RFC 8017, section 8.2.2), over all that stands before it; its padding is
built and compared whole, never parsed. Keys are release keys, a line each: the modulus as hex digits, a space, a name;
the exponent is 65537. Pure, and loaded only while there is an update: it runs on CPython as well.
"""

import hashlib
import json

MAGIC = b"PBFW\x00\x00\x00\x01"
PREFIX_BYTES = 12
HEADER_BYTES_MAX = 2048
SIGNATURE_BYTES = 384
HEAD_BYTES_MAX = PREFIX_BYTES + HEADER_BYTES_MAX + SIGNATURE_BYTES
_EXPONENT = 65537
_SHA256_INFO = b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
_TEXTS = ("version", "micropython", "image_sha256", "key", "previous_min")
_NUMBERS = ("mpy", "image_bytes", "created_ms")


class BundleError(ValueError):
    """A bundle is refused."""


def head_bytes(start: bytes) -> int:
    """How long the head of a bundle is that starts so."""
    length = int.from_bytes(start[8:PREFIX_BYTES], "big")
    if start[:8] != MAGIC or not 0 < length <= HEADER_BYTES_MAX:
        raise BundleError("expected a bundle, found something else")
    return PREFIX_BYTES + length + SIGNATURE_BYTES


def signed_header(head: bytes, keys) -> dict:
    """The header of a head that one of the keys has signed; `keys` are their lines."""
    signed = len(head) - SIGNATURE_BYTES
    digest = hashlib.sha256(head[:signed]).digest()
    signature = int.from_bytes(head[signed:], "big")
    for key in keys:
        if _is_by(int(key.split()[0], 16), signature, digest):
            return _fields(head[PREFIX_BYTES:signed])
    raise BundleError("expected a signature by a release key of this cabinet, found none")


def _is_by(modulus, signature, digest):
    if not signature < modulus:
        return False
    found = pow(signature, _EXPONENT, modulus).to_bytes(SIGNATURE_BYTES, "big")
    padding = b"\xff" * (SIGNATURE_BYTES - 3 - len(_SHA256_INFO) - 32)
    return found == b"\x00\x01" + padding + b"\x00" + _SHA256_INFO + digest


def _fields(text):
    try:
        header = json.loads(str(text, "utf-8"))
    except ValueError:
        raise BundleError("expected a header in JSON, found something else")
    sound = isinstance(header, dict) and isinstance(header.get("boards"), list)
    sound = sound and all(type(header.get(name)) is str for name in _TEXTS)
    sound = sound and all(type(header.get(name)) is int for name in _NUMBERS)
    if not sound or not _is_interpreter(header.setdefault("interpreter", None)):
        raise BundleError("expected the fields of a header, found others")
    return header


def _is_interpreter(value):
    if value is None:
        return True
    sound = isinstance(value, dict) and type(value.get("bytes")) is int
    return sound and type(value.get("micropython")) is str and type(value.get("sha256")) is str


def check(header: dict, board: str, running: str, micropython: str, mpy: int, downgrade: int) -> None:
    """Refuse what is not for this board, its interpreter (or the one that comes with it), or what it runs.

    `running` is the version now, `micropython` and `mpy` are what it runs on. The bytecode stays what it is even with a
    new interpreter: the starter, which is never updated, has to run on it too.
    """
    if board not in header["boards"]:
        raise BundleError("expected firmware for board %s, found it for %s" % (board, ", ".join(header["boards"])))
    if header["mpy"] != mpy:
        raise BundleError("expected bytecode of version %d, found %d" % (mpy, header["mpy"]))
    if header["interpreter"]:
        found = header["interpreter"]["micropython"]
        if order(found) < order(micropython) and not downgrade:
            raise BundleError("expected MicroPython %s or later, found %s" % (micropython, found))
        micropython = found
    if order(micropython) < order(header["micropython"]):
        raise BundleError("expected at most MicroPython %s, found %s wanted" % (micropython, header["micropython"]))
    if header["version"] == running:
        raise BundleError("expected another version than %s, which runs" % running)
    if order(header["version"]) <= order(running) and not downgrade:
        raise BundleError("expected a version after %s, found %s" % (running, header["version"]))
    if header["previous_min"] and order(running) < order(header["previous_min"]):
        raise BundleError("expected to come from %s or later, found %s" % (header["previous_min"], running))


def order(version: str):
    """What versions are compared by: 1.2.3 is before 1.2.10; what follows a hyphen does not count."""
    try:
        return [int(number) for number in version.split("-", 1)[0].split(".")]
    except ValueError:
        raise BundleError("expected a version as 1.2.3, found %s" % version[:32])
