"""Mosquitto as the shop's broker: its configuration written from what the gateway knows, and kept true while it runs.

Two listeners: one by password, on this machine for the gateway alone unless the shop is changing over; and one for the
cabinets, by certificate, whose common name is the user. A revoked certificate is refused by the revocation list
from the reload on (SIGHUP), and its cabinet, when it has no other, has no rights left. Neither ends a connection that
is open, so its place is taken: a client's id is its user name here, and a broker lets go of whoever has the id of one
that comes. Whoever had made a TLS connection before and said nothing on it is let in still, by what he showed then: so
the place is taken once more when this broker keeps no connection of that time any longer.
"""

import base64
import contextlib
import hashlib
import logging
import os
import secrets
import signal
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

from cabinet import wire

from edge_gateway.broker import command_line
from edge_gateway.identity.shop import Shop
from edge_gateway.identity.trust import Trust
from edge_gateway.nats_config import PAYLOAD_BYTES_MAX
from edge_gateway.secret_file import write_secret
from edge_gateway.settings import Settings

log = logging.getLogger(__name__)

ANSWER_S = 5.0
RELOAD_S = 0.3  # the server looks for the signal between two rounds of its loop, every tenth of a second at the latest
HELD_S = 120.0  # who says nothing is thrown out after 90 s and some, however slowly he says it (measured at 2.0.11: 95)
_ROUNDS = 5_000  # of PBKDF2, by which Mosquitto keeps passwords
# `debug`: who published what he may not is told nowhere else; the gateway keeps the file small.
_LOGGED = ("error", "warning", "notice", "subscribe", "debug")
CONFIG = "mosquitto.conf"


class MosquittoError(ValueError):
    """The settings do not allow a configuration; the text says why."""


def folder_of(settings: Settings) -> Path:
    """Where the configuration, the log and the process id are."""
    return settings.data_dir / "mosquitto"


