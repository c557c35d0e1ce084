"""`partsbay gateway backup`: the gateway's database, identity and configuration in one checked file, while it runs.

The copy is one moment of the database: a read transaction is held while SQLite copies it in pieces with pauses, so that
the shop does not feel it. The copy, not the original, is then checked, as `verify-ledger` does; what does not pass gets
no name. Nothing of the gateway is changed.
"""

import io
import os
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edge_gateway import ledger_check, schema
from edge_gateway.lifecycle import archive
from edge_gateway.lifecycle.program_version import program_version
from edge_gateway.settings import Settings
from edge_gateway.store import connect

PIECE_PAGES = 256  # 1 MB; with the pause at most 50 MB/s, half a second's worth of a slow card's reading
PAUSE_S = 0.02
KEEP = 14
NICE = 10
ENDING = ".partsbay-backup"
_ROOM = 2.2  # of the database's size: the copy, and the archive at its worst
# Of the data_dir, what need not be kept: the books are copied by SQLite, the rest is made or fetched anew.
_NOT_KEPT = re.compile(
    r"(gateway|catalogue)\.db.*|broker|bundles|refusals\.db.*|restoring.*|.*\.part|update-trial\.json|.*"
    + re.escape(ENDING)
)

_BESIDE = (".db-wal", ".db-shm", ".new")  # parts of a database, copied as one; files that are just being written


class BackupError(ValueError):
    """A backup cannot be made; the text says what was expected and what was found."""


@dataclass(frozen=True)
class Made:
    """A backup that was made."""

    path: Path
    contents: archive.Contents
    events: int
    seconds: float
    forgotten: tuple[Path, ...]

    def lines(self) -> list[str]:
        """The report for a person."""
        size = self.path.stat().st_size
        return [
            f"backup of {self.contents.gateway} in {self.path}: {size / 1e6:.1f} MB, "
            f"{self.events:,} events, {self.seconds:.1f} s; checked: the copy is sound and its ledger agrees",
            *(f"forgotten, for as many newer ones are kept: {path.name}" for path in self.forgotten),
        ]


def copy_database(source: Path, target: Path, pause_s: float = PAUSE_S) -> None:
    """One moment of a database that may be in use, as a file of its own that nobody else can read."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, isolation_level=None)) as db:
        db.execute("pragma busy_timeout = 10000")
        db.execute("begin")
        db.execute("select count(*) from sqlite_master").fetchone()  # from here on it sees this moment only
        with closing(sqlite3.connect(target)) as copy:
            db.backup(copy, pages=PIECE_PAGES, progress=lambda *_: time.sleep(pause_s))
            copy.execute("pragma journal_mode = delete")
    _flush(target)


def check_copy(copy: Path) -> None:
    """Refuse a copy that is damaged or whose ledger does not agree (`BackupError`)."""
    with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as db:
        found = [row[0] for row in db.execute("pragma integrity_check(5)")]
    if found != ["ok"]:
        raise BackupError(f"expected a sound database, found: {'; '.join(found)}")
    with _up_to_date(copy) as checked:
        report = io.StringIO()
        if ledger_check.verify(checked, report):
            raise BackupError(f"expected a ledger that agrees, found one that does not:\n{report.getvalue()}")


@contextmanager
def _up_to_date(copy: Path) -> Iterator[Path]:
    """The copy; one of an older version's tables is brought up to date on a copy of its own, for the check alone."""
    with closing(schema.open_for_reading(str(copy))) as db:
        (version,) = db.execute("pragma user_version").fetchone()
    if version == schema.VERSION:
        yield copy
        return
    scratch = copy.with_name(copy.name + ".checked")
    try:
        shutil.copyfile(copy, scratch)
        with closing(connect(scratch)) as db:
            schema.prepare(db)
            db.execute("pragma journal_mode = delete")
        yield scratch
    finally:
        scratch.unlink(missing_ok=True)


