"""The bench for testers: virtual cabinets drawn as they are, with hands, badges, network and power to play with.

`BenchPage` serves it inside a running event loop; `run` starts a whole small shop with one cabinet for it.
Only one bench page at a time in a process.
"""

import asyncio
import contextlib
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from nicegui import app as pages
from nicegui import ui

from page_kit.address import page
from page_kit.frame import mount_look
from simulator import scenario
from simulator.bench_hands import Hands
from simulator.bench_view import draw_bench
from simulator.bench_visit import Bench, BenchVisit
from simulator.bench_wire import Tap
from simulator.virtual_cabinet import VirtualCabinet
from simulator.whole_shop import WholeShop

BOARD = "esp32s3-w5500-12"
CABINET = "cab-1"
BADGES = [(badge, name) for _, name, _, badge in scenario.PEOPLE] + [(scenario.UNKNOWN_BADGE, "?")]


class BenchError(RuntimeError):
    """The bench page cannot be served; the text says why."""


class BenchPage:
    """The page for some cabinets. `badges` are (UID, name); the name `?` is a badge nobody knows."""

    def __init__(self, cabinets: Sequence[VirtualCabinet], badges: Sequence[tuple[str, str]] = tuple(BADGES)) -> None:
        self._benches = {
            cabinet.cabinet_id: Bench(cabinet, Tap(), Hands(cabinet), list(badges)) for cabinet in cabinets
        }
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve it in this event loop (`port` 0: a free one); its address."""
        listener = socket.create_server((host, port))
        served_app = _bench_app()
        pages.state.benches = self._benches
        for bench in self._benches.values():
            bench.cabinet.network.listeners.append(bench.tap.listen)
        config = uvicorn.Config(
            served_app, log_level="warning", ws="websockets-sansio", timeout_graceful_shutdown=1, lifespan="on"
        )
        self._server = _LoopServer(config)
        self._task = asyncio.create_task(self._server.serve([listener]))
        while not self._server.started:
            if self._task.done():
                raise BenchError("expected the bench page to answer, found that it ended") from self._task.exception()
            await asyncio.sleep(0.02)
        return f"http://{host}:{listener.getsockname()[1]}"

    async def stop(self) -> None:
        """End it; harmless when it never started."""
        for bench in self._benches.values():
            with contextlib.suppress(ValueError):
                bench.cabinet.network.listeners.remove(bench.tap.listen)
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task


class _LoopServer(uvicorn.Server):
    """A server that leaves the signals to the program around it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@cache
def _bench_app() -> FastAPI:
    """The pages: NiceGUI has one application per process, so they are made once and look their cabinets up."""
    served_app = FastAPI(title="Partsbay bench", docs_url=None, redoc_url=None, openapi_url=None)
    mount_look(served_app)

    @page("/")
    def first(request: Request) -> Response:
        name = next(iter(request.app.state.benches))
        return RedirectResponse(f"/cabinets/{name}?{request.url.query}", status_code=303)

    @page("/cabinets/{name}")
    def one_cabinet(request: Request, name: str) -> Response | None:
        benches: Mapping[str, Bench] = request.app.state.benches
        if name not in benches:
            return RedirectResponse("/", status_code=303)
        draw_bench(BenchVisit(request, dict(benches), name))
        return None

    ui.run_with(served_app, title="Partsbay", tailwind=False, show_welcome_message=False, reconnect_timeout=30)
    return served_app


def run(host: str, port: int, speed: float) -> int:
    """One virtual cabinet in a shop of its own, and its page, until Ctrl-C."""
    if speed <= 0:
        raise ValueError(f"expected a speed above zero, found {speed}")
    with tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder:
        return asyncio.run(_run(Path(folder), host, port, speed))


async def _run(folder: Path, host: str, port: int, speed: float) -> int:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    shop = one_cabinet_shop(folder, speed)
    bench = BenchPage(list(shop.cabinets.values()))
    try:
        await _fill(shop.cabinets[CABINET])
        await shop.start()
        url = await bench.start(host, port)
        await shop.power_on()
        sys.stdout.write(f"bench ready {url} kiosk={shop.kiosk_url} dealer={shop.cloud_url}\n")
        sys.stdout.flush()
        await stopping.wait()
    finally:
        await bench.stop()
        await shop.stop()
    return 0


def one_cabinet_shop(folder: Path, speed: float) -> WholeShop:
    """The demo's shop with its first cabinet only."""
    document = scenario.document()
    document["cabinets"] = [cabinet for cabinet in document["cabinets"] if cabinet["id"] == CABINET]
    return WholeShop(folder, document, [scenario.DEALER_USER], {CABINET: BOARD}, speed=speed)


async def _fill(cabinet: VirtualCabinet) -> None:
    """The opening stock, piece by piece."""
    hands = Hands(cabinet)
    for bin_, number in enumerate(scenario.LAYOUT[CABINET], start=1):
        await cabinet.set_load(bin_, hands.stock_mg(scenario.part(number)))
