"""The gateway's database: loads the books, writes batches. One writer, one transaction per batch.

A batch is durable when `write` returns (WAL, synchronous=FULL). The statements are raw: this is the hot path.
"""

import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge_gateway import schema
from edge_gateway.batch import Batch
from edge_gateway.books import Books, Cursor, Refusals, Status, ToldDevice
from edge_gateway.cabinet_updates import state as firmware_state
from edge_gateway.counting_rows import bin_state, hand_row, load_counting
from edge_gateway.decision import OpenSession, ShopJob
from edge_gateway.feed_format import Count, read_entry
from edge_gateway.plan_rows import policy_of, policy_row, visit_of_row, visit_row
from edge_gateway.shop_document import decode_document
from edge_gateway.upload_format import DiscrepancyItem, RequestItem, RestockedItem

HOUR_MS = 3_600_000
VISITS_MS = 30 * 24 * HOUR_MS  # for so long after its end a visit is kept in memory


def _insert(table: str, columns: int) -> str:
    return f"insert into {table} values ({','.join('?' * columns)})"  # noqa: S608


def _upsert(table: str, keys: str, columns: str) -> str:
    names = f"{keys}, {columns}".split(", ")
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns.split(", "))
    insert = _insert(f"{table} ({', '.join(names)})", len(names))
    return f"{insert} on conflict ({keys}) do update set {sets}"


_INBOX = _insert("inbox", 9)
_WEIGHING = _insert("weighing", 10)
_PLATEAU = _insert("plateau", 8)
_TAG_READ = _insert("tag_read", 9)
_TAG_FOUND = _insert("tag_found", 5)
_VERDICT = _insert("verdict", 15)
_REZERO = _insert("rezero", 8)
_MOVEMENT = _insert("movement", 14)
_POSTING = _insert("posting", 5)
_SESSION_OPENED = "insert into session values (?, ?, ?, ?, ?, ?, '', '', ?, null, ?)"
_SESSION_CLOSED = "update session set how = ?, missing = ?, closed_ms = ?, booked_ms = ? where id = ?"
_SESSION_UNENDED = "update session set how = 'unended', closed_ms = max(?, opened_ms) where id = ?"
_SESSION_TOLD = "update session set door = ?, badge = ? where id = ? and opened_by != 'unknown'"
_SESSION_PERSON = "insert into session_person values (?, ?, ?, ?) on conflict do nothing"
_DISCREPANCY = _insert("discrepancy", 8)
_RESOLUTION = _insert("resolution", 5)
_REQUEST = _insert("request", 7)
_REQUEST_END = _insert("request_end", 3)
_OUTBOX = _insert("outbox", 5)
_IDENTITY = "insert into identity values (null, ?, ?, ?)"
_QUARANTINE = "insert into quarantine values (null, ?, ?, ?, ?, ?, ?, ?, ?)"
_QUARANTINE_READ = _insert("quarantine_read", 6)
_DOCUMENT = _insert("document", 3)
_FEED_ENTRY = _insert("feed_entry", 5)
_FEED_ANSWER = _insert("feed_answer", 8)
_JOB = _upsert("job", "id", "title, plate, vin, km, opened_by, opened_ms, source, closed_ms")
_RESTOCKED = _insert("restocked", 11)
_TAUGHT_MASS = _insert("taught_mass", 12)
_TAG_SERIAL = _insert("tag_serial", 7)
_TAG_WRITTEN = _insert("tag_written", 2)
_VISIT = _upsert("visit", "id", "number, day, by, until_ms, is_off, lines")
_POLICY = _upsert(
    "policy",
    "cabinet, bin, part",
    "reorder_point, order_up_to, number, override_point, override_up_to, override_number, until_ms, overridden",
)
_WAITING_COUNTS = """
select number, body from feed_entry e where kind = 'count'
and not exists (select 1 from feed_answer a where a.number = e.number) order by number
"""
_VISITS = "select * from visit where until_ms > ? or is_off"
_OF_VISITS = "select r.* from restocked r join visit v on v.id = r.visit where v.until_ms > ?"
_BALANCE = _upsert("balance", "account, part", "quantity")
_CURSOR = _upsert("cursor", "cabinet, epoch", "through, in_cloud, digest, begun_ms")
_BIN_WEIGHT = _upsert("bin_weight", "cabinet, bin", "mg, noise_mg, weighed_ms")
_BIN_STATE = _upsert("bin_state", "cabinet, bin", "reference_mg, sum_mg, moved")
_BIN_GAIN = _upsert("bin_gain", "cabinet, bin", "gain_ppm, sigma_ppm, boot, since_ms")
_PART_MASS = _upsert("part_mass", "part", "unit_mass_mg, spread_mg, kappa, mean_mg, alpha, beta, taught")
_TAG_STATE = _upsert("tag_state", "cabinet", "book")
_ANSWERED = "insert into answered values (?, ?) on conflict do nothing"
_HAND = _upsert("hand", "person", "lumps")
_STATUS = _upsert("controller_status", "cabinet", "online, heard_ms, epoch, boot, journal_last, health")
_BOOT = _upsert("boot_clock", "cabinet, epoch, boot", "began_ms")
_FIRMWARE = _upsert(
    "cabinet_firmware",
    "cabinet",
    "firmware, slot, trial, wanted, state, reason, at_ms, number, board, got_bytes, of_bytes, starts, reset_cause, "
    "sensor_errors, digest",
)
_DEVICE = _upsert("controller_device", "cabinet", "told, heard_ms")
_PIN = _upsert("person_pin", "person", "digest, chosen_ms")
_PIN_TRY = "insert into pin_try values (null, ?, ?, ?, ?)"
_REFUSAL = _upsert("refusal", "cabinet, hour", "kept, kept_bytes, dropped, broken")


