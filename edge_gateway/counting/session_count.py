"""The verdict on a session: all its bins, tags and people together.

Pure. Each bin's weights allow some outcomes (`bin_outcomes.py`); the session weighs their combinations: a piece that
arrives in one bin left another or was in somebody's hand, a part's tags fall silent when its pieces leave the cabinet,
and few people empty three bins at once.
"""

from itertools import pairwise, product
from math import exp, log, prod, sqrt

from edge_gateway.counting import prior
from edge_gateway.counting.bin_outcomes import BinOutcome, bin_outcomes
from edge_gateway.counting.evidence import (
    BinEvidence,
    BinVerdict,
    Cell,
    Level,
    Lump,
    Mass,
    Outcome,
    SessionEvidence,
    Step,
    Verdict,
)
from edge_gateway.counting.returnable import returnable
from edge_gateway.counting.tag_likelihood import log_likelihood

SURE_PPM = 990_000  # booked without asking from here on: a question costs ten seconds, a dispute half an hour
_COMBINATIONS_MAX = 4000
_CANDIDATES_MAX = 6
_NEGLIGIBLE = 16.0  # combinations e^16 times less likely than the best add nothing
_NOTHING_SIGMAS = 3.0
_LIGHTEST_SIGMAS = 12.0


def count_session(evidence: SessionEvidence) -> Verdict:
    """What most probably happened to every bin, how sure that is, and what else it may have been."""
    moved = [bin_ for bin_ in evidence.bins if not _stood_still(bin_)]
    found = _found(moved, evidence)
    verdicts = {bin_.bin: _nothing(bin_.bin) for bin_ in evidence.bins}
    confidence = 1.0
    if moved:
        best, confidence, shares = _weigh_together(_fewer(found), evidence)
        for at, bin_ in enumerate(moved):
            verdicts[bin_.bin] = _verdict(bin_.bin, best[at], shares[at])
    return Verdict(tuple(verdicts[bin_.bin] for bin_ in evidence.bins), int(confidence * 1e6))


def _found(moved: list[BinEvidence], evidence: SessionEvidence) -> list[list[BinOutcome]]:
    """Each bin's outcomes; with what left the other bins, where something may have come from them."""
    guests = [_guests(bin_, moved, evidence) for bin_ in moved]
    found = [bin_outcomes(bin_, evidence, guests[at], evidence.in_hand) for at, bin_ in enumerate(moved)]
    left = [_left(outcomes[0]) for outcomes in found]
    for at, bin_ in enumerate(moved):
        lumps = tuple(lump for other, of_other in enumerate(left) if other != at for lump in of_other)
        if lumps and _gained(bin_):
            found[at] = bin_outcomes(bin_, evidence, guests[at], (*evidence.in_hand, *lumps))
    return found


def _left(outcome: BinOutcome) -> list[Lump]:
    """Pieces of one part that left a bin together in its likeliest explanation."""
    return [
        Lump(outcome.parts[move.changes[0][0]], -move.changes[0][1], round(-move.mg), round(sqrt(move.variance)))
        for move in outcome.moves
        if len(move.changes) == 1 and move.changes[0][1] < 0
    ]


def _gained(evidence: BinEvidence) -> bool:
    """Whether some level of a bin is higher than the one before."""
    return any(after.mg > before.mg + 3 * evidence.cell.floor_mg for before, after in pairwise(evidence.levels))


def _stood_still(evidence: BinEvidence) -> bool:
    """The everyday case, decided without the sums: no plateau, and nothing that is worth them."""
    if len(evidence.levels) > 2 or evidence.foreign_mg:
        return False
    before, after = evidence.levels
    lightest_mg = min((held.mass.mean_mg for held in evidence.held), default=0.0)
    return stood_still(evidence.cell, before, after, lightest_mg)


def stood_still(cell: Cell, before: Level, after: Level, lightest_mg: float) -> bool:
    """Whether nothing moved between two levels: no change, and one piece would show."""
    touched = sqrt(cell.variance(before.noise_mg) + cell.variance(after.noise_mg))
    return reads_the_same(cell, before, after) and lightest_mg > _LIGHTEST_SIGMAS * touched


