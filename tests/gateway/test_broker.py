"""The embedded broker: who may say and hear what, and its life with the gateway."""

import os
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest

from edge_gateway import broker as broker_module
from edge_gateway.broker import BrokerError, EmbeddedBroker, command_line
from edge_gateway.gateway import Gateway
from edge_gateway.kiosk_seam import ActionError, SendCommand
from edge_gateway.nats_config import GATEWAY_USER
from edge_gateway.settings import parse
from simulator.ports import free_port
from tests.firmware.brokers import hang_up, wait_until
from tests.gateway.world import Journal, document, encode_document, row

SECRETS = {"cab-1": "secret-of-1", "cab-2": "secret-of-2"}


def settings(folder: Path, port: int = 0) -> Any:
    """Settings with two cabinets and free ports, or the broker's given."""
    return parse(
        {
            "gateway": "gw-1",
            "data_dir": str(folder),
            "broker": {"port": port or free_port()},
            "kiosk": {"port": 0},
            "cabinets": {name: {"password": secret, "access_key": "00" * 32} for name, secret in SECRETS.items()},
        }
    )


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """A running broker."""
    broker = EmbeddedBroker(settings(tmp_path))
    broker.start()
    yield broker
    broker.close()


class Client:
    """A plain MQTT client that remembers what it heard."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.granted: dict[int, bool] = {}
        self.answer: Any = None
        self.stored: set[int] = set()
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, f"test-{user}-{threading.get_ident()}")
        self._client.username_pw_set(user, password)
        self._client.on_connect = lambda _c, _d, _f, reason, _p: setattr(self, "answer", reason)
        self._client.on_message = lambda _c, _d, m: self.heard.append((m.topic, m.payload))
        self._client.on_subscribe = self._subscribed
        self._client.on_publish = lambda _c, _d, mid, _r, _p: self.stored.add(mid)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def _subscribed(self, _client: Any, _data: Any, mid: int, reasons: list[Any], _properties: Any) -> None:
        self.granted[mid] = not reasons[0].is_failure

    def subscribe(self, topic: str) -> bool:
        """Whether the broker granted it."""
        self._wait_for_welcome()
        _result, mid = self._client.subscribe(topic, 1)
        assert mid is not None
        wait_until(lambda: mid in self.granted, "an answer to SUBSCRIBE")
        return self.granted[mid]

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Publish, and wait for the broker's PUBACK: which it gives for what it drops, too."""
        self._wait_for_welcome()
        info = self._client.publish(topic, payload, 1, retain)
        wait_until(lambda: info.mid in self.stored, "an answer to PUBLISH")

    def _wait_for_welcome(self) -> None:
        wait_until(lambda: self.answer is not None, "an answer to CONNECT")

    def close(self) -> None:
        """Disconnect."""
        hang_up(self._client)


def test_a_cabinet_hears_only_what_is_meant_for_it(broker: EmbeddedBroker) -> None:
    cabinet = Client(broker.address.port, "cab-1", SECRETS["cab-1"])
    try:
        for leaf in ("journal_ack", "command", "time", "config"):
            assert cabinet.subscribe(f"partsbay/1/cab-1/{leaf}"), leaf
            assert not cabinet.subscribe(f"partsbay/1/cab-2/{leaf}"), leaf
            assert not cabinet.subscribe(f"partsbay/1/+/{leaf}"), leaf
        for topic in ("#", "partsbay/#", "partsbay/1/cab-1/event", "partsbay/1/*/command", "$JS/#", "$SYS/#"):
            assert not cabinet.subscribe(topic), topic
    finally:
        cabinet.close()


def test_a_cabinet_speaks_only_for_itself(broker: EmbeddedBroker) -> None:
    gateway = Client(broker.address.port, GATEWAY_USER, broker.address.password)
    other = Client(broker.address.port, "cab-2", SECRETS["cab-2"])
    cabinet = Client(broker.address.port, "cab-1", SECRETS["cab-1"])
    try:
        assert gateway.subscribe("partsbay/1/+/+")
        assert other.subscribe("partsbay/1/cab-2/command")
        forbidden = ["cab-2/event", "cab-2/state", "cab-2/command", "cab-1/journal_ack", "cab-1/config", "x/y/z"]
        for topic in [f"partsbay/1/{name}" for name in forbidden]:
            cabinet.publish(topic, b"forged", retain=True)
        for topic in ("$MQTT/msgs/partsbay/1/cab-2/command", "$JS/API/STREAM/PURGE/$MQTT_msgs", "elsewhere"):
            cabinet.publish(topic, b"forged")
        for leaf in ("event", "live", "health", "state"):
            cabinet.publish(f"partsbay/1/cab-1/{leaf}", b"own")
        gateway.publish("partsbay/1/cab-2/command", b"meant")
        wait_until(lambda: len(gateway.heard) >= 5 and other.heard, "what was allowed")
        own = [(f"partsbay/1/cab-1/{leaf}", b"own") for leaf in ("event", "health", "live", "state")]
        assert sorted(gateway.heard) == [*own, ("partsbay/1/cab-2/command", b"meant")]
        assert other.heard == [("partsbay/1/cab-2/command", b"meant")]
    finally:
        for client in (gateway, other, cabinet):
            client.close()


