"""`partsbay simulate`: a seed draws people, work and faults, and the oracle says what was lost, doubled or broken.

The seed, the version and what was drawn are printed before anything happens. The same seed gives the same trace.
"""

import asyncio
import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

from simulator import dealers_plans, fault_plan, faults, kiosk_people
from simulator.conductor import Conductor
from simulator.seeded_chance import seeded_chance
from simulator.simulated_shop import START_MS, SimulatedShop
from simulator.timetable import visits_s
from simulator.verdict import Excused, Verdict

QUIET_S = 600.0  # after the last fault is healed, how often it is looked whether all has arrived
QUIET_TIMES = 60
_WATCH_S = 60.0  # how often it is looked whether a rule is broken, where that ends the run
JOURNALS_BYTES = (32_768, 65_536, 1_048_576)  # small ones fill up while a gateway is away
_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Run:
    """What is asked for."""

    seed: int
    cabinets: int
    days: int
    sessions: int
    faults: Mapping[str, float | None]
    until_broken: bool = False  # end where a rule is seen broken; what only a shop at rest shows is not looked for


@dataclass
class Report:
    """What came of it."""

    seed: int
    commit: str
    cabinets: int
    days: int
    events: int = 0
    sessions: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    doubled: int = 0
    stated: int = 0
    destroyed: int = 0
    quarantined: int = 0
    violations: int = 0
    tick_wraps: int = 0
    account: list[str] = field(default_factory=list)
    cabinet_days_per_minute: float = 0.0
    speedup: float = 0.0
    cpu_s: float = 0.0
    controllers_cpu_s: float = 0.0
    trace_sha256: str = ""


def main(run: Run, report_path: Path | None, folder: Path | None) -> int:
    """Run a seed, print and write the report; 1 when a rule does not hold."""
    with _folder(folder) as place:
        logging.basicConfig(filename=place / "programs.log", level=logging.INFO, force=True)
        report = simulate(run, place)
    text = json.dumps(asdict(report), ensure_ascii=False, indent=2)
    sys.stdout.write(text + "\n")
    if report_path is not None:
        report_path.write_text(text + "\n", encoding="utf-8")
    return 1 if report.violations or report.lost or report.doubled else 0


def simulate(run: Run, folder: Path) -> Report:
    """Run a seed in a folder of its own."""
    report = Report(run.seed, _commit(), run.cabinets, run.days)
    wall_s, cpu_s = time.perf_counter(), _cpu_s()
    conductor = Conductor()
    with seeded_chance(run.seed):
        try:
            conductor.run(_Simulation(run, conductor, folder, report).play())
        finally:
            conductor.close()
    report.cpu_s = round(_cpu_s() - cpu_s, 2)
    took_s = time.perf_counter() - wall_s
    report.speedup = round(run.days * faults.DAY_S / took_s, 1)
    report.cabinet_days_per_minute = round(run.cabinets * run.days * 60 / took_s, 2)
    return report


