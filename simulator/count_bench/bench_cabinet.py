"""A cabinet of the bench and its life: a planogram, sixty sessions, what they weighed, and the truth.

Physics to firmware to evidence. Every planogram has new cells. Between two sessions pass minutes to hours, and a
caretaker clears away what does not belong there and fills empty places; before every session the ledger is what really
lies there. It counts nothing.
"""

from collections import Counter
from math import exp, log
from random import Random
from typing import NamedTuple

from cabinet.weighing import SETTLED

from edge_gateway.counting.cells import CELLS
from edge_gateway.counting.evidence import Mass
from edge_gateway.counting.learning import taught
from edge_gateway.counting.separability import PlacedPart, check_bin
from simulator.count_bench.bench_planogram import BINS, Drawn, Place, draw_planogram
from simulator.count_bench.bench_tags import TaggedCabinet
from simulator.count_bench.hands import Action, script_of
from simulator.count_bench.record import BinRecord, CabinetRecord, Happened, SessionRecord, TagsRead
from simulator.count_bench.shelf import FOREIGN, Shelf, Thing
from simulator.count_bench.standard_mix import Visit, Workshop
from simulator.count_bench.standard_parts import READABILITY_MG, family_of, learning_readings_mg, standard_parts
from simulator.count_bench.weighed_session import WeighedCabinet

SESSIONS_A_PLANOGRAM = 60
BETWEEN_MEDIAN_MS = 45 * 60_000
BETWEEN_SIGMA = 1.2
BETWEEN_MS_MIN = 3 * 60_000
BETWEEN_MS_MAX = 14 * 3_600_000
YEAR_US = 365 * 86_400_000_000


Closed = tuple[int, list[tuple[int, ...]], list[tuple[int, ...]]]  # open_ms, rows and plateaus of `session_closed`
Step = tuple[int, list[tuple[int, int]], int, tuple[Action, ...]]  # as `weighed_session.play` says


class Chunk(NamedTuple):
    """The smallest piece of work: one planogram of a row. It depends on nothing but these values."""

    seed: int
    cell: str
    parts_per_cell: int
    number: int
    sessions: int = SESSIONS_A_PLANOGRAM


class Played(NamedTuple):
    """What was done to a cabinet, as `weighed_session.play` wants it, and what its sessions closed with."""

    cell: str
    loads_mg: tuple[int, ...]
    seed: int
    began_us: int
    steps: list[Step]
    closed: list[Closed]


def live(chunk: Chunk) -> CabinetRecord:
    """A cabinet's life from its planogram to its last session."""
    return lived(chunk)[0]


def lived(chunk: Chunk) -> tuple[CabinetRecord, Played]:
    """The same, and what was done to its cells."""
    random = Random(f"{chunk.seed}/{chunk.cell}/{chunk.parts_per_cell}/{chunk.number}")
    drawn, learned = _planogram(chunk, random)
    shelf = Shelf(drawn.bins, random)
    loads_mg = tuple(shelf.load_mg(bin_) for bin_ in range(BINS))
    made = (chunk.cell, loads_mg, random.randrange(1_000_000), random.randrange(YEAR_US))
    life = _Life(shelf, Workshop(shelf, chunk.cell, random), WeighedCabinet(*made), random)
    sessions = [life.session() for _ in range(chunk.sessions)]
    plan = tuple(tuple((place.part.number, place.capacity) for place in places) for places in drawn.bins)
    record = CabinetRecord(chunk.cell, plan, learned, tuple(sessions), drawn.refused, drawn.did_not_fit)
    return record, Played(*made, life.steps, life.closed)


def _planogram(chunk: Chunk, random: Random) -> tuple[Drawn, dict[str, tuple[int, ...]]]:
    """A planogram that the product's check accepts by weight alone, and what is known of its parts."""
    parts = standard_parts(chunk.seed, family_of(chunk.cell))
    learned = {part.number: learning_readings_mg(part, random) for part in parts}
    cell = CELLS[chunk.cell]

    def accepts(places: tuple[Place, ...]) -> bool:
        placed = [PlacedPart(place.part.number, known(place.part.number), place.capacity) for place in places]
        return check_bin(cell, placed).verdict != "refused"

    def known(part: str) -> Mass:
        return taught(learned[part], READABILITY_MG).mass()

    drawn = draw_planogram(parts, chunk.cell, chunk.parts_per_cell, random, accepts)
    return drawn, {part.number: learned[part.number] for part in drawn.parts}


