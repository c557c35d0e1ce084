"""Which cabinets come in which stage of a rollout: one, a tenth, all. Pure.

The first is one whose trouble would be noticed soon and would hurt little: heard of every day, well, with people
taking parts from it on most days. The tenth is spread over shops, so that not one shop bears it; of a shop no two
come in the first two stages while other shops are left.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

STAGES: Final = 3
TENTH: Final = 10
WORKDAYS: Final = 10  # sessions on so many of the last fourteen days are as good as on all


@dataclass(frozen=True, slots=True)
class Candidate:
    """A cabinet that a release fits. `days_heard`, `days_used`: of the last fourteen, on how many."""

    shop: str
    cabinet: str
    is_online: bool = True
    days_heard: int = 0
    days_used: int = 0
    blind: int = 0
    restless: int = 0  # starts by the watchdog in the last weeks
    backlog: int = 0

    @property
    def place(self) -> tuple[str, str]:
        """Shop and cabinet."""
        return self.shop, self.cabinet


def suits(cabinet: Candidate) -> tuple[int, ...]:
    """How well a cabinet suits to be the first: the greatest comes first."""
    is_well = cabinet.is_online and not cabinet.blind and not cabinet.restless
    return (
        int(is_well),
        int(cabinet.is_online),
        min(cabinet.days_heard, WORKDAYS),
        min(cabinet.days_used, WORKDAYS),
        -cabinet.blind,
        -cabinet.restless,
        -min(cabinet.backlog, 1000),
    )


def stages(cabinets: Iterable[Candidate]) -> list[list[Candidate]]:
    """The cabinets of each stage in their order. Of one cabinet alone there is one stage, of few there are two."""
    ordered = spread(cabinets)
    if not ordered:
        return []
    tenth = -(-len(ordered) // TENTH)
    cut = [ordered[:1], ordered[1 : 1 + tenth], ordered[1 + tenth :]]
    return [stage for stage in cut if stage]


def spread(cabinets: Iterable[Candidate]) -> list[Candidate]:
    """The best of every shop, then the second best of every shop, and so on."""
    by_shop: dict[str, list[Candidate]] = defaultdict(list)
    for each in sorted(cabinets, key=lambda one: one.place):
        by_shop[each.shop].append(each)
    rounds: list[list[Candidate]] = []
    for of_shop in by_shop.values():
        for at, each in enumerate(_best_first(of_shop)):
            if at == len(rounds):
                rounds.append([])
            rounds[at].append(each)
    return [each for turn in rounds for each in _best_first(turn)]


def _best_first(cabinets: Sequence[Candidate]) -> list[Candidate]:
    return sorted(cabinets, key=suits, reverse=True)  # stable: alike ones stay in the order of their names
