"""Alembic migrations of the cloud's database, the same for SQLite and PostgreSQL.

`cloud/schema.py` runs them when a database is opened; nobody needs an alembic.ini. Revisions are files of `versions/`
and never change once they were released. Alembic is imported when there is something to do: it takes long to import,
and most starts find the newest tables.
"""

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE: Final = "alembic_version"


def _config(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "cloud:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@cache
def revisions() -> tuple[str, ...]:
    """Every revision, the first one first: what its file's name begins with."""
    files = (resources.files(__name__) / "versions").iterdir()
    return tuple(sorted(found.name[:4] for found in files if found.name[:4].isdigit() and found.name.endswith(".py")))


def head() -> str:
    """The revision of the tables this program works with."""
    return revisions()[-1]


def stamp(connection: Connection, revision: str = "head") -> None:
    """Write down which revision the tables have."""
    from alembic import command  # noqa: PLC0415

    command.stamp(_config(connection), revision)


def upgrade(connection: Connection, since: str) -> None:
    """Bring tables of a revision to the newest one, in the open transaction."""
    from alembic import command  # noqa: PLC0415

    if VERSION_TABLE not in _tables(connection):
        stamp(connection, since)
    command.upgrade(_config(connection), "head")


def create(connection: Connection, revision: str = "head") -> None:
    """Bring an empty database to a revision step by step, as if it had lived through all of them."""
    from alembic import command  # noqa: PLC0415

    command.upgrade(_config(connection), revision)


def _tables(connection: Connection) -> list[str]:
    return connection.dialect.get_table_names(connection)
