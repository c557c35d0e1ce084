"""Alembic migrations of the cloud's database, the same for SQLite and PostgreSQL.

`cloud/schema.py` runs them when a database is opened; nobody needs an alembic.ini. Revisions are files of `versions/`
and never change once they were released.
"""

from functools import cache
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

VERSION_TABLE: Final = "alembic_version"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "cloud:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@cache
def revisions() -> tuple[str, ...]:
    """Every revision, the first one first."""
    found = ScriptDirectory.from_config(_config()).walk_revisions()
    return tuple(reversed([script.revision for script in found]))


def head() -> str:
    """The revision of the tables this program works with."""
    return revisions()[-1]


def stamp(connection: Connection, revision: str = "head") -> None:
    """Write down which revision the tables have."""
    command.stamp(_config(connection), revision)


def upgrade(connection: Connection, since: str) -> None:
    """Bring tables of a revision to the newest one, in the open transaction."""
    if VERSION_TABLE not in _tables(connection):
        stamp(connection, since)
    command.upgrade(_config(connection), "head")


def create(connection: Connection, revision: str = "head") -> None:
    """Bring an empty database to a revision step by step, as if it had lived through all of them."""
    command.upgrade(_config(connection), revision)


def _tables(connection: Connection) -> list[str]:
    return connection.dialect.get_table_names(connection)
