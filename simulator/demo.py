"""The demo: one dealer, one shop, two cabinets of 12 bins, and people at work; attended, or unattended and compared."""

import asyncio
import contextlib
import json
import signal
import tempfile
import time
from collections.abc import Coroutine, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from simulator import comparison, restock_list, scenario
from simulator.flash_reading import FlashError, journal_last
from simulator.people import People, Spot
from simulator.programs import announce
from simulator.whole_shop import WholeShop

BOARD = "esp32s3-w5500-12"
QUIET_S = 60  # after the last visit everything must have arrived within this
PAUSE_MS = 1500  # a hand brings one piece out and reaches in again


class Demo:
    """A whole shop and the people of all cabinets."""

    def __init__(
        self,
        folder: Path,
        speed: float,
        seed: int,
        *,
        cabinets: int = len(scenario.LAYOUT),
        external_broker_port: int = 0,
        cloud_database_url: str = "",
        linked: bool = False,
    ):
        layout, shared = scenario.layout_of(cabinets), scenario.shared_of(cabinets)
        self.shop = WholeShop(
            folder,
            scenario.document(layout, shared),
            [scenario.DEALER_USER, *scenario.OTHER_USERS],
            dict.fromkeys(layout, BOARD),
            speed=speed,
            seed=seed,
            external_broker_port=external_broker_port,
            cloud_database_url=cloud_database_url,
            linked=linked,
        )
        self.people = {
            name: People(cabinet, scenario.parts_of(layout, shared, name), Random(f"{seed} {name}"))
            for name, cabinet in self.shop.cabinets.items()
        }
        for name, people in self.people.items():
            people.restock_list = partial(self._restock_list, name)

    def _restock_list(self, name: str) -> dict[Spot, int]:
        """What the restocker reads at the kiosk."""
        return restock_list.left_at(self.shop.gateway_database, name, time.time_ns() // 1_000_000)

    async def start(self) -> None:
        """Fill the bins, start every program, power the cabinets on."""
        for people in self.people.values():
            people.pause_ms = PAUSE_MS
            await people.fill()
        await self.shop.start()
        await self.shop.power_on()

    async def work(self, stopping: asyncio.Event) -> None:
        """Everybody works until `stopping`."""
        async with asyncio.TaskGroup() as group:
            for people in self.people.values():
                group.create_task(people.work(stopping))

    async def all_arrived(self) -> bool:
        """Wait until every event is in the gateway and every upload in the cloud."""
        ledgers = self.ledgers()
        deadline = time.monotonic() + QUIET_S
        while time.monotonic() < deadline:
            if self._open_sessions(ledgers) == 0 and self._uploaded(ledgers) and await self._journals_arrived(ledgers):
                return True
            await asyncio.sleep(0.2)
        return False

    def compare(self, *, power_was_cut: bool = False) -> comparison.Comparison:
        """Truth against ledger against cloud, after the cabinets have been switched off.

        When the power was cut nobody knows the wall time of a boot that ended before it was heard: no latencies then.
        """
        ledgers = self.ledgers()
        found = comparison.Comparison()
        piles = {(name, *spot): pile for name, people in self.people.items() for spot, pile in people.piles.items()}
        visits = [visit for people in self.people.values() for visit in people.visits]
        bulk = {part.number for part in scenario.PARTS if part.unit == "gram"}
        lasts = {name: journal_last(cabinet.flash_path) for name, cabinet in self.shop.cabinets.items()}
        comparison.compare_events(found, ledgers, lasts)
        comparison.compare_sessions(found, ledgers, visits, bulk)
        comparison.compare_stock(found, ledgers, piles)
        comparison.compare_cloud(found, ledgers)
        if not power_was_cut:
            comparison.measure_latencies(found, ledgers, self._wall_ms_of)
        return found

    def ledgers(self) -> comparison.Ledgers:
        """Both databases of the shop."""
        return comparison.Ledgers(self.shop.gateway_database, self.shop.cloud_database)

    def _wall_ms_of(self, cabinet: str, boot: int, up_ms: int) -> int:
        return self.shop.cabinets[cabinet].wall_ms_of(boot, up_ms)

    def _open_sessions(self, ledgers: comparison.Ledgers) -> int:
        """Visits let in, and sessions begun, that the gateway does not know the end of yet."""
        let_in = sum(visit.let_in for people in self.people.values() for visit in people.visits)
        (closed,) = ledgers.gateway("SELECT count(*) FROM session WHERE how IN ('shut', 'recovered')")[0]
        (begun,) = ledgers.gateway("SELECT count(*) FROM session WHERE how = ''")[0]
        return max(int(begun), let_in - int(closed))

    async def _journals_arrived(self, ledgers: comparison.Ledgers) -> bool:
        """Whether the gateway holds the last event of every journal, as the flash of the controllers has it now."""
        held = dict(ledgers.gateway("SELECT cabinet, max(seq) FROM inbox GROUP BY cabinet"))
        try:
            lasts = {
                name: await asyncio.to_thread(journal_last, c.flash_path) for name, c in self.shop.cabinets.items()
            }
        except FlashError:  # copied in the middle of a write
            return False
        return all(held.get(name) == last for name, last in lasts.items())

    def _uploaded(self, ledgers: comparison.Ledgers) -> bool:
        (through,) = ledgers.gateway("SELECT through FROM upload")[0]
        (last,) = ledgers.gateway("SELECT coalesce(max(seq), 0) FROM outbox")[0]
        return bool(through >= last)


def run_headless(minutes: float, speed: float, seed: int, report: Path | None, folder: Path | None) -> int:
    """Work for `minutes` of wall time, compare, write the report; 1 when lost, doubled, unequal or late."""
    if minutes <= 0 or speed <= 0:
        raise ValueError(f"expected minutes and speed above zero, found {minutes} and {speed}")
    with shop_folder(folder) as place:
        return asyncio.run(_run_headless(Demo(place, speed, seed), minutes, report))


async def _run_headless(demo: Demo, minutes: float, report: Path | None) -> int:
    try:
        await demo.start()
        _say_where(demo)
        await _work_for(demo, minutes * 60)
        arrived = await demo.all_arrived()
    finally:
        await demo.shop.stop()
    found = demo.compare()
    if not arrived:
        found.differences.append(f"not everything had arrived {QUIET_S} s after the last visit")
    _write_report(demo, found, minutes, report)
    return 0 if found.good and arrived else 1


async def _work_for(demo: Demo, seconds: float) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, stopping.set)
    _on_signals(stopping)
    await demo.work(stopping)


