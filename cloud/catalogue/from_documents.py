"""Parts that a shop's document names and its dealer's catalogue does not have: they become parts of the catalogue.

So a dealer who began with a document finds its parts by the search box, and every part in a bin has a page. What the
catalogue says already is left as it is. Called in the transaction that stores a document.
"""

from sqlmodel import Session

from cloud.catalogue.writing import Price, change_catalogue, known_parts
from cloud.shop_views import owner_of
from cloud.tables import Shop
from cloud.work.shop_time import day_of
from edge_gateway.shop_document import Part, ShopDocument

_COLUMNS = ("number", "name_zh", "name_en", "brand", "unit", "unit_mass_mg", "spread_mg", "pack_size", "gtin")


def take_parts_in(session: Session, document: ShopDocument, now_ms: int) -> None:
    """Make the parts of a document that are new; of the dealer's own ones the price, too."""
    session.flush()
    today = day_of(now_ms, session.get_one(Shop, document.shop).time_zone)
    placed: dict[str, set[str]] = {document.dealer: set()}
    for cabinet in document.cabinets:
        for bin_ in cabinet.bins:
            placed.setdefault(owner_of(document, bin_), set()).update(each.part for each in bin_.parts)
    for owner in sorted(placed):
        others: set[str] = set().union(*(parts for other, parts in placed.items() if other != owner))
        # A part that is in no bin is the host's.
        wanted = [
            part
            for part in document.parts
            if part.number in placed[owner] or (owner == document.dealer and part.number not in others)
        ]
        _take_in(session, owner, wanted, others, today)


def _take_in(session: Session, dealer: str, parts: list[Part], of_others: set[str], today: str) -> None:
    known = known_parts(session, dealer, [part.number for part in parts])
    fresh = [part for part in parts if part.number not in known]
    if not fresh:
        return
    with change_catalogue(session, dealer) as change:
        change.put_parts({column: getattr(part, column) for column in _COLUMNS} for part in fresh)
        change.put_prices(
            Price(part.number, "", today, part.price_minor, part.currency)
            for part in fresh
            if part.price_minor and part.number not in of_others
        )
