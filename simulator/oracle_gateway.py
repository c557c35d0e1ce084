"""The oracle's eye on the gateway's database while the run goes on: it looks only at what is new.

New events are found by their numbers, new movements by what the gateway numbers for the cloud. Shares no code with
the product.
"""

import json
from collections.abc import Callable

from simulator.oracle_bookings import requests_open_twice
from simulator.oracle_database import Database, Row
from simulator.oracle_ledger import Ledger, RunningLedger
from simulator.verdict import Journal, Violation

LineOf = Callable[[Journal, int], bytes | None]  # what was heard on the wire under a number


class GatewayWatch:
    """What has been seen of the gateway's database. `line_of` is asked for the line each event was sent as."""

    def __init__(self, database: Database, line_of: LineOf) -> None:
        self.database = database
        self.ledger = Ledger("gateway", database, "movement")
        self.replaced = ""  # why its database is another one than at first
        self._line_of = line_of
        self.forget()

    def forget(self) -> None:
        """Begin anew: the next look reads everything."""
        self.database.release()
        self.running = RunningLedger()
        self.gateway = ""
        self.epoch = ""
        self.taken: dict[Journal, int] = {}
        self.outbox_last = 0
        self._fresh = True

    def look(self) -> list[Violation]:
        """What is wrong in what was committed since the last look."""
        with self.database.moment():
            if not self._know_identity():
                return []
            found = self._events()
            found += self._bookings()
            self._fresh = False
        return found

    def last_taken(self, journal: Journal) -> int:
        """The highest number of a journal that the inbox holds now, committed."""
        ((last,),) = self.database.rows("SELECT max(seq) FROM inbox WHERE cabinet = ? AND epoch = ?", *journal)
        return int(last or 0)

    def holds_between(self, journal: Journal, after: int, through: int) -> bool:
        """Whether there are events in a stretch of a journal, other than such as nobody has any more."""
        query = "SELECT 1 FROM inbox WHERE cabinet = ? AND epoch = ? AND seq > ? AND seq <= ? AND kind != 'forgotten'"
        return bool(self.database.rows(f"{query} LIMIT 1", *journal, after, through))

    def outbox(self, after: int, through: int) -> list[Row]:
        """(number, content) of what was to go up, as far as it is still there."""
        return self.database.rows(
            "SELECT seq, content FROM outbox WHERE seq > ? AND seq <= ? ORDER BY seq", after, through
        )

    def _know_identity(self) -> bool:
        rows = self.database.rows("SELECT gateway, epoch FROM identity ORDER BY number DESC LIMIT 1")
        if not rows:
            return False
        if rows[0][1] != self.epoch:
            self.outbox_last = 0  # what goes up is numbered anew
        self.gateway, self.epoch = rows[0]
        return True

    # ---- events ----

    def _events(self) -> list[Violation]:
        found: list[Violation] = []
        for cabinet, epoch, through in self.database.rows("SELECT cabinet, epoch, through FROM cursor"):
            journal = (cabinet, epoch)
            if through != self.taken.get(journal, 0):
                found += self._journal(journal, through)
        return found

    def _journal(self, journal: Journal, through: int) -> list[Violation]:
        before = self.taken.get(journal, 0)
        rows = self.database.rows(
            "SELECT seq, kind, line FROM inbox WHERE cabinet = ? AND epoch = ? AND seq > ? ORDER BY seq",
            *journal,
            before,
        )
        found: list[Violation] = []
        last = before
        for seq, kind, line in rows:
            found += self._event(journal, last, (seq, kind, bytes(line)))
            last = seq
        if last != through:
            found.append(Violation("in_order", f"{name(journal)}: expected the cursor at {last}, found {through}"))
        self.taken[journal] = last
        return found

    def _event(self, journal: Journal, last: int, row: tuple[int, str, bytes]) -> list[Violation]:
        seq, kind, line = row
        if kind == "forgotten":
            return self.not_stated(journal, last, seq)
        found = []
        if seq != last + 1:
            found.append(Violation("in_order", f"{name(journal)}: expected event {last + 1}, found {seq}"))
        return found + other_content(journal, seq, line, self._line_of(journal, seq))

    def not_stated(self, journal: Journal, last: int, seq: int) -> list[Violation]:
        """Why the events after `last` up to `seq` may not count as a loss on the record; nothing when they may."""
        where = f"{name(journal)}, events {last + 1} to {seq} passed over"
        if not self.replaced:
            return [
                Violation("acknowledged", f"{where}: expected that of a restored gateway only, found one that is not")
            ]
        details = self.database.rows(
            "SELECT detail FROM discrepancy WHERE cabinet = ? AND reason = 'journal_forgotten'", journal[0]
        )
        facts = [json.loads(detail) for (detail,) in details]
        if any(fact["epoch"] == journal[1] and fact["journal_first"] == seq + 1 for fact in facts):
            return []
        return [Violation("acknowledged", f"{where}: expected a discrepancy that says so, found none")]

    # ---- bookings ----

    def _bookings(self) -> list[Violation]:
        rows = self.database.rows("SELECT seq, content FROM outbox WHERE seq > ? ORDER BY seq", self.outbox_last)
        if self._fresh:
            found = self.running.load(self.ledger)
        else:
            found = self._numbered(rows)
            contents = [json.loads(content) for _, content in rows]
            found += self.running.add(self.ledger, [c["id"] for c in contents if c["kind"] == "movement"])
            if any(content["kind"] == "request" for content in contents):
                found += requests_open_twice("gateway", self.database)
        self.outbox_last = max([self.outbox_last, *(seq for seq, _ in rows)])
        return found

    def _numbered(self, rows: list[Row]) -> list[Violation]:
        """New numbers follow the last one without gaps; what was forgotten of an old stretch is no gap."""
        if not rows:
            return []
        ((pruned,),) = self.database.rows("SELECT pruned FROM upload")
        first = max(self.outbox_last, pruned) + 1
        last = rows[-1][0]
        if rows[0][0] == first and last - first + 1 == len(rows):
            return []
        return [
            Violation(
                "in_order",
                f"outbox of {self.epoch}: expected {first} to {first + len(rows) - 1}, found {rows[0][0]} to {last}",
            )
        ]


def name(journal: Journal) -> str:
    """A journal as a person reads it."""
    return f"{journal[0]}/{journal[1]}"


def other_content(journal: Journal, seq: int, line: bytes, sent: bytes | None) -> list[Violation]:
    """Whether an inbox line is another one than was heard on the wire."""
    if sent is None or sent == line:
        return []
    return [
        Violation("content", f"{name(journal)}/{seq}: expected the line sent, {sent!r}, found in the inbox {line!r}")
    ]
