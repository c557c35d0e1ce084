"""Pulls the shop's document from the cloud by long poll, and says with every poll how the shop is.

A document that cannot be used is refused with a sentence and the old one stays in force.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import msgspec

from edge_gateway.disk import CannotWriteError
from edge_gateway.shop_document import DocumentError, ShopDocument, decode_document
from edge_gateway.upload import CloudVoice, backoff_s
from edge_gateway.upload_format import GatewayStatus

log = logging.getLogger(__name__)

REFUSED_PAUSE_S = 30.0


class DocumentPull:
    """`status` makes the report, `deliver` hands a document and its bytes to the writer."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        voice: CloudVoice,
        status: Callable[[], GatewayStatus],
        deliver: Callable[[ShopDocument, bytes], Coroutine[Any, Any, None]],
        poll_s: int,
    ) -> None:
        self._client = client
        self._poll_s = poll_s
        self._voice = voice
        self._status = status
        self._deliver = deliver

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

    async def _report(self) -> None:
        body = msgspec.json.encode(self._status())
        response = await self._client.post("/api/gateway/status", content=body)
        response.raise_for_status()

    async def _pull(self, version: int) -> bytes | None:
        response = await self._client.get(
            "/api/gateway/document", params={"version": version, "wait_s": self._poll_s}, timeout=self._poll_s + 15.0
        )
        response.raise_for_status()
        return response.content if response.status_code == httpx.codes.OK else None

    async def _take(self, data: bytes, version: int) -> int:
        try:
            document = newer_document(data, version)
        except DocumentError as error:
            log.error("the cloud's document cannot be used: %s; version %d stays", error, version)  # noqa: TRY400
            await asyncio.sleep(REFUSED_PAUSE_S)
            return version
        try:
            await self._deliver(document, data)
        except CannotWriteError:  # said by the writer
            await asyncio.sleep(REFUSED_PAUSE_S)
            return version
        except Exception:  # whatever it is, the uploads beside it go on
            log.exception(
                "the cloud's document %d could not be put into force; version %d stays", document.version, version
            )
            await asyncio.sleep(REFUSED_PAUSE_S)
            return version
        return document.version


def newer_document(data: bytes, version: int) -> ShopDocument:
    """A document newer than the one in force; `DocumentError` when it is not one."""
    document = decode_document(data)
    if document.version <= version:
        raise DocumentError(f"expected a document newer than version {version}, found {document.version}")
    return document
