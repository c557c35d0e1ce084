"""Rounds as they are planned, without a database: what always holds, and small rounds whose best plan is known."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.replenishment.visits import routing
from cloud.replenishment.visits.planning import Standing, plan
from cloud.replenishment.visits.timetable import timed
from cloud.replenishment.visits.travel import DETOUR, metres, minutes
from cloud.replenishment.visits.values import (
    BinPlace,
    BinState,
    LeftOut,
    Plan,
    ShopAsk,
    Spot,
    Stop,
    Tour,
    VanDay,
    Wish,
    heaviest_g,
)
from cloud.replenishment.visits.wishes import spare_of, wish_for

JINAN = Spot(36_650_000, 117_120_000)
OPEN = ((480, 1080),) * 3
FEW = 60  # iterations: a dozen shops need no more


def place(shop: str = "s", bin_: int = 1, part: str = "P") -> BinPlace:
    return BinPlace(shop, "cab-1", bin_, part)


def need(shop: str, quantity: int = 6, *, part: str = "P", kg: float = 1.0, bin_: int = 1, request: str = "") -> Wish:
    unit_mg = round(kg * 1e6 / quantity)
    return Wish(
        place(shop, bin_, part), "need", quantity, 6, unit_mg, request or f"r-{shop}-{bin_}", "", (0.1, 0.4, 0.7)
    )


def shop(name: str, east_km: float, *needs: Wish, hours: tuple[tuple[int, int] | None, ...] = OPEN) -> ShopAsk:
    """A shop so far to the east of Jinan, as the crow flies."""
    degrees_e6 = round(east_km / 89.33 * 1e6)  # of longitude at 36.65 degrees north: 111.32 km * cos
    return ShopAsk(name, Spot(JINAN.latitude_e6, JINAN.longitude_e6 + degrees_e6), hours, needs)


def van(name: str = "van-1", day: int = 0, kg: int = 500, ends_min: int = 1080) -> VanDay:
    return VanDay(name, day, JINAN, kg * 1000, 480, ends_min, 30)


# ---- what a bin wants ----


@pytest.mark.parametrize(
    ("state", "purpose", "quantity"),
    [
        (BinState(place(), 2, 20, 4, pack=6, request="r"), "need", 18),
        (BinState(place(), 2, 20, 4, pack=6, request="r", capacity=16), "need", 12),  # two packs fit
        (BinState(place(), 2, 20, 4, pack=6, request="r", incoming=12), "need", 6),
        (BinState(place(), 5, 20, 4, out_by_next=0.2, pack=6), "need", 18),
        (BinState(place(), 0, 4, 1, pack=10, capacity=5, request="r"), "need", 4),  # no pack ever fits: loose
        (BinState(place(), 8, 20, 4, pack=6, mean_day=1.0, review_days=7), "worth", 12),
        (BinState(place(), 50, 8, 4, pack=6, mean_day=0.01, quiet_days=200, put_days=200), "take_back", -42),
        (BinState(place(), 50, 8, 4, pack=6, mean_day=0.1, quiet_days=200, put_days=200), "take_back", -12),
        (BinState(place(), 50, 8, mean_day=0.1, keep_days=90, quiet_days=200, put_days=200), "take_back", -41),
    ],
)
def test_what_a_bin_wants(state: BinState, purpose: str, quantity: int) -> None:
    """Figures by hand: packs cover what is missing to the order-up-to level, and a year's use is kept."""
    wish = wish_for(state)
    assert isinstance(wish, Wish)
    assert (wish.purpose, wish.quantity) == (purpose, quantity)


@pytest.mark.parametrize(
    "state",
    [
        BinState(place(), 12, 20, 4, pack=6, mean_day=0.2, review_days=7),  # stays above its reorder point
        BinState(place(), 16, 20, 12, pack=6, mean_day=2.0, review_days=7),  # less than a pack is missing
        BinState(place(), 50, 8, 4, pack=6, quiet_days=200, put_days=20),  # put in lately
        BinState(place(), 50, 8, 4, pack=6, quiet_days=20, put_days=200),  # used lately
        BinState(place(), 12, 8, 4, pack=6, quiet_days=200, put_days=200),  # no whole pack above the level
        BinState(place(), 5, 20, 4, out_by_next=0.19, pack=6),
    ],
)
def test_what_a_bin_does_not_want(state: BinState) -> None:
    assert wish_for(state) is None


def test_a_need_that_cannot_be_met_says_why() -> None:
    full = wish_for(BinState(place(), 15, 20, 4, pack=6, capacity=20, request="r"))
    assert full == LeftOut(place(), 5, "no_room", "r", 5)
    assert wish_for(BinState(place(), 21, 20, 4, request="r")) == LeftOut(place(), 0, "stock_is_back", "r", 21)


# ---- the way ----


