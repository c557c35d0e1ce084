"""Fetches the dealer's catalogue page by page, whenever the document's poll tells of a newer revision.

One page at a time and a pause after each: uploads, orders and people at the kiosk go before. A cut anywhere means that
the same page is fetched again. What the shop's bins hold is fetched first and whole, guest dealers' parts included.
"""

import asyncio
import logging
import sqlite3

import httpx
import msgspec

from edge_gateway.catalogue_format import CatalogueError, CataloguePart, decode_page
from edge_gateway.catalogue_store import CatalogueStore
from edge_gateway.shop_document import ShopDocument
from edge_gateway.upload import CloudVoice, backoff_s

log = logging.getLogger(__name__)

PAGE_PARTS = 250  # taken in within a fifth of a second
PAUSE_S = 0.1  # between two pages, for everybody else
REFUSED_PAUSE_S = 60.0
_decode_parts = msgspec.json.Decoder(list[CataloguePart]).decode


class CataloguePull:
    """`whole`: the whole catalogue, not only the parts in the shop's bins."""

    def __init__(self, client: httpx.AsyncClient, voice: CloudVoice, store: CatalogueStore, *, whole: bool) -> None:
        self._client = client
        self._voice = voice
        self._store = store
        self._whole = whole
        self._compared = 0  # the revision at which what is held was last begun anew to be complete
        self._bins_at = -1  # the revision at which the parts of the bins were fetched
        self.newest = store.place.newest if store.place.is_whole else 0
        self._more = asyncio.Event()
        self._more.set()  # an index that a new version must make

    def heard(self, newest: int) -> None:
        """The catalogue's newest revision in the cloud."""
        self.newest = newest
        place = self._store.place
        if newest != self._bins_at or (self._whole and newest and (newest != place.after or not place.is_whole)):
            self._more.set()

    def take_document(self, document: ShopDocument) -> None:
        """What lies in the bins now."""
        self._store.take_document(document)
        self._bins_at = -1
        self._more.set()

    async def run(self) -> None:
        """Fetch for ever."""
        failures = 0
        while True:
            await self._more.wait()
            self._more.clear()
            try:
                await self._catch_up()
            except (httpx.HTTPError, CatalogueError, msgspec.DecodeError) as error:
                failures += 1
                self._voice.lost(str(error) or type(error).__name__)
                self._more.set()
                await asyncio.sleep(backoff_s(failures))
            except sqlite3.Error as error:  # a full disk: the books come first, and say so
                log.warning("the catalogue could not be kept: %s", error)
                self._more.set()
                await asyncio.sleep(REFUSED_PAUSE_S)
            else:
                failures = 0

    async def _catch_up(self) -> None:
        while True:
            if not self._store.index_more():
                break
            await asyncio.sleep(PAUSE_S / 10)
        if self.newest and self._bins_at != self.newest:
            await self._fetch_bins(self.newest)
        while self._whole and self.newest and not self._is_here():
            await self._fetch_page()
            await asyncio.sleep(PAUSE_S)

    def _is_here(self) -> bool:
        place = self._store.place
        return place.is_whole and place.whole_round == place.round and place.after >= self.newest

    async def _fetch_bins(self, revision: int) -> None:
        response = await self._client.get("/api/gateway/catalogue/in-bins")
        response.raise_for_status()
        self._store.take_in_bins(_decode_parts(response.content))
        self._bins_at = revision

    async def _fetch_page(self) -> None:
        place = self._store.place
        response = await self._client.get(
            "/api/gateway/catalogue", params={"after": place.after, "behind": place.behind, "limit": PAGE_PARTS}
        )
        response.raise_for_status()
        page = decode_page(response.content)
        if (place.dealer not in ("", page.dealer)) or page.newest < place.after:
            log.warning("the catalogue is another one, or was restored from a backup: it is fetched from the start")
            self._store.begin_again()
            return
        place = self._store.take_page(page)
        self.newest = max(page.newest, place.after) if page.last else page.newest
        if page.last and self._store.held != page.held and self._compared != page.newest:
            self._compared = page.newest  # once a revision: what the dealer took away without a word
            log.warning("the catalogue has %d parts, %d are here: it is fetched again", page.held, self._store.held)
            self._store.begin_again()
