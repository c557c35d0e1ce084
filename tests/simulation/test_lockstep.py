"""One controller in lockstep: a run depends on its seed only, and the clock is the conductor's."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from simulator.conductor import Conductor
from simulator.faults import TEARS
from simulator.flash_reading import journal_end
from simulator.lockstep_process import LockstepProcess, write_image
from simulator.modelled_broker import Broker
from simulator.modelled_network import ModelledNetwork
from simulator.seeded_chance import seeded_chance
from simulator.simulated_shop import BOARD, HEAP, SimulatedShop
from simulator.virtual_cabinet import VirtualCabinet

TICKS_PERIOD_MS = 1 << 30
PPM = 50  # what a crystal may be off


class WatchedProcess(LockstepProcess):
    """The real one; `note` hears what it is granted."""

    note: Callable[[int], None]

    def play(self, granted_us: int) -> None:
        self.note(granted_us)
        super().play(granted_us)


@dataclass
class Bench:
    """One cabinet with power over a modelled broker, and nobody else; `said` is what the broker heard, and when."""

    folder: Path
    image: Path
    seed: int = 1
    ticks_start_ms: int = 0
    conductor: Conductor = field(default_factory=Conductor)
    said: list[tuple[int, str, bytes]] = field(default_factory=list)
    granted: list[tuple[int, int | None]] = field(default_factory=list)  # until when, and the loop's next timer

    def __post_init__(self) -> None:
        broker = Broker(Random(self.seed), self.conductor.loop)
        broker.on_message = lambda topic, payload: self.said.append((self.conductor.now_us, topic, payload))
        line = ModelledNetwork(broker, Random(self.seed), self.conductor.loop)

        def make_power(heard: Callable[[list[Any]], None]) -> LockstepProcess:
            log = self.folder / "log"
            process = WatchedProcess(self.conductor, self.image, HEAP, log, heard, line, ppm=PPM)
            process.note = lambda granted_us: self.granted.append((granted_us, self.conductor.loop.next_us))
            line.tell = process.tell
            return process

        self.cabinet = VirtualCabinet(
            "cab-1",
            BOARD,
            self.folder,
            broker_host="127.0.0.1",
            broker_port=line.port,
            username="cab-1",
            password="password-1",
            access_key="0" * 64,
            seed=self.seed,
            ticks_start_ms=self.ticks_start_ms,
            network=line,
            make_power=make_power,
        )

    async def live(self, for_s: float) -> None:
        """Power on, and so much time."""
        await self.cabinet.power_on()
        await asyncio.sleep(for_s)

    def end(self) -> None:
        """Power off, loop closed."""
        self.cabinet.power_cut()
        self.conductor.close()


MakeBench = Callable[..., Bench]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a controller in lockstep runs."""
    return write_image(tmp_path_factory.mktemp("image") / "image")


@pytest.fixture
def make_bench(image: Path, tmp_path: Path) -> Iterator[MakeBench]:
    """Make benches; they are ended with the test."""
    made: list[Bench] = []

    def make(**how: Any) -> Bench:
        folder = tmp_path / f"bench-{len(made)}"
        folder.mkdir()
        made.append(Bench(folder, image, **how))
        return made[-1]

    yield make
    for bench in made:
        bench.end()


def lived(bench: Bench, for_s: float = 600) -> list[tuple[int, str, bytes]]:
    bench.conductor.run(bench.live(for_s))
    return bench.said


def epoch_of(said: list[tuple[int, str, bytes]]) -> str:
    """The epoch of the first event: the controller drew it by chance."""
    payload = next(payload for _, topic, payload in said if topic.endswith("/event"))
    epoch: str = json.loads(payload.split(b"\n")[0])["epoch"]
    return epoch


def up_ms(said: list[tuple[int, str, bytes]]) -> list[int]:
    """How long the controller says it has been up, health after health."""
    return [json.loads(payload)["up_ms"] for _, topic, payload in said if topic.endswith("/health")]


# ---- chance and time ----


def test_the_same_seed_says_the_same_at_the_same_times(make_bench: MakeBench) -> None:
    first, second = lived(make_bench()), lived(make_bench())
    assert first == second
    assert {topic.rpartition("/")[2] for _, topic, _ in first} >= {"event", "health", "live", "state"}


def test_chance_comes_from_the_seed(make_bench: MakeBench) -> None:
    first, other = lived(make_bench(), 60), lived(make_bench(seed=2), 60)
    assert epoch_of(first) != epoch_of(other)


def test_ticks_that_wrap_change_nothing(make_bench: MakeBench) -> None:
    straight = lived(make_bench())
    wrapping = lived(make_bench(ticks_start_ms=TICKS_PERIOD_MS - 90_000))
    assert wrapping == straight
    assert up_ms(straight) == sorted(up_ms(straight))
    assert up_ms(straight)[-1] > 90_000


