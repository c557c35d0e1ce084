"""How the gateway and its cabinets are: for the kiosk, the dealer's page, and `partsbay gateway status`.

It reads the database and writes nothing. Everything that waits or is missing is told as a number and an age; contact
is told as an age, never as "online" alone.
"""

import json
import sqlite3
from pathlib import Path
from typing import Any, TextIO

from edge_gateway import schema
from edge_gateway.cabinet_updates import state as firmware_state
from edge_gateway.disk import DiskWatch
from edge_gateway.upload_format import (
    CabinetDoors,
    CabinetStatus,
    Content,
    DiscrepancyItem,
    EventItem,
    FeedAnswerItem,
    GatewayStatus,
    JobClosedItem,
    JobOpenedItem,
    RequestEndItem,
    RequestItem,
    ResolutionItem,
    RestockedItem,
    ReZeroItem,
    TaughtMassItem,
    UploadError,
    VerdictItem,
    decode_content,
)

BROKEN_DAYS = 7  # for so long a damaged message that came again is worth a word
UNREADABLE_DAYS = 30  # and one that never came whole
JOURNAL_RESERVE_BYTES = 16_384  # below this a controller refuses new sessions (docs/mqtt.md)
# A session in a journal, measured with the wire's encoder: `tests/benchmarks/journal_bench.py`.
SESSION_BYTES = 830
SESSION_BYTES_PER_BIN = 50
_DATED_BY: dict[type, str] = {
    EventItem: "received_ms",
    DiscrepancyItem: "opened_ms",
    ResolutionItem: "resolved_ms",
    RequestItem: "raised_ms",
    RequestEndItem: "ended_ms",
    VerdictItem: "decided_ms",
    ReZeroItem: "rezeroed_ms",
    FeedAnswerItem: "answered_ms",
    JobOpenedItem: "opened_ms",
    JobClosedItem: "closed_ms",
    RestockedItem: "restocked_ms",
    TaughtMassItem: "taught_ms",
}
_DAY_MS = 86_400_000
_HOUR_MS = 3_600_000


def gateway_status(database: Path, disk: DiskWatch, now_ms: int, cannot_write_since_ms: int = 0) -> GatewayStatus:
    """The report that goes up."""
    db = schema.open_for_reading(str(database))
    try:
        return read_status(db, disk, now_ms, cannot_write_since_ms)
    finally:
        db.close()


