"""What a gateway remembers of its cabinets' certificates: issued, revoked, which codes were made, what happened.

One SQLite file with a connection for each question, so that a command beside the running gateway may use it too. It
decides nothing: `shop.py` does. Keys and the secrets of codes are never in it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

HAPPENED_MAX = 2000
_VERSION = 1
_TABLES = f"""
begin immediate;
create table if not exists certificate (
    serial text primary key,
    cabinet text not null,
    public_key blob not null,        -- SubjectPublicKeyInfo
    der blob not null,
    issued_ms integer not null,
    not_after_ms integer not null,
    revoked_ms integer not null,     -- 0: in force
    why text not null
) without rowid;
create table if not exists code (
    name text primary key,
    digest blob not null,
    cabinet text not null,
    asked_by text not null,
    made_ms integer not null,
    expires_ms integer not null,
    tries integer not null,          -- wrong ones
    used_ms integer not null,        -- 0: not yet
    serial text not null             -- of the certificate it gave
) without rowid;
create table if not exists happened (
    id integer primary key,
    at_ms integer not null,
    what text not null,
    cabinet text not null,
    address text not null,
    detail text not null
);
create index if not exists happened_by_address on happened (what, address, at_ms);
pragma user_version = {_VERSION};
commit;
"""


class RegisterError(ValueError):
    """The register is not one of this program's."""


@dataclass(frozen=True)
class Issued:
    """A certificate of a cabinet."""

    serial: str
    cabinet: str
    public_key: bytes
    der: bytes
    issued_ms: int
    not_after_ms: int
    revoked_ms: int = 0
    why: str = ""


@dataclass(frozen=True)
class KeptCode:
    """A code that was made. Of its secret there is a keyed digest only."""

    name: str
    digest: bytes
    cabinet: str
    asked_by: str
    made_ms: int
    expires_ms: int
    tries: int = 0
    used_ms: int = 0
    serial: str = ""


@dataclass(frozen=True)
class Happened:
    """One thing that happened, or was tried."""

    at_ms: int
    what: str
    cabinet: str
    address: str
    detail: str


class Register:
    """The file; made when there is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as made:
            version = made.execute("pragma user_version").fetchone()[0]
            if version not in (0, _VERSION):
                raise RegisterError(f"expected a register of version {_VERSION} at {path}, found version {version}")
            made.execute("pragma journal_mode = wal")
            if version == 0:
                made.executescript(_TABLES)
        path.chmod(0o600)

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, nobody else's meanwhile; undone when the block fails."""
        with closing(sqlite3.connect(self._path, timeout=10, isolation_level=None)) as opened:
            opened.execute("pragma synchronous = full")
            opened.execute("begin immediate")
            try:
                yield opened
                opened.execute("commit")
            except BaseException:
                if opened.in_transaction:
                    opened.execute("rollback")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One connection to read by."""
        with closing(sqlite3.connect(self._path, timeout=10)) as opened:
            yield opened

    def issued(self) -> list[Issued]:
        """Every certificate, the oldest first."""
        with self.reading() as opened:
            rows = opened.execute("select * from certificate order by issued_ms, serial").fetchall()
        return [Issued(*row) for row in rows]

    def happened(self, limit: int = 50) -> list[Happened]:
        """What happened last, the newest first."""
        with self.reading() as opened:
            rows = opened.execute(
                "select at_ms, what, cabinet, address, detail from happened order by id desc limit ?", (limit,)
            ).fetchall()
        return [Happened(*row) for row in rows]

    def mark(self) -> str:
        """A text that is another one when a certificate was issued or revoked."""
        with self.reading() as opened:
            return repr(opened.execute("select count(*), sum(revoked_ms > 0) from certificate").fetchone())

    def has_code(self, now_ms: int) -> bool:
        """Whether a code's minutes are not over, used or not: an answer may be asked for again."""
        with self.reading() as opened:
            return opened.execute("select 1 from code where expires_ms > ? limit 1", (now_ms,)).fetchone() is not None

    def open_code(self, cabinet: str, now_ms: int) -> KeptCode | None:
        """The newest code of a cabinet ("": of any) that is still good."""
        with self.reading() as opened:
            row = opened.execute(
                "select * from code where (cabinet = ? or ? = '') and used_ms = 0 and expires_ms > ? "
                "order by made_ms desc limit 1",
                (cabinet, cabinet, now_ms),
            ).fetchone()
        return None if row is None else KeptCode(*row)


def keep_issued(opened: sqlite3.Connection, issued: Issued) -> None:
    """A certificate that was issued, here or by the gateway before; one that is there stays, but may be revoked."""
    opened.execute(
        "insert into certificate values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (serial) do update "
        "set revoked_ms = excluded.revoked_ms, why = excluded.why where certificate.revoked_ms = 0",
        (
            issued.serial,
            issued.cabinet,
            issued.public_key,
            issued.der,
            issued.issued_ms,
            issued.not_after_ms,
            issued.revoked_ms,
            issued.why,
        ),
    )


def keep_code(opened: sqlite3.Connection, code: KeptCode) -> None:
    """A code that was made, in place of the cabinet's codes before."""
    opened.execute("delete from code where cabinet = ? and used_ms = 0", (code.cabinet,))
    opened.execute(
        "insert into code values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            code.name,
            code.digest,
            code.cabinet,
            code.asked_by,
            code.made_ms,
            code.expires_ms,
            code.tries,
            code.used_ms,
            code.serial,
        ),
    )


def note(
    opened: sqlite3.Connection, now_ms: int, what: str, *, cabinet: str = "", address: str = "", detail: str = ""
) -> None:
    """Say in the open transaction what happened; the oldest lines are forgotten."""
    row = (now_ms, what, cabinet[:64], address[:64], detail[:300])
    made = opened.execute("insert into happened values (null, ?, ?, ?, ?, ?)", row).lastrowid or 0
    opened.execute("delete from happened where id <= ?", (made - HAPPENED_MAX,))
