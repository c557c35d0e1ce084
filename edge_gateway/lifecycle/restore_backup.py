"""`partsbay gateway restore-backup`: a gateway from its backup, into a data_dir without a database.

The backup is unpacked beside, checked, brought up to date, and begins a new epoch: what it numbers from now on cannot
be mistaken for what the lost database numbered after the backup. Only then it gets its name; broken off, it is started
again. Where there is a cloud it is asked first: when it holds more than the backup had numbered, the books come from
the cloud, which has all the backup has, and of the backup only identity and configuration are used.

What came after the backup the cabinets send again when the gateway runs: they keep what is not in the cloud. Answers
given at the kiosk after the backup that had not reached the cloud are lost.
"""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from edge_gateway import catch_up, restore, settings
from edge_gateway.identity.own import auth_of
from edge_gateway.lifecycle import archive
from edge_gateway.lifecycle.backup import check_copy
from edge_gateway.lifecycle.ownership import give_to_owner_of
from edge_gateway.settings import Settings
from edge_gateway.store import Connect, Store, connect

_BESIDE = "restoring"


class RestoreBackupError(ValueError):
    """A backup cannot be put back; the text says what was expected and what was found."""


@dataclass(frozen=True)
class Report:
    """What was put back. `held`: how many items of the backup's epoch the cloud had, None when it was not asked."""

    contents: archive.Contents
    from_cloud: restore.Report | None
    epoch: str
    kept: tuple[str, ...]  # files that were there already and were left as they are

    def lines(self) -> list[str]:
        """The report for a person."""
        told = self.contents
        if self.from_cloud is not None:
            books = ["the cloud holds more than the backup: the books come from the cloud", *self.from_cloud.lines()]
        else:
            books = [
                f"restored {told.gateway} as of its backup; epoch {told.epoch} ends, {self.epoch} begins",
                "what came after the backup the cabinets send again when the gateway runs",
                "not restored: answers at the kiosk after the backup",
            ]
        return [*books, *(f"left as it was, for it was there: {name}" for name in self.kept)]


def take_config(source: Path, config: Path) -> Settings:
    """The settings at a path; when there are none, those of the backup are put there first."""
    if not config.exists():
        beside = config.with_name(config.name + ".restoring")
        shutil.rmtree(beside, ignore_errors=True)
        found = archive.unpack(source, beside)
        (found.folder / archive.CONFIG).rename(config)
        shutil.rmtree(beside)
    return settings.load(config)


async def restore_backup(
    source: Path,
    settings: Settings,
    now_ms: Callable[[], int],
    client: httpx.AsyncClient | None = None,
    connect: Connect = connect,
) -> Report:
    """Put a backup back (`RestoreBackupError`, `RestoreError`); `client`: the cloud, None: it is not to be asked."""
    _refuse_used(settings)
    beside = replace(settings, data_dir=settings.data_dir / _BESIDE)
    shutil.rmtree(beside.data_dir, ignore_errors=True)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    contents = archive.unpack(source, beside.data_dir).contents
    _refuse_foreign(contents, settings)
    check_epoch = _bring_up_to_date(beside, now_ms(), connect)
    check_copy(beside.database)
    from_cloud = None
    if client is not None and await _cloud_has_more(client, settings.gateway, check_epoch):
        beside.database.unlink()
        from_cloud = await restore.restore(client, beside, now_ms, connect)
    epoch = check_epoch[0] if from_cloud is not None else _begin_epoch(beside, now_ms(), connect)
    kept = _put_back_files(beside.data_dir / "data", settings.data_dir)
    give_to_owner_of(settings.data_dir, *settings.data_dir.iterdir())
    restore.put_in_place(beside.database, settings.database)
    shutil.rmtree(beside.data_dir)
    return Report(contents, from_cloud, epoch, kept)


def run(source: Path, config: Path, *, without_cloud: bool) -> int:
    """The command."""
    settings = take_config(source, config)

    async def ask() -> Report:
        if without_cloud or not settings.cloud.url:
            return await restore_backup(source, settings, restore.wall_clock_ms)
        async with restore.cloud_client(settings.cloud, auth=auth_of(settings, restore.wall_clock_ms)) as client:
            return await restore_backup(source, settings, restore.wall_clock_ms, client)

    for line in asyncio.run(ask()).lines():
        print(line)  # noqa: T201 - what a person called it for
    return 0


def _refuse_used(settings: Settings) -> None:
    if settings.database.exists():
        raise RestoreBackupError(
            f"expected no database at {settings.database}, found one: end the gateway and put the file away first, "
            "together with the -wal and -shm files beside it"
        )


def _refuse_foreign(contents: archive.Contents, settings: Settings) -> None:
    if contents.gateway != settings.gateway:
        raise RestoreBackupError(f"expected a backup of {settings.gateway}, found one of {contents.gateway}")


def _bring_up_to_date(settings: Settings, now_ms: int, connect: Connect) -> tuple[str, int]:
    """An older version's tables become today's; the epoch of the backup, and the last number it gave in it."""
    store = Store(settings.database, settings.gateway, now_ms, connect)
    try:
        pruned = store.one("select pruned from upload")[0]
        last = store.one("select max(seq) from outbox")[0] or 0
        return store.epoch, max(last, pruned)
    finally:
        store.close_whole()


async def _cloud_has_more(client: httpx.AsyncClient, gateway: str, numbered: tuple[str, int]) -> bool:
    epoch, last = numbered
    held = await catch_up.held_by_cloud(client, gateway, epoch)
    if held is None:
        raise RestoreBackupError(
            f"expected the cloud at {client.base_url} to say what it holds, found no answer: start again when it does, "
            "for what cabinets have forgotten since the backup is only there; --without-cloud if it is gone for good"
        )
    return held > last


def _begin_epoch(settings: Settings, now_ms: int, connect: Connect) -> str:
    store = Store(settings.database, settings.gateway, now_ms, connect)
    try:
        store.begin_epoch(now_ms)
        return store.epoch
    finally:
        store.close_whole()


def _put_back_files(source: Path, data_dir: Path) -> tuple[str, ...]:
    """Identity and whatever else was kept; what is there already stays. The names of what stayed and differs."""
    kept = []
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        name = path.relative_to(source)
        target = data_dir / name
        if path.is_dir():
            target.mkdir(mode=0o700, exist_ok=True)
        elif not target.exists():
            path.replace(target)
        elif archive.digest(target) != archive.digest(path):
            kept.append(str(name))
    return tuple(kept)