def read_status(db: sqlite3.Connection, disk: DiskWatch, now_ms: int, cannot_write_since_ms: int) -> GatewayStatus:
    """The report, by a connection that is open already."""
    space = disk.space(db, now_ms)
    quarantined, quarantine_oldest_ms = db.execute(_QUARANTINE).fetchone()
    broken, broken_hour = db.execute(_BROKEN, ((now_ms - BROKEN_DAYS * _DAY_MS) // _HOUR_MS,)).fetchone()
    never_came = _never_came(db, now_ms)
    return GatewayStatus(
        gateway=_one(db, "select gateway from identity order by number desc") or "",
        outbox_backlog=_backlog(db),
        quarantined=quarantined,
        document_version=_one(db, "select max(version) from document") or 0,
        cabinets=[_cabinet(row, never_came.get(row["cabinet"], (0, 0))) for row in db.execute(_CABINETS)],
        outbox_oldest_ms=_outbox_oldest_ms(db),
        quarantine_oldest_ms=quarantine_oldest_ms or 0,
        broken=broken or 0,
        broken_ms=(broken_hour or 0) * _HOUR_MS,
        cannot_write_since_ms=cannot_write_since_ms,
        disk_free_bytes=space.free_bytes,
        disk_days=space.days,
        disk_low=space.is_low,
        firmware=[firmware_state.from_row(tuple(row))[0] for row in db.execute(_FIRMWARE)],
        doors=[_doors(row) for row in db.execute(_DOORS)],
    )


_FIRMWARE = "select * from cabinet_firmware order by cabinet"
_DOORS = """
select k.cabinet, d.told, k.fingerprint, k.since_ms, k.refused
from access_key k left join controller_device d on d.cabinet = k.cabinet order by k.cabinet
"""
_DECIDED_AGAIN = """
select count(*), sum(v.best != b.best) from verdict v
join verdict b on b.session = v.session and b.bin = v.bin and b.number = v.number - 1
"""
# Of grams there are no verdicts: a bin kept in grams that was booked again for a session it had not come to rest in.
_GRAMS_AGAIN = """
select count(*) from movement m where m.id like '%/again%' and m.seq > 0 and not exists (
    select 1 from verdict v where v.session = m.session and v.bin = m.bin
)
"""
_FEED = """
select coalesce(max(number), 0), (
    select count(*) from feed_entry e where e.kind = 'count'
    and not exists (select 1 from feed_answer a where a.number = e.number)
) from feed_entry
"""
_POLICIES = "select count(*), sum(overridden) from level_in_force"
_VISITS = """
select count(*) from visit v where not is_off and until_ms >= ? and exists (
    select 1 from json_each(v.lines) l where json_extract(l.value, '$[3]') != coalesce((
        select sum(r.counted) from restocked r where r.visit = v.id
        and r.cabinet = json_extract(l.value, '$[0]') and r.bin = json_extract(l.value, '$[1]')
        and r.part = json_extract(l.value, '$[2]')
    ), 0)
)
"""
_WAITING = "select (select max(seq) from outbox) - max(through, pruned) from upload"
_QUARANTINE = "select count(*), min(received_ms) from waiting_quarantine"
_BROKEN = "select sum(broken), max(hour) from refusal where broken > 0 and hour >= ?"
_CABINETS = """
select s.*, coalesce(c.through, 0) as taken, coalesce(i.occurred_ms, 0) as taken_in_ms,
    (select count(*) from bin_weight b where b.cabinet = s.cabinet) as bins
from controller_status s
left join cursor c on c.cabinet = s.cabinet and c.epoch = s.epoch
left join inbox i on i.cabinet = c.cabinet and i.epoch = c.epoch and i.seq = c.through
order by s.cabinet
"""
# What nobody has explained yet: events a cabinet had forgotten, or a journal that ended before it was taken in.
_MISSING = """
select cabinet, opened_ms as at_ms, coalesce(json_extract(detail, '$.missing'),
    json_extract(detail, '$.journal_last') - json_extract(detail, '$.through')) as number
from open_discrepancy where reason in ('journal_forgotten', 'journal_unfinished')
"""
_UNREADABLE = """
select q.cabinet, max(q.received_ms) as at_ms, count(distinct q.epoch || '/' || q.seq) as number
from quarantine q join inbox i on i.cabinet = q.cabinet and i.epoch = q.epoch and i.seq = q.seq
where q.seq > 0 and q.received_ms >= ? and i.kind = 'unreadable' group by q.cabinet
"""


def _never_came(db: sqlite3.Connection, now_ms: int) -> dict[str, tuple[int, int]]:
    """By cabinet: how many events never came, and when that was last found."""
    found: dict[str, tuple[int, int]] = {}
    rows = db.execute(_MISSING).fetchall()
    rows += db.execute(_UNREADABLE, (now_ms - UNREADABLE_DAYS * _DAY_MS,)).fetchall()
    for row in rows:
        number, at_ms = found.get(row["cabinet"], (0, 0))
        found[row["cabinet"]] = number + (row["number"] or 0), max(at_ms, row["at_ms"])
    return found


def _cabinet(row: sqlite3.Row, never_came: tuple[int, int]) -> CabinetStatus:
    health = json.loads(row["health"]) if row["health"] else {}
    free_bytes = health.get("journal_free_bytes")
    return CabinetStatus(
        cabinet=row["cabinet"],
        last_heard_ms=row["heard_ms"],
        online=bool(row["online"]),
        journal_backlog=max(row["journal_last"] - row["taken"], 0),
        bins_blind=health.get("bins_blind", 0),
        firmware=health.get("firmware", ""),
        taken_in_ms=row["taken_in_ms"],
        never_came=never_came[0],
        never_came_ms=never_came[1],
        journal_room_sessions=-1 if free_bytes is None else room_sessions(free_bytes, row["bins"]),
        journal_full=free_bytes is not None and free_bytes < JOURNAL_RESERVE_BYTES,
        left_out=health.get("left_out", 0),
        tag_failures=health.get("tag_failures", 0),
    )


def _doors(row: sqlite3.Row) -> CabinetDoors:
    locks = json.loads(row["told"]).get("locks", "") if row["told"] else ""
    return CabinetDoors(row["cabinet"], locks, row["fingerprint"], row["since_ms"], row["refused"])


def room_sessions(free_bytes: int, bins: int) -> int:
    """How many more sessions a journal holds before the cabinet refuses new ones."""
    return max(0, free_bytes - JOURNAL_RESERVE_BYTES) // (SESSION_BYTES + SESSION_BYTES_PER_BIN * bins)


def _backlog(db: sqlite3.Connection) -> int:
    """By the numbers, which have no gaps: counting a month of them would take its time on every look."""
    return max(0, int(_one(db, _WAITING) or 0))


def _outbox_oldest_ms(db: sqlite3.Connection) -> int:
    """When the first of what is not in the cloud came about; 0 when there is none."""
    query = "select content from outbox where seq > (select through from upload) order by seq limit 1"
    row = db.execute(query).fetchone()
    try:
        return 0 if row is None else _booked_ms(decode_content(bytes(row[0])))
    except UploadError:  # an item of a later version: its age is not worth a failure
        return 0


def _booked_ms(content: Content) -> int:
    found: int = getattr(content, _DATED_BY.get(type(content), "booked_ms"))
    return found


def _one(db: sqlite3.Connection, statement: str) -> Any:
    row = db.execute(statement).fetchone()  # a database of this very moment may lack the rows its first writer makes
    return None if row is None else row[0]


# ---- for a person at a terminal ----


def print_status(database: Path, now_ms: int, out: TextIO) -> int:
    """Print a report a person can read; 1 when there is no database (`SchemaError` when it is a foreign one)."""
    if not database.exists():
        out.write(f"expected a database at {database}, found none: was the gateway ever started?\n")
        return 1
    db = schema.open_for_reading(str(database))
    try:
        schema.check_version(db)
        status = read_status(db, DiskWatch(database), now_ms, 0)
        for line in [*_gateway_lines(db, status, now_ms), *_cabinet_lines(db, status, now_ms)]:
            out.write(line + "\n")
    finally:
        db.close()
    return 0


def _gateway_lines(db: sqlite3.Connection, status: GatewayStatus, now_ms: int) -> list[str]:
    epoch = _one(db, "select epoch from identity order by number desc")
    through, pruned = db.execute("select through, pruned from upload").fetchone()
    questions = _one(db, "select count(*) from open_discrepancy")
    requests = _one(db, "select count(*) from open_request")
    lines = [
        f"gateway {status.gateway}, epoch {epoch}",
        f"document version {status.document_version or 'none yet'}",
        f"in the cloud up to {through}, {status.outbox_backlog} waiting"
        + _since(", the oldest for", status.outbox_oldest_ms, now_ms),
    ]
    if through < pruned:
        lines.append(f"NOTHING GOES UP: the cloud wants {through + 1} to {pruned} again, which were forgotten here")
    lines.append(
        f"{questions} open discrepancies, {requests} open requests, {status.quarantined} in quarantine"
        + _since(", the oldest for", status.quarantine_oldest_ms, now_ms)
    )
    told, waiting = db.execute(_FEED).fetchone()
    if told:
        lines.append(f"the cloud's feed up to {told}, {waiting} orders wait for somebody to count")
    policies, overrides = db.execute(_POLICIES).fetchone()
    if policies:
        lines.append(
            f"levels by the cloud's policy in {policies} places, {overrides or 0} of them by a person's override"
        )
    visits = db.execute(_VISITS, (now_ms,)).fetchone()[0]
    if visits:
        lines.append(f"{visits} visits of a restocker stand")
    again, otherwise = counts_decided_again(db)
    if again:
        lines.append(f"{again} counts decided again by later evidence, {otherwise} of them otherwise than before")
    if status.broken:
        last = _since(", the last within", status.broken_ms, now_ms)
        lines.append(f"{status.broken} broken messages asked for again in {BROKEN_DAYS} days{last}")
    return [*lines, _disk_line(status)]


def counts_decided_again(db: sqlite3.Connection) -> tuple[int, int]:
    """How many counts later evidence has decided again, and how many of them otherwise; grams and pieces."""
    again, otherwise = db.execute(_DECIDED_AGAIN).fetchone()
    grams = _one(db, _GRAMS_AGAIN)
    return again + grams, (otherwise or 0) + grams


def _disk_line(status: GatewayStatus) -> str:
    enough = f", enough for {status.disk_days} days at the present growth" if status.disk_days >= 0 else ""
    warning = "LOW DISK: " if status.disk_low else "disk: "
    return f"{warning}{status.disk_free_bytes // 1_000_000} MB free{enough}"


def _cabinet_lines(db: sqlite3.Connection, status: GatewayStatus, now_ms: int) -> list[str]:
    taken = {row["cabinet"]: row["taken"] for row in db.execute(_CABINETS)}
    return [line for cabinet in status.cabinets for line in _cabinet_told(cabinet, taken[cabinet.cabinet], now_ms)]


def _cabinet_told(cabinet: CabinetStatus, taken: int, now_ms: int) -> list[str]:
    state = "connected" if cabinet.online else "not connected"
    lines = [
        f"cabinet {cabinet.cabinet}: {state}, heard {age(now_ms - cabinet.last_heard_ms)} ago, "
        f"journal taken in up to {taken}, {cabinet.journal_backlog} more in the cabinet, "
        f"{cabinet.bins_blind} blind bins, firmware {cabinet.firmware or 'not known'}"
    ]
    if cabinet.journal_backlog and cabinet.taken_in_ms:
        lines.append(f"  the last event taken in is {age(now_ms - cabinet.taken_in_ms)} old")
    if cabinet.never_came:
        lines.append(f"  {cabinet.never_came} events never came{_since(', found', cabinet.never_came_ms, now_ms)} ago")
    if cabinet.journal_full:
        lines.append("  JOURNAL FULL: it refuses new sessions until its journal is taken in")
    elif cabinet.journal_room_sessions >= 0:
        lines.append(f"  its journal has room for {cabinet.journal_room_sessions} more sessions")
    if cabinet.left_out:
        lines.append(f"  {cabinet.left_out} events were not recorded since its start: its journal was full")
    if cabinet.tag_failures:
        lines.append(f"  {cabinet.tag_failures} times since its start its tag reader did not answer: nothing was read")
    return lines


def _since(words: str, then_ms: int, now_ms: int) -> str:
    return f"{words} {age(now_ms - then_ms)}" if then_ms else ""


def age(ms: int) -> str:
    """An age in its largest whole unit."""
    seconds = max(ms, 0) // 1000
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} seconds"
