"""What the cloud sees to by itself, at its start and then every day: names that are to be forgotten.

Once at its start it also notes what databases of before do not say: who left, and that the document's jobs are jobs.
"""

import asyncio
import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from cloud.database import Database
from cloud.tables import Document, Job, Shop
from cloud.work.leavers import note_all_leavers
from cloud.work.names import forget_due
from cloud.work.shop_jobs import keep_document_jobs
from edge_gateway.shop_document import decode_document

log = logging.getLogger(__name__)

EVERY_S = 24 * 3600


async def see_to_names(database: Database, now_ms: Callable[[], int], every_s: float = EVERY_S) -> None:
    """Until it is cancelled; a database that is away for a while is asked again the next time."""
    first = True
    while True:
        try:
            await asyncio.to_thread(_look, database, now_ms(), first=first)
            first = False
        except SQLAlchemyError:
            log.exception("names that are to be forgotten could not be looked for; they will be, the next time")
        await asyncio.sleep(every_s)


def _look(database: Database, now_ms: int, *, first: bool) -> None:
    if first:
        note_all_leavers(database, now_ms)
        note_document_jobs(database, now_ms)
    forget_due(database, now_ms)


def note_document_jobs(database: Database, now_ms: int) -> None:
    """Make jobs of the documents' jobs where a shop has none at all: its document was stored before there were any."""
    with database.writing() as session:
        known = set(session.exec(select(Job.shop_id).distinct()))
        for shop in session.exec(select(Shop).where(col(Shop.document_version) > 0)).all():
            stored = session.get(Document, (shop.id, shop.document_version)) if shop.id not in known else None
            if stored is not None:
                keep_document_jobs(session, decode_document(bytes(stored.body)), now_ms)
