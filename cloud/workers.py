"""`partsbay cloud ingest`: the gateways' API alone, in several processes on one port.

Pages keep a browser on one process, so they are served by `partsbay cloud run`; gateways do not care which process
answers them, and this program gives them as many as there are processors. Both need only the database between them.
Each process takes connections from the same socket. One that ends by itself is started anew.
"""

import contextlib
import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from fastapi import FastAPI

from cloud.api import devices, gateways, health
from cloud.api.access import answer_refusals
from cloud.clock import wall_clock_ms
from cloud.database import open_database
from cloud.server import SHUTDOWN_S, serve
from cloud.services import open_services
from cloud.settings import Settings

log = logging.getLogger(__name__)

NAME = "cloud ingest"
_BACKLOG = 2048
_PAUSE_S = 1.0  # before a process that ended is started anew: whatever ended it may end the next one too
_Processes = multiprocessing.get_context("spawn")  # a forked one would share open connections


def create_gateway_app(settings: Settings, *, now_ms: Callable[[], int] = wall_clock_ms) -> FastAPI:
    """What gateways need and nothing else, on an open database."""
    services = open_services(settings, now_ms)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        services.close()

    app = FastAPI(title="Partsbay for gateways", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.services = services
    for part in (health, gateways):
        app.router.routes.extend(part.router.routes)  # as they are: to include a router builds its routes again
    app.router.routes.extend(devices.gateway_router.routes)
    answer_refusals(app)
    return app


def run(settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM; 0 when it ended as asked."""
    open_database(settings.database_url).close()  # migrated once, and what is wrong with it is said once
    sys.stdout.write(f"cloud settings {settings}\n")
    with _listening(settings) as listener:
        workers = _Workers(settings, listener)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, workers.end)
        workers.run()
    return 0


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.create_server((settings.host, settings.ingest_port), family=family, backlog=_BACKLOG)
    listener.set_inheritable(True)
    return listener


class _Workers:
    """The processes that serve, and what becomes of them."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._settings = settings
        self._listener = listener
        self._processes: list[BaseProcess] = []
        self._ends = False

    def run(self) -> None:
        """Keep as many processes as wanted until `end`."""
        self._processes = [self._started() for _ in range(self._settings.workers)]
        while not self._ends:
            wait([process.sentinel for process in self._processes], timeout=_PAUSE_S)
            if not self._ends:
                self._replace_ended()
        self._let_go()

    def end(self, *_signal: object) -> None:
        """Let every process finish what it has begun, and end."""
        self._ends = True
        for process in self._processes:
            if process.is_alive():
                process.terminate()

    def _started(self) -> BaseProcess:
        process = _Processes.Process(target=_work, args=(self._settings, self._listener), daemon=True)
        process.start()
        return process

    def _replace_ended(self) -> None:
        for at, process in enumerate(self._processes):
            if process.is_alive():
                continue
            log.error("a worker ended with %s: another one takes its place", process.exitcode)
            time.sleep(_PAUSE_S)
            self._processes[at] = self._started()

    def _let_go(self) -> None:
        self.end()  # again: the signal may have come while one was being started
        for process in self._processes:
            process.join(SHUTDOWN_S + _PAUSE_S)
            if process.is_alive():
                process.kill()
                process.join()


def _work(settings: Settings, listener: socket.socket) -> None:
    """One process; it ends with the program that started it, however that ends."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    app = create_gateway_app(settings)
    gc.collect()
    gc.freeze()  # what a program is made of stays: no batch shall have it looked through
    serve(app, app.state.services, settings.host, settings.ingest_port, name=NAME, sockets=[listener])


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
