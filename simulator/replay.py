"""Drives recorded visits through sensors, firmware, broker, gateway and cloud, faster than they happened.

How the whole file goes on from each visit's end to the next one's beginning is measured beside, without driving it.

Each recorded bin becomes a bulk bin on a cell of the 150 kg class (`recorded_shop.py`), and a cabinet serves its bins'
visits one at a time in order of start, dwell compressed. A gain is a return. Between visits a small difference is a
bin that comes to rest behind the shut door, and corrects the visit before; a rise is a restock; a drop happens behind a
shut door, and must end in `unexplained`.
"""

import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from simulator import comparison, recorded_shop, recorded_visits
from simulator.continuity import Continuity, is_settling, measure
from simulator.demo import shop_folder
from simulator.flash_reading import journal_last
from simulator.people import enter
from simulator.programs import announce
from simulator.recorded_shop import CELL, RESTOCKER, Place
from simulator.recorded_visits import RecordedVisit
from simulator.whole_shop import WholeShop

BOARD = "esp32s3-w5500-12"
SPEED = 12.0
RESOLUTION_G = 100  # of the recording
DWELL_MS = 400  # between the hand and the shutting door: nobody opens and shuts in one blink
WAIT_S = 60.0  # for one event to reach the ledger
ALL = sys.maxsize  # visits

# What the steps of the replay are reported as; a door that was unlocked and not pulled in time is neither.
SESSIONS = "kind = 'session_closed' AND CAST(line AS TEXT) NOT LIKE '%\"how\":\"not_opened\"%'"
CHANGES = "kind = 'bins_changed' AND CAST(line AS TEXT) NOT LIKE '%,null,0,%'"  # not what is told after a start


class ReplayError(RuntimeError):
    """The system did not answer a visit; the text says which and what was waited for."""


@dataclass(slots=True)
class Report:
    """What came of it. `sessions` are those of visits; restocks and unexplained drops are counted apart.

    `corrected_bookings`: bookings that a later, settled weight changed, by how much in all and at most. `continuity` is
    of the whole file.
    """

    visits: int = 0
    refused: int = 0
    sessions: int = 0
    restocks: int = 0
    settled_later: int = 0
    drops: int = 0
    unexplained: int = 0
    lost: int = 0
    doubled: int = 0
    mass_error_g_max: float = 0.0
    ledger_equals_cloud: bool = True
    corrected_bookings: int = 0
    corrected_g_sum: int = 0
    corrected_g_max: int = 0
    seconds: float = 0.0
    continuity: Continuity | None = None
    refused_because: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """None lost, none doubled, every mass within the resolution of the recording, nothing left to explain."""
        equal = self.ledger_equals_cloud and self.mass_error_g_max <= RESOLUTION_G
        return self.lost == 0 and self.doubled == 0 and equal and not self.differences


@dataclass(frozen=True, slots=True)
class Step:
    """What the ledger must hold of a bin after one thing happened to it, in grams."""

    place: Place
    session: bool
    mass_g: int


def run(path: Path, count: int, report: Path | None, speed: float | None, folder: Path | None) -> int:
    """Replay the first `count` visits of `path`; 1 when one is lost, doubled or booked with a wrong mass."""
    if count <= 0:
        raise ValueError(f"expected a number of visits above zero, found {count}")
    visits, refused = recorded_visits.read(path, count)
    if not visits:
        raise ValueError(f"expected at least one visit that can be driven in {path}, found {len(refused)} refused")
    started = time.monotonic()
    with shop_folder(folder) as place:
        try:
            found = asyncio.run(Replay(place, visits, speed or SPEED).run())
        except ReplayError as error:
            announce(f"replay: {error}")
            return 1
    found.visits = len(visits) + len(refused)
    found.refused = len(refused)
    found.refused_because = refused
    found.seconds = round(time.monotonic() - started, 1)
    found.continuity = measure(recorded_visits.read(path, ALL)[0])
    _say(asdict(found), report)
    return 0 if found.good else 1


def run_continuity(path: Path, report: Path | None) -> int:
    """Measure how well every visit of `path` goes on from the one before at its bin; drive none."""
    visits, refused = recorded_visits.read(path, ALL)
    if not visits:
        raise ValueError(f"expected at least one visit in {path}, found {len(refused)} refused")
    _say({"refused": len(refused), **asdict(measure(visits))}, report)
    return 0


