"""A shop's document: versions, and gateways that wait for the next one without holding anything."""

import asyncio
import threading
import time

import httpx
import msgspec
import pytest

from cloud.database import open_database
from cloud.document import Documents, News, store_document
from cloud.services import Services
from cloud.tables import Document
from edge_gateway.shop_document import DocumentError, Part, ShopDocument, decode_document
from tests.cloud import worlds
from tests.cloud.conftest import Cloud

GATEWAY = {"Authorization": f"Bearer {worlds.KEYS['gw-1']}"}


def _changed(reorder_point: int) -> ShopDocument:
    return worlds.document("shop-1", "north", reorder_point=reorder_point)


def _store(services: Services, document: ShopDocument) -> int:
    with services.database.writing() as session:
        return store_document(session, document, worlds.NOW_MS)


def test_a_gateway_gets_the_newest_document(cloud: Cloud) -> None:
    """Its own shop's, with the version it has in the cloud."""
    answer = cloud.client.get("/api/gateway/document", headers=GATEWAY)
    document = decode_document(answer.content)
    assert (document.shop, document.version) == ("shop-1", 1)
    assert _store(cloud.services, _changed(7)) == 2
    assert decode_document(cloud.client.get("/api/gateway/document?version=1", headers=GATEWAY).content).version == 2


def test_nothing_newer_is_204(cloud: Cloud) -> None:
    """At once, or after the wait."""
    assert cloud.client.get("/api/gateway/document?version=1", headers=GATEWAY).status_code == 204
    assert cloud.client.get("/api/gateway/document?version=1&wait_s=0.01", headers=GATEWAY).status_code == 204


def test_a_question_out_of_bounds_is_refused(cloud: Cloud) -> None:
    """A wait has an end."""
    queries = ["version=-1", "version=x", "wait_s=601", "wait_s=-1", "wait_s=nan"]
    answers = [cloud.client.get(f"/api/gateway/document?{query}", headers=GATEWAY).status_code for query in queries]
    assert answers == [422] * len(queries)


def test_the_same_content_gets_no_new_version(cloud: Cloud) -> None:
    """Loading it again is not a change; whatever version number it names."""
    same = msgspec.structs.replace(_changed(4), version=99)
    assert _store(cloud.services, same) == 1
    assert _store(cloud.services, _changed(7)) == 2
    assert _store(cloud.services, _changed(4)) == 3
    with cloud.services.database.reading() as session:
        assert session.get(Document, ("shop-1", 1)) is not None


def test_a_document_that_leads_nowhere_is_refused(cloud: Cloud) -> None:
    """The planogram names a part the document lacks."""
    broken = msgspec.structs.replace(_changed(4), parts=[Part(number="X", name_zh="", name_en="")])
    with pytest.raises(DocumentError, match="expected a known part"):
        _store(cloud.services, broken)
    assert cloud.count(Document) == 3


