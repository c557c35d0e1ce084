"""A cabinet's life counted by the gateway's counting, session by session, and each verdict beside the truth.

What is known of a part's mass begins with twenty pieces on a bench scale and goes on with every count that is sure, as
the gateway does. Nothing of the truth reaches the counting but the ledger before each session, and the
history of what was taken (which the gateway knows once everything is booked).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from time import perf_counter_ns
from typing import NamedTuple

from edge_gateway.counting.cells import CELLS
from edge_gateway.counting.evidence import (
    BinEvidence,
    Cell,
    Held,
    Level,
    Mass,
    Outcome,
    SessionEvidence,
    TagEvidence,
    Verdict,
)
from edge_gateway.counting.learning import Known, learn, taught
from edge_gateway.counting.session_count import SURE_PPM, count_session
from edge_gateway.counting.tags import Inside, TagRead, history_after, inside_after, tag_evidence
from edge_gateway.learned import taught_by
from simulator.count_bench.bench_tags import gtin
from simulator.count_bench.in_hand import InHand
from simulator.count_bench.record import BinRecord, CabinetRecord, Happened, SessionRecord, TagsRead
from simulator.count_bench.standard_parts import READABILITY_MG

HISTORY_START = 1.0  # times a part counts as taken before it ever was, as in `edge_gateway/session_evidence.py`
FOREIGN_WITHIN_PPM = 100_000
FOREIGN_WITHIN_MG = 5_000
FOREIGN_WITHIN_REPEATS = 4  # a change of load is two readings: 2.8 deviations of it


class Counted(NamedTuple):
    """What became of one session. `mistakes`: how its most probable verdict is wrong, none when it is exact.

    `confidence_ppm`: of the session as a whole; `sure_ppm`: of its least sure bin, 0 where a bin is not at rest.
    """

    kind: str
    exact: bool
    sure_ppm: int
    confidence_ppm: int
    piece_errors: int
    pieces_moved: int
    count_us: int
    mistakes: tuple[str, ...]

    @property
    def accepted(self) -> bool:
        """Whether it was decided without asking."""
        return self.sure_ppm >= SURE_PPM


def count_cabinet(cabinet: CabinetRecord, tags: bool) -> list[Counted]:
    """All sessions of a cabinet in their order."""
    counting = Counting(cabinet)
    return [counting.session(session, tags)[0] for session in cabinet.sessions]


class Counting:
    """One cabinet's counting: what it has learned of the masses, and what was taken so far."""

    def __init__(self, cabinet: CabinetRecord) -> None:
        self._cell = CELLS[cabinet.cell]
        self._planogram = cabinet.planogram
        self._known: dict[str, Known] = {
            part: taught(readings_mg, READABILITY_MG) for part, readings_mg in cabinet.learned.items()
        }
        self._masses: Mapping[str, Mass] = {part: known.mass() for part, known in self._known.items()}
        self._takes: Counter[str] = Counter()
        self._hands = InHand()
        self._tags = _Tags(cabinet.learned)

    def session(self, session: SessionRecord, tags: bool) -> tuple[Counted, Verdict]:
        """Count a session, compare, and learn from it if it was accepted."""
        evidence = self.evidence(session, tags)
        started_ns = perf_counter_ns()
        verdict = count_session(evidence)
        count_us = (perf_counter_ns() - started_ns) // 1000
        counted = judge(session, verdict, count_us, foreign_within_mg(self._cell))
        self._learn(session, verdict)
        self._hands.book(session, verdict)
        for bin_ in session.bins:
            self._takes.update(part for part, n in bin_.truth.changes if n < 0)
        return counted, verdict

    def evidence(self, session: SessionRecord, tags: bool) -> SessionEvidence:
        """A session as the gateway would have it."""
        return SessionEvidence(
            bins=tuple(self._bin(number, bin_) for number, bin_ in enumerate(session.bins, start=1)),
            role=session.role,
            in_hand=self._hands.of(session),
            masses=self._masses,
            tags=self._tags.evidence(session.reads_before, session.reads) if tags else None,
        )

    def _bin(self, number: int, bin_: BinRecord) -> BinEvidence:
        held = tuple(
            Held(part, self._masses[part], stock, capacity, weight=HISTORY_START + self._takes[part])
            for (part, capacity), stock in zip(self._planogram[number - 1], bin_.stock, strict=True)
        )
        return BinEvidence(number, self._cell, held, tuple(Level(*level) for level in bin_.levels))

    def _learn(self, session: SessionRecord, verdict: Verdict) -> None:
        """What sure counts at rest teach, as the gateway takes it."""
        for bin_, found in zip(session.bins, verdict.bins, strict=True):
            for part, pieces, mg, variance in taught_by(found.steps, found.confidence_ppm) if bin_.settled else ():
                self._known[part] = learn(self._known[part], pieces, mg, variance)
                self._masses = {**self._masses, part: self._known[part].mass()}


