"""A shop's document, version by version, and the gateways that wait for the next one.

Waiting holds neither a thread nor a database connection: one watcher looks for new versions on behalf of everyone
who waits, and only while somebody does. A version stored by another program is seen the same way. What is new in the
shop's feed and in its dealer's catalogue wakes who waits as well: he is told, and fetches it.
"""

import asyncio
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
from sqlmodel import Session, col, func, select

from cloud.cabinet_doors import keep_doors
from cloud.catalogue.from_documents import take_parts_in
from cloud.database import Database
from cloud.ingest import GatewayIdentity
from cloud.planned_bins import plan_bins
from cloud.replenishment.telling import follow_planogram
from cloud.rollouts.reports import keep_firmware
from cloud.shop_views import keep_views
from cloud.tables import Cabinet, CabinetStatus, CatalogueRevision, Document, Gateway, Shop
from cloud.work.leavers import note_leavers, without_forgotten
from cloud.work.shop_jobs import keep_document_jobs
from edge_gateway.planogram_check import check_planogram
from edge_gateway.planogram_words import SAYS, bin_lines
from edge_gateway.shop_document import (
    DocumentError,
    ShopDocument,
    check_document,
    check_units,
    decode_document,
    encode_document,
)
from edge_gateway.upload_format import GatewayStatus

WAIT_S_MAX = 600
LOOK_EVERY_S = 0.25
NEVER = 2**62  # a number that nothing will be newer than


class PlanogramError(DocumentError):
    """Bins of a document cannot be counted by weight; the text says which and why."""


def store_document(session: Session, document: ShopDocument, now_ms: int, *, force: bool = False) -> int:
    """Keep a document as its shop's newest version if it says anything new (`DocumentError`); that version.

    It is newer than what any gateway of the shop has: after a backup was restored, that may be more than is held here.
    `force`: keep it although the planogram check refuses it (`PlanogramError`).
    """
    check_document(document)
    document = without_forgotten(session, document)
    shop = session.get_one(Shop, document.shop)
    stored = session.get(Document, (document.shop, shop.document_version))
    in_force = max(session.exec(select(Gateway.document_version).where(col(Gateway.shop_id) == shop.id)), default=0)
    before = None if stored is None else decode_document(bytes(stored.body))
    if before is not None:
        check_units(document, before)
    is_old = before is None or in_force > shop.document_version
    if before is not None and not is_old and _saying(before) == _saying(document):
        return shop.document_version
    if not force:
        _check_planogram(document)
    version = max(shop.document_version, in_force) + 1
    version = max(version, document.version)
    document = msgspec.structs.replace(document, version=version)
    body = encode_document(document)
    session.add(Document(shop_id=shop.id, version=version, dealer_id=shop.dealer_id, stored_ms=now_ms, body=body))
    shop.document_version, shop.name = version, document.shop_name
    for cabinet in document.cabinets:
        session.merge(
            Cabinet(
                shop_id=shop.id,
                id=cabinet.id,
                dealer_id=shop.dealer_id,
                name_zh=cabinet.name_zh,
                name_en=cabinet.name_en,
            )
        )
    keep_views(session, document)
    plan_bins(session, document)
    follow_planogram(session, shop.id, now_ms)
    take_parts_in(session, document, now_ms)
    keep_document_jobs(session, document, now_ms)
    note_leavers(session, [person.id for person in before.people] if before else [], document, now_ms)
    return version


def _check_planogram(document: ShopDocument) -> None:
    refused = [found for found in check_planogram(document) if found.verdict == "refused"]
    if refused:
        told = "; ".join("; ".join(line.strip() for line in bin_lines(found, SAYS["en"])) for found in refused)
        raise PlanogramError(f"expected a planogram that can be counted by weight, found {told}")


def _saying(document: ShopDocument) -> bytes:
    return encode_document(msgspec.structs.replace(document, version=0))