def write_config(settings: Settings, trust: Trust, listen: str = "") -> Path:
    """Write everything Mosquitto reads; the path of its configuration (`MosquittoError`).

    `listen`: the address at which cabinets come; "": at all that this machine has.
    """
    _check(settings)
    folder = folder_of(settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_trust(settings, trust)
    write_secret(folder / CONFIG, config(settings, trust, listen))
    return folder / CONFIG


def write_trust(settings: Settings, trust: Trust) -> None:
    """What changes when a cabinet is enrolled, replaced or revoked."""
    write_secret(folder_of(settings) / "access", access_list(settings, trust))
    write_secret(folder_of(settings) / "revoked.pem", trust.revocations.read_text())
    write_secret(folder_of(settings) / "passwords", _passwords(settings, trust))


def config(settings: Settings, trust: Trust, listen: str) -> str:
    """mosquitto.conf for 2.0 and later."""
    broker, folder = settings.broker, folder_of(settings)
    inside = "127.0.0.1" if broker.tls == "required" else listen
    lines = [
        "# Written by `partsbay gateway mosquitto-config`: write it again instead of changing it.",
        "per_listener_settings true",
        f"pid_file {folder / 'mosquitto.pid'}",
        f"log_dest file {folder / 'mosquitto.log'}",
        *(f"log_type {kind}" for kind in _LOGGED),
        "max_queued_messages 100000",  # with 0 this server hangs up on who is refused a publish
        "max_inflight_messages 1000",
        f"message_size_limit {PAYLOAD_BYTES_MAX}",
        "user root" if os.geteuid() == 0 else "",
        "",
        "# By password: the gateway, and cabinets while the shop changes over.",
        f"listener {broker.port} {inside}".rstrip(),
        "allow_anonymous false",
        f"password_file {folder / 'passwords'}",
        f"acl_file {folder / 'access'}",
        "",
        "# By certificate: the cabinets. A client's id is its user: it cuts off no other, and we can cut it off.",
        f"listener {broker.tls_port} {listen}".rstrip(),
        "allow_anonymous false",
        f"cafile {trust.authority}",
        f"certfile {trust.certificate}",
        f"keyfile {trust.key}",
        f"crlfile {folder / 'revoked.pem'}",
        "require_certificate true",
        "use_identity_as_username true",
        "use_username_as_clientid true",
        f"acl_file {folder / 'access'}",
    ]
    return "\n".join([*lines, ""])


def access_list(settings: Settings, trust: Trust) -> str:
    """Who may say and hear what: the gateway everything, a cabinet that is let in what is below its own name.

    One that is not may have its last will published, or nobody would learn that its connection has ended.
    """
    rules = [f"user {settings.broker.username}", f"topic readwrite {wire.ROOT}/#"]
    let_in = {one.cabinet for one in trust.admitted} | _by_password(settings, trust).keys()
    for cabinet in sorted(let_in | settings.cabinets.keys() | trust.barred):
        says, hears = (wire.FROM_CONTROLLER, wire.TO_CONTROLLER) if cabinet in let_in else (("state",), ())
        rules.append(f"user {cabinet}")
        rules += [f"topic write {wire.ROOT}/{cabinet}/{leaf}" for leaf in says]
        rules += [f"topic read {wire.ROOT}/{cabinet}/{leaf}" for leaf in hears]
    return "\n".join([*rules, ""])


def _check(settings: Settings) -> None:
    broker = settings.broker
    if broker.kind != "external" or broker.tls == "off":
        raise MosquittoError(
            'expected broker.kind = "external" with broker.tls = "both" or "required", '
            f"found {broker.kind} with {broker.tls}"
        )
    if not broker.username or not broker.password or broker.username in settings.cabinets:
        raise MosquittoError("expected broker.username and broker.password of the gateway alone, found others")
    if 0 in (broker.port, broker.tls_port):
        raise MosquittoError("expected broker.port and broker.tls_port, found 0")


def _passwords(settings: Settings, trust: Trust) -> str:
    people = {settings.broker.username: settings.broker.password} | _by_password(settings, trust)
    return "".join(f"{name}:{hashed(password)}\n" for name, password in people.items())


def _by_password(settings: Settings, trust: Trust) -> dict[str, str]:
    """The cabinets that may come by password, with theirs: while a shop changes over."""
    if settings.broker.tls != "both":
        return {}
    return {name: each.password for name, each in settings.cabinets.items() if name not in trust.barred}


def hashed(password: str) -> str:
    """A password as `mosquitto_passwd` writes it: `$7$<iterations>$<salt>$<PBKDF2-HMAC-SHA512>`."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS, 64)
    return f"$7${_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def write(settings: Settings, listen: str, now_ms: Callable[[], int]) -> Path:
    """Write everything from what this gateway has, its shop's authority among it; the path of the configuration."""
    return write_config(settings, Shop(settings.data_dir, settings.gateway, now_ms).trust(), listen)


# ---- while it runs ----


def reload(settings: Settings) -> bool:
    """Have it read its files again; False when it does not run with our configuration, or is not ours to signal."""
    folder = folder_of(settings)
    try:
        pid = int((folder / "mosquitto.pid").read_text())
    except (OSError, ValueError):
        return False
    if str(folder / CONFIG) not in command_line(pid):
        return False
    try:
        os.kill(pid, signal.SIGHUP)
    except PermissionError:
        log.warning("expected to run as the user Mosquitto runs as, found another: reload it by hand (SIGHUP)")
        return False
    time.sleep(RELOAD_S)
    return True


def cut_off(settings: Settings, cabinet: str) -> bool:
    """End a cabinet's connection, by taking its place for a moment; whether that was done.

    One that may still come, comes again by itself.
    """
    broker = settings.broker
    body = b"".join(
        (
            b"\x00\x04MQTT\x04\xc2\x00\x0a",
            _text(cabinet),
            _text(broker.username),
            _text(broker.password),
        )
    )
    if len(body) > 0x3FFF:
        return False
    with contextlib.suppress(OSError), socket.create_connection((broker.host, broker.port), ANSWER_S) as connection:
        connection.sendall(b"\x10" + bytes([len(body) & 0x7F | 0x80, len(body) >> 7]) + body)
        answer = connection.recv(4)
        connection.sendall(b"\xe0\x00")
        return answer == b"\x20\x02\x00\x00"
    return False


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack(">H", len(data)) + data
