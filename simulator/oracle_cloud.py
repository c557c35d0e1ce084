"""The oracle's eye on the cloud's database: what each upload brought, and at rest whether both sides are the same.

What the gateway numbered says what the cloud must hold under its cursor. Shares no code with the product.
"""

import json
from typing import Any

from simulator.oracle_database import Database, Row
from simulator.oracle_gateway import GatewayWatch
from simulator.oracle_ledger import Ledger, RunningLedger
from simulator.verdict import Journal, Violation

RULE = "same_in_cloud"

# Of each kind that goes up: the cloud's table, and the columns that are its identity.
TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "event": ("event", ("cabinet", "epoch", "seq")),
    "movement": ("movement", ("id",)),
    "session": ("cabinet_session", ("id",)),
    "discrepancy": ("discrepancy", ("id",)),
    "resolution": ("resolution", ("discrepancy",)),
    "request": ("request", ("id",)),
    "request_end": ("request_end", ("request",)),
    "set_aside": ("set_aside", ("event",)),
    "read_again": ("read_again", ("event",)),
    "verdict": ("verdict", ("id",)),
    "rezero": ("rezero", ("id",)),
    "feed_answer": ("feed_answer", ("number",)),
    "restocked": ("restocked_bin", ("id",)),
}


class CloudWatch:
    """What has been seen of the cloud's database, beside what was seen of the gateway's."""

    def __init__(self, database: Database, gateway: GatewayWatch) -> None:
        self.database = database
        self.replaced = ""  # why it is another database than at first
        self._gateway = gateway
        self.held: dict[str, int] = {}  # by epoch of the gateway: the most the cloud ever held
        self._events: dict[Journal, int] = {}  # by journal: the highest number the cloud ever held
        self.forget()

    def forget(self) -> None:
        """Begin anew: the next look reads everything. What was held once is remembered."""
        self.database.release()
        self.running = RunningLedger()
        self.through: dict[str, int] = {}
        self._aside: set[Row] = set()
        self._shop = ""
        self.fresh = True

    def look(self) -> list[Violation]:
        """What is wrong in what was committed since the last look."""
        if not self._gateway.gateway:
            return []
        with self.database.moment():
            if not self._know_shop():
                return []
            found = self._put_aside()
            for epoch, through in self._cursors():
                found += self._upload(epoch, through)
            if self.fresh:
                found += self.running.load(self.ledger)
            self.fresh = False
        return found

    @property
    def ledger(self) -> Ledger:
        """The ledger of the gateway's shop."""
        return Ledger("cloud", self.database, "movement_id", self._shop)

    def holds(self, epoch: str) -> int:
        """How far the cloud's cursor of a gateway's epoch is now, committed."""
        if not self.database.ready():
            return 0
        rows = self.database.rows("SELECT max(through) FROM gateway_epoch WHERE epoch = ?", epoch)
        return max(int(rows[0][0] or 0), self.held.get(epoch, 0))

    def ahead_of_cloud(self) -> list[Violation]:
        """Cursors in the gateway that say the cloud holds what it never held."""
        if self.fresh:
            return []
        found = []
        epoch, gateway = self._gateway.epoch, self._gateway.database
        for (through,) in gateway.rows("SELECT through FROM upload"):
            if through > self.held.get(epoch, 0):
                found.append(f"upload cursor of {epoch}: expected {self.held.get(epoch, 0)} at most, found {through}")
        for cabinet, journal, through, in_cloud in gateway.rows("SELECT cabinet, epoch, through, in_cloud FROM cursor"):
            held = self._newest_event((cabinet, journal), in_cloud)
            beyond = in_cloud > held and self._gateway.holds_between((cabinet, journal), held, in_cloud)
            if beyond or in_cloud > through:
                found.append(
                    f"{cabinet}/{journal}: expected in_cloud at {min(held, through)} at most, found {in_cloud}"
                )
        return [Violation("in_order", text) for text in found]

    # ---- at rest ----

    def doubled(self) -> tuple[int, list[Violation]]:
        """How many rows are one too many, and which."""
        found: list[tuple[str, int]] = []
        for table, key in (("movement", "id"), ("event", "cabinet || '/' || epoch || '/' || seq")):
            query = f"SELECT {key}, count(*) FROM {table} WHERE shop_id = ? GROUP BY 1 HAVING count(*) > 1"  # noqa: S608
            found += [(f"cloud, {table} {name}", count) for name, count in self.database.rows(query, self._shop)]
        texts = [f"{what}: expected it once, found it {count} times" for what, count in found]
        return sum(count - 1 for _, count in found), [Violation("booked_once", text) for text in texts]

    def behind(self) -> list[Violation]:
        """What was not uploaded, or is under a cursor and not there."""
        ((last, through),) = self._gateway.database.rows(
            "SELECT max(pruned, coalesce((SELECT max(seq) FROM outbox), 0)), through FROM upload"
        )
        cursors: dict[str, int] = dict(self._cursors())
        epoch = self._gateway.epoch
        found = [
            Violation(RULE, f"{where} of {epoch}: expected {last}, the end of the outbox, found {cursor}")
            for where, cursor in (("cursor of the cloud", cursors.get(epoch, 0)), ("cursor of the gateway", through))
            if cursor != last
        ]
        for known, end in cursors.items():
            found += self._not_held(known, 0, end)
        return found

    # ---- what is new ----

    def _know_shop(self) -> bool:
        rows = self.database.rows("SELECT shop_id FROM gateway WHERE id = ?", self._gateway.gateway)
        self._shop = rows[0][0] if rows else ""
        return bool(rows)

    def _cursors(self) -> list[Row]:
        return self.database.rows(
            "SELECT epoch, through FROM gateway_epoch WHERE gateway_id = ?", self._gateway.gateway
        )

    def _put_aside(self) -> list[Violation]:
        rows = self.database.rows("SELECT epoch, seq, reason FROM ingest_quarantine WHERE shop_id = ?", self._shop)
        new = set(rows) - self._aside
        self._aside |= new
        return [
            Violation(RULE, f"cloud, item {seq} of {epoch}: expected it booked, found it put aside: {reason}")
            for epoch, seq, reason in sorted(new)
        ]

    def _upload(self, epoch: str, through: int) -> list[Violation]:
        before = self.through.get(epoch, 0)
        if through == before:
            return []
        self.through[epoch] = through
        self.held[epoch] = max(through, self.held.get(epoch, 0))
        if through < before:
            text = f"cloud, cursor of {epoch}: expected {before} or more as seen before, found {through}"
            return [Violation("in_order", text)]
        found = self._not_held(epoch, before, through)
        if epoch == self._gateway.epoch and not self.fresh:
            found += self._items(before, through)
        return found

    def _not_held(self, epoch: str, before: int, through: int) -> list[Violation]:
        ((count,),) = self.database.rows(
            "SELECT coalesce(sum(min(last, ?) - max(first, ?) + 1), 0) FROM upload_batch "
            "WHERE gateway_id = ? AND epoch = ? AND first <= ? AND last > ?",
            through,
            before + 1,
            self._gateway.gateway,
            epoch,
            through,
            before,
        )
        if count == through - before:
            return []
        text = f"cloud, {epoch}: expected all items {before + 1} to {through} of its cursor, found {count} of them"
        return [Violation("in_order", text)]

    def _items(self, before: int, through: int) -> list[Violation]:
        """The items under the cursor are in their tables, and balances have moved by them."""
        found: list[Violation] = []
        movements = []
        aside = {seq for epoch, seq, _ in self._aside if epoch == self._gateway.epoch}
        for seq, text in self._gateway.outbox(before, through):
            if seq in aside:
                continue
            content = json.loads(text)
            found += self._item(seq, content)
            if content["kind"] == "movement":
                movements.append(content["id"])
        return found + self.running.add(self.ledger, movements)

    def _item(self, seq: int, content: dict[str, Any]) -> list[Violation]:
        table, keys = TABLES[content["kind"]]
        identity = [content[key] for key in keys]
        rows = self.database.rows(
            f"SELECT {'line' if table == 'event' else '1'} FROM {table} WHERE shop_id = ? AND "  # noqa: S608
            + " AND ".join(f"{key} = ?" for key in keys),
            self._shop,
            *identity,
        )
        what = f"cloud, item {seq}, {content['kind']} {'/'.join(map(str, identity))}"
        if not rows:
            return [Violation(RULE, f"{what}: expected it, for the cursor is beyond it, found none")]
        if table == "event" and rows[0][0] != content["line"]:
            return [Violation("content", f"{what}: expected {content['line']!r}, found {rows[0][0]!r}")]
        return []

    def _newest_event(self, journal: Journal, wanted: int) -> int:
        """The highest number of a journal that the cloud ever held; looked up only when less than wanted is known."""
        known = self._events.get(journal, 0)
        if known >= wanted:
            return known
        ((last,),) = self.database.rows(
            "SELECT max(seq) FROM event WHERE shop_id = ? AND cabinet = ? AND epoch = ?", self._shop, *journal
        )
        self._events[journal] = max(int(last or 0), known)
        return self._events[journal]
