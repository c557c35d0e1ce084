"""The standard mix of sessions: who comes, what they do, and in how many reaches; drawn by a seed.

Pure but for the shelf it is handed: a visit drawn is a visit done, the things are moved. It says what really happened
and never how it was weighed.

    take     55 %  one to three (60, 25, 15 %) of one part
    several  15 %  from two or three bins, or two parts of one bin (half and half; one part a cell: bins)
    back      8 %  take and put back all (40 %) or some (30 %), or hesitate with a hand in a bin (30 %)
    return    6 %  a piece that this person took in an earlier session, to where it belongs; each piece in hand is 0.7
                   times as likely as the one taken after it
    wrong     4 %  put back in the wrong bin: a piece of this session, or (half) of an earlier one
    core      3 %  take one and leave a used core, of 0.6 to 0.95 or 1.05 to 1.3 of its mass
    foreign   3 %  leave a tool or a rag, 30 g to 2.5 kg, having taken nothing or (half) one part
    nothing   4 %  take nothing, or (half) lean on the tray
    restock   2 %  a restocker brings 20 to 50 pieces of one part, or as many as fit
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import exp, log
from random import Random

from simulator.count_bench.bench_planogram import CAPACITY_MG, Place
from simulator.count_bench.shelf import FOREIGN, Shelf, Thing

MIX = {
    "take": 55,
    "several": 15,
    "back": 8,
    "return": 6,
    "wrong": 4,
    "core": 3,
    "foreign": 3,
    "nothing": 4,
    "restock": 2,
}
COUNTS = {1: 60, 2: 25, 3: 15}
MECHANICS = 5
RESTOCKER = MECHANICS  # the number of the person after the last mechanic
ONE_AT_A_TIME = 0.6
FADING = 0.7  # how likely a piece in hand comes back, relative to the one taken after it
TWO_PARTS_IN_ONE_REACH = 0.2
CORE_MASSES_PPM = ((600_000, 950_000), (1_050_000, 1_300_000))
CORE_GAP_MS = 1500
TOOL_MG = (30_000, 2_500_000)
LEAN_MG = (500_000, 4_000_000)
RESTOCKED = (20, 50)
HANDFUL = (5, 20)


@dataclass(slots=True)
class Reach:
    """A hand goes into a bin once: what it takes out and lays in. `lean_mg`: an arm rests on the tray meanwhile."""

    bin: int
    out: list[Thing] = field(default_factory=list)
    into: list[Thing] = field(default_factory=list)
    lean_mg: int = 0
    gap_ms_min: int = 0


@dataclass(slots=True)
class Visit:
    """One session as it really was."""

    kind: str
    person: int
    reaches: list[Reach] = field(default_factory=list)

    @property
    def role(self) -> str:
        """What the access list calls the person."""
        return "restocker" if self.person == RESTOCKER else "mechanic"


class Workshop:
    """The people who come to one cabinet: draws their visits and remembers what each has in hand."""

    def __init__(self, shelf: Shelf, cell: str, random: Random) -> None:
        self.hands: list[list[Thing]] = [[] for _ in range(MECHANICS + 1)]
        self._shelf = shelf
        self._capacity_mg = CAPACITY_MG[cell]
        self._random = random
        self._draws = {
            "take": self._take,
            "several": self._several,
            "back": self._back,
            "return": self._return,
            "wrong": self._wrong,
            "core": self._core,
            "foreign": self._foreign,
            "nothing": self._nothing,
            "restock": self._restock,
        }

    def next_visit(self) -> Visit:
        """Draw a visit and do it; one that cannot be is drawn again."""
        while True:
            kind = self._random.choices(list(MIX), list(MIX.values()))[0]
            person = RESTOCKER if kind == "restock" else self._random.randrange(MECHANICS)
            visit = Visit(kind, person)
            if self._draws[kind](visit):
                return visit
            self._undo(visit)

    # ---- the kinds ----

    def _take(self, visit: Visit) -> bool:
        bin_, place = self._any_place()
        return self._take_of(visit, bin_, place.part.number, self._count())

    def _several(self, visit: Visit) -> bool:
        random = self._random
        in_one_bin = len(self._shelf.plan[0]) > 1 and random.random() < 0.5
        if not in_one_bin:
            for bin_ in random.sample(range(len(self._shelf.plan)), random.choice((2, 2, 3))):
                self._take_of(visit, bin_, random.choice(self._shelf.plan[bin_]).part.number, self._count())
            return len({reach.bin for reach in visit.reaches}) > 1
        bin_ = random.randrange(len(self._shelf.plan))
        one, other = (place.part.number for place in random.sample(self._shelf.plan[bin_], 2))
        if not self._shelf.of(bin_, one) or not self._shelf.of(bin_, other):
            return False
        if random.random() < TWO_PARTS_IN_ONE_REACH:
            out = self._grab(visit, bin_, one, self._count()) + self._grab(visit, bin_, other, self._count())
            visit.reaches.append(Reach(bin_, out=out))
            return True
        return self._take_of(visit, bin_, one, self._count()) and self._take_of(visit, bin_, other, self._count())

    def _back(self, visit: Visit) -> bool:
        bin_, place = self._any_place()
        what = self._random.random()
        if what < 0.3:
            visit.reaches += [Reach(bin_) for _ in range(self._random.randint(1, 3))]
            return True
        count = self._count() if what < 0.7 else max(2, self._count())
        if not self._take_of(visit, bin_, place.part.number, count):
            return False
        taken = [thing for reach in visit.reaches for thing in reach.out]
        if what >= 0.7 and len(taken) > 1:
            taken = taken[: self._random.randint(1, len(taken) - 1)]
        self._put(visit, bin_, taken)
        return True

    def _return(self, visit: Visit) -> bool:
        if not self._somebody_with_pieces(visit):
            return False
        thing = self._of_hand(visit.person)
        self._put(visit, self._shelf.home(thing.part)[0], [thing])
        return True

    def _wrong(self, visit: Visit) -> bool:
        if self._random.random() < 0.5:
            if not self._take(visit):
                return False
            thing = self._random.choice([thing for reach in visit.reaches for thing in reach.out])
        elif self._somebody_with_pieces(visit):
            thing = self._of_hand(visit.person)
        else:
            return False
        home = self._shelf.home(thing.part)[0]
        wrong = [bin_ for bin_ in range(len(self._shelf.plan)) if bin_ != home and self._fits(bin_, thing.mass_mg)]
        if not wrong:
            return False
        self._put(visit, self._random.choice(wrong), [thing])
        return True

    def _core(self, visit: Visit) -> bool:
        bin_, place = self._any_place()
        low, high = self._random.choice(CORE_MASSES_PPM)
        core = Thing(FOREIGN, place.part.mass_mg * self._random.randint(low, high) // 1_000_000)
        if not self._fits(bin_, core.mass_mg) or not self._take_of(visit, bin_, place.part.number, 1):
            return False
        self._lay_in(Reach(bin_, into=[core], gap_ms_min=CORE_GAP_MS), visit)
        return True

    def _foreign(self, visit: Visit) -> bool:
        low, high = TOOL_MG
        tool = Thing(FOREIGN, round(exp(self._random.uniform(log(low), log(high)))))
        bins = [bin_ for bin_ in range(len(self._shelf.plan)) if self._fits(bin_, tool.mass_mg)]
        if not bins:
            return False
        if self._random.random() < 0.5:
            taken_from, place = self._any_place()
            if not self._take_of(visit, taken_from, place.part.number, 1):
                return False
        self._lay_in(Reach(self._random.choice(bins), into=[tool]), visit)
        return True

    def _nothing(self, visit: Visit) -> bool:
        if self._random.random() < 0.5:
            lean_mg = self._random.randint(*LEAN_MG)
            visit.reaches.append(Reach(self._random.randrange(len(self._shelf.plan)), lean_mg=lean_mg))
        return True

    def _restock(self, visit: Visit) -> bool:
        rooms = self._rooms()
        if not rooms:
            return False
        bin_, place, room = self._random.choice([most for most in rooms if most[2] >= RESTOCKED[0]] or rooms)
        left = min(self._random.randint(*RESTOCKED), room)
        while left:
            handful = min(left, self._random.randint(*HANDFUL))
            self._lay_in(Reach(bin_, into=[self._shelf.new_piece(place.part) for _ in range(handful)]), visit)
            left -= handful
        return True

    # ---- what they are made of ----

    def _any_place(self) -> tuple[int, Place]:
        bin_ = self._random.randrange(len(self._shelf.plan))
        return bin_, self._random.choice(self._shelf.plan[bin_])

    def _somebody_with_pieces(self, visit: Visit) -> bool:
        """Have somebody come who has taken something in an earlier session. False: nobody has."""
        having = [person for person in range(MECHANICS) if self.hands[person]]
        if having:
            visit.person = self._random.choice(having)
        return bool(having)

    def _of_hand(self, person: int) -> Thing:
        """What comes back: most likely of the last that was taken, for what is older is on a vehicle by now."""
        things = self.hands[person][::-1]
        return self._random.choices(things, [FADING**age for age in range(len(things))])[0]

    def _rooms(self) -> list[tuple[int, Place, int]]:
        """Where how many more pieces fit."""
        return [
            (bin_, place, room)
            for bin_, places in enumerate(self._shelf.plan)
            for place in places
            if (room := place.capacity - self._shelf.stock(bin_)[place.part.number]) > 0
        ]

    def _count(self) -> int:
        return self._random.choices(list(COUNTS), list(COUNTS.values()))[0]

    def _fits(self, bin_: int, mass_mg: int) -> bool:
        return self._shelf.load_mg(bin_) + mass_mg <= self._capacity_mg

    def _grab(self, visit: Visit, bin_: int, part: str, count: int) -> list[Thing]:
        """Have so many pieces of a part out of a bin, or as many as there are."""
        held = self._shelf.of(bin_, part)
        out = self._random.sample(held, min(count, len(held)))
        for thing in out:
            self._shelf.things[bin_].remove(thing)
        self.hands[visit.person] += out
        return out

    def _take_of(self, visit: Visit, bin_: int, part: str, count: int) -> bool:
        """Take pieces of a part: each reach grabs one, or all the rest. False: there are none."""
        left = self._grab(visit, bin_, part, count)
        if not left:
            return False
        for handful in self._handfuls(left):
            visit.reaches.append(Reach(bin_, out=handful))
        return True

    def _handfuls(self, left: list[Thing]) -> Iterator[list[Thing]]:
        while left:
            now = 1 if self._random.random() < ONE_AT_A_TIME else len(left)
            yield left[:now]
            left = left[now:]

    def _put(self, visit: Visit, bin_: int, things: list[Thing]) -> None:
        """Out of the person's hand into a bin."""
        for handful in self._handfuls(things):
            self._lay_in(Reach(bin_, into=handful), visit)
        for thing in things:
            self.hands[visit.person].remove(thing)

    def _lay_in(self, reach: Reach, visit: Visit) -> None:
        self._shelf.things[reach.bin] += reach.into
        visit.reaches.append(reach)

    def _undo(self, visit: Visit) -> None:
        """A visit that cannot be did not happen."""
        for reach in visit.reaches:
            for thing in reach.out:
                self._shelf.things[reach.bin].append(thing)
                self.hands[visit.person].remove(thing)
