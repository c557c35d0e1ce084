"""What may have happened to one bin: the outcomes its weights allow, weighed with what people do.

Pure. What comes from another bin is weighed here as if it surely could; the session as a whole puts that right.
"""

from dataclasses import dataclass
from itertools import combinations
from math import exp, log, log1p, sqrt

from edge_gateway.counting import prior
from edge_gateway.counting.evidence import BinEvidence, Lump, Mass, SessionEvidence
from edge_gateway.counting.returnable import returnable, shares_of
from edge_gateway.counting.trace import Trace
from edge_gateway.counting.ways import Candidate, Changes, Move, Way, WeighedLump

BEYOND = 3  # the ledger or the planogram may be wrong by so many pieces
_GUESTS_MAX = 3  # pieces of one guest
_KEPT = 14.0  # outcomes e^14 times less likely than the best are dropped
_OUTCOMES_MAX = 24
_NOT_THIS = 36.0  # squared deviations beyond which a lump is no such part


@dataclass(frozen=True, slots=True)
class BinOutcome:
    """One possibility: pieces by part, what is none of the parts, and the log of how likely it is."""

    changes: tuple[tuple[str, int], ...]
    foreign: tuple[int, ...]
    weight: float
    strays: tuple[tuple[str, int], ...]  # of `changes`, what came from other bins
    takes: bool
    returns: int  # parts of the bin of which pieces came
    astray: frozenset[str]  # parts that lay here and belong elsewhere
    moves: tuple[Move, ...]  # by the number of the part in `parts`
    parts: tuple[str, ...]


def bin_outcomes(
    evidence: BinEvidence, session: SessionEvidence, guests: dict[str, Mass], lumps: tuple[Lump, ...]
) -> list[BinOutcome]:
    """The outcomes of a bin, the likeliest first; `guests`: parts of other bins that may have come, `lumps`: pieces."""
    numbers = (*(held.part for held in evidence.held), *guests)
    scorer = _Scorer(evidence, session, numbers)
    trace = Trace(evidence, _candidates(evidence, guests, lumps), scorer.log_prior)
    found = [scorer.outcome(way) for way in trace.outcomes()]
    found.sort(key=lambda outcome: outcome.weight, reverse=True)
    limit = found[0].weight - _KEPT if found else 0.0
    return [outcome for outcome in found[:_OUTCOMES_MAX] if outcome.weight >= limit]


def _candidates(evidence: BinEvidence, guests: dict[str, Mass], lumps: tuple[Lump, ...]) -> tuple[Candidate, ...]:
    heaviest_mg = max(level.mg for level in evidence.levels)
    own = []
    for held in evidence.held:
        by_weight = int(heaviest_mg / held.mass.mean_mg) + 1
        out = min(max(held.stock, 0) + BEYOND, by_weight)
        room = max(held.capacity - held.stock, 0) + BEYOND
        own.append(Candidate(held.mass, max(out, 0), room, guest=False, lumps=_of(held.part, held.mass, lumps)))
    strays = (
        Candidate(mass, 0, _GUESTS_MAX, guest=True, lumps=_of(part, mass, lumps)) for part, mass in guests.items()
    )
    return (*own, *strays)


def _of(part: str, mass: Mass, lumps: tuple[Lump, ...]) -> tuple[WeighedLump, ...]:
    """The lumps of a part that may come back, alone or two single pieces at once."""
    known = [
        WeighedLump(lump.pieces, lump.mg, float(lump.noise_mg) ** 2, share)
        for lump, share in shares_of(part, lumps)
        if lump.mg
    ]
    known = [lump for lump in known if _can_be(mass, lump)]
    singles = [lump for lump in known if lump.pieces == 1]
    return (*known, *(_together(one, other) for one, other in combinations(singles, 2)))


def _together(one: WeighedLump, other: WeighedLump) -> WeighedLump:
    return WeighedLump(2, one.mg + other.mg, one.variance + other.variance, one.share * other.share)


def _can_be(mass: Mass, lump: WeighedLump) -> bool:
    """Whether a lump weighs what so many pieces can: a verdict may have been wrong."""
    pieces, mg, variance, _share = lump
    off = mg - pieces * mass.mean_mg
    return off * off <= _NOT_THIS * (variance + mass.variance(pieces))


