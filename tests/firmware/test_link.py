"""The real link under the real interpreter against real brokers: every event arrives, in order, byte for byte.

One suite for NATS and Mosquitto: to the link any broker is a wire that may lose and repeat.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest

from tests.firmware import brokers
from tests.firmware.brokers import Broker, hang_up, wait_until
from tests.firmware.link_world import Cabinet, Cable, StrangersGateway, compiled_firmware


@pytest.fixture(scope="module")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled_firmware(tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="module", params=["nats", "mosquitto"])
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    one = brokers.broker_of(request.param)
    one.start()
    yield one
    one.close()


@pytest.fixture(scope="module")
def listening_gateway(broker: Broker) -> Iterator[StrangersGateway]:
    with StrangersGateway(broker.port) as one:
        wait_until(lambda: one.subscribed, "the gateway to listen")
        yield one


@pytest.fixture
def gateway(listening_gateway: StrangersGateway) -> Iterator[StrangersGateway]:
    listening_gateway.reset()
    yield listening_gateway
    if listening_gateway.retained:
        listening_gateway.send("config", b"", retain=True)


def all_arrived(cabinet: Cabinet, gateway: StrangersGateway, events: int) -> None:
    """Wait until every event is acknowledged, then compare what arrived with what is on flash."""
    wait_until(lambda: cabinet.state["through"] == events, f"{events} events acknowledged")
    assert gateway.arrivals[cabinet.state["epoch"]] == cabinet.journaled()
    assert len(cabinet.journaled()) == events


def test_events_arrive_in_order_with_the_bytes_of_the_journal(
    firmware: Path, tmp_path: Path, broker: Broker, gateway: StrangersGateway
) -> None:
    with Cabinet(firmware, tmp_path, broker.port, 60) as cabinet:
        all_arrived(cabinet, gateway, 60)
        online = next(state for state in gateway.states if state["epoch"] == cabinet.state["epoch"])
        assert (online["online"], online["boot"], online["v"]) == (1, 3, 1)
        assert gateway.health[-1]["epoch"] == cabinet.state["epoch"]
        assert cabinet.state["heap_free_min"] > 32 * 1024  # with this test's own driver compiled in the same heap
        assert (cabinet.state["connects"], cabinet.state["refused"]) == (1, 0)
    wait_until(lambda: gateway.states[-1]["online"] == 0, "the last will")


def test_a_broker_killed_and_started_empty_loses_nothing(
    firmware: Path, tmp_path: Path, broker: Broker, gateway: StrangersGateway
) -> None:
    with Cabinet(firmware, tmp_path, broker.port, 400, pause_ms=25) as cabinet:  # at work for longer than both take
        for times in (1, 2):
            reached = cabinet.state["through"] + 40
            wait_until(lambda reached=reached: cabinet.state["through"] >= reached, f"{reached} events acknowledged")
            assert cabinet.state["last"] < 400
            broker.kill()
            broker.start()
            wait_until(lambda times=times: cabinet.state["connects"] > times, "the cabinet to be connected again")
        all_arrived(cabinet, gateway, 400)


def test_a_gateway_that_is_silent_gets_everything_when_it_is_back(
    firmware: Path, tmp_path: Path, broker: Broker, gateway: StrangersGateway
) -> None:
    gateway.silent = True
    with Cabinet(firmware, tmp_path, broker.port, 150) as cabinet:
        wait_until(lambda: cabinet.state["last"] == 150, "150 events journaled")
        assert cabinet.state["through"] == 0
        gateway.silent = False
        all_arrived(cabinet, gateway, 150)
        assert cabinet.state["connects"] == 1  # it never took silence for a broken connection


def test_a_gateway_that_loses_publishes_asks_again_and_gets_them(
    firmware: Path, tmp_path: Path, broker: Broker, gateway: StrangersGateway
) -> None:
    gateway.losing = random.Random(3)
    with Cabinet(firmware, tmp_path, broker.port, 150, pause_ms=8) as cabinet:
        all_arrived(cabinet, gateway, 150)
    assert gateway.publishes < 400  # one gap is answered once, not once for each publish behind it


def test_a_gateway_restored_from_a_backup_gets_the_journal_again(
    firmware: Path, tmp_path: Path, broker: Broker, gateway: StrangersGateway
) -> None:
    # A gateway that is held up for a moment must not be taken for one that lost something: that would be told twice.
    with Cabinet(firmware, tmp_path, broker.port, 80, retry_ms=30_000) as cabinet:
        all_arrived(cabinet, gateway, 80)
        epoch = cabinet.state["epoch"]
        for through in (79, 30, 0):
            gateway.rewind(epoch, through)
            wait_until(lambda: gateway.through[epoch] == 80, f"the events after {through} once more")
            all_arrived(cabinet, gateway, 80)
    assert gateway.duplicates == 0


def test_a_cable_cut_and_a_half_open_connection_lose_nothing(
    firmware: Path, tmp_path: Path, broker: Broker, gateway: StrangersGateway
) -> None:
    with Cable(broker.port) as cable, Cabinet(firmware, tmp_path, cable.port, 240, 10, answer_ms=1500) as cabinet:
        for times in (1, 2):
            reached = 40 * times
            wait_until(lambda reached=reached: cabinet.state["through"] >= reached, f"{reached} events acknowledged")
            cable.cut()
            wait_until(lambda times=times: cabinet.state["connects"] > times, "the cabinet to be connected again")
        wait_until(lambda: cabinet.state["through"] >= 120, "120 events acknowledged")
        connects = cable.accepted
        cable.swallow = True
        wait_until(lambda: cable.accepted > connects, "the cabinet to notice that nobody answers")
        cable.swallow = False
        wait_until(lambda: cabinet.state["connects"] >= 4, "the cabinet to be connected a fourth time")
        all_arrived(cabinet, gateway, 240)


@pytest.mark.parametrize("packet", [b"\x00\x00", b"\x30\xff\xff\x7f"], ids=["no_packet_type", "two_megabytes"])
def test_a_malformed_packet_ends_the_connection_and_nothing_else(
    firmware: Path, tmp_path: Path, broker: Broker, gateway: StrangersGateway, packet: bytes
) -> None:
    with Cable(broker.port) as cable, Cabinet(firmware, tmp_path, cable.port, 60, pause_ms=10) as cabinet:
        wait_until(lambda: cabinet.state["through"] >= 10, "10 events acknowledged")
        cable.say(packet)
        wait_until(lambda: cabinet.state["connects"] > 1, "the cabinet to be connected again")
        all_arrived(cabinet, gateway, 60)
        assert cabinet.state["connects"] == 2
        assert "MqttError" in cabinet.state["trouble"]


def test_messages_are_handed_over_and_bad_ones_cost_themselves_only(
    firmware: Path, tmp_path: Path, broker: Broker, gateway: StrangersGateway
) -> None:
    config = b"x" * 16384
    gateway.send("config", config, retain=True)
    with Cabinet(firmware, tmp_path, broker.port, 20) as cabinet:
        all_arrived(cabinet, gateway, 20)
        wait_until(lambda: ["config", len(config)] in cabinet.state["messages"], "the retained config")
        assert cabinet.state["piece_max"] <= 1024
        connects = cabinet.state["connects"]
        for payload in (b"", b"{}", b"\xff", b'{"v":1', b'{"v":9,"epoch":"","through":1,"in_cloud":0,"again":0}'):
            gateway.send("journal_ack", payload)
        gateway.send("command", b"[" * 3000)
        gateway.send("command", b'{"id":"1","kind":"identify","for_ms":5,"v":1}')
        wait_until(lambda: cabinet.state["refused"] == 6, "six messages refused")
        wait_until(lambda: ["command", 45] in cabinet.state["messages"], "the good command")
        assert (cabinet.state["connects"], cabinet.state["through"]) == (connects, 20)


def test_a_retained_config_that_is_too_large_does_not_keep_the_cabinet_from_its_gateway(
    firmware: Path, tmp_path: Path, broker: Broker, gateway: StrangersGateway
) -> None:
    gateway.send("config", b"x" * 20000, retain=True)
    with Cabinet(firmware, tmp_path, broker.port, 60) as cabinet:
        all_arrived(cabinet, gateway, 60)
        wait_until(lambda: cabinet.state["refused"] == 1, "the config to be refused")
        assert (cabinet.state["connects"], cabinet.state["messages"]) == (1, [])


def test_a_message_whose_rest_does_not_come_is_abandoned(
    firmware: Path, tmp_path: Path, broker: Broker, gateway: StrangersGateway
) -> None:
    topic = b"partsbay/1/cab-1/config"
    begun = b"\x30\x80\x40\x00" + bytes([len(topic)]) + topic + b"x" * 3000  # of 8192 bytes
    with Cable(broker.port) as cable, Cabinet(firmware, tmp_path, cable.port, 60, pause_ms=10) as cabinet:
        wait_until(lambda: cabinet.state["through"] >= 10, "10 events acknowledged")
        cable.say(begun)
        wait_until(lambda: cabinet.state["piece_max"] > 0, "the first piece")
        cable.cut()
        wait_until(lambda: cabinet.state["abandoned"] == 1, "the message to be given up")
        all_arrived(cabinet, gateway, 60)
        assert not [message for message in cabinet.state["messages"] if message[0] == "config"]


def test_a_wrong_password_backs_off_and_the_journal_goes_on(
    firmware: Path, tmp_path: Path, broker: Broker, gateway: StrangersGateway
) -> None:
    with Cabinet(firmware, tmp_path, broker.port, 50, password="not this one") as cabinet:
        wait_until(lambda: cabinet.state["refused"] >= 3, "three refusals", timeout_s=60)
        wait_until(lambda: cabinet.state["last"] == 50, "50 events journaled")
        assert (cabinet.state["connects"], cabinet.state["online"]) == (0, False)
        epoch = cabinet.state["epoch"]
    with Cabinet(firmware, tmp_path, broker.port, 50) as cabinet:
        all_arrived(cabinet, gateway, 50)
        assert cabinet.state["epoch"] == epoch


def as_the_other_cabinet(broker: Broker, client_id: str) -> paho.Client:
    """A client that has the credentials of cab-2."""
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=client_id)
    client.username_pw_set("cab-2", brokers.CABINETS["cab-2"])
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    return client


def test_a_cabinet_cannot_listen_for_another(broker: Broker, gateway: StrangersGateway) -> None:
    heard: list[str] = []
    answered: list[int] = []
    listener = as_the_other_cabinet(broker, "listener")
    listener.on_message = lambda _client, _data, message: heard.append(message.topic)
    listener.on_subscribe = lambda _client, _data, packet_id, *_: answered.append(packet_id)
    for cabinet in ("cab-1", "cab-2"):
        listener.subscribe(f"partsbay/1/{cabinet}/command", 1)
    wait_until(lambda: len(answered) == 2, "two answers to SUBSCRIBE")
    gateway.send("command", b"for cab-1")
    gateway.send_to("cab-2", "command", b"for cab-2")
    wait_until(lambda: heard, "the command to cab-2")
    hang_up(listener)
    assert heard == ["partsbay/1/cab-2/command"]


def test_a_cabinet_cannot_speak_for_another_and_a_puback_does_not_tell(broker: Broker) -> None:
    acknowledged: list[int] = []
    with StrangersGateway(broker.port, "cab-1") as first, StrangersGateway(broker.port, "cab-2") as second:
        speaker = as_the_other_cabinet(broker, "speaker")
        speaker.on_publish = lambda _client, _data, packet_id, *_: acknowledged.append(packet_id)
        wait_until(lambda: first.subscribed and second.subscribed, "both gateways to listen")
        speaker.publish("partsbay/1/cab-1/event", b"forged", 1)
        wait_until(lambda: acknowledged, "the PUBACK of what is not allowed")
        speaker.publish("partsbay/1/cab-2/event", b"its own", 1)
        wait_until(lambda: second.broken, "the publish that is allowed")
        hang_up(speaker)
        assert first.broken == 0
