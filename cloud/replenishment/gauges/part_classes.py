"""Parts in the four fields of the BCG matrix, in ABC by value and in XYZ by how steadily they are wanted. Pure.

Value is what the last half year's use would cost at today's price, so that growth is growth of use. Growth is against
the half year before; a little is added to both halves, so that a part used twice instead of once has not doubled.
Variation is the standard deviation of a week's use by its mean, over the last half year or since the first use in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

HALF = 26
KNOWN_WEEKS_MIN = 8
ADDED = {"piece": 5.0, "gram": 1000.0}
Abc = Literal["A", "B", "C"]
Xyz = Literal["X", "Y", "Z"]
Bcg = Literal["star", "cow", "question", "dog"]  # 明星 现金牛 问题 瘦狗


@dataclass(frozen=True)
class Thresholds:
    """Where the classes part."""

    share: float = 1.0  # of a large part's value, as a multiple of the average part's
    growth: float = 0.10  # from which on a part grows
    a: float = 0.80  # the dearest parts that make so much of all value are A
    b: float = 0.95  # those that make so much together with A are B
    x: float = 0.5  # up to this variation X
    y: float = 1.0  # up to this one Y


@dataclass(frozen=True)
class PartUse:
    """What was used of a part in 52 weeks, the last one last. `price_minor` -1: nobody said one."""

    part: str
    weeks: tuple[int, ...]
    price_minor: int
    unit: str = "piece"

    @property
    def used(self) -> int:
        """In the last half year."""
        return max(0, sum(self.weeks[-HALF:]))

    @property
    def before(self) -> int:
        """In the half year before it."""
        return max(0, sum(self.weeks[:-HALF]))

    @property
    def value_minor(self) -> int | None:
        """What the last half year's use costs; None without a price."""
        return self.used * self.price_minor if self.price_minor >= 0 else None


@dataclass(frozen=True)
class Classed:
    """A part with its classes; None where it cannot be said: no price, no half year before, too few weeks."""

    use: PartUse
    share: float  # of all value
    growth: float | None
    variation: float | None
    abc: Abc | None
    xyz: Xyz | None
    bcg: Bcg | None


def classed(uses: Sequence[PartUse], limits: Thresholds) -> list[Classed]:
    """Every part that was used, the one of most value first, those without a price last."""
    priced = [use for use in uses if use.value_minor]
    total = sum(use.value_minor or 0 for use in priced)
    average = total / len(priced) if priced else 0.0
    has_before = any(use.before for use in uses)
    found, reached = [], 0
    for use in sorted(uses, key=lambda each: (-(each.value_minor or 0), -each.used, each.part)):
        if not use.used and not use.before:
            continue
        value = use.value_minor or 0
        growth = _growth(use) if has_before else None
        variation = variation_of(use.weeks[-HALF:])
        is_large = value >= limits.share * average
        found.append(
            Classed(
                use=use,
                share=value / total if total else 0.0,
                growth=growth,
                variation=variation,
                abc=_abc(reached / total, limits) if value else None,
                xyz=_xyz(variation, limits),
                bcg=_bcg(is_large, growth >= limits.growth) if value and growth is not None else None,
            )
        )
        reached += value
    return found


def variation_of(weeks: Sequence[int]) -> float | None:
    """Standard deviation by mean of what was used a week, from the first use on; None of too few weeks."""
    first = next((at for at, used in enumerate(weeks) if used > 0), len(weeks))
    known = [max(0, used) for used in weeks[first:]]
    if len(known) < KNOWN_WEEKS_MIN:
        return None
    mean = sum(known) / len(known)
    return sqrt(sum((used - mean) ** 2 for used in known) / len(known)) / mean


def _growth(use: PartUse) -> float:
    added = ADDED.get(use.unit, ADDED["piece"])
    return (use.used + added) / (use.before + added) - 1


def _abc(reached: float, limits: Thresholds) -> Abc:
    """By what the dearer parts make together: the one that crosses a limit still belongs above it."""
    return "A" if reached < limits.a else "B" if reached < limits.b else "C"


def _xyz(variation: float | None, limits: Thresholds) -> Xyz | None:
    if variation is None:
        return None
    return "X" if variation <= limits.x else "Y" if variation <= limits.y else "Z"


def _bcg(is_large: bool, grows: bool) -> Bcg:
    if is_large:
        return "star" if grows else "cow"
    return "question" if grows else "dog"
