"""From what shops need to rounds by van and day, with every need either on a round or told why not. Pure.

1. What the store does not have, and no neighbour could give, is left out; what is too heavy for any van is cut.
2. `routing.route` finds the rounds of the vans that are free; accepted rounds are not touched.
3. A shop in need that found no place, or whose place nobody knows, is put where it costs least, also into an accepted
   round that has time and room. What a shop of an accepted round needs on top goes with that visit, if there is room.
4. Along each round spare stock of one shop goes to a later one that needs it (`moving.py`).
5. Room that is left is filled with what is worth bringing, and what does not move is taken back.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cloud.replenishment.visits import routing
from cloud.replenishment.visits.moving import with_transfers
from cloud.replenishment.visits.timetable import Timed, inserted, timed
from cloud.replenishment.visits.values import LeftOut, Plan, Reason, ShopAsk, Stop, Tour, VanDay, Wish, heaviest_g

Store = Mapping[str, int]  # what the dealer's own store can give, by part; a part that is not in it: enough
VanDays = dict[tuple[str, int], VanDay]


@dataclass(frozen=True)
class Standing:
    """Accepted rounds that have not been loaded, and the shops on them: their order stands."""

    tours: tuple[Tour, ...] = ()
    shops: tuple[ShopAsk, ...] = ()


def plan(
    shops: Sequence[ShopAsk],
    vans: Sequence[VanDay],
    store: Store,
    standing: Standing = Standing(),
    iterations: int = routing.ITERATIONS,
) -> Plan:
    """New stops by van and day, and what is left out. A stop of a shop that has an accepted one goes with that."""
    work = _Work(shops, vans, store, standing)
    work.route(iterations)
    work.insert_rest()
    return work.finished()


class _Work:
    """A plan in the making."""

    def __init__(self, shops: Sequence[ShopAsk], vans: Sequence[VanDay], store: Store, standing: Standing) -> None:
        self.left_out: list[LeftOut] = []
        self.vans: VanDays = {(van.van, van.day): van for van in vans}
        self.standing = {(tour.van, tour.day): list(tour.stops) for tour in standing.tours}
        self.visited = {stop.shop: key for key, stops in self.standing.items() for stop in stops if key in self.vans}
        self.store = dict(store)
        kept = self._cut_by_store(shops)
        self.shops = {shop.id: self._cut_by_weight(shop) for shop in kept}
        self.known = {shop.id: shop for shop in standing.shops} | self.shops
        self.tours: dict[tuple[str, int], list[Stop]] = {}
        self.additions: dict[tuple[str, int], list[Stop]] = defaultdict(list)

    # ---- before the way is looked for ----

    def _cut_by_store(self, shops: Sequence[ShopAsk]) -> list[ShopAsk]:
        """The most urgent first: what neither the store nor a neighbour has is left out."""
        there = dict(self.store)
        for shop in shops:
            for wish in shop.spare:
                if wish.place.part in there:
                    there[wish.place.part] -= wish.quantity
        kept: dict[str, list[Wish]] = defaultdict(list)
        for wish in _most_urgent(wish for shop in shops for wish in shop.needs):
            given = _given(wish, there)
            if given is not None:
                kept[wish.place.shop].append(given)
            self._note(wish, given, "not_in_store", there.get(wish.place.part))
        return [replace(shop, needs=tuple(kept[shop.id])) for shop in shops]

    def _cut_by_weight(self, shop: ShopAsk) -> ShopAsk:
        """No more than the strongest van carries; a pack more is left for another time."""
        most_g = max((van.max_g for van in self.vans.values()), default=0)
        if not self.vans:
            return shop
        kept = []
        for wish in _most_urgent(shop.needs):
            given = _as_heavy(wish, most_g)
            if given is not None:
                kept.append(given)
                most_g -= given.mass_g
            self._note(wish, given, "too_heavy", None)
        return replace(shop, needs=tuple(kept))

    def _note(self, wish: Wish, given: Wish | None, reason: Reason, found: int | None) -> None:
        lacking = wish.quantity - (given.quantity if given else 0)
        if lacking > 0:
            self.left_out.append(LeftOut(wish.place, lacking, reason, "" if given else wish.request, found))

    # ---- the way ----

    def route(self, iterations: int) -> None:
        """The vans that have no accepted round yet."""
        free = [van for key, van in self.vans.items() if key not in self.standing]
        new = [shop for shop in self.shops.values() if shop.id not in self.visited]
        for found in routing.route(new, free, iterations):
            stops = [self._stop(self.shops[name]) for name in found.shops]
            self.tours[found.van_day.van, found.van_day.day] = stops

    def _stop(self, shop: ShopAsk) -> Stop:
        """A shop in need with what it needs; what is worth bringing is filled in when there is room."""
        return Stop(shop.id, shop.needs)

    def insert_rest(self) -> None:
        """Whoever needs something and is on no round, the most urgent first."""
        placed = {stop.shop for stops in self.tours.values() for stop in stops}
        waiting = [shop for shop in self.shops.values() if shop.needs and shop.id not in placed]
        for shop in sorted(waiting, key=lambda shop: (-sum(wish.urgency for wish in shop.needs), shop.id)):
            if not self._insert(shop):
                reason = self._why_not(shop)
                self.left_out += [LeftOut(w.place, w.quantity, reason, w.request) for w in shop.needs]

    def _insert(self, shop: ShopAsk) -> bool:
        key = self.visited.get(shop.id)
        if key is not None and self._add(key, self._stop(shop)):
            return True
        return self._insert_anew(shop)

    def _add(self, key: tuple[str, int], stop: Stop) -> bool:
        """Let it go with the visit that is accepted."""
        if heaviest_g([_joined(each, stop) for each in self._all_stops(key)]) > self.vans[key].max_g:
            return False
        self.standing[key] = [_joined(each, stop) for each in self.standing[key]]
        self.additions[key].append(stop)
        return True

    def _insert_anew(self, shop: ShopAsk) -> bool:
        best: tuple[int, int, tuple[str, int], Timed] | None = None
        for key, van in sorted(self.vans.items(), key=lambda each: (each[0][1], each[0][0])):
            if self.visited.get(shop.id) == key:
                continue
            stops = self._all_stops(key)
            found = inserted(van, stops, self._stop(shop), self.known)
            if found is not None:
                way_m = found.way_m - timed(van, stops, self.known).way_m
                cost = way_m - routing.prize_m(shop, van.day)
                if best is None or cost < best[0]:
                    best = cost, van.day, key, found
        if best is None:
            return False
        self.tours[best[2]] = self._without_standing(best[2], best[3].tour.stops)
        return True

    def _all_stops(self, key: tuple[str, int]) -> list[Stop]:
        """What is accepted with what is new, in one order: the new ones were put where they cost least."""
        van, stops = self.vans[key], list(self.standing.get(key, ()))
        if not stops:
            return list(self.tours.get(key, ()))
        for stop in self.tours.get(key, ()):
            found = inserted(van, stops, stop, self.known)
            stops = list(found.tour.stops) if found is not None else [*stops, stop]
        return stops

    def _without_standing(self, key: tuple[str, int], stops: Iterable[Stop]) -> list[Stop]:
        standing = {stop.shop for stop in self.standing.get(key, ())}
        return [stop for stop in stops if stop.shop not in standing]

    def _why_not(self, shop: ShopAsk) -> Reason:
        if not self.vans:
            return "no_van"
        open_days = [van for van in self.vans.values() if shop.hours[van.day] is not None]
        if not open_days:
            return "closed"
        alone = (timed(van, [self._stop(shop)], self.known) for van in open_days)
        if not any(not found.too_late for found in alone):
            return "too_far"
        return "no_time"

    # ---- what comes along ----

    def finished(self) -> Plan:
        """Transfers, then what the store has, then what is worth it, then what comes back."""
        made = []
        for key in sorted(self.tours, key=lambda key: (key[1], key[0])):
            van, standing = self.vans[key], self.standing.get(key, [])
            stops = self.tours[key]
            if not standing:
                stops = with_transfers(stops, self.shops)
            stops = [self._from_store(stop) for stop in stops]
            stops = self._filled(van, stops, standing)
            stops = [stop for stop in stops if stop.wishes]
            if stops:
                found = timed(van, self._merged(van, standing, stops), self.known)
                made.append(self._new_part(found.tour, standing))
        made += [self._added(key, stops) for key, stops in sorted(self.additions.items()) if stops]
        return Plan(tuple(made), tuple(sorted(self.left_out, key=lambda left: (left.place, left.reason))))

    def _added(self, key: tuple[str, int], stops: Sequence[Stop]) -> Tour:
        """What goes with accepted visits."""
        given = [self._from_store(stop) for stop in stops]
        return Tour(*key, tuple(stop for stop in given if stop.wishes))

    def _merged(self, van: VanDay, standing: Sequence[Stop], stops: Sequence[Stop]) -> list[Stop]:
        if not standing:
            return list(stops)
        merged = list(standing)
        for stop in stops:
            found = inserted(van, merged, stop, self.known)
            merged = list(found.tour.stops) if found is not None else [*merged, stop]
        return merged

    @staticmethod
    def _new_part(tour: Tour, standing: Sequence[Stop]) -> Tour:
        known = {stop.shop for stop in standing}
        return replace(tour, stops=tuple(stop for stop in tour.stops if stop.shop not in known))

    def _from_store(self, stop: Stop) -> Stop:
        """The needs that no neighbour meets, as far as the store has them."""
        kept = []
        for wish in stop.wishes:
            if wish.purpose != "need":
                kept.append(wish)
                continue
            given = _given(wish, self.store)
            if given is not None:
                kept.append(given)
            self._note(wish, given, "not_in_store", self.store.get(wish.place.part))
        return replace(stop, wishes=tuple(kept))

    def _filled(self, van: VanDay, stops: list[Stop], standing: Sequence[Stop]) -> list[Stop]:
        """What is worth bringing (the likeliest asked for first), then what is to be taken back, as room allows."""
        extra = _most_urgent(wish for stop in stops for wish in self.shops[stop.shop].worth)
        moved = {wish.place for stop in stops for wish in stop.wishes}
        back = [wish for stop in stops for wish in self.shops[stop.shop].take_back if wish.place not in moved]
        for wish in (*extra, *back):
            given = _given(wish, self.store) if wish.quantity > 0 else wish
            if given is None:
                continue
            tried = [_with(stop, given) for stop in stops]
            if heaviest_g(self._merged(van, standing, tried)) <= van.max_g:
                stops = tried
            elif wish.quantity > 0 and wish.place.part in self.store:
                self.store[wish.place.part] += given.quantity
        return stops


def _joined(stop: Stop, other: Stop) -> Stop:
    return replace(stop, wishes=(*stop.wishes, *other.wishes)) if stop.shop == other.shop else stop


def _with(stop: Stop, wish: Wish) -> Stop:
    return replace(stop, wishes=(*stop.wishes, wish)) if stop.shop == wish.place.shop else stop


def _most_urgent(wishes: Iterable[Wish]) -> list[Wish]:
    return sorted(wishes, key=lambda wish: (-wish.urgency, wish.place))


def _given(wish: Wish, there: dict[str, int]) -> Wish | None:
    """So much as there is, in whole packs, which is then gone; None for nothing."""
    part = wish.place.part
    if part not in there:
        return wish
    quantity = min(wish.quantity, _whole(wish, max(0, there[part])))
    if quantity <= 0:
        return None
    there[part] -= quantity
    return wish.cut(quantity)


def _as_heavy(wish: Wish, most_g: int) -> Wish | None:
    if wish.mass_g <= most_g:
        return wish
    quantity = _whole(wish, max(0, most_g) * 1000 // wish.unit_mg)
    return wish.cut(quantity) if quantity > 0 else None


def _whole(wish: Wish, most: int) -> int:
    """At most so much of it: whole packs, unless it was loose from the start."""
    if most >= wish.quantity:
        return wish.quantity
    return most if wish.quantity % wish.pack else most // wish.pack * wish.pack
