"""What strikes a shop of real processes, when, and for how long: drawn from a seed, carried out, and counted.

The draws never depend on what happens: the same seed gives the same faults in the same order. When exactly each
strikes does depend on it, since the processes live in their own time; so a seed shows where to look and proves nothing
when run again. Every fault ends by itself and leaves what it struck running.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any

from simulator.demo import Demo
from simulator.network import Network
from simulator.people import Doing
from simulator.programs import Program
from simulator.virtual_cabinet import VirtualCabinet
from tests.cloud.postgres import PostgresServer
from tests.soak.mosquitto import Mosquitto

MOMENT_S = 15  # as long a power cut waits for its moment
LINGER_MS_MAX = 3000  # and then, in the cabinet's time, for its second


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault as it was drawn."""

    kind: str
    after_s: float  # since the one before
    for_s: float
    where: float  # 0..1: which of the cabinets or links
    linger: float  # 0..1: how far into its moment


class Draws:
    """Faults without end: every kind once in an order of chance, then every kind again."""

    def __init__(self, random: Random, kinds: list[str], gap_s: tuple[float, float]):
        self._random = random
        self._kinds = kinds
        self._gap_s = gap_s
        self._deck: list[str] = []

    def __iter__(self) -> "Draws":
        return self

    def __next__(self) -> Fault:
        random = self._random
        if not self._deck:
            self._deck = random.sample(self._kinds, len(self._kinds))
        kind = self._deck.pop()
        after_s = random.uniform(*self._gap_s)
        return Fault(kind, after_s, random.choice((0.0, random.uniform(0.05, 3.0))), random.random(), random.random())


@dataclass(slots=True)
class Site:
    """What can be struck; `broker` and `postgres` where they are programs of their own."""

    demo: Demo
    broker: Mosquitto | None = None
    postgres: PostgresServer | None = None
    struck: Counter[str] = field(default_factory=Counter)
    account: list[str] = field(default_factory=list)


