"""Stamps what happened with boot, uptime and UTC, and puts it into the journal.

The journal is durable when `record` returns. Should it be full, what cannot be refused (a door that shut) waits in
memory, in order, until the gateway has made room; what can be refused is refused beforehand: ask `has_room` first.
"""

_RESERVE_BYTES = 16384  # a session that has been opened must find room to be closed
_WAITING_MAX = 32
_RETRY_MS = 1000


class Recorder:
    """`record(kind, **fields)` for everyone who has something to report."""

    def __init__(self, journal, clock):
        self._journal = journal
        self._clock = clock
        self._waiting = []
        self._retry_at_ms = 0
        self.left_out = 0  # events not journaled because there was no room
        self.on_record = None  # called with the kind of each event that the journal now holds

    def has_room(self) -> bool:
        """Whether a session can be opened and surely be closed."""
        return not self._waiting and self._journal.free_bytes >= _RESERVE_BYTES

    def record(self, kind: str, **fields) -> int:
        """The event's `seq`, or 0 when it waits because the journal is full."""
        self._waiting.append(self._stamp(kind, fields))
        return self.flush()

    def record_now(self, kind: str, **fields) -> int:
        """The event's `seq`, or 0 when it could not be written: then it has not happened."""
        body = self._stamp(kind, fields)
        self._waiting.append(body)
        seq = self.flush()
        if not seq and self._waiting and self._waiting[-1] is body:  # it may have been left out already
            self._waiting.pop()
        return seq

    def record_minor(self, kind: str, **fields) -> int:
        """The event's `seq`, or 0 when it was left out so that what matters still has room."""
        if self._waiting or self._journal.free_bytes < _RESERVE_BYTES // 2:
            self.left_out += 1
            return 0
        return self.record(kind, **fields)

    def flush(self) -> int:
        """Write what waits; the `seq` of the last one, or 0 when the journal is still full."""
        seq = 0
        while self._waiting and self._clock.up_ms() >= self._retry_at_ms:
            try:
                seq = self._journal.append(self._waiting[0])
            except OSError:  # JournalFull, or a flash that refuses
                self._retry_at_ms = self._clock.up_ms() + _RETRY_MS
                break
            body = self._waiting.pop(0)
            if self.on_record is not None:
                self.on_record(body["kind"])
        self._drop_newest()
        return 0 if self._waiting else seq

    def _stamp(self, kind, fields):
        fields["kind"] = kind
        fields["boot"] = self._clock.boot
        fields["up_ms"] = self._clock.up_ms()
        utc_ms = self._clock.utc_ms()
        if utc_ms is not None:
            fields["utc_ms"] = utc_ms
        return fields

    def _drop_newest(self):
        if len(self._waiting) > _WAITING_MAX:
            self._waiting.pop()
            self.left_out += 1