def reads_the_same(cell: Cell, before: Level, after: Level) -> bool:
    """Whether two levels differ by no more than those of a bin that nobody touches."""
    at_rest = sqrt(cell.rest_variance(before.noise_mg) + cell.rest_variance(after.noise_mg))
    return abs(after.mg - before.mg) <= _NOTHING_SIGMAS * at_rest


def _nothing(number: int) -> BinVerdict:
    return BinVerdict(number, Outcome(), 1_000_000, ((Outcome(), 1_000_000),))


def _guests(bin_: BinEvidence, moved: list[BinEvidence], session: SessionEvidence) -> dict[str, Mass]:
    """Parts of other bins that may have come into this one: what left another bin now, is in somebody's hand, or is
    heard to have come.
    """
    if session.role == "restocker":
        return {}
    own = {held.part for held in bin_.held}
    coming = [lump.part for lump in session.in_hand]
    coming += sorted(part for part, found in (session.tags or {}).items() if found.came)
    guests = {part: session.masses[part] for part in coming if part not in own and part in session.masses}
    for other in moved:
        if other.bin != bin_.bin:
            guests |= {held.part: held.mass for held in other.held if held.part not in own}
    return guests


def _fewer(found: list[list[BinOutcome]]) -> list[list[BinOutcome]]:
    """Few enough outcomes a bin that all combinations can be looked at."""
    found = [list(outcomes) for outcomes in found]
    while prod(len(outcomes) for outcomes in found) > _COMBINATIONS_MAX:
        longest = max(found, key=len)
        if len(longest) == 1:
            break
        longest.pop()
    return found


def _weigh_together(
    found: list[list[BinOutcome]], evidence: SessionEvidence
) -> tuple[tuple[BinOutcome, ...], float, list[dict[Outcome, float]]]:
    """The likeliest combination, its probability, and each bin's outcomes with theirs."""
    in_hand = returnable(evidence.in_hand).share
    weighed = [(_log_weight(whole, evidence, in_hand), whole) for whole in product(*found)]
    highest, best = max(weighed, key=lambda pair: pair[0])
    weighed = [pair for pair in weighed if pair[0] > highest - _NEGLIGIBLE]
    total = sum(exp(weight - highest) for weight, _whole in weighed)
    named = _outcomes(best)
    shares: list[dict[Outcome, float]] = [{} for _ in found]
    same = 0.0
    for weight, whole in weighed:
        share = exp(weight - highest) / total
        outcomes = _outcomes(whole)
        same += share if all(map(_is_same, outcomes, named)) else 0.0
        for of, outcome in zip(shares, outcomes, strict=True):
            of[outcome] = of.get(outcome, 0.0) + share
    return best, same, shares


def _log_weight(whole: tuple[BinOutcome, ...], evidence: SessionEvidence, in_hand: dict[str, float]) -> float:
    weight = sum(outcome.weight for outcome in whole)
    takes = sum(outcome.takes for outcome in whole)
    if takes and evidence.role != "restocker":
        weight += (takes - 1) * log(prior.MORE_BINS * len(evidence.bins)) + _log_beside_takes(whole)
    for at, outcome in enumerate(whole):
        for part, _n in outcome.strays:
            weight += _log_stray(part, at, whole, in_hand, takes)
        if outcome.returns and evidence.role != "restocker":
            weight += sum(_log_homecoming(part, n, whole, evidence) for part, n in outcome.changes)
    if evidence.tags is not None:
        weight += _log_tags(whole, evidence)
    return weight


def _log_beside_takes(whole: tuple[BinOutcome, ...]) -> float:
    """Who takes something seldom brings something back, and is likelier to leave a tool than who takes nothing."""
    returns = sum(outcome.returns for outcome in whole)
    objects = sum(mg > 0 for outcome in whole for mg in outcome.foreign)
    taken = sum(-n for outcome in whole for _part, n in outcome.changes if n < 0)
    beside = prior.TOOL_BESIDE_ONE if taken == 1 else prior.TOOL_BESIDE_MORE
    return returns * log(prior.RETURN_BESIDE_TAKE) + objects * log(beside)