def test_a_waiting_gateway_is_woken_by_a_new_version(cloud: Cloud) -> None:
    """The answer comes with the change, long before the wait ends, also when another program makes it."""

    async def wait_and_change() -> tuple[int, float]:
        transport = httpx.ASGITransport(cloud.client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://cloud", headers=GATEWAY) as client:
            asked = asyncio.create_task(client.get("/api/gateway/document?version=1&wait_s=30"))
            await _until_waiting(cloud.services.documents, 1)
            started = time.monotonic()
            await asyncio.to_thread(_store_from_elsewhere, cloud)
            answer = await asked
        return decode_document(answer.content).version, time.monotonic() - started

    version, seconds = cloud.client.runner.run(wait_and_change())
    assert version == 2
    assert seconds < 10
    assert cloud.services.documents.waiting == 0


def _store_from_elsewhere(cloud: Cloud) -> None:
    other = open_database(cloud.services.settings.database_url)
    with other.writing() as session:
        store_document(session, _changed(9), worlds.NOW_MS)
    other.close()


def test_a_hundred_waiting_gateways_hold_no_thread_and_no_connection(cloud: Cloud) -> None:
    """While they wait everybody else is served; the end of the program lets all of them go."""

    async def wait_together() -> tuple[int, int, set[tuple[bytes | None, News]]]:
        documents = cloud.services.documents
        waiting = [asyncio.create_task(documents.wait_newer_than("shop-1", News(1), 30)) for _ in range(100)]
        await _until_waiting(documents, 100)
        pool = cloud.services.database.engine.pool
        threads, connections = threading.active_count(), pool.checkedout()  # type: ignore[attr-defined]
        documents.end()
        return threads, connections, set(await asyncio.gather(*waiting))

    threads, connections, answers = cloud.client.runner.run(wait_together())
    assert threads < 60  # a pool of helpers, not one a waiter
    assert connections <= 1  # the watcher's, if it happens to look
    assert {body for body, _newest in answers} == {None}


def test_who_comes_as_the_program_ends_does_not_wait(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends while it is looked whether there is something newer."""
    documents = cloud.services.documents
    look = documents._look
    _body, seen = cloud.client.runner.run(documents.wait_newer_than("shop-1", News(0), 0))

    def end_meanwhile(shops: set[str]) -> dict[str, News]:
        documents.end()
        return look(shops)

    async def come() -> tuple[bytes | None, News]:
        async with asyncio.timeout(20):
            return await documents.wait_newer_than("shop-1", seen, 300)

    monkeypatch.setattr(documents, "_look", end_meanwhile)
    assert cloud.client.runner.run(come()) == (None, seen)


async def _until_waiting(documents: Documents, count: int) -> None:
    async with asyncio.timeout(20):
        while documents.waiting < count:
            await asyncio.sleep(0.005)


def test_the_status_of_a_gateway_is_the_newest_word(cloud: Cloud) -> None:
    """Ages, counts and cabinets of its own shop; a stranger's cabinet is passed over."""
    said = {
        "gateway": "gw-1",
        "outbox_backlog": 12,
        "quarantined": 1,
        "document_version": 1,
        "cabinets": [
            {
                "cabinet": name,
                "last_heard_ms": worlds.NOW_MS - 4000,
                "online": True,
                "journal_backlog": 3,
                "bins_blind": 1,
                "firmware": "0.1.0\0",
            }
            for name in ("cab-1", "cab-77")
        ],
    }
    for _ in range(2):
        assert cloud.client.post("/api/gateway/status", json=said, headers=GATEWAY).status_code == 204
    cloud.clock.ms += 1000
    shop = cloud.get("/api/shops")[0]
    assert (shop["last_contact_age_ms"], shop["gateway_backlog"], shop["cabinets_online"]) == (1000, 12, 1)
    assert shop["gateway_backlog_age_ms"] is shop["gateway_disk_free_bytes"] is None
    first, second = cloud.get("/api/shops/shop-1/cabinets")
    assert (first["last_heard_age_ms"], first["online"], first["firmware"]) == (5000, True, "0.1.0")
    assert (first["journal_room_sessions"], first["taken_in_age_ms"]) == (None, None)  # an older gateway did not say
    assert (second["last_heard_age_ms"], second["online"]) == (None, False)


def test_a_status_tells_what_waits_and_what_is_missing_with_its_age(cloud: Cloud) -> None:
    now_ms = cloud.clock.ms
    cabinet = {
        "cabinet": "cab-1", "last_heard_ms": now_ms, "online": True, "journal_backlog": 7, "bins_blind": 0,
        "firmware": "0.1.0", "taken_in_ms": now_ms - 5000, "never_came": 12, "never_came_ms": now_ms - 6000,
        "journal_room_sessions": 0, "journal_full": True, "left_out": 4,
    }  # fmt: skip
    said = {
        "gateway": "gw-1", "outbox_backlog": 12, "quarantined": 2, "document_version": 1, "cabinets": [cabinet],
        "outbox_oldest_ms": now_ms - 1000, "quarantine_oldest_ms": now_ms - 2000, "broken": 3,
        "broken_ms": now_ms - 3000, "cannot_write_since_ms": now_ms - 4000, "disk_free_bytes": 1000, "disk_days": 2,
        "disk_low": True,
    }  # fmt: skip
    assert cloud.client.post("/api/gateway/status", json=said, headers=GATEWAY).status_code == 204
    shop = cloud.get("/api/shops")[0]
    expected = {
        "gateway_backlog_age_ms": 1000, "gateway_quarantined_age_ms": 2000, "gateway_broken": 3,
        "gateway_broken_age_ms": 3000, "gateway_cannot_write_age_ms": 4000, "gateway_disk_free_bytes": 1000,
        "gateway_disk_days": 2, "gateway_disk_low": True, "cabinets_full": 1, "journal_backlog": 7,
        "taken_in_age_ms": 5000, "never_came": 12, "never_came_age_ms": 6000,
    }  # fmt: skip
    assert {key: shop[key] for key in expected} == expected
    first = cloud.get("/api/shops/shop-1/cabinets")[0]
    expected = {
        "journal_backlog": 7, "taken_in_age_ms": 5000, "never_came": 12, "never_came_age_ms": 6000,
        "journal_room_sessions": 0, "journal_full": True, "left_out": 4,
    }  # fmt: skip
    assert {key: first[key] for key in expected} == expected


def test_a_status_of_any_sort_does_no_harm(cloud: Cloud) -> None:
    """Garbage, another gateway's, numbers beyond reason."""
    status = b'{"gateway":"gw-%d","outbox_backlog":%d,"quarantined":-5,"document_version":0,"cabinets":[]}'
    bodies = {b"garbage": 422, b'{"gateway":"gw-1"}': 422, status % (2, 0): 403, status % (1, 10**20): 204}
    found = {
        body: cloud.client.post("/api/gateway/status", content=body, headers=GATEWAY).status_code for body in bodies
    }
    assert found == bodies
    assert cloud.get("/api/shops")[0]["gateway_quarantined"] == 0


def test_a_version_is_newer_than_what_a_gateway_has(cloud: Cloud) -> None:
    """After a backup was restored a gateway may have a later document: even the same gets a new version."""
    status = {"gateway": "gw-1", "outbox_backlog": 0, "quarantined": 0, "document_version": 7, "cabinets": []}
    assert cloud.client.post("/api/gateway/status", json=status, headers=GATEWAY).status_code == 204
    assert _store(cloud.services, _changed(4)) == 8
    assert cloud.client.get("/api/gateway/document?version=7", headers=GATEWAY).status_code == 200


def test_a_part_keeps_its_unit(cloud: Cloud) -> None:
    """What was booked in pieces would be read as grams."""
    document = _changed(7)
    parts = [msgspec.structs.replace(part, unit="gram") for part in document.parts]
    with pytest.raises(DocumentError, match="expected WK-1060 in pieces for ever, as it was booked, found grams"):
        _store(cloud.services, msgspec.structs.replace(document, parts=parts))
    assert _store(cloud.services, document) == 2
