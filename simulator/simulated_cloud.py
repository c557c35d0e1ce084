"""The cloud's own code in virtual time: its app on a real database file, reached by calls instead of a network.

`CloudWire` is the transport the gateway's HTTP client gets. It takes its time, and can be down, answer errors, answer
too late, or lose the answer to what was done. The program behind it can be killed at any statement.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import httpx
import msgspec
from fastapi import FastAPI
from sqlalchemy import event

from cloud.app import create_app
from cloud.seed import Seed, store
from cloud.settings import Settings
from edge_gateway.bundle_format import ReleaseKey
from simulator.mortal_database import Fuse, Killed

_WAY_S = (0.01, 0.12)  # one way through the internet
_LOOK_S = 3600.0  # how often the cloud looks for a document another replica put in: there is no other
DOWN_S = (1.0, 60.0)


class CloudWire(httpx.AsyncBaseTransport):
    """HTTP to the simulated cloud. `trouble_ppm` says how often, in a million requests, each trouble comes."""

    def __init__(self, cloud: "SimulatedCloud"):
        self._cloud = cloud

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request there and its answer back, as well as it goes."""
        cloud, random = self._cloud, self._cloud.random
        await asyncio.sleep(random.uniform(*_WAY_S))
        if cloud.unreachable or cloud.app is None:
            raise httpx.ConnectError("expected the cloud, found nobody there", request=request)
        trouble = cloud.draw_trouble()
        if trouble == "cloud_error":
            return httpx.Response(random.choice((500, 502, 503, 429)), text="not now", request=request)
        response = await self._answer(request)
        if trouble == "cloud_answer_lost":
            raise httpx.ReadError("expected an answer, found the connection gone", request=request)
        if trouble == "cloud_late":
            await asyncio.sleep(request.extensions.get("timeout", {}).get("read") or 30.0)
            raise httpx.ReadTimeout("expected an answer in time, found none", request=request)
        await asyncio.sleep(random.uniform(*_WAY_S))
        return response

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        """Have the program answer; it may die over it."""
        cloud = self._cloud
        assert cloud.app is not None  # noqa: S101 - looked at just before
        inner = httpx.ASGITransport(cloud.app, raise_app_exceptions=False)
        task = asyncio.ensure_future(_whole(inner, request))
        cloud.answering.add(task)
        try:
            return await task
        except Killed:
            cloud.died()
            raise httpx.ReadError("expected an answer, found the connection gone", request=request) from None
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if caller is not None and caller.cancelling():  # it was not the program that died
                raise
            raise httpx.ReadError("expected an answer, found the connection gone", request=request) from None
        finally:
            cloud.answering.discard(task)


async def _whole(transport: httpx.ASGITransport, request: httpx.Request) -> httpx.Response:
    response = await transport.handle_async_request(request)
    await response.aread()
    return response


class SimulatedCloud:
    """The cloud, life after life, on one database file."""

    def __init__(
        self,
        database: Path,
        loop: asyncio.AbstractEventLoop,
        random: Random,
        clock_ms: Callable[[], int],
        release_keys: tuple[ReleaseKey, ...] = (),
    ):
        self.database = database
        self.loop = loop
        self.random = random
        self.outages = 0  # that last now, of the way there
        self.trouble_ppm: dict[str, int] = {"cloud_error": 0, "cloud_answer_lost": 0, "cloud_late": 0}
        self.counts = dict.fromkeys(self.trouble_ppm, 0)
        self.app: FastAPI | None = None
        self.answering: set[asyncio.Task[httpx.Response]] = set()
        self.clock_offset_ms = 0
        self.deaths = 0
        self.before_files_change: Callable[[], None] = lambda: None
        self.fuse = Fuse(database, random)
        self.wire = CloudWire(self)
        self._clock_ms = clock_ms
        self._settings = Settings(secret="s" * 32, database_url=f"sqlite:///{database}", release_keys=release_keys)

    def now_ms(self) -> int:
        """The clock of the cloud's machine."""
        return self._clock_ms() + self.clock_offset_ms

    @property
    def unreachable(self) -> bool:
        """Whether there is no way to it."""
        return self.outages > 0

    def seed(self, seed: Mapping[str, Any]) -> None:
        """Load dealers, shops and documents."""
        assert self.app is not None  # noqa: S101 - started before
        with self.app.state.services.database.writing() as session:
            store(session, msgspec.convert(seed, Seed), self.now_ms())

    def start(self) -> None:
        """Start the program on what lies on disk."""
        if self.fuse.burnt:
            self.before_files_change()
            self.fuse.put_back()
        self.fuse = Fuse(self.database, self.random)
        self.app = create_app(self._settings, now_ms=self.now_ms, pages=False)
        services = self.app.state.services
        services.documents.look_every_s = _LOOK_S
        engine = services.database.engine
        event.listen(engine, "before_cursor_execute", self._step)
        event.listen(engine, "after_cursor_execute", self._step)
        event.listen(engine, "commit", self._commit)

    def stop(self) -> None:
        """End the program where it is; whoever waits for an answer finds the connection gone."""
        app, self.app = self.app, None
        if app is None:
            return
        for task in list(self.answering):
            task.cancel()
        with contextlib.suppress(Exception):
            app.state.services.database.close()

    def died(self) -> None:
        """The program is dead; something starts it again."""
        if self.app is not None:
            self.deaths += 1
            self.stop()
            self.loop.call_later(self.random.uniform(*DOWN_S), self.keep_running)

    def keep_running(self) -> None:
        """Start the program if it does not run."""
        if self.app is None:
            self.start()

    def kill_after(self, steps: int) -> None:
        """Let the program die after so many statements."""
        if self.app is not None:
            self.fuse.light(steps)

    def draw_trouble(self) -> str:
        """What goes wrong with a request, "" when nothing does."""
        draw = self.random.randrange(1_000_000)
        for trouble, ppm in self.trouble_ppm.items():
            if draw < ppm:
                self.counts[trouble] += 1
                return trouble
            draw -= ppm
        return ""

    def _step(self, *_: Any) -> None:
        self.fuse.step()

    def _commit(self, _connection: Any) -> None:
        self.fuse.step()
