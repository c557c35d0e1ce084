"""What the gateway says to the cloud, and the thread it does so on: uploads, the shop's document and feed, and the
dealer's catalogue.

It decides nothing: receipts, documents and the feed's entries go to the writer.
"""

import asyncio
import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from edge_gateway.cabinet_updates.bundle_folder import BundleFolder
from edge_gateway.cabinet_updates.fetching import BundleFetch
from edge_gateway.cabinet_updates.wanted import Wanted
from edge_gateway.catalogue_pull import CataloguePull
from edge_gateway.catalogue_store import CatalogueStore
from edge_gateway.document_pull import DocumentPull
from edge_gateway.feed_format import FeedEntry
from edge_gateway.feed_pull import FeedPull
from edge_gateway.identity.own import KeyAuth
from edge_gateway.outgoing import OlderThanCloudError, Outgoing, take_receipt
from edge_gateway.settings import CloudSettings
from edge_gateway.shop_document import ShopDocument
from edge_gateway.upload import CloudVoice, Uploader
from edge_gateway.upload_format import GatewayStatus, Receipt
from edge_gateway.writer import Writer

log = logging.getLogger(__name__)

TIMEOUT_S = 30.0
TakeFeed = Callable[[list[FeedEntry], str], int]
Beside = Callable[[httpx.AsyncClient], Coroutine[Any, Any, None]]  # what goes on as long as there is a client
AGAIN_S = 30.0  # after something nobody expected, until the next try


