"""A dealer's catalogue for the gateways of its shops: page by page in order of revision, and the parts of their bins.

Reads only, and nothing of another dealer than the shop's host; of a guest only the parts that lie in the guest's bins.
"""

from collections import defaultdict
from collections.abc import Sequence

from sqlmodel import Session, col, func, select, tuple_

from cloud.database import Database
from cloud.ingest import GatewayIdentity
from cloud.tables import CataloguePart as PartRow
from cloud.tables import CatalogueRevision, CrossReference, Document, Fitment
from edge_gateway.catalogue_format import (
    FITS_MAX,
    REFERENCES_MAX,
    CataloguePage,
    CataloguePart,
    Fits,
    Reference,
)
from edge_gateway.shop_document import ShopDocument, decode_document

_AT_ONCE = 500
_KINDS = ("oe", "competitor", "old")  # in the order of what people read out


def catalogue_page(database: Database, gateway: GatewayIdentity, after: int, behind: str, limit: int) -> CataloguePage:
    """The parts behind (`after`, `behind`). The last page ends at the newest revision, whether a part has it or not."""
    with database.reading() as session:
        # Before the parts: whatever has a revision up to this one is among them.
        newest = session.exec(
            select(CatalogueRevision.revision).where(col(CatalogueRevision.dealer_id) == gateway.dealer)
        ).first()
        rows = session.exec(
            select(PartRow)
            .where(
                col(PartRow.dealer_id) == gateway.dealer,
                col(PartRow.revision) >= after,  # by which the index is entered on either database
                tuple_(col(PartRow.revision), col(PartRow.number)) > tuple_(after, behind),
            )
            .order_by(col(PartRow.revision), col(PartRow.number))
            .limit(limit + 1)
        ).all()
        page, last = rows[:limit], len(rows) <= limit
        end = (page[-1].revision, page[-1].number) if page else (after, behind)
        if last and (newest or 0) > end[0]:
            end = (newest or 0, "")
        return CataloguePage(
            gateway.dealer,
            max(newest or 0, end[0]) if page else newest or 0,
            *end,
            last,
            _count(session, gateway.dealer) if last else 0,
            _parts(session, gateway.dealer, page),
        )


def parts_in_bins(database: Database, gateway: GatewayIdentity) -> list[CataloguePart]:
    """The parts that lie in the shop's bins by its newest document, each from the catalogue of whose bin it is."""
    with database.reading() as session:
        body = session.exec(
            select(Document.body)
            .where(col(Document.shop_id) == gateway.shop)
            .order_by(col(Document.version).desc())
            .limit(1)
        ).first()
        if body is None:
            return []
        found: dict[str, CataloguePart] = {}
        for dealer, numbers in _numbers_by_dealer(decode_document(bytes(body))).items():
            for part in _named(session, dealer, sorted(numbers)):
                found.setdefault(part.number, part)
        return [found[number] for number in sorted(found)]


def _numbers_by_dealer(document: ShopDocument) -> dict[str, set[str]]:
    """The host first: a number of its own catalogue is its part."""
    numbers: dict[str, set[str]] = {document.dealer: set()}
    for cabinet in document.cabinets:
        for bin_ in cabinet.bins:
            numbers.setdefault(bin_.dealer or document.dealer, set()).update(placed.part for placed in bin_.parts)
    return numbers


def _named(session: Session, dealer: str, numbers: Sequence[str]) -> list[CataloguePart]:
    found: list[CataloguePart] = []
    for start in range(0, len(numbers), _AT_ONCE):
        wanted = numbers[start : start + _AT_ONCE]
        rows = select(PartRow).where(col(PartRow.dealer_id) == dealer, col(PartRow.number).in_(wanted))
        found += _parts(session, dealer, session.exec(rows).all())
    return found


def _parts(session: Session, dealer: str, rows: Sequence[PartRow]) -> list[CataloguePart]:
    references: dict[str, list[Reference]] = defaultdict(list)
    fits: dict[str, dict[Fits, None]] = defaultdict(dict)
    for start in range(0, len(rows), _AT_ONCE):
        numbers = [row.number for row in rows[start : start + _AT_ONCE]]
        for part, reference in _references(session, dealer, numbers):
            references[part].append(reference)
        for part, vehicle in _fits(session, dealer, numbers):
            fits[part][vehicle] = None
    return [_part(row, references[row.number], list(fits[row.number])) for row in rows]


def _part(row: PartRow, references: list[Reference], fits: list[Fits]) -> CataloguePart:
    return CataloguePart(
        row.number,
        row.name_zh,
        row.name_en,
        row.brand,
        row.category,
        row.unit,
        row.pack_size,
        row.superseded_by,
        row.withdrawn,
        references[:REFERENCES_MAX],
        fits[:FITS_MAX],
        max(0, len(fits) - FITS_MAX),
    )


def _references(session: Session, dealer: str, numbers: list[str]) -> list[tuple[str, Reference]]:
    rows = session.exec(
        select(CrossReference.part, CrossReference.kind, CrossReference.brand, CrossReference.number)
        .where(col(CrossReference.dealer_id) == dealer, col(CrossReference.part).in_(numbers))
        .order_by(col(CrossReference.part), col(CrossReference.brand), col(CrossReference.number))
    ).all()
    found = [(part, Reference(*told)) for part, *told in rows]
    return sorted(found, key=lambda each: _KINDS.index(each[1].kind) if each[1].kind in _KINDS else len(_KINDS))


def _fits(session: Session, dealer: str, numbers: list[str]) -> list[tuple[str, Fits]]:
    columns = (
        col(Fitment.part),
        col(Fitment.make),
        col(Fitment.model),
        col(Fitment.engine),
        col(Fitment.from_year),
        col(Fitment.to_year),
        col(Fitment.position),
    )
    rows = session.execute(
        select(*columns)  # type: ignore[call-overload]
        .where(col(Fitment.dealer_id) == dealer, col(Fitment.part).in_(numbers))
        .order_by(*columns)
    ).all()
    return [(part, Fits(*told)) for part, *told in rows]


def _count(session: Session, dealer: str) -> int:
    return session.exec(select(func.count()).select_from(PartRow).where(col(PartRow.dealer_id) == dealer)).one()
