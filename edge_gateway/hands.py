"""What each person took lately and has not brought back: lumps of pieces, with what they weighed when they left.

Pure. The very same pieces weigh the same when they come back, also in a wrong bin; that is what this memory is for.
Which and how many is the ledger's; the weights come from the steps of the verdicts. It is never stock: what a person
used on a vehicle stays here for two weeks, and is forgotten then.
"""

from collections import defaultdict
from math import hypot

from edge_gateway.counting.evidence import Lump, Step

KEPT_MS = 14 * 86_400_000
LUMPS_MAX = 12  # of one person: the latest; who took more brings back of those, if anything


class Hands:
    """Lumps by person, each with when it was taken, in the order in which they were booked."""

    def __init__(self) -> None:
        self._lumps: dict[str, list[tuple[int, Lump]]] = defaultdict(list)

    def of(self, person: str, now_ms: int) -> tuple[Lump, ...]:
        """What a person may bring back now."""
        if not person:
            return ()
        kept = [(taken_ms, lump) for taken_ms, lump in self._lumps[person] if taken_ms > now_ms - KEPT_MS]
        self._lumps[person] = kept[-LUMPS_MAX:]
        return tuple(lump for _taken_ms, lump in self._lumps[person])

    def take(self, person: str, taken_ms: int, lumps: list[Lump]) -> None:
        """Pieces were booked to a person."""
        if person and lumps:
            self._lumps[person] += [(taken_ms, lump) for lump in lumps]
            self._lumps[person] = self._lumps[person][-LUMPS_MAX:]

    def give_back(self, person: str, back: Lump) -> None:
        """Pieces came back: the lump that weighs the same, or pieces of any of that part."""
        held = self._lumps[person]
        same = [pair for pair in held if pair[1].part == back.part and pair[1].pieces == back.pieces]
        if same:
            held.remove(min(same, key=lambda pair: abs(pair[1].mg - back.mg)))
            return
        left = back.pieces
        for pair in [pair for pair in held if pair[1].part == back.part]:
            if left:
                taken_ms, lump = pair
                held.remove(pair)
                gone = min(lump.pieces, left)
                left -= gone
                if gone < lump.pieces:
                    held.append((taken_ms, _rest(lump, back, gone)))


def _rest(lump: Lump, back: Lump, gone: int) -> Lump:
    """What is left of a lump of which some came back."""
    if not lump.mg or not back.mg or gone != back.pieces:
        return Lump(lump.part, lump.pieces - gone, 0, 0)
    return Lump(lump.part, lump.pieces - gone, lump.mg - back.mg, round(hypot(lump.noise_mg, back.noise_mg)))


def lumps_of(part: str, change: int, steps: tuple[Step, ...]) -> list[Lump]:
    """The pieces of a bin's `change` as they were weighed: a lump a step, where the steps tell all of it apart.

    One lump of unknown weight where they do not.
    """
    sign = 1 if change > 0 else -1
    alone = [step for step in steps if [part] == [name for name, _n in step.changes] and not step.foreign_mg]
    found = [Lump(part, sign * step.changes[0][1], abs(step.mg), step.noise_mg) for step in alone]
    if found and min(lump.pieces for lump in found) > 0 and sum(lump.pieces for lump in found) == abs(change):
        return found
    return [Lump(part, abs(change), 0, 0)]
