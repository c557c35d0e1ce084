"""A settled weight against the ledger: pieces that do not agree open a discrepancy, grams follow the scale.

Pure: rows are added through `BinBookings`. `balance.py` says what agrees. Where a bin is in doubt already, or was given
to another part, its weight is no check of anything.
"""

from edge_gateway.balance import Judgement, Reference, confirms, judge, judge_start
from edge_gateway.bin_bookings import BinBookings, How
from edge_gateway.counting.evidence import Level
from edge_gateway.decision import detail, nobody
from edge_gateway.gain import Gain, learn
from edge_gateway.ground import SETTLED_BY_WEIGHT, UNSURE
from edge_gateway.planogram import BinPlan
from edge_gateway.session_booking import GONE, is_same_mass
from edge_gateway.upload_format import ReZeroItem

AGREES = "a later weighing agrees with the ledger"


def check_level(bookings: BinBookings, plan: BinPlan, mg: int, noise_mg: int, session: str) -> None:
    """Hold a bin's weight against what the ledger says it holds."""
    later = None if bookings.ground.later is None else bookings.ground.later.get(plan.bin)
    if later is not None:
        mg, noise_mg = later
    if bookings.ground.is_open(plan.bin, "part_changed"):
        return
    if plan.bulk:
        _follow_bulk(bookings, plan, mg, session)
    elif plan.parts and all(part.counted for part in plan.parts):
        _check_pieces(bookings, plan, Level(0, mg, noise_mg), session)


def _check_pieces(bookings: BinBookings, plan: BinPlan, found: Level, session: str) -> None:
    decision = bookings.decision
    if bookings.has_open(plan.bin, *UNSURE):
        _keep_gain(bookings, plan, bookings.gain(plan.bin))
        if not _may_be_decided_again(bookings, plan) and confirms(found, bookings.holding(plan)):
            decision.references[plan.bin] = Reference(found.mg, 0)
            _end_agreed(bookings, plan)
        return
    reference = decision.references.get(plan.bin, bookings.ground.references.get(plan.bin))
    judgement = _judged(bookings, plan, found, reference)
    if not judgement.agrees:
        if not _is_cleared(bookings, plan, judgement, found):
            facts = detail(
                found_mg=found.mg,
                expected_mg=judgement.expected_mg,
                stock=[[part.number, bookings.stock(plan, part.number)] for part in plan.parts],
                limit_mg=judgement.limit_mg,
            )
            bookings.open_standing(plan, "balance", facts, session)
        return
    if not judgement.firm and bookings.has_open(plan.bin, "balance"):
        return  # it does not agree as surely as it did not before
    if judgement.reference != reference:
        decision.references[plan.bin] = judgement.reference
    if judgement.rezero_mg is not None and judgement.reference is not None:
        _record(bookings, plan, judgement.rezero_mg, judgement.reference.mg, judgement.reference.sum_mg)
    if judgement.firm:
        _end_agreed(bookings, plan)
        _learn_gain(bookings, plan, found)


def _judged(bookings: BinBookings, plan: BinPlan, found: Level, reference: Reference | None) -> Judgement:
    """A weight in the course of a start, or the first one of another."""
    holding = bookings.holding(plan)
    if reference is None or plan.bin in bookings.decision.references or not bookings.has_started(plan.bin):
        _keep_gain(bookings, plan, holding.gain)
        return judge(found, reference, holding)
    judgement, gain = judge_start(found, reference, holding, bookings.ground.gains[plan.bin])
    is_told = judgement.firm or not bookings.has_open(plan.bin, "balance")
    _keep_gain(bookings, plan, gain if is_told else holding.gain)
    return judgement


def _keep_gain(bookings: BinBookings, plan: BinPlan, gain: Gain) -> None:
    if gain != bookings.ground.gains.get(plan.bin):
        bookings.decision.gains[plan.bin] = gain


def _learn_gain(bookings: BinBookings, plan: BinPlan, found: Level) -> None:
    """A sure count tells what lies there: where that says much more of the gain than is known, it is believed."""
    holding = bookings.holding(plan)
    if holding.gain.sigma_ppm:
        by_count = learn(holding.gain, found, holding.load, holding.cell)
        if 2 * by_count.sigma_ppm < holding.gain.sigma_ppm:
            bookings.decision.gains[plan.bin] = by_count


def _may_be_decided_again(bookings: BinBookings, plan: BinPlan) -> bool:
    """Whether a doubt has its evidence here: then the weight was looked at with it, and says no more by itself."""
    verdicts = bookings.ground.verdicts
    return any(
        plan.bin in verdicts.get(found.session, {})
        for found in bookings.ground.open_here(plan.bin).values()
        if found.reason in UNSURE
    )


def _record(bookings: BinBookings, plan: BinPlan, from_mg: int, to_mg: int, sum_mg: int) -> None:
    cause = bookings.decision.cause
    bookings.decision.rezeros.append(
        ReZeroItem(
            f"{cause.id}/{plan.bin}/rezero",
            cause.cabinet,
            plan.bin,
            cause.id,
            from_mg,
            to_mg,
            sum_mg,
            cause.occurred_ms,
        )
    )


def _is_cleared(bookings: BinBookings, plan: BinPlan, judgement: Judgement, found: Level) -> bool:
    """Whether the difference is an object that lay there and does not any more."""
    missing_mg = judgement.expected_mg - found.mg
    objects = [known for known in bookings.open_here(plan.bin) if known.foreign_mg]
    for known in sorted(objects, key=lambda known: abs(known.foreign_mg - missing_mg)):
        if is_same_mass(known.foreign_mg, missing_mg):
            bookings.end(known, plan.bin, GONE)
            bookings.decision.references[plan.bin] = judge(found, None, bookings.holding(plan)).reference
            return True
    return False


def _end_agreed(bookings: BinBookings, plan: BinPlan) -> None:
    for found in bookings.open_here(plan.bin):
        if found.reason in SETTLED_BY_WEIGHT:
            bookings.end(found, plan.bin, AGREES)


def _follow_bulk(bookings: BinBookings, plan: BinPlan, mg: int, session: str) -> None:
    """What a settled weight shows beyond the dead band happened outside any session: in sight, unexplained."""
    part = plan.parts[0]
    rest = max(to_grams(mg), 0) - bookings.stock(plan, part.number)
    if abs(rest) <= max(part.dead_band, 1):
        _end_agreed(bookings, plan)
    elif not bookings.has_open(plan.bin, *UNSURE):
        how = How(nobody("", session), "level", bookings.decision.cause.occurred_ms, 1_000_000)
        movement = bookings.move(plan, part.number, rest, how)
        bookings.open_standing(plan, "unexplained_change", detail(quantity=rest, movement=movement), session)


def to_grams(mg: int) -> int:
    """Milligrams as the nearest whole gram, halves away from zero."""
    grams = (abs(mg) + 500) // 1000
    return grams if mg >= 0 else -grams
