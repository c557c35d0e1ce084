"""What counting needs to remember from one event to the next: masses, references, what moved last, who has what.

Part of the books: changed only together with a transaction, loaded anew when one fails. It does no I/O and decides
nothing. What does not follow from a few rows of evidence is kept in tables of its own (`counting_tables.py`).
"""

from collections import defaultdict
from dataclasses import dataclass, field

from edge_gateway.balance import Reference
from edge_gateway.counting.evidence import Lump, Step
from edge_gateway.decision import Booking, Decision, Moved, OpenDiscrepancy
from edge_gateway.gain import Gain
from edge_gateway.hands import Hands, Taken, lumps_of
from edge_gateway.learned import Learned
from edge_gateway.level_check import AGREES
from edge_gateway.session_evidence import steps_of
from edge_gateway.tag_book import TagBook
from edge_gateway.upload_format import MovementItem, ResolutionItem, VerdictItem

Place = tuple[str, int]  # cabinet and bin
FORGET_AT = 50


@dataclass
class CountingMemory:
    """Everything is by cabinet where it is a cabinet's, and of the shop otherwise."""

    masses: dict[str, Learned] = field(default_factory=dict)
    references: dict[str, dict[int, Reference]] = field(default_factory=lambda: defaultdict(dict))
    gains: dict[str, dict[int, Gain]] = field(default_factory=lambda: defaultdict(dict))
    moved: dict[str, dict[int, Moved]] = field(default_factory=lambda: defaultdict(dict))
    takes: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    hands: Hands = field(default_factory=Hands)
    tags: dict[str, TagBook] = field(default_factory=lambda: defaultdict(TagBook))
    verdicts: dict[str, dict[int, VerdictItem]] = field(default_factory=dict)  # of what may be decided again
    answered: set[tuple[str, int]] = field(default_factory=set)
    charged: dict[str, dict[str, str]] = field(default_factory=dict)  # by session and movement: the account it is on
    _full: int = FORGET_AT  # so many sessions are looked through for those to forget
    touched_bins: set[Place] = field(default_factory=set)  # since the last batch
    touched_gains: set[Place] = field(default_factory=set)
    touched_masses: set[str] = field(default_factory=set)
    touched_tags: set[str] = field(default_factory=set)
    touched_hands: set[str] = field(default_factory=set)
    touched_answers: set[tuple[str, int]] = field(default_factory=set)

    def apply(self, decision: Decision) -> None:
        """Take a decision in."""
        cabinet = decision.cause.cabinet
        steps = {(item.session, item.bin): steps_of(item) for item in decision.verdicts}
        for booking in decision.bookings:
            self._follow(booking, decision, steps.get((booking.item.session, booking.bin), ()))
        for item in decision.verdicts:
            self.verdicts.setdefault(item.session, {})[item.bin] = item
        for number, reference in decision.references.items():
            self._refer(cabinet, number, reference)
        for number, gain in decision.gains.items():
            self.gains[cabinet][number] = gain
            self.touched_gains.add((cabinet, number))
        for number, moved in decision.moved.items():
            self.moved[cabinet][number] = moved
            self.touched_bins.add((cabinet, number))
        for number in decision.counted:
            self._end_all(cabinet, number)
        self.masses |= decision.masses
        self.touched_masses |= decision.masses.keys()
        if decision.read_late:
            return
        if decision.tag_read is not None:
            self.tags[cabinet].take(decision.tag_read)
            self.touched_tags.add(cabinet)
        closed = decision.closed
        if closed is not None and closed.how != "not_opened" and cabinet in self.tags:
            self.tags[cabinet].end_session(closed.id)
            self.touched_tags.add(cabinet)

    def answer(self, found: OpenDiscrepancy, cabinet: str, number: int, answer: ResolutionItem) -> None:
        """A question is over: by a person, by a weight that agrees with the ledger, or because evidence says otherwise.

        Only the last may be said otherwise once more. What a person says of a bin begins its weights anew.
        """
        if answer.person or answer.note == AGREES:
            self._say_for_good(found.session, number)
        if answer.person:
            self._refer(cabinet, number, None)

    @property
    def is_full(self) -> bool:
        """Whether there may be something to forget: looked at seldom, for it takes a look at everything."""
        return len(self.verdicts) >= self._full

    def forget(self, open_sessions: set[str]) -> None:
        """Keep only what may be decided again. `open_sessions`: they left a question open."""
        kept = open_sessions | self.last_sessions()
        self.verdicts = {name: of_bins for name, of_bins in self.verdicts.items() if name in kept}
        self.charged = {name: movements for name, movements in self.charged.items() if name in kept}
        self.answered = {place for place in self.answered if place[0] in kept}
        self._full = 2 * len(self.verdicts) + FORGET_AT

    def last_sessions(self) -> set[str]:
        """Sessions that moved a bin last, or whose tags may be looked at once more."""
        moved = {moved.occurrence for bins in self.moved.values() for moved in bins.values()}
        return moved | {book.session for book in self.tags.values()}

    def follow_hand(self, item: MovementItem, hand: str, steps: tuple[Step, ...]) -> None:
        """What somebody took or gave back, as it was weighed; or what `hand` did by what is said now."""
        person = hand if item.corrects else item.person
        if not person or (not item.corrects and item.cause not in ("take", "return")):
            return
        self.touched_hands.add(person)
        for posting in item.postings:
            if posting.account.startswith("bin:"):
                lumps = lumps_of(posting.part, posting.quantity, steps)
                if item.corrects:
                    more = Lump(posting.part, -posting.quantity, 0, 0)
                    self.hands.correct(person, Taken(item.occurred_ms, item.corrects, more), steps)
                elif posting.quantity < 0:
                    self.hands.take(person, item.occurred_ms, lumps, item.id)
                else:
                    for lump in lumps:
                        self.hands.give_back(person, lump)

    def _end_all(self, cabinet: str, number: int) -> None:
        """A person has counted a bin: what moved it before is part of the count, and not decided again."""
        for session, of_bins in list(self.verdicts.items()):
            if number in of_bins and of_bins[number].cabinet == cabinet:
                self._say_for_good(session, number)
        moved = self.moved[cabinet].get(number)
        if moved is not None:
            self.moved[cabinet][number] = moved._replace(counted=True)
            self._say_for_good(moved.occurrence, number)
            self.touched_bins.add((cabinet, number))

    def _say_for_good(self, session: str, number: int) -> None:
        self.answered.add((session, number))
        self.touched_answers.add((session, number))

    def _refer(self, cabinet: str, number: int, reference: Reference | None) -> None:
        self.touched_bins.add((cabinet, number))
        if reference is None:
            self.references[cabinet].pop(number, None)
        else:
            self.references[cabinet][number] = reference

    def _follow(self, booking: Booking, decision: Decision, steps: tuple[Step, ...]) -> None:
        item = booking.item
        if item.cause == "charge":
            movement = item.id.rpartition("/charge-")[0]
            target = next(posting.account for posting in item.postings if posting.quantity > 0)
            self.charged.setdefault(item.session, {})[movement] = target
            return
        if not decision.cause.seq and booking.bin:  # somebody's word: the weight before says nothing any longer
            self._refer(item.cabinet, booking.bin, None)
            if item.corrects:
                self._say_for_good(item.session, booking.bin)
        self.follow_hand(item, booking.hand, steps)
        if item.cause == "take":
            for posting in item.postings:
                if posting.quantity < 0:
                    self.takes[posting.account, posting.part] += 1
