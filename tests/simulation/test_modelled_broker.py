"""The modelled broker, judged by the bytes of MQTT 3.1.1 as the standard has them, and by the firmware's packets."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest
from cabinet import mqtt

from simulator.conductor import Conductor
from simulator.modelled_broker import Broker
from tests.simulation.mqtt_peer import (
    CONNACK,
    DISCONNECT,
    PINGREQ,
    PINGRESP,
    Gateway,
    Peer,
    broker_and_gateway,
    connect,
    publish,
    subscribe,
)

WILL = ("partsbay/1/cab-1/state", b"gone")


@pytest.fixture
def conductor() -> Iterator[Conductor]:
    """Virtual time."""
    conductor = Conductor()
    yield conductor
    conductor.close()


@pytest.fixture
def shop(conductor: Conductor) -> tuple[Broker, Gateway]:
    """A broker that behaves, with a gateway that hears everything."""
    return broker_and_gateway(conductor.loop, 1)


def wait(conductor: Conductor, for_s: float) -> None:
    conductor.run(asyncio.sleep(for_s))


# ---- packets ----


def test_a_connect_is_answered_with_a_connack(shop: tuple[Broker, Gateway]) -> None:
    by_hand = bytes.fromhex("1011 0004 4d515454 04 02 003c 0005 6361622d31")
    assert connect("cab-1", 60) == by_hand
    assert Peer(shop[0], by_hand).take() == CONNACK


def test_a_publish_at_qos_1_reaches_the_gateway_and_is_acknowledged(shop: tuple[Broker, Gateway]) -> None:
    peer = Peer(shop[0], connect("cab-1"))
    peer.take()
    peer.say(bytes.fromhex("3209 0003 612f62 1234 6869"))
    assert peer.take() == bytes.fromhex("40021234")
    (message,) = shop[1].messages
    assert (message.topic, message.payload, message.qos) == ("a/b", b"hi", 1)


def test_a_publish_at_qos_0_is_not_acknowledged(shop: tuple[Broker, Gateway]) -> None:
    peer = Peer(shop[0], connect("cab-1"))
    peer.take()
    peer.say(bytes.fromhex("3007 0003 612f62 6869"))
    assert peer.take() == b""
    assert shop[1].payloads() == [b"hi"]


def test_a_ping_is_answered(shop: tuple[Broker, Gateway]) -> None:
    assert Peer(shop[0], connect("cab-1"), PINGREQ).take() == CONNACK + PINGRESP


def test_packets_come_in_any_pieces(shop: tuple[Broker, Gateway]) -> None:
    stream = connect("cab-1") + publish("a", b"x" * 200, 7) + PINGREQ + publish("a", b"", 8)
    peer = Peer(shop[0], *(stream[at : at + 1] for at in range(len(stream))))
    assert peer.take() == CONNACK + bytes.fromhex("40020007") + PINGRESP + bytes.fromhex("40020008")
    assert Peer(shop[0], stream.replace(b"cab-1", b"cab-2")).take() == CONNACK + bytes.fromhex("40020007 d000 40020008")
    assert shop[1].payloads() == [b"x" * 200, b""] * 2


def test_a_subscriber_gets_what_the_gateway_says_and_nothing_else(shop: tuple[Broker, Gateway]) -> None:
    peer = Peer(shop[0], connect("cab-1"), subscribe(10, "a/b", "c"))
    assert peer.take() == CONNACK + bytes.fromhex("9004 000a 0101")
    shop[0].publish_from_gateway("a/b", b"hi", 1, retain=False)
    assert peer.take() == bytes.fromhex("3209 0003 612f62 0001 6869")
    shop[0].publish_from_gateway("c", b"yo", 0, retain=False)
    assert peer.take() == bytes.fromhex("3005 0001 63 796f")
    shop[0].publish_from_gateway("d", b"no", 1, retain=False)
    assert peer.take() == b""


def test_a_long_message_has_a_length_of_two_bytes(shop: tuple[Broker, Gateway]) -> None:
    peer = Peer(shop[0], connect("cab-1"), subscribe(1, "a/b"))
    peer.take()
    shop[0].publish_from_gateway("a/b", b"x" * 300, 1, retain=False)
    assert peer.take() == bytes.fromhex("32 b302 0003 612f62 0001") + b"x" * 300


def test_the_firmwares_own_packets_are_understood_and_it_understands_the_answers(shop: tuple[Broker, Gateway]) -> None:
    peer = Peer(shop[0], mqtt.connect("cab-1", 60, "user", "word", *WILL), mqtt.subscribe(3, ["config"]))
    peer.say(mqtt.publish("event", b"{}", 1, 9))
    peer.say(mqtt.PINGREQ)
    shop[0].publish_from_gateway("config", b"{}", 1, retain=True)
    assert mqtt.Parser(1024).feed(peer.take()) == [
        mqtt.Connack(0),
        mqtt.Suback(3, b"\x01"),
        mqtt.Puback(9),
        mqtt.Pingresp(),
        mqtt.Publish("config", b"{}", 1, 1),
    ]
    peer.break_off()
    assert shop[1].payloads() == [b"{}", b"gone"]


# ---- what is retained ----


def test_what_is_retained_comes_on_subscribing_and_says_so(shop: tuple[Broker, Gateway]) -> None:
    shop[0].publish_from_gateway("a", b"old", 1, retain=True)
    shop[0].publish_from_gateway("a", b"new", 1, retain=True)
    shop[0].publish_from_gateway("b", b"passing", 1, retain=False)
    peer = Peer(shop[0], connect("cab-1"), subscribe(1, "a", "b"))
    assert peer.take() == CONNACK + bytes.fromhex("9004 0001 0101 3308 0001 61 0001 6e6577")
    shop[0].publish_from_gateway("a", b"now", 1, retain=True)
    assert peer.take() == bytes.fromhex("3208 0001 61 0002 6e6f77")  # whoever is there hears it as any other


def test_an_empty_retained_message_takes_the_retained_one_away(shop: tuple[Broker, Gateway]) -> None:
    """Section 3.3.1.3."""
    shop[0].publish_from_gateway("a", b"old", 1, retain=True)
    shop[0].publish_from_gateway("a", b"", 1, retain=True)
    assert Peer(shop[0], connect("cab-1"), subscribe(1, "a")).take() == CONNACK + bytes.fromhex("9003 0001 01")


def test_a_gateway_that_comes_later_hears_what_controllers_had_retained(
    conductor: Conductor, shop: tuple[Broker, Gateway]
) -> None:
    Peer(shop[0], connect("cab-1"), publish("state", b"on", 1, retain=True), publish("event", b"e", 2))
    later = Gateway(shop[0], conductor.loop)
    assert later.connect()
    assert later.payloads() == [b"on"]


# ---- last wills ----


def test_a_broken_connection_publishes_the_will_and_keeps_it(
    conductor: Conductor, shop: tuple[Broker, Gateway]
) -> None:
    Peer(shop[0], connect("cab-1", will=WILL)).break_off()
    (message,) = shop[1].messages
    assert (message.topic, message.payload, message.qos) == (*WILL, 1)
    later = Gateway(shop[0], conductor.loop)
    assert later.connect()
    assert later.payloads() == [b"gone"]


def test_a_will_comes_after_one_and_a_half_keepalives_of_silence(
    conductor: Conductor, shop: tuple[Broker, Gateway]
) -> None:
    """Section 3.1.2.10."""
    peer = Peer(shop[0], connect("cab-1", 60, WILL))
    wait(conductor, 80)
    peer.say(PINGREQ)  # at 80 s, so that its patience ends at 170 s
    wait(conductor, 89.9)
    assert (peer.closed, shop[1].messages) == (False, [])
    wait(conductor, 0.2)
    assert peer.closed
    assert shop[1].payloads() == [b"gone"]
    assert shop[1].at_s == [pytest.approx(170, abs=0.001)]


def test_without_a_keepalive_nobody_is_missed(conductor: Conductor, shop: tuple[Broker, Gateway]) -> None:
    peer = Peer(shop[0], connect("cab-1", 0, WILL))
    wait(conductor, 1_000_000)
    assert (peer.closed, shop[1].messages) == (False, [])


def test_who_says_good_bye_leaves_no_will(conductor: Conductor, shop: tuple[Broker, Gateway]) -> None:
    peer = Peer(shop[0], connect("cab-1", 60, WILL), DISCONNECT)
    peer.break_off()
    wait(conductor, 600)
    assert peer.closed
    assert shop[1].messages == []


# ---- one client id, and a broker that dies ----


def test_a_client_id_that_comes_again_takes_the_connection_over(shop: tuple[Broker, Gateway]) -> None:
    """Section 3.1.4: the first is disconnected; what it says then is nobody's."""
    first = Peer(shop[0], connect("cab-1", 60, WILL), subscribe(1, "a"))
    other = Peer(shop[0], connect("cab-2"))
    second = Peer(shop[0], connect("cab-1", 60, WILL))
    assert (first.closed, second.closed, other.closed) == (True, False, False)
    assert second.take() == CONNACK
    assert shop[1].payloads() == [b"gone"]
    first.take()
    first.say(publish("event", b"late", 5))
    first.break_off()
    shop[0].publish_from_gateway("a", b"hi", 1, retain=False)
    assert (first.take(), second.take()) == (b"", b"")
    assert shop[1].payloads() == [b"gone"]


