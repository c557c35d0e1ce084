"""What the embedded NATS server is configured with: listeners, users, and what each may say and hear.

Pure. Without certificates cabinets are users with passwords. With them a user is the URI in its certificate's
subjectAltName, which names cabinet and serial: what is not listed is let in no longer, whatever signed it. A server
either asks for certificates or it does not: who may still come by password comes through `password_door.py`.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cabinet import wire

from edge_gateway.settings import Settings

PAYLOAD_BYTES_MAX = 262_144
HANDSHAKE_S = 15  # a controller takes seconds for its part
GATEWAY_USER = "partsbay-gateway"  # not a cabinet's: the others are cabinet ids and need no dot or capital either
_ROOT = wire.ROOT.replace("/", ".")


@dataclass(frozen=True)
class Listener:
    """Where MQTT is spoken; with certificates the three files in PEM, the authorities in one."""

    host: str
    port: int
    authorities: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True)
class User:
    """One who is let in: by `password`, or by certificate when that is empty. `cabinet` "": the gateway itself."""

    name: str
    cabinet: str
    password: str = field(default="", repr=False)


def nats_config(settings: Settings, listener: Listener, users: Iterable[User], folder: Path) -> str:
    """The server's configuration. Texts are written as JSON, which this format reads."""
    listed = ",\n".join(map(_user, users))
    return "\n".join(
        [
            f"server_name: {json.dumps(f'partsbay-{settings.gateway}')}",
            'listen: "127.0.0.1:-1"',  # the server's own protocol, which nobody may use: all users are MQTT's
            f"max_payload: {PAYLOAD_BYTES_MAX}",
            f"log_file: {json.dumps(str(folder / 'nats.log'))}",
            "debug: true",  # who was refused is told nowhere else; a few lines for each connection, none for a message
            "logfile_size_limit: 1MB",
            "logfile_max_num: 2",
            f"jetstream {{ store_dir: {json.dumps(str(folder / 'store'))}, max_mem: 64MB, max_file: 1GB }}",
            _mqtt(listener),
            f"authorization {{ users: [\n{listed}\n] }}",
            "",
        ]
    )


def password_users(settings: Settings, gateway_password: str) -> list[User]:
    """The gateway and its cabinets, by password."""
    own = User(GATEWAY_USER, "", gateway_password)
    return [own, *(User(name, name, cabinet.password) for name, cabinet in settings.cabinets.items())]


def _mqtt(listener: Listener) -> str:
    tls = ""
    if listener.certificate is not None:
        files = (("cert_file", listener.certificate), ("key_file", listener.key), ("ca_file", listener.authorities))
        named = ", ".join(f"{name}: {json.dumps(str(path))}" for name, path in files)
        tls = f", tls {{ {named}, verify_and_map: true, timeout: {HANDSHAKE_S} }}"
    where = f"host: {json.dumps(listener.host)}, port: {listener.port}"
    return f"mqtt {{ {where}, ack_wait: 5s, max_ack_pending: 2000{tls} }}"


def _user(user: User) -> str:
    if user.cabinet:
        publish = [f"{_ROOT}.{user.cabinet}.{leaf}" for leaf in wire.FROM_CONTROLLER]
        subscribe = [f"{_ROOT}.{user.cabinet}.{leaf}" for leaf in wire.TO_CONTROLLER]
    else:
        publish = subscribe = [f"{_ROOT}.>"]
    password = f"password: {json.dumps(user.password)}, " if user.password else ""
    # MQTT's own machinery lives below $MQTT: servers before 2.15 want it allowed by name.
    permissions = f"{{ publish: {json.dumps(publish)}, subscribe: {json.dumps([*subscribe, '$MQTT.sub.>'])} }}"
    return (
        f'{{ user: {json.dumps(user.name)}, {password}allowed_connection_types: ["MQTT"], permissions: {permissions} }}'
    )