def test_a_way_by_hand() -> None:
    """A degree of latitude is 111.19 km on a sphere of 6,371 km; at 60 km/h and 1 km a minute."""
    north = Spot(JINAN.latitude_e6 + 1_000_000, JINAN.longitude_e6)
    assert metres(JINAN, north) == round(111_194.93 * DETOUR) == 147_889
    assert minutes(147_889, 60) == 148


def test_the_best_of_two_rounds() -> None:
    """Two shops to the east and two to the west, two vans of two shops' load: nobody drives through the middle."""
    shops = [shop("e1", 20, need("e1", kg=50)), shop("e2", 24, need("e2", kg=50)),
             shop("w1", -20, need("w1", kg=50)), shop("w2", -24, need("w2", kg=50))]  # fmt: skip
    made = plan(shops, [van("a", kg=100), van("b", kg=100)], {}, iterations=FEW)
    rounds = sorted(sorted(stop.shop for stop in tour.stops) for tour in made.tours)
    assert (rounds, made.left_out) == ([["e1", "e2"], ["w1", "w2"]], ())
    driven_m = sum(sum(stop.travelled_m for stop in tour.stops) + tour.back_m for tour in made.tours)
    assert driven_m == pytest.approx(4 * 24_000 * DETOUR, rel=0.005)  # to the farther one and back, twice


def test_days_hours_and_what_is_worth_a_detour() -> None:
    """A shop that is closed on the first day waits for the second; one in need does not; far off is not worth it."""
    later = shop("later", 10, need("later"), hours=(None, (480, 1080), None))
    now = shop("now", 10, need("now"))
    worth = Wish(place("near"), "worth", 6, 6, 1_000_000)
    near, far = (
        replace(shop("near", 11), worth=(worth,)),
        replace(shop("far", 60), worth=(replace(worth, place=place("far")),)),
    )
    made = plan([later, now, near, far], [van(day=0), van(day=1)], {}, iterations=FEW)
    days = {stop.shop: tour.day for tour in made.tours for stop in tour.stops}
    assert (days["later"], days["now"], "near" in days, "far" in days) == (1, 0, True, False)
    stops = {stop.shop: stop for tour in made.tours for stop in tour.stops}
    assert stops["near"].wishes == (worth,)


@pytest.mark.parametrize(
    ("shops", "vans", "reasons"),
    [
        ([shop("a", 5, need("a"))], [], {"a": "no_van"}),
        ([shop("a", 5, need("a"), hours=(None, None, None))], [van()], {"a": "closed"}),
        ([shop("a", 150, need("a"))], [van()], {"a": "too_far"}),
        ([shop("a", 5, need("a", kg=90, quantity=1))], [van(kg=80)], {"a": "too_heavy"}),
        ([shop("a", 5, need("a", kg=60)), shop("b", 6, need("b", kg=50))], [van(kg=100)], {"b": "no_time"}),
    ],
)
def test_what_does_not_fit_says_why(shops: list[ShopAsk], vans: list[VanDay], reasons: dict[str, str]) -> None:
    made = plan(shops, vans, {}, iterations=FEW)
    told = {left.place.shop: left.reason for left in made.left_out}
    if "b" in reasons:  # one of two goes: which one is the planner's choice
        assert list(told.values()) == ["no_time"]
    else:
        assert told == reasons


def test_a_shop_without_a_place_comes_at_the_end() -> None:
    lost = replace(shop("lost", 0, need("lost")), spot=None)
    made = plan([shop("a", 5, need("a")), lost], [van()], {}, iterations=FEW)
    [tour] = made.tours
    assert [(stop.shop, stop.arrives_min is None) for stop in tour.stops] == [("a", False), ("lost", True)]


def test_a_neighbour_gives_what_it_can_spare() -> None:
    """Twelve are needed to the east; the shop on the way has fourteen too many: twelve are moved, two stay."""
    spare = spare_of(BinState(place("giver"), 34, 20, 4, pack=6, unit_mg=1_000_000))
    assert spare is not None
    giver = replace(shop("giver", 5, need("giver", part="Q", bin_=2)), spare=(spare,))
    far = shop("far", 9, need("far", 12, kg=12))
    made = plan([giver, far], [van()], {"P": 0}, iterations=FEW)
    moved = {
        w.place.shop: (w.quantity, w.from_shop)
        for t in made.tours
        for s in t.stops
        for w in s.wishes
        if w.purpose == "transfer"
    }
    if [stop.shop for stop in made.tours[0].stops] == ["giver", "far"]:
        assert moved == {"giver": (-12, ""), "far": (12, "giver")}
    else:  # the giver lies behind: the store has none, so it is said
        assert [left.reason for left in made.left_out] == ["not_in_store"]


