"""Write the SQL of revision 0004 anew from the tables as they are: while it is unreleased, and never after.

    python -m tests.cloud.write_revision          # write versions/0004_dealers*.sql
    python -m tests.cloud.write_revision --check  # exit 1 when they are not what the tables say

0004 makes every table anew beside those of version 3 and fills it from them; `0004_dealers.py` does what no plain
copy can. Revisions after it change tables by Alembic's operations, as `docs/decisions/0023` says.
"""

import sqlite3
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from cloud.partitions import EVENT_PARTITIONS, event_partitions
from cloud.tables import METADATA

FOLDER = Path(__file__).parents[2] / "cloud/migrations/versions"
KEPT = Path(__file__).parent / "databases/version_3.sqlite.sql"
NAME = "0004_dealers"
DIALECTS: dict[str, Dialect] = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}  # type: ignore[no-untyped-call]

# Tables that are filled in another way than row by row; None: by `0004_dealers.py`, or by nothing.
FILLED: dict[str, str | None] = {
    "schema_version": "SELECT 1 AS id, 4 AS version",
    "membership": "SELECT id AS user_id, dealer_id, 'admin' AS role FROM before_dealer_user ORDER BY id",
    "shop_dealer": "SELECT id AS shop_id, dealer_id, TRUE AS is_host, FALSE AS has_left FROM before_shop",
}
# What a column holds in rows that had none, where it is not the column's default.
HOLDS = {
    ("sign_in", "membership_id"): "(SELECT id FROM membership WHERE membership.user_id = before_sign_in.user_id)",
}


def tables_sql(dialect: Dialect) -> str:
    """Every table and index."""
    made: list[str] = []
    for table in METADATA.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=dialect)))
        if dialect.name == "postgresql" and table.name == "event":
            made += [
                f"CREATE TABLE {name} PARTITION OF event FOR VALUES WITH "
                f"(MODULUS {EVENT_PARTITIONS}, REMAINDER {number})"
                for number, name in enumerate(event_partitions())
            ]
        made += [str(CreateIndex(index).compile(dialect=dialect)) for index in _in_order(table)]
    return _joined(made)


def rows_sql() -> str:
    """How every table gets the rows of before, on both databases."""
    kept = _kept_columns()
    made = [statement for table in METADATA.sorted_tables if (statement := _filling(table, kept.get(table.name, [])))]
    return _joined(made)


def _filling(table: Table, kept: list[str]) -> str:
    if table.name in FILLED:
        source = FILLED[table.name] or ""
        known = {word.strip().split()[-1] for word in source.split(" FROM ")[0].removeprefix("SELECT ").split(",")}
        given = {name: f"source.{name}" for name in known}
        source = f"({source}) AS source"
    elif kept:
        given = {name: name for name in kept}
        source = f"before_{table.name}"
    else:
        return ""
    values = {column.name: given.get(column.name) or _held(table, column) for column in table.columns}
    values = {name: value for name, value in values.items() if value}
    return f"INSERT INTO {table.name} ({', '.join(values)})\nSELECT {', '.join(values.values())}\nFROM {source}"


def _held(table: Table, column: Column[Any]) -> str:
    if (said := HOLDS.get((table.name, column.name))) is not None:
        return said
    if column.nullable or column.autoincrement is True or (column.primary_key and column.name == "id"):
        return ""
    default: Any = column.default
    if default is None or not default.is_scalar:
        raise SystemExit(f"expected what {table.name}.{column.name} holds in older rows, found no default")
    return _literal(default.arg)


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _kept_columns() -> dict[str, list[str]]:
    connection = sqlite3.connect(":memory:")
    connection.executescript(KEPT.read_text("utf-8"))
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    columns = {name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")] for name in names}
    connection.close()
    known = {table.name: set(table.columns.keys()) for table in METADATA.sorted_tables}
    return {name: [one for one in found if one in known[name]] for name, found in columns.items() if name in known}


def _in_order(table: Table) -> list[Any]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def _joined(statements: list[str]) -> str:
    lines = "\n;\n\n".join(statement.strip() for statement in statements).replace("\t", "    ").split("\n")
    return "\n".join(line.rstrip() for line in lines).replace("\n;\n", ";\n") + ";\n"


def texts() -> dict[Path, str]:
    """What stands in each file."""
    made = {FOLDER / f"{NAME}.{name}.sql": tables_sql(dialect) for name, dialect in DIALECTS.items()}
    return made | {FOLDER / f"{NAME}_rows.sql": rows_sql()}


def main(arguments: list[str]) -> int:
    """Write or check; the exit status."""
    wanted = texts()
    if "--check" in arguments:
        return int(any(not path.exists() or path.read_text("utf-8") != text for path, text in wanted.items()))
    for path, text in wanted.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
