"""Stock of one shop for another on the same round: taken back here, brought there. Pure.

Only forwards along the round, only of what the giver can spare (`wishes.spare_of` and what it would give back anyway),
in whole packs of what the other shop needs. It makes the van no heavier: the pieces would have come from the store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cloud.replenishment.visits.values import ShopAsk, Stop, Wish


def with_transfers(stops: Sequence[Stop], shops: Mapping[str, ShopAsk]) -> list[Stop]:
    """The same stops, where a need is met by an earlier shop as far as that one can spare it."""
    spare: dict[str, list[Wish]] = {}  # by part, the givers that the van has been to
    wishes = [list(stop.wishes) for stop in stops]
    for at, stop in enumerate(stops):
        for wish in stop.wishes:
            if wish.purpose == "need":
                _meet(wishes, at, wish, (stops, spare))
        for wish in _spare_of(shops[stop.shop]):
            spare.setdefault(wish.place.part, []).append(wish)
    return [replace(stop, wishes=tuple(kept)) for stop, kept in zip(stops, wishes, strict=True)]


def _spare_of(shop: ShopAsk) -> list[Wish]:
    """What it would give back anyway goes on as a transfer, too, instead of lying in the van."""
    back = {wish.place for wish in shop.take_back}
    return [*shop.take_back, *(wish for wish in shop.spare if wish.place not in back)]


def _meet(wishes: list[list[Wish]], at: int, need: Wish, known: tuple[Sequence[Stop], dict[str, list[Wish]]]) -> None:
    stops, spare = known
    givers, open_ = spare.get(need.place.part, []), need.quantity
    for index, giver in enumerate(givers):
        moved = min(open_, -giver.quantity) // need.pack * need.pack
        if moved <= 0 or giver.place.shop == need.place.shop:
            continue
        source = next(place for place, stop in enumerate(stops) if stop.shop == giver.place.shop)
        wishes[source].append(replace(giver, purpose="transfer", quantity=-moved, request=""))
        wishes[at].append(
            replace(need, purpose="transfer", quantity=moved, from_shop=giver.place.shop, why=(*need.why, *_why(giver)))
        )
        givers[index] = giver.cut(giver.quantity + moved)
        open_ -= moved
    wishes[at] = [each for each in wishes[at] if each is not need]
    if open_:
        wishes[at].append(need.cut(open_) if open_ < need.quantity else need)


def _why(giver: Wish) -> tuple[tuple[str, float | int | str], ...]:
    return (("from_stock", dict(giver.why)["stock"]),)
