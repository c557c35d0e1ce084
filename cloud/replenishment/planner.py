"""The planning runs as a process of their own beside the service: `partsbay cloud plan`, and who starts it.

Forecasts are arithmetic for minutes, in which no page would answer if it were done in the same interpreter. So the
service only looks whether there is work, and starts a process for it that takes what is there and ends. Several
services on one database may do so at once: one process finds the lock free, the others end at once.
"""

import asyncio
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from cloud.clock import wall_clock_ms
from cloud.database import Database, open_database
from cloud.replenishment import planning_runs
from cloud.settings import Settings

log = logging.getLogger(__name__)

FIRST_LOOK_S = 15.0  # whoever starts the service wants its pages first
LOOK_EVERY_S = 5.0
PATIENCE_MS = 600_000
NICER = 10  # than whoever serves pages
Process = subprocess.Popen[bytes]


def run(settings: Settings, dealer: str = "") -> int:
    """Plan what is due, or one dealer at once; 0 when it was done, 1 when another process plans."""
    done = plan(settings.database_url, dealer, settings.planning_cluster)
    if done is None:
        sys.stdout.write("cloud plan: another process plans; it sees to what is due\n")
        return 1
    sys.stdout.write(f"cloud plan: {done} runs\n")
    return 0


def plan(database_url: str, dealer: str = "", cluster: str = "") -> int | None:
    """As `planning_runs.plan_what_is_due`, on a database of its own; levels on a cluster, if one is named."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # more of them cost more than they help on arrays this small
    from cloud.replenishment.planning import run_of  # noqa: PLC0415 -- brings in numpy and more

    database = open_database(database_url)
    _wait_for_its_turn(database)
    try:
        return planning_runs.plan_what_is_due(database, wall_clock_ms, partial(run_of, cluster=cluster), dealer)
    finally:
        database.close()


def _wait_for_its_turn(database: Database) -> None:
    """SQLite has one writer, and whoever serves people goes first: what is planned at night may wait for minutes."""
    if not database.is_sqlite:
        return

    def be_patient(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")

    event.listen(database.engine, "connect", be_patient)
    database.engine.dispose()  # connections from now on are patient


async def see_to_plans(
    settings: Settings, database: Database, now_ms: Callable[[], int], every_s: float = LOOK_EVERY_S
) -> None:
    """Until it is cancelled: start a process whenever there is work and none runs here."""
    process: Process | None = None
    try:
        await asyncio.sleep(min(FIRST_LOOK_S, 3 * every_s))
        while True:
            process = await asyncio.to_thread(_see, settings, database, now_ms, process)
            await asyncio.sleep(every_s)
    finally:
        if process is not None:
            process.terminate()  # the shops that are done stay done
            _ended(process)


def _see(settings: Settings, database: Database, now_ms: Callable[[], int], process: Process | None) -> Process | None:
    if process is not None and process.poll() is None:
        return process
    if process is not None and _ended(process):
        log.error("the process that plans ended with %s: another one goes on", process.returncode)
    try:
        return _started(settings) if planning_runs.is_work(database, now_ms()) else None
    except (SQLAlchemyError, OSError):
        log.exception("it could not be seen whether plans are due; it will be, the next time")
        return None


def _ended(process: Process) -> int:
    """Wait for its end, and let go of what it was told by; its exit status."""
    if process.stdin is not None:
        process.stdin.close()
    return process.wait()


def _started(settings: Settings) -> Process:
    """Where the database is, is told on its input: nobody shall read a password in a list of processes."""
    process = subprocess.Popen([sys.executable, "-m", __name__], stdin=subprocess.PIPE)
    assert process.stdin is not None  # noqa: S101 -- asked for in the line above
    process.stdin.write(f"{settings.database_url}\n{settings.planning_cluster}\n".encode())
    process.stdin.flush()
    return process


def _work() -> None:
    """That process; it ends with the program that started it, however that ends."""
    os.nice(NICER)
    database_url, cluster = (sys.stdin.buffer.readline().decode().strip() for _ in range(2))
    threading.Thread(target=_end_with_input, daemon=True).start()
    plan(database_url, cluster=cluster)


def _end_with_input() -> None:
    while os.read(0, 1):  # not by a reader of Python's, whose lock would be held while the interpreter ends
        pass
    os._exit(1)


if __name__ == "__main__":
    _work()
