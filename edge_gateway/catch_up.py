"""At the start: a database put back from an old backup is noticed before anything is decided on it.

The cloud is asked how much it holds of this database's own numbering. When that is more than was ever numbered here,
the database is older than what left this gateway: it is put aside, and rebuilt from the cloud. A cloud that does not
answer is not waited for long: the shop comes first.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import msgspec

from edge_gateway import restore, schema
from edge_gateway.settings import Settings
from edge_gateway.store import Connect, connect
from edge_gateway.upload import backoff_s
from edge_gateway.upload_format import UnreadUpload, decode_receipt

log = logging.getLogger(__name__)

TRIES = 5
ANSWER_S = 5.0


async def catch_up(
    client: httpx.AsyncClient, settings: Settings, now_ms: Callable[[], int], connect: Connect = connect
) -> bool:
    """Rebuild the database from the cloud if it is older than what the cloud has of it; whether it was."""
    if not settings.database.exists():
        return False
    epoch, last = _numbered(settings.database)
    held = await _held(client, settings.gateway, epoch)
    if held is None or held <= last:
        return False
    log.error(
        "the cloud holds %d items of epoch %s, this database has numbered %d: it is an old backup; rebuilding it",
        held,
        epoch,
        last,
    )
    aside = settings.database.with_name(f"{settings.database.name}.old-{now_ms()}")
    _put_aside(settings.database, aside)
    try:
        report = await restore.restore(client, settings, now_ms, connect)
    except restore.RestoreError as error:
        aside.rename(settings.database)  # old as it is, the shop can work on it
        log.error("it could not be rebuilt, the gateway goes on with the old one: %s", error)  # noqa: TRY400
        return False
    for line in report.lines():
        log.warning(line)
    return True


def _numbered(database: Path) -> tuple[str, int]:
    """The epoch of a database, and the last number it gave in it."""
    with closing(schema.open_for_reading(str(database))) as db:
        schema.check_version(db)
        (epoch,) = db.execute("select epoch from identity order by number desc limit 1").fetchone()
        (last,) = db.execute("select max(coalesce(max(seq), 0), (select pruned from upload)) from outbox").fetchone()
        return epoch, last


async def _held(client: httpx.AsyncClient, gateway: str, epoch: str) -> int | None:
    """How much the cloud holds of an epoch; None when it does not say."""
    question = msgspec.json.encode(UnreadUpload(gateway, epoch, []))
    for failures in range(1, TRIES + 1):
        try:
            answer = await client.post("/api/gateway/upload", content=question, timeout=ANSWER_S)
            answer.raise_for_status()
            return decode_receipt(answer.content).through
        except (httpx.HTTPError, ValueError) as error:
            found = str(error) or type(error).__name__
        if failures < TRIES:
            await asyncio.sleep(backoff_s(failures))
    log.warning("nobody could say whether this database is the newest: %s", found)
    return None


def _put_aside(database: Path, aside: Path) -> None:
    """Fold the log in first, so that one file is all of it."""
    with closing(sqlite3.connect(database)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
        db.execute("pragma journal_mode = delete")
    database.rename(aside)


def before_start(settings: Settings) -> None:
    """As the program's first step."""

    async def ask() -> None:
        async with restore.cloud_client(settings.cloud) as client:
            await catch_up(client, settings, restore.wall_clock_ms)

    if settings.cloud.url:
        asyncio.run(ask())
