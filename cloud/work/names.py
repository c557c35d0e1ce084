"""How long the names of people who left a shop are kept, and how they are forgotten.

A name stands in the shop's document alone; the ledger, jobs, claims and statements know people by their ids. To forget
somebody is to write a neutral word over the name in the newest document, which the gateway gets as its next, and in
every older version of it (`redaction.py`). The ids stay: what was booked stays booked. Nothing here writes a name.
"""

import logging

from sqlmodel import Session, col, select

from cloud.database import Database
from cloud.document_edit import edit_document
from cloud.redaction import FORGOTTEN, forgotten
from cloud.tables import Document, Shop, ShopPerson
from cloud.work.leavers import person_row
from edge_gateway.shop_document import decode_document, encode_document

log = logging.getLogger(__name__)

DAY_MS = 86_400_000


def forget_due(database: Database, now_ms: int) -> int:
    """Forget everybody who left longer ago than the shop keeps names; how many that were."""
    with database.reading() as session:
        found = session.exec(
            select(ShopPerson, Shop)
            .join(Shop, col(Shop.id) == col(ShopPerson.shop_id))
            .where(col(ShopPerson.left_ms) > 0, col(ShopPerson.forgotten_ms) == 0)
        ).all()
        due = [(row.shop_id, row.person) for row, shop in found if forget_ms(row.left_ms, shop.names_days) <= now_ms]
    for shop_id, person in due:
        forget(database, shop_id, person, now_ms)
        log.info("shop %s: the name of %s was forgotten, as the shop wants it", shop_id, person)
    return len(due)


def forget_ms(left_ms: int, names_days: int) -> int:
    """When a name is to be forgotten."""
    return left_ms + names_days * DAY_MS


def forget(database: Database, shop: str, person: str, now_ms: int) -> None:
    """Forget one name for ever, in one transaction; a second time changes nothing.

    As the owner of the tables: nobody else may write over an old version, and the database lets even him change
    nothing but that.
    """
    with database.as_owner() as connection, Session(connection, expire_on_commit=False) as session, session.begin():
        forget_in(session, shop, person, now_ms)


def forget_in(session: Session, shop: str, person: str, now_ms: int) -> None:
    """The same inside an open transaction of the tables' owner."""
    row = person_row(session, shop, person)
    row.left_ms, row.forgotten_ms = row.left_ms or now_ms, row.forgotten_ms or now_ms
    session.flush()
    who = frozenset({person})
    edit_document(session, shop, lambda document: forgotten(document, who), now_ms, force=True)
    for version in session.exec(select(Document).where(col(Document.shop_id) == shop)):
        document = decode_document(bytes(version.body))
        if any(known.id == person and known.name != FORGOTTEN for known in document.people):
            version.body = encode_document(forgotten(document, who))
    session.flush()
