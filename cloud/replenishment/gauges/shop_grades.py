"""Shops graded ABC by the value they use, and which of them are fading: less used than their past and the others say.

A shop's last eight weeks are held against its weeks before, as the dealer's other shops went in the same weeks: what
the season does to all is no decline of one. Weekly counts scatter more than by chance alone (people take four at once,
busy weeks follow busy weeks), so the shop's own scatter about that expectation, with its memory from week to week,
says how much is noise: a one-sided quasi-Poisson rate ratio (McCullagh and Nelder, Generalized Linear Models, 6.2).
Of many shops some seem to fade by chance; the procedure of Benjamini and Hochberg (1995) keeps false ones to one in
twenty of those that are named. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log, sqrt
from statistics import NormalDist
from typing import Literal

RECENT = 8  # weeks
PAST_MIN = 12  # weeks before them: fewer say nothing
PIECES_MIN = 20  # expected in the recent weeks: with fewer, nothing can be told from noise
FALSE_SHARE = 0.05  # of the shops that are named
LOST_MIN = 0.10  # of what was expected: less is nobody's worry
MEMORY_MAX = 0.8
A, B = 0.80, 0.95
Grade = Literal["A", "B", "C"]


@dataclass(frozen=True)
class ShopUse:
    """What a shop used, week by week, the last one last; None before it began. `value_minor`: of the last half year."""

    shop: str
    weeks: tuple[int | None, ...]
    value_minor: int


@dataclass(frozen=True)
class Graded:
    """A shop's grade, and what its last weeks were against what was expected of them."""

    use: ShopUse
    grade: Grade
    recent: int
    expected: float | None  # None: too little is known
    chance: float | None  # of so little or less if nothing had changed
    fading: bool
    expected_weeks: tuple[float | None, ...]

    @property
    def lost(self) -> float:
        """Of what was expected, how much did not come; below 0 when more came."""
        return 1 - self.recent / self.expected if self.expected else 0.0


def graded(shops: Sequence[ShopUse]) -> list[Graded]:
    """Those that fade first, by the value that is lost; then all others by value."""
    tests = {shop.shop: _test(shop, shops) for shop in shops}
    named = _named({name: test.chance for name, test in tests.items() if test is not None})
    total, reached, found = sum(shop.value_minor for shop in shops), 0, []
    for shop in sorted(shops, key=lambda each: (-each.value_minor, each.shop)):
        test = tests[shop.shop]
        recent = sum(max(0, used or 0) for used in shop.weeks[-RECENT:])
        lost = 1 - recent / test.expected if test else 0.0
        found.append(
            Graded(
                use=shop,
                grade=_grade(reached / total if total else 1.0),
                recent=recent,
                expected=test.expected if test else None,
                chance=test.chance if test else None,
                fading=shop.shop in named and lost >= LOST_MIN,
                expected_weeks=test.weeks if test else (None,) * len(shop.weeks),
            )
        )
        reached += shop.value_minor
    return sorted(found, key=lambda each: -each.lost * max(1, each.use.value_minor) if each.fading else 1.0)


@dataclass(frozen=True)
class _Test:
    expected: float
    chance: float
    weeks: tuple[float | None, ...]


def _test(shop: ShopUse, shops: Sequence[ShopUse]) -> _Test | None:
    """What was expected of the recent weeks, and how likely so little is; None when too little is known."""
    begin = next((at for at, used in enumerate(shop.weeks) if used is not None), len(shop.weeks))
    begin += begin > 0  # the week it was opened in is not whole
    own = [max(0, used or 0) for used in shop.weeks[begin:]]
    past = len(own) - RECENT
    if past < PAST_MIN:
        return None
    season = _season(shop, shops, begin)
    own_past, all_past, all_recent = sum(own[:past]), sum(season[:past]), sum(season[past:])
    if not own_past or not all_past or not all_recent:
        return None
    weeks = [own_past * each / all_past for each in season]
    expected = sum(weeks[past:])
    if expected < PIECES_MIN:
        return None
    scatter = _scatter(own[:past], weeks[:past])
    of_season = 0.0 if _is_flat(season) else 1 / all_recent + 1 / all_past
    spread = sqrt(scatter * (1 / expected + 1 / own_past + of_season))
    score = log((sum(own[past:]) + 0.5) / (expected + 0.5)) / spread
    return _Test(expected, _chance(score, past - 1), (*(None,) * begin, *weeks))


def _season(shop: ShopUse, shops: Sequence[ShopUse], begin: int) -> list[float]:
    """What the other shops used that were there all the time; every week alike when there are none."""
    others = [each for each in shops if each.shop != shop.shop and all(used is not None for used in each.weeks[begin:])]
    weeks = [float(sum(max(0, each.weeks[at] or 0) for each in others)) for at in range(begin, len(shop.weeks))]
    return weeks if min(weeks, default=0.0) > 0 else [1.0] * (len(shop.weeks) - begin)


def _is_flat(season: Sequence[float]) -> bool:
    return min(season) == max(season)


def _scatter(own: Sequence[int], weeks: Sequence[float]) -> float:
    """How many times wider than by chance alone sums of weeks scatter: width of a week, times memory between weeks."""
    residuals = [(used - each) / sqrt(each) for used, each in zip(own, weeks, strict=True) if each > 0]
    squares = sum(each * each for each in residuals)
    if not squares:
        return 1.0
    memory = sum(one * other for one, other in pairwise(residuals)) / squares
    memory = min(MEMORY_MAX, max(0.0, memory))
    return max(1.0, squares / (len(residuals) - 1) * (1 + memory) / (1 - memory))


def _chance(score: float, freedom: int) -> float:
    """P(Student's t <= score), by Wallace's normal approximation (1959): within 0.002 from ten degrees on."""
    normal = sqrt(freedom * log(1 + score * score / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return NormalDist().cdf(-normal if score < 0 else normal)


def _named(chances: dict[str, float]) -> set[str]:
    """The shops whose decline is believed (Benjamini and Hochberg)."""
    ordered = sorted(chances.items(), key=lambda each: each[1])
    last = max(
        (at for at, (_, chance) in enumerate(ordered, 1) if chance <= FALSE_SHARE * at / len(ordered)), default=0
    )
    return {name for name, _ in ordered[:last]}


def _grade(reached: float) -> Grade:
    return "A" if reached < A else "B" if reached < B else "C"