class CloudTalk:
    """What is said to the cloud, as one coroutine; `take_document` and `take_feed` run on the writer's thread.

    `auth` is how this gateway shows who it is; without one, by its random key.
    """

    def __init__(
        self,
        settings: CloudSettings,
        writer: Writer,
        status: Callable[[], GatewayStatus],
        take_document: Callable[[ShopDocument, bytes], None],
        *,
        take_feed: TakeFeed | None = None,
        catalogue: Path | None = None,
        refused: Callable[[str], None] | None = None,
        bundles: BundleFolder | None = None,
        wanted: Callable[[], Mapping[str, Wanted]] = dict,
        bundle_came: Callable[[], None] = lambda: None,
        auth: httpx.Auth | None = None,
        beside: Sequence[Beside] = (),
    ) -> None:
        self._auth = auth if auth is not None else KeyAuth(settings.key)
        self._beside = beside
        self._bundles = bundles
        self._wanted = wanted
        self._bundle_came = bundle_came
        self._fetch: BundleFetch | None = None
        self._settings = settings
        self._writer = writer
        self._status = status
        self._take_document = take_document
        self._take_feed = take_feed
        self._catalogue_path = catalogue
        self._refused = refused
        self._catalogue: CataloguePull | None = None
        self._uploader: Uploader | None = None
        self._outgoing: Outgoing | None = None

    def wake(self) -> None:
        """The outbox may have grown; called where the coroutine runs."""
        if self._uploader is not None:
            self._uploader.wake.set()

    async def run(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Talk for ever; through `transport`, when another than the network is wanted."""
        voice = CloudVoice(self._settings.url)
        books = self._writer.intake.books
        version = books.document.version if books.document is not None else 0
        outgoing = self._outgoing = Outgoing(self._writer.store.path, books.gateway, books.epoch)
        async with httpx.AsyncClient(
            base_url=self._settings.url, auth=self._auth, timeout=TIMEOUT_S, transport=transport
        ) as client:
            self._uploader = Uploader(client, outgoing, voice, self._deliver_receipt)
            with contextlib.ExitStack() as closing:
                closing.callback(outgoing.close)
                news = self._pulls(client, voice, closing)
                pull = DocumentPull(
                    client,
                    voice,
                    self._status,
                    self._deliver_document,
                    self._settings.poll_s,
                    news=news,
                    refused=self._refused,
                )
                runs = [self._uploader.run(books.upload_through), pull.run(version), *(n.run() for n in news.values())]
                runs += [work(client) for work in self._beside]
                if self._bundles is not None:
                    self._fetch = BundleFetch(client, voice, self._bundles, self._wanted, self._bundle_came)
                    runs.append(self._fetch.run())
                tasks = [asyncio.ensure_future(run) for run in runs]
                try:
                    await asyncio.gather(*tasks)
                finally:
                    for task in tasks:  # none goes on without the others
                        task.cancel()

    def _pulls(
        self, client: httpx.AsyncClient, voice: CloudVoice, closing: contextlib.ExitStack
    ) -> "dict[str, FeedPull | CataloguePull]":
        """What fetches that of which the document's poll tells."""
        found: dict[str, FeedPull | CataloguePull] = {}
        books = self._writer.intake.books
        if self._take_feed is not None:
            found["feed"] = FeedPull(client, voice, partial(self._deliver_feed, self._take_feed), books.feed_through)
        if self._catalogue_path is not None:
            store = CatalogueStore(self._catalogue_path)
            closing.callback(store.close)
            self._catalogue = CataloguePull(client, voice, store, whole=self._settings.catalogue == "whole")
            if books.document is not None:
                self._catalogue.take_document(books.document)
            found["catalogue"] = self._catalogue
        return found

    async def run_for_ever(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Begin again whatever happens: a disk that could not be read for a moment must not end it for good."""
        while True:
            try:
                await self.run(transport)
            except Exception:
                log.exception("the talk to the cloud ended; it begins again in %.0f s", AGAIN_S)
            await asyncio.sleep(AGAIN_S)

    async def _deliver_receipt(self, receipt: Receipt, sent: int) -> int:
        writer = self._writer
        try:
            future = writer.submit(lambda: take_receipt(writer.intake.batch, receipt, sent, writer.store))
            through: int = await asyncio.wrap_future(future)
        except OlderThanCloudError as error:
            log.error("%s: this database was restored from a backup; a new epoch begins", error)  # noqa: TRY400
            await asyncio.wrap_future(writer.submit(writer.begin_epoch))
            if self._outgoing is not None:
                self._outgoing.epoch = writer.store.epoch
            return 0
        return through

    async def _deliver_document(self, document: ShopDocument, data: bytes) -> None:
        future = self._writer.submit(lambda: self._take_document(document, data))
        await asyncio.wrap_future(future)
        if self._catalogue is not None:
            with contextlib.suppress(sqlite3.Error):  # found again at the next start; the document is in force
                self._catalogue.take_document(document)

    async def _deliver_feed(self, take: TakeFeed, entries: list[FeedEntry]) -> int:
        """All in one transaction; one by one when something of it cannot be booked."""
        through = await self._taken(take, entries)
        if self._fetch is not None and any(entry.kind == "firmware" for entry in entries):
            self._fetch.heard()
        return through

    async def _taken(self, take: TakeFeed, entries: list[FeedEntry]) -> int:
        try:
            return await self._written(take, entries)
        except sqlite3.IntegrityError as error:
            log.warning("entries %d to %d go one by one: %s", entries[0].number, entries[-1].number, error)
        for entry in entries:
            try:
                through = await self._written(take, [entry])
            except sqlite3.IntegrityError as error:
                through = await self._written(take, [entry], f"expected what can be booked, found: {error}")
        return through

    async def _written(self, take: TakeFeed, entries: list[FeedEntry], aside: str = "") -> int:
        through: int = await asyncio.wrap_future(self._writer.submit(lambda: take(entries, aside)))
        return through


class CloudLink:
    """The thread on which a `CloudTalk` runs. Started after the writer."""

    def __init__(self, talk: CloudTalk) -> None:
        self._talk = talk
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="cloud", daemon=True)

    def start(self) -> None:
        """Begin to talk to the cloud; returns when the thread is up."""
        self._thread.start()
        self._ready.wait()

    def close(self) -> None:
        """End the thread, in the middle of a poll if need be."""
        self._call(lambda: self._task.cancel() if self._task is not None else False)
        self._thread.join()

    def wake(self) -> None:
        """The outbox may have grown."""
        self._call(self._talk.wake)

    def _call(self, run: Callable[[], object]) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(run)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except asyncio.CancelledError:
            pass
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.ensure_future(self._talk.run_for_ever())
        self._ready.set()
        await self._task