class _Life:
    """One session after the other."""

    def __init__(self, shelf: Shelf, workshop: Workshop, weighed: WeighedCabinet, random: Random) -> None:
        self._shelf = shelf
        self._workshop = workshop
        self._weighed = weighed
        self._random = random
        self._tagged = TaggedCabinet([thing for things in shelf.things for thing in things], Random(random.random()))
        self._reads_before = self._tagged.start()
        self._cleared: list[tuple[int, int]] = []  # bins and their loads, since the last session
        self.steps: list[Step] = []
        self.closed: list[Closed] = []

    def session(self) -> SessionRecord:
        """Some time passes, somebody comes; what it weighed and what it was."""
        shelf, weighed, workshop = self._shelf, self._weighed, self._workshop
        at_ms = weighed.now_ms + _between_ms(self._random)
        weighed.rest_until(at_ms)
        loads_mg = [shelf.load_mg(bin_) for bin_ in range(BINS)]
        stocks = [shelf.stock(bin_) for bin_ in range(BINS)]
        hands = [_counted(Counter(thing.part for thing in hand)) for hand in workshop.hands]
        before = self._pieces()
        visit = workshop.next_visit()
        script = script_of(visit, loads_mg, self._random)
        closed = weighed.session(script.shut_ms, script.actions)
        self.steps.append((at_ms, self._cleared, script.shut_ms, script.actions))
        self.closed.append(closed)
        session = SessionRecord(
            kind=visit.kind,
            person=visit.person,
            role=visit.role,
            at_ms=at_ms,
            in_hand=hands[visit.person],
            bins=tuple(self._bin(bin_, closed, stocks[bin_], visit) for bin_ in range(BINS)),
            reads_before=self._reads_before,
            reads=self._read(before),
        )
        self._caretaker()
        return session

    def _bin(self, bin_: int, closed: Closed, stock: Counter[str], visit: Visit) -> BinRecord:
        open_ms, rows, plateaus = closed
        _number, before_mg, before_noise_mg, mg, noise_mg, quality = rows[bin_]
        between = [(at_ms, level_mg, noise) for number, at_ms, level_mg, noise in plateaus if number == bin_ + 1]
        levels = ((0, before_mg, before_noise_mg), *between, (open_ms, mg, noise_mg))
        planned = tuple(stock[place.part.number] for place in self._shelf.plan[bin_])
        return BinRecord(planned, levels, quality == SETTLED, _truth(bin_, stock, self._shelf, visit))

    def _pieces(self) -> set[Thing]:
        return {thing for things in self._shelf.things for thing in things}

    def _read(self, before: set[Thing]) -> tuple[TagsRead, ...]:
        """The reader's inventories after what changed since."""
        after = self._pieces()
        return self._tagged.session(_by_tag(before - after), _by_tag(after - before))

    def _caretaker(self) -> None:
        """Clear away what does not belong there, and fill what is empty; everything comes to rest after it."""
        shelf = self._shelf
        loads_mg = [shelf.load_mg(bin_) for bin_ in range(BINS)]
        before = self._pieces()
        shelf.clear()
        self._reads_before = self._read(before) if self._pieces() != before else ()
        self._cleared = [(bin_, shelf.load_mg(bin_)) for bin_ in range(BINS) if shelf.load_mg(bin_) != loads_mg[bin_]]
        for bin_, mg in self._cleared:
            self._weighed.set_load(bin_, mg)


def _by_tag(things: set[Thing]) -> list[Thing]:
    """In an order that does not depend on where they lie in memory."""
    return sorted(things, key=lambda thing: (thing.part, thing.tag, thing.mass_mg))


def _between_ms(random: Random) -> int:
    drawn = exp(random.gauss(log(BETWEEN_MEDIAN_MS), BETWEEN_SIGMA))
    return round(min(max(drawn, BETWEEN_MS_MIN), BETWEEN_MS_MAX))


def _truth(bin_: int, before: Counter[str], shelf: Shelf, visit: Visit) -> Happened:
    after = shelf.stock(bin_)
    changes = {part: after[part] - before[part] for part in sorted({*before, *after} - {FOREIGN})}
    laid_in = (thing for reach in visit.reaches if reach.bin == bin_ for thing in reach.into)
    foreign_mg = sum(thing.mass_mg for thing in laid_in if thing.part == FOREIGN)
    return Happened(tuple((part, n) for part, n in changes.items() if n), foreign_mg)


def _counted(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items()))
