"""The year's cabinet on paper: which standard parts stand in which of its twelve bins, and the shop's document of it.

Pure. A bin is planned to four fifths of its cell; a heavy part comes in few pieces, a light one in sixty at most. A bin
that the product's planogram check refuses is drawn again: a dealer would be told so.
"""

from collections.abc import Sequence
from random import Random
from typing import Any

from edge_gateway.counting.cells import CELLS
from edge_gateway.counting.evidence import Mass
from edge_gateway.counting.separability import PlacedPart, check_bin
from simulator.count_bench.bench_planogram import CAPACITY_MG, Place
from simulator.count_bench.standard_mix import MECHANICS
from simulator.count_bench.standard_parts import Part, family_of, standard_parts
from simulator.year.shop_gateway import CABINET

BINS = 12
PARTS_PER_CELL_MAX = 7  # of 84 standard parts
_FILLED_PERCENT_MAX = 80
_PIECES = (3, 60)
_DRAWN_MAX = 1000
DEALER = "dealer"
LOOKER = "o-1"  # the owner, who looks into bins that are asked about
RESTOCKER = "r-1"

Plan = tuple[tuple[Place, ...], ...]


def draw_plan(seed: int, cell: str, parts_per_cell: int) -> Plan:
    """Twelve bins with so many parts each, no part twice, three pieces or more of each in its bin (`ValueError`)."""
    random = Random(f"{seed}/year/plan")
    parts = list(standard_parts(seed, family_of(cell)))
    room_mg = CAPACITY_MG[cell] * _FILLED_PERCENT_MAX // 100
    bins: list[tuple[Place, ...]] = []
    for _ in range(_DRAWN_MAX):
        chosen = random.sample(parts, parts_per_cell)
        places = tuple(_place(part, room_mg // parts_per_cell) for part in chosen)
        if sum(part.mass_mg for part in chosen) * _PIECES[0] <= room_mg and _accepted(cell, places):
            bins.append(places)
            parts = [part for part in parts if part not in chosen]
        if len(bins) == BINS:
            return tuple(bins)
    raise ValueError(f"expected {BINS} bins of {parts_per_cell} parts that can be told apart, found {len(bins)}")


def _accepted(cell: str, places: Sequence[Place]) -> bool:
    placed = tuple(
        PlacedPart(place.part.number, Mass(place.part.mass_mg, _spread_mg(place.part)), place.capacity)
        for place in places
    )
    return check_bin(CELLS[cell], placed).verdict != "refused"


def _spread_mg(part: Part) -> int:
    return part.mass_mg * part.spread_ppm // 1_000_000


def _place(part: Part, room_mg: int) -> Place:
    return Place(part, max(_PIECES[0], min(_PIECES[1], room_mg // part.mass_mg)))


def person(number: int) -> str:
    """The name of one of the bench's people on the access list."""
    return f"p-{number + 1}" if number < MECHANICS else RESTOCKER


def document(plan: Plan, cell: str, stock: Sequence[dict[str, int]]) -> dict[str, Any]:
    """The shop's document as the dealer would have made it; `stock`: what was counted into each bin."""
    people = [(person(number), "mechanic") for number in range(MECHANICS)]
    people += [(LOOKER, "shop_owner"), (RESTOCKER, "restocker")]
    return {
        "version": 1,
        "shop": "shop-1",
        "shop_name": "Shop",
        "dealer": DEALER,
        "dealer_name": "Dealer",
        "parts": [_part(place.part) for places in plan for place in places],
        "cabinets": [
            {
                "id": CABINET,
                "name_zh": "一号柜",
                "name_en": "Cabinet 1",
                "bins": [_bin(at, plan[at], cell, stock[at]) for at in range(len(plan))],
            }
        ],
        "people": [{"id": name, "name": name, "role": role, "badges": [name]} for name, role in people],
        "jobs": [],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "number": part.number,
        "name_zh": part.number,
        "name_en": part.number,
        "unit_mass_mg": part.mass_mg,
        "spread_mg": _spread_mg(part),
    }


def _bin(at: int, places: Sequence[Place], cell: str, stock: dict[str, int]) -> dict[str, Any]:
    first, *also = [_bin_part(place, stock[place.part.number]) for place in places]
    return {"bin": at + 1, "cell": cell, **first, "also": also}


def _bin_part(place: Place, stock: int) -> dict[str, Any]:
    return {
        "part": place.part.number,
        "capacity": place.capacity,
        "reorder_point": place.capacity // 3,
        "order_up_to": place.capacity,
        "opening": stock,
    }
