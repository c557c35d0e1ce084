"""What each person took lately and has not brought back: lumps of pieces, with what they weighed when they left.

Pure. The very same pieces weigh the same when they come back, also in a wrong bin; that is what this memory is for.
Which and how many is the ledger's; the weights come from the steps of the verdicts. It is never stock: what a person
used on a vehicle stays here for two weeks, and counts no more then. What is corrected later is in hand as corrected.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from math import hypot
from typing import NamedTuple

from edge_gateway.counting.evidence import Lump, Step

KEPT_MS = 14 * 86_400_000
LUMPS_MAX = 12  # of one person: the latest; who took more brings back of those, if anything


class Taken(NamedTuple):
    """A lump, when it was taken, and by which movement."""

    taken_ms: int
    movement: str
    lump: Lump


class Hands:
    """Lumps by person, in the order in which they were booked."""

    def __init__(self) -> None:
        self._lumps: dict[str, list[Taken]] = defaultdict(list)

    @property
    def persons(self) -> Collection[str]:
        """Whoever has, or had, something."""
        return self._lumps.keys()

    def of(self, person: str, now_ms: int) -> tuple[Lump, ...]:
        """What a person may bring back at a time. One wrong clock forgets nothing, and keeps nothing for ever."""
        held = self._lumps.get(person, ())
        return tuple(taken.lump for taken in held if abs(now_ms - taken.taken_ms) < KEPT_MS)

    def kept(self, person: str) -> tuple[Taken, ...]:
        """All that is remembered of a person."""
        return tuple(self._lumps.get(person, ()))

    def put(self, person: str, kept: Iterable[Taken]) -> None:
        """What is remembered of a person is this."""
        self._lumps[person] = list(kept)

    def take(self, person: str, taken_ms: int, lumps: Sequence[Lump], movement: str = "") -> None:
        """Pieces were booked to a person."""
        if person and lumps:
            self._lumps[person] += [Taken(taken_ms, movement, lump) for lump in lumps]
            self._lumps[person] = self._lumps[person][-LUMPS_MAX:]

    def give_back(self, person: str, back: Lump) -> None:
        """Pieces came back: the lump that weighs the same, or pieces of any of that part."""
        held = self._lumps[person]
        same = [taken for taken in held if taken.lump.part == back.part and taken.lump.pieces == back.pieces]
        if same:
            held.remove(min(same, key=lambda taken: abs(taken.lump.mg - back.mg)))
            return
        left = back.pieces
        for taken in [taken for taken in held if taken.lump.part == back.part]:
            if left:
                lump = taken.lump
                held.remove(taken)
                gone = min(lump.pieces, left)
                left -= gone
                if gone < lump.pieces:
                    held.append(taken._replace(lump=_rest(lump, back, gone)))

    def correct(self, person: str, corrected: Taken, steps: tuple[Step, ...]) -> None:
        """A movement had booked so many pieces too few (`corrected`), or too many (negative), to a person.

        `steps`: what the right count was weighed in, if it was weighed.
        """
        held, part = self._lumps[person], corrected.lump.part
        of_it = [taken for taken in held if taken.movement == corrected.movement and taken.lump.part == part]
        left = sum(taken.lump.pieces for taken in of_it) + corrected.lump.pieces
        at = held.index(of_it[0]) if of_it else len(held)
        held[:] = [taken for taken in held if taken not in of_it]
        if left > 0:
            taken_ms = of_it[0].taken_ms if of_it else corrected.taken_ms
            held[at:at] = [Taken(taken_ms, corrected.movement, lump) for lump in lumps_of(part, -left, steps)]
            del held[:-LUMPS_MAX]
        elif left < 0:
            self.give_back(person, Lump(part, -left, 0, 0))


def _rest(lump: Lump, back: Lump, gone: int) -> Lump:
    """What is left of a lump of which some came back."""
    if not lump.mg or not back.mg or gone != back.pieces:
        return Lump(lump.part, lump.pieces - gone, 0, 0)
    return Lump(lump.part, lump.pieces - gone, lump.mg - back.mg, round(hypot(lump.noise_mg, back.noise_mg)))


def lumps_of(part: str, change: int, steps: tuple[Step, ...]) -> list[Lump]:
    """The pieces of a bin's `change` as they were weighed: a lump a step, where the steps tell all of it apart.

    One lump of unknown weight where they do not. Where nothing else was done, it weighs what the bin lost or gained
    from first to last: a level in between may have been a hand's, too.
    """
    sign = 1 if change > 0 else -1
    alone = [step for step in steps if [part] == [name for name, _n in step.changes] and not step.foreign_mg]
    found = [Lump(part, sign * step.changes[0][1], abs(step.mg), step.noise_mg) for step in alone]
    if len(alone) == 1 and not any(step.changes or step.foreign_mg for step in steps if step is not alone[0]):
        found = [found[0]._replace(mg=abs(sum(step.mg for step in steps)))]
    if found and min(lump.pieces for lump in found) > 0 and sum(lump.pieces for lump in found) == abs(change):
        return found
    return [Lump(part, abs(change), 0, 0)]
