"""People at work: what is really in the bins, who comes, and what their hands do.

The physical truth of a run is kept here, part by part and piece by piece, and never read from the product.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from random import Random
from typing import Any

from simulator.scenario import PEOPLE, UNKNOWN_BADGE, ScenarioPart, piece_mg
from simulator.virtual_cabinet import VirtualCabinet

MECHANICS = [badge for _, _, role, badge in PEOPLE if role != "restocker"]
RESTOCKER = next(badge for _, _, role, badge in PEOPLE if role == "restocker")
Spot = tuple[int, str]  # where a pile lies: its bin, and the part it is of
UNLOCK_MS = 6000  # a person holds the badge, waits this long, and tries again
TRIES = 6


@dataclass(slots=True)
class Pile:
    """What really lies in a bin of one part: the mass of every piece, or loose grams as milligrams."""

    part: ScenarioPart
    pieces_mg: list[int] = field(default_factory=list)
    bulk_mg: int = 0

    @property
    def mass_mg(self) -> int:
        """What it weighs."""
        return self.bulk_mg if self.part.unit == "gram" else sum(self.pieces_mg)

    @property
    def quantity(self) -> int:
        """Pieces, or whole grams."""
        return round(self.bulk_mg / 1000) if self.part.unit == "gram" else len(self.pieces_mg)

    def add(self, random: Random, quantity: int) -> int:
        """Put in `quantity` new pieces (or grams); the mass they add in mg."""
        if self.part.unit == "gram":
            self.bulk_mg += quantity * 1000
            return quantity * 1000
        new = [piece_mg(random, self.part) for _ in range(quantity)]
        self.pieces_mg += new
        return sum(new)

    def remove(self, random: Random, quantity: int) -> list[int]:
        """Take out `quantity` pieces (or grams), any of them; their masses in mg."""
        if self.part.unit == "gram":
            mass_mg = quantity * 1000 + random.randrange(-500, 500)
            self.bulk_mg -= mass_mg
            return [mass_mg]
        return [self.pieces_mg.pop(random.randrange(len(self.pieces_mg))) for _ in range(quantity)]

    def put_back(self, masses_mg: list[int]) -> None:
        """Give back the very pieces that were taken."""
        if self.part.unit == "gram":
            self.bulk_mg += sum(masses_mg)
        else:
            self.pieces_mg += masses_mg


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit as it really was: `net` is what the bins gained of a part, in pieces or milligrams of bulk.

    `cuts_before`: how often the power went while somebody stood at the door and had not opened it.
    """

    cabinet: str
    badge: str
    let_in: bool
    net: dict[Spot, int]
    cuts_before: int = 0


async def enter(cabinet: VirtualCabinet, badge: str, reaches_ms: int = 0) -> bool:
    """Badge and pull the door open; False when it would not open after some tries.

    The cabinet may still be settling from the visit before, or the hand may come too late: a person tries again.
    """
    for _ in range(TRIES):
        if await cabinet.enter(1, badge, UNLOCK_MS, reaches_ms):
            return True
    return False


class Doing(Enum):
    """Where the person who came last is."""

    AWAY = "away"  # the cabinet may still be settling
    AT_THE_DOOR = "at the door"
    INSIDE = "inside"