def _log_homecoming(part: str, n: int, whole: tuple[BinOutcome, ...], evidence: SessionEvidence) -> float:
    """How much likelier a return is than where it was weighed alone: its pieces left another bin in this session."""
    left = [outcome for outcome in whole for name, m in outcome.changes if name == part and m < 0]
    if n <= 0 or not left:
        return 0.0
    strayed = any((part, -n) in outcome.changes and part in outcome.astray for outcome in left)
    chance = prior.HOMECOMING if strayed else prior.STRAY_FROM_SESSION / len(evidence.bins)
    alone = prior.log_return(n, *returnable(evidence.in_hand).of(part)) + log(prior.RETURN_BESIDE_TAKE)
    return max(log(chance) - alone, 0.0)


def _log_stray(part: str, at: int, whole: tuple[BinOutcome, ...], in_hand: dict[str, float], takes: int) -> float:
    """How much less likely a stray is than where it was weighed alone: it must come from somewhere."""
    others = (outcome for other, outcome in enumerate(whole) if other != at)
    left_now = any(name == part and n < 0 for outcome in others for name, n in outcome.changes)
    chance = prior.STRAY_FROM_SESSION if left_now else 0.0
    from_before = prior.STRAY_FROM_BEFORE * (prior.RETURN_BESIDE_TAKE if takes else 1.0)
    chance += from_before * (in_hand.get(part, 0.0) + prior.RETURN_OF_OTHERS / 4)
    return log(max(chance, 1e-9) / prior.STRAY_FROM_SESSION)


def _log_tags(whole: tuple[BinOutcome, ...], evidence: SessionEvidence) -> float:
    changes: dict[str, int] = {}
    for outcome in whole:
        for part, n in outcome.changes:
            changes[part] = changes.get(part, 0) + n
    assert evidence.tags is not None  # noqa: S101 - the caller has looked
    return sum(log_likelihood(tags, changes.get(part, 0)) for part, tags in evidence.tags.items())


def _outcomes(whole: tuple[BinOutcome, ...]) -> tuple[Outcome, ...]:
    return tuple(_outcome(outcome) for outcome in whole)


def _outcome(outcome: BinOutcome) -> Outcome:
    return Outcome(outcome.changes, sum(outcome.foreign))


def _is_same(one: Outcome, other: Outcome) -> bool:
    """The same pieces, and either nothing else or something of about the same mass."""
    if one.changes != other.changes:
        return False
    a, b = one.foreign_mg, other.foreign_mg
    return (a == 0) == (b == 0) and abs(a - b) <= 5_000 + abs(a) // 10


def _verdict(number: int, best: BinOutcome, shares: dict[Outcome, float]) -> BinVerdict:
    """A bin's outcomes, those that are the same to a person added up."""
    named = _outcome(best)
    merged: dict[Outcome, float] = {}
    for outcome, share in sorted(shares.items(), key=lambda pair: pair[1], reverse=True):
        same = next((other for other in merged if _is_same(other, outcome)), outcome)
        merged[same] = merged.get(same, 0.0) + share
    ranked = sorted(merged.items(), key=lambda pair: pair[1], reverse=True)
    chosen = next(outcome for outcome in merged if _is_same(outcome, named))
    candidates = tuple((outcome, int(share * 1e6)) for outcome, share in ranked[:_CANDIDATES_MAX] if share * 1e6 >= 1)
    return BinVerdict(number, chosen, int(merged[chosen] * 1e6), candidates, tuple(_steps(best)))


def _steps(outcome: BinOutcome) -> list[Step]:
    return [
        Step(
            move.level,
            tuple(sorted((outcome.parts[at], n) for at, n in move.changes)),
            move.foreign_mg,
            round(move.mg),
            round(sqrt(move.variance)),
        )
        for move in outcome.moves
    ]
