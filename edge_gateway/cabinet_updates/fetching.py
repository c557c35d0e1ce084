"""Fetches the bundles that cabinets are to run from the cloud, and goes on where a connection was cut.

What was fetched once is handed to cabinets without the cloud (`bundle_folder.py`). One bundle at a time, beside the
uploads; what is asked for no more is thrown away.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final

import httpx

from edge_gateway.cabinet_updates.bundle_folder import BundleFolder, DigestError
from edge_gateway.cabinet_updates.wanted import Wanted
from edge_gateway.upload import CloudVoice, backoff_s

log = logging.getLogger(__name__)

REFUSED_PAUSE_S: Final = 60.0
CHUNK_BYTES: Final = 16 * 1024  # what a cut costs at most


class BundleFetch:
    """`wanted` says what the cabinets are to run; `came` is called whenever a bundle is here."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        voice: CloudVoice,
        folder: BundleFolder,
        wanted: Callable[[], Mapping[str, Wanted]],
        came: Callable[[], None] = lambda: None,
    ) -> None:
        self._client = client
        self._voice = voice
        self._folder = folder
        self._wanted = wanted
        self._came = came
        self._more = asyncio.Event()
        self._more.set()  # what was wanted before the start

    def heard(self) -> None:
        """The cloud has told what cabinets are to run."""
        self._more.set()

    async def run(self) -> None:
        """Fetch for ever."""
        failures = 0
        while True:
            await self._more.wait()
            self._more.clear()
            try:
                await self._catch_up()
            except httpx.TransportError as error:
                failures += 1
                self._voice.lost(str(error) or type(error).__name__)
                await self._again(backoff_s(failures))
            except (httpx.HTTPError, DigestError, OSError) as error:  # refused, or a full disk: uploads go on
                log.warning("a bundle could not be fetched: %s", error)
                await self._again(REFUSED_PAUSE_S)
            else:
                failures = 0

    async def _again(self, pause_s: float) -> None:
        self._more.set()
        await asyncio.sleep(pause_s)

    async def _catch_up(self) -> None:
        wanted = self._wanted()
        digests = {each.digest: each.bytes for each in wanted.values()}
        self._folder.forget_all_but(digests)
        for digest, size in sorted(digests.items()):
            if not self._folder.holds(digest):
                await self._fetch(digest, size)
                self._came()

    async def _fetch(self, digest: str, size: int) -> None:
        """One bundle, from the first byte that is not here."""
        come = self._folder.come_bytes(digest)
        start = come if come <= size else 0
        if start < size:
            headers = {"Range": f"bytes={start}-"} if start else {}
            async with self._client.stream("GET", f"/api/gateway/bundles/{digest}", headers=headers) as answer:
                answer.raise_for_status()
                if answer.status_code != httpx.codes.PARTIAL_CONTENT:
                    start = 0  # the whole was sent: begin anew
                async for piece in answer.aiter_bytes(CHUNK_BYTES):
                    self._folder.add(digest, start, piece)
                    start += len(piece)
        if start != size:
            raise DigestError(f"expected a bundle of {size} bytes, found {start}")
        self._folder.finish(digest)
