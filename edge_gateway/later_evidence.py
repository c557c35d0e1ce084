"""Later evidence corrects earlier: a session is decided again with the weight its bins came to rest at, or its tags.

Pure: rows are added through `BinBookings`. A bin's next settled weight, doors shut, says better what a session left
than its own last weight did, where that had not settled, or left a doubt; and for some minutes in any case. The second
look at the tags says better what the first one said alone. What comes of it is booked in the session's name; what had
been booked otherwise is corrected by a movement that names it. What a person has said stands.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import msgspec

from edge_gateway.bin_bookings import BinBookings, account
from edge_gateway.counting.cells import CELLS
from edge_gateway.counting.evidence import BinVerdict, Level, SessionEvidence, TagEvidence
from edge_gateway.counting.session_count import count_session
from edge_gateway.decision import Moved, OpenDiscrepancy
from edge_gateway.ground import UNSURE
from edge_gateway.learned import Lesson
from edge_gateway.level_check import to_grams
from edge_gateway.planogram import BinPlan
from edge_gateway.session_booking import (
    Accepted,
    Movements,
    Occurrence,
    Weighed,
    ask,
    book_accepted,
    follow,
    hang_on_tags,
    is_same_mass,
    is_sure,
    learn,
)
from edge_gateway.session_evidence import (
    Booked,
    VerdictGround,
    best_of,
    evidence_of,
    ground_of,
    masses_of_guests,
    verdict_item,
    with_last_levels,
)
from edge_gateway.upload_format import VerdictItem

DOUBT_MS = 3_600_000  # for so long a weight says more of a doubt than it has drifted since
SETTLING_MS = 600_000  # for so long a bin may come to rest after a session
SETTLING_PPM = 4_000  # of its cell's capacity: creep, and a reading taken in a hurry; beyond it somebody did something
DECIDED_AGAIN = "decided again by later evidence"


class _Again(NamedTuple):
    """One bin of an occurrence that is decided again."""

    item: VerdictItem
    ground: VerdictGround
    weighed: Weighed
    verdict: BinVerdict
    waits: bool  # for another look at the tags

    @property
    def bin(self) -> int:
        """Its number."""
        return self.item.bin


class LaterEvidence:
    """What the present event says of what happened before it."""

    def __init__(self, bookings: BinBookings) -> None:
        self._bookings = bookings
        self._ground = bookings.ground

    def is_rest_of_a_session(self, plan: BinPlan, level: Level) -> bool:
        """Whether a bin that changed behind shut doors only came to rest."""
        moved = self._ground.moved.get(plan.bin)
        return moved is not None and bool(moved.session) and self._came_to_rest(plan, moved, level)

    def weigh(self, levels: Mapping[int, Level]) -> None:
        """Settled weights of bins, their doors shut, before anything else was done to them."""
        found: dict[str, dict[int, Level]] = defaultdict(dict)
        for number, level in levels.items():
            plan, moved = self._ground.plan.bin(number), self._ground.moved[number]
            if plan.bulk:
                if self._says_more(plan, moved, level):
                    self._weigh_grams(plan, moved, level)
            elif self._has_evidence(number, moved) and self._says_more(plan, moved, level):
                found[moved.occurrence][number] = level
        for occurrence, of_bins in found.items():
            self._decide(occurrence, of_bins, None)

    def hear(self, occurrence: str, tags: Mapping[str, TagEvidence]) -> None:
        """All that its tags will ever say of a session."""
        if occurrence in self._ground.verdicts:
            self._decide(occurrence, {}, tags)

    # ---- which weights matter ----

    def _has_evidence(self, number: int, moved: Moved) -> bool:
        """Whether the verdict is of this change: an end that was told again later goes on from what was booked."""
        item = self._ground.verdicts.get(moved.occurrence, {}).get(number)
        return item is not None and ground_of(item).occurred_ms == moved.occurred_ms

    def _says_more(self, plan: BinPlan, moved: Moved, level: Level) -> bool:
        if (moved.occurrence, plan.bin) in self._ground.answered:
            return False
        return (
            not moved.settled
            or (self._since_ms(moved) <= DOUBT_MS and bool(self._doubts(plan.bin, moved.occurrence)))
            or self._came_to_rest(plan, moved, level)
        )

    def _came_to_rest(self, plan: BinPlan, moved: Moved, level: Level) -> bool:
        """Whether a weight soon after a session is its own, and says something else than what it ended with."""
        if self._since_ms(moved) > SETTLING_MS:
            return False
        reach_mg = CELLS[plan.cell].capacity_mg * SETTLING_PPM / 1e6
        return not moved.settled or _worth_mg(plan) <= abs(level.mg - moved.mg) <= reach_mg

    def _since_ms(self, moved: Moved) -> int:
        return self._bookings.decision.cause.occurred_ms - moved.occurred_ms

    def _doubts(self, number: int, occurrence: str) -> list[OpenDiscrepancy]:
        return [
            found
            for found in self._bookings.open_here(number)
            if found.reason in UNSURE and found.session == occurrence
        ]

    # ---- pieces ----

    def _decide(self, occurrence: str, levels: Mapping[int, Level], tags: Mapping[str, TagEvidence] | None) -> None:
        again = self._count(occurrence, levels, tags)
        fresh = [each for each in again if self._is_new(each, occurrence)]
        for number, level in levels.items():
            moved = self._ground.moved[number]
            self._bookings.decision.moved[number] = moved._replace(mg=level.mg, settled=True)
        if not fresh and not _says_more_later(again, levels, tags):
            return
        first = again[0].ground
        of = Occurrence(occurrence, first.mover, first.occurred_ms)
        accepted = [each for each in fresh if not each.ground.accepted and self._is_sure(each)]
        corrected = [each for each in fresh if each.ground.accepted and self._is_sure(each)]
        movements = book_accepted(
            self._bookings, [Accepted(each.weighed.plan, each.verdict) for each in accepted], of, "again"
        )
        for each in corrected:
            movements[each.bin] = self._correct(each, of)
        self._end_doubts(again, accepted, movements, of)
        self._keep(again, [each.bin for each in (*accepted, *corrected)], movements, of)

    def _count(
        self, occurrence: str, levels: Mapping[int, Level], tags: Mapping[str, TagEvidence] | None
    ) -> list[_Again]:
        items = [item for _bin, item in sorted(self._ground.verdicts[occurrence].items())]
        evidence = with_last_levels(evidence_of(items), levels)
        if tags is not None:
            guests = masses_of_guests((), tags, self._ground.plan, self._ground.masses)
            evidence = replace(evidence, tags=dict(tags), masses=guests | dict(evidence.masses))
        verdict = count_session(evidence)
        heard = tags is not None or ground_of(items[0]).heard
        waits = () if heard else hang_on_tags(evidence, verdict.bins)
        found = []
        for item, of_bin, decided in zip(items, evidence.bins, verdict.bins, strict=True):
            ground = replace_session(ground_of(item), evidence, heard=heard)
            plan = self._ground.plan.bin(item.bin)
            weighed = Weighed(plan, of_bin, ground.settled or item.bin in levels)
            found.append(_Again(item, ground, weighed, decided, item.bin in waits))
        return found

    def _is_sure(self, again: _Again) -> bool:
        return not again.waits and is_sure(self._bookings, again.weighed, again.verdict)

    def _is_new(self, again: _Again, occurrence: str) -> bool:
        """Whether it is said otherwise now, or surely at last, and nobody has said what happened."""
        if (occurrence, again.bin) in self._ground.answered or self._is_asked_late(again.bin, occurrence):
            return False
        if again.ground.accepted:
            return self._is_sure(again) and again.verdict.best.changes != again.ground.booked
        return _is_another(again) or self._is_sure(again)

    def _is_asked_late(self, number: int, occurrence: str) -> bool:
        """Whether it was read late, when newer weights agreed with the ledger without it: a person has to say."""
        asked = self._bookings.open_here(number)
        return any(found.reason == "read_late" and found.session == occurrence for found in asked)

    def _correct(self, again: _Again, of: Occurrence) -> list[tuple[str, str]]:
        """What was booked of a bin and is not what happened."""
        plan, known = again.weighed.plan, dict(again.ground.movements)
        before, now = dict(again.ground.booked), dict(again.verdict.best.changes)
        how = of.how("again", again.verdict.confidence_ppm)
        for part in sorted(before.keys() | now.keys()):
            change = now.get(part, 0) - before.get(part, 0)
            if change and part in known:
                other = self._ground.lies_on(of.name, known[part], account(plan, of.mover.account))
                self._bookings.correct(plan, part, change, (known[part], other), how)
            elif change:
                known[part] = self._bookings.book(plan, part, change, how)
        return list(known.items())

    def _end_doubts(
        self, again: Sequence[_Again], accepted: Sequence[_Again], movements: Movements, of: Occurrence
    ) -> None:
        """What is sure now is no question any longer; what is unsure in another way is another question."""
        sure = {each.bin for each in accepted}
        for each in again:
            doubts = self._doubts(each.bin, of.name)
            is_another = _is_another(each) and bool(of.mover.session)
            if doubts and (each.bin in sure or is_another):
                booked = movements.get(each.bin, [])
                for found in doubts:
                    self._bookings.end(found, each.bin, DECIDED_AGAIN, booked[0][1] if booked else "")
                if each.bin not in sure:
                    ask(self._bookings, each.weighed, each.verdict, of)

    def _keep(self, again: Sequence[_Again], sure: Sequence[int], movements: Movements, of: Occurrence) -> None:
        """A new verdict on every bin of the session: they were reached together."""
        decision = self._bookings.decision
        for each in again:
            accepted = each.ground.accepted or each.bin in sure
            made = tuple(movements.get(each.bin, each.ground.movements))
            booked, taught = each.ground.booked, each.ground.taught
            if each.bin in sure:
                booked, taught = each.verdict.best.changes, self._learn(each)
                self._refer(each, of)
            outcome = Booked(
                of.mover, of.occurred_ms, each.weighed.settled, accepted, made, booked, each.ground.heard, taught
            )
            evidence = (_session_of(each.ground), each.weighed.evidence)
            number = each.item.number + 1
            self._bookings.keep(verdict_item(decision.cause, (of.name, number), evidence, each.verdict, outcome))

    def _learn(self, again: _Again) -> tuple[Lesson, ...]:
        """The session counts once: what it taught when it was counted otherwise is taken back."""
        self._bookings.lessons.take_back(again.ground.taught or ())
        return learn(self._bookings, again.verdict, again.weighed.evidence)

    def _refer(self, again: _Again, of: Occurrence) -> None:
        """What a bin weighs now is explained; of one that was moved since, nothing is known before its next weight."""
        moved = self._ground.moved.get(again.bin)
        if again.ground.accepted and self._bookings.has_open(again.bin, "balance"):
            return  # it was explained before: what is missing is something else
        if moved is None or moved.occurred_ms <= of.occurred_ms:
            follow(self._bookings, again.bin, again.weighed.evidence.levels)
        else:
            self._bookings.decision.references[again.bin] = None

    # ---- grams ----

    def _weigh_grams(self, plan: BinPlan, moved: Moved, level: Level) -> None:
        """The scale is followed: what it shows now is what the session took or brought."""
        part, decision = plan.parts[0], self._bookings.decision
        rest = max(to_grams(level.mg), 0) - self._bookings.stock(plan, part.number)
        decision.moved[plan.bin] = moved = moved._replace(mg=level.mg, settled=True)
        if abs(rest) > max(part.dead_band, 1):
            how = Occurrence(moved.occurrence, moved.mover, moved.occurred_ms).how("again", 1_000_000)
            if moved.movement:
                other = self._ground.lies_on(moved.session, moved.movement, account(plan, moved.mover.account))
                self._bookings.correct(plan, part.number, rest, (moved.movement, other), how)
            else:
                decision.moved[plan.bin] = moved._replace(movement=self._bookings.book(plan, part.number, rest, how))
        for found in self._doubts(plan.bin, moved.occurrence):
            self._bookings.end(found, plan.bin, DECIDED_AGAIN)


def _says_more_later(
    again: Sequence[_Again], levels: Mapping[int, Level], tags: Mapping[str, TagEvidence] | None
) -> bool:
    """Whether what is not booked yet rests on more now: the last look at the tags, or a bin that has settled."""
    open_ones = [each for each in again if not each.ground.accepted]
    return any(tags is not None or (each.bin in levels and not each.ground.settled) for each in open_ones)


def _is_another(again: _Again) -> bool:
    """Whether it is said otherwise now: an object that weighs a little more than it did is the same."""
    before, now = best_of(again.item), again.verdict.best
    if before.changes != now.changes or bool(before.foreign_mg) != bool(now.foreign_mg):
        return True
    return bool(now.foreign_mg) and not is_same_mass(before.foreign_mg, now.foreign_mg)


def _worth_mg(plan: BinPlan) -> float:
    """Less than this changes no count, and makes no part of the bin another one."""
    if plan.bulk:
        return max(plan.parts[0].dead_band, 1) * 1000.0
    masses_mg = sorted(part.unit_mass_mg for part in plan.parts if part.counted)
    return min((heavier - lighter for lighter, heavier in pairwise([0, *masses_mg])), default=0) / 4


def replace_session(ground: VerdictGround, session: SessionEvidence, *, heard: bool) -> VerdictGround:
    """A verdict's ground with what the session knows now."""
    return msgspec.structs.replace(
        ground,
        role=session.role,
        in_hand=session.in_hand,
        masses=dict(session.masses),
        tags=None if session.tags is None else dict(session.tags),
        heard=heard,
    )


def _session_of(ground: VerdictGround) -> SessionEvidence:
    return SessionEvidence((), ground.role, ground.in_hand, ground.masses, ground.tags)
