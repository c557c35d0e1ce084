"""At the start: a database put back from an old backup is noticed before anything is decided on it.

The cloud is asked how much it holds of this database's own numbering. When that is more than was ever numbered here,
the database is older than what left this gateway: it is put aside, and rebuilt from the cloud. A cloud that does not
answer, or not sensibly, is not waited for long: the shop comes first. Whatever fails here leaves the database in its
place, and the gateway starts on it: what is wrong with a database it says itself.
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
from edge_gateway.identity.own import auth_of
from edge_gateway.settings import Settings
from edge_gateway.store import Connect, connect
from edge_gateway.upload import backoff_s
from edge_gateway.upload_format import UnreadUpload, decode_receipt

log = logging.getLogger(__name__)

TRIES = 3
ANSWER_S = 4.0
FREE_S = 4.0  # for somebody else to let go of the database


async def catch_up(
    client: httpx.AsyncClient, settings: Settings, now_ms: Callable[[], int], connect: Connect = connect
) -> bool:
    """Rebuild the database from the cloud if it is older than what the cloud has of it; whether it was."""
    _tidy(settings.database, now_ms())
    if (numbered := _numbered(settings.database)) is None:
        return False
    epoch, last = numbered
    held = await held_by_cloud(client, settings.gateway, epoch)
    if held is None or held <= last:
        return False
    log.error(
        "the cloud holds %d items of epoch %s, this database has numbered %d: it is an old backup; rebuilding it",
        held,
        epoch,
        last,
    )
    return await _rebuild(client, settings, now_ms, connect)


async def _rebuild(client: httpx.AsyncClient, settings: Settings, now_ms: Callable[[], int], connect: Connect) -> bool:
    """Put the database aside and make it anew; when that fails, however it does, it is in its place again."""
    try:
        _fold_log_in(settings.database)
    except sqlite3.Error as error:
        log.error("it could not be put aside, the gateway goes on with it: %s", error)  # noqa: TRY400
        return False
    aside = _aside(settings.database)
    settings.database.rename(aside)
    try:
        report = await restore.restore(client, settings, now_ms, connect)
    except (OSError, ValueError, sqlite3.Error, httpx.HTTPError) as error:
        log.error("it could not be rebuilt, the gateway goes on with the old one: %s", error)  # noqa: TRY400
        return False
    finally:
        if not settings.database.exists():
            aside.rename(settings.database)  # old as it is, the shop can work on it
    _put_away(aside, settings.database, now_ms())
    for line in report.lines():
        log.warning(line)
    return True


def _aside(database: Path) -> Path:
    return database.with_name(f"{database.name}.aside")


def _put_away(aside: Path, database: Path, now_ms: int) -> None:
    aside.rename(database.with_name(f"{database.name}.old-{now_ms}"))


def _tidy(database: Path, now_ms: int) -> None:
    """Who was ended in the middle of rebuilding left the database aside: it comes back, and all is tried again."""
    aside = _aside(database)
    if not aside.exists():
        return
    if database.exists():
        _put_away(aside, database, now_ms)
        return
    log.warning("%s was put aside and never rebuilt: it is brought back", database.name)
    aside.rename(database)


def _numbered(database: Path) -> tuple[str, int] | None:
    """The epoch of a database, and the last number it gave in it; None when there is none, or none of this version."""
    if not database.exists():
        return None
    try:
        with closing(schema.open_for_reading(str(database))) as db:
            schema.check_version(db)
            (epoch,) = db.execute("select epoch from identity order by number desc limit 1").fetchone()
            (last,) = db.execute(
                "select max(coalesce(max(seq), 0), (select pruned from upload)) from outbox"
            ).fetchone()
            return epoch, last
    except (schema.SchemaError, sqlite3.Error, TypeError) as error:  # TypeError: no row yet, its first start was cut
        log.warning("nobody asks the cloud whether this database is the newest: %s", error)
        return None


async def held_by_cloud(client: httpx.AsyncClient, gateway: str, epoch: str) -> int | None:
    """How much the cloud holds of an epoch; None when it does not say."""
    question = msgspec.json.encode(UnreadUpload(gateway, epoch, []))
    for failures in range(1, TRIES + 1):
        try:
            answer = await client.post("/api/gateway/upload", content=question, timeout=ANSWER_S)
            answer.raise_for_status()
            receipt = decode_receipt(answer.content)
            if receipt.epoch == epoch:
                return receipt.through
            found = f"expected a receipt for epoch {epoch}, found one for {receipt.epoch[:60]!r}"
        except (httpx.HTTPError, ValueError) as error:
            found = str(error) or type(error).__name__
        if failures < TRIES:
            await asyncio.sleep(backoff_s(failures))
    log.warning("nobody could say whether this database is the newest: %s", found)
    return None


def _fold_log_in(database: Path) -> None:
    """So that one file is all of the database, and may be given another name (`sqlite3.Error`)."""
    with closing(sqlite3.connect(database, timeout=FREE_S)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
        (mode,) = db.execute("pragma journal_mode = delete").fetchone()
    if mode != "delete":
        raise sqlite3.OperationalError(f"expected nobody else at {database.name}, found its log still in use")


def before_start(settings: Settings) -> None:
    """As the program's first step."""

    async def ask() -> None:
        async with restore.cloud_client(settings.cloud, auth=auth_of(settings, restore.wall_clock_ms)) as client:
            await catch_up(client, settings, restore.wall_clock_ms)

    if settings.cloud.url:
        asyncio.run(ask())
