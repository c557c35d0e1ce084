"""The gateway's MQTT connection: paho-mqtt behind a small seam.

The callbacks only enqueue; nothing is decided on the network thread. A message is acknowledged by hand, after its
commit, and only on the connection it came on. It reconnects by itself; what is sent while the broker is away is
dropped, because every answer is repeated when its cabinet speaks again.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import paho.mqtt.client as paho
from cabinet import wire
from paho.mqtt.enums import CallbackAPIVersion

from edge_gateway.broker import BrokerAddress
from edge_gateway.broker_keys import client_context
from edge_gateway.received import Outgoing, Received

log = logging.getLogger(__name__)

KEEPALIVE_S = 30
SUBSCRIBE_AGAIN_S = 5.0
QOS = {"journal_ack": 1, "command": 1, "config": 1, "time": 0, "bundle": 0, "certificate": 1}

AT_MOST_ONCE = ("live", "device", "want")  # comes again, or is worth nothing later


class Link(Protocol):
    """What the writer says to the broker."""

    def acknowledge(self, message: Received) -> None:
        """The message is durable here."""
        ...

    def send(self, message: Outgoing) -> bool:
        """Publish to a controller; False when there is no connection."""
        ...


class MqttClient:
    """A connection that stays up. `on_message` and `on_connected` are called on the network thread: enqueue only."""

    def __init__(
        self,
        address: BrokerAddress,
        gateway: str,
        on_message: Callable[[Received], None],
        on_connected: Callable[[], None],
    ) -> None:
        self._address = address
        self._on_message = on_message
        self._on_connected = on_connected
        self._connection = 0
        self._lost_logged = False
        self._lock = threading.Lock()
        self._asked: dict[int, list[tuple[str, int]]] = {}  # topics of the subscription that is not answered yet
        # A client id nobody can guess: whoever used the same one would cut us off.
        client_id = f"partsbay-{gateway}-{secrets.token_hex(8)}"
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id, clean_session=True, manual_ack=True)
        if address.username:
            self._client.username_pw_set(address.username, address.password)
        if address.certificate is not None:
            self._client.tls_set_context(client_context(address.authority, address.certificate))
        self._client.reconnect_delay_set(1, 5)
        self._client.max_inflight_messages_set(1000)
        self._client.on_connect = self._connected
        self._client.on_connect_fail = self._not_connected
        self._client.on_disconnect = self._disconnected
        self._client.on_subscribe = self._subscribed
        self._client.on_message = self._received

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._client.connect_async(self._address.host, self._address.port, KEEPALIVE_S)
        self._client.loop_start()

    def close(self) -> None:
        """Disconnect and end the network thread."""
        self._client.disconnect()
        self._client.loop_stop()
        self._client.reinitialise()  # closes the sockets by which its thread was woken, which are left otherwise

    def acknowledge(self, message: Received) -> None:
        """PUBACK, unless the connection the message came on is gone: the broker repeats it on the next."""
        if message.qos > 0 and message.connection == self._connection:
            self._client.ack(message.mid, message.qos)

    def send(self, message: Outgoing) -> bool:
        """Publish to a controller; False when there is no connection."""
        if not self._client.is_connected():
            return False
        topic = wire.topic(message.cabinet, message.leaf)
        self._client.publish(topic, message.payload, QOS[message.leaf], message.leaf in wire.RETAINED)
        return True

    # ---- on the network thread ----

    def _connected(self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._say_lost(f"the broker refused the gateway: {reason}")
            return
        self._connection += 1
        log.info("connected to the broker at %s:%d", self._address.host, self._address.port)
        self._lost_logged = False
        leaves = [(leaf, 0 if leaf in AT_MOST_ONCE else 1) for leaf in wire.FROM_CONTROLLER]
        self._subscribe([(f"{wire.ROOT}/+/{leaf}", qos) for leaf, qos in leaves], self._connection)
        self._on_connected()

    def _subscribe(self, topics: list[tuple[str, int]], connection: int) -> None:
        """Ask for topics, unless the connection they were wanted on is gone."""
        if connection != self._connection:
            return
        with self._lock:  # the answer may be there before its number is written down
            _, number = self._client.subscribe(topics)
            if number is not None:
                self._asked = {number: topics}

    def _subscribed(self, _client: paho.Client, _data: Any, number: int, reasons: list[Any], _properties: Any) -> None:
        """What the broker refuses is asked for again: one whose disk is full has no room for a subscription either."""
        with self._lock:
            topics = self._asked.pop(number, [])
        refused = [topic for topic, reason in zip(topics, reasons, strict=False) if reason.is_failure]
        if refused:
            self._say_lost(f"the broker refused {len(refused)} of {len(topics)} subscriptions")
            again = threading.Timer(SUBSCRIBE_AGAIN_S, self._subscribe, [refused, self._connection])
            again.daemon = True
            again.start()
        elif topics and self._lost_logged:
            log.info("the broker has granted every subscription")
            self._lost_logged = False

    def _not_connected(self, _client: paho.Client, _data: Any) -> None:
        self._say_lost("the broker does not answer")

    def _disconnected(self, _client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._connection += 1
        if reason.is_failure:
            self._say_lost(f"the connection to the broker is lost: {reason}")

    def _say_lost(self, what: str) -> None:
        if not self._lost_logged:
            log.warning("%s; trying again until it is back", what)
        self._lost_logged = True

    def _received(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        now_ms = time.time_ns() // 1_000_000
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        self._on_message(Received(topic, bytes(message.payload), now_ms, message.mid, message.qos, self._connection))
