"""What the verdict on a session becomes: bookings where it is sure, questions where it is not.

Pure: values in, rows added through `BinBookings`. What left one bin and arrived in another is moved from bin to bin,
also where it does not belong; an object that is none of the parts stands as a discrepancy with its mass until a
weighing shows it gone. A verdict is kept whatever becomes of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

from edge_gateway.balance import Reference
from edge_gateway.bin_bookings import BinBookings, How, only_part
from edge_gateway.counting.evidence import BinEvidence, BinVerdict, Level, Outcome, SessionEvidence
from edge_gateway.counting.session_count import SURE_PPM, count_session
from edge_gateway.decision import Moved, Mover, OpenDiscrepancy, detail
from edge_gateway.learned import Lesson, taught_by
from edge_gateway.planogram import BinPlan
from edge_gateway.session_evidence import Booked, doubt_detail, verdict_item, verdict_of

GONE = "a later weighing shows that it is gone"
_SAME_MG, _SAME_PPM = 5_000, 100_000  # two weighings of one object differ by no more than one of these


class Weighed(NamedTuple):
    """A bin whose change is to be counted."""

    plan: BinPlan
    evidence: BinEvidence
    settled: bool


class Occurrence(NamedTuple):
    """What is counted: a session, or (`session` "") a change behind shut doors, and on whose account it goes."""

    name: str
    mover: Mover
    occurred_ms: int

    def how(self, what: str, confidence_ppm: int) -> How:
        """How a movement of it comes about."""
        return How(self.mover, what, self.occurred_ms, confidence_ppm)


Movements = dict[int, list[tuple[str, str]]]  # by bin: part and movement


class Accepted(NamedTuple):
    """A verdict on a bin that is sure enough to be booked."""

    plan: BinPlan
    verdict: BinVerdict


def book_session(
    bookings: BinBookings, weighed: Sequence[Weighed], session: SessionEvidence, occurrence: Occurrence
) -> None:
    """Count what happened to these bins together, and book it or ask."""
    verdict = count_session(session)
    waits = hang_on_tags(session, verdict.bins)
    found = {each.plan.bin: (each, verdict_of(verdict, each.plan.bin)) for each in weighed}
    accepted = {
        number: Accepted(each.plan, of_bin)
        for number, (each, of_bin) in found.items()
        if number not in waits and is_sure(bookings, each, of_bin) and not _is_told_late(bookings, each, of_bin)
    }
    movements = book_accepted(bookings, list(accepted.values()), occurrence, "session")
    for number, (each, of_bin) in found.items():
        if number not in accepted:
            ask(bookings, each, of_bin, occurrence)
        taught = _remember(bookings, each, of_bin, occurrence, number in accepted)
        outcome = Booked(
            occurrence.mover,
            occurrence.occurred_ms,
            each.settled,
            number in accepted,
            tuple(movements.get(number, ())),
            of_bin.best.changes if number in accepted else (),
            taught=taught,
        )
        evidence = (session, each.evidence)
        bookings.keep(verdict_item(bookings.decision.cause, (occurrence.name, 1), evidence, of_bin, outcome))


def is_sure(bookings: BinBookings, weighed: Weighed, verdict: BinVerdict) -> bool:
    """Whether a verdict may be booked without asking."""
    if verdict.confidence_ppm < SURE_PPM:
        return False
    best = verdict.best
    return best.nothing or (weighed.settled and (best.foreign_mg >= 0 or bool(_cleared(bookings, weighed.plan, best))))


def hang_on_tags(session: SessionEvidence, verdicts: Sequence[BinVerdict]) -> Collection[int]:
    """Bins whose count rests on one look at the tags: it waits for the second, or for a person.

    A look that missed no tag and found none is the last one.
    """
    if not session.tags or not any(found.silent_ppm or found.came for found in session.tags.values()):
        return ()
    alone = count_session(replace(session, tags=None))
    return {
        with_tags.bin
        for with_tags, without in zip(verdicts, alone.bins, strict=True)
        if with_tags.best != without.best or without.confidence_ppm < SURE_PPM
    }


# ---- what is sure ----


def book_accepted(bookings: BinBookings, accepted: Sequence[Accepted], occurrence: Occurrence, what: str) -> Movements:
    """The movements of verdicts, by bin; what lies in a bin and is none of its parts is noted too."""
    return _Changes(bookings, accepted, occurrence, what).book()


class _Changes:
    """What is to be booked of one occurrence; `what` is how its movements are named."""

    def __init__(self, bookings: BinBookings, accepted: Sequence[Accepted], occurrence: Occurrence, what: str) -> None:
        self._bookings, self._accepted, self._occurrence, self._what = bookings, accepted, occurrence, what
        self._left = {each.plan.bin: dict(each.verdict.best.changes) for each in accepted}
        self._movements: Movements = {}

    def book(self) -> Movements:
        """First what only changed its place, then what was taken or brought."""
        for source in self._accepted:
            for target in self._accepted:
                self._book_misplaced(source, target)
        for each in self._accepted:
            how = self._occurrence.how(self._what, each.verdict.confidence_ppm)
            for part, quantity in self._left[each.plan.bin].items():
                if quantity:
                    self._keep(part, self._bookings.book(each.plan, part, quantity, how), each)
            if each.verdict.best.foreign_mg:
                _note_foreign(self._bookings, each, self._occurrence)
        return self._movements

    def _book_misplaced(self, source: Accepted, target: Accepted) -> None:
        """What left one bin and arrived in another was never taken."""
        here, there = self._left[source.plan.bin], self._left[target.plan.bin]
        for part in here:
            pieces = min(-here[part], there.get(part, 0))
            if pieces > 0:
                sure = min(source.verdict.confidence_ppm, target.verdict.confidence_ppm)
                how = self._occurrence.how(self._what, sure)
                movement = self._bookings.move_between(source.plan, target.plan, part, pieces, how)
                here[part] += pieces
                there[part] -= pieces
                self._keep(part, movement, source, target)

    def _keep(self, part: str, movement: str, *of: Accepted) -> None:
        for each in of:
            self._movements.setdefault(each.plan.bin, []).append((part, movement))


def _note_foreign(bookings: BinBookings, accepted: Accepted, occurrence: Occurrence) -> None:
    plan, foreign_mg = accepted.plan, accepted.verdict.best.foreign_mg
    session = occurrence.mover.session
    cleared = _cleared(bookings, plan, accepted.verdict.best)
    for found in cleared:
        bookings.end(found, plan.bin, GONE)
    if cleared:
        return
    if not plan.parts:
        bookings.open_standing(plan, "no_part", detail(delta_mg=foreign_mg), session)
    elif not all(part.counted for part in plan.parts):
        bookings.open_standing(plan, "no_unit_mass", detail(delta_mg=foreign_mg), session)
    else:
        bookings.note_object(plan, foreign_mg, session)


def _cleared(bookings: BinBookings, plan: BinPlan, best: Outcome) -> list[OpenDiscrepancy]:
    """The objects that lay in a bin and were taken away: the one that weighs the same, or all."""
    known = [found for found in bookings.open_here(plan.bin) if found.foreign_mg]
    known.sort(key=lambda found: abs(found.foreign_mg + best.foreign_mg))
    for group in ([[found] for found in known] + [known]) if best.foreign_mg < 0 else []:
        if group and is_same_mass(sum(found.foreign_mg for found in group), -best.foreign_mg):
            return group
    return []


def is_same_mass(one_mg: float, other_mg: float) -> bool:
    """Whether two masses may be those of one object."""
    return abs(one_mg - other_mg) <= max(_SAME_MG, abs(other_mg) * _SAME_PPM / 1e6)


# ---- what is not ----


def ask(bookings: BinBookings, weighed: Weighed, verdict: BinVerdict, occurrence: Occurrence) -> None:
    """Somebody has to say what happened to a bin."""
    plan, best, session = weighed.plan, verdict.best, occurrence.mover.session
    levels = weighed.evidence.levels
    if _is_told_late(bookings, weighed, verdict):
        part, quantity = next(iter(best.changes), (only_part(plan), 0))
        bookings.open(plan, "read_late", detail(quantity=quantity, stock=bookings.stock(plan, part)), part, session)
    elif not plan.parts:
        bookings.open_standing(plan, "no_part", detail(delta_mg=levels[-1].mg - levels[0].mg), session)
    else:
        reason = "not_this_part" if best.foreign_mg else "uncertain_count"
        bookings.open(plan, reason, doubt_detail(verdict, weighed.evidence), only_part(plan), session)


def _is_told_late(bookings: BinBookings, weighed: Weighed, verdict: BinVerdict) -> bool:
    """Whether a weight newer than the event agrees with the ledger without what the event says."""
    later = None if bookings.ground.later is None else bookings.ground.later.get(weighed.plan.bin)
    if later is None or not verdict.best.changes:
        return False
    holding = bookings.holding(weighed.plan)
    return abs(later.mg - holding.level_mg) <= holding.lightest_mg / 2


# ---- what is kept of it ----


def _remember(
    bookings: BinBookings, weighed: Weighed, verdict: BinVerdict, occurrence: Occurrence, accepted: bool
) -> tuple[Lesson, ...]:
    """What is known of the bin from now on, and what this has taught."""
    decision, number, after = bookings.decision, weighed.plan.bin, weighed.evidence.levels[-1]
    if not (accepted and verdict.best.nothing):
        event = decision.cause
        decision.moved[number] = Moved(
            occurrence.mover.session, event.id, event.occurred_ms, after.mg, weighed.settled, occurrence.mover
        )
    if not (accepted and weighed.settled):
        return ()
    follow(bookings, number, weighed.evidence.levels)
    return learn(bookings, verdict, weighed.evidence)


def follow(bookings: BinBookings, number: int, levels: Sequence[Level]) -> None:
    """A weight that is explained is what later ones are compared with; what was missing before it is missing still."""
    before, last_mg = bookings.ground.references.get(number), levels[-1].mg
    if not bookings.has_open(number, "balance"):
        bookings.decision.references[number] = Reference(last_mg, 0 if before is None else before.sum_mg)
    elif before is not None:
        bookings.decision.references[number] = before._replace(mg=before.mg + last_mg - levels[0].mg)


def learn(bookings: BinBookings, verdict: BinVerdict, evidence: BinEvidence) -> tuple[Lesson, ...]:
    """What sure counts teach about the mass of parts."""
    plan = bookings.ground.plan
    return tuple(
        bookings.lessons.learn(plan.part(verdict.bin, part), pieces, mg, variance)
        for part, pieces, mg, variance in taught_by(verdict.steps, verdict.confidence_ppm, evidence.cell)
    )
