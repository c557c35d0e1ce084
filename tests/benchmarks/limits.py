"""Limits measured in the same run: the very rows a program wrote, written again by raw `sqlite3`.

The raw database has the same tables and indexes, WAL and synchronous=FULL, and the same number of transactions; it
has no triggers, no checks and no thought.
"""

import sqlite3
import time
from contextlib import closing
from pathlib import Path


def raw_seconds(written: Path, target: Path, transactions: int) -> float:
    """Seconds to write every row of the database `written` into a new one in so many transactions."""
    with closing(sqlite3.connect(f"file:{written}?mode=ro", uri=True)) as source:
        definitions = source.execute(
            "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL "
            "AND name NOT LIKE 'sqlite_%' ORDER BY type DESC"
        ).fetchall()
        names = [name for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: source.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
    with closing(sqlite3.connect(target, isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode = wal")
        raw.execute("PRAGMA synchronous = full")
        for (definition,) in definitions:
            raw.execute(definition)
        started = time.perf_counter()
        for at in range(transactions):
            _write_share(raw, rows, at, transactions)
        return time.perf_counter() - started


def _write_share(raw: sqlite3.Connection, rows: dict[str, list[tuple[object, ...]]], at: int, of: int) -> None:
    raw.execute("BEGIN IMMEDIATE")
    for name, all_rows in rows.items():
        share = all_rows[len(all_rows) * at // of : len(all_rows) * (at + 1) // of]
        if share:
            marks = ", ".join("?" * len(share[0]))
            raw.executemany(f'INSERT INTO "{name}" VALUES ({marks})', share)
    raw.execute("COMMIT")
