"""Fetches one bundle from the gateway and installs it; loaded only for that.

The head comes first and is judged before a byte of the flash is touched. The image goes block by block into the slot
that does not run, as it comes: no block is held in memory; an interpreter that came with it follows, into its own
partition. How far it has come is in the record, so that a start or a
lost connection costs a few blocks. When all is there, the flash is read back and compared with the signed digest; then
the slot is sealed, the record switched, the bootloader told, and the controller starts anew. It waits while somebody is
at the cabinet.
"""

import asyncio
import sys

import machine

from cabinet import wire
from cabinet.bundle import HEAD_BYTES_MAX, BundleError, check, head_bytes, signed_header
from cabinet.health import FIRMWARE
from cabinet.slots import BLOCK_BYTES

KEYS = "release_keys"
_ANSWER_MS = 10000  # for a piece; then it is asked for again, after twice that and so on
_ANSWER_MS_MAX = 300000
_NOTED_BLOCKS = 4  # between two notes of how far it has come
_HEADER_LINE_MAX = 256
_PACE_MS = 50  # between two pieces: scanning and the journal come first


async def fetch(updating, job: list) -> None:
    """Fetch and install what `job` names. Ends by a restart, or when the job is given up or another one."""
    work = _Fetch(updating, job)
    try:
        await work.run()
    except BundleError as error:
        updating.refuse(job[0], str(error))


