"""A shop's document on a bad line: fetched again from its start after a cut, or refused where people see it."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import msgspec
import pytest

from cloud.database import open_database
from cloud.tables import Document, Shop
from edge_gateway import document_pull
from edge_gateway.cloud_link import CloudTalk
from edge_gateway.disk import DiskWatch
from edge_gateway.opening import put_into_force
from edge_gateway.settings import CloudSettings
from edge_gateway.shop_document import Part, ShopDocument, encode_document
from edge_gateway.status_report import gateway_status
from edge_gateway.upload_format import GatewayStatus
from tests.gateway.real_cloud import KEY, RealCloud
from tests.gateway.world import Shop as GatewayShop
from tests.gateway.world import document

pytestmark = pytest.mark.usefixtures("impatient")
CUT_AT_BYTES = 50_000


def large_document(version: int) -> ShopDocument:
    """Some 1 MB: 12,000 parts that are in no bin yet."""
    more = [
        Part(f"L-{number:05d}", f"配件 {number}", f"part number {number}", brand="a brand") for number in range(12_000)
    ]
    small = document(version)
    return msgspec.structs.replace(small, parts=[*small.parts, *more])


def put(cloud: RealCloud, version: int, body: bytes) -> None:
    """A version of the document in the cloud, whatever it says."""
    database = open_database(cloud.settings.database_url)
    with database.writing() as session:
        session.add(Document(shop_id="shop-1", version=version, dealer_id="dealer-1", stored_ms=1, body=body))
        session.get_one(Shop, "shop-1").document_version = version
    database.close()


class Stuttering(httpx.AsyncBaseTransport):
    """A line on which large answers break off twice before one comes whole."""

    def __init__(self) -> None:
        self._network = httpx.AsyncHTTPTransport()
        self.cuts = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._network.handle_async_request(request)
        if request.url.path.endswith("/document") and answer.status_code == 200 and self.cuts < 2:
            self.cuts += 1
            stream = _Broken(answer)
            return httpx.Response(200, headers=answer.headers, stream=stream, request=request)
        return answer

    async def aclose(self) -> None:
        await self._network.aclose()


class _Broken(httpx.AsyncByteStream):
    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        sent = 0
        async for chunk in self._answer.aiter_raw():
            yield chunk[: CUT_AT_BYTES - sent]
            sent += len(chunk)
            if sent >= CUT_AT_BYTES:
                await self._answer.aclose()
                raise httpx.ReadError("the line was cut")

    async def aclose(self) -> None:
        await self._answer.aclose()


def talk_until(
    shop: GatewayShop, cloud: RealCloud, line: httpx.AsyncBaseTransport, refused: list[str], done: Callable[[], bool]
) -> None:
    """The gateway talks to the cloud over this line until something holds."""

    def take(new: ShopDocument, data: bytes) -> None:
        put_into_force(new, data, shop.intake.batch, shop.clock_ms)

    def status() -> GatewayStatus:
        told = gateway_status(shop.path, DiskWatch(shop.path), shop.clock_ms)
        return msgspec.structs.replace(told, document_refused=refused[-1] if refused else "")

    talk = CloudTalk(CloudSettings(cloud.url, KEY, poll_s=1), shop.writer, status, take, refused=refused.append)

    async def run() -> None:
        task = asyncio.create_task(talk.run(line))
        async with asyncio.timeout(60):
            while not done():
                await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(run())


def test_documents_grow_shrink_and_survive_cuts_and_one_of_a_later_cloud_is_refused(
    empty_shop: GatewayShop, cloud: RealCloud, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(document_pull, "REFUSED_PAUSE_S", 0.05)
    refused: list[str] = []

    def in_force(version: int) -> Callable[[], bool]:
        return lambda: empty_shop.value("select max(version) from document") == version

    large, line = encode_document(large_document(2)), Stuttering()
    assert len(large) > 1_000_000
    put(cloud, 2, large)
    talk_until(empty_shop, cloud, line, refused, in_force(2))
    assert line.cuts == 2
    assert bytes(empty_shop.value("select bytes from document where version = 2")) == large
    assert empty_shop.stock(1) == 10

    later = encode_document(document(3)).removesuffix(b"}") + b',"surprise":1}'
    put(cloud, 3, later)
    told = "select document_refused, document_version from gateway"
    talk_until(empty_shop, cloud, httpx.AsyncHTTPTransport(), refused, lambda: cloud.query(told)[0][0] != "")
    assert "unknown field `surprise`" in cloud.query(told)[0][0]
    assert cloud.query(told)[0][1] == 2
    assert "version 2 stays" in caplog.text

    put(cloud, 4, encode_document(document(4)))  # small again
    talk_until(
        empty_shop, cloud, httpx.AsyncHTTPTransport(), refused, lambda: in_force(4)() and cloud.query(told) == [("", 4)]
    )
    assert empty_shop.value("select count(*) from document") == 2
    assert empty_shop.stock(1) == 10
