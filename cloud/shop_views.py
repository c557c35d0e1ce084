"""What each dealer that serves a shop may see of the shop's document.

A bin belongs to one dealer: `Bin.dealer`, or the shop's own (the host). A dealer sees its own bins, the parts in them
with its own prices, and what belongs to the shop: its name, people and jobs. Of another dealer it sees nothing, not
even the name. `view_of` is pure; `keep_views` runs in the transaction that stores a document.
"""

from collections.abc import Iterator

from msgspec import structs
from sqlmodel import Session, col, select

from cloud.tables import Balance, Dealer, Document, Shop, ShopDealer, ShopView
from edge_gateway.ledger import bin_account
from edge_gateway.shop_document import Bin, Cabinet, DocumentError, Part, ShopDocument, decode_document, encode_document


def owner_of(document: ShopDocument, bin_: Bin) -> str:
    """The dealer whose bin it is."""
    return bin_.dealer or document.dealer


def guests_of(document: ShopDocument) -> tuple[str, ...]:
    """Dealers other than the host with bins in the shop, in order."""
    owners = {owner_of(document, bin_) for cabinet in document.cabinets for bin_ in cabinet.bins}
    return tuple(sorted(owners - {document.dealer}))


def view_of(document: ShopDocument, dealer: str, dealer_name: str) -> ShopDocument:
    """A document as one dealer may see it: a document of its own, in which nobody else is named."""
    is_host = dealer == document.dealer
    is_there = is_host or dealer in guests_of(document)
    return structs.replace(
        document,
        dealer=dealer,
        dealer_name=dealer_name,
        cabinets=[view for cabinet in document.cabinets if (view := _own(document, cabinet, dealer)).bins or is_host],
        parts=list(_parts_of(document, dealer)),
        people=document.people if is_there else [],  # a dealer that has left keeps its history, and no more
        jobs=document.jobs if is_there else [],
    )


def _own(document: ShopDocument, cabinet: Cabinet, dealer: str) -> Cabinet:
    bins = [structs.replace(bin_, dealer="") for bin_ in cabinet.bins if owner_of(document, bin_) == dealer]
    return structs.replace(cabinet, bins=bins)


def _parts_of(document: ShopDocument, dealer: str) -> Iterator[Part]:
    """Parts of one's own bins, and of none the host's. One that both have is at the host's price."""
    owners: dict[str, set[str]] = {part.number: set() for part in document.parts}
    for cabinet in document.cabinets:
        for bin_ in cabinet.bins:
            for placed in bin_.parts:
                owners[placed.part].add(owner_of(document, bin_))
    for part in document.parts:
        found = owners[part.number] or {document.dealer}
        if dealer in found:
            is_own_price = found == {dealer} or dealer == document.dealer
            yield part if is_own_price else structs.replace(part, price_minor=0)


def keep_views(session: Session, document: ShopDocument) -> None:
    """Let the dealers with bins in the document serve its shop, and keep what each may see of it (`DocumentError`)."""
    _admit(session, document)
    _refuse_held(session, document)
    serving = (
        select(ShopDealer.dealer_id, Dealer.name)
        .join(Dealer, col(Dealer.id) == col(ShopDealer.dealer_id))
        .where(col(ShopDealer.shop_id) == document.shop)
    )
    for dealer, name in session.exec(serving).all():
        body = encode_document(view_of(document, dealer, name))
        session.merge(ShopView(shop_id=document.shop, dealer_id=dealer, version=document.version, body=body))
    session.flush()


def _admit(session: Session, document: ShopDocument) -> None:
    for guest in guests_of(document):
        if session.get(Dealer, guest) is None:
            raise DocumentError(f"expected a known dealer in every bin of {document.shop}, found {guest!r}")
    there = {document.dealer, *guests_of(document)}
    for dealer in sorted(there):
        if session.get(ShopDealer, (document.shop, dealer)) is None:
            session.add(ShopDealer(shop_id=document.shop, dealer_id=dealer, is_host=dealer == document.dealer))
    session.flush()
    for row in session.exec(select(ShopDealer).where(col(ShopDealer.shop_id) == document.shop)):
        row.has_left = row.dealer_id not in there
    session.flush()


def _refuse_held(session: Session, document: ShopDocument) -> None:
    """A bin goes over to another dealer when it is empty: stock does not change hands by an edit."""
    owners = {
        bin_account(cabinet.id, bin_.bin): owner_of(document, bin_)
        for cabinet in document.cabinets
        for bin_ in cabinet.bins
    }
    held = select(Balance).where(
        col(Balance.shop_id) == document.shop, col(Balance.quantity) != 0, col(Balance.account).like("bin:%")
    )
    serving = select(ShopDealer.dealer_id).where(col(ShopDealer.shop_id) == document.shop)
    if len(session.exec(serving).all()) < 2:
        return
    for row in session.exec(held):
        if owners.get(row.account, row.dealer_id) != row.dealer_id:
            raise DocumentError(
                f"expected {row.account} empty before it goes to {owners[row.account]}, "
                f"found {row.quantity} of {row.part} of {row.dealer_id}"
            )


def keep_all_views(session: Session) -> None:
    """The same for every shop: for a database that had no views yet."""
    for shop in session.exec(select(Shop)).all():
        if session.get(ShopDealer, (shop.id, shop.dealer_id)) is None:
            session.add(ShopDealer(shop_id=shop.id, dealer_id=shop.dealer_id))
        stored = session.get(Document, (shop.id, shop.document_version))
        if stored is not None:
            keep_views(session, decode_document(bytes(stored.body)))
    session.flush()
