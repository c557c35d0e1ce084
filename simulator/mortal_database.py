"""SQLite connections that can die at any statement, as a killed process's do, and leave on disk what it would leave.

A `Fuse` counts the steps of one program: each statement before it is made and after it, and whatever else its owner
counts. When it is burnt the files are copied as they stand and `Killed` is raised, then and at every later step, so
that nothing more is written; `put_back` then gives the files the state of that moment. With `power` the machine goes,
not only the program: a commit that was written to the log and not yet synced is torn off or garbled.
"""

import contextlib
import shutil
import sqlite3
import struct
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

_PAGES_MAX = 1073741823  # SQLite's own bound
_SUFFIXES = ("", "-wal")
_LOG_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24
_TEARS = ("nothing", "half", "all", "garbage")


@dataclass(frozen=True)
class LogState:
    """What the index of SQLite's log says (`-shm`; sqlite.org/walformat.html, section 2.1)."""

    frames: int = 0
    bytes_end: int = 0
    salt: bytes = b""  # another one when the log has begun anew
    checkpointed: int = 0  # frames that are in the database: they were synced before


def log_state(database: Path) -> LogState:
    """How far the log of a database reaches now."""
    try:
        with Path(f"{database}-shm").open("rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        return LogState()
    if len(head) < 100:
        return LogState()
    page_bytes, frames = struct.unpack_from("=HI", head, 14)
    (checkpointed,) = struct.unpack_from("=I", head, 96)
    end = _LOG_HEADER_BYTES + frames * (_FRAME_HEADER_BYTES + page_bytes)
    return LogState(frames, end, head[32:40], checkpointed)


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
        self.power = False
        self._in_commit = False
        self.torn_bytes = 0  # of the log, when the power went in the middle of a commit
        self.refused = 0  # commits for which the disk had no room
        self.log = LogState()  # as far as it is synced
        self._spare_commits: int | None = None

    @property
    def is_lit(self) -> bool:
        """Whether the program is about to die."""
        return self.burnt or self._left >= 0

    def light(self, steps: int, *, power: bool = False, in_commit: bool = False) -> None:
        """Die after so many steps, or in the middle of a commit after so many; with `power` the whole machine."""
        self._left, self.power, self._in_commit = steps, power, in_commit

    def put_out(self) -> None:
        """Do not die, unless that has happened."""
        self._left = -1

    def step(self, *, in_commit: bool = False) -> None:
        """One step of the program (`Killed`); `in_commit` when it has been written to the log and is not synced."""
        if self.burnt:
            raise Killed
        self.steps += 1
        if self._in_commit and not in_commit:
            return
        if self._left > 0:
            self._left -= 1
        elif self._left == 0:
            self.burn()
            raise Killed

    def burn(self) -> None:
        """Die now."""
        self.burnt = True
        now = log_state(self.path)
        for suffix in _SUFFIXES:
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(f"{self.path}{suffix}", f"{self.path}{suffix}.dead")
        if self.power:
            self._tear_log(now)

    def synced(self) -> None:
        """What the log holds now is on disk for good: with synchronous=FULL, once a commit has returned."""
        self.log = log_state(self.path)

    def want_room(self) -> None:
        """A commit begins to write (`sqlite3.OperationalError` when the disk has no room for it)."""
        if self._spare_commits is None:
            return
        if self._spare_commits:
            self._spare_commits -= 1
            return
        self.refused += 1
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_FULL, "SQLITE_FULL"
        raise error

    def put_back(self) -> None:
        """Give the files the state they had when the program died."""
        for suffix in _SUFFIXES:
            dead = Path(f"{self.path}{suffix}.dead")
            if dead.exists():
                dead.replace(f"{self.path}{suffix}")
            else:
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        Path(f"{self.path}-shm").unlink(missing_ok=True)

    def fill_disk(self, spare_commits: int) -> None:
        """Let the disk hold only so many commits more, and the database not a page more than it has."""
        self._spare_commits = spare_commits
        if self.connection is not None:
            (pages,) = sqlite3.Connection.execute(self.connection, "pragma page_count").fetchone()
            sqlite3.Connection.execute(self.connection, f"pragma max_page_count = {pages + spare_commits}")

    def make_room(self) -> None:
        """The disk has room again."""
        self._spare_commits = None
        if self.connection is not None:
            sqlite3.Connection.execute(self.connection, f"pragma max_page_count = {_PAGES_MAX}")

    def _tear_log(self, now: LogState) -> None:
        """Let the frames written since the last sync be there not at all, in part, wholly, or as garbage."""
        log = Path(f"{self.path}-wal.dead")
        anew = now.salt != self.log.salt
        begin = _LOG_HEADER_BYTES if anew else self.log.bytes_end
        if now.checkpointed > (0 if anew else self.log.frames) or now.bytes_end <= begin or not log.exists():
            return  # what a checkpoint has copied was synced before
        data = bytearray(log.read_bytes())
        how = self._random.choice(_TEARS)
        whole = {"nothing": 0.0, "half": 0.5, "all": 1.0, "garbage": self._random.random()}[how]
        cut = begin + int((now.bytes_end - begin) * whole)
        self.torn_bytes = now.bytes_end - cut
        data[cut : now.bytes_end] = self._random.randbytes(self.torn_bytes)
        if how in {"nothing", "half"} and now.bytes_end >= len(data):
            del data[cut:]
        log.write_bytes(data)


class MortalConnection(sqlite3.Connection):
    """A connection whose every statement is two steps, and a commit three. `fuse` is set by whoever made it."""

    fuse: Fuse

    def execute(self, statement: str, *parameters: Any) -> sqlite3.Cursor:
        """As sqlite3's."""
        self.fuse.step()
        if statement == "commit":
            self.fuse.want_room()
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
            self.fuse.step(in_commit=log_state(self.fuse.path) != self.fuse.log)
            self.fuse.synced()
        self.fuse.step()


def connect(path: Path, fuse: Fuse) -> sqlite3.Connection:
    """A mortal writing connection, as `edge_gateway.store.connect` makes one."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=MortalConnection)
    connection.fuse = fuse
    fuse.connection = connection
    sqlite3.Connection.execute(
        connection, "select count(*) from sqlite_master"
    ).fetchone()  # reads the log that is left
    fuse.synced()
    return connection
