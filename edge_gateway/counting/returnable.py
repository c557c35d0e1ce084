"""What somebody may bring back: the pieces in his hand, the newest likeliest.

Pure. Most of what is brought back was too much for the last job; what was taken a week ago is on a vehicle by now.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from edge_gateway.counting.evidence import Lump

FADING = 0.7  # how likely a lump comes back, relative to the one taken after it
ANY = 0.02  # any lump may, however old, so much more likely than that alone


@dataclass(slots=True)
class Returnable:
    """By part: how many pieces are in hand, and how likely what comes back is of it."""

    pieces: dict[str, int] = field(default_factory=dict)
    share: dict[str, float] = field(default_factory=dict)


def returnable(in_hand: Sequence[Lump]) -> Returnable:
    """What may come back of these lumps, the newest of which is the last."""
    found = Returnable()
    total = sum(_weight(age) for age in range(len(in_hand)))
    for age, lump in enumerate(reversed(in_hand)):
        found.pieces[lump.part] = found.pieces.get(lump.part, 0) + lump.pieces
        found.share[lump.part] = found.share.get(lump.part, 0.0) + _weight(age) / total
    return found


def shares_of(part: str, in_hand: Sequence[Lump]) -> list[tuple[Lump, float]]:
    """The lumps of a part, each with how likely it is the one, if it is one of them."""
    weighed = [(lump, _weight(age)) for age, lump in enumerate(reversed(in_hand)) if lump.part == part]
    total = sum(weight for _lump, weight in weighed)
    return [(lump, weight / total) for lump, weight in weighed]


def _weight(age: int) -> float:
    return FADING**age + ANY