def _say(found: dict[str, Any], report: Path | None) -> None:
    text = json.dumps(found, ensure_ascii=False, indent=2)
    if report:
        report.write_text(text + "\n")
    announce(text)


class Replay:
    """One shop with as many cabinets as the recording has bins for."""

    def __init__(self, folder: Path, visits: Sequence[RecordedVisit], speed: float):
        self._visits = visits
        self._places = recorded_shop.places(visits)
        self._held_g = recorded_shop.opening(visits)
        self._opening_g = dict(self._held_g)
        self._steps: dict[str, list[Step]] = defaultdict(list)
        self._report = Report()
        cabinets = sorted({place.cabinet for place in self._places.values()})
        self._shop = WholeShop(
            folder,
            recorded_shop.document(visits, self._places, self._opening_g),
            [{"email": "dealer@example.com", "password": "partsbay-replay", "name": "Dealer"}],
            dict.fromkeys(cabinets, BOARD),
            speed=speed,
            cell_class=CELL,
        )
        self._ledgers = comparison.Ledgers(self._shop.gateway_database, self._shop.cloud_database)

    async def run(self) -> Report:
        """Start everything, drive the visits, wait until all has arrived, compare."""
        for bin_, place in self._places.items():
            await self._shop.cabinets[place.cabinet].set_load(place.bin, self._opening_g[bin_] * 1000)
        try:
            await self._shop.start()
            await self._shop.power_on()
            await self._drive()
            await self._until("everything to be uploaded", self._uploaded)
        finally:
            await self._shop.stop()
        return self._compare()

    async def _drive(self) -> None:
        """All cabinets side by side; the first that goes wrong ends the replay."""
        try:
            async with asyncio.TaskGroup() as group:
                for name in self._shop.cabinets:
                    group.create_task(self._serve(name))
        except* ReplayError as errors:
            raise ReplayError("; ".join(str(error) for error in errors.exceptions)) from errors

    async def _serve(self, cabinet: str) -> None:
        for visit in self._visits:
            if self._places[visit.bin].cabinet == cabinet:
                await self._between(visit)
                await self._visit(visit.badge, visit.bin, visit.after_g)

    async def _between(self, visit: RecordedVisit) -> None:
        """What happened to the bin since the visit before."""
        held_g = self._held_g[visit.bin]
        if is_settling(visit.before_g - held_g):
            self._report.settled_later += 1
            await self._change(visit)
        elif visit.before_g > held_g:
            self._report.restocks += 1
            await self._visit(RESTOCKER[1], visit.bin, visit.before_g)
        elif visit.before_g < held_g:
            self._report.drops += 1
            await self._change(visit)

    async def _visit(self, badge: str, bin_: int, after_g: int) -> None:
        """Badge, open, take or put, shut, and wait until the ledger has it."""
        place = self._places[bin_]
        cabinet = self._shop.cabinets[place.cabinet]
        closed = self._count(place.cabinet, SESSIONS)
        if not await enter(cabinet, badge):
            raise ReplayError(f"expected {place.cabinet} to open for badge {badge}, found it locked")
        change_mg = (after_g - self._held_g[bin_]) * 1000
        if change_mg > 0:
            await cabinet.put(place.bin, change_mg)
        elif change_mg < 0:
            await cabinet.take(place.bin, -change_mg)
        await cabinet.sleep_ms(DWELL_MS)
        await cabinet.shut_door(1)
        self._done(bin_, after_g, session=True)
        await self._until("the session", lambda: self._count(place.cabinet, SESSIONS) > closed)

    async def _change(self, visit: RecordedVisit) -> None:
        """Mass changes behind a shut door."""
        place = self._places[visit.bin]
        changed = self._count(place.cabinet, CHANGES)
        await self._shop.cabinets[place.cabinet].set_load(place.bin, visit.before_g * 1000)
        self._done(visit.bin, visit.before_g, session=False)
        await self._until("the change", lambda: self._count(place.cabinet, CHANGES) > changed)

    def _done(self, bin_: int, mass_g: int, *, session: bool) -> None:
        self._held_g[bin_] = mass_g
        place = self._places[bin_]
        self._steps[place.cabinet].append(Step(place, session, mass_g))

    def _count(self, cabinet: str, what: str) -> int:
        rows = self._ledgers.gateway(f"SELECT count(*) FROM inbox WHERE cabinet = ? AND {what}", cabinet)  # noqa: S608
        return int(rows[0][0])

    def _uploaded(self) -> bool:
        (through,) = self._ledgers.gateway("SELECT through FROM upload")[0]
        (last,) = self._ledgers.gateway("SELECT coalesce(max(seq), 0) FROM outbox")[0]
        return bool(through >= last)

    async def _until(self, what: str, happened: Any) -> None:
        deadline = time.monotonic() + WAIT_S
        while not happened():
            if time.monotonic() > deadline:
                raise ReplayError(f"expected {what} within {WAIT_S} s")
            await asyncio.sleep(0.02)

    # ---- after the run ----

    def _compare(self) -> Report:
        found = comparison.Comparison()
        lasts = {name: journal_last(cabinet.flash_path) for name, cabinet in self._shop.cabinets.items()}
        comparison.compare_events(found, self._ledgers, lasts)
        comparison.compare_cloud(found, self._ledgers)
        report = self._report
        report.lost, report.doubled = found.lost, found.doubled
        report.ledger_equals_cloud = found.ledger_equals_cloud
        report.differences = found.differences
        for cabinet, steps in self._steps.items():
            self._compare_cabinet(cabinet, steps)
        report.sessions -= report.restocks
        unexplained = "SELECT count(*) FROM movement WHERE cause = 'unexplained' AND session = ''"
        report.unexplained = int(self._ledgers.gateway(unexplained)[0][0])
        self._compare_corrections()
        return report

    def _compare_corrections(self) -> None:
        """What later weights changed of earlier bookings."""
        rows = self._ledgers.gateway(
            "SELECT abs(sum(p.quantity)) FROM movement m JOIN posting p ON p.movement = m.id "
            "WHERE m.corrects != '' AND p.account LIKE 'bin:%' GROUP BY m.id"
        )
        changes_g = [int(change) for (change,) in rows]
        self._report.corrected_bookings = len(changes_g)
        self._report.corrected_g_sum = sum(changes_g)
        self._report.corrected_g_max = max(changes_g, default=0)

    def _compare_cabinet(self, cabinet: str, steps: Sequence[Step]) -> None:
        """Each step against the event that reported it, and the booked mass of its bin right after it."""
        events = self._ledgers.gateway(
            f"SELECT seq, kind FROM inbox WHERE cabinet = ? AND ({SESSIONS} OR {CHANGES}) ORDER BY seq",  # noqa: S608
            cabinet,
        )
        sessions = sum(step.session for step in steps)
        closed = sum(kind == "session_closed" for _, kind in events)
        self._report.sessions += closed
        self._report.lost += max(0, sessions - closed)
        self._report.doubled += max(0, closed - sessions)
        if len(events) != len(steps):
            self._report.differences.append(f"{cabinet}: {len(steps)} things happened, {len(events)} were reported")
            return
        booked_g = self._booked_after(cabinet)
        for step, (seq, _) in zip(steps, events, strict=True):
            booked = sum(g for at, g in booked_g[step.place.bin] if at <= seq)
            error_g = abs(booked - step.mass_g)
            self._report.mass_error_g_max = max(self._report.mass_error_g_max, float(error_g))
            if error_g > RESOLUTION_G:
                self._report.differences.append(f"{cabinet} event {seq}: {step} but booked {booked} g")

    def _booked_after(self, cabinet: str) -> dict[int, list[tuple[int, int]]]:
        """Per bin the (event, grams) of everything booked to it; the opening stock counts as event 0."""
        prefix = f"bin:{cabinet}/"
        booked: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for account, seq, quantity in self._ledgers.gateway(
            "SELECT p.account, m.seq, p.quantity FROM posting p JOIN movement m ON m.id = p.movement "
            "WHERE m.cabinet = ? AND p.account LIKE 'bin:%'",
            cabinet,
        ):
            booked[int(account.removeprefix(prefix))].append((seq, quantity))
        return booked
