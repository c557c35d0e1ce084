"""What each person has in hand as the gateway would know it: lumps of pieces with what they weighed when they left.

How many of what is the ledger's; the weights come from the verdicts, from the step a lump was taken in. Where a verdict
was wrong and the ledger was put right, the pieces are known and their weight is not.
"""

from collections import Counter

from edge_gateway.counting.evidence import Lump, Step, Verdict


class InHand:
    """Lumps by person."""

    def __init__(self) -> None:
        self._lumps: dict[int, list[Lump]] = {}

    def of(self, person: int, held: tuple[tuple[str, int], ...]) -> tuple[Lump, ...]:
        """The lumps of a person who, by the ledger, has `held` in hand."""
        known = self._lumps.get(person, [])
        pieces: Counter[str] = Counter()
        for lump in known:
            pieces[lump.part] += lump.pieces
        right = [lump for lump in known if pieces[lump.part] == dict(held).get(lump.part, 0)]
        named = {lump.part for lump in right}
        unweighed = [Lump(part, 1, 0, 0) for part, n in held if part not in named for _ in range(n)]
        self._lumps[person] = right + unweighed
        return tuple(self._lumps[person])

    def follow(self, person: int, verdict: Verdict) -> None:
        """A verdict was booked: what it says left is in hand now, what came is not any longer."""
        lumps = self._lumps.setdefault(person, [])
        for bin_ in verdict.bins:
            for step in bin_.steps:
                self._step(lumps, step)

    def _step(self, lumps: list[Lump], step: Step) -> None:
        alone = len(step.changes) == 1 and not step.foreign_mg
        for part, n in step.changes:
            mg, noise_mg = (abs(step.mg), step.noise_mg) if alone else (0, 0)
            if n < 0:
                lumps.append(Lump(part, -n, mg, noise_mg))
            else:
                _remove(lumps, Lump(part, n, mg, noise_mg))


def _remove(lumps: list[Lump], back: Lump) -> None:
    """Take out of the hand what came back: the lump that weighs the same, or pieces of any of that part."""
    same = [lump for lump in lumps if lump.part == back.part and lump.pieces == back.pieces]
    if same:
        lumps.remove(min(same, key=lambda lump: abs(lump.mg - back.mg)))
        return
    left = back.pieces
    for lump in [lump for lump in lumps if lump.part == back.part]:
        if left:
            lumps.remove(lump)
            kept = max(lump.pieces - left, 0)
            left -= lump.pieces - kept
            if kept:
                lumps.append(_rest(lump, kept, back))


def _rest(lump: Lump, kept: int, back: Lump) -> Lump:
    """What is left of a lump after some of it came back."""
    if not lump.mg or not back.mg or lump.pieces - kept != back.pieces:
        return Lump(lump.part, kept, 0, 0)
    return Lump(lump.part, kept, lump.mg - back.mg, round((lump.noise_mg**2 + back.noise_mg**2) ** 0.5))
