"""What a shop's document says of parts: as the catalogue of the dealer who keeps them says it.

A part that is put into a bin brings its data along; when the catalogue says something else of it later, the documents
of the shops that keep it follow (`follow_catalogue`), each by one new version for everything that changed.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from msgspec import structs
from sqlmodel import Session, col, select

from cloud.database import Database
from cloud.document_edit import document_of, edit_document
from cloud.many_rows import among
from cloud.shop_views import owner_of
from cloud.tables import CataloguePart, CatalogueRevision, PartPrice, Shop, ShopDealer
from cloud.work.shop_time import day_of
from edge_gateway.shop_document import DocumentError, Part, ShopDocument

log = logging.getLogger(__name__)

LOOK_EVERY_S = 15.0  # what somebody changes part by part within that time is one version


def catalogue_parts(session: Session, dealer: str, shop: Shop, numbers: Iterable[str], now_ms: int) -> dict[str, Part]:
    """Parts of a dealer's catalogue as a shop's document says them; those it does not have are left out."""
    wanted = sorted(set(numbers))
    today = day_of(now_ms, shop.time_zone)
    prices = _prices(session, dealer, shop.id, wanted, today)
    found: dict[str, Part] = {}
    for some in among(wanted):
        rows = select(CataloguePart).where(col(CataloguePart.dealer_id) == dealer, col(CataloguePart.number).in_(some))
        for row in session.exec(rows):
            found[row.number] = _part(row, prices.get(row.number))
    return found


def _part(row: CataloguePart, price: PartPrice | None) -> Part:
    return Part(
        number=row.number,
        name_zh=row.name_zh,
        name_en=row.name_en,
        unit="gram" if row.unit == "gram" else "piece",
        brand=row.brand,
        unit_mass_mg=row.unit_mass_mg,
        spread_mg=row.spread_mg,
        pack_size=row.pack_size,
        price_minor=price.price_minor if price else 0,
        currency=price.currency if price else "CNY",
        gtin=row.gtin,
    )


def _prices(session: Session, dealer: str, shop: str, numbers: Iterable[str], today: str) -> dict[str, PartPrice]:
    """The price of each part today: the shop's own before the general one, the newest of each."""
    found: dict[str, PartPrice] = {}
    for some in among(numbers):
        rows = (
            select(PartPrice)
            .where(
                col(PartPrice.dealer_id) == dealer,
                col(PartPrice.part).in_(some),
                col(PartPrice.shop_id).in_(["", shop]),
                col(PartPrice.from_day) <= today,
            )
            .order_by(col(PartPrice.shop_id), col(PartPrice.from_day))
        )
        found.update({row.part: row for row in session.exec(rows)})
    return found


def parts_of(document: ShopDocument, dealer: str) -> set[str]:
    """Numbers of the parts in a dealer's bins."""
    return {
        placed.part
        for cabinet in document.cabinets
        for bin_ in cabinet.bins
        if owner_of(document, bin_) == dealer
        for placed in bin_.parts
    }


def brought_up_to_date(document: ShopDocument, dealer: str, known: Mapping[str, Part]) -> ShopDocument:
    """The document with what the dealer's catalogue says of the parts in the dealer's bins.

    What two dealers keep stays as it is: neither may change what the other counts by. A unit stays for ever, and a
    mass that the catalogue does not know leaves the known one.
    """
    others = {number for other in _owners(document) - {dealer} for number in parts_of(document, other)}
    own = parts_of(document, dealer) - others
    parts = [
        _updated(part, known[part.number]) if part.number in own & known.keys() else part for part in document.parts
    ]
    return structs.replace(document, parts=parts)


def _owners(document: ShopDocument) -> set[str]:
    return {owner_of(document, bin_) for cabinet in document.cabinets for bin_ in cabinet.bins}


def _updated(part: Part, known: Part) -> Part:
    if known.unit != part.unit:
        return part
    if not known.unit_mass_mg:
        known = structs.replace(known, unit_mass_mg=part.unit_mass_mg, spread_mg=part.spread_mg)
    return structs.replace(known, price_minor=known.price_minor or part.price_minor)


def follow_catalogue(database: Database, dealer: str, now_ms: int) -> int:
    """Let every document that the dealer has bins in say what the catalogue says now; how many are new."""
    with database.reading() as session:
        serves = select(ShopDealer.shop_id).where(col(ShopDealer.dealer_id) == dealer)
        shops = [shop for shop in session.exec(serves) if _differs(session, dealer, shop, now_ms)]
    return sum(_follow(database, dealer, shop, now_ms) for shop in shops)


def _differs(session: Session, dealer: str, shop: str, now_ms: int) -> bool:
    row = session.get_one(Shop, shop)
    if not row.document_version:
        return False
    document = document_of(session, shop, row.document_version)
    known = catalogue_parts(session, dealer, row, parts_of(document, dealer), now_ms)
    return brought_up_to_date(document, dealer, known).parts != document.parts


def _follow(database: Database, dealer: str, shop: str, now_ms: int) -> bool:
    """One shop's document, in a transaction of its own; one that cannot follow stays, and the log says why."""

    def change(document: ShopDocument) -> ShopDocument:
        known = catalogue_parts(session, dealer, session.get_one(Shop, shop), parts_of(document, dealer), now_ms)
        return brought_up_to_date(document, dealer, known)

    try:
        with database.writing() as session:
            return edit_document(session, shop, change, now_ms, force=True).changed
    except DocumentError as error:
        log.warning("the document of %s does not follow the catalogue of %s: %s", shop, dealer, error)
        return False


# ---- for as long as the cloud runs ----


async def see_to_documents(database: Database, now_ms: Callable[[], int], every_s: float = LOOK_EVERY_S) -> None:
    """Follow the catalogues that change, and all of them on a new day, on which other prices may begin."""
    seen: dict[str, tuple[int, str]] = {}
    while True:
        try:
            seen = await asyncio.to_thread(_look, database, seen, now_ms())
        except Exception:  # the next look may go well
            log.exception("documents could not follow the catalogue")
        await asyncio.sleep(every_s)


def _look(database: Database, seen: dict[str, tuple[int, str]], now_ms: int) -> dict[str, tuple[int, str]]:
    day = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%d %H")  # the hour: midnight is at many of them
    with database.reading() as session:
        now = {row.dealer_id: (row.revision, day) for row in session.exec(select(CatalogueRevision))}
    for dealer, mark in now.items():
        if seen.get(dealer) != mark:
            follow_catalogue(database, dealer, now_ms)
    return now
