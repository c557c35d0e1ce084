"""Many rows of a tenant in few statements, on either database. Knows no table by name.

PostgreSQL takes columns as arrays (`unnest`): `COPY` would be little faster, and does not pass by row-level security.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Integer, LargeBinary
from sqlalchemy import Table as SqlTable
from sqlmodel import Session

from cloud.tables import METADATA, Table

Row = tuple[Any, ...]
_ROWS_AT_ONCE = 20_000


def upsert(session: Session, table: type[Table], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Write rows; one whose key is there already takes the new values."""
    keys = [column.name for column in _table(table).primary_key]
    others = [column for column in columns if column not in keys]
    changed = ", ".join(f"{column} = excluded.{column}" for column in others)
    ending = f"ON CONFLICT ({', '.join(keys)}) DO " + (f"UPDATE SET {changed}" if changed else "NOTHING")
    insert(session, table, columns, rows, ending)


def insert(session: Session, table: type[Table], columns: Sequence[str], rows: Sequence[Row], ending: str = "") -> None:
    """Write rows that are new."""
    head = f"INSERT INTO {table.__tablename__} ({', '.join(columns)})"
    single = f"{head} VALUES ({_marks(columns)}) {ending}"
    _run(session, (table, columns), rows, single=single, many=f"{head} {{given}} {ending}")


def delete(session: Session, table: type[Table], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Take rows away by some of their columns."""
    name = str(table.__tablename__)
    same = " AND ".join(f"{column} = ?" for column in columns)
    joined = " AND ".join(f"{name}.{column} = given.{column}" for column in columns)
    _run(
        session,
        (table, columns),
        rows,
        single=f"DELETE FROM {name} WHERE {same}",  # noqa: S608
        many=f"DELETE FROM {name} USING ({{given}}) AS given ({', '.join(columns)}) WHERE {joined}",  # noqa: S608
    )


def update(
    session: Session, table: type[Table], keys: Sequence[str], columns: Sequence[str], rows: Sequence[Row]
) -> None:
    """Change some columns of rows that are there; each row names its keys, then its new values."""
    name, given = str(table.__tablename__), (*keys, *columns)
    joined = " AND ".join(f"{name}.{key} = given.{key}" for key in keys)
    changed = ", ".join(f"{column} = given.{column}" for column in columns)
    numbered = {column: at for at, column in enumerate(given, 1)}
    _run(
        session,
        (table, given),
        rows,
        single=f"UPDATE {name} SET {', '.join(f'{column} = ?{numbered[column]}' for column in columns)} "  # noqa: S608
        f"WHERE {' AND '.join(f'{key} = ?{numbered[key]}' for key in keys)}",
        many=f"UPDATE {name} SET {changed} FROM ({{given}}) AS given ({', '.join(given)}) WHERE {joined}",  # noqa: S608
    )


def _run(
    session: Session, into: tuple[type[Table], Sequence[str]], rows: Sequence[Row], *, single: str, many: str
) -> None:
    table, columns = into
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        if rows:
            connection.exec_driver_sql(single, list(rows))
        return
    types = [_array_type(_table(table).columns[column]) for column in columns]
    arrays = ", ".join(f"%s::{type_}[]" for type_ in types)
    statement = many.format(given=f"SELECT * FROM unnest({arrays})")  # noqa: S608
    for part in chunks(rows, _ROWS_AT_ONCE):
        connection.exec_driver_sql(statement, tuple(list(column) for column in zip(*part, strict=True)))


def _array_type(column: Column[Any]) -> str:
    if isinstance(column.type, LargeBinary):
        return "bytea"
    if isinstance(column.type, Integer):  # BigInteger is one
        return "bigint"
    return "boolean" if column.type.python_type is bool else "text"


def _table(table: type[Table]) -> SqlTable:
    return METADATA.tables[str(table.__tablename__)]


def _marks(columns: Sequence[str]) -> str:
    return ", ".join("?" * len(columns))


def chunks(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Rows in pieces of a size."""
    return (rows[at : at + size] for at in range(0, len(rows), size))


def among(values: Iterable[str], at_once: int = 10_000) -> Iterator[list[str]]:
    """Values in lists that fit into one question."""
    known = sorted(set(values))
    return (list(part) for part in chunks(known, at_once))


def read(session: Session, statement: str, *values: object) -> list[Row]:
    """Rows by a statement whose places are written as `?`; a list of texts goes to `IN ??`."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        text = statement.replace("??", "(SELECT value FROM json_each(?))")
        given = tuple(json.dumps(value) if isinstance(value, list) else value for value in values)
    else:
        text = statement.replace("%", "%%").replace("IN ??", "= ANY(%s::text[])").replace("?", "%s")
        given = values
    return [tuple(row) for row in connection.exec_driver_sql(text, given)]


def write(session: Session, statement: str, *values: object) -> None:
    """One statement whose places are written as `?`."""
    connection = session.connection()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    connection.exec_driver_sql(statement.replace("?", mark), values)


def is_postgres(session: Session) -> bool:
    """Whether rows can be locked one by one."""
    return session.connection().dialect.name == "postgresql"
