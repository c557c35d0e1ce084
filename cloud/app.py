"""The cloud's composition root: settings in, a running service out. Nothing happens at import."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import uvicorn
from fastapi import FastAPI

from cloud.api import (
    dealers,
    gateways,
    health,
    imports,
    installations,
    links,
    members,
    operator,
    people,
    tokens,
    totals,
)
from cloud.api.access import answer_refusals
from cloud.api.same_origin import SameOrigin
from cloud.clock import wall_clock_ms
from cloud.services import Services, open_services
from cloud.settings import Settings

SHUTDOWN_S = 5


def create_app(settings: Settings, *, now_ms: Callable[[], int] = wall_clock_ms, pages: bool = True) -> FastAPI:
    """The whole service on an open database; it is closed when the app's lifespan ends."""
    services = open_services(settings, now_ms)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        services.close()

    app = FastAPI(
        title="Partsbay",
        summary="Smart parts cabinets: what gateways report and what dealers see.",
        version="1",
        lifespan=lifespan,
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.services = services
    for part in (health, people, dealers, gateways, links, members, tokens, installations, operator, totals, imports):
        app.include_router(part.router)
    answer_refusals(app)
    app.add_middleware(SameOrigin, public_url=settings.public_url)
    _document_shapes(app)
    if pages:
        from cloud.pages import mount  # noqa: PLC0415 -- slow to import, and a service without pages need not wait

        mount(app, services)
    return app


def _document_shapes(app: FastAPI) -> None:
    """Add what gateways exchange to the OpenAPI document: their bodies pass by pydantic."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        document.setdefault("components", {}).setdefault("schemas", {}).update(gateways.shapes())
        return document

    app.openapi = openapi  # type: ignore[method-assign]


class _Server(uvicorn.Server):
    """A server that lets long polls go when it is told to end, and whose process then ends well."""

    def __init__(self, config: uvicorn.Config, services: Services) -> None:
        super().__init__(config)
        self._services = services

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
            sys.stdout.write(f"cloud ready http://{host}:{port}\n")
            sys.stdout.flush()

    def _end(self) -> None:
        if self.should_exit:
            self.force_exit = True  # asked twice: do not wait for anybody
        self.should_exit = True
        self._services.documents.end()


def run(settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM; 0 when it ended as asked."""
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    sys.stdout.write(f"cloud settings {settings}\n")
    _Server(config, app.state.services).run()
    return 0
