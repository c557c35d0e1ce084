"""A gateway's life while people work: an update that fails, one that holds, a backup, a lost disk, the backup put back.

Real programs and the real firmware. The gateway begins as the kept 0.1.0. A defective build brings its tables up to
date, takes events in, and never becomes well: 0.1.0 comes back on its own database. The present version follows, and
stays. Then the cloud is away, a backup is made in the middle of the work, work goes on, the disk is lost, and the
backup is put back. In the end truth, ledger and cloud agree: nothing lost, nothing twice.
"""

import asyncio
import contextlib
import shlex
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from edge_gateway import schema, settings
from edge_gateway.lifecycle import archive, restore_backup, update
from edge_gateway.lifecycle.supervisor import OwnProcess
from edge_gateway.lifecycle.versions import Versions
from simulator.demo import Demo
from simulator.programs import Program, keep_running
from tests import kept_gateway
from tests.end_to_end.test_whole_shop import _at_work, _sessions, _until

ROOT = Path(__file__).parents[2]
OLD, DEFECTIVE, NEW = "0.1.0", "0.1.9", "0.2.0"
# A build that takes in what comes, never says that it is well, and dies once it has taken in something.
DEFECT = """
import os, sqlite3
from edge_gateway.lifecycle import health
import edge_gateway.gateway
def _ill(gateway, database, *, trial, trouble):
    with sqlite3.connect(database) as db:
        (events,) = db.execute("select count(*) from inbox").fetchone()
    first = os.environ.setdefault("EVENTS_AT_FIRST", str(events))
    if events > int(first) + 3:
        os._exit(3)
    return health.health_of(gateway, database, trial=trial, trouble="a defect")
edge_gateway.gateway.health_of = _ill
"""


def make_version(root: Path, version: str, sources: Path, defect: str = "") -> None:
    """A version as sources with this environment's libraries: what a wheel in an environment is to a shop."""
    program = root / "versions" / version / "bin" / "partsbay"
    program.parent.mkdir(parents=True)
    paths = [str(sources / "firmware"), str(sources)]
    # A shell starts it, as pip has it: a first line can name no interpreter whose path has a space in it.
    shell = f"#!/bin/sh\n'''exec' {shlex.quote(sys.executable)} \"$0\" \"$@\"\n' '''\n"
    begun = f"import sys\nsys.dont_write_bytecode = True\nsys.path[:0] = {paths!r}\n{defect}\n"
    program.write_text(f"{shell}{begun}import partsbay\nsys.exit(partsbay.main())\n")
    program.chmod(0o755)


class Updated:
    """The shop's gateway by versions side by side, in place of the one that `WholeShop` starts."""

    restarts = 0

    def __init__(self, demo: Demo, folder: Path) -> None:
        self.demo, self.root = demo, folder / "opt"
        self.config = demo.shop.folder / "gateway.toml"
        self.log = demo.shop.folder / "backup.log"
        old = folder / "old"
        kept_gateway.unpack(old)
        for version, sources, defect in ((OLD, old, ""), (DEFECTIVE, ROOT, DEFECT), (NEW, ROOT, "")):
            make_version(self.root, version, sources, defect)
        self.versions = Versions(self.root)
        self.versions.switch(OLD)
        self.said: list[str] = []
        self._supervisor = OwnProcess(self.root, self.config)
        self._stopped = asyncio.Event()

    # ---- what `WholeShop` asks of a program ----

    async def start(self) -> None:
        """Start the version in use; ready when the kiosk's port is told."""
        self._supervisor.start()
        log = self.root / "gateway.log"
        await _until("the gateway", lambda: "gateway ready" in log.read_text())

    async def wait(self) -> int:
        """It is not kept running by the test: the update starts and ends it."""
        await self._stopped.wait()
        return 0

    async def stop(self) -> None:
        """End it."""
        self._stopped.set()
        await asyncio.to_thread(self._supervisor.stop)

    # ---- its life ----

    def value(self, statement: str) -> Any:
        """The one value of a query on the gateway's database."""
        with contextlib.closing(sqlite3.connect(self.demo.shop.gateway_database)) as db:
            return db.execute(statement).fetchone()[0]

    async def update(self, version: str, wait_s: float) -> int:
        """As the command does."""
        told = settings.load(self.config)
        machine = update.Machine(self.versions, self._supervisor, told, self.config, self.said.append, wait_s=wait_s)
        return await asyncio.to_thread(update.update, machine, version, None, downgrade=False)

    def events_of_the_defective(self) -> tuple[int, int]:
        """How many events there were when it began, and in the database it left."""
        folder = self.demo.shop.gateway_database.parent
        (failed,) = (path for path in folder.glob("gateway.db.failed-*") if path.name[-4:] not in ("-wal", "-shm"))
        return _events(folder / f"gateway.db.before-{DEFECTIVE}"), _events(failed)

    async def lose_the_cloud(self) -> None:
        """Nobody starts it again until `lose_the_disk` is over."""
        for keeper in self.demo.shop._keepers:
            keeper.cancel()
        self.demo.shop.cloud.kill()
        await self.demo.shop.cloud.wait()

    async def back_up(self, folder: Path) -> Path:
        """The command, while the gateway works."""
        await asyncio.to_thread(folder.mkdir)
        command = ["gateway", "backup", "--config", str(self.config), "--to", str(folder)]
        await Program("backup", command, self.log).run()
        return next(iter(await asyncio.to_thread(lambda: list(folder.iterdir()))))

    async def lose_the_disk(self, backup: Path) -> None:
        """Its whole folder and its settings are gone; the backup brings both back. Then the cloud is there again."""
        await asyncio.to_thread(self._supervisor.stop)
        shutil.rmtree(self.demo.shop.gateway_database.parent)
        self.config.unlink()
        command = ["gateway", "restore-backup", str(backup), "--config", str(self.config)]
        await Program("restore", [*command, "--without-cloud"], self.log).run()
        await self.start()
        await self.demo.shop.cloud.start()
        self.demo.shop._keepers[:] = [asyncio.create_task(keep_running(self.demo.shop.cloud, self.demo.shop.stopping))]


