"""Sends the outbox to the cloud, in order, as often as it takes.

The cloud being away is normal: said once when it is lost and once when it is back. Nothing is forgotten before a
receipt says the cloud holds it.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from typing import Any

import httpx

from edge_gateway.outgoing import Outgoing, Parcel
from edge_gateway.upload_format import Receipt, decode_receipt

log = logging.getLogger(__name__)

PAUSE_S = 0.5
PAUSE_S_MAX = 30.0


class CloudVoice:
    """Says once that the cloud is lost, and once that it is back."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lost = False

    def lost(self, why: object) -> None:
        """A request failed."""
        if not self._lost:
            log.warning("the cloud at %s is lost: %s; the shop goes on without it", self._url, why)
        self._lost = True

    def well(self) -> None:
        """A request succeeded."""
        if self._lost:
            log.warning("the cloud at %s is back", self._url)
        self._lost = False


def backoff_s(failures: int) -> float:
    """How long to wait after so many failures in a row: doubling, bounded, not in step with other gateways."""
    pause_s: float = min(PAUSE_S * 2 ** min(failures - 1, 10), PAUSE_S_MAX)
    return pause_s * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret


class Uploader:
    """`wake` is set whenever the outbox has grown; `deliver` hands a receipt to the writer."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        outgoing: Outgoing,
        voice: CloudVoice,
        deliver: Callable[[Receipt, Parcel], Coroutine[Any, Any, int]],
    ) -> None:
        self._client = client
        self._outgoing = outgoing
        self._voice = voice
        self._deliver = deliver
        self.wake = asyncio.Event()

    async def run(self, through: int) -> None:
        """Send for ever, beginning after `through`."""
        failures = 0
        while True:
            self.wake.clear()
            parcel = self._outgoing.next_parcel(through)
            if parcel is None:
                await self.wake.wait()
                continue
            try:
                through = await self._deliver(await self._send(parcel), parcel)
            except (httpx.HTTPError, ValueError) as error:
                failures += 1
                self._voice.lost(str(error) or type(error).__name__)
                await asyncio.sleep(backoff_s(failures))
                continue
            self._voice.well()
            failures = 0

    async def _send(self, parcel: Parcel) -> Receipt:
        headers = {"Content-Type": "application/json"}
        response = await self._client.post("/api/gateway/upload", content=parcel.body, headers=headers)
        response.raise_for_status()
        return decode_receipt(response.content)
