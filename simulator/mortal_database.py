"""SQLite connections that can die at any statement, as a killed process's do, and leave on disk what it would leave.

A `Fuse` counts the steps of one program: each statement before it is made and after it, and whatever else its owner
counts. When it is burnt the files are copied as they stand and `Killed` is raised, then and at every later step, so
that nothing more is written; `put_back` then gives the files the state of that moment. With `power` the machine goes,
not only the program: what SQLite had not been promised to be on disk is torn off or garbled.
"""

import contextlib
import shutil
import sqlite3
from pathlib import Path
from random import Random
from typing import Any

_PAGES_MAX = 1073741823  # SQLite's own bound
_SUFFIXES = ("", "-wal")


class Killed(BaseException):
    """The program was ended between two of its steps; no `except Exception` may see it."""


class Fuse:
    """Counts down the steps of one life of a program that writes the database at `path`."""

    def __init__(self, path: Path, random: Random):
        self.path = path
        self.connection: sqlite3.Connection | None = None  # the one that writes, when `connect` made it
        self.burnt = False
        self.steps = 0
        self._random = random
        self._left = -1
        self._power = False
        self._synced_wal_bytes = 0

    @property
    def is_lit(self) -> bool:
        """Whether the program is about to die."""
        return self.burnt or self._left >= 0

    def light(self, steps: int, *, power: bool = False) -> None:
        """Die after so many steps; with `power` the whole machine."""
        self._left, self._power = steps, power

    def put_out(self) -> None:
        """Do not die, unless that has happened."""
        self._left = -1

    def step(self) -> None:
        """One step of the program (`Killed`)."""
        if self.burnt:
            raise Killed
        self.steps += 1
        if self._left > 0:
            self._left -= 1
        elif self._left == 0:
            self.burn()
            raise Killed

    def burn(self) -> None:
        """Die now."""
        self.burnt = True
        for suffix in _SUFFIXES:
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(f"{self.path}{suffix}", f"{self.path}{suffix}.dead")
        if self._power:
            self._tear_log()

    def committed(self) -> None:
        """A commit has returned: what the log holds now is on disk for good (synchronous=FULL)."""
        with contextlib.suppress(FileNotFoundError):
            self._synced_wal_bytes = Path(f"{self.path}-wal").stat().st_size

    def put_back(self) -> None:
        """Give the files the state they had when the program died."""
        for suffix in _SUFFIXES:
            dead = Path(f"{self.path}{suffix}.dead")
            if dead.exists():
                dead.replace(f"{self.path}{suffix}")
            else:
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        Path(f"{self.path}-shm").unlink(missing_ok=True)

    def fill_disk(self, spare_pages: int) -> None:
        """Let the disk hold only so much more than it does: SQLite itself then says that it is full."""
        if self.connection is not None:
            (pages,) = sqlite3.Connection.execute(self.connection, "pragma page_count").fetchone()
            sqlite3.Connection.execute(self.connection, f"pragma max_page_count = {pages + spare_pages}")

    def make_room(self) -> None:
        """The disk has room again."""
        if self.connection is not None:
            sqlite3.Connection.execute(self.connection, f"pragma max_page_count = {_PAGES_MAX}")

    def _tear_log(self) -> None:
        log = Path(f"{self.path}-wal.dead")
        if not log.exists():
            return
        data = bytearray(log.read_bytes())
        for at in range(self._synced_wal_bytes, len(data)):
            if self._random.random() < 0.5:
                data[at] = self._random.randrange(256)
        keep = self._random.randint(min(self._synced_wal_bytes, len(data)), len(data))
        log.write_bytes(data[:keep])


class MortalConnection(sqlite3.Connection):
    """A connection whose every statement is two steps. `fuse` is set by whoever made it."""

    fuse: Fuse

    def execute(self, statement: str, *parameters: Any) -> sqlite3.Cursor:
        """As sqlite3's."""
        self.fuse.step()
        cursor = super().execute(statement, *parameters)
        self._after()
        return cursor

    def executemany(self, statement: str, *parameters: Any) -> sqlite3.Cursor:
        """As sqlite3's."""
        self.fuse.step()
        cursor = super().executemany(statement, *parameters)
        self._after()
        return cursor

    def executescript(self, script: str) -> sqlite3.Cursor:
        """As sqlite3's."""
        self.fuse.step()
        cursor = super().executescript(script)
        self._after()
        return cursor

    def _after(self) -> None:
        if not self.in_transaction:
            self.fuse.committed()
        self.fuse.step()


def connect(path: Path, fuse: Fuse) -> sqlite3.Connection:
    """A mortal writing connection, as `edge_gateway.store.connect` makes one."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=MortalConnection)
    connection.fuse = fuse
    fuse.connection = connection
    return connection