class Faults:
    """Faults on a site until it is time to stop."""

    def __init__(self, site: Site, seed: int, gap_s: tuple[float, float]):
        self._site = site
        self._random = Random(f"{seed} faults")
        self._gap_s = gap_s
        self._busy: set[str] = set()
        self._began = time.monotonic()
        self._strikes: dict[str, Callable[[Fault], Coroutine[Any, Any, None]]] = {
            "gateway_killed": lambda fault: self._kill(fault, site.demo.shop.gateway),
            "cloud_killed": lambda fault: self._kill(fault, site.demo.shop.cloud),
            "power_cut": lambda fault: self._cut_power(fault, ()),
            "power_cut_twice": lambda fault: self._cut_power(fault, (), again=True),
            "power_cut_at_the_door": lambda fault: self._cut_power(fault, (Doing.AT_THE_DOOR,)),
            "power_cut_door_open": lambda fault: self._cut_power(fault, (Doing.INSIDE,)),
            "power_cut_settling": lambda fault: self._cut_power(fault, (Doing.INSIDE, Doing.AWAY)),
            "link_cut": self._cut_link,
            "link_half_open": self._silence_link,
            "link_slow": self._slow_link,
        }
        if site.broker is not None:
            self._strikes["broker_killed"] = self._kill_broker
            self._strikes["broker_killed_after_saving"] = self._kill_broker
            self._strikes["broker_killed_without_memory"] = self._kill_broker
        if site.postgres is not None:
            self._strikes["postgres_killed"] = self._kill_postgres

    async def strike(self, stopping: asyncio.Event) -> None:
        """One fault after the other, each in its own time; returns when the last has ended."""
        async with asyncio.TaskGroup() as group:
            for fault in Draws(self._random, list(self._strikes), self._gap_s):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), fault.after_s)
                if stopping.is_set():
                    break
                group.create_task(self._strikes[fault.kind](fault))

    # ---- programs ----

    async def _kill(self, fault: Fault, program: Program) -> None:
        """Its keeper starts it again; one that is just starting is killed as well."""
        if program.pid:
            self._note(fault, program.name)
            program.kill()

    async def _kill_broker(self, fault: Fault) -> None:
        broker = self._site.broker
        if broker is None:
            return
        async with self._alone("broker") as free:
            if not free:
                return
            if fault.kind == "broker_killed_after_saving":
                await broker.save()
            if fault.kind == "broker_killed_without_memory":
                broker.forget()
            self._note(fault, "broker")
            await broker.kill()
            await asyncio.sleep(fault.for_s / 2)
            await broker.start()

    async def _kill_postgres(self, fault: Fault) -> None:
        postgres = self._site.postgres
        if postgres is None:
            return
        async with self._alone("postgres") as free:
            if free:
                self._note(fault, "postgres")
                await asyncio.to_thread(postgres.kill)
                await asyncio.sleep(fault.for_s / 4)
                await asyncio.to_thread(postgres.start)

    # ---- power ----

    async def _cut_power(self, fault: Fault, moments: tuple[Doing, ...], *, again: bool = False) -> None:
        cabinets = self._site.demo.shop.cabinets
        name = _one(list(cabinets), fault.where)
        async with self._alone(f"power {name}") as free:
            if not free or not await self._moment(name, moments, fault.linger):
                return
            self._note(fault, name)
            cabinet = cabinets[name]
            await self._without_power(cabinet, fault.for_s / 2)
            if again:  # while it boots
                await asyncio.sleep(fault.linger)
                await self._without_power(cabinet, 0)

    async def _without_power(self, cabinet: VirtualCabinet, seconds: float) -> None:
        cabinet.power_cut()
        try:
            await asyncio.sleep(seconds)
        finally:
            await cabinet.power_on()

    async def _moment(self, name: str, moments: tuple[Doing, ...], linger: float) -> bool:
        """Wait until the cabinet's person has done one thing after the other, and a little more."""
        people = self._site.demo.people[name]
        try:
            async with asyncio.timeout(MOMENT_S):
                for moment in moments:
                    while people.doing is not moment:
                        await asyncio.sleep(0.005)
        except TimeoutError:
            return False
        if moments:
            await asyncio.sleep(linger * LINGER_MS_MAX / 1000 / self._site.demo.shop.speed)
        return True

    # ---- links ----

    async def _cut_link(self, fault: Fault) -> None:
        async with self._link(fault) as (name, network):
            if network is None:
                return
            cabinet = self._site.demo.shop.cabinets.get(name)
            if cabinet is not None:  # its port sees that the cable is gone
                await cabinet.network_cut(True)
                await asyncio.sleep(fault.for_s)
                await cabinet.network_cut(False)
            else:
                network.cut()
                await asyncio.sleep(fault.for_s)
                network.restore()

    async def _silence_link(self, fault: Fault) -> None:
        async with self._link(fault) as (_, network):
            if network is not None:
                network.go_silent()
                await asyncio.sleep(2 * fault.for_s)
                network.restore()

    async def _slow_link(self, fault: Fault) -> None:
        async with self._link(fault) as (_, network):
            if network is not None:
                network.delay_s = 0.02 + 0.3 * fault.linger
                await asyncio.sleep(2 * fault.for_s)
                network.delay_s = 0.0

    @contextlib.asynccontextmanager
    async def _link(self, fault: Fault) -> AsyncIterator[tuple[str, Network | None]]:
        """The link of a cabinet, or one of the gateway's; None when another fault has it."""
        shop = self._site.demo.shop
        links = {name: cabinet.network for name, cabinet in shop.cabinets.items()} | shop.links
        name = _one(list(links), fault.where)
        async with self._alone(f"link {name}") as free:
            if free:
                self._note(fault, f"link of {name}")
            yield name, links[name] if free else None

    # ---- the account ----

    @contextlib.asynccontextmanager
    async def _alone(self, what: str) -> AsyncIterator[bool]:
        """False when another fault of its sort is at work there."""
        if what in self._busy:
            yield False
            return
        self._busy.add(what)
        try:
            yield True
        finally:
            self._busy.discard(what)

    def _note(self, fault: Fault, where: str) -> None:
        self._site.struck[fault.kind] += 1
        at_s = time.monotonic() - self._began
        self._site.account.append(f"{at_s:8.2f} s  {fault.kind}  {where}  for {fault.for_s:.2f} s")


def _one(names: list[str], where: float) -> str:
    return names[int(where * len(names))]
