"""The gateway's database: its version, and `prepare`, which makes a new one, brings an older one up to date or refuses
a foreign one. `tables.py`, `counting_tables.py` and `feed_tables.py` have every table, and what may never change.
"""

import sqlite3

from edge_gateway.cabinet_updates.tables import UPDATES, UPDATES_APPEND_ONLY
from edge_gateway.counting_tables import COUNTING, MEMORY
from edge_gateway.door_tables import DOORS, DOORS_APPEND_ONLY
from edge_gateway.feed_tables import FEED, PLANS
from edge_gateway.serial_devices.tables import BENCH, BENCH_APPEND_ONLY
from edge_gateway.tables import APPEND_ONLY, QUARANTINE_READ, TABLES

VERSION = 8


class SchemaError(ValueError):
    """The database is not one of this program's."""


def _triggers(table: str) -> str:
    return "".join(
        f"create trigger {table}_refuse_{verb} before {verb} on {table} "
        f"begin select raise(abort, '{table} is append-only'); end;\n"
        for verb in ("update", "delete")
    )


# What brings a database of a version to the next one.
_NEXT = {
    2: QUARANTINE_READ + _triggers("quarantine_read"),
    3: COUNTING + "".join(map(_triggers, ("plateau", "tag_read", "tag_found", "verdict", "rezero"))),
    4: MEMORY,
    5: FEED + _triggers("feed_entry") + _triggers("feed_answer"),
    6: PLANS + _triggers("restocked"),
    7: BENCH
    + UPDATES
    + DOORS
    + "".join(map(_triggers, (*BENCH_APPEND_ONLY, *UPDATES_APPEND_ONLY, *DOORS_APPEND_ONLY))),
}


def prepare(connection: sqlite3.Connection) -> None:
    """Set the connection's pragmas and make the tables of an empty database, or those an older one lacks.

    `SchemaError` for a foreign one.
    """
    if _holds_something(connection):
        _bring_up_to_date(connection)
        check_version(connection)
        set_pragmas(connection)
        return
    set_pragmas(connection)
    _change(
        connection,
        "".join((TABLES, QUARANTINE_READ, COUNTING, MEMORY, FEED, PLANS, *map(_triggers, APPEND_ONLY), _NEXT[7])),
        VERSION,
    )


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    while (version := _version(connection)) in _NEXT and _is_ours(connection):
        _change(connection, _NEXT[version], version + 1)


def _change(connection: sqlite3.Connection, script: str, version: int) -> None:
    connection.executescript(f"begin immediate;\n{script}pragma user_version = {version};\ncommit;")


def _holds_something(connection: sqlite3.Connection) -> bool:
    return _version(connection) != 0 or connection.execute("select count(*) from sqlite_master").fetchone()[0] != 0


def _version(connection: sqlite3.Connection) -> int:
    try:
        return int(connection.execute("pragma user_version").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise SchemaError(f"expected a gateway database of version {VERSION}, found {error}") from error


def check_version(connection: sqlite3.Connection) -> None:
    """Refuse a database of another version, or of another program (`SchemaError`)."""
    version = _version(connection)
    if version in _NEXT and _is_ours(connection):
        raise SchemaError(
            f"expected a gateway database of version {VERSION}, found version {version}: "
            "start the gateway once, it brings it up to date"
        )
    if version != VERSION or not _is_ours(connection):
        raise SchemaError(
            f"expected a gateway database of version {VERSION}, found version {version}: "
            "start with an empty data_dir, or with the Partsbay that wrote it"
        )


def _is_ours(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute(_IS_OURS).fetchone()[0])


_IS_OURS = "select count(*) = 3 from sqlite_master where type = 'table' and name in ('identity', 'inbox', 'outbox')"


def set_pragmas(connection: sqlite3.Connection) -> None:
    """What every writing connection needs; without recursive_triggers REPLACE would pass the triggers by."""
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("pragma recursive_triggers = on")
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma busy_timeout = 10000")


def open_for_reading(path: str) -> sqlite3.Connection:
    """A connection that cannot write, for pages and reports; usable from any thread, one at a time."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)
    connection.execute("pragma query_only = on")
    connection.execute("pragma busy_timeout = 10000")
    connection.row_factory = sqlite3.Row
    return connection