Connect = Callable[[Path], sqlite3.Connection]


def connect(path: Path) -> sqlite3.Connection:
    """The writing connection; the caller begins and ends transactions."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


class Store:
    """The one writing connection, made by `connect`. Used by one thread after it was made."""

    def __init__(self, path: Path, gateway: str, now_ms: int, connect: Connect = connect) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._log = path.with_name(path.name + "-wal")
        self._db = connect(path)
        try:
            schema.prepare(self._db)
            self.gateway, self.epoch = self._identity(gateway, now_ms)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the database; the write-ahead log is folded in."""
        self._db.close()

    def close_whole(self) -> None:
        """Close the database so that its one file is all there is of it, and may be given another name."""
        self._db.execute("pragma journal_mode = delete")
        self._db.close()

    def write(self, batch: Batch) -> None:
        """One transaction; all of the batch is durable when this returns, none of it when it raises."""
        with self._transaction():
            self._write_rows(batch)
            self._write_state(batch)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing. After some failures (a full disk) SQLite has undone it already."""
        self._keep_room_for_log()
        self._db.execute("begin immediate")
        try:
            yield
            self._db.execute("commit")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("rollback")
            raise

    def _keep_room_for_log(self) -> None:
        """Raise `sqlite3.OperationalError` where the write-ahead log would take the room it needs to be folded in.

        SQLite folds it in after a commit, and begins it anew once nobody reads it: while somebody reads for long, it
        grows. On a disk that it has filled no commit comes any more, and there is no room to fold it in either.
        """
        log_bytes = self._log.stat().st_size if self._log.exists() else 0
        if shutil.disk_usage(self._log.parent).free >= log_bytes:
            return
        _, frames, folded_in = self.one("pragma wal_checkpoint(passive)")
        if folded_in < frames:
            error = sqlite3.OperationalError("the room that is left is needed for the write-ahead log")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

    def try_to_write(self) -> None:
        """Write something that changes nothing: fails as any other write would."""
        with self._transaction():
            self._db.execute("insert into refusal values ('', -1, 0, 0, 0, 0)")
            self._db.execute("delete from refusal where hour = -1")

    def one(self, statement: str, values: Sequence[Any] = ()) -> Any:
        """The first row of a query, or None."""
        return self._db.execute(statement, values).fetchone()

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of a query."""
        return self._db.execute(statement, values).fetchall()

    def stored_line(self, cabinet: str, epoch: str, seq: int) -> bytes | None:
        """The line taken in under an identity."""
        row = self.one("select line from inbox where cabinet = ? and epoch = ? and seq = ?", (cabinet, epoch, seq))
        return None if row is None else bytes(row[0])

    def session_seen(self, session: str) -> bool:
        """Whether a session of that id was ever recorded."""
        return self.one("select 1 from session where id = ?", (session,)) is not None

    def discrepancy_seen(self, discrepancy: str) -> bool:
        """Whether a discrepancy of that id was ever opened."""
        return self.one("select 1 from discrepancy where id = ?", (discrepancy,)) is not None

    def last_role(self, person: str) -> str:
        """The role a person had in the newest document that named him; empty when none did."""
        for (data,) in self._db.execute("select bytes from document order by version desc"):
            for found in decode_document(data).people:
                if found.id == person:
                    return found.role
        return ""

    def settled_mg(self, cabinet: str) -> dict[int, int]:
        """The newest settled weight of each bin of a cabinet."""
        return dict(self.all("select bin, mg from bin_weight where cabinet = ?", (cabinet,)))

    def journals_after(self, outbox_seq: int) -> list[tuple[str, str, int]]:
        """(cabinet, epoch, seq): the first event of each journal that the outbox holds after a number."""
        return self.all(
            "select cabinet, epoch, min(event_seq) from outbox where seq > ? and event_seq > 0 group by cabinet, epoch",
            (outbox_seq,),
        )

    def journals_between(self, after: int, through: int) -> list[tuple[str, str, int]]:
        """(cabinet, epoch, seq): the last event of each journal that the outbox holds in a stretch of it."""
        return self.all(
            "select cabinet, epoch, max(event_seq) from outbox where seq > ? and seq <= ? and event_seq > 0 "
            "group by cabinet, epoch",
            (after, through),
        )

    def begin_epoch(self, now_ms: int) -> None:
        """A new epoch of this gateway: the outbox is numbered from 1 again, and none of it counts as sent."""
        with self._transaction():
            rows = self.all("select content, cabinet, epoch, event_seq from outbox order by seq")
            self._db.execute("delete from outbox")
            self._db.executemany(_OUTBOX, [(number, *row) for number, row in enumerate(rows, 1)])
            self._db.execute("update upload set through = 0, pruned = 0")
            self._db.execute(_IDENTITY, (self.gateway, secrets.token_hex(8), now_ms))
        self.gateway, self.epoch = self._identity(self.gateway, now_ms)

    def prune_outbox(self, through: int, rows_max: int) -> int:
        """Forget at most `rows_max` outbox rows that the cloud holds; the last number forgotten."""
        pruned = int(self.one("select pruned from upload")[0])
        until = min(through, pruned + rows_max)
        if until > pruned:
            with self._transaction():
                self._db.execute("delete from outbox where seq <= ?", (until,))
                self._db.execute("update upload set pruned = ?", (until,))
        return until

    # ---- access keys ----

    def note_access_keys(self, fingerprints: Mapping[str, str], now_ms: int) -> None:
        """Since when each cabinet's key is the one it is."""
        known = dict(self.all("select cabinet, fingerprint from access_key"))
        changed = [(cabinet, found, now_ms) for cabinet, found in fingerprints.items() if known.get(cabinet) != found]
        if changed:
            with self._transaction():
                self._db.executemany("insert or replace into access_key values (?, ?, ?, '', 0)", changed)

    def note_list(self, cabinet: str, refused: str, at_ms: int) -> None:
        """What a cabinet said of the list it was sent."""
        with self._transaction():
            self._db.execute(
                "update access_key set refused = ?, told_ms = ? where cabinet = ? and told_ms <= ?",
                (refused, at_ms, cabinet, at_ms),
            )

    # ---- PINs ----

    def keep_pin(self, person: str, digest: str, now_ms: int) -> None:
        """A person's PIN is another from now on."""
        with self._transaction():
            self._db.execute(_PIN, (person, digest, now_ms))

    def keep_pin_try(self, person: str, cabinet: str, outcome: str, now_ms: int) -> None:
        """Somebody typed a PIN; durable before it is said whether it was right."""
        with self._transaction():
            self._db.execute(_PIN_TRY, (person, cabinet, outcome, now_ms))

    def forget_pins_but(self, people: Iterable[str]) -> None:
        """Of whoever has no badge any more nothing is kept but the tries."""
        gone = {row[0] for row in self.all("select person from person_pin")} - set(people)
        if gone:
            with self._transaction():
                self._db.executemany("delete from person_pin where person = ?", [(person,) for person in sorted(gone)])

    # ---- writing ----

    def _write_rows(self, batch: Batch) -> None:
        self._many(_INBOX, batch.inbox)
        self._many(_WEIGHING, batch.weighing)
        self._many(_PLATEAU, batch.plateau)
        self._many(_TAG_READ, batch.tag_read)
        self._many(_TAG_FOUND, batch.tag_found)
        self._many(_VERDICT, batch.verdict)
        self._many(_REZERO, batch.rezero)
        self._many(_MOVEMENT, batch.movement)
        self._many(_POSTING, batch.posting)
        self._many(_SESSION_OPENED, batch.session_opened)
        self._many(_SESSION_UNENDED, batch.session_unended)
        self._many(_SESSION_CLOSED, batch.session_closed)
        self._many(_SESSION_TOLD, batch.session_told)
        self._many(_SESSION_PERSON, batch.session_person)
        self._many(_DISCREPANCY, batch.discrepancy)
        self._many(_RESOLUTION, batch.resolution)
        self._many(_REQUEST, batch.request)
        self._many(_REQUEST_END, batch.request_end)
        self._many(_OUTBOX, batch.outbox)
        self._many(_QUARANTINE, batch.quarantine)
        self._many(_QUARANTINE_READ, batch.quarantine_read)
        self._many(_DOCUMENT, batch.document)
        self._many(_FEED_ENTRY, batch.feed_entry)
        self._many(_FEED_ANSWER, batch.feed_answer)
        self._many(_RESTOCKED, batch.restocked)
        self._many(_TAUGHT_MASS, batch.taught_mass)
        self._many(_TAG_SERIAL, batch.tag_serial)
        self._many(_TAG_WRITTEN, batch.tag_written)

    def _write_state(self, batch: Batch) -> None:
        books = batch.books
        self._many(_BIN_WEIGHT, list(batch.bin_weight.values()))
        self._many(_BALANCE, [(*key, books.balances[key]) for key in batch.touched_balances])
        self._many(_JOB, list(batch.job.values()))
        self._many(_VISIT, [visit_row(visit) for visit in batch.visit.values()])
        self._many(_POLICY, [policy_row(*found) for found in batch.policy.items()])
        self._many(_BIN_STATE, [bin_state(books.counting, place) for place in batch.touched_bins])
        gains = books.counting.gains
        self._many(_BIN_GAIN, [(*place, *gains[place[0]][place[1]]) for place in batch.touched_gains])
        masses = [(part, books.counting.masses[part]) for part in batch.touched_masses]
        self._many(_PART_MASS, [(part, m.unit_mass_mg, m.spread_mg, *m.known, m.taught) for part, m in masses])
        self._many(_TAG_STATE, [(cabinet, books.counting.tags[cabinet].text()) for cabinet in batch.touched_tags])
        self._many(_ANSWERED, sorted(batch.touched_answers))
        self._many(_HAND, [hand_row(books.counting, person) for person in batch.touched_hands])
        cursors = [(key, books.cursors[key]) for key in batch.touched_cursors]
        self._many(_CURSOR, [(*key, c.through, c.in_cloud, c.digest, c.begun_ms) for key, c in cursors])
        statuses = [(key, books.statuses[key]) for key in batch.touched_statuses]
        self._many(
            _STATUS, [(key, s.online, s.heard_ms, s.epoch, s.boot, s.journal_last, s.health) for key, s in statuses]
        )
        self._many(_BOOT, [(*key, books.boots[key]) for key in batch.touched_boots])
        refusals = [(key, books.refusals[key]) for key in batch.touched_refusals]
        self._many(_REFUSAL, [(*key, r.kept, r.kept_bytes, r.dropped, r.broken) for key, r in refusals])
        self._many(
            _FIRMWARE, [firmware_state.row(*books.firmware[cabinet]) for cabinet in sorted(batch.touched_firmware)]
        )
        self._many(_DEVICE, [(cabinet, *books.devices[cabinet]) for cabinet in batch.touched_devices])
        if batch.touched_upload:
            self._db.execute("update upload set through = ?", (books.upload_through,))

    def _many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self._db.executemany(statement, rows)

    # ---- loading ----

    def _identity(self, gateway: str, now_ms: int) -> tuple[str, str]:
        row = self.one("select gateway, epoch from identity order by number desc limit 1")
        if row is not None:
            if row[0] != gateway:
                raise schema.SchemaError(f"expected the database of gateway {gateway!r}, found that of {row[0]!r}")
            return row[0], row[1]
        epoch = secrets.token_hex(8)
        with self._transaction():
            self._db.execute(_IDENTITY, (gateway, epoch, now_ms))
            self._db.execute("insert into upload values (1, 0, 0)")
        return gateway, epoch

    def load(self, now_ms: int) -> Books:
        """The books as the database has them."""
        books = Books(self.gateway, self.epoch)
        for cabinet, epoch, through, in_cloud, digest, begun_ms in self.all("select * from cursor order by begun_ms"):
            books.cursors[cabinet, epoch] = Cursor(through, in_cloud, digest, begun_ms)
            books.present[cabinet] = epoch
        for row in self.all("select account, part, quantity from balance"):
            books.set_balance(*row)
        books.devices = {row[0]: ToldDevice(*row[1:]) for row in self.all("select * from controller_device")}
        books.boots = {(row[0], row[1], row[2]): row[3] for row in self.all("select * from boot_clock")}
        books.statuses = {row[0]: Status(bool(row[1]), *row[2:]) for row in self.all("select * from controller_status")}
        firmware = [firmware_state.from_row(row) for row in self.all("select * from cabinet_firmware")]
        books.firmware = {found[0].cabinet: found for found in firmware}
        recent = self.all("select * from refusal where hour >= ?", (now_ms // HOUR_MS,))
        books.refusals = {(row[0], row[1]): Refusals(*row[2:]) for row in recent}
        self._load_open(books)
        load_counting(books, self, now_ms)
        self._load_outbox(books)
        self._load_work(books, now_ms)
        row = self.one("select bytes from document order by version desc limit 1")
        if row is not None:
            books.document = decode_document(row[0])
            books.plan = books.arranged(books.document)
        return books

    def _load_open(self, books: Books) -> None:
        for row in self._open_rows("open_discrepancy"):
            books.keep_open(DiscrepancyItem(*row))
        for row in self._open_rows("open_request"):
            books.keep_request(RequestItem(*row))
        columns = "id, cabinet, door, opened_by, person, badge, opened_ms, how = 'unended'"
        for row in self.all(f"select {columns} from session where closed_ms is null or how = 'unended'"):  # noqa: S608
            books.sessions[row[0]] = replace(OpenSession(*row[:7]), unended=bool(row[7]))

    def _load_work(self, books: Books, now_ms: int) -> None:
        """Where the feed goes on, the orders that wait for a person, the jobs, the policies and the visits."""
        books.feed_through = int(self.one("select coalesce(max(number), 0) from feed_entry")[0])
        for number, body in self.all(_WAITING_COUNTS):
            entry = read_entry("count", body)
            if isinstance(entry, Count):
                books.counts[number] = entry
        books.jobs = {row[0]: ShopJob(*row) for row in self.all("select * from job")}
        books.policies = dict(policy_of(row) for row in self.all("select * from policy"))
        since_ms = now_ms - VISITS_MS
        books.visits = {row[0]: visit_of_row(row) for row in self.all(_VISITS, (since_ms,))}
        for row in self.all(_OF_VISITS, (since_ms,)):
            books.keep_restocked(RestockedItem(*row))

    def _open_rows(self, view: str) -> Iterable[Any]:
        return self.all(f"select * from {view}")  # noqa: S608

    def _load_outbox(self, books: Books) -> None:
        books.upload_through, books.pruned = self.one("select through, pruned from upload")
        last = self.one("select max(seq) from outbox")[0]
        books.outbox_last = max(last or 0, books.pruned)
