"""What the planning of rounds works with: bins, what is wished for them, shops, vans by day, and the plan. Pure.

Quantities are whole pieces or grams, masses grams, times minutes of a day, days numbers from 0 of a horizon.
A quantity below zero is taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Purpose = Literal["need", "worth", "take_back", "transfer"]
Reason = Literal[
    "no_van",  # no van works on any of the days
    "closed",  # the shop is open on none of the days on which a van drives
    "too_far",  # there and back alone is longer than a driver's day
    "too_heavy",  # a pack alone is more than any van carries, or the rest of what one shop needs
    "no_time",  # it could be done, but the vans are full with what is more urgent
    "no_room",  # not a single pack fits into the bin now
    "not_in_store",  # the dealer's own store has none left
    "stock_is_back",  # the request is open, but the bin holds what it should
]
DAY_MIN = 1440


@dataclass(frozen=True, order=True)
class BinPlace:
    """A part in a bin of a shop."""

    shop: str
    cabinet: str
    bin: int
    part: str


@dataclass(frozen=True)
class BinState:
    """All that is known of a part in a bin when a round is planned."""

    place: BinPlace
    stock: int
    order_up_to: int
    reorder_point: int = 0
    incoming: int = 0  # on visits that are accepted and not yet confirmed; below zero what they take back
    capacity: int = 0  # 0: not known
    pack: int = 1
    unit_mg: int = 0  # 0: not known
    mean_day: float = 0.0
    request: str = ""  # an open request that is on no visit
    waited_days: float = 0.0  # since it was raised
    out_by_day: tuple[float, ...] = ()  # chance to have run out at the end of each day of the horizon
    out_by_next: float = 0.0  # and before the next chance to come after this horizon's visit
    review_days: int = 7
    keep_days: int = 365  # what is not used within so many days is too much: shelf life, or a year
    quiet_days: int | None = None  # since anybody took some; None: nobody ever did
    put_days: int | None = None  # since some was put in; None: never

    @property
    def held(self) -> int:
        """What lies there once accepted visits have been."""
        return self.stock + self.incoming


@dataclass(frozen=True)
class Wish:
    """What a visit should do to a part in a bin, and why."""

    place: BinPlace
    purpose: Purpose
    quantity: int
    pack: int = 1
    unit_mg: int = 0
    request: str = ""
    from_shop: str = ""
    out_by_day: tuple[float, ...] = ()
    why: tuple[tuple[str, float | int | str], ...] = ()

    @property
    def mass_g(self) -> int:
        """How heavy it is, rounded up; 0 when a unit's mass is not known."""
        return -(-abs(self.quantity) * self.unit_mg // 1000)

    @property
    def urgency(self) -> float:
        """How likely the bin is empty early: the sum over the days; what is asked for comes before what is not."""
        return sum(self.out_by_day) + (1.0 if self.request else 0.0)

    def cut(self, quantity: int) -> "Wish":
        """The same of less, and what was wanted."""
        wanted = dict(self.why).get("wanted", self.quantity)
        kept = tuple(each for each in self.why if each[0] != "wanted")
        return replace(self, quantity=quantity, why=(*kept, ("wanted", wanted)))


@dataclass(frozen=True)
class LeftOut:
    """A need that is on no visit, or the part of one that is not, and why."""

    place: BinPlace
    quantity: int
    reason: Reason
    request: str = ""
    found: int | None = None  # what there is: room in the bin, stock in the store


@dataclass(frozen=True)
class Spot:
    """Where something is, in millionths of a degree."""

    latitude_e6: int
    longitude_e6: int


@dataclass(frozen=True)
class ShopAsk:
    """A shop with what is wished there. `hours` by day: (opens, closes) in minutes, None when it is closed."""

    id: str
    spot: Spot | None
    hours: tuple[tuple[int, int] | None, ...]
    needs: tuple[Wish, ...] = ()
    worth: tuple[Wish, ...] = ()
    take_back: tuple[Wish, ...] = ()
    spare: tuple[Wish, ...] = ()  # what a neighbour could have of it: above what the bin should hold, and moving
    service_min: int = 20


@dataclass(frozen=True)
class VanDay:
    """A van on one day of the horizon."""

    van: str
    day: int
    spot: Spot
    max_g: int
    starts_min: int = 480
    ends_min: int = 1080
    km_per_hour: int = 30


@dataclass(frozen=True)
class Stop:
    """A shop on a round. `arrives_min` None: where the shop is is not known, it comes at the end."""

    shop: str
    wishes: tuple[Wish, ...]
    arrives_min: int | None = None
    leaves_min: int | None = None
    travelled_m: int = 0


@dataclass(frozen=True)
class Tour:
    """One van's round of a day, in order."""

    van: str
    day: int
    stops: tuple[Stop, ...]
    back_min: int | None = None
    back_m: int = 0


@dataclass(frozen=True)
class Plan:
    """Tours, and every need that is on none of them."""

    tours: tuple[Tour, ...]
    left_out: tuple[LeftOut, ...] = ()


def heaviest_g(stops: Sequence[Stop]) -> int:
    """What a van carries at its heaviest moment, in grams.

    What the store gives is on it from the start; what is taken back stays to the end; a transfer is carried from the
    shop that gives it to the shop that gets it.
    """
    carried = sum(wish.mass_g for stop in stops for wish in stop.wishes if wish.quantity > 0 and not wish.from_shop)
    most = carried
    for stop in stops:
        carried -= sum(wish.mass_g if wish.quantity > 0 else -wish.mass_g for wish in stop.wishes)
        most = max(most, carried)
    return most