def _write_report(demo: Demo, found: comparison.Comparison, minutes: float, report: Path | None) -> None:
    content: dict[str, Any] = asdict(found)
    content |= {
        "minutes": minutes,
        "speed": demo.shop.speed,
        "restarts": {program.name: program.restarts for program in (demo.shop.gateway, demo.shop.cloud)},
    }
    text = json.dumps(content, ensure_ascii=False, indent=2)
    if report:
        report.write_text(text + "\n")
    announce(text)


def run_attended(speed: float, seed: int, folder: Path | None) -> int:
    """Everything in one terminal until Ctrl-C."""
    if speed <= 0:
        raise ValueError(f"expected a speed above zero, found {speed}")
    with shop_folder(folder) as place:
        return asyncio.run(_run_attended(Demo(place, speed, seed)))


async def _run_attended(demo: Demo) -> int:
    from simulator import bench_page, demo_rounds  # noqa: PLC0415 - an unattended run needs no pages

    stopping = asyncio.Event()
    _on_signals(stopping)
    bench = bench_page.BenchPage(list(demo.shop.cabinets.values()))
    planning: asyncio.Task[str] | None = None
    try:
        announce("starting cloud, gateway and two cabinets …")
        await _unless(stopping, demo.start())
        bench_url = await bench.start("127.0.0.1", 0)
        _say_where(demo)
        announce(f"  bench  {bench_url}   the cabinets themselves: badge, take, pull the network, cut the power")
        announce("People are at work. Ctrl-C ends everything.")
        planning = asyncio.create_task(
            demo_rounds.plan_first_round(demo.shop.cloud_url, scenario.DEALER_USER, scenario.SHOP, stopping)
        )
        await _unless(stopping, demo.work(stopping))
    finally:
        announce("ending …")
        if planning is not None:
            planning.cancel()
        await bench.stop()
        await demo.shop.stop()
    return 0


def _say_where(demo: Demo) -> None:
    user = scenario.DEALER_USER
    others = ", ".join(str(other["email"]) for other in scenario.OTHER_USERS)
    announce(f"  dealer {demo.shop.cloud_url}   sign in as {user['email']} with {user['password']}")
    announce(f"         with the same password: {others}")
    announce(f"  kiosk  {demo.shop.kiosk_url}")
    announce(f"  files  {demo.shop.folder}   gateway pid {demo.shop.gateway.pid}, cloud pid {demo.shop.cloud.pid}")


async def _unless(stopping: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do the work, and leave it as soon as `stopping` is set."""
    task = asyncio.create_task(work)
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if task.done():
        task.result()
        return
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under `nohup`
            loop.add_signal_handler(number, stopping.set)


@contextlib.contextmanager
def shop_folder(chosen: Path | None) -> Iterator[Path]:
    """The folder that was chosen, or a temporary one that goes away again."""
    if chosen is not None:
        if chosen.exists() and any(chosen.iterdir()):
            raise ValueError(f"expected an empty folder for a new shop, found files in {chosen}")
        yield chosen.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="partsbay-", ignore_cleanup_errors=True) as made:
        yield Path(made)
