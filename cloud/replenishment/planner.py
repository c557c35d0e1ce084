"""The planning runs as a process of their own beside the service: `partsbay cloud plan`, and who starts it.

Forecasts are arithmetic for minutes, in which no page would answer if it were done in the same interpreter. So the
service only looks whether there is work, and starts a process for it that takes what is there and ends. Several
services on one database may do so at once: one process finds the lock free, the others end at once.
"""

import asyncio
import logging
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from multiprocessing.process import BaseProcess

from sqlalchemy.exc import SQLAlchemyError

from cloud.clock import wall_clock_ms
from cloud.database import Database, open_database
from cloud.replenishment import planning_runs
from cloud.settings import Settings

log = logging.getLogger(__name__)

FIRST_LOOK_S = 15.0  # whoever starts the service wants its pages first
LOOK_EVERY_S = 5.0
NICER = 10  # than whoever serves pages
_Processes = multiprocessing.get_context("spawn")  # a forked one would share open connections


def run(settings: Settings, dealer: str = "") -> int:
    """Plan what is due, or one dealer at once; 0 when it was done, 1 when another process plans."""
    done = plan(settings, dealer)
    if done is None:
        sys.stdout.write("cloud plan: another process plans; it sees to what is due\n")
        return 1
    sys.stdout.write(f"cloud plan: {done} runs\n")
    return 0


def plan(settings: Settings, dealer: str = "") -> int | None:
    """As `planning_runs.plan_what_is_due`, on a database of its own."""
    from cloud.replenishment.planning import run_of  # noqa: PLC0415 -- brings in numpy and more

    database = open_database(settings.database_url)
    try:
        return planning_runs.plan_what_is_due(database, wall_clock_ms, run_of, dealer)
    finally:
        database.close()


async def see_to_plans(
    settings: Settings, database: Database, now_ms: Callable[[], int], every_s: float = LOOK_EVERY_S
) -> None:
    """Until it is cancelled: start a process whenever there is work and none runs here."""
    process: BaseProcess | None = None
    try:
        await asyncio.sleep(min(FIRST_LOOK_S, 3 * every_s))
        while True:
            process = await asyncio.to_thread(_see, settings, database, now_ms, process)
            await asyncio.sleep(every_s)
    finally:
        if process is not None and process.is_alive():
            process.terminate()  # the shops that are done stay done


def _see(
    settings: Settings, database: Database, now_ms: Callable[[], int], process: BaseProcess | None
) -> BaseProcess | None:
    if process is not None and process.is_alive():
        return process
    try:
        if not planning_runs.is_work(database, now_ms()):
            return None
    except SQLAlchemyError:
        log.exception("it could not be seen whether plans are due; it will be, the next time")
        return None
    started = _Processes.Process(target=_work, args=(settings,), daemon=True)
    started.start()
    return started


def _work(settings: Settings) -> None:
    """One process; it ends with the program that started it, however that ends."""
    os.nice(NICER)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    plan(settings)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
