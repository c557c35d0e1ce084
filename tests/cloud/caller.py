"""Somebody who calls a cloud in this process, request by request, through the whole ASGI app."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import httpx
from fastapi import FastAPI

sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]  # httpx would look for it in vain at every request
_Answer = asyncio.Future[httpx.Response]
Result = TypeVar("Result")


class Runner:
    """A loop on which one task sends all requests: threads that the app works on end with the task that needed them."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._sender: asyncio.Task[None] | None = None
        self._requests: asyncio.Queue[tuple[Coroutine[Any, Any, httpx.Response], _Answer]] = asyncio.Queue()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What else a test does on this loop, as a task of its own."""
        return self._runner.run(work)

    def answer(self, request: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
        """What is answered to a request; raises what the app raises."""
        loop = self._runner.get_loop()
        if self._sender is None:
            self._sender = loop.create_task(self._send())
        answer: _Answer = loop.create_future()
        self._requests.put_nowait((request, answer))
        return loop.run_until_complete(answer)

    def close(self) -> None:
        """End what runs on the loop, and the loop."""
        self._runner.close()

    async def _send(self) -> None:
        while True:
            request, answer = await self._requests.get()
            try:
                answer.set_result(await request)
            except Exception as error:
                answer.set_exception(error)


class Caller:
    """A browser or a gateway: keeps its cookies from call to call."""

    def __init__(self, app: FastAPI, runner: Runner, cookies: httpx.Cookies | None = None) -> None:
        self.app = app
        self.runner = runner
        transport = httpx.ASGITransport(app)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://cloud", cookies=cookies)

    @property
    def cookies(self) -> httpx.Cookies:
        """Those it was given and those it was told to keep."""
        return self._client.cookies

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request and its whole answer."""
        return self.runner.answer(self._client.request(method, path, **options))

    def get(self, path: str, **options: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """POST."""
        return self.request("POST", path, **options)
