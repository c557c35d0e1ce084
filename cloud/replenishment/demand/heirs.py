"""Whose history is whose: of a part that replaces another, and of one that moved to another bin. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from cloud.catalogue.supersession import chain_from
from cloud.replenishment.demand.weeks import Place
from cloud.replenishment.forecasting.values import Floats

RECENT_WEEKS = 13


def heir_of(part: str, successors: Mapping[str, str], planned: frozenset[str]) -> str:
    """The newest part of a chain that the planogram has, "" for none: it is what the next round brings.

    So a part whose successor has a bin of its own is not brought any more, even while it has one too.
    """
    return next((each for each in reversed(chain_from(successors, part)) if each in planned), "")


def inherited(
    demand: Mapping[Place, Floats],
    exposure: Mapping[Place, Floats],
    planned: Iterable[Place],
    successors: Mapping[str, str],
    weeks: int,
) -> dict[Place, tuple[Floats, Floats]]:
    """Demand and exposure of every planned (account, part), with what it inherits within the shop.

    What was asked for at a bin that has the part no more goes to the bins that have its heir, shared as they were
    used lately (evenly when they were not); a week counts as seen when any of those bins had stock.
    """
    places = list(planned)
    parts = frozenset(part for _, part in places)
    homes: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        homes[place[1]].append(place)
    found = {place: (np.zeros(weeks), np.zeros(weeks)) for place in places}
    shares = {part: _shares(demand, at) for part, at in homes.items()}
    for old in demand.keys() | exposure.keys():
        heir = heir_of(old[1], successors, parts)
        if not heir:
            continue
        at_home = old in found and old[1] == heir
        to = {old: 1.0} if at_home else shares[heir]
        for place, share in to.items():
            asked, seen = found[place]
            if old in demand:
                asked += share * demand[old]
            if old in exposure:
                np.minimum(seen + exposure[old], 1.0, out=seen)
    return found


def _shares(demand: Mapping[Place, Floats], places: list[Place]) -> dict[Place, float]:
    recent = np.array([demand[place][-RECENT_WEEKS:].sum() if place in demand else 0.0 for place in places])
    total = recent.sum()
    even = np.full(len(places), 1 / len(places))
    return dict(zip(places, (recent / total if total else even).tolist(), strict=True))
