"""What controllers wrote, for a session that was found to be the tenant's: read as the cloud itself.

An event speaks of every bin of its cabinet, whoever's it is: who asks shows of it what is the tenant's and no more.
"""

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from cloud.gate import as_service
from cloud.tables import Event

Key = tuple[str, str, int]  # cabinet, epoch, seq


def event_lines(session: Session, shop: str, keys: list[Key]) -> dict[Key, str]:
    """The lines of a shop's events; one that is not here is left out."""
    if not keys:
        return {}
    named = [
        and_(col(Event.cabinet) == cabinet, col(Event.epoch) == epoch, col(Event.seq) == seq)
        for cabinet, epoch, seq in keys
    ]
    with as_service(session):
        rows = session.exec(select(Event).where(col(Event.shop_id) == shop, or_(*named)))
        return {(row.cabinet, row.epoch, row.seq): row.line for row in rows}


def count_events(session: Session, shop: str) -> int:
    """How many events of a shop are here."""
    with as_service(session):
        return session.exec(select(func.count()).select_from(Event).where(col(Event.shop_id) == shop)).one()
