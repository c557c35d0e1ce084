"""A bad release and then a good one, rolled out over a fleet of real controllers in virtual time while people work."""

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from simulator.conductor import Conductor
from simulator.seeded_chance import seeded_chance
from simulator.update_fleet import UpdateFleet, Version, make_bundle

OLD, BAD, GOOD = "0.2.0", "0.3.0", "0.3.1"
# As when a file was left out of the manifest: it compiles, is signed, and cannot be imported.
CANNOT_START = (("cabinet/health.py", "from cabinet import wire\n", "from cabinet import wire_of_later\n"),)


@dataclass
class Outcome:
    """What came of it. Versions are read from the flash of each controller."""

    cabinets: int
    after_bad: dict[str, int] = field(default_factory=dict)
    after_good: dict[str, int] = field(default_factory=dict)
    bad: dict[str, Any] = field(default_factory=dict)
    good: dict[str, Any] = field(default_factory=dict)
    sessions: int = 0
    booked: int = 0
    lost: int = 0
    doubled: int = 0
    violations: list[str] = field(default_factory=list)
    virtual_hours: float = 0.0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    memory_mb: int = 0  # of this process, the cloud and the gateways

    @property
    def holds(self) -> bool:
        """Whether the bad one stopped at its first cabinet, the good one reached all, and nothing was lost."""
        return (
            self.bad["state"] == "stopped"
            and self.bad["stage"] == 0
            and self.after_bad == {OLD: self.cabinets}
            and self.good["state"] == "done"
            and self.after_good == {GOOD: self.cabinets}
            and not (self.lost or self.doubled or self.violations)
        )


def roll_out(folder: Path, shops: int, cabinets: int, seed: int = 7, visit_every_s: float = 60) -> Outcome:
    """Play it in an empty folder."""
    outcome, began_s, cpu_s = Outcome(shops * cabinets), time.perf_counter(), _cpu_s()
    conductor = Conductor()
    with seeded_chance(seed):
        try:
            conductor.run(_play(UpdateFleet(conductor, folder, seed, shops, cabinets), outcome, visit_every_s))
        finally:
            conductor.close()
    outcome.virtual_hours = round(conductor.now_us / 3.6e9, 2)
    outcome.wall_s, outcome.cpu_s = round(time.perf_counter() - began_s, 1), round(_cpu_s() - cpu_s, 1)
    outcome.memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return outcome


async def _play(fleet: UpdateFleet, outcome: Outcome, visit_every_s: float) -> None:
    try:
        await fleet.start()
        browser = await fleet.signed_in()
        await fleet.until(lambda: False, 0.05)  # every gateway has said how its cabinets are
        working = asyncio.ensure_future(fleet.visit(Random("people"), visit_every_s))
        outcome.bad = await _one(fleet, browser, make_bundle(Version(BAD, CANNOT_START), fleet.key, fleet.folder))
        outcome.after_bad = dict(fleet.versions())
        ended = await browser.post(f"/api/rollouts/{outcome.bad['id']}/end")
        ended.raise_for_status()
        outcome.good = await _one(fleet, browser, make_bundle(Version(GOOD), fleet.key, fleet.folder))
        outcome.after_good = dict(fleet.versions())
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await asyncio.sleep(60)  # whoever was inside is out
        arrived = await fleet.until(fleet.has_arrived, 1)
        _judge(fleet, outcome, arrived=arrived)
    finally:
        fleet.close()


async def _one(fleet: UpdateFleet, browser: Any, data: bytes) -> dict[str, Any]:
    """Roll a bundle out until it has ended by itself."""
    name = await fleet.begin(browser, data)
    found: Mapping[str, Any] = {"state": "running"}
    while found["state"] == "running" and fleet.conductor.now_us < 20 * 3600e6:
        await fleet.until(lambda: False, 1 / 30)
        found = await fleet.rollout(browser, name)
    return {key: found[key] for key in ("id", "state", "stage", "why", "through", "cabinets", "of_cabinets")}


def _judge(fleet: UpdateFleet, outcome: Outcome, *, arrived: bool) -> None:
    outcome.sessions = fleet.sessions
    if not arrived:
        outcome.violations.append("expected everything in the cloud after an hour, found that it is not")
    for shop, verdict in zip(fleet.shops, fleet.verdicts(), strict=True):
        outcome.booked += verdict.sessions
        outcome.lost += verdict.lost
        outcome.doubled += verdict.doubled
        outcome.violations += [str(each) for each in verdict.violations]
        outcome.violations += [str(each) for _, each in shop.violations]
        outcome.violations += [f"the firmware of {name} ended" for name in shop.stopped]
        outcome.violations += [repr(each) for each in (*shop.failures, *shop.gateway.failures)]


def _cpu_s() -> float:
    uses = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(use.ru_utime + use.ru_stime for use in uses)


def main(arguments: list[str]) -> int:
    """`python -m tests.simulation.rolled_out SHOPS CABINETS`: print what came of it; 1 when it does not hold."""
    shops, cabinets = (int(each) for each in arguments)
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="partsbay-", dir=memory if memory.is_dir() else None) as folder:
        outcome = roll_out(Path(folder), shops, cabinets)
    told = asdict(outcome)
    for each in (told["bad"], told["good"]):
        each["of_cabinets"] = [
            f"{one['cabinet']} of {one['shop']}: {one['reason']}" for one in each["of_cabinets"] if one["reason"]
        ]
    sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    return 0 if outcome.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
