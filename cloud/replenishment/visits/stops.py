"""A visit's rows as the planning takes them, and the other way round. Pure."""

import json
from collections.abc import Sequence

from cloud.replenishment.visits.values import BinPlace, Stop, Wish
from cloud.tables import Visit, VisitLine


def stop_of(visit: Visit, lines: Sequence[VisitLine]) -> Stop:
    """What an open visit carries: lines that are left out weigh nothing."""
    wishes = tuple(wish_of(line) for line in lines if not line.left_out)
    return Stop(visit.shop_id, wishes, visit.arrives_min or None, None, visit.travelled_m)


def wish_of(line: VisitLine) -> Wish:
    """A line as a wish; its mass is that of the line."""
    quantity = line.loaded if line.loaded is not None else line.quantity
    unit_mg = -(-line.mass_g * 1000 // max(1, abs(line.quantity)))
    place = BinPlace(line.shop_id, line.cabinet, line.bin, line.part)
    return Wish(place, line.purpose, quantity, unit_mg=unit_mg, request=line.request, from_shop=line.from_shop)  # type: ignore[arg-type]


def line_of(wish: Wish, visit: str, number: int, dealer: str) -> VisitLine:
    """A wish as a line of a visit."""
    return VisitLine(
        visit=visit,
        line=number,
        dealer_id=dealer,
        shop_id=wish.place.shop,
        cabinet=wish.place.cabinet,
        bin=wish.place.bin,
        part=wish.place.part,
        purpose=wish.purpose,
        request=wish.request,
        from_shop=wish.from_shop,
        quantity=wish.quantity,
        mass_g=wish.mass_g,
        why=json.dumps(dict(wish.why)),
    )
