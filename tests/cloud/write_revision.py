"""Write the SQL of the newest revision anew from the tables as they are: while it is unreleased, and never after.

    python -m tests.cloud.write_revision          # write versions/0005_the_round.*.sql
    python -m tests.cloud.write_revision --check  # exit 1 when they are not what the tables say

It makes the tables that the revisions before it do not, and changes none of theirs. A revision that changes a table
does so by Alembic's operations, as `docs/decisions/0023` says.
"""

import re
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from cloud.tables import METADATA

FOLDER = Path(__file__).parents[2] / "cloud/migrations/versions"
NAME, BEFORE = "0005_the_round", "0004_dealers"
DIALECTS: dict[str, Dialect] = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}  # type: ignore[no-untyped-call]
_MADE = re.compile(r"^CREATE TABLE (\w+)", re.MULTILINE)


def tables_sql(dialect: Dialect) -> str:
    """Every new table and its indexes."""
    known = set(_MADE.findall((FOLDER / f"{BEFORE}.{dialect.name}.sql").read_text("utf-8")))
    made: list[str] = []
    for table in METADATA.sorted_tables:
        if table.name not in known:
            made.append(str(CreateTable(table).compile(dialect=dialect)))
            made += [str(CreateIndex(index).compile(dialect=dialect)) for index in _in_order(table)]
    return _joined(made)


def _in_order(table: Table) -> list[Any]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def _joined(statements: list[str]) -> str:
    lines = "\n;\n\n".join(statement.strip() for statement in statements).replace("\t", "    ").split("\n")
    return "\n".join(line.rstrip() for line in lines).replace("\n;\n", ";\n") + ";\n"


def texts() -> dict[Path, str]:
    """What stands in each file."""
    return {FOLDER / f"{NAME}.{name}.sql": tables_sql(dialect) for name, dialect in DIALECTS.items()}


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
