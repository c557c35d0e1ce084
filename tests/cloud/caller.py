"""Somebody who calls a cloud in this process, request by request, through the whole ASGI app."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI


@dataclass
class Caller:
    """A browser or a gateway: keeps its cookies from call to call."""

    app: FastAPI
    runner: asyncio.Runner
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request and its whole answer."""
        return self.runner.run(self._request(method, path, **options))

    def get(self, path: str, **options: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """POST."""
        return self.request("POST", path, **options)

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://cloud", cookies=self.cookies) as client:
            answer = await client.request(method, path, **options)
            self.cookies = client.cookies
        return answer
