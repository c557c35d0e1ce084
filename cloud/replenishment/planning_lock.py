"""One planner at a time for a database, on whichever machine: a lock that ends with the process that holds it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import NullPool, create_engine

from cloud.database import Database

_LOCK = 7273


@contextmanager
def sole_planner(database: Database) -> Iterator[bool]:
    """Whether nobody else plans; then nobody else begins until the block ends."""
    if database.is_sqlite:
        with _locked_file(Path(f"{database.engine.url.database}.planning")) as alone:
            yield alone
    else:
        with _advisory(database) as alone:
            yield alone


@contextmanager
def _advisory(database: Database) -> Iterator[bool]:
    """PostgreSQL's own lock, of a connection that is used for nothing else."""
    engine = create_engine(database.engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield bool(connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_LOCK})").scalar_one())


@contextmanager
def _locked_file(path: Path) -> Iterator[bool]:
    """A lock of the file system beside SQLite's file, which is used on one machine alone."""
    with path.open("a", encoding="ascii") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
