"""Who left a shop, and when: noted as documents are stored, so that the names can be forgotten in time.

The cloud's own work, in its own transactions.
"""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from cloud.database import Database
from cloud.redaction import forgotten
from cloud.tables import Document, Shop, ShopPerson
from edge_gateway.shop_document import ShopDocument, decode_document


def without_forgotten(session: Session, document: ShopDocument) -> ShopDocument:
    """A document to be stored, in which nobody who was forgotten is named again: a seed file may still say the name."""
    rows = select(ShopPerson.person).where(col(ShopPerson.shop_id) == document.shop, col(ShopPerson.forgotten_ms) > 0)
    gone = frozenset(session.exec(rows))
    return forgotten(document, gone) if gone else document


def note_leavers(session: Session, before: Iterable[str], document: ShopDocument, now_ms: int) -> None:
    """Whoever a new version names no more has left; whoever it gives a badge is there."""
    named = {person.id for person in document.people}
    for person in sorted(set(before) - named):
        mark_left(session, document.shop, person, now_ms)
    rows = select(ShopPerson).where(col(ShopPerson.shop_id) == document.shop, col(ShopPerson.forgotten_ms) == 0)
    there = {person.id for person in document.people if person.badges}
    for row in session.exec(rows):
        if row.person in there:
            row.left_ms = 0
    session.flush()


def mark_left(session: Session, shop: str, person: str, left_ms: int) -> None:
    """Somebody left at a time; the first word counts."""
    row = person_row(session, shop, person)
    row.left_ms = row.left_ms or left_ms
    session.flush()


def person_row(session: Session, shop: str, person: str) -> ShopPerson:
    """What is noted about somebody, made when nothing is."""
    row = session.get(ShopPerson, (shop, person))
    if row is None:
        row = ShopPerson(shop_id=shop, person=person, dealer_id=session.get_one(Shop, shop).dealer_id)
        session.add(row)
    return row


def note_all_leavers(database: Database, now_ms: int) -> None:
    """The same for databases of before: of shops about which nothing is noted, whoever older versions name alone."""
    with database.writing() as session:
        noted = set(session.exec(select(ShopPerson.shop_id).distinct()))
        for shop in session.exec(select(Shop).where(col(Shop.document_version) > 1)).all():
            if shop.id not in noted:
                _note_leavers_of(session, shop, now_ms)


def _note_leavers_of(session: Session, shop: Shop, now_ms: int) -> None:
    """Left when the first version was stored that names them no more, as far as that can be seen: at the latest now."""
    versions = session.exec(select(Document).where(col(Document.shop_id) == shop.id).order_by(col(Document.version)))
    last_named: dict[str, int] = {}
    stored: list[tuple[int, set[str]]] = []
    for version in versions:
        stored.append((version.stored_ms, {person.id for person in decode_document(bytes(version.body)).people}))
    for at, (_, people) in enumerate(stored):
        last_named |= dict.fromkeys(people, at)
    for person, at in sorted(last_named.items()):
        if at < len(stored) - 1:
            mark_left(session, shop.id, person, min(stored[at + 1][0], now_ms))
