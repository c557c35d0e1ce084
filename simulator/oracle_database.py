"""One database of the product, opened to be read and never written. Shares no code with the product.

The connection is kept, so that "has anything changed" costs one question to SQLite; it holds no lock between looks.
Another file under the same name is noticed and opened. Whoever copies or overwrites the file calls `release` first:
an open connection keeps the write-ahead log alive.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = tuple[Any, ...]


class Database:
    """A database file that may not be there yet; `table` is one that it has as soon as it is ready."""

    def __init__(self, path: Path, table: str) -> None:
        self.path = path
        self._table = table
        self._connection: sqlite3.Connection | None = None
        self._version = -1
        self._file = 0  # which one is open

    def ready(self) -> bool:
        """Whether the file is there and has its tables."""
        if self._connection is not None and self._is_another():
            self.release()
        if self._connection is None:
            self._connection = self._open()
        return self._connection is not None

    def changed(self) -> bool:
        """Whether anybody has committed since this was last asked; yes when it was opened anew."""
        if not self.ready():
            return False
        ((version,),) = self.rows("PRAGMA data_version")
        if version == self._version:
            return False
        self._version = version
        return True

    def rows(self, query: str, *values: object) -> list[Row]:
        """All rows of a query."""
        if self._connection is None:
            self._connection = self._open()
        if self._connection is None:
            raise FileNotFoundError(f"expected a database with a table {self._table} at {self.path}, found none")
        return self._connection.execute(query, values).fetchall()

    @contextmanager
    def moment(self) -> Iterator[None]:
        """All that is read inside belongs to one moment."""
        self.rows("BEGIN")
        try:
            yield
        finally:
            self.rows("COMMIT")

    def release(self) -> None:
        """Close the file; the next question opens it again."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._version = -1

    def _is_another(self) -> bool:
        try:
            return self.path.stat().st_ino != self._file
        except FileNotFoundError:
            return True

    def _open(self) -> sqlite3.Connection | None:
        if not self.path.exists():
            return None
        self._file = self.path.stat().st_ino
        connection = sqlite3.connect(
            f"file:{self.path}?mode=ro", uri=True, timeout=30, isolation_level=None, check_same_thread=False
        )
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (self._table,)).fetchone():
            return connection
        connection.close()
        return None
