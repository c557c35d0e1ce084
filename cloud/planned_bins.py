"""The newest planogram as rows, part by part, so that stock and policy can be joined in one query.

`store_document` calls `plan_bins` in its own transaction; nobody else writes these rows.
"""

from collections.abc import Iterator

from sqlmodel import Session, col, delete, select

from cloud.tables import Document, PlannedBin, Shop
from edge_gateway.ledger import bin_account
from edge_gateway.shop_document import ShopDocument, decode_document


def plan_bins(session: Session, document: ShopDocument) -> None:
    """Put a shop's planogram in place of the one before, in the open transaction."""
    session.exec(delete(PlannedBin).where(col(PlannedBin.shop_id) == document.shop))
    session.add_all(_rows(document))
    session.flush()


def plan_all_bins(session: Session) -> None:
    """The same for every shop: for a database that had no such rows yet."""
    newest = select(Document.body).join(
        Shop, (col(Shop.id) == col(Document.shop_id)) & (col(Shop.document_version) == col(Document.version))
    )
    for body in session.exec(newest).all():
        plan_bins(session, decode_document(bytes(body)))


def _rows(document: ShopDocument) -> Iterator[PlannedBin]:
    for cabinet in document.cabinets:
        for bin_ in cabinet.bins:
            for placed in bin_.parts:
                yield PlannedBin(
                    shop_id=document.shop,
                    cabinet=cabinet.id,
                    bin=bin_.bin,
                    part=placed.part,
                    dealer_id=bin_.dealer or document.dealer,
                    account=bin_account(cabinet.id, bin_.bin),
                    capacity=placed.capacity,
                    reorder_point=placed.reorder_point,
                    order_up_to=placed.order_up_to,
                )
