"""Who may open the cabinet: the last `config` message, kept as it came in a file and looked up line by line.

A message counts only with a right HMAC-SHA256 by the cabinet's key, for this cabinet, and no older than the one held.
It comes in pieces and is never in memory whole, nor parsed whole: 300 people do not fit beside everything else. From
where it differs from the list held it is written beside; when all has come and is right, it is renamed. The list
expires by the clock; where there is none, 24 hours after the start or after it came.
"""

import hashlib
import json
import os
from binascii import hexlify

from cabinet import wire

_BLOCK = 64
_MAC_CHARACTERS = 64
_HEADER_BYTES_MAX = 512
_READ_BYTES = 256
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


def _equal(a: bytes, b: bytes) -> bool:
    """Compare in a time that does not depend on where they differ."""
    if len(a) != len(b):
        return False
    difference = 0
    for i in range(len(a)):
        difference |= a[i] ^ b[i]
    return difference == 0


class Check:
    """A `config` message seen piece by piece: its first line, its rows counted, its HMAC."""

    def __init__(self, key: bytes):
        self._hmac = Hmac(key)
        self._header = b""
        self._tail = b""  # the last bytes so far, which may be the message's own HMAC
        self._lines = 0
        self._ends_line = False  # whether a line ends before the tail

    def update(self, data: bytes) -> None:
        """Take in another piece."""
        data = self._tail + data
        covered = max(0, len(data) - _MAC_CHARACTERS)
        self._tail = data[covered:]
        if not covered:
            return
        data = data[:covered]
        self._hmac.update(data)
        if not self._lines and len(self._header) < _HEADER_BYTES_MAX:
            self._header += data[: data.find(b"\n") + 1 or covered]
        self._lines += data.count(b"\n")
        self._ends_line = data.endswith(b"\n")

    def header(self) -> dict:
        """The first line, whoever wrote it; `WireError` when it cannot be read."""
        return wire.decode_config_header(self._header[:-1])

    def mac(self) -> bytes:
        """The message's HMAC once all has come; `AccessError` when it is not by this key. To be asked once."""
        if not self._ends_line:
            raise AccessError("expected a last line of 64 hex digits, found another")
        if not _equal(self._tail, self._hmac.hexdigest()):
            raise AccessError("expected an HMAC by this cabinet's key, found another")
        return self._tail

    @property
    def rows(self) -> int:
        """How many lines lie between the first and the last."""
        return self._lines - 1


class Draft:
    """A `config` message that is coming in; `done(draft)` is called when it is complete, to be judged.

    As long as it repeats the list held nothing is written: it comes again with every connection.
    """

    def __init__(self, path: str, key: bytes, done):
        self.check = Check(key)
        self._path = path
        self._done = done
        self._length = 0
        self._held = _open(path)  # the list held, while this one repeats it
        self._file = None if self._held else open(path + ".new", "wb")

    @property
    def version(self) -> int:
        """The version it claims, 0 when that cannot be read."""
        try:
            return self.check.header()["version"]
        except wire.WireError:
            return 0

    def write(self, data: bytes) -> None:
        """Take in another piece."""
        data = bytes(data)
        self.check.update(data)
        if self._held and self._held.read(len(data)) != data:
            self._part_from_held()
        if self._file:
            self._file.write(data)
        self._length += len(data)

    def end(self) -> None:
        """All has come."""
        try:
            if self._held and self._held.read(1):
                self._part_from_held()
            self._close()
            self._done(self)
        finally:
            self.abandon()

    def keep(self) -> None:
        """Put it in the place of the list held."""
        if self._path + ".new" in os.listdir():
            os.rename(self._path + ".new", self._path)

    def abandon(self) -> None:
        """Leave nothing of it."""
        self._close()
        if self._path + ".new" in os.listdir():
            os.remove(self._path + ".new")

    def _part_from_held(self):
        """From here on it is another list: begin it with what the two have in common."""
        self._file = open(self._path + ".new", "wb")
        self._held.seek(0)
        for at in range(0, self._length, _READ_BYTES):
            self._file.write(self._held.read(min(_READ_BYTES, self._length - at)))
        self._held.close()
        self._held = None

    def _close(self):
        for file in (self._held, self._file):
            if file:
                file.close()
        self._held = self._file = None


def _open(path):
    try:
        return open(path, "rb")
    except OSError:
        return None


class Access:
    """The access list in the file `path`."""

    def __init__(self, path: str, cabinet: str, key: bytes, clock):
        self.pin_doors = 0  # the doors a badge alone does not open, as a mask: bit 0 is door 1
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
        check = Check(self._key)
        try:
            with open(self._path, "rb") as file:
                data = file.read(_READ_BYTES)
                while data:
                    check.update(data)
                    data = file.read(_READ_BYTES)
            mac = check.mac()
            header = self._checked_header(check, 0)
        except (OSError, AccessError):
            return  # nobody is let in until the gateway has sent one
        self._hold(header, mac)

    def receive(self, done) -> Draft:
        """What takes a message in; calls `done(draft)` at its end."""
        return Draft(self._path, self._key, done)

    def take(self, draft: Draft) -> bool:
        """Hold a message from now on; False when it is the one held already, `AccessError` when refused."""
        mac = draft.check.mac()
        header = self._checked_header(draft.check, self.version)
        if mac == self._mac:
            return False
        draft.keep()
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
        try:
            return self._look_up(badge)
        except OSError:
            return None, "no_list"  # the flash does not give it back

    def _look_up(self, badge):
        start = wire.encode_access_row(badge, "", "")[:-6]  # ["badge",
        with open(self._path, "rb") as file:
            file.readline()
            for _ in range(self._header["people"]):
                line = file.readline()
                if line.startswith(start):
                    person = _person(line)
                    return person, "unknown" if person is None else ""
        return None, "unknown"

    def _hold(self, header, mac):
        self._header = header
        self.pin_doors = header.get("pin_doors") or 0
        self._mac = mac
        self._since_ms = self._clock.up_ms()

    def _expired(self):
        utc_ms = self._clock.utc_ms()
        if utc_ms is None:
            return self._clock.up_ms() - self._since_ms > _CLOCKLESS_MS
        return utc_ms > self._header["expires_utc_ms"]

    def _checked_header(self, check, version_min):
        try:
            header = check.header()
        except wire.WireError as error:
            raise AccessError(str(error)[:96])
        if header["cabinet"] != self._cabinet:
            raise AccessError("expected cabinet %s, found %s" % (self._cabinet, header["cabinet"]))
        if header["version"] < version_min:
            raise AccessError("expected version %d or later, found %d" % (version_min, header["version"]))
        if header["people"] != check.rows:
            raise AccessError("expected %d people, found %d lines" % (header["people"], check.rows))
        return header


def _person(line):
    """The person of a row of the list, no longer than an event can say it; None when the row names none."""
    try:
        person = json.loads(line)[1]
    except (ValueError, IndexError):
        return None
    if not isinstance(person, str):
        return None
    while len(person.encode()) > _PERSON_BYTES_MAX:
        person = person[:-1]
    return person
