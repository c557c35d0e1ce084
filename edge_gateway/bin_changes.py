"""What a bin's change of weight becomes: a booking where it is sure, a discrepancy where it is not.

Pure: values in, rows added to a `Decision`. This file looks at each bin of an event and says which way it goes: nothing
moved (the everyday case, decided without any sums), pieces to be counted with all that moved beside them
(`session_booking.py`), grams, or a weight that tells nothing. Settled weights are then held against the ledger
(`level_check.py`), and against sessions that were in doubt (`later_evidence.py`).

Reasons of a discrepancy, and the keys of its `detail`:
    uncertain_count     candidates [[[[part, change]...], foreign_mg, ppm]...], delta_mg, before_mg, after_mg,
                        stock [[part, number]...], unit; delta_mg alone while the bin still holds the part it had
                        before; of an older gateway candidates [[change, ppm]...], stock as a number
    not_this_part       the same: the weight is likelier something else than any count of the parts
    misplaced           quantity, belongs_to: pieces of a part that the planogram puts elsewhere (`review.py`)
    foreign_object      foreign_mg, delta_mg: something lies there that is none of the parts
    balance             found_mg, expected_mg, stock, limit_mg: the settled weight is not what the ledger says
    blind               before_mg, after_mg: the sensor gave no weight, so nobody knows whether something moved
    no_part             delta_mg: weight moved in a bin without a part
    no_unit_mass        delta_mg: weight moved in a bin with a part that has no unit mass
    no_person           quantity, movement: moved in a session that nobody's badge opened
    unexplained_change  quantity, movement: moved behind a shut door, or (bulk) between two sessions
    more_than_held      quantity, held, movement: more was taken than the ledger held
    part_changed        part_before, stock: the planogram gave the bin to another part while it was not empty
    read_late           quantity, stock: an event that was set aside is read now, and newer weights agree with the
                        ledger without what it says: somebody may have booked that already
    session_unended     next: another session of the cabinet began, and the end of this one never came
    contested           note, person: somebody does not agree with a session
    different_content   epoch, seq: two different events under one identity; the second is in quarantine
    journal_lost, journal_unfinished   epoch, through, journal_last: what an ended journal may have held back
    journal_forgotten   epoch, through, journal_first, missing: events the cabinet no longer holds, and nobody here
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cabinet import wire

from edge_gateway.bin_bookings import BinBookings, How, only_part
from edge_gateway.counting.cells import CELLS
from edge_gateway.counting.evidence import Level, SessionEvidence
from edge_gateway.counting.session_count import reads_the_same, stood_still
from edge_gateway.decision import Decision, Moved, Mover, Weighed, detail
from edge_gateway.gain import START_PPM, across_start
from edge_gateway.ground import UNSURE, Ground
from edge_gateway.later_evidence import SETTLING_MS, LaterEvidence
from edge_gateway.level_check import check_level, to_grams
from edge_gateway.planogram import BinPlan
from edge_gateway.session_booking import Occurrence, book_session
from edge_gateway.session_booking import Weighed as WeighedBin
from edge_gateway.session_evidence import Contents, bin_evidence, held_parts, masses_of_guests

NAMELESS_MG_MIN = 2000  # in a bin without a part, less than this is not worth a question

Plateaus = Mapping[int, Sequence[Level]]  # by bin


class Bins:
    """The bins of one event, gathered one after the other; `finish` decides about all of them."""

    def __init__(self, decision: Decision, ground: Ground, mover: Mover, plateaus: Plateaus | None = None) -> None:
        self.decision = decision
        self.ground = ground
        self.mover = mover
        self.bookings = BinBookings(decision, ground)
        self._plateaus = plateaus or {}
        self._moved: list[tuple[BinPlan, Weighed]] = []
        self._settled: dict[int, Level] = {}  # what is to be held against the ledger
        self._rested: dict[int, Level] = {}  # what bins came to weigh since the event before

    def weighed(self, row: list[Any]) -> None:
        """One weighing with the doors shut: to be compared with the ledger, and with what a session left."""
        found = Weighed(row[0], None, 0, row[1], row[2], row[3])
        self._weigh(found)
        self._keep_rested(found)

    def told_again(self, row: list[Any]) -> None:
        """A bin of a session whose end was told before: what does not go on from the ledger is booked already."""
        number, before_mg = row[:2]
        plan = self.ground.plan.bin(number)
        holding = self.bookings.holding(plan)
        if holding.pieces and before_mg is not None and 2 * abs(before_mg - holding.level_mg) <= holding.lightest_mg:
            self.changed(row)
        else:
            self._weigh(Weighed(*row))

    def changed(self, row: list[Any]) -> None:
        """Two weighings, and what happened between them."""
        found = Weighed(*row)
        self.decision.weighings.append(found)
        plan = self.ground.plan.bin(found.bin)
        if found.before_mg is not None and self.ground.open_by_bin.get(found.bin):
            self._keep_before(found)
        if found.before_mg is None and found.mg is not None and found.quality == wire.SETTLED:
            self._settled[plan.bin] = Level(0, found.mg, found.noise_mg)
        elif found.mg is None or found.before_mg is None or found.quality == wire.BLIND:
            self._blind(plan, found)
        elif self.ground.is_open(plan.bin, "part_changed"):
            self._nameless(plan, found, "uncertain_count")
        elif plan.bulk:
            self._bulk(plan, found)
        elif plan.lightest_mg:
            self._pieces(plan, found)
        else:
            self._without_part(plan, found)

    def behind_shut_doors(self, row: list[Any]) -> None:
        """A change without a session: what one left in motion, or something that happened by itself."""
        found = Weighed(*row)
        if found.before_mg is None or self._is_rest_of_a_session(found):
            self._weigh(found)
            self._keep_rested(found)
        else:
            self.changed(row)

    def finish(self, occurrence: str) -> None:
        """Decide about all bins. `occurrence`: the session's name, or the event's."""
        if self._rested:
            LaterEvidence(self.bookings).weigh(self._rested)
        if self._moved:
            self._count(occurrence)
        for number, level in self._settled.items():
            plan = self.ground.plan.bin(number)
            if not self._is_quiet(plan, level):
                check_level(self.bookings, plan, level.mg, level.noise_mg, self.mover.session)
        self.bookings.expect_booked()

    def _is_quiet(self, plan: BinPlan, level: Level) -> bool:
        """The everyday case: nothing was booked, nothing is open, and the weight is the one that was judged before."""
        ground, number = self.ground, plan.bin
        reference = ground.references.get(number)
        if number not in ground.gains or self.bookings.gain(number).sigma_ppm >= START_PPM:
            return False
        if reference is None or ground.open_by_bin.get(number) or number in self.decision.touched:
            return False
        strays = len(ground.in_bins.get(plan.account, ())) > len(plan.parts)
        return abs(level.mg - reference.mg) <= plan.quiet_mg and not strays and ground.later is None

    # ---- which way a bin goes ----

    def _weigh(self, found: Weighed) -> None:
        self.decision.weighings.append(found)
        if found.quality == wire.SETTLED and found.mg is not None:
            self._settled[found.bin] = Level(0, found.mg, found.noise_mg)

    def _keep_rested(self, found: Weighed) -> None:
        """A settled weight after a session may say more of it than its own end did."""
        moved = self.ground.moved.get(found.bin)
        if moved is None or found.bin not in self._settled or self.ground.later is not None:
            return
        has_started = self.bookings.has_started(found.bin)
        if has_started or moved.occurred_ms < self.bookings.gain(found.bin).since_ms:  # read with another gain
            return
        since_ms = self.decision.cause.occurred_ms - moved.occurred_ms
        if since_ms <= SETTLING_MS or not moved.settled or self.ground.open_by_bin.get(found.bin):
            self._rested[found.bin] = self._settled[found.bin]

    def _keep_before(self, found: Weighed) -> None:
        """What a bin in doubt weighed before this event, where no session's beginning told of it."""
        ground = self.ground
        if self.bookings.has_started(found.bin):
            return
        if found.bin in ground.moved and ground.later is None and ground.is_open(found.bin, *UNSURE):
            self._rested[found.bin] = Level(0, found.before_mg or 0, found.before_noise_mg)

    def _is_rest_of_a_session(self, found: Weighed) -> bool:
        if found.mg is None or found.quality != wire.SETTLED:
            return False
        level = Level(0, found.mg, found.noise_mg)
        return LaterEvidence(self.bookings).is_rest_of_a_session(self.ground.plan.bin(found.bin), level)

    def _blind(self, plan: BinPlan, found: Weighed) -> None:
        if plan.parts:
            facts = detail(before_mg=found.before_mg, after_mg=found.mg)
            self.bookings.open_standing(plan, "blind", facts, self.mover.session)

    def _nameless(self, plan: BinPlan, found: Weighed, reason: str) -> None:
        """No part, one without a unit mass, or not the one it shall hold: nothing can be booked, a change is seen."""
        if _is_worth_a_question(plan, found):
            self.bookings.open_standing(plan, reason, detail(delta_mg=_change_mg(found)), self.mover.session)

    def _without_part(self, plan: BinPlan, found: Weighed) -> None:
        """Nothing belongs there that can be counted: what came may be a part of another bin all the same."""
        if plan.parts:
            self._nameless(plan, found, "no_unit_mass")
        elif _is_worth_a_question(plan, found):
            self._moved.append((plan, found))

    def _pieces(self, plan: BinPlan, found: Weighed) -> None:
        found = self._over_a_start(plan, found)
        if plan.bin in self._plateaus or not self._stood_still(plan, found):
            self._moved.append((plan, found))
        if found.quality == wire.SETTLED and found.mg is not None:
            self._settled[plan.bin] = Level(0, found.mg, found.noise_mg)

    def _stood_still(self, plan: BinPlan, found: Weighed) -> bool:
        """The everyday case: decided without gathering any evidence."""
        return stood_still(CELLS[plan.cell], *_levels(found), plan.lightest_mg)

    def _over_a_start(self, plan: BinPlan, found: Weighed) -> Weighed:
        """The weight before may be of another start of the controller than the one after.

        Where they read the same, nothing moved and the gain is as it was: one that makes up for a piece is rarer.
        """
        if not self.bookings.has_started(plan.bin):
            return found
        before, gain = Level(0, found.before_mg or 0, found.before_noise_mg), self.ground.gains[plan.bin]
        calibrated = found._replace(before_mg=round(gain.load_mg(before.mg)))
        for as_read in (found, calibrated):
            if reads_the_same(CELLS[plan.cell], *_levels(as_read)):
                return as_read
        _, mg, noise_mg = across_start(before, gain)
        return found._replace(before_mg=mg, before_noise_mg=noise_mg)

    def _count(self, occurrence: str) -> None:
        ground, cause = self.ground, self.decision.cause
        weighed = [self._evidence(plan, found) for plan, found in sorted(self._moved, key=_number)]
        session = SessionEvidence(
            bins=tuple(each.evidence for each in weighed),
            role=self.mover.role,
            in_hand=ground.in_hand,
            masses=masses_of_guests(ground.in_hand, ground.tags, ground.plan, ground.masses),
            tags=ground.tags,
        )
        book_session(self.bookings, weighed, session, Occurrence(occurrence, self.mover, cause.occurred_ms))

    def _evidence(self, plan: BinPlan, found: Weighed) -> WeighedBin:
        between = tuple(self._plateaus.get(plan.bin, ()))
        before, after = _levels(found)
        levels = (before, *between, after._replace(at_ms=between[-1].at_ms if between else 0))
        in_bin = self.bookings.in_bin(plan)
        parts = held_parts(plan, self.ground.plan, in_bin)
        foreign_mg = (*self.bookings.foreign_mg(plan), *self._surplus_mg(plan, before))
        contents = Contents(in_bin, parts, foreign_mg, self.bookings.gain(plan.bin))
        evidence = bin_evidence(plan, contents, levels, self.ground.masses, self.ground.takes)
        return WeighedBin(plan, evidence, found.quality == wire.SETTLED)

    def _surplus_mg(self, plan: BinPlan, before: Level) -> tuple[int, ...]:
        """What lies in a bin beyond what the ledger knows, and is asked about: whoever takes so much may take that."""
        holding = self.bookings.holding(plan)
        surplus_mg = round(before.mg - holding.level_mg)
        is_asked = self.bookings.has_open(plan.bin, "balance") and 2 * surplus_mg > holding.lightest_mg
        return (surplus_mg,) if is_asked else ()

    # ---- grams ----

    def _bulk(self, plan: BinPlan, found: Weighed) -> None:
        settled = found.quality == wire.SETTLED
        part, grams, movement = plan.parts[0], to_grams(_change_mg(found)), ""
        if abs(grams) >= max(part.dead_band, 1):
            if settled:
                movement = self._book_grams(plan, grams)
            else:
                self._doubt_grams(plan, found, grams)
        self._remember_grams(plan, found, movement)
        if settled and found.mg is not None:
            self._settled[plan.bin] = Level(0, found.mg, found.noise_mg)

    def _book_grams(self, plan: BinPlan, grams: int) -> str:
        part = plan.parts[0].number
        later = None if self.ground.later is None else self.ground.later.get(plan.bin)
        stock = self.bookings.stock(plan, part)
        if later is not None and abs(to_grams(later.mg) - stock) <= max(plan.parts[0].dead_band, 1):
            self.bookings.open(plan, "read_late", detail(quantity=grams, stock=stock), part, self.mover.session)
            return ""
        how = How(self.mover, "session", self.decision.cause.occurred_ms, 1_000_000)
        return self.bookings.book(plan, part, grams, how)

    def _doubt_grams(self, plan: BinPlan, found: Weighed, grams: int) -> None:
        part = plan.parts[0].number
        facts = detail(
            candidates=[[[[part, grams]], 0, 0]],
            delta_mg=_change_mg(found),
            before_mg=found.before_mg,
            after_mg=found.mg,
            stock=[[part, self.bookings.stock(plan, part)]],
            unit="gram",
        )
        self.bookings.open(plan, "uncertain_count", facts, only_part(plan), self.mover.session)

    def _remember_grams(self, plan: BinPlan, found: Weighed, movement: str) -> None:
        settled = found.quality == wire.SETTLED
        if movement or not settled:
            cause, mover = self.decision.cause, self.mover
            mg = found.mg if found.mg is not None else 0
            self.decision.moved[plan.bin] = Moved(
                mover.session, cause.id, cause.occurred_ms, mg, settled, mover, movement
            )


def levels_between(rows: Iterable[Any]) -> Plateaus:
    """The plateaus of a session by bin, as counting has them."""
    found: dict[int, list[Level]] = {}
    for bin_, at_ms, mg, noise_mg in rows:
        found.setdefault(bin_, []).append(Level(at_ms, mg, noise_mg))
    return found


def _number(moved: tuple[BinPlan, Weighed]) -> int:
    """Bins are counted in the order in which their verdicts are read back: sums must be the same to the last digit."""
    return moved[0].bin


def _change_mg(found: Weighed) -> int:
    return (found.mg or 0) - (found.before_mg or 0)


def _levels(found: Weighed) -> tuple[Level, Level]:
    """Before and after."""
    return Level(0, found.before_mg or 0, found.before_noise_mg), Level(0, found.mg or 0, found.noise_mg)


def _is_worth_a_question(plan: BinPlan, found: Weighed) -> bool:
    delta_mg, cell = _change_mg(found), CELLS[plan.cell]
    still = cell.variance(found.before_noise_mg) + cell.variance(found.noise_mg)
    return abs(delta_mg) > NAMELESS_MG_MIN and delta_mg**2 > 16 * still