def test_strangers_are_refused(broker: EmbeddedBroker) -> None:
    """All at once: the broker lets each of them wait a second for its answer."""
    strangers = [("cab-1", "wrong"), ("cab-9", "secret-of-1"), ("", "")]
    clients = [Client(broker.address.port, *stranger) for stranger in strangers]
    try:
        wait_until(lambda: all(client.answer is not None for client in clients), "the broker's answers")
        assert [client.answer.is_failure for client in clients] == [True] * 3
    finally:
        for client in clients:
            client.close()


def test_a_port_that_is_taken_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the whole gateway, which ends what it had started; whoever has the port keeps it."""
    monkeypatch.setattr(broker_module, "PORT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        gateway = Gateway(settings(tmp_path, port))
        with pytest.raises(BrokerError, match=f"expected to start the broker at 127.0.0.1:{port}, found: "):
            gateway.start()
        socket.create_connection(("127.0.0.1", port)).close()
    assert not (tmp_path / "broker" / "nats.pid").exists()


def test_passwords_are_for_the_owners_eyes(broker: EmbeddedBroker, tmp_path: Path) -> None:
    path = tmp_path / "broker" / "nats.conf"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "secret-of-1" in path.read_text()
    assert "secret" not in command_line(broker.pid)


def test_a_foreign_process_of_a_stale_pid_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    (tmp_path / "broker" / "nats.pid").write_text(str(os.getpid()))
    broker = EmbeddedBroker(settings(tmp_path))
    broker.start()
    pid = broker.pid
    assert command_line(pid)
    broker.close()
    assert not command_line(pid)


def test_a_broker_that_was_left_behind_is_ended_by_the_next(tmp_path: Path) -> None:
    """As when gateway and watcher were killed together: only the pid file tells."""
    left = EmbeddedBroker(settings(tmp_path))
    left.start()
    pid = left.pid
    left._closing.set()  # its keeper gives up; nobody ends it
    left._end_watcher()
    broker = EmbeddedBroker(settings(tmp_path))
    broker.start()
    try:
        assert not command_line(pid)
        assert command_line(broker.pid)
    finally:
        broker.close()
        left.close()


def test_a_whole_gateway_in_one_process(tmp_path: Path) -> None:
    """Broker, writer and kiosk's seam together: a session over MQTT, the access list, a command."""
    gateway = Gateway(settings(tmp_path))
    gateway.start()
    host, port = gateway.mqtt_address().split(":")
    cabinet = Client(int(port), "cab-1", SECRETS["cab-1"])
    try:
        for leaf in ("journal_ack", "command", "config"):
            assert cabinet.subscribe(f"partsbay/1/cab-1/{leaf}")
        wait_until(lambda: not _refused(gateway), "the gateway's own connection")
        new = document()
        gateway.put_document(new, encode_document(new))
        journal = Journal()
        journal.created()
        journal.session([row(1, 6_000_000, 4_800_000)])
        before = gateway.changes()
        cabinet.publish(journal.topic, b"\n".join(journal.lines))
        wait_until(lambda: any(b'"through":5' in payload for _topic, payload in cabinet.heard), "a journal_ack")
        wait_until(lambda: gateway.changes() > before, "the pages to be told")
        wait_until(lambda: any(topic.endswith("config") for topic, _payload in cabinet.heard), "the access list")
        assert host in gateway.ready_line()
        assert gateway.document() == new
    finally:
        cabinet.close()
        gateway.close()


def _refused(gateway: Gateway) -> bool:
    try:
        gateway.act(SendCommand("cab-1", "identify", {"for_ms": 1}))
    except ActionError:
        return True
    return False
