"""`partsbay gateway verify-ledger`: recomputes the ledger and the inbox from their rows and reports every difference.

It reads one snapshot of the database, also beside a running gateway, and writes nothing.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from cabinet import wire

from edge_gateway import evidence_rows, ledger, schema
from edge_gateway.batch import chain
from edge_gateway.books import EMPTY_DIGEST

FOUND_MAX = 50  # of one kind are listed; the rest is counted

EventKey = tuple[str, str, int]  # cabinet, epoch, seq
EvidenceRow = tuple[str, ...]
# Tables of evidence with the columns that follow from an event's line.
_EVIDENCE = {
    "weighing": "bin, before_mg, before_noise_mg, mg, noise_mg, quality",
    "plateau": "bin, number, at_ms, mg, noise_mg",
    "tag_read": "session, pass, rounds, seen, more",
    "tag_found": "epc, what",
}
_BOOKED_LINES = """
select i.cabinet, i.epoch, i.seq, i.line from inbox i
where i.kind in ('session_opened', 'session_closed', 'bins_changed', 'tags_read') or exists (
    select 1 from quarantine_read r where r.cabinet = i.cabinet and r.epoch = i.epoch and r.seq = i.seq
)
"""


def verify(database: Path, out: TextIO) -> int:
    """Check a database and print what was found; 0 when everything agrees."""
    if not database.exists():
        out.write(f"expected a database at {database}, found none\n")
        return 1
    db = schema.open_for_reading(str(database))
    try:
        db.execute("begin")
        schema.check_version(db)
        failures = 0
        for name, check in _CHECKS.items():
            failures += _report(name, list(check(db)), out)
        out.write(_totals(db))
    except (sqlite3.DatabaseError, schema.SchemaError) as error:
        out.write(f"cannot read {database}: {error}\n")
        return 1
    finally:
        db.close()
    out.write("the ledger agrees\n" if not failures else f"the ledger does NOT agree: {failures} differences\n")
    return 1 if failures else 0


def _report(name: str, found: list[str], out: TextIO) -> int:
    out.write(f"{'ok      ' if not found else 'DIFFERS '}{name}\n")
    for line in found[:FOUND_MAX]:
        out.write(f"        {line}\n")
    if len(found) > FOUND_MAX:
        out.write(f"        and {len(found) - FOUND_MAX} more\n")
    return len(found)


def _totals(db: sqlite3.Connection) -> str:
    names = ("inbox", "movement", "posting", "session", "discrepancy", "quarantine", "outbox")
    counts = [(name, db.execute(f"select count(*) from {name}").fetchone()[0]) for name in names]  # noqa: S608
    return ", ".join(f"{count} {name}" for name, count in counts) + "\n"


def _movements(db: sqlite3.Connection) -> Iterator[str]:
    """Every movement is of a known kind, balanced, and cites an event that is in the inbox."""
    lines: dict[str, list[ledger.Posting]] = defaultdict(list)
    for movement, account, part, quantity in db.execute("select movement, account, part, quantity from posting"):
        lines[movement].append(ledger.Posting(account, part, quantity))
    for row in db.execute(
        "select m.id, m.cause, m.seq, m.corrects, i.seq as event, c.id as corrected from movement m "
        "left join inbox i on i.cabinet = m.cabinet and i.epoch = m.epoch and i.seq = m.seq "
        "left join movement c on c.id = m.corrects"
    ):
        try:
            ledger.check(row["cause"], lines.pop(row["id"], []))
        except ledger.LedgerError as error:
            yield f"{row['id']}: {error}"
        if row["seq"] and row["event"] is None:
            yield f"{row['id']}: expected its event {row['seq']} in the inbox, found none"
        if row["corrects"] and row["corrected"] is None:
            yield f"{row['id']}: expected the movement {row['corrects']} that it corrects, found none"
    for movement in lines:
        yield f"{movement}: expected a movement for its postings, found none"


def _balances(db: sqlite3.Connection) -> Iterator[str]:
    """Every balance is the sum of its postings, and no bin holds less than nothing."""
    postings = (ledger.Posting(*row) for row in db.execute("select account, part, quantity from posting"))
    expected = ledger.balances(postings)
    rows = db.execute("select account, part, quantity from balance where quantity != 0")
    found = {(account, part): quantity for account, part, quantity in rows}
    for account, part, should, is_now in ledger.differences(expected, found):
        yield f"{account} {part}: expected {should} by its postings, found {is_now}"
    for (account, part), quantity in expected.items():
        if account.startswith("bin:") and quantity < 0:
            yield f"{account} {part}: expected at least 0 in a bin, found {quantity}"


def _journals(db: sqlite3.Connection) -> Iterator[str]:
    """Every journal is without gaps from 1 to its cursor but those on record, and its chain of digests is whole."""
    digests: dict[tuple[str, str], bytes] = {}
    lasts: dict[tuple[str, str], int] = {}
    for row in db.execute("select cabinet, epoch, seq, kind, line, digest from inbox order by cabinet, epoch, seq"):
        key = (row["cabinet"], row["epoch"])
        last = lasts.get(key, 0)
        if row["seq"] != last + 1 and not (row["kind"] == "forgotten" and row["seq"] > last):
            yield f"{key[0]}/{key[1]}: expected event {last + 1}, found {row['seq']}"
        line = row["line"] if isinstance(row["line"], bytes) else str(row["line"]).encode()
        if chain(digests.get(key, EMPTY_DIGEST), line) != row["digest"]:
            yield f"{key[0]}/{key[1]}/{row['seq']}: expected the digest of its line, found another"
        if row["kind"] not in ("unreadable", "forgotten"):
            yield from _line(key, row["seq"], line)
        digests[key], lasts[key] = row["digest"], row["seq"]
    for row in db.execute("select cabinet, epoch, through, digest from cursor"):
        key = (row["cabinet"], row["epoch"])
        if lasts.get(key, 0) != row["through"]:
            yield f"{key[0]}/{key[1]}: expected a cursor at {lasts.get(key, 0)}, found {row['through']}"
        elif digests.get(key, EMPTY_DIGEST) != row["digest"]:
            yield f"{key[0]}/{key[1]}: expected the cursor to hold the last digest, found another"


def _line(key: tuple[str, str], seq: int, line: bytes) -> Iterator[str]:
    try:
        envelope = wire.decode_envelope(line)
    except wire.EnvelopeError as error:
        yield f"{key[0]}/{key[1]}/{seq}: {error}"
        return
    if (envelope.cabinet, envelope.epoch, envelope.seq) != (*key, seq):
        yield f"{key[0]}/{key[1]}/{seq}: expected its own line, found one of {envelope.cabinet}/{envelope.seq}"


def _outbox(db: sqlite3.Connection) -> Iterator[str]:
    """The outbox is numbered without gaps after what was pruned, and the cloud holds no more than that."""
    through, pruned = db.execute("select through, pruned from upload").fetchone()
    count, first, last = db.execute("select count(*), min(seq), max(seq) from outbox").fetchone()
    if count and (first != pruned + 1 or last - first + 1 != count):
        yield f"expected {pruned + 1} to {pruned + count} without gaps, found {first} to {last}"
    if through > (last or pruned):
        yield f"expected the cloud's cursor at {last or pruned} at most, found {through}"


def _explanations(db: sqlite3.Connection) -> Iterator[str]:
    """Every resolution and every end of a request names one that exists, and what was booked for it."""
    for (found,) in db.execute(
        "select discrepancy from resolution where discrepancy not in (select id from discrepancy)"
    ):
        yield f"expected a discrepancy {found}, found none"
    for (found,) in db.execute(
        "select movement from resolution where movement != '' and movement not in (select id from movement)"
    ):
        yield f"expected a movement {found} of a resolution, found none"
    for (found,) in db.execute("select request from request_end where request not in (select id from request)"):
        yield f"expected a request {found}, found none"


def _evidence(db: sqlite3.Connection) -> Iterator[str]:
    """Weighings, plateaus and inventories are what the lines of their events say, neither more nor less."""
    kept = _kept_evidence(db)
    for key, body in _read_lines(db):
        expected = {name: rows for name, rows in _derived_evidence(key, body).items() if rows}
        found = kept.pop(key, {})
        for name in expected.keys() | found.keys():
            if sorted(expected.get(name, [])) != sorted(found.get(name, [])):
                yield f"{key[0]}/{key[1]}/{key[2]}: expected the {name} rows of its line, found others"
    for key, rows in kept.items():
        names = ", ".join(sorted(rows))
        yield f"{key[0]}/{key[1]}/{key[2]}: expected the event of its {names} rows in the inbox, found none"


def _kept_evidence(db: sqlite3.Connection) -> dict[EventKey, dict[str, list[EvidenceRow]]]:
    """The rows of evidence by event and table, without the event's own columns and its time."""
    kept: dict[EventKey, dict[str, list[EvidenceRow]]] = defaultdict(lambda: defaultdict(list))
    for name, columns in _EVIDENCE.items():
        for row in db.execute(f"select cabinet, epoch, seq, {columns} from {name}"):  # noqa: S608
            kept[tuple(row[:3])][name].append(_comparable(row[3:]))
    return kept