@pytest.mark.parametrize("forget", [False, True])
def test_a_broker_that_dies_comes_back_with_or_without_its_memory(
    forget: bool, conductor: Conductor, shop: tuple[Broker, Gateway]
) -> None:
    broker, gateway = shop
    broker.publish_from_gateway("config", b"list", 1, retain=True)
    peer = Peer(broker, connect("cab-1", 60, WILL), publish("state", b"on", 1, retain=True))
    broker.stop(forget=forget)
    assert (broker.up, peer.closed, gateway.losses) == (False, True, 1)
    assert not gateway.connect()
    broker.publish_from_gateway("config", b"lost", 1, retain=True)
    broker.publish_strange("event", b"lost")
    wait(conductor, 600)
    broker.start()
    assert gateway.payloads() == [b"on"]  # the dead publish no will
    again = Peer(broker, connect("cab-1"), subscribe(1, "config"))
    came = b"" if forget else bytes.fromhex("330e 0006 636f6e666967 0001 6c697374")
    assert again.take() == CONNACK + bytes.fromhex("9003 0001 01") + came
    later = Gateway(broker, conductor.loop)
    assert later.connect()
    assert later.payloads() == ([] if forget else [b"list", b"on"])


# ---- manners ----


def test_a_doubled_message_comes_twice_under_two_numbers(shop: tuple[Broker, Gateway]) -> None:
    shop[0].manners.duplicate_ppm = 1_000_000
    Peer(shop[0], connect("cab-1"), publish("a", b"1", 1), publish("a", b"2", 2))
    assert shop[1].payloads() == [b"1", b"1", b"2", b"2"]
    assert len({message.mid for message in shop[1].messages}) == 4
    assert shop[0].counts == {"broker_duplicate": 2, "broker_delay": 0, "broker_reorder": 0}