def test_an_accepted_round_stands_and_takes_more() -> None:
    """What a shop of it needs on top goes with it; another shop is put into it where there is room."""
    first = shop("a", 5, need("a"))
    standing = Tour("van-1", 0, (Stop("a", (need("a", bin_=9, kg=30),)),))
    more = [shop("a", 5, need("a", bin_=2, kg=30)), shop("b", 6, need("b", kg=30))]
    made = plan(more, [van(kg=100)], {}, Standing((standing,), (first,)), FEW)
    assert sorted((stop.shop, stop.wishes[0].mass_g) for tour in made.tours for stop in tour.stops) == [
        ("a", 30_000),
        ("b", 30_000),
    ]
    full = plan(more, [van(kg=50)], {}, Standing((standing,), (first,)), FEW)
    assert (full.tours, {left.reason for left in full.left_out}) == ((), {"no_time"})


# ---- what always holds ----

KG = st.integers(1, 60)
SHOPS = st.lists(
    st.tuples(
        st.floats(-60, 60),  # km to the east
        st.lists(st.tuples(st.sampled_from("PQR"), st.integers(1, 4), KG), max_size=3),  # needs: part, packs, kg
        st.lists(st.tuples(st.sampled_from("PQR"), st.integers(1, 3)), max_size=2),  # spare: part, packs
        st.booleans(),  # whether its place is known
        st.sampled_from([OPEN, (None, (540, 900), None), ((480, 520),) * 3]),
    ),
    max_size=7,
)


def _drawn(number: int, told: tuple[float, list[tuple[str, int, int]], list[tuple[str, int]], bool, object]) -> ShopAsk:
    name = f"s{number}"
    needs = [need(name, 6 * packs, part=part, kg=kg, bin_=at) for at, (part, packs, kg) in enumerate(told[1], 1)]
    spare = [
        Wish(place(name, 20 + at, part), "transfer", -6 * packs, 6, 500_000, why=(("stock", 40),))
        for at, (part, packs) in enumerate(told[2])
    ]
    made = replace(shop(name, told[0], *needs, hours=told[4]), spare=tuple(spare))  # type: ignore[arg-type]
    return made if told[3] else replace(made, spot=None)


@settings(max_examples=60, deadline=None)
@given(SHOPS, st.integers(20, 150), st.dictionaries(st.sampled_from("PQR"), st.integers(0, 30), max_size=3))
def test_nothing_is_too_heavy_twice_or_forgotten(told: list[object], kg: int, store: dict[str, int]) -> None:
    """Vans are never too heavy or late, each need is met or told, givers and the store keep what is theirs."""
    shops = [_drawn(number, each) for number, each in enumerate(told)]  # type: ignore[arg-type]
    vans = [van("a", 0, kg), van("b", 0, kg, 720), van("a", 2, kg)]
    made = plan(shops, vans, store, iterations=20)
    by_key = {(each.van, each.day): each for each in vans}
    known = {each.id: each for each in shops}
    for tour in made.tours:
        assert heaviest_g(tour.stops) <= by_key[tour.van, tour.day].max_g
        assert not timed(by_key[tour.van, tour.day], tour.stops, known).too_late
    visited = [stop.shop for tour in made.tours for stop in tour.stops]
    assert len(visited) == len(set(visited))
    _every_need_is_met_or_told(shops, made)
    _nobody_gives_more_than_it_can(shops, made, store)


def _every_need_is_met_or_told(shops: list[ShopAsk], made: Plan) -> None:
    wishes = [wish for tour in made.tours for stop in tour.stops for wish in stop.wishes]
    for asked in (wish for each in shops for wish in each.needs):
        brought = sum(w.quantity for w in wishes if w.place == asked.place and w.quantity > 0)
        told = sum(left.quantity for left in made.left_out if left.place == asked.place)
        assert brought + told == asked.quantity


def _nobody_gives_more_than_it_can(shops: list[ShopAsk], made: Plan, store: dict[str, int]) -> None:
    wishes = [wish for tour in made.tours for stop in tour.stops for wish in stop.wishes]
    for asked in (wish for each in shops for wish in each.spare):
        assert sum(w.quantity for w in wishes if w.place == asked.place) >= asked.quantity
    for tour in made.tours:
        carried: dict[str, int] = {}
        for wish in (wish for stop in tour.stops for wish in stop.wishes if wish.purpose == "transfer"):
            carried[wish.place.part] = carried.get(wish.place.part, 0) - wish.quantity
            assert carried[wish.place.part] >= 0  # taken before it is given
        assert not any(carried.values())
    for part, there in store.items():
        assert sum(w.quantity for w in wishes if w.place.part == part and w.quantity > 0 and not w.from_shop) <= there


def test_the_same_question_has_the_same_answer() -> None:
    shops = [shop(f"s{n}", (n * 37) % 50 - 25, need(f"s{n}", kg=5 + n)) for n in range(12)]
    vans = [van("a", 0, 60), van("b", 0, 60), van("a", 1, 60)]
    assert routing.route(shops, vans, FEW) == routing.route(list(shops), list(vans), FEW)
