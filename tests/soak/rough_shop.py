"""A shop of real processes under fire: broker, gateway, cloud and cabinets are killed and cut while people work.

Afterwards everything is let rest, and what people really did is compared with both ledgers. The truth is the
simulator's; what is struck and counted is in `faults.py`.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from simulator.comparison import Comparison
from simulator.demo import Demo
from simulator.programs import Program
from tests.cloud.postgres import PostgresServer, new_database
from tests.soak.faults import Faults, Site
from tests.soak.mosquitto import Mosquitto

SPEED = 8.0
GAP_S = (0.3, 2.5)  # between two faults


@dataclass(slots=True)
class Outcome:
    """What came of a run. `account` lists the faults as they struck."""

    seed: int
    found: Comparison
    struck: Counter[str]
    arrived: bool
    recovered: int
    account: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Nothing lost, doubled, unequal, counted wrong without asking, or late for ever."""
        return self.found.good and self.found.wrong_counts == 0 and self.arrived

    def report(self) -> dict[str, Any]:
        """Everything but the account. `recovered`: sessions in which the power went, and came back."""
        faults = dict(sorted(self.struck.items()))
        found = {key: value for key, value in asdict(self.found).items() if not key.endswith("_ms")}
        return {"seed": self.seed, "faults": faults, "recovered": self.recovered, **found}


@asynccontextmanager
async def servers(folder: Path) -> AsyncIterator[tuple[Mosquitto, PostgresServer]]:
    """Mosquitto and PostgreSQL, started, and ended afterwards."""
    broker = Mosquitto(folder / "mosquitto")
    postgres = PostgresServer(outlives_kill=True)
    try:
        await broker.start()
        await asyncio.to_thread(postgres.start)
        yield broker, postgres
    finally:
        await broker.kill()
        await asyncio.to_thread(postgres.close)


async def run_on_servers(
    folder: Path, seed: int, seconds: float, *, cabinets: int = 5, gap_s: tuple[float, float] = GAP_S
) -> Outcome:
    """Mosquitto, the gateway, the cloud on PostgreSQL, and the cabinets: each a process, each killed."""
    async with servers(folder) as (broker, postgres):
        demo = Demo(
            folder / "shop",
            SPEED,
            seed,
            cabinets=cabinets,
            external_broker_port=broker.port,
            cloud_database_url=new_database(str(postgres.folder), "cloud"),
            linked=True,
        )
        return await _run(Site(demo, broker, postgres), seed, seconds, gap_s)


async def run_embedded(folder: Path, seed: int, seconds: float, *, cabinets: int = 2) -> Outcome:
    """The same with what a small shop has: the gateway's own broker, and the cloud on SQLite."""
    return await _run(Site(Demo(folder / "shop", SPEED, seed, cabinets=cabinets, linked=True)), seed, seconds, GAP_S)


async def _run(site: Site, seed: int, seconds: float, gap_s: tuple[float, float]) -> Outcome:
    demo = site.demo
    faults = Faults(site, seed, gap_s)
    stopping = asyncio.Event()
    try:
        await demo.start()
        asyncio.get_running_loop().call_later(seconds, stopping.set)
        async with asyncio.TaskGroup() as group:
            group.create_task(demo.work(stopping))
            group.create_task(faults.strike(stopping))
        arrived = await demo.all_arrived()
    finally:
        await demo.shop.stop()
    found = demo.compare(power_was_cut=True)
    if not arrived:
        found.differences.append("not everything had arrived long after the last fault")
    await _verify(demo, found)
    ((recovered,),) = demo.ledgers().gateway("SELECT count(*) FROM session WHERE how = 'recovered'")
    return Outcome(seed, found, site.struck, arrived, recovered, site.account)


async def _verify(demo: Demo, found: Comparison) -> None:
    """The gateway's own check of its ledger agrees."""
    folder = demo.shop.folder
    command = ["gateway", "verify-ledger", "--config", str(folder / "gateway.toml")]
    program = Program("verify-ledger", command, folder / "verify-ledger.log")
    try:
        await program.run()
    except RuntimeError as error:
        found.ledger_equals_cloud = False
        found.differences.append(str(error))


def say(outcome: Outcome, folder: Path) -> None:
    """What went wrong, for a person: the seed, the differences, and every fault in its order."""
    lines = [f"seed {outcome.seed}: expected truth, ledger and cloud to agree, found {len(outcome.found.differences)}:"]
    lines += [f"  {difference}" for difference in outcome.found.differences]
    lines += ["faults as they struck:", *(f"  {line}" for line in outcome.account)]
    lines.append(f"databases, logs and flash are kept in {folder}")
    sys.stdout.write("\n".join(lines) + "\n")
