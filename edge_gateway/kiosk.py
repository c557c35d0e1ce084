"""Serves the shop's kiosk: the pages mechanics use on the tablet beside the cabinets, without internet.

`serve` runs them in a thread of its own and gives back where they are and how to end them. The pages read by a
connection that cannot write and ask the gateway for every change; nothing is booked here.
"""

import contextlib
import socket
import threading
from functools import cache

import httpx
import msgspec
import uvicorn
from fastapi import FastAPI
from fastapi.responses import RedirectResponse, Response
from nicegui import app as pages
from nicegui import ui

from edge_gateway import (
    kiosk_bench,
    kiosk_certificates,
    kiosk_find,
    kiosk_jobs,
    kiosk_labels,
    kiosk_now,
    kiosk_questions,
    kiosk_restock,
    kiosk_session,
    kiosk_status,
    kiosk_stock,
    kiosk_tags,
    kiosk_teach,
)
from edge_gateway.kiosk_frame import SIGNED_OFF, Kiosk
from edge_gateway.kiosk_seam import GatewaySeam
from edge_gateway.schema import open_for_reading
from edge_gateway.shop_view import ShopView
from page_kit.frame import mount_look
from page_kit.language import local_path

START_S = 20.0
_one_at_a_time = threading.Lock()


class KioskError(RuntimeError):
    """The kiosk cannot be served; the text says why."""


class Served:
    """A kiosk that answers at `port` until `close`."""

    def __init__(self, server: uvicorn.Server, thread: threading.Thread, port: int, after: contextlib.ExitStack):
        self.port = port
        self._server, self._thread, self._after = server, thread, after

    def close(self) -> None:
        """End the pages and wait until they have ended; doing it twice does no harm."""
        self._server.should_exit = True
        self._thread.join()
        self._after.close()


def serve(gateway: GatewaySeam, host: str, port: int) -> Served:
    """Start the pages; returns once they answer. `port` 0 takes a free one. One kiosk per process at a time."""
    with contextlib.ExitStack() as undo:
        if not _one_at_a_time.acquire(blocking=False):
            raise KioskError("expected one kiosk in this process, found one that is served already")
        undo.callback(_one_at_a_time.release)
        listener = _listen(host, port)
        undo.callback(listener.close)
        database = open_for_reading(str(gateway.database))
        undo.callback(database.close)
        served_app = _kiosk_app()
        view = ShopView(database, gateway)
        undo.callback(view.close)
        pages.state.kiosk = Kiosk(gateway, view)
        server, thread = _start(served_app, listener)
        return Served(server, thread, listener.getsockname()[1], undo.pop_all())


def _listen(host: str, port: int) -> socket.socket:
    """A socket bound before anything else starts, so that a taken port is said at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise KioskError(f"expected to listen at {host}:{port} for the kiosk, found {error}") from error
    return listener


def _start(served_app: FastAPI, listener: socket.socket) -> tuple[uvicorn.Server, threading.Thread]:
    server = _AnnouncedServer(
        uvicorn.Config(
            served_app, log_level="warning", ws="websockets-sansio", timeout_graceful_shutdown=2, lifespan="on"
        )
    )
    thread = threading.Thread(target=server.run, args=([listener],), name="kiosk", daemon=True)
    thread.start()
    if not server.answering.wait(START_S) or not server.started:
        server.should_exit = True
        thread.join()
        raise KioskError(f"expected the kiosk to answer within {START_S:.0f} s, found that it did not")
    return server, thread


class _AnnouncedServer(uvicorn.Server):
    """A server that tells when it answers, or has given up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answering = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.answering.set()


@cache
def _kiosk_app() -> FastAPI:
    """The kiosk's pages: NiceGUI has one application per process, so they are made once and look their `Kiosk` up."""
    served_app = FastAPI(title="Partsbay kiosk", docs_url=None, redoc_url=None, openapi_url=None)
    mount_look(served_app)
    served_app.get("/sign-off")(_sign_off)
    served_app.get("/healthz")(_healthz)
    for page in (
        kiosk_now,
        kiosk_restock,
        kiosk_session,
        kiosk_find,
        kiosk_stock,
        kiosk_jobs,
        kiosk_questions,
        kiosk_bench,
        kiosk_teach,
        kiosk_labels,
        kiosk_tags,
        kiosk_status,
        kiosk_certificates,
    ):
        page.register()
    ui.run_with(served_app, title="Partsbay", tailwind=False, show_welcome_message=False, reconnect_timeout=30)
    return served_app


def _healthz() -> Response:
    """How the gateway is, for the program that supervises it and for `partsbay gateway update`."""
    found = pages.state.kiosk.gateway.health()
    status = httpx.codes.SERVICE_UNAVAILABLE if found.trouble else httpx.codes.OK
    return Response(msgspec.json.encode(found), status, media_type="application/json")


def _sign_off(session: str, back: str = "/") -> RedirectResponse:
    """Nobody is at this kiosk any more, until somebody opens a cabinet again."""
    answer = RedirectResponse(local_path(back), status_code=303)
    answer.set_cookie(SIGNED_OFF, session, max_age=3600, samesite="lax", httponly=True)
    return answer
