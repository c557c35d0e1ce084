"""How the controller is: the `health` message, and the memory it has had at its worst.

It reports and collects garbage in a steady place; it repairs nothing.
"""

import gc

from cabinet import wire

FIRMWARE = "0.2.0"
_PERIOD_MS = 300000
_ASK_MS = 15000  # while nobody has said what time it is; then twice that, and so on
_COLLECT_MS = 5000
_THRESHOLD_BYTES = 16384  # collect after this much has been allocated: keeps the heap from fragmenting


class Health:
    """Counters of all parts, gathered when asked."""

    def __init__(self, clock, journal, recorder, link, scanner, access, reader, reset_cause: str):
        self.tags = None  # adds its own to the message, where there is a tag reader
        self.refused = lambda: 0  # messages the controller could not understand
        self.mem_free_bytes = 0
        self.mem_free_bytes_min = 1 << 30
        self.due_ms = 0  # when to send the next message
        self._ask_ms = _ASK_MS
        self._clock = clock
        self._journal = journal
        self._recorder = recorder
        self._link = link
        self._scanner = scanner
        self._access = access
        self._reader = reader
        self._reset_cause = reset_cause
        self._collected_ms = -_COLLECT_MS
        gc.threshold(_THRESHOLD_BYTES)

    def collect(self) -> None:
        """Collect garbage and note what is left."""
        gc.collect()
        self._collected_ms = self._clock.up_ms()
        self.mem_free_bytes = gc.mem_free()
        self.mem_free_bytes_min = min(self.mem_free_bytes_min, self.mem_free_bytes)

    def tick(self, now_ms: int) -> None:
        """Collect every few seconds; call it while something happens."""
        if now_ms - self._collected_ms >= _COLLECT_MS:
            self.collect()

    def message(self) -> bytes:
        """The payload of `health`, now."""
        journal = self._journal
        fields = {
            "epoch": journal.epoch,
            "boot": self._clock.boot,
            "up_ms": self._clock.up_ms(),
            "firmware": FIRMWARE,
            "reset_cause": self._reset_cause,
            "config_version": self._access.version,
            "journal_first": journal.first,
            "journal_last": journal.last,
            "journal_through": journal.through,
            "journal_free_bytes": journal.free_bytes,
            "mem_free_bytes": self.mem_free_bytes,
            "mem_free_bytes_min": min(self.mem_free_bytes_min, self.mem_free_bytes),
            "scan_ms_max": self._scanner.scan_ms_max,
            "bins_blind": self._scanner.blind(),
            "sensor_errors": self._scanner.errors + self._reader.errors,
            "connects": self._link.connects,
            "refused": self.refused() + self._link.refused,
            "left_out": self._recorder.left_out,
        }
        if self.tags is not None:
            self.tags.report(fields)
        utc_ms = self._clock.utc_ms()
        if utc_ms is not None:
            fields["utc_ms"] = utc_ms
        self._scanner.scan_ms_max = 0
        self.due_ms = fields["up_ms"] + self._period_ms(utc_ms)
        return wire.encode("health", fields)

    def _period_ms(self, utc_ms):
        """Until the next message: shorter while it is the time that is wanted in answer."""
        if utc_ms is not None:
            return _PERIOD_MS
        self._ask_ms = min(2 * self._ask_ms, _PERIOD_MS)
        return self._ask_ms // 2
