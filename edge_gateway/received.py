"""An MQTT message as it came, and what the gateway wants to say back: values between the client and the intake."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Received:
    """A PUBLISH. `mid` and `connection` say what to acknowledge, and on which connection alone that is true."""

    topic: str
    payload: bytes
    received_ms: int
    mid: int = 0
    qos: int = 0
    connection: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message for a controller, by the last level of its topic."""

    cabinet: str
    leaf: str
    payload: bytes