def _read_lines(db: sqlite3.Connection) -> Iterator[tuple[EventKey, dict[str, Any]]]:
    """Every event that was booked, when it came or later, with its body."""
    for row in db.execute(_BOOKED_LINES):
        line = row["line"] if isinstance(row["line"], bytes) else str(row["line"]).encode()
        try:
            body: dict[str, Any] = wire.decode_body(wire.decode_envelope(line))
        except wire.WireError:  # a line that was tampered with: said by the digests
            continue
        yield (row["cabinet"], row["epoch"], row["seq"]), body


def _derived_evidence(key: EventKey, body: dict[str, Any]) -> dict[str, list[EvidenceRow]]:
    read = evidence_rows.tag_read(key[0], key[1], body)
    rows: dict[str, list[EvidenceRow]] = {
        "weighing": [_comparable(row) for row in evidence_rows.weighed(body)],
        "plateau": [_comparable(row) for row in evidence_rows.plateaus(body)],
    }
    if read is not None:
        rows["tag_read"] = [_comparable((read.session, read.number, read.rounds, read.seen, read.more))]
        rows["tag_found"] = [_comparable(found) for found in read.found]
    return rows


def _comparable(row: Iterable[Any]) -> EvidenceRow:
    """A row whose order among others is defined, with nulls in it too."""
    return tuple(map(repr, row))