class _Tags:
    """What the gateway knows of a cabinet's tags, inventory after inventory."""

    def __init__(self, parts: Iterable[str]) -> None:
        self._parts = {gtin(part): part for part in parts}
        self._history: dict[str, tuple[int, int]] = {}
        self._inside = Inside()

    def evidence(self, before: Sequence[TagsRead], reads: Sequence[TagsRead]) -> Mapping[str, TagEvidence]:
        """Of a session's inventories; those before it are only remembered."""
        if before:
            self._remember([_told(read) for read in before])
        now = [_told(read) for read in reads]
        found = tag_evidence(now, self._parts, self._history, self._inside)
        self._remember(now)
        return found

    def _remember(self, reads: Sequence[TagRead]) -> None:
        self._history = history_after(self._history, self._inside, reads)
        self._inside = inside_after(self._inside, reads)


def _told(read: TagsRead) -> TagRead:
    return TagRead(read.pass_, read.seen, read.missing, read.came, read.rounds)


# ---- the verdict beside the truth ----


def foreign_within_mg(cell: Cell) -> int:
    """How far the mass of a foreign object may be off on such a cell, beside a tenth."""
    return FOREIGN_WITHIN_MG + FOREIGN_WITHIN_REPEATS * cell.repeat_mg


def judge(session: SessionRecord, verdict: Verdict, count_us: int, within_mg: int) -> Counted:
    """How a verdict stands beside what happened; `within_mg`: as `foreign_within_mg` says."""
    settled = all(bin_.settled for bin_ in session.bins)
    pairs = [(bin_.truth, found.best) for bin_, found in zip(session.bins, verdict.bins, strict=True)]
    mistakes = tuple(mistake for truth, best in pairs if (mistake := mistake_of(truth, best, within_mg)))
    return Counted(
        kind=session.kind,
        exact=not mistakes,
        sure_ppm=min(bin_.confidence_ppm for bin_ in verdict.bins) if settled else 0,
        confidence_ppm=verdict.confidence_ppm,
        piece_errors=sum(_piece_errors(truth, best) for truth, best in pairs),
        pieces_moved=sum(abs(n) for truth, _best in pairs for _part, n in truth.changes),
        count_us=count_us,
        mistakes=mistakes,
    )


def mistake_of(truth: Happened, best: Outcome, within_mg: int) -> str:
    """In a word, how a bin's verdict is wrong; empty when it is right."""
    named_foreign = bool(best.foreign_mg)
    right_foreign = is_same_mass(truth.foreign_mg, best.foreign_mg, within_mg)
    if truth.changes == best.changes:
        if right_foreign:
            return ""
        return "foreign missed" if not named_foreign else "foreign mass" if truth.foreign_mg else "foreign invented"
    if truth.foreign_mg and not named_foreign:
        return "foreign taken for a part"
    if named_foreign and not truth.foreign_mg:
        return "part taken for foreign"
    return _wrong_pieces(dict(truth.changes), dict(best.changes))


def _wrong_pieces(truth: dict[str, int], best: dict[str, int]) -> str:
    if truth.keys() == best.keys():
        return "wrong count"
    if not best:
        return "missed"
    if not truth:
        return "invented"
    return "wrong part" if len(truth) == len(best) else "wrong combination"


def is_same_mass(truth_mg: int, found_mg: int, within_mg: int) -> bool:
    """Whether a foreign object was named as such: there or not, its sign, and its mass within 10 % and so much."""
    if not truth_mg or not found_mg:
        return truth_mg == found_mg
    within_mg += abs(truth_mg) * FOREIGN_WITHIN_PPM // 1_000_000
    return truth_mg * found_mg > 0 and abs(truth_mg - found_mg) <= within_mg


def _piece_errors(truth: Happened, best: Outcome) -> int:
    error = Counter(dict(truth.changes))
    error.subtract(dict(best.changes))
    return sum(abs(n) for n in error.values())
