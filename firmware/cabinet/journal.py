"""The journal: every event of this cabinet, in order, on flash before anybody acts on it.

    JournalFull (an OSError)   unacknowledged events leave no room

Segments `<directory>/<first seq, ten digits>.log`: a header line (JSON: epoch, cabinet, first, cursors, and the owner's
snapshot after event first - 1), then one event line (`wire.encode_event`) per event. An append is durable when it
returns. Never writes over a file, never forgets what the gateway has not acknowledged, never leaves a gap in `seq`.
A file is open for reading only within a call, so that deleting a segment never meets an open reader.
"""

import json
import os
from binascii import hexlify

from . import wire

SEGMENT_BYTES = 16384
_LINE_BYTES_MAX = wire.EVENT_BYTES_MAX + 1
_READ_BYTES = 1024  # most lines are shorter
_NO_SPACE = 28  # errno.ENOSPC, which MicroPython's errno lacks
_MISSING = b"{}"  # sent for a seq whose line is gone: refused by the gateway, which then books it as unreadable


class JournalFull(OSError):  # noqa: N818 - the name says what the journal is
    """Unacknowledged events leave no room for another one."""


def _no_state():
    return {"session": 0}


def _ignore(seq, body):
    return None


class Journal:
    """The journal of one cabinet in one directory of at most `bytes_max`.

    `snapshot` is set by the owner: it returns a small dict, its state after event `last`, with `session` as the seq
    of the open session or 0.
    """

    def __init__(self, directory, cabinet, bytes_max, segment_bytes=SEGMENT_BYTES):
        self.directory = directory
        self.cabinet = cabinet
        self.bytes_max = bytes_max
        self.segment_bytes = segment_bytes
        self.snapshot = _no_state
        self.epoch = ""
        self.last = 0
        self.through = 0  # acknowledged by the gateway
        self.in_cloud = 0  # held by the cloud as well
        self.overtaken = False  # the gateway holds more than this flash does: the next boot begins a new epoch
        self._firsts = []  # seq of each segment's first event, oldest first
        self._sizes = []  # and their bytes: two lists take a quarter of what a list of pairs does
        self._file = None  # the last segment, open for append
        self._torn = False  # the last segment ends in a broken line: nothing may follow it
        self._cursor = (0, 0, 0)  # segment, offset in it, the seq expected there

    # ---- at boot ----

    def open(self, on_snapshot, on_body):
        """Read the last segment: `on_snapshot(dict)`, then `on_body(seq, dict)` for each event after it.

        Returns "first" or "lost" when a new epoch has begun at seq 0 and the caller must append `journal_created`.
        """
        marks = self._list()
        if self._firsts and "overtaken" not in marks:
            header, offset = self._read_header(self._firsts[-1])
            if header:
                self._recover(header, offset, on_snapshot, on_body)
                return ""
            if self._recover_before(on_snapshot, on_body):
                return ""
        return self._begin(marks)

    def _list(self):
        """Fill the table of segments; the names of the marks beside them."""
        try:
            os.mkdir(self.directory)
        except OSError:
            pass  # it is there
        marks = []
        for name in sorted(os.listdir(self.directory)):
            if len(name) == 14 and name.endswith(".log") and name[:10].isdigit():
                self._firsts.append(int(name[:10]))
                self._sizes.append(os.stat(self.directory + "/" + name)[6])
            else:
                marks.append(name)
        return marks

    def _begin(self, marks):
        """Put an unusable journal away and begin a new epoch."""
        lost = bool(self._firsts) or "lost" in marks
        while len(self._firsts) > 1:
            self._remove_oldest()
        if self._firsts:  # the mark makes a power cut from here on come back as "lost", too
            self._sizes.pop()
            os.rename(self._path(self._firsts.pop()), self.directory + "/lost")
        if "overtaken" in marks:
            os.remove(self.directory + "/overtaken")
        self.epoch = hexlify(os.urandom(8)).decode()
        return "lost" if lost else "first"

    def _recover(self, header, offset, on_snapshot, on_body):
        self.epoch = header["epoch"]
        self.last = header["first"] - 1
        self.through = header["through"]
        self.in_cloud = header["in_cloud"]
        on_snapshot(header["snapshot"])
        sound = self._replay(header["first"], offset, on_body)
        self._torn = sound != self._sizes[-1]

    def _recover_before(self, on_snapshot, on_body):
        """Go on from the segment before, where of the last one only the header is damaged; whether that is so."""
        header, offset = self._read_header(self._firsts[-2]) if len(self._firsts) > 1 else (None, 0)
        if not header:
            return False
        first, length = self._firsts[-1], self._sizes[-1]
        self.epoch = header["epoch"]
        self.last = first - 1
        if self._replay(first, 0, _ignore) != length or self.last < first:
            self.last = 0
            return False  # an event may be gone that has left here: its number must not be used again
        self._recover(header, offset, on_snapshot, on_body)
        self._replay(first, 0, on_body)
        self._torn = True  # the next event begins a segment, with a header of its own
        return True

    def _replay(self, first, offset, on_body):
        """Hand every sound event of the last segment to `on_body`; the offset after the last of them."""
        sound = offset
        while True:
            lines, after = self._chunk(first, offset)
            if after == offset:
                return sound
            for line in lines:
                offset += len(line) + 1
                if self._replay_line(line, on_body):
                    sound = offset
            offset = after

    def _replay_line(self, line, on_body):
        try:
            envelope = wire.decode_envelope(line)
        except wire.EnvelopeError:
            return False
        if envelope.epoch != self.epoch or envelope.seq <= self.last:
            return False
        self.last = envelope.seq
        try:
            body = wire.decode_body(envelope)
        except wire.BodyError:
            return True  # written by another version: kept and sent, not understood here
        on_body(envelope.seq, body)
        return True

    def _read_header(self, first):
        """The header of a segment, or None when it is not one of this cabinet; the offset after it."""
        lines, _ = self._chunk(first, 0)
        try:
            header = json.loads(str(lines[0], "utf-8"))
            wire.check_epoch(header["epoch"])
            sound = header["cabinet"] == self.cabinet and header["first"] == first
            sound = sound and type(header["through"]) is int and type(header["in_cloud"]) is int
            sound = sound and isinstance(header["snapshot"], dict)
        except (IndexError, KeyError, TypeError, ValueError):
            return None, 0
        return (header if sound else None), len(lines[0]) + 1

    # ---- appending ----

    def append(self, body):
        """Write one event; its seq. Durable when this returns; `OSError` when it could not be written."""
        seq = self.last + 1
        length = sum([len(piece) for piece in self._pieces(seq, body)]) + 1
        header = self._encode_header(seq) if self._is_full() else b""
        self._make_room(len(header) + length)
        try:
            if header:
                self._begin_segment(seq, header)
            if self._file is None:
                self._file = open(self._path(self._firsts[-1]), "ab")
            self._write(self._file, self._pieces(seq, body))
        except Exception:
            self._abandon()
            raise
        self._sizes[-1] += length
        self.last = seq
        return seq

    def _pieces(self, seq, body):
        return wire.event_pieces(self.cabinet, self.epoch, seq, body)

    def _is_full(self):
        return self._torn or not self._sizes or self._sizes[-1] >= self.segment_bytes

    def _encode_header(self, seq):
        header = json.dumps(
            {
                "epoch": self.epoch,
                "cabinet": self.cabinet,
                "first": seq,
                "through": self.through,
                "in_cloud": self.in_cloud,
                "snapshot": self.snapshot(),
            }
        ).encode()
        if len(header) >= _LINE_BYTES_MAX:
            raise ValueError("expected a header of at most %d bytes, found %d" % (_LINE_BYTES_MAX - 1, len(header)))
        return header + b"\n"

    def _begin_segment(self, seq, header):
        """Written beside, then renamed: a segment has its whole header or is not there."""
        self.close()
        with open(self.directory + "/new", "wb") as file:
            self._write(file, (header[:-1],))
        os.rename(self.directory + "/new", self._path(seq))
        if seq in self._firsts:  # an earlier attempt at this seq, now replaced
            self._sizes[-1] = len(header)
        else:
            self._firsts.append(seq)
            self._sizes.append(len(header))
        self._torn = False
        if seq == 1:
            self._forget("lost")

    def _write(self, file, line):
        """A line in pieces, and its end: on flash when this returns."""
        for piece in line:
            if file.write(piece) != len(piece):
                raise OSError(_NO_SPACE)
        if file.write(b"\n") != 1:
            raise OSError(_NO_SPACE)
        file.flush()

    def _abandon(self):
        """After a failed write: close the segment for good; the next append begins another one at the same seq."""
        self._torn = True
        try:
            self.close()
            if self._firsts:
                self._sizes[-1] = os.stat(self._path(self._firsts[-1]))[6]
        except OSError:
            pass  # the first error is the one to report

    def close(self):
        """Give the open file back; the next append opens it again."""
        file = self._file
        self._file = None
        if file is not None:
            file.close()

    def _forget(self, name):
        try:
            os.remove(self.directory + "/" + name)
        except OSError:
            pass  # it was not there

    # ---- acknowledging, and the space it gives back ----

    def acknowledge(self, epoch, through, in_cloud):
        """Take the gateway's cursors, which may go down; False when they are about another epoch."""
        if epoch != self.epoch:
            return False
        if through > self.last and not self.overtaken:
            self._mark_overtaken()
        self.through = min(through, self.last)
        self.in_cloud = min(in_cloud, self.through)
        self._drop_oldest(self.in_cloud)  # one at a time: deleting takes a flash erase
        return True

    def _mark_overtaken(self):
        """Events that left here are no longer on this flash: their numbers must not be used again."""
        with open(self.directory + "/overtaken", "wb") as file:
            file.flush()
        self.overtaken = True

    def _make_room(self, needed_bytes):
        for limit in (self.in_cloud, self.through):
            while self._used_bytes() + needed_bytes > self.bytes_max:
                if not self._drop_oldest(limit):
                    break
        if self._used_bytes() + needed_bytes > self.bytes_max:
            raise JournalFull(
                _NO_SPACE,
                "expected room for %d bytes, found %d of %d used by events not acknowledged"
                % (needed_bytes, self._used_bytes(), self.bytes_max),
            )

    def _drop_oldest(self, limit):
        if not self._may_drop(0, limit):
            return False
        self._remove_oldest()
        return True

    def _remove_oldest(self):
        os.remove(self._path(self._firsts[0]))
        self._firsts.pop(0)
        self._sizes.pop(0)

    def _may_drop(self, index, limit):
        """Whether a segment ends at or below `limit` and before the open session; never the last one."""
        if index + 1 >= len(self._firsts) or self._firsts[index + 1] - 1 > limit:
            return False
        session = self.snapshot().get("session", 0)
        return not 0 < session < self._firsts[index + 1]

    def _used_bytes(self):
        return sum(self._sizes)

    @property
    def free_bytes(self):
        """What can still be appended, with everything acknowledged given up."""
        free = self.bytes_max - self._used_bytes()
        for index in range(len(self._sizes)):
            if not self._may_drop(index, self.through):
                break
            free += self._sizes[index]
        return max(0, free)

    @property
    def first(self):
        """The oldest seq still held; `last` + 1 when there is none."""
        return self._firsts[0] if self._firsts else self.last + 1

    # ---- reading ----

    def read(self, seq):
        """The body of one event that is still held."""
        lines = self.lines_from(seq, wire.EVENT_BYTES_MAX)
        if not lines:
            raise IndexError("expected a seq from %d to %d, found %d" % (self.first, self.last, seq))
        return wire.decode_body(wire.decode_envelope(lines[0]))

    def lines_from(self, seq, bytes_max):
        """Event lines from `seq` on, as many as fit in `bytes_max` when joined by line feeds, within one segment.

        The lines are as they stand on flash: a damaged one goes out damaged, so that the gateway can see and book it.
        """
        if not self.first <= seq <= self.last:
            return []
        first, end = self._segment_of(seq)
        offset = self._cursor[1] if self._cursor[0] == first and self._cursor[2] <= seq else 0
        batch = _Batch(seq, end, bytes_max)
        while batch.seq < end:
            lines, after = self._chunk(first, offset)
            if after == offset:
                batch.take_missing(end)
                break
            for line in lines:
                if not batch.take(line):
                    self._cursor = (first, offset, batch.seq)
                    return batch.lines
                offset += len(line) + 1
            offset = after
        self._cursor = (first, offset, batch.seq)
        return batch.lines

    def _segment_of(self, seq):
        """The segment that holds `seq`, and the seq after its last."""
        end = self.last + 1
        for first in reversed(self._firsts):
            if first <= seq:
                return first, end
            end = first
        raise IndexError("expected a seq from %d, found %d" % (self.first, seq))

    def _chunk(self, first, offset):
        """The next whole lines of a segment and the offset after them; that does not move at its end."""
        with open(self._path(first), "rb") as file:
            file.seek(offset)
            data = file.read(_READ_BYTES)
            if b"\n" not in data and len(data) == _READ_BYTES:
                data = None  # it must not lie beside the whole line
                return self._long_line(file, offset)
        lines = data.split(b"\n")
        return lines, offset + len(data) - len(lines.pop())

    def _long_line(self, file, offset):
        """The same for a line of more than one read, which goes on in `file`: its end is looked for first."""
        length = _READ_BYTES
        while length < _LINE_BYTES_MAX:
            data = file.read(_READ_BYTES)
            if not data:
                return [], offset
            end = data.find(b"\n")
            if end >= 0:
                data = None
                file.seek(offset)
                return [file.read(length + end)], offset + length + end + 1
            length += len(data)
        return [], offset + length  # no line is that long: damage, passed over

    def _path(self, first):
        return "%s/%010d.log" % (self.directory, first)


class _Batch:
    """Lines in order of seq, with a stand-in for each that is missing, up to a number of bytes."""

    def __init__(self, seq, end, bytes_max):
        self.lines = []
        self.seq = seq  # the next one wanted
        self._end = end
        self._room = bytes_max + 1

    def take(self, line):
        """Take the line if it is due; False when the batch is full before it."""
        seq = _seq_of(line)
        if not self.seq <= seq < self._end:
            return True  # the header, damage, or a line before or after what is wanted
        return self.take_missing(seq) and self._add(line)

    def take_missing(self, end):
        """Stand-ins up to `end`; False when the batch is full before it."""
        while self.seq < end:
            if not self._add(_MISSING):
                return False
        return True

    def _add(self, line):
        if self.lines and len(line) + 1 > self._room:
            return False
        self.lines.append(line)
        self._room -= len(line) + 1
        self.seq += 1
        return True


def _seq_of(line):
    """The seq in the envelope of a line, without checking the rest; 0 when it is not an event line."""
    if line[:5] != b'{"v":':
        return 0
    at = line.find(b',"seq":', 0, 100) + 7
    end = line.find(b",", at, at + 17)
    try:
        return int(line[at:end]) if at > 6 and end > 0 else 0
    except ValueError:
        return 0