def make(settings: Settings, config: Path, to: Path, keep: int, now_ms: Callable[[], int]) -> Made:
    """A backup at a path, or in a folder under a name of its own of which the newest `keep` stay (`BackupError`)."""
    if keep < 1:
        raise BackupError(f"expected to keep 1 backup or more, found {keep}")
    begun, at_ms = time.monotonic(), now_ms()
    folder = to if to.is_dir() else to.parent
    _refuse_without_room(settings, folder)
    target = folder / _name(settings.gateway, at_ms) if to.is_dir() else to
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder) as work:
        copy = Path(work) / archive.DATABASE
        copy_database(settings.database, copy)
        check_copy(copy)
        others = {archive.CONFIG: config, **dict(_kept_files(settings.data_dir))}
        files = {archive.DATABASE: copy, **_still(others, Path(work) / "others")}
        contents, events = _described(settings, copy, files, at_ms)
        archive.pack(contents, files, target)
    forgotten = _forget_old(folder, settings.gateway, keep) if to.is_dir() else ()
    return Made(target, contents, events, time.monotonic() - begun, forgotten)


def run(settings: Settings, config: Path, to: Path, keep: int) -> int:
    """The command; gives way to the gateway beside it."""
    os.nice(NICE)
    for line in make(settings, config, to, keep, lambda: time.time_ns() // 1_000_000).lines():
        print(line)  # noqa: T201 - what a person called it for
    return 0


def _described(settings: Settings, copy: Path, files: dict[str, Path], at_ms: int) -> tuple[archive.Contents, int]:
    with closing(schema.open_for_reading(str(copy))) as db:
        (version,) = db.execute("pragma user_version").fetchone()
        (epoch,) = db.execute("select epoch from identity order by number desc limit 1").fetchone()
        (events,) = db.execute("select count(*) from inbox").fetchone()
    digests = {name: archive.digest(path) for name, path in files.items()}
    return (
        archive.Contents(archive.FORMAT, settings.gateway, epoch, at_ms, version, program_version(), digests),
        events,
    )


def _kept_files(data_dir: Path) -> Iterator[tuple[str, Path]]:
    """What else lies in the data_dir and could not be made again: the gateway's identity, its certificates."""
    for path in sorted(data_dir.rglob("*")):
        inside = path.relative_to(data_dir)
        is_beside = path.name.endswith(_BESIDE)
        if path.is_file() and not path.is_symlink() and not is_beside and not _NOT_KEPT.fullmatch(inside.parts[0]):
            yield f"data/{inside.as_posix()}", path


def _still(files: Mapping[str, Path], folder: Path) -> dict[str, Path]:
    """Copies of files that the running gateway may change meanwhile; of a database one moment, as of the books."""
    still = {}
    for name, path in files.items():
        copy = folder / name
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            copy_database(path, copy) if path.suffix == ".db" else shutil.copyfile(path, copy)
        except FileNotFoundError:
            continue  # written beside, and renamed since
        still[name] = copy
    return still


def _refuse_without_room(settings: Settings, folder: Path) -> None:
    if not settings.database.exists():
        raise BackupError(f"expected a database at {settings.database}, found none: was the gateway ever started?")
    if not folder.is_dir():
        raise BackupError(f"expected a folder at {folder}, found none")
    wanted = int(settings.database.stat().st_size * _ROOM)
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise BackupError(f"expected {wanted // 1_000_000} MB free in {folder}, found {free // 1_000_000} MB")


def _name(gateway: str, at_ms: int) -> str:
    at = datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{gateway}-{at}{ENDING}"


def _forget_old(folder: Path, gateway: str, keep: int) -> tuple[Path, ...]:
    """Only files whose whole name is one that this command gives, of this gateway."""
    own = re.compile(re.escape(gateway) + r"-\d{8}T\d{6}Z" + re.escape(ENDING))
    found = sorted(path for path in folder.iterdir() if own.fullmatch(path.name) and path.is_file())
    old = tuple(found[:-keep])
    for path in old:
        path.unlink()
    return old


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
