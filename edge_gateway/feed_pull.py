"""Fetches what the cloud tells in the shop's feed, from behind the last number held here, and hands it to the writer.

The document's poll says when there is more (`heard`). A page fetched twice does no harm, and a cut anywhere means that
the same page is fetched again: what was taken is in the database together with its number.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import httpx

from edge_gateway.disk import CannotWriteError
from edge_gateway.feed_format import FeedEntry, FeedError, decode_page
from edge_gateway.upload import CloudVoice, backoff_s

log = logging.getLogger(__name__)

REFUSED_PAUSE_S = 30.0
PAGE_ENTRIES = 100


class FeedPull:
    """`deliver` has the writer take entries; it answers the last number that is held then."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        voice: CloudVoice,
        deliver: Callable[[list[FeedEntry]], Coroutine[Any, Any, int]],
        through: int,
    ) -> None:
        self._client = client
        self._voice = voice
        self._deliver = deliver
        self.through = through
        self.newest = through
        self._more = asyncio.Event()

    def heard(self, newest: int) -> None:
        """The cloud's feed goes up to this number. Fewer than are held here: it was restored from a backup."""
        self.newest = newest
        if newest != self.through:
            self._more.set()

    async def run(self) -> None:
        """Fetch for ever."""
        failures = 0
        while True:
            await self._more.wait()
            try:
                while await self._fetch():
                    failures = 0
            except (httpx.HTTPError, FeedError) as error:
                failures += 1
                self._voice.lost(str(error) or type(error).__name__)
                await asyncio.sleep(backoff_s(failures))
            except CannotWriteError:  # said by the writer
                await asyncio.sleep(REFUSED_PAUSE_S)
            except Exception:  # whatever it is, uploads and documents go on
                log.exception("the shop's feed could not be taken behind number %d", self.through)
                await asyncio.sleep(REFUSED_PAUSE_S)
            else:
                self._more.clear()

    async def _fetch(self) -> bool:
        """One page; whether there is another."""
        response = await self._client.get("/api/gateway/feed", params={"after": self.through, "limit": PAGE_ENTRIES})
        response.raise_for_status()
        page = decode_page(response.content)
        entries = [entry for entry in page.entries if entry.number > self.through]
        # Numbers without entries were lost with a cloud that was put back from a backup.
        self.through = await self._deliver(entries) if entries else max(self.through, page.newest)
        self.newest = max(self.newest, page.newest)
        return page.newest > self.through