def _events(database: Path) -> int:
    with contextlib.closing(sqlite3.connect(database)) as db:
        return int(db.execute("select count(*) from inbox").fetchone()[0])


async def _a_session_more(demo: Demo) -> None:
    before = _sessions(demo)
    await _until("a session", lambda: _sessions(demo) >= before + 1)


def test_a_life_in_which_nothing_is_lost_and_nothing_booked_twice(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "shop", 8.0, seed=21)
    life = Updated(demo, tmp_path)
    demo.shop.gateway = life  # type: ignore[assignment]  # the same three methods

    async def run() -> Path:
        async with _at_work(demo):
            await _until("events", lambda: life.value("select count(*) from inbox") > 3)
            assert await life.update(DEFECTIVE, 180.0) == 1  # over as soon as it has died
            before, after = life.events_of_the_defective()
            assert after > before + 3
            assert life.versions.current() == OLD
            assert life.value("pragma user_version") == 7
            await _a_session_more(demo)
            assert await life.update(NEW, 180.0) == 0, "\n".join(life.said)
            assert life.value("pragma user_version") == schema.VERSION
            await life.lose_the_cloud()
            await _a_session_more(demo)
            backup = await life.back_up(tmp_path / "backups")
            events = life.value("select count(*) from inbox")
            await _until("events after the backup", lambda: life.value("select count(*) from inbox") > events + 3)
            await life.lose_the_disk(backup)
            await _a_session_more(demo)
            return backup

    backup = asyncio.run(run())
    found = demo.compare()
    assert found.good, found.differences
    assert found.wrong_counts == 0, found.differences
    assert life.value("select count(*) from quarantine") == 0
    assert life.value("select count(*) from inbox where kind = 'forgotten'") == 0
    assert life.value("select count(*) from identity") == 2  # the epoch of before, and the restored one's
    assert any(f"version {OLD} is back" in line for line in life.said)
    _a_backup_is_refused_when_it_is_not_whole(backup, life, tmp_path)


def _a_backup_is_refused_when_it_is_not_whole(backup: Path, life: Updated, folder: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    told = settings.load(life.config)
    with pytest.raises(restore_backup.RestoreBackupError, match="expected no database"):
        asyncio.run(restore_backup.restore_backup(backup, told, lambda: 0))
    damaged = folder / "damaged"
    data = bytearray(backup.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(byte ^ 0xFF for byte in data[middle : middle + 64])
    damaged.write_bytes(data)
    with pytest.raises(archive.ArchiveError, match="expected"):
        archive.unpack(damaged, folder / "elsewhere")
