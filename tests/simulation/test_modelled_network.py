"""The modelled network, judged by what TCP promises: order whatever the latency, and ends that know what they can."""

import asyncio
from collections.abc import Coroutine, Iterator
from random import Random
from typing import Any

import pytest

from simulator.conductor import Conductor
from simulator.modelled_broker import Broker
from simulator.modelled_network import ECONNREFUSED, ECONNRESET, ModelledNetwork
from tests.simulation.mqtt_peer import CONNACK, Gateway, broker_and_gateway, connect, publish, subscribe

WILL = ("state", b"gone")
KEEPALIVE_S = 60
SILENCE_S = 1.5 * KEEPALIVE_S  # until a broker gives somebody up


class Board:
    """The controller's end: what its world was told, and when."""

    def __init__(self, line: ModelledNetwork, loop: asyncio.AbstractEventLoop):
        self.told: list[tuple[Any, ...]] = []
        self.at_s: list[float] = []
        self.line = line
        self._loop = loop
        line.tell = self._tell

    def open(self, number: int) -> None:
        self.line.said(["tcp_open", number, "127.0.0.1", self.line.port])

    def say(self, number: int, data: bytes) -> None:
        self.line.said(["tcp_data", number, data.hex()])

    def close(self, number: int) -> None:
        self.line.said(["tcp_close", number])

    def heard(self, number: int) -> bytes:
        """All that came over a connection."""
        return b"".join(bytes.fromhex(what[2]) for what in self.told if what[:2] == ("tcp_data", number))

    def _tell(self, *message: Any) -> None:
        self.told.append(message)
        self.at_s.append(self._loop.time())


class World:
    """A broker, a gateway on it, and a board on its line."""

    def __init__(self, conductor: Conductor):
        self.broker: Broker
        self.gateway: Gateway
        self.broker, self.gateway = broker_and_gateway(conductor.loop, "network")
        self.line = ModelledNetwork(self.broker, Random(7), conductor.loop)
        self.board = Board(self.line, conductor.loop)
        self._conductor = conductor

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        self._conductor.run(work)

    def wait(self, for_s: float) -> None:
        self.run(asyncio.sleep(for_s))

    def connect(self, number: int = 1, name: str = "cab-1") -> None:
        """Open a connection and be welcome at the broker, and forget how that went."""
        self.board.open(number)
        self.wait(1)
        self.board.say(number, connect(name, KEEPALIVE_S, WILL) + subscribe(1, "config"))
        self.wait(1)
        assert self.board.told[0] == ("tcp_opened", number)
        assert self.board.heard(number).startswith(CONNACK)
        self.board.told.clear()
        self.board.at_s.clear()


@pytest.fixture
def world() -> Iterator[World]:
    """One that works."""
    conductor = Conductor()
    yield World(conductor)
    conductor.close()


# ---- order ----


def test_bytes_keep_their_order_whatever_the_latency(world: World) -> None:
    world.connect()
    random = Random(3)
    said = [b"%d" % number for number in range(300)]

    async def talk() -> None:
        for at, payload in enumerate(said):
            world.line.slow_ms = random.choice((0, 0, 50, 4000))
            world.board.say(1, publish("event", payload, at + 1))
            world.broker.publish_from_gateway("config", payload, 0, retain=False)
            await asyncio.sleep(random.choice((0, 0.001, 0.5)))
        await asyncio.sleep(10)

    world.run(talk())
    assert world.gateway.payloads() == said
    down = [what for what in split(world.board.heard(1)) if what[0] == 0x30]
    assert down == [publish("config", payload) for payload in said]


def split(stream: bytes) -> list[bytes]:
    """Packets of less than 128 bytes."""
    packets = []
    while stream:
        packets.append(stream[: 2 + stream[1]])
        stream = stream[2 + stream[1] :]
    return packets


def test_a_slow_line_takes_its_time_in_both_directions(world: World) -> None:
    world.connect()
    world.line.slow_ms = 3000
    world.board.say(1, publish("event", b"e", 1))
    world.broker.publish_from_gateway("config", b"c", 0, retain=False)
    world.wait(2.9)
    assert (world.board.told, world.gateway.messages) == ([], [])
    world.wait(4)
    assert world.gateway.payloads() == [b"e"]
    assert split(world.board.heard(1)) == [publish("config", b"c"), bytes.fromhex("40020001")]


def test_what_was_said_before_closing_is_heard_before_the_end(world: World) -> None:
    world.connect()
    world.line.slow_ms = 500
    world.board.say(1, publish("event", b"last"))
    world.line.slow_ms = 0
    world.board.close(1)
    world.wait(2)
    assert world.gateway.payloads() == [b"last", b"gone"]