def store_status(session: Session, gateway: GatewayIdentity, status: GatewayStatus, now_ms: int) -> None:
    """Keep a gateway's word about itself and its cabinets; cabinets that are not its shop's are passed over."""
    row = session.get_one(Gateway, gateway.gateway)
    row.last_contact_ms = now_ms
    row.outbox_backlog = _count(status.outbox_backlog)
    row.quarantined = _count(status.quarantined)
    row.document_version = _count(status.document_version)
    row.outbox_oldest_ms = _count(status.outbox_oldest_ms)
    row.quarantine_oldest_ms = _count(status.quarantine_oldest_ms)
    row.broken, row.broken_ms = _count(status.broken), _count(status.broken_ms)
    row.cannot_write_since_ms = _count(status.cannot_write_since_ms)
    row.disk_free_bytes, row.disk_days = _known(status.disk_free_bytes), _known(status.disk_days)
    row.disk_low = status.disk_low
    row.document_refused = status.document_refused.replace("\0", "")[:500]
    known = set(session.exec(select(Cabinet.id).where(col(Cabinet.shop_id) == gateway.shop)))
    for cabinet in status.cabinets:
        if cabinet.cabinet in known:
            session.merge(
                CabinetStatus(
                    shop_id=gateway.shop,
                    cabinet=cabinet.cabinet,
                    dealer_id=gateway.dealer,
                    reported_ms=now_ms,
                    last_heard_ms=_count(cabinet.last_heard_ms),
                    online=cabinet.online,
                    journal_backlog=_count(cabinet.journal_backlog),
                    bins_blind=_count(cabinet.bins_blind),
                    firmware=cabinet.firmware.replace("\0", "")[:100],
                    taken_in_ms=_count(cabinet.taken_in_ms),
                    never_came=_count(cabinet.never_came),
                    never_came_ms=_count(cabinet.never_came_ms),
                    journal_room_sessions=_known(cabinet.journal_room_sessions),
                    journal_full=cabinet.journal_full,
                    left_out=_count(cabinet.left_out),
                )
            )
    if status.firmware is not None:
        keep_firmware(session, gateway, [each for each in status.firmware if each.cabinet in known], now_ms)
    if status.doors is not None:
        keep_doors(session, gateway, [each for each in status.doors if each.cabinet in known], now_ms)


def _count(value: int) -> int:
    return min(max(0, value), 2**53)


def _known(value: int) -> int:
    """A number, or -1 when it is not known."""
    return min(max(-1, value), 2**53)


class News(NamedTuple):
    """The newest there is for a shop's gateway: of its document, its feed, and its dealer's catalogue."""

    version: int
    feed: int = NEVER
    catalogue: int = NEVER

    def newer_than(self, seen: "News") -> bool:
        """Whether any of them is."""
        return self.version > seen.version or self.feed > seen.feed or self.catalogue > seen.catalogue


@dataclass
class _Waiter:
    shop: str
    seen: News
    awake: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Documents:
    """Hands out documents to gateways, at once or when there is a newer one."""

    database: Database
    look_every_s: float = LOOK_EVERY_S
    _waiters: list[_Waiter] = field(default_factory=list)
    _watcher: asyncio.Task[None] | None = None
    _ended: bool = False

    def newer_than(self, shop: str, version: int) -> bytes | None:
        """The shop's newest document if it is newer than a version."""
        newest = (
            select(Document.body)
            .where(col(Document.shop_id) == shop, col(Document.version) > version)
            .order_by(col(Document.version).desc())
            .limit(1)
        )
        with self.database.reading() as session:
            body = session.exec(newest).first()
        return None if body is None else bytes(body)

    async def wait_newer_than(self, shop: str, seen: News, wait_s: float) -> tuple[bytes | None, News]:
        """As `newer_than`, waiting up to `wait_s` seconds for one or for other news; and the newest of everything."""
        if wait_s > 0 and not (await self._newest(shop)).newer_than(seen):
            await self._wait(_Waiter(shop, seen), wait_s)
        newest = await self._newest(shop)
        body = await asyncio.to_thread(self.newer_than, shop, seen.version) if newest.version > seen.version else None
        return body, newest

    async def _newest(self, shop: str) -> News:
        return (await asyncio.to_thread(self._look, {shop})).get(shop, News(0, 0, 0))

    async def _wait(self, waiter: _Waiter, wait_s: float) -> None:
        if self._ended:  # perhaps only just: while it was looked for something newer
            return
        self._waiters.append(waiter)
        self._watch()
        try:
            async with asyncio.timeout(min(wait_s, WAIT_S_MAX)):
                await waiter.awake.wait()
        except TimeoutError:
            pass
        finally:
            self._waiters.remove(waiter)

    @property
    def waiting(self) -> int:
        """How many gateways wait now."""
        return len(self._waiters)

    def end(self) -> None:
        """Let everyone who waits go: the program ends."""
        self._ended = True
        for waiter in self._waiters:
            waiter.awake.set()

    def _watch(self) -> None:
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._look_while_somebody_waits())

    async def _look_while_somebody_waits(self) -> None:
        while self._waiters and not self._ended:
            newest = await asyncio.to_thread(self._look, {waiter.shop for waiter in self._waiters})
            for waiter in self._waiters:
                if waiter.shop in newest and newest[waiter.shop].newer_than(waiter.seen):
                    waiter.awake.set()
            await asyncio.sleep(self.look_every_s)

    def _look(self, shops: set[str]) -> dict[str, News]:
        rows = (
            select(Shop.id, Shop.document_version, Shop.feed_number, func.coalesce(CatalogueRevision.revision, 0))
            .join(CatalogueRevision, col(CatalogueRevision.dealer_id) == col(Shop.dealer_id), isouter=True)
            .where(col(Shop.id).in_(sorted(shops)))
        )
        with self.database.reading() as session:
            return {shop: News(*numbers) for shop, *numbers in session.exec(rows).all()}