def test_a_delayed_message_is_acknowledged_at_once_and_comes_later(
    conductor: Conductor, shop: tuple[Broker, Gateway]
) -> None:
    shop[0].manners.delay_ppm = 1_000_000
    peer = Peer(shop[0], connect("cab-1"), publish("a", b"1", 1))
    assert peer.take() == CONNACK + bytes.fromhex("40020001")
    assert shop[1].messages == []
    wait(conductor, 20)
    assert shop[1].payloads() == [b"1"]
    assert 0.1 <= shop[1].at_s[0] <= 20
    assert shop[0].counts["broker_delay"] == 1


def test_a_reordered_message_is_passed_by_the_next_or_comes_alone(
    conductor: Conductor, shop: tuple[Broker, Gateway]
) -> None:
    shop[0].manners.reorder_ppm = 1_000_000
    peer = Peer(shop[0], connect("cab-1"), publish("a", b"1", 1), publish("a", b"2", 2))
    assert shop[1].payloads() == [b"2", b"1"]
    peer.say(publish("a", b"3", 3))
    wait(conductor, 6)
    assert shop[1].payloads() == [b"2", b"1", b"3"]
    assert shop[1].at_s[2] == pytest.approx(5, abs=0.001)
    assert shop[0].counts["broker_reorder"] == 2


def test_with_bad_manners_every_message_still_comes_and_each_doubled_one_was_counted(
    conductor: Conductor, shop: tuple[Broker, Gateway]
) -> None:
    manners = shop[0].manners
    manners.duplicate_ppm = manners.delay_ppm = manners.reorder_ppm = 250_000
    peer = Peer(shop[0], connect("cab-1"))
    said = [b"%d" % number for number in range(1000)]

    async def say() -> None:
        for at, payload in enumerate(said):
            peer.say(publish("a", payload, at + 1))
            await asyncio.sleep(0.5)
        await asyncio.sleep(30)

    conductor.run(say())
    came = Counter(shop[1].payloads())
    assert came.keys() == set(said)
    assert max(came.values()) == 2
    assert came.total() - len(said) == shop[0].counts["broker_duplicate"]
    assert shop[1].payloads() != sorted(shop[1].payloads(), key=int)
    assert min(shop[0].counts.values()) > 150