def test_the_controller_hears_that_the_broker_closed_after_all_it_said(world: World) -> None:
    world.connect()
    world.line.slow_ms = 500
    world.broker.publish_from_gateway("config", b"last", 0, retain=False)
    world.line.slow_ms = 0
    world.broker.stop(forget=False)
    world.wait(2)
    assert [what[0] for what in world.board.told] == ["tcp_data", "tcp_closed"]


def test_a_taken_over_connection_is_closed_at_its_own_end(world: World) -> None:
    world.connect(1)
    world.board.open(2)
    world.wait(1)
    world.board.say(2, connect("cab-1", KEEPALIVE_S))
    world.wait(1)
    assert ("tcp_closed", 1) in world.board.told
    assert world.board.heard(2) == CONNACK


# ---- a cut line ----


def test_a_cut_line_fails_both_ends_and_what_was_under_way_is_gone(world: World) -> None:
    world.connect()
    world.line.slow_ms = 500
    world.board.say(1, publish("event", b"under way", 1))
    world.broker.publish_from_gateway("config", b"under way", 0, retain=False)
    world.line.cut()
    assert world.board.told == [("tcp_failed", 1, ECONNRESET)]
    world.wait(600)
    assert world.board.told == [("tcp_failed", 1, ECONNRESET)]
    assert world.gateway.payloads() == [b"gone"]


def test_a_cut_line_refuses_until_it_is_mended(world: World) -> None:
    world.line.cut()
    world.board.open(1)
    world.wait(1)
    assert world.board.told == [("tcp_failed", 1, ECONNREFUSED)]
    world.line.restore()
    world.board.told.clear()
    world.connect(2)


def test_a_broker_that_is_down_refuses(world: World) -> None:
    world.broker.stop(forget=False)
    world.board.open(1)
    world.wait(1)
    assert world.board.told == [("tcp_failed", 1, ECONNREFUSED)]


# ---- a silent line ----


def test_a_silent_line_swallows_everything_and_tells_nobody(world: World) -> None:
    world.connect()
    world.line.go_silent()
    world.board.say(1, publish("event", b"swallowed", 1))
    world.broker.publish_from_gateway("config", b"swallowed", 0, retain=False)
    world.board.open(2)
    world.wait(SILENCE_S - 3)
    assert (world.board.told, world.gateway.messages) == ([], [])
    world.wait(3)
    assert world.gateway.payloads() == [b"gone"]  # the broker has given it up
    assert world.board.told == []  # and the controller cannot know


def test_what_was_silent_breaks_when_the_line_works_again(world: World) -> None:
    world.connect()
    world.line.go_silent()
    world.board.open(2)
    world.wait(5)
    world.line.restore()
    assert world.board.told == [("tcp_failed", 1, ECONNRESET), ("tcp_failed", 2, ECONNRESET)]
    assert world.gateway.payloads() == [b"gone"]
    world.board.told.clear()
    world.connect(3)


# ---- a controller without power ----


def test_a_controller_without_power_says_nothing_to_the_broker(world: World) -> None:
    world.connect()
    world.line.power_lost()
    world.broker.publish_from_gateway("config", b"to nobody", 0, retain=False)
    world.wait(SILENCE_S - 3)
    assert (world.board.told, world.gateway.messages) == ([], [])
    world.wait(3)
    assert world.gateway.payloads() == [b"gone"]  # by its silence
    assert world.board.told == []


def test_bytes_that_left_before_the_power_went_still_arrive(world: World) -> None:
    world.connect()
    world.board.say(1, publish("event", b"just in time", 1))
    world.line.power_lost()
    world.wait(1)
    assert world.gateway.payloads() == [b"just in time"]
    assert world.board.told == []


def test_late_bytes_of_an_old_boot_never_reach_a_new_one(world: World) -> None:
    """Both boots number their connections from 1."""
    world.connect(1)
    world.line.slow_ms = 5000
    world.board.say(1, publish("event", b"e", 9))
    world.broker.publish_from_gateway("config", b"late", 0, retain=False)
    world.line.power_lost()
    world.line.slow_ms = 0
    world.connect(1)
    world.wait(60)
    assert world.board.told == []
    assert world.gateway.payloads() == [b"gone"]  # taken over; what the old connection still brings is nobody's


def test_two_seeds_take_different_times_and_one_seed_the_same() -> None:
    assert _times(1) == _times(1) != _times(2)


def _times(seed: int) -> list[float]:
    conductor = Conductor()
    try:
        broker, _ = broker_and_gateway(conductor.loop, seed)
        line = ModelledNetwork(broker, Random(seed), conductor.loop)
        board = Board(line, conductor.loop)

        async def talk() -> None:
            board.open(1)
            await asyncio.sleep(1)
            board.say(1, connect("cab-1") + subscribe(1, "config"))
            await asyncio.sleep(1)

        conductor.run(talk())
        assert len(board.at_s) == 3
        return board.at_s
    finally:
        conductor.close()