class _Simulation:
    """One run."""

    def __init__(self, run: Run, conductor: Conductor, folder: Path, report: Report):
        random = Random(f"plan {run.seed}")
        self._run = run
        self._conductor = conductor
        self._report = report
        self._visits = visits_s(random, START_MS, run.days, run.sessions)
        self._plan = fault_plan.drawn(random, run.days, self._visits, run.faults)
        journal_bytes = random.choice(JOURNALS_BYTES)
        self._say(journal_bytes)
        self._shop = SimulatedShop(conductor, folder, run.seed, run.cabinets, journal_bytes)
        self._random = random
        self._counts: Counter[str] = Counter()

    def _say(self, journal_bytes: int) -> None:
        plan = self._plan
        sys.stdout.write(
            f"seed {self._run.seed}, commit {self._report.commit}: "
            f"{self._run.cabinets} cabinets, {self._run.days} days, {len(self._visits)} visits, "
            f"journals of {journal_bytes} bytes\n"
            f"strikes a day: {json.dumps(plan.rates)}\nin a million: {json.dumps(plan.ppm)}\n"
        )
        sys.stdout.flush()

    async def play(self) -> None:
        """Everything from the first start to the last look."""
        shop = self._shop
        try:
            await shop.start()
            faults.behave(shop, self._plan.ppm)
            if self._run.until_broken:
                await self._until_broken()
            else:
                await self._whole()
        finally:
            shop.close()
            self._report.tick_wraps = shop.tick_wraps
            self._report.controllers_cpu_s = round(shop.controllers_cpu_s(), 2)

    async def _whole(self) -> None:
        await self._days()
        await faults.heal(self._shop)
        await self._until_quiet()
        self._judge()

    async def _until_broken(self) -> None:
        """The whole run, or as much of it as it takes until something is broken."""
        loop, shop = self._conductor.loop, self._shop
        whole = loop.create_task(self._whole())
        while not whole.done():
            await asyncio.wait([whole], timeout=_WATCH_S)
            if not whole.done() and (shop.violations or shop.gateway.failures or shop.failures or shop.stopped):
                whole.cancel()
                self._fill(self._report, Verdict())
                return
        await whole

    async def _days(self) -> None:
        """Work and faults, to the end of the last day."""
        loop, shop = self._conductor.loop, self._shop
        by_cabinet: dict[str, list[float]] = {name: [] for name in shop.cabinets}
        for at_s in self._visits:
            by_cabinet[self._random.choice(sorted(by_cabinet))].append(at_s)
        besides = faults.back_up(shop), kiosk_people.answer(shop, self._random), dealers_plans.plan(shop, self._random)
        beside = [loop.create_task(each) for each in besides]
        work = [loop.create_task(self._work(name, times)) for name, times in by_cabinet.items()]
        striking = [loop.create_task(self._strike(*strike)) for strike in self._plan.strikes]
        await asyncio.sleep(self._run.days * faults.DAY_S)
        await asyncio.gather(*work)
        await faults.heal(shop)
        for task in [*beside, *striking]:
            task.cancel()
        for end in await asyncio.gather(*beside, *striking, return_exceptions=True):
            if isinstance(end, BaseException) and not isinstance(end, asyncio.CancelledError):
                raise end

    async def _work(self, name: str, times: list[float]) -> None:
        for at_s in times:
            await asyncio.sleep(max(0.0, at_s - self._conductor.loop.time()))
            self._shop.trace("visit", name)
            await self._shop.people[name].next_visit()

    async def _strike(self, at_s: float, kind: str, number: int) -> None:
        await asyncio.sleep(at_s)
        self._shop.trace("fault", kind, number)
        known = faults.KINDS[kind]
        self._counts[kind] += not known.armed
        try:
            await known.strike(self._shop, Random(f"{self._run.seed} {kind} {number}"))
        except faults.NothingToStrikeError:
            self._counts[kind] -= not known.armed

    async def _until_quiet(self) -> None:
        """Until every journal is in the ledger and every number in the cloud, or for half a day."""
        for _ in range(QUIET_TIMES):
            await asyncio.sleep(QUIET_S)
            if self._shop.has_arrived():
                return

    def _judge(self) -> None:
        shop, report = self._shop, self._report
        shop.look()
        now = {name: journal for name in shop.cabinets if (journal := shop.journal(name)) is not None}
        journals: dict[str, dict[str, int]] = {name: {} for name in shop.cabinets}
        for name, (epoch, last) in [*shop.replaced, *now.items()]:
            journals[name][epoch] = last
        destroyed = frozenset((name, epoch) for name, (epoch, _) in shop.replaced)
        verdict = shop.oracle.at_rest(shop.now_ms(), shop.truth(), journals, Excused(destroyed=destroyed))
        self._fill(report, verdict)

    def _fill(self, report: Report, verdict: Verdict) -> None:
        shop = self._shop
        for name in ("events", "sessions", "lost", "doubled", "stated", "destroyed", "quarantined"):
            setattr(report, name, getattr(verdict, name))
        failures = [f"the gateway's program failed: {error!r}" for error in shop.gateway.failures]
        failures += [f"a cabinet did not start: {error!r}" for error in shop.failures]
        stopped = [f"the firmware of {name} ended" for name in shop.stopped]
        report.account = [
            *(f"step {step}: {violation}" for step, violation in shop.violations),
            *(str(v) for v in verdict.violations if v not in {found for _, found in shop.violations}),
            *failures,
            *stopped,
        ]
        report.violations = len(report.account)
        report.faults = dict(sorted((+self._counts | _counted(shop)).items()))
        report.trace_sha256 = shop.trace_sha256


def _counted(shop: SimulatedShop) -> Counter[str]:
    """What broker and cloud did by themselves, and what struck one of the steps of a program or a flash."""
    counted = Counter(shop.broker.counts | shop.cloud.counts | shop.gateway.struck)
    counted["cloud_kill"] = shop.cloud.deaths
    counted["flash_cut"] = shop.flash_cuts
    counted["journal_full"] = len(shop.refused_full)
    return +counted


def _cpu_s() -> float:
    """CPU of this process and of those that have ended."""
    uses = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(use.ru_utime + use.ru_stime for use in uses)


def _commit() -> str:
    ran = subprocess.run(
        ["git", "-C", str(_ROOT), "describe", "--always", "--dirty"],  # noqa: S607 - the one on the path
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stdout.strip() or "not known"


@contextmanager
def _folder(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True)
        yield folder
        return
    memory = Path("/dev/shm")  # noqa: S108 - a private folder is made in it; syncing memory costs nothing
    with tempfile.TemporaryDirectory(prefix="partsbay-", dir=memory if memory.is_dir() else None) as made:
        yield Path(made)
