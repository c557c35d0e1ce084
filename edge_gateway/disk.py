"""The disk under the gateway's database: whether a failure to write may pass, how much is left and for how long.

It writes nothing and frees nothing. What a full disk means for messages and people is in `writer.py`.
"""

import logging
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

PAUSE_MS = 1_000  # until the next try to write; doubles up to
PAUSE_MS_MAX = 10_000
CALM_MS = (
    15_000  # so long without a failure, and writing counts as well again: a small row may fit where a large did not
)
LOW_BYTES = 500_000_000
FULL_BYTES = 65_536  # with less than that nothing of use can be written
LOW_DAYS = 14
GROWTH_DAYS = 7  # over which the growth is measured
GROWTH_AGAIN_MS = 3_600_000
DATABASE_BYTES_PER_EVENT_BYTE = 15  # measured: 11 with 12 bins, 15 with 24, rows and indexes and the outbox included
_DAY_MS = 86_400_000
# No room, the device refused, a file could not be made, another program holds the database, the disk became read-only.
_MAY_PASS = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_READONLY,
    }
)


class CannotWriteError(RuntimeError):
    """Nothing can be written just now, so what was asked is not done; it may be asked again."""


def may_pass(error: sqlite3.Error) -> bool:
    """Whether the database is sound and only cannot be written at this moment. Anything else is a broken invariant."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF in _MAY_PASS


class WriteTrouble:
    """Whether the database can be written: said once when it cannot, once when it can again, and when to try."""

    def __init__(self) -> None:
        self.since_ms = 0  # 0: all is well
        self.on_lost: Callable[[], None] = lambda: None
        self._failed_ms = 0
        self._pause_ms = 0

    def lost(self, now_ms: int, error: sqlite3.Error) -> None:
        """A write failed."""
        if not self.since_ms:
            log.error("the database cannot be written: %s; cabinets keep their events until it can", error)
            self.since_ms = now_ms
            self._pause_ms = 0
            self.on_lost()
        self._failed_ms = now_ms
        self._pause_ms = min(2 * self._pause_ms or PAUSE_MS, PAUSE_MS_MAX)

    def well(self, now_ms: int) -> None:
        """A write succeeded."""
        if self.since_ms and not 0 <= now_ms - self._failed_ms < CALM_MS:
            log.warning("the database can be written again")
            self.since_ms = 0

    def may_try(self, now_ms: int) -> bool:
        """Whether it is time to write; a clock that was set back does not make anybody wait."""
        return not self.since_ms or not 0 <= now_ms - self._failed_ms < self._pause_ms


@dataclass(frozen=True, slots=True)
class Space:
    """What is left on the disk, and how fast the database grows (0: not at all, or nothing to tell it by)."""

    free_bytes: int
    growth_bytes_per_day: int

    @property
    def days(self) -> int:
        """How long it lasts at that rate; -1 when there is no rate."""
        return self.free_bytes // self.growth_bytes_per_day if self.growth_bytes_per_day else -1

    @property
    def is_low(self) -> bool:
        """Whether somebody should make room before it is full."""
        return self.free_bytes < LOW_BYTES or 0 <= self.days < LOW_DAYS


class DiskWatch:
    """Measures the disk on every call, and the growth, which reads a week of events, once an hour."""

    def __init__(self, database: Path) -> None:
        self.on_full: Callable[[], None] = lambda: None
        self._folder = database.parent
        self._growth_bytes_per_day = 0
        self._measured_ms = 0
        self._full_ms = 0

    def full_since_ms(self, now_ms: int) -> int:
        """Since when there has been no room at all, as far as it was looked; 0 when there is."""
        if shutil.disk_usage(self._folder).free >= FULL_BYTES:
            self._full_ms = 0
        elif not self._full_ms:
            self._full_ms = now_ms
            self.on_full()
        return self._full_ms

    def space(self, db: sqlite3.Connection, now_ms: int) -> Space:
        """What is left now."""
        if not self._measured_ms or not 0 <= now_ms - self._measured_ms < GROWTH_AGAIN_MS:
            self._growth_bytes_per_day = growth_bytes_per_day(db, now_ms)
            self._measured_ms = now_ms
        return Space(shutil.disk_usage(self._folder).free, self._growth_bytes_per_day)


def growth_bytes_per_day(db: sqlite3.Connection, now_ms: int) -> int:
    """By the events of the last days; by those of its whole life when the database is younger."""
    from_ms = now_ms - GROWTH_DAYS * _DAY_MS
    journals = db.execute("select cabinet, epoch, begun_ms from cursor").fetchall()
    event_bytes = sum(_event_bytes(db, cabinet, epoch, from_ms) for cabinet, epoch, _ in journals)
    begun_ms = min((begun_ms for _, _, begun_ms in journals), default=now_ms)
    days = max(1, min(GROWTH_DAYS, -(-(now_ms - begun_ms) // _DAY_MS)))
    return event_bytes * DATABASE_BYTES_PER_EVENT_BYTE // days


def _event_bytes(db: sqlite3.Connection, cabinet: str, epoch: str, from_ms: int) -> int:
    """The size of a journal's events since a time: found from its end, so that a long ledger costs nothing."""
    before = db.execute(
        "select seq from inbox where cabinet = ? and epoch = ? and received_ms < ? order by seq desc limit 1",
        (cabinet, epoch, from_ms),
    ).fetchone()
    since = (cabinet, epoch, before[0] if before is not None else 0)
    found = db.execute("select sum(length(line)) from inbox where cabinet = ? and epoch = ? and seq > ?", since)
    return int(found.fetchone()[0] or 0)
