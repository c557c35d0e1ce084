"""Many rows by one statement, without the ORM, by each database's quickest way.

PostgreSQL gets each column as one array (`unnest`), or rows by COPY where no repeat is expected. SQLite gets
them row by row through one compiled statement, which is quickest inside the process. The one place that writes SQL
for the hot path; what the rows mean is `booking.py`.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import BigInteger, Boolean, Connection, Integer, LargeBinary
from sqlalchemy.exc import OperationalError

from cloud.tables import METADATA, Table

Row = tuple[Any, ...]
_LEAVE_OUT = "ON CONFLICT DO NOTHING"


class RepeatedRowError(ValueError):
    """A row that was to be copied is there already: the transaction is lost, and wants another way."""


class BulkRows:
    """Writes and reads rows in one open transaction. Places in statements are written as `?`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"
        self._mark = "?" if self._is_sqlite else "%s"

    @property
    def copies(self) -> bool:
        """Whether `copy` is quicker than `insert_new`."""
        return not self._is_sqlite

    def write(self, statement: str, values: Row) -> None:
        """One statement."""
        self._connection.exec_driver_sql(statement.replace("?", self._mark), values)

    def write_many(self, statement: str, rows: Sequence[Row]) -> None:
        """One statement for each of many rows."""
        self._connection.exec_driver_sql(statement.replace("?", self._mark), list(rows))

    def select(self, statement: str, values: Row) -> list[Row]:
        """The rows of one statement."""
        found = self._connection.exec_driver_sql(statement.replace("?", self._mark), values)
        return [tuple(row) for row in found]

    def insert(self, table: type[Table], columns: tuple[str, ...], rows: list[Row], ending: str = "") -> int:
        """Insert rows by one statement; how many were written."""
        if not rows:
            return 0
        statement, values = self._insertion(str(table.__tablename__), columns, rows, ending)
        return self._connection.exec_driver_sql(statement, values).rowcount

    def insert_new(self, table: type[Table], columns: tuple[str, ...], rows: list[Row]) -> int:
        """Insert rows but those whose key is there; how many were written."""
        return self.insert(table, columns, rows, _LEAVE_OUT)

    def insert_new_ids(self, table: type[Table], columns: tuple[str, ...], rows: list[Row]) -> set[str]:
        """As `insert_new`, of rows of one dealer in one shop; the ids of those that were written."""
        if not rows:
            return set()
        name = str(table.__tablename__)
        if self._is_sqlite:  # one writer: nobody comes between
            fresh = self._without_known(name, columns, rows)
            self.insert(table, columns, fresh)
            return {row[columns.index("id")] for row in fresh}
        statement, values = self._insertion(name, columns, rows, f"{_LEAVE_OUT} RETURNING id")
        return {id_ for (id_,) in self._connection.exec_driver_sql(statement, values)}

    def copy(self, table: type[Table], columns: tuple[str, ...], rows: list[Row]) -> None:
        """Insert rows none of which is there and none of which holds a NULL (`RepeatedRowError`); PostgreSQL alone."""
        statement = f"COPY {table.__tablename__} ({', '.join(columns)}) FROM STDIN"
        driver: Any = self._connection.connection.driver_connection
        try:
            with driver.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write(_copy_text(rows))
        except psycopg.errors.UniqueViolation as error:
            raise RepeatedRowError(str(error)) from error
        except psycopg.OperationalError as error:
            raise OperationalError(statement, {}, error) from error

    def _without_known(self, name: str, columns: tuple[str, ...], rows: list[Row]) -> list[Row]:
        at = columns.index("id")
        marks = ", ".join("?" * len(rows))
        found = self.select(
            f"SELECT id FROM {name} WHERE shop_id = ? AND dealer_id = ? AND id IN ({marks})",  # noqa: S608
            (rows[0][columns.index("shop_id")], rows[0][columns.index("dealer_id")], *(row[at] for row in rows)),
        )
        known = {id_ for (id_,) in found}
        return [row for row in rows if row[at] not in known]

    def _insertion(self, name: str, columns: tuple[str, ...], rows: list[Row], ending: str) -> tuple[str, Any]:
        if self._is_sqlite or len(rows) == 1:
            marks = ", ".join([self._mark] * len(columns))
            statement = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks}) {ending}"  # noqa: S608
            return statement, rows if self._is_sqlite else rows[0]
        statement = _from_arrays(name, columns) + ending
        return statement, tuple(_array(values) for values in zip(*rows, strict=True))


@cache
def _from_arrays(name: str, columns: tuple[str, ...]) -> str:
    table = METADATA.tables[name]
    arrays = ", ".join(f"%s::{_type(table.columns[column].type)}[]" for column in columns)
    return f"INSERT INTO {name} ({', '.join(columns)}) SELECT * FROM unnest({arrays}) "  # noqa: S608


def _type(type_: object) -> str:
    if isinstance(type_, Integer):
        return "bigint" if isinstance(type_, BigInteger) else "integer"
    return "bytea" if isinstance(type_, LargeBinary) else "boolean" if isinstance(type_, Boolean) else "text"


def _array(values: tuple[Any, ...]) -> str:
    """A column as PostgreSQL's text of an array: three passes over the whole, not one over each value."""
    if isinstance(values[0], str) and None not in values:
        joined = "\0".join(values).replace("\\", "\\\\").replace('"', '\\"')  # no value holds a NUL
        return '{"' + joined.replace("\0", '","') + '"}'
    return "{" + ",".join(map(_element, values)) + "}"


def _copy_text(rows: list[Row]) -> str:
    """Rows as COPY reads them, made column by column."""
    columns = (
        _escaped(values) if isinstance(values[0], str) else map(str, values) for values in zip(*rows, strict=True)
    )
    return "\n".join(map("\t".join, zip(*columns, strict=True))) + "\n"


def _escaped(values: tuple[str, ...]) -> list[str]:
    joined = "\0".join(values).replace("\\", "\\\\")  # no value holds a NUL
    return joined.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t").split("\0")


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