class _Fetch:
    def __init__(self, updating, job):
        self._updating = updating
        self._slots = updating.slots
        self._job = job
        self._version, self._bytes, _, self._downgrade, self._got = job
        self._came = asyncio.Event()

    async def run(self):
        head = await self._head()
        if head is None:
            return
        header = signed_header(head, _keys())
        self._judge(header, len(head))
        wanted = header["interpreter"]
        interpreter = _interpreter(wanted) if wanted else None
        if not self._got:
            self._slots.clear()  # from here on it is not what was there before
        if not await self._fill(self._slots, len(head), 0, header["image_bytes"]):
            return
        found = self._slots.image_sha256(self._slots.other, header["image_bytes"])
        _compare("image", header["image_sha256"], found)
        if interpreter:
            if not await self._fill(interpreter, len(head), header["image_bytes"], wanted["bytes"]):
                return
            _compare("interpreter", wanted["sha256"], await interpreter.sha256(wanted["bytes"]))
        self._slots.seal(head)
        await self._updating.rest()
        if self._is_current():
            self._switch(interpreter)

    def _switch(self, interpreter):
        """The record first: an interpreter that is found without its firmware would not be known to be on trial."""
        self._slots.switch(self._updating.scanner.blind(), interpreter.label if interpreter else "")
        if interpreter:
            try:
                interpreter.set_boot()
            except BundleError:
                self._slots.stay()
                raise
        machine.reset()

    def _judge(self, header, length):
        micropython = "%d.%d.%d" % sys.implementation.version[:3]
        mpy = getattr(sys.implementation, "_mpy") & 0xFF  # noqa: B009 - a name that is spelt keeps itself
        check(header, self._updating.board, FIRMWARE, micropython, mpy, self._downgrade)
        if header["version"] != self._version:
            raise BundleError("expected version %s, found %s" % (self._version, header["version"]))
        whole = length + header["image_bytes"] + (header["interpreter"]["bytes"] if header["interpreter"] else 0)
        if whole != self._bytes:
            raise BundleError("expected %d bytes in all, found %d" % (whole, self._bytes))
        if header["image_bytes"] > self._slots.image_bytes_max:
            raise BundleError(
                "expected an image of at most %d bytes, found %d" % (self._slots.image_bytes_max, header["image_bytes"])
            )

    async def _head(self):
        """The bundle's head; None when the job is another one now."""
        into = _Memory()
        length = min(HEAD_BYTES_MAX, self._bytes)
        if not await self._piece(0, length, into):
            return None
        head = bytes(into.data)
        return head[: head_bytes(head)] if len(head) == length else self._cut_short()

    def _cut_short(self):
        raise BundleError("expected %d bytes of %s, found less" % (self._bytes, self._version))

    async def _fill(self, flash, head_length, first, size):
        """Have `size` bytes from byte `first` behind the head in a flash; False when the job is another one now."""
        end = first + size
        while self._got < end:
            length = min(BLOCK_BYTES, end - self._got)
            into = _Block(flash, (self._got - first) // BLOCK_BYTES)
            if not await self._piece(head_length + self._got, length, into):
                return False
            if into.length != length:
                self._cut_short()
            self._got += length
            self._note(end)
            await asyncio.sleep_ms(_PACE_MS)
        return True

    def _note(self, end):
        self._updating.got_bytes = self._job[4] = self._got
        if self._got // BLOCK_BYTES % _NOTED_BLOCKS == 0 and self._got < end:
            self._slots.write(job=self._job)
            self._updating.tell()

    async def _piece(self, offset, length, into):
        """Ask for a piece until it is in `into`; False when the job is another one now."""
        wanted = wire.encode("want", {"version": self._version, "offset": offset, "bytes": length})
        wait_ms = _ANSWER_MS
        while self._is_current():
            await self._updating.rest()
            piece = _Piece(self._version, offset, into, self._came)
            self._came.clear()
            self._updating.piece = piece
            self._updating.link.publish("want", wanted)
            try:
                await asyncio.wait_for_ms(self._came.wait(), wait_ms)
            except asyncio.TimeoutError:
                wait_ms = min(2 * wait_ms, _ANSWER_MS_MAX)
                continue
            finally:
                self._updating.piece = None
            return True
        return False

    def _is_current(self):
        return self._updating.job is self._job


class _Piece:
    """A `bundle` message as it comes: its line, then bytes for `into`, if they are those wanted."""

    def __init__(self, version, offset, into, came):
        self._version = version
        self._offset = offset
        self._into = into
        self._came = came
        self._line = b""
        self._is_wanted = None  # not known before its line has come

    def write(self, data):
        """Take in another piece of it."""
        if self._is_wanted is None:
            self._line += bytes(data)
            end = self._line.find(b"\n")
            if end < 0:
                if len(self._line) > _HEADER_LINE_MAX:
                    raise wire.WireError("expected a line before the bytes of a bundle, found none")
                return
            header = wire.decode("bundle", self._line[:end])
            self._is_wanted = header["version"] == self._version and header["offset"] == self._offset
            data = self._line[end + 1 :]
            self._line = b""
            if self._is_wanted:
                self._into.begin()
        if self._is_wanted and data:
            self._into.write(data)

    def end(self):
        """All of it has come."""
        if self._is_wanted:
            self._came.set()
            self._offset = -1  # should it come twice, the second is nobody's
        self.abandon()

    def abandon(self):
        """The rest will not come: it is asked for again, and the next message begins with a line."""
        self._line = b""
        self._is_wanted = None


class _Memory:
    """Where the head goes."""

    def begin(self):
        """From the first byte."""
        self.data = bytearray()

    def write(self, data):
        """Some more bytes."""
        if len(self.data) + len(data) <= HEAD_BYTES_MAX:
            self.data += data


class _Block:
    """Where a block of an image goes: straight into the flash."""

    def __init__(self, flash, block):
        self.length = 0
        self._flash = flash
        self._block = block

    def begin(self):
        """From the first byte."""
        self._flash.erase(self._block)
        self.length = 0

    def write(self, data):
        """Some more bytes."""
        if self.length + len(data) <= BLOCK_BYTES:
            self._flash.program(self._block, self.length, bytes(data))
        self.length += len(data)


def _interpreter(wanted):
    from cabinet.interpreter import Interpreter  # noqa: PLC0415 - only where a bundle brings one

    return Interpreter(wanted)


def _compare(what, wanted, found):
    if found != wanted:
        raise BundleError("expected an %s with digest %s, found %s" % (what, wanted[:16], found[:16]))


def _keys():
    """The release keys of this cabinet. No generator: one that is left half-way leaves its file to the collector, which
    may close it in the middle of another file's write."""
    try:
        with open(KEYS) as file:
            return [line.strip() for line in file if line.strip()]
    except OSError:
        return []
