"""A gateway's disk is lost while people work; it is restored from the cloud and the controllers' flash.

Real programs and the real firmware: the cabinets go on while there is no gateway, and what they had told the lost one
without its having reached the cloud they tell the restored one. In the end truth, ledger and cloud agree.
"""

import asyncio
import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any

from simulator.demo import Demo
from simulator.programs import Program, keep_running
from tests.end_to_end.test_whole_shop import _at_work, _sessions, _until

SPEED = 8.0


class Loss:
    """A gateway without a disk, and the way back."""

    def __init__(self, demo: Demo) -> None:
        self.shop = demo.shop
        self._demo = demo
        self.log = demo.shop.folder / "restore.log"

    def value(self, statement: str) -> Any:
        """The one value of a query on the gateway's database."""
        with contextlib.closing(sqlite3.connect(self.shop.gateway_database)) as db:
            return db.execute(statement).fetchone()[0]

    async def strike(self) -> tuple[int, int]:
        """The cloud is away for some sessions, then the gateway dies and its folder is gone.

        How much was acknowledged to the cabinets, and how much of it the cloud has.
        """
        cloud_keeper, gateway_keeper = self.shop._keepers
        cloud_keeper.cancel()
        self.shop.cloud.kill()
        await self.shop.cloud.wait()
        inbox = self.value("select count(*) from inbox")
        before = _sessions(self._demo)
        await _until("sessions without the cloud", lambda: _sessions(self._demo) >= before + 1)
        await _until("events without the cloud", lambda: self.value("select count(*) from inbox") > inbox + 3)
        gateway_keeper.cancel()
        self.shop.gateway.kill()
        await self.shop.gateway.wait()
        acknowledged = self.value("select sum(through) from cursor")
        in_cloud = self.value("select sum(in_cloud) from cursor")
        shutil.rmtree(self.shop.gateway_database.parent)
        return acknowledged, in_cloud

    async def repair(self) -> None:
        """What a person does: the command, then the gateway as ever."""
        config = str(self.shop.folder / "gateway.toml")
        await self.shop.cloud.start()
        await Program("restore", ["gateway", "restore", "--config", config], self.log).run()
        await self.shop.gateway.start()
        self.shop._keepers[:] = [
            asyncio.create_task(keep_running(program, self.shop.stopping))
            for program in (self.shop.cloud, self.shop.gateway)
        ]


def test_a_lost_disk_costs_nothing_that_was_taken(tmp_path: Path) -> None:
    demo = Demo(tmp_path, SPEED, seed=11)
    loss = Loss(demo)

    async def run() -> None:
        async with _at_work(demo):
            await _until("sessions before", lambda: _sessions(demo) >= 2)
            acknowledged, in_cloud = await loss.strike()
            assert in_cloud < acknowledged
            before = _sessions(demo)
            await _until("a session without a gateway", lambda: _sessions(demo) >= before + 1)
            await loss.repair()
            before = _sessions(demo)
            await _until("sessions after", lambda: _sessions(demo) >= before + 2)

    asyncio.run(run())
    found = demo.compare()
    assert found.good, found.differences
    assert found.wrong_counts == 0, found.differences
    assert loss.value("select count(*) from quarantine") == 0
    assert loss.value("select count(*) from inbox where kind = 'forgotten'") == 0
    assert "restored gw-1: " in loss.log.read_text()
