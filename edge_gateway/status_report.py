"""How the gateway is: for the dealer's page, and for `partsbay gateway status`.

It reads the database by a connection of its own and writes nothing. Contact is told as an age, never as "online" alone.
"""

import json
import sqlite3
from pathlib import Path
from typing import Any, TextIO

from edge_gateway import schema
from edge_gateway.upload_format import CabinetStatus, GatewayStatus


def gateway_status(database: Path) -> GatewayStatus:
    """The report that goes up."""
    db = schema.open_for_reading(str(database))
    try:
        return GatewayStatus(
            gateway=_one(db, "select gateway from identity order by number desc"),
            outbox_backlog=_backlog(db),
            quarantined=_one(db, "select count(*) from quarantine"),
            document_version=_one(db, "select max(version) from document") or 0,
            cabinets=[_cabinet(row) for row in db.execute(_CABINETS)],
        )
    finally:
        db.close()


def print_status(database: Path, now_ms: int, out: TextIO) -> int:
    """Print a report a person can read; 1 when there is no database (`SchemaError` when it is a foreign one)."""
    if not database.exists():
        out.write(f"expected a database at {database}, found none: was the gateway ever started?\n")
        return 1
    db = schema.open_for_reading(str(database))
    try:
        schema.check_version(db)
        status = gateway_status(database)
        epoch = _one(db, "select epoch from identity order by number desc")
        through, pruned = db.execute("select through, pruned from upload").fetchone()
        out.write(f"gateway {status.gateway}, epoch {epoch}\n")
        out.write(f"document version {status.document_version or 'none yet'}\n")
        out.write(f"in the cloud up to {through}, {status.outbox_backlog} waiting\n")
        if through < pruned:
            out.write(f"NOTHING GOES UP: the cloud wants {through + 1} to {pruned} again, which were forgotten here\n")
        questions = _one(db, "select count(*) from open_discrepancy")
        requests = _one(db, "select count(*) from open_request")
        out.write(f"{questions} open discrepancies, {requests} open requests, {status.quarantined} in quarantine\n")
        for row in db.execute(_CABINETS):
            out.write(_cabinet_line(_cabinet(row), row["taken"], now_ms))
    finally:
        db.close()
    return 0


_CABINETS = (
    "select s.*, coalesce(c.through, 0) as taken from controller_status s "
    "left join cursor c on c.cabinet = s.cabinet and c.epoch = s.epoch order by s.cabinet"
)


def _cabinet(row: sqlite3.Row) -> CabinetStatus:
    health = json.loads(row["health"]) if row["health"] else {}
    return CabinetStatus(
        cabinet=row["cabinet"],
        last_heard_ms=row["heard_ms"],
        online=bool(row["online"]),
        journal_backlog=max(row["journal_last"] - row["taken"], 0),
        bins_blind=health.get("bins_blind", 0),
        firmware=health.get("firmware", ""),
    )


def _cabinet_line(cabinet: CabinetStatus, taken: int, now_ms: int) -> str:
    state = "connected" if cabinet.online else "not connected"
    return (
        f"cabinet {cabinet.cabinet}: {state}, heard {age(now_ms - cabinet.last_heard_ms)} ago, "
        f"journal taken in up to {taken}, {cabinet.journal_backlog} more in the cabinet, "
        f"{cabinet.bins_blind} blind bins, firmware {cabinet.firmware or 'not known'}\n"
    )


def age(ms: int) -> str:
    """An age in its largest whole unit."""
    seconds = max(ms, 0) // 1000
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} seconds"


def _backlog(db: sqlite3.Connection) -> int:
    return int(_one(db, "select count(*) from outbox where seq > (select through from upload)"))


def _one(db: sqlite3.Connection, statement: str) -> Any:
    return db.execute(statement).fetchone()[0]
