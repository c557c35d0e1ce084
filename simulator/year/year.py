"""`partsbay year`: a year of simulated work at one cabinet, and whether the ledger was right at every week's end.

Physics, the firmware's own session and weighing, the gateway's own program, people and their truth: made here, handed
to each other, and driven through a diary. Nothing of the product is decided here.
"""

import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from edge_gateway.kiosk_seam import ContestSession
from simulator.count_bench.bench_planogram import CAPACITY_MG
from simulator.count_bench.hands import script_of
from simulator.count_bench.shelf import FOREIGN, Shelf
from simulator.count_bench.standard_mix import RESTOCKER, Reach, Visit, Workshop
from simulator.physics import Cells
from simulator.seeded_chance import seeded_chance
from simulator.year import cabinet_plan, thefts
from simulator.year.audit import Audit
from simulator.year.cabinet import YearCabinet
from simulator.year.cabinet_plan import BINS, PARTS_PER_CELL_MAX, person
from simulator.year.diary import DAY_MS, START_MS, Due, Entry, diary
from simulator.year.looking import Looker
from simulator.year.report import Report, sum_up
from simulator.year.shop_gateway import CABINET, EPOCH, ShopGateway

_GAP_MS = 30_000  # between two people
_CLEARED_A_MORNING = 0.4
_IN_HAND_OVERNIGHT = 2
_COUNTED_A_WEEK = 0.5
_CUT_IN_A_VISIT = 0.25
_OFF_IN_A_VISIT_MS = 120_000
_FILLED_PERCENT_MAX = 95
_HANDFUL = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for."""

    days: int
    seed: int
    cell: str
    parts_per_cell: int
    theft: int

    def __post_init__(self) -> None:
        """Refuse what cannot be played (`ValueError`)."""
        if self.days < 2:
            raise ValueError(f"expected two days or more, found {self.days}")
        if self.cell not in CAPACITY_MG:
            raise ValueError(f"expected a cell of {', '.join(CAPACITY_MG)}, found {self.cell!r}")
        if not 1 <= self.parts_per_cell <= PARTS_PER_CELL_MAX:
            raise ValueError(f"expected 1 to {PARTS_PER_CELL_MAX} parts per cell, found {self.parts_per_cell}")
        if self.theft < 0:
            raise ValueError(f"expected a number of pieces, found {self.theft}")


def main(asked: Asked, report_path: Path | None) -> int:
    """Play it, print and write the report; 1 when a bin was wrong in silence or a theft was not noticed."""
    report = play(asked)
    text = json.dumps(asdict(report), ensure_ascii=False, indent=2)
    sys.stdout.write(text + "\n")
    if report_path is not None:
        report_path.write_text(text + "\n", encoding="utf-8")
    return 0 if report.good else 1


def play(asked: Asked) -> Report:
    """A year in a folder of its own."""
    began_s = time.monotonic()
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with (
        tempfile.TemporaryDirectory(prefix="partsbay-", dir=memory if memory.is_dir() else None) as folder,
        seeded_chance(asked.seed),
    ):
        year = Year(asked, Path(folder))
        try:
            report = year.live()
        finally:
            year.gateway.close()
    report.seconds = round(time.monotonic() - began_s, 1)
    return report


class Year:
    """One shop with one cabinet."""

    def __init__(self, asked: Asked, folder: Path):
        self.report = Report(asked.seed, asked.days, asked.cell, asked.parts_per_cell)
        self._asked = asked
        self._random = Random(f"{asked.seed}/year/people")
        plan = cabinet_plan.draw_plan(asked.seed, asked.cell, asked.parts_per_cell)
        self.shelf = Shelf(plan, Random(f"{asked.seed}/year/shelf"))
        self._workshop = Workshop(self.shelf, asked.cell, Random(f"{asked.seed}/year/visits"))
        self._cells = Cells(asked.cell, BINS, asked.seed)
        for bin_ in range(BINS):
            self._cells.rest(bin_, self.shelf.load_mg(bin_))
        self.gateway = ShopGateway(folder, START_MS)
        self.audit = Audit(self.gateway, self.shelf)
        self._looker = Looker(self.gateway, self.shelf, self._random)
        self._cabinet = YearCabinet(self._cells, BINS, START_MS, self._heard)
        drift_mg = thefts.drift_mg(Cells(asked.cell, BINS, asked.seed), BINS)
        self._cases = thefts.cases(plan, drift_mg) if asked.theft else []
        self._kinds: Counter[str] = Counter()
        self._session = ""
        self._cut_next_ms = 0
        self._doing = {
            Due.VISIT: self._visit,
            Due.MORNING: self._morning,
            Due.EVENING: self._evening,
            Due.RESTOCK: self._restock,
            Due.POWER_CUT: self._power_cut,
            Due.THEFT: self._theft,
            Due.WEEK_END: self._week_end,
        }

    def live(self) -> Report:
        """From the first switching on to the last comparison."""
        stock = [dict(self.shelf.stock(bin_)) for bin_ in range(BINS)]
        plan, cell = self.shelf.plan, self._asked.cell
        self.gateway.take_document(cabinet_plan.document(plan, cell, stock))
        self._cabinet.power_on(0)
        entries = diary(self._asked.seed, self._asked.days)
        entries += thefts.thefts(len(self._cases), self._asked.theft, self._asked.days)
        for entry in sorted(entries):
            self._cabinet.rest_until(entry.at_ms)
            self._look()
            self._doing[entry.due](entry)
            self._look()
        self._cabinet.rest_until(self._asked.days * DAY_MS)
        self._week_end(Entry(self._cabinet.now_ms, Due.WEEK_END))
        return self._sum_up()

    # ---- what is due ----

    def _visit(self, entry: Entry) -> None:
        before = self._state()
        visit = self._workshop.next_visit()
        self._carry_out(visit, before)

    def _morning(self, entry: Entry) -> None:
        """Somebody brings away what does not belong where it lies."""
        before = self._state()
        visit = Visit("clear", 0)
        for bin_, places in enumerate(self.shelf.plan):
            planned = {place.part.number for place in places}
            for thing in [thing for thing in self.shelf.things[bin_] if thing.part not in planned]:
                if self._random.random() < _CLEARED_A_MORNING:
                    self._clear(visit, bin_, thing)
        if visit.reaches:
            self._carry_out(visit, before)

    def _clear(self, visit: Visit, bin_: int, thing: Any) -> None:
        self.shelf.things[bin_].remove(thing)
        visit.reaches.append(Reach(bin_, out=[thing]))
        if thing.part == FOREIGN:
            return
        home = self.shelf.home(thing.part)[0]
        if self._fits(home, thing.mass_mg):
            self.shelf.things[home].append(thing)
            visit.reaches.append(Reach(home, into=[thing]))

    def _evening(self, entry: Entry) -> None:
        self._looker.evening()
        self._workshop.hands = [hand[-_IN_HAND_OVERNIGHT:] for hand in self._workshop.hands]

    def _restock(self, entry: Entry) -> None:
        """Fill up what is down to two thirds, and now and then count a bin."""
        before = self._state()
        visit = Visit("restock", RESTOCKER)
        for bin_, places in enumerate(self.shelf.plan):
            for place in places:
                held = self.shelf.stock(bin_)[place.part.number]
                if held * 3 <= place.capacity * 2:
                    self._fill(visit, bin_, place, place.capacity - held)
        if visit.reaches:
            self._carry_out(visit, before)
            if self._random.random() < _COUNTED_A_WEEK:
                self._count_a_bin(self._random.randrange(BINS) + 1)

    def _fill(self, visit: Visit, bin_: int, place: Any, left: int) -> None:
        while left:
            handful = [self.shelf.new_piece(place.part) for _ in range(min(left, _HANDFUL))]
            if not self._fits(bin_, sum(thing.mass_mg for thing in handful)):
                return
            self.shelf.things[bin_] += handful
            visit.reaches.append(Reach(bin_, into=handful))
            left -= len(handful)

    def _count_a_bin(self, bin_: int) -> None:
        """The restocker doubts a bin and counts it."""
        refused = self.gateway.act(ContestSession(self._session, cabinet_plan.RESTOCKER, "to be counted", bin_))
        if refused:
            self._looker.refused.append(refused)
        query = "select id from open_discrepancy where bin = ? order by id"
        for (identity,) in self.gateway.rows(query, (bin_,)):
            self._looker.answer(identity, cabinet_plan.RESTOCKER)

    def _power_cut(self, entry: Entry) -> None:
        self.report.power_cuts += 1
        if self._random.random() < _CUT_IN_A_VISIT:
            self._cut_next_ms = min(entry.for_ms, _OFF_IN_A_VISIT_MS)
            return
        self._cabinet.power_off()
        self._cabinet.power_on(entry.at_ms + entry.for_ms)

    def _theft(self, entry: Entry) -> None:
        """A piece goes: the door is opened while there is no power, or it slips out behind the shut door."""
        case = self._cases[entry.number]
        bin_ = case.bin - 1
        held = self.shelf.of(bin_, case.part)
        if not held:
            return
        piece = self._random.choice(held)
        self.shelf.things[bin_].remove(piece)
        now_ms = self._cabinet.now_ms
        if case.without_power:
            self._cabinet.power_off()
        self._cabinet.slip(bin_, self.shelf.load_mg(bin_))
        if case.without_power:
            self._cabinet.power_on(now_ms + entry.for_ms)
        case.pieces.append(thefts.Stolen(now_ms, piece.mass_mg))
        self.audit.note(case.bin, now_ms, f"a {case.part} was stolen, {case.what}")

    def _week_end(self, entry: Entry) -> None:
        since_ms = entry.at_ms - thefts.EXCUSED_DAYS * DAY_MS
        excused = {case.bin for case in self._cases if any(piece.at_ms > since_ms for piece in case.missing())}
        self.audit.week_end(entry.at_ms, excused)

    # ---- how it is done ----

    def _state(self) -> list[tuple[int, Counter[str]]]:
        """The load of every bin and what lies in it."""
        return [(self.shelf.load_mg(bin_), self.shelf.stock(bin_)) for bin_ in range(BINS)]

    def _fits(self, bin_: int, mass_mg: int) -> bool:
        room_mg = CAPACITY_MG[self._asked.cell] * _FILLED_PERCENT_MAX // 100
        return self.shelf.load_mg(bin_) + mass_mg <= room_mg

    def _carry_out(self, visit: Visit, before: list[tuple[int, Counter[str]]]) -> None:
        """Have a visit weighed and booked, and compare."""
        script = script_of(visit, [load_mg for load_mg, _ in before], self._random)
        self._cabinet.rest_until(self._cabinet.now_ms + _GAP_MS)
        cut_ms, self._cut_next_ms = self._cut_next_ms, 0
        if cut_ms:
            at_ms = self._random.randrange(script.opened_ms + 1000, script.shut_ms + 1001)
            self._cabinet.visit_with_power_cut(person(visit.person), script, at_ms, cut_ms)
        else:
            self._cabinet.visit(person(visit.person), script)
        self._kinds[visit.kind] += 1
        what = f"{visit.kind} by {person(visit.person)}" + (", the power went" if cut_ms else "")
        self.report.booked_as_it_was += self.audit.compare_visit(
            self._session, self._cabinet.now_ms, what, self._net(before)
        )

    def _net(self, before: list[tuple[int, Counter[str]]]) -> dict[tuple[int, str], int]:
        net: dict[tuple[int, str], int] = {}
        for bin_, (_, held) in enumerate(before):
            now = self.shelf.stock(bin_)
            net |= {(bin_ + 1, part): now[part] - held[part] for part in {*held, *now} - {FOREIGN}}
        return {key: change for key, change in net.items() if change}

    def _heard(self, body: dict[str, Any]) -> int:
        """An event is journaled, and at once taken in."""
        seq = self.gateway.take_event(body)
        if body["kind"] == "session_opened":
            self._session = f"{CABINET}/{EPOCH}/{seq}"
        return seq

    def _look(self) -> None:
        """See what is asked now, and whether it tells of a theft."""
        self.gateway.now_ms = max(self.gateway.now_ms, START_MS + self._cabinet.now_ms)
        for question in self.audit.look(self._cabinet.now_ms):
            for case in self._cases:
                if case.bin == question.bin:
                    self._noticed(case, question.id, question.reason, question.at_ms)

    def _noticed(self, case: thefts.Case, identity: str, reason: str, at_ms: int) -> None:
        cabinet, epoch, seq = identity.split("/")[:3]
        rows = self.gateway.rows(
            "select kind from inbox where cabinet = ? and epoch = ? and seq = ?", (cabinet, epoch, seq)
        )
        for piece in case.missing():
            piece.noticed_ms, piece.how = at_ms, f"{reason} by {rows[0][0] if rows else 'a person'}"

    def _sum_up(self) -> Report:
        report, rows = self.report, self.gateway.rows
        sum_up(report, self.audit, self._cases)
        report.sessions = self._kinds.total()
        report.sessions_by_kind = dict(self._kinds.most_common())
        report.answered_by_people = rows("select count(*) from resolution where person != ''")[0][0]
        report.settled_by_weight = rows("select count(*) from resolution where person = ''")[0][0]
        report.corrected_bookings = rows("select count(*) from movement where corrects != ''")[0][0]
        report.quarantined = rows("select count(*) from quarantine")[0][0]
        report.rezeroings = rows("select count(*) from rezero")[0][0]
        moved = rows("select bin, sum(to_mg - from_mg) from rezero group by bin")
        report.rezeroed_mg_by_bin = dict(moved)
        report.answers_refused = self._looker.refused[:20]
        return report
