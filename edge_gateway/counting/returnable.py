"""What somebody may bring back: the pieces in his hand, the newest likeliest.

Pure. Most of what is brought back was too much for the last job; what was taken a week ago is on a vehicle by now.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from edge_gateway.counting.evidence import Lump

FADING = 0.7  # how likely a piece comes back, relative to the one taken after it
ANY = 0.003  # any piece may, however old, so much more likely than that alone


@dataclass(slots=True)
class Returnable:
    """By part: how many pieces are in hand, and how likely what comes back is of it."""

    pieces: dict[str, int] = field(default_factory=dict)
    share: dict[str, float] = field(default_factory=dict)

    def of(self, part: str) -> tuple[int, float]:
        """Of one part: (pieces, share)."""
        return self.pieces.get(part, 0), self.share.get(part, 0.0)


def returnable(in_hand: Sequence[Lump]) -> Returnable:
    """What may come back of these lumps, the newest of which is the last."""
    found = Returnable()
    weighed = _weighed(in_hand)
    total = sum(weight for _lump, weight in weighed)
    for lump, weight in weighed:
        found.pieces[lump.part] = found.pieces.get(lump.part, 0) + lump.pieces
        found.share[lump.part] = found.share.get(lump.part, 0.0) + weight / total
    return found


def shares_of(part: str, in_hand: Sequence[Lump]) -> list[tuple[Lump, float]]:
    """The lumps of a part, each with how likely it is the one, if it is one of them."""
    weighed = [(lump, weight) for lump, weight in _weighed(in_hand) if lump.part == part]
    total = sum(weight for _lump, weight in weighed)
    return [(lump, weight / total) for lump, weight in weighed]


def _weighed(in_hand: Sequence[Lump]) -> list[tuple[Lump, float]]:
    """The lumps, the newest first, each with how likely a piece of it comes back."""
    weighed = []
    age = 0
    for lump in reversed(in_hand):
        weighed.append((lump, sum(FADING ** (age + piece) + ANY for piece in range(lump.pieces))))
        age += lump.pieces
    return weighed