def test_it_is_never_ahead_of_a_timer_of_the_loop(make_bench: MakeBench) -> None:
    """Whenever the loop asks what time it is there, it is the loop's time, by a crystal that is fast."""
    bench = make_bench()
    random = Random(4)
    seen: list[tuple[int, int]] = []

    async def ask() -> None:
        await bench.cabinet.power_on()
        for _ in range(300):
            await asyncio.sleep(random.choice((0.000_001, 0.013, 0.7, 9.1)))
            asked_us = bench.conductor.now_us
            there_us, _ = await bench.cabinet.bus_bytes()
            seen.append((asked_us, there_us))

    bench.conductor.run(ask())
    assert seen == sorted(seen)
    assert max(abs(there - asked * (1_000_000 + PPM) // 1_000_000) for asked, there in seen) <= 2
    assert seen[-1][1] - seen[-1][0] > 10_000  # fast by 50 us each second
    assert max(granted - timer for granted, timer in bench.granted if timer is not None) <= 1
    assert len(bench.granted) > 300


def test_nothing_is_heard_of_it_without_power_and_who_asked_is_told(make_bench: MakeBench) -> None:
    bench = make_bench()

    async def cut() -> bool:
        await bench.live(60)
        badge = asyncio.create_task(bench.cabinet.present_badge("04A1B2C3"))
        await asyncio.sleep(0.1)
        bench.cabinet.power_cut()
        bench.said.clear()
        return await badge

    assert bench.conductor.run(cut()) is False
    bench.conductor.run(asyncio.sleep(3600))
    ((_, topic, will),) = bench.said  # by the broker, which misses it
    assert (topic, json.loads(will)["online"]) == ("partsbay/1/cab-1/state", 0)
    assert bench.conductor.players == []


# ---- the power goes in the middle of a flash operation ----


def boots(said: list[tuple[int, str, bytes]]) -> set[int]:
    lines = [line for _, topic, payload in said if topic.endswith("/event") for line in payload.split(b"\n")]
    return {json.loads(line)["body"]["boot"] for line in lines}


def test_every_boot_goes_on_with_the_journal_it_finds(make_bench: MakeBench) -> None:
    bench = make_bench()

    async def on_and_off() -> list[tuple[str, int]]:
        ends = []
        for _ in range(3):
            await bench.live(30)
            bench.cabinet.power_cut()
            ends.append(journal_end(bench.cabinet.flash_path))
        return ends

    ends = bench.conductor.run(on_and_off())
    assert len({epoch for epoch, _ in ends}) == 1
    assert [last for _, last in ends] == sorted({last for _, last in ends})
    assert boots(bench.said) == {1, 2, 3}


async def lose_power_while_it_writes(shop: SimulatedShop, operations: int, tear: str) -> tuple[str, int]:
    """Have people come until the power goes in that operation; the journal as the gateway had acknowledged it."""
    acknowledged: list[tuple[str, int]] = []
    cabinet = shop.cabinets["cab-1"]

    def notice(name: str, _: tuple[Any, ...]) -> None:
        if name == "power_lost":
            assert shop.gateway.life is not None
            cursors = shop.gateway.life.gateway.writer.intake.books.cursors
            acknowledged.extend((epoch, cursor.through) for (_, epoch), cursor in cursors.items())

    cabinet.observers.append(notice)
    shop.process("cab-1").tell("cut_in", operations, tear)
    for _ in range(10):
        if not acknowledged:
            await shop.people["cab-1"].next_visit()
            await asyncio.sleep(5)
    cabinet.observers.remove(notice)
    (journal,) = acknowledged
    return journal


@pytest.mark.parametrize("tear", TEARS)
def test_it_boots_again_with_all_that_was_acknowledged(tear: str, tmp_path: Path) -> None:
    conductor = Conductor()

    async def cut_and_boot() -> None:
        shop = SimulatedShop(conductor, tmp_path, 6, 1, 131_072)
        try:
            await shop.start()
            await asyncio.sleep(60)
            for operations in (0, 1, 5, 14):
                epoch, acknowledged = await lose_power_while_it_writes(shop, operations, tear)
                await asyncio.sleep(120)
                assert shop.process("cab-1").powered
                journal = shop.journal("cab-1")
                assert journal is not None
                assert journal[0] == epoch
                assert journal[1] > acknowledged > 0
                assert shop.has_arrived()
            assert shop.cabinets["cab-1"].boots == 5
            shop.look()
            assert shop.violations == []
            assert shop.stopped == []
        finally:
            shop.close()

    try:
        with seeded_chance(6):
            conductor.run(cut_and_boot())
    finally:
        conductor.close()
