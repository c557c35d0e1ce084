"""One HTTP server of the cloud in this process: it says when it is ready, and lets everybody go when told to end."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from cloud.services import Services

SHUTDOWN_S = 5


class Server(uvicorn.Server):
    """A server that lets long polls go when it is told to end, and whose process then ends well."""

    def __init__(self, config: uvicorn.Config, services: Services, name: str) -> None:
        super().__init__(config)
        self._services = services
        self._name = name

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on SIGINT and SIGTERM; unlike uvicorn's own, do not raise the signal again afterwards."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._end)
        yield
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, and say so."""
        await super().startup(sockets=sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            sys.stdout.write(f"{self._name} ready http://{host}:{port}\n")
            sys.stdout.flush()

    def _end(self) -> None:
        if self.should_exit:
            self.force_exit = True  # asked twice: do not wait for anybody
        self.should_exit = True
        self._services.documents.end()


def serve(
    app: FastAPI, services: Services, host: str, port: int, *, name: str, sockets: list[socket.socket] | None = None
) -> None:
    """Serve until SIGINT or SIGTERM, at an address or on sockets that somebody else opened."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    Server(config, services, name).run(sockets)
