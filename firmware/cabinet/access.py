"""Who may open the cabinet: the last `config` message, kept as it came in a file and looked up line by line.

A message counts only with a right HMAC-SHA256 by the cabinet's key, for this cabinet, and no older than the one held.
It is written beside and renamed. The list is never parsed whole: 300 people do not fit beside everything else. It
expires by the clock; where there is none, 24 hours after the start or after it came.
"""

import hashlib
import json
import os
from binascii import hexlify

from cabinet import wire

_BLOCK = 64
_MAC_CHARACTERS = 64
_PERSON_BYTES_MAX = 32
_CLOCKLESS_MS = 24 * 3600 * 1000


class AccessError(ValueError):
    """A `config` message is refused; the text says why."""


class Hmac:
    """HMAC-SHA256 over pieces, as in RFC 2104."""

    def __init__(self, key: bytes):
        if len(key) > _BLOCK:
            key = hashlib.sha256(key).digest()
        key = key + bytes(_BLOCK - len(key))
        self._outer = bytes([byte ^ 0x5C for byte in key])
        self._inner = hashlib.sha256(bytes([byte ^ 0x36 for byte in key]))

    def update(self, data: bytes) -> None:
        """Take in another piece."""
        self._inner.update(data)

    def hexdigest(self) -> bytes:
        """The code in lower-case hex; ends the object's use."""
        outer = hashlib.sha256(self._outer)
        outer.update(self._inner.digest())
        return hexlify(outer.digest())


def badge_text(uid: bytes, badge_format: str, badge_bits: int) -> str:
    """A UID as the access list writes it."""
    if badge_format.endswith("_reversed"):
        uid = bytes([uid[i] for i in range(len(uid) - 1, -1, -1)])
    if badge_format.startswith("hex"):
        return hexlify(uid).decode().upper()
    number = 0
    for byte in uid:
        number = number << 8 | byte
    return "%d" % (number & (1 << badge_bits) - 1)


def version_of(payload: bytes) -> int:
    """The version a `config` message claims, 0 when it cannot be read."""
    try:
        return wire.decode_config_header(bytes(_lines(payload)()[:-1]))["version"]
    except wire.WireError:
        return 0


def _equal(a: bytes, b: bytes) -> bool:
    """Compare in a time that does not depend on where they differ."""
    if len(a) != len(b):
        return False
    difference = 0
    for i in range(len(a)):
        difference |= a[i] ^ b[i]
    return difference == 0


class Access:
    """The access list in the file `path`."""

    def __init__(self, path: str, cabinet: str, key: bytes, clock):
        self._path = path
        self._cabinet = cabinet
        self._key = key
        self._clock = clock
        self._header = {}  # of the list held; empty: none
        self._mac = b""
        self._since_ms = 0

    @property
    def version(self) -> int:
        """The version held, 0: none."""
        return self._header.get("version", 0)

    def load(self) -> None:
        """Check the file and hold it; a file that is missing or wrong leaves no list."""
        try:
            with open(self._path, "rb") as file:
                header, mac = self._checked(file.readline, 0)
        except (OSError, AccessError):
            return  # nobody is let in until the gateway has sent one
        self._hold(header, mac)

    def take(self, payload: bytes) -> bool:
        """Hold a `config` message from now on; False when it is the one held already, `AccessError` when refused."""
        header, mac = self._checked(_lines(payload), self.version)
        if mac == self._mac:
            return False
        with open(self._path + ".new", "wb") as file:
            file.write(payload)
        os.rename(self._path + ".new", self._path)
        self._hold(header, mac)
        return True

    def text(self, uid: bytes) -> str:
        """A badge's UID as text: in the list's format, in hex when there is no list."""
        if not self._header:
            return badge_text(uid, "hex", 80)
        return badge_text(uid, self._header["badge_format"], self._header["badge_bits"])

    def find(self, badge: str):
        """(person, "") of a badge, or (None, why it is refused)."""
        if not self._header:
            return None, "no_list"
        if self._expired():
            return None, "list_expired"
        start = wire.encode_access_row(badge, "", "")[:-6]  # ["badge",
        with open(self._path, "rb") as file:
            file.readline()
            for _ in range(self._header["people"]):
                line = file.readline()
                if line.startswith(start):
                    return _person(line), ""
        return None, "unknown"

    def _hold(self, header, mac):
        self._header = header
        self._mac = mac
        self._since_ms = self._clock.up_ms()

    def _expired(self):
        utc_ms = self._clock.utc_ms()
        if utc_ms is None:
            return self._clock.up_ms() - self._since_ms > _CLOCKLESS_MS
        return utc_ms > self._header["expires_utc_ms"]

    def _checked(self, readline, version_min):
        """(header, mac) of a message given line by line, checked from end to end."""
        hmac = Hmac(self._key)
        first = line = readline()
        rows = -1
        while line.endswith(b"\n"):
            hmac.update(line)
            rows += 1
            line = readline()
        mac = bytes(line)
        if len(mac) != _MAC_CHARACTERS:
            raise AccessError("expected a last line of 64 hex digits, found %d characters" % len(mac))
        if not _equal(mac, hmac.hexdigest()):
            raise AccessError("expected an HMAC by this cabinet's key, found another")
        return self._checked_header(first[:-1], rows, version_min), mac

    def _checked_header(self, line, rows, version_min):
        try:
            header = wire.decode_config_header(bytes(line))
        except wire.WireError as error:
            raise AccessError(str(error)[:96])
        if header["cabinet"] != self._cabinet:
            raise AccessError("expected cabinet %s, found %s" % (self._cabinet, header["cabinet"]))
        if header["version"] < version_min:
            raise AccessError("expected version %d or later, found %d" % (version_min, header["version"]))
        if header["people"] != rows:
            raise AccessError("expected %d people, found %d lines" % (header["people"], rows))
        return header


def _person(line):
    """The person of a row of the list, no longer than an event can say it."""
    person = json.loads(line)[1]
    while len(person.encode()) > _PERSON_BYTES_MAX:
        person = person[:-1]
    return person


def _lines(payload):
    """A `readline` over a payload, without a copy of the whole."""
    at = 0

    def readline():
        nonlocal at
        end = payload.find(b"\n", at) + 1 or len(payload)
        line = payload[at:end]
        at = end
        return line

    return readline