class People:
    """Everybody who comes to one cabinet, one after the other, drawn from a seed."""

    def __init__(self, cabinet: VirtualCabinet, bins: Mapping[int, tuple[ScenarioPart, ...]], random: Random):
        self.pause_ms = 0  # between the pieces somebody takes; 0: all in one reach
        self.visits: list[Visit] = []
        self.piles: dict[Spot, Pile] = {(at, part.number): Pile(part) for at, parts in bins.items() for part in parts}
        self.doing = Doing.AWAY
        self.restock_list: Callable[[], Mapping[Spot, int]] = dict  # what the dealer wants brought, and taken back
        self._cabinet = cabinet
        self._random = random
        self._in_hand: dict[Spot, list[int]] = {}
        self._takers: dict[Spot, str] = {}  # whose hand that is: the badge
        self._inside_badge = ""
        self._may_be_unlocked = False  # a badge was shown that nobody has made use of yet
        self._cuts = 0  # of the power meanwhile
        cabinet.observers.append(self._notice)

    async def fill(self) -> None:
        """The opening stock, counted by hand before anything is switched on."""
        loads_mg: dict[int, int] = defaultdict(int)
        for (at, _), pile in self.piles.items():
            pile.add(self._random, pile.part.stock)
            loads_mg[at] += pile.mass_mg
        for at, load_mg in loads_mg.items():
            await self._cabinet.set_load(at, load_mg)

    def lying_in(self, at: int) -> dict[str, int]:
        """What really lies in a bin, by part."""
        return {part: pile.quantity for (there, part), pile in self.piles.items() if there == at}

    async def work(self, stopping: asyncio.Event) -> None:
        """Visit after visit until it is time to stop."""
        while not stopping.is_set():
            await self.next_visit()
            await self._cabinet.sleep_ms(self._random.randrange(4_000, 12_000))

    async def visit_with_power_cut(self, at: Spot) -> None:
        """Take some, and the power goes while the door is open; it comes back, and the door is shut."""
        async with self._inside(self._random.choice(MECHANICS)) as net:
            if net is None:
                return
            net[at] = -await self._take(at)
            self._cabinet.power_cut()
            await self._cabinet.power_on()

    async def next_visit(self) -> None:
        """Whoever comes next, and what is to be done."""
        planned = {at: quantity for at, quantity in self.restock_list().items() if at in self.piles}
        if planned and self._random.random() < 0.5:
            await self._carry_out(planned)
            return
        low = [at for at, pile in self.piles.items() if pile.quantity <= pile.part.reorder]
        draw = self._random.random()
        if len(low) >= 2 or any(self.piles[at].quantity == 0 for at in low):
            await self._restock(low)
        elif draw < 0.03:
            await self._stranger()
        elif draw < 0.70:
            await self._take_from(self._pick(1))
        elif draw < 0.84:
            await self._take_from(self._pick(2))
        elif draw < 0.90:
            await self._hesitate(self._pick(1)[0])
        elif draw < 0.96 and self._in_hand:
            await self._give_back()
        else:
            await self._take_from([])

    def _pick(self, count: int) -> list[Spot]:
        stocked = sorted(at for at, pile in self.piles.items() if pile.quantity > 0)
        return self._random.sample(stocked, min(count, len(stocked)))

    async def _take_from(self, spots: list[Spot]) -> None:
        async with self._inside(self._random.choice(MECHANICS)) as net:
            if net is None:
                return
            for at in spots:
                net[at] = -await self._take(at)

    async def _hesitate(self, at: Spot) -> None:
        """Take some, put one back."""
        async with self._inside(self._random.choice(MECHANICS)) as net:
            if net is None:
                return
            net[at] = -await self._take(at)
            net[at] += await self._put_one_back(at)

    async def _give_back(self) -> None:
        """Whoever took something last brings one back: it was one too many for the job."""
        at = next(reversed(self._in_hand))
        async with self._inside(self._takers[at]) as net:
            if net is not None:
                net[at] = await self._put_one_back(at)

    async def _restock(self, low: list[Spot]) -> None:
        async with self._inside(RESTOCKER) as net:
            if net is None:
                return
            for at in low:
                pile = self.piles[at]
                quantity = pile.part.stock - pile.quantity
                await self._cabinet.put(at[0], pile.add(self._random, quantity))
                net[at] = quantity * (1000 if pile.part.unit == "gram" else 1)

    async def _carry_out(self, planned: Mapping[Spot, int]) -> None:
        """A visit by its list; now and then one piece fewer than planned, or a bin left for another time."""
        async with self._inside(RESTOCKER) as net:
            if net is None:
                return
            for at, quantity in sorted(planned.items()):
                draw = self._random.random()
                if draw >= 0.1:
                    short = draw > 0.85 and abs(quantity) > 1
                    net[at] = await self._bring(at, quantity - (quantity > 0) + (quantity < 0) if short else quantity)
                    await self._cabinet.sleep_ms(self.pause_ms)

    async def _bring(self, at: Spot, quantity: int) -> int:
        """Put so many in, as far as they fit, or (negative) take them out; what the bin gained, as in `Visit.net`."""
        pile = self.piles[at]
        if quantity > 0:
            fits = min(quantity, max(pile.part.stock - pile.quantity, 0))
            if fits:
                await self._cabinet.put(at[0], pile.add(self._random, fits))
            return fits * (1000 if pile.part.unit == "gram" else 1)
        masses_mg = pile.remove(self._random, min(-quantity, pile.quantity))
        if masses_mg:
            await self._cabinet.take(at[0], sum(masses_mg))
        return -sum(masses_mg) if pile.part.unit == "gram" else -len(masses_mg)

    async def _stranger(self) -> None:
        await self._cabinet.present_badge(UNKNOWN_BADGE)
        unlocked = await self._cabinet.wait_unlocked(1, UNLOCK_MS)
        let_in = unlocked and not self._may_be_unlocked  # if it may be, then for somebody who has given up
        self.visits.append(Visit(self._cabinet.cabinet_id, UNKNOWN_BADGE, let_in, {}))

    async def _take(self, at: Spot) -> int:
        pile = self.piles[at]
        if pile.part.unit == "gram":
            wanted = min(self._random.randrange(60, 400), pile.quantity)
        else:
            wanted = min(self._random.choice((1, 1, 1, 2, 2, 3)), pile.quantity)
        masses_mg = pile.remove(self._random, wanted)
        if sum(masses_mg) > self._cabinet.mass_mg(at[0]):  # somebody at the bench page has been here before
            pile.put_back(masses_mg)
            return 0
        self._in_hand.pop(at, None)  # the newest stands last
        self._in_hand[at] = masses_mg
        self._takers[at] = self._inside_badge
        await self._reach_for(at, masses_mg)
        return sum(masses_mg) if pile.part.unit == "gram" else wanted

    async def _reach_for(self, at: Spot, masses_mg: list[int]) -> None:
        """Piece by piece with a pause after each, or all in one reach."""
        reaches = [[mass_mg] for mass_mg in masses_mg] if self.pause_ms else [masses_mg]
        for number, reach in enumerate(reaches):
            if number:
                await self._cabinet.sleep_ms(self.pause_ms)
            await self._cabinet.take(at[0], sum(reach))

    async def _put_one_back(self, at: Spot) -> int:
        masses_mg = self._in_hand.pop(at)
        back, rest = masses_mg[:1], masses_mg[1:]
        if rest:
            self._in_hand[at] = rest
        self.piles[at].put_back(back)
        await self._cabinet.put(at[0], sum(back))
        return sum(back) if self.piles[at].part.unit == "gram" else 1

    @contextlib.asynccontextmanager
    async def _inside(self, badge: str) -> AsyncIterator[dict[Spot, int] | None]:
        """Badge, open, work, shut; None when the door would not open after some tries."""
        net: dict[Spot, int] = {}
        self._inside_badge = badge
        let_in = await self._come_in(badge)
        cuts, self._cuts = self._cuts, 0
        try:
            yield net if let_in else None
        finally:
            if let_in:
                await self._cabinet.sleep_ms(400)
                await self._cabinet.shut_door(1)
            self.doing = Doing.AWAY
            self.visits.append(Visit(self._cabinet.cabinet_id, badge, let_in, net, cuts))

    async def _come_in(self, badge: str) -> bool:
        self.doing = Doing.AT_THE_DOOR
        self._may_be_unlocked = True
        let_in = await enter(self._cabinet, badge, self._random.randrange(150, 700))
        if let_in:
            self.doing = Doing.INSIDE
            self._may_be_unlocked = False
        return let_in

    def _notice(self, name: str, values: tuple[Any, ...]) -> None:
        if name == "power" and not values[0] and self._may_be_unlocked:
            self._cuts += 1