def _verdicts(db: sqlite3.Connection) -> Iterator[str]:
    """Verdicts of a session and bin are numbered without gaps; they and re-zeroings cite events of the inbox."""
    for row in db.execute(
        "select session, bin, count(*) as n, max(number) as last from verdict group by session, bin having n != last"
    ):
        yield f"{row['session']}, bin {row['bin']}: expected verdicts 1 to {row['n']}, found one numbered {row['last']}"
    for table in ("verdict", "rezero"):
        for (found,) in db.execute(
            f"select id from {table} v where not exists (select 1 from inbox i "  # noqa: S608
            "where v.event = i.cabinet || '/' || i.epoch || '/' || i.seq)"
        ):
            yield f"{found}: expected its event in the inbox, found none"


def _read_again(db: sqlite3.Connection) -> Iterator[str]:
    """What was read again had been set aside."""
    for row in db.execute(
        "select r.cabinet, r.epoch, r.seq, coalesce(i.kind, 'no event') as kind from quarantine_read r "
        "left join inbox i on i.cabinet = r.cabinet and i.epoch = r.epoch and i.seq = r.seq "
        "where i.kind is not 'quarantined'"
    ):
        yield f"{row['cabinet']}/{row['epoch']}/{row['seq']}: expected an event set aside, found {row['kind']}"


_CHECKS = {
    "movements are balanced and cite their evidence": _movements,
    "balances are the sums of their postings": _balances,
    "journals have no gaps and their digests are right": _journals,
    "evidence is what the lines of its events say": _evidence,
    "verdicts and re-zeroings name what exists": _verdicts,
    "resolutions and request ends name what exists": _explanations,
    "events read again had been set aside": _read_again,
    "the outbox has no gaps": _outbox,
}