def _log_another(evidence: BinEvidence, all_weight: float) -> float:
    """How likely a second part of the bin is taken once one was, whichever two they are."""
    shares = [max(held.weight, 0.01) / max(all_weight, 0.01) for held in evidence.held if held.planned]
    of_two = (1.0 - sum(share * share for share in shares)) / 2
    return log(prior.TWO_PARTS / prior.TAKE / max(of_two, 0.01))


class _Scorer:
    """Weighs the ways of one bin with what people do."""

    def __init__(self, evidence: BinEvidence, session: SessionEvidence, numbers: tuple[str, ...]) -> None:
        self._held = evidence.held
        self._numbers = numbers
        self._known = {-mg for mg in evidence.foreign_mg}
        self._all_weight = sum(max(held.weight, 0.01) for held in evidence.held if held.planned)
        self._log_nothing = log(prior.NOTHING / len(session.bins) if len(evidence.levels) > 2 else prior.UNTOUCHED)
        self._log_shares = [prior.log_share(held, self._all_weight) for held in evidence.held]
        self._log_another = _log_another(evidence, self._all_weight)
        self._astray = frozenset(held.part for held in evidence.held if not held.planned)
        self._returnable = returnable(session.in_hand)
        self._log_any_bin = -log(len(session.bins))  # what comes back has one home; all else may be any bin's
        self._log_take = log(prior.TAKE) + self._log_any_bin
        self._object_sigma_mg = sqrt(2 * evidence.cell.variance(0))
        self._restocks = session.role == "restocker"

    def outcome(self, way: Way) -> BinOutcome:
        """A way with its name and its weight."""
        changes = tuple(sorted((self._numbers[at], n) for at, n in way.changes))
        strays = tuple((self._numbers[at], n) for at, n in way.changes if at >= len(self._held) and n > 0)
        takes = any(n < 0 for _at, n in way.changes)
        returns = sum(n > 0 and at < len(self._held) for at, n in way.changes)
        weight = way.weight + self.log_prior(way.changes, way.foreign)
        return BinOutcome(changes, way.foreign, weight, strays, takes, returns, self._astray, way.moves, self._numbers)

    def log_prior(self, counts: Changes, foreign: tuple[int, ...]) -> float:
        """How likely an outcome is before anything was weighed."""
        if not counts and not foreign:
            return self._log_nothing
        weight = 0.0
        takes = 0
        for at, n in counts:
            if at >= len(self._held):
                weight += log(prior.STRAY_FROM_SESSION) + self._log_any_bin + (n - 1) * log(0.1)
            elif self._restocks:
                weight += self._log_by_restocker(at, n)
            elif n < 0:
                weight += self._log_taken(at, -n) + (self._log_another if takes else self._log_take)
                takes += 1
            else:
                weight += self._log_returned(at, n)
        return weight + self._log_foreign(counts, foreign)

    def _log_taken(self, at: int, n: int) -> float:
        held = self._held[at]
        return prior.log_take(n, held.stock) + self._log_shares[at]

    def _log_returned(self, at: int, n: int) -> float:
        held = self._held[at]
        beyond = 0.0 if held.stock + n <= held.capacity else log(prior.OVERFULL)
        pieces, share = self._returnable.of(held.part)
        return prior.log_return(n, pieces, share) + beyond

    def _log_by_restocker(self, at: int, n: int) -> float:
        held = self._held[at]
        if n < 0:
            return log(prior.REMOVAL) + prior.log_take(-n, held.stock)
        return prior.log_restock(n, held.capacity - held.stock) - log(len(self._held))

    def _log_foreign(self, counts: Changes, foreign: tuple[int, ...]) -> float:
        """What was left or taken away that is none of the parts, beyond what the trace has weighed as a tool."""
        weight = 0.0
        for mg in foreign:
            if mg in self._known:
                weight += log(prior.CLEARED)
            elif mg > 0:
                of_tools = exp(prior.log_tool(mg) + self._log_any_bin)
                weight += self._log_any_bin + log1p(self._core_density(counts, mg) / of_tools)
        return weight

    def _core_density(self, counts: Changes, mg: int) -> float:
        """A used core was left where its part was taken."""
        taken = [(self._held[at].mass.mean_mg, -n) for at, n in counts if n < 0 and at < len(self._held)]
        return sum(
            (prior.CORE if n == 1 else prior.CORES) * prior.core_density(mg, part_mg, self._object_sigma_mg)
            for part_mg, n in taken
        )
