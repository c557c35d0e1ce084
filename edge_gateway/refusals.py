"""Who was turned away at the doors of this shop: one row for what, who and where, counted, within bounds.

A file of its own beside the books: whoever knocks a thousand times a second must not keep the books from being written.
Rows are gathered in memory and written now and then; the oldest go when there are too many. It decides nothing.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

ROWS_MAX = 500
WRITE_S = 1.0  # how long a refusal may wait for its row
_TEXT_MAX = 160
# What was refused, in one word for programs; pages and docs/security.md say it in sentences.
KINDS = (
    "no_certificate",
    "foreign_certificate",
    "expired_certificate",
    "early_certificate",
    "bad_certificate",  # the broker does not say more
    "unknown_certificate",  # signed here, and not in force: revoked or replaced
    "no_tls",
    "password",
    "publish",
    "subscribe",
    "time",
    "code",
    "silent",  # held connections where cabinets enrol, and asked nothing
)

_TABLE = """
create table if not exists refusal (
    kind text not null, who text not null, detail text not null,
    first_ms integer not null, last_ms integer not null, times integer not null,
    primary key (kind, who)
) without rowid
"""
_WRITE = """
insert into refusal values (?, ?, ?, ?, ?, ?) on conflict (kind, who) do update
set detail = excluded.detail, last_ms = excluded.last_ms, times = times + excluded.times
"""
_TRIM = """
delete from refusal where (kind, who) not in (select kind, who from refusal order by last_ms desc limit ?)
"""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """`who` claims to be: a cabinet, a client's name or an address. `detail` is of the last time."""

    kind: str
    who: str
    detail: str
    first_ms: int
    last_ms: int
    times: int


Refuse = Callable[[str, str, str], None]  # kind, who, detail


class Refusals:
    """The record; `note` from any thread. Nothing is lost by `close`."""

    def __init__(self, path: Path, now_ms: Callable[[], int]) -> None:
        self._path = path
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._waiting: dict[tuple[str, str], TurnedAway] = {}
        self._written_s = 0.0
        self._lost = False
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(_TABLE)

    def note(self, kind: str, who: str, detail: str = "") -> None:
        """One more refusal of `who`."""
        if kind not in KINDS:
            raise ValueError(f"expected a kind of {', '.join(KINDS)}, found {kind!r}")
        who, detail, now = _short(who), _short(detail), self._now_ms()
        with self._lock:
            before = self._waiting.get((kind, who))
            if before is None and len(self._waiting) >= ROWS_MAX:
                return  # a flood of names: as many as there is room for will do
            first_ms, times = (before.first_ms, before.times) if before else (now, 0)
            self._waiting[kind, who] = TurnedAway(kind, who, detail, first_ms, now, times + 1)
        if time.monotonic() - self._written_s >= WRITE_S:
            self.write()

    def write(self) -> None:
        """Write what waits; it waits on where nothing can be written."""
        with self._lock:
            self._written_s = time.monotonic()
            if not self._waiting:
                return
            try:
                self._write([(r.kind, r.who, r.detail, r.first_ms, r.last_ms, r.times) for r in self._waiting.values()])
            except sqlite3.Error as error:  # a full disk: nobody is let in because of that
                if not self._lost:
                    log.error("who was turned away cannot be recorded: %s", error)  # noqa: TRY400 - the text says it
                self._lost = True
            else:
                self._waiting = {}
                self._lost = False

    def _write(self, rows: list[tuple[str, str, str, int, int, int]]) -> None:
        with closing(sqlite3.connect(self._path, timeout=10)) as connection, connection:
            connection.executemany(_WRITE, rows)
            connection.execute(_TRIM, (ROWS_MAX,))

    def newest(self, limit: int = 20) -> list[TurnedAway]:
        """The refusals of the newest times, the newest first."""
        self.write()
        with closing(sqlite3.connect(self._path)) as connection:
            found = connection.execute("select * from refusal order by last_ms desc, kind, who limit ?", (limit,))
            return [TurnedAway(*row) for row in found]

    def close(self) -> None:
        """Write what waits."""
        self.write()


def _short(text: str) -> str:
    """Printable and of bounded length: it was said by a stranger."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:_TEXT_MAX])
