"""The shop that recorded visits are driven through: each recorded bin a bulk bin, spread over cabinets of 12. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator import recorded_visits
from simulator.recorded_visits import RecordedVisit

BINS_PER_CABINET = 12
CELL = "c3-150kg"
RESTOCKER = ("restocker", "FEED0001")
DEAD_BAND_G = 50
PEOPLE_MAX = 300  # on one access list


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recorded bin stands."""

    cabinet: str
    bin: int


def places(visits: Sequence[RecordedVisit]) -> dict[int, Place]:
    """Where the bins of all visits stand."""
    bins = sorted({visit.bin for visit in visits})
    return {
        bin_: Place(f"recorded-{at // BINS_PER_CABINET + 1}", at % BINS_PER_CABINET + 1) for at, bin_ in enumerate(bins)
    }


def opening(visits: Sequence[RecordedVisit]) -> dict[int, int]:
    """Grams in each bin before its first visit."""
    opening_g: dict[int, int] = {}
    for visit in visits:
        opening_g.setdefault(visit.bin, visit.before_g)
    return opening_g


def document(
    visits: Sequence[RecordedVisit], stand: Mapping[int, Place], opening_g: Mapping[int, int]
) -> dict[str, Any]:
    """What the dealer's cloud is told of the shop."""
    return {
        "version": 1,
        "shop": "recorded",
        "shop_name": "Recorded visits",
        "dealer": "dealer",
        "dealer_name": "Dealer",
        "parts": [
            {"number": f"bulk-{bin_}", "name_zh": f"散料 {bin_}", "name_en": f"Bulk {bin_}", "unit": "gram"}
            for bin_ in stand
        ],
        "cabinets": _cabinets(stand, opening_g),
        "people": _people(visits),
        "jobs": [],
    }


def _cabinets(stand: Mapping[int, Place], opening_g: Mapping[int, int]) -> list[dict[str, Any]]:
    bins: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for bin_, place in stand.items():
        bins[place.cabinet].append(_bin(bin_, place, opening_g[bin_]))
    return [{"id": name, "name_zh": name, "name_en": name, "bins": own} for name, own in sorted(bins.items())]


def _people(visits: Sequence[RecordedVisit]) -> list[dict[str, Any]]:
    """Who comes, with all their badges, and the restocker."""
    badges = {visit.badge: visit.visitor for visit in visits}
    if len(badges) >= PEOPLE_MAX:
        raise ValueError(f"expected fewer than {PEOPLE_MAX} tags on one access list, found {len(badges)}")
    people: dict[str, list[str]] = defaultdict(list)
    for badge, visitor in badges.items():
        people[visitor].append(badge)
    return [
        *(
            {"id": f"v-{visitor}", "name": visitor, "role": "mechanic", "badges": own}
            for visitor, own in people.items()
        ),
        {"id": RESTOCKER[0], "name": RESTOCKER[0], "role": "restocker", "badges": [RESTOCKER[1]]},
    ]


def _bin(bin_: int, place: Place, opening_g: int) -> dict[str, Any]:
    return {
        "bin": place.bin,
        "cell": CELL,
        "part": f"bulk-{bin_}",
        "dealer": "dealer",
        "capacity": recorded_visits.MASS_G_MAX,
        "dead_band": DEAD_BAND_G,
        "opening": opening_g,
    }
