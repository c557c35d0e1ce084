"""Rows on their way into a database: many at once, by COPY on PostgreSQL and by `executemany` on SQLite.

A `Sheet` names the columns of a table that are filled; the others get the table's own defaults, so that a column
which is renamed or has become necessary is noticed at once.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pydantic_core import PydanticUndefined
from sqlalchemy import Connection

from cloud.tables import Table
from cloud.walls import SERVICE

Row = tuple[Any, ...]
ROWS_AT_ONCE = 20_000


class Sheet:
    """The columns of one table, those that are handed in first."""

    def __init__(self, table: type[Table], named: str = "") -> None:
        fields = table.model_fields
        self.table = table
        self.named = tuple(named.split()) or tuple(fields)
        if unknown := [name for name in self.named if name not in fields]:
            raise ValueError(f"expected columns of {table.__tablename__}, found {', '.join(unknown)}")
        others = [name for name in fields if name not in self.named]
        self.defaults: Row = tuple(fields[name].get_default() for name in others)
        if needed := [name for name, held in zip(others, self.defaults, strict=True) if held is PydanticUndefined]:
            raise ValueError(f"expected a value for {', '.join(needed)} of {table.__tablename__}, found none")
        self.columns = (*self.named, *others)


class Rows:
    """Gathers rows by sheet and writes them into an open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"
        self._waiting: dict[Sheet, list[Row]] = defaultdict(list)
        self._sheets: dict[type[Table], Sheet] = {}
        self._lifted: set[str] = set()
        self.written: dict[str, int] = defaultdict(int)

    def add(self, sheet: Sheet, rows: Iterable[Row]) -> None:
        """Rows in the order of the sheet's named columns."""
        waiting = self._waiting[sheet]
        waiting.extend(rows)
        if len(waiting) >= ROWS_AT_ONCE:
            self._write(sheet)

    def keep(self, *rows: Table) -> None:
        """Rows as the table's own objects."""
        for row in rows:
            sheet = self._sheets.get(type(row)) or self._sheets.setdefault(type(row), Sheet(type(row)))
            self._waiting[sheet].append(tuple(getattr(row, name) for name in sheet.columns))

    def flush(self) -> None:
        """Write everything that waits, and go on as the cloud itself."""
        for sheet in list(self._waiting):
            self._write(sheet)
        for name in self._lifted:
            self._connection.exec_driver_sql(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
        if self._lifted:
            self._connection.exec_driver_sql(f"SET LOCAL ROLE {SERVICE}")
        self._lifted.clear()

    def _lift(self, name: str) -> None:
        """COPY goes past no row-level security: until the transaction's end this table's owner need not heed it."""
        if name not in self._lifted:
            self._lifted.add(name)
            self._connection.exec_driver_sql("SET LOCAL ROLE NONE")
            self._connection.exec_driver_sql(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")

    def _write(self, sheet: Sheet) -> None:
        rows, self._waiting[sheet] = self._waiting[sheet], []
        if not rows:
            return
        self.written[str(sheet.table.__tablename__)] += len(rows)
        columns = ", ".join(sheet.columns)
        if self._is_sqlite:
            marks = ", ".join("?" * len(sheet.columns))
            whole = [row + sheet.defaults for row in rows]
            statement = f"INSERT INTO {sheet.table.__tablename__} ({columns}) VALUES ({marks})"  # noqa: S608
            self._connection.exec_driver_sql(statement, whole)
            return
        self._lift(str(sheet.table.__tablename__))
        end = "".join("\t" + _field(value) for value in sheet.defaults) + "\n"
        driver: Any = self._connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {sheet.table.__tablename__} ({columns}) FROM STDIN") as copy:
            copy.write("".join("\t".join(map(_field, row)) + end for row in rows))


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _field(value: Any) -> str:
    """A value as COPY reads it."""
    kind = type(value)
    if kind is int:
        return str(value)
    if isinstance(value, str):
        is_plain = "\\" not in value and "\n" not in value and "\t" not in value and "\r" not in value
        return value if is_plain else value.translate(_ESCAPES)
    if value is None:
        return "\\N"
    if kind is bool:
        return "t" if value else "f"
    if isinstance(value, bytes | bytearray):
        return "\\\\x" + bytes(value).hex()
    raise TypeError(f"expected text, a number, bytes or nothing, found {value!r}")
