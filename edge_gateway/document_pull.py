"""Pulls the shop's document from the cloud by long poll, and says with every poll how the shop is.

The same poll tells of news in the shop's feed and in the dealer's catalogue, which `news` has fetched.
A document that cannot be used is refused with a sentence and the old one stays in force.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

import httpx
import msgspec

from edge_gateway.disk import CannotWriteError
from edge_gateway.shop_document import DocumentError, ShopDocument, decode_document
from edge_gateway.upload import CloudVoice, backoff_s
from edge_gateway.upload_format import GatewayStatus

log = logging.getLogger(__name__)

REFUSED_PAUSE_S = 30.0


class News(Protocol):
    """Who fetches what a poll tells of: the feed, or the catalogue. `newest`: the last it has heard of."""

    @property
    def newest(self) -> int: ...

    def heard(self, newest: int) -> None:
        """There is as much as this."""
        ...


class DocumentPull:
    """`status` makes the report, `deliver` hands a document and its bytes to the writer."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        voice: CloudVoice,
        status: Callable[[], GatewayStatus],
        deliver: Callable[[ShopDocument, bytes], Coroutine[Any, Any, None]],
        poll_s: int,
        *,
        refused: Callable[[str], None] | None = None,  # told why a document cannot be used, "" when one is
        news: Mapping[str, News] | None = None,  # by what the poll calls it: feed, catalogue
    ) -> None:
        self._client = client
        self._poll_s = poll_s
        self._voice = voice
        self._status = status
        self._deliver = deliver
        self._news = news or {}
        self._refused = refused or (lambda _why: None)
        self._told: dict[str, int | None] = {}

    async def run(self, version: int) -> None:
        """Pull for ever, beginning with what is newer than `version`."""
        failures = 0
        while True:
            try:
                await self._report()
                data = await self._pull(version)
            except httpx.HTTPError as error:
                failures += 1
                self._voice.lost(str(error) or type(error).__name__)
                await asyncio.sleep(backoff_s(failures))
                continue
            failures = 0
            self._voice.well()
            if data is not None:
                version = await self._take(data, version)
            self._tell_news()

    def _tell_news(self) -> None:
        """After the document: an order may be about a bin that came with it."""
        for name, newest in self._told.items():
            if newest is not None:  # a cloud of before tells of none
                self._news[name].heard(newest)

    async def _report(self) -> None:
        body = msgspec.json.encode(self._status())
        response = await self._client.post("/api/gateway/status", content=body)
        response.raise_for_status()

    async def _pull(self, version: int) -> bytes | None:
        response = await self._client.get(
            "/api/gateway/document",
            params={"version": version, "wait_s": self._poll_s} | {name: n.newest for name, n in self._news.items()},
            timeout=self._poll_s + 15.0,
        )
        response.raise_for_status()
        self._told = {name: _number(response.headers.get(f"Partsbay-{name}", "")) for name in self._news}
        return response.content if response.status_code == httpx.codes.OK else None

    async def _take(self, data: bytes, version: int) -> int:
        try:
            document = newer_document(data, version)
        except DocumentError as error:
            self._refused(str(error))
            log.error("the cloud's document cannot be used: %s; version %d stays", error, version)  # noqa: TRY400
            await asyncio.sleep(REFUSED_PAUSE_S)
            return version
        try:
            await self._deliver(document, data)
        except CannotWriteError:  # said by the writer
            await asyncio.sleep(REFUSED_PAUSE_S)
            return version
        except Exception as error:  # whatever it is, the uploads beside it go on
            self._refused(f"could not be put into force: {type(error).__name__}: {error}")
            log.exception(
                "the cloud's document %d could not be put into force; version %d stays", document.version, version
            )
            await asyncio.sleep(REFUSED_PAUSE_S)
            return version
        self._refused("")
        return document.version


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def newer_document(data: bytes, version: int) -> ShopDocument:
    """A document newer than the one in force; `DocumentError` when it is not one."""
    document = decode_document(data)
    if document.version <= version:
        raise DocumentError(f"expected a document newer than version {version}, found {document.version}")
    return document
