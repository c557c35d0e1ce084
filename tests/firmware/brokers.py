"""Brokers for tests: NATS and Mosquitto on a free port of this machine, with one cabinet and one gateway allowed in.

A broker is started empty, killed without warning, and started empty again on the same port. Ends only what it started.
"""

import base64
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as paho
import pytest

from edge_gateway.broker import find_server
from edge_gateway.nats_config import GATEWAY_USER, Listener, nats_config, password_users
from edge_gateway.settings import CabinetSettings, Settings
from simulator.ports import free_port

CABINETS = {"cab-1": "cabinet-secret-one", "cab-2": "cabinet-secret-two"}
GATEWAY = (GATEWAY_USER, "gateway-secret")
FROM_CABINET = ("event", "live", "health", "state", "device", "want")
TO_CABINET = ("journal_ack", "command", "time", "config", "bundle", "certificate")
MOSQUITTO = "/usr/sbin/mosquitto"


def micropython() -> str:
    """The interpreter that runs the firmware on this machine."""
    return os.environ.get("PARTSBAY_MICROPYTHON") or str(Path(sys.executable).parent / "micropython")


def wait_until(condition: Callable[[], object], what: str, timeout_s: float = 60) -> None:
    """Wait for a condition; fail with what was waited for."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {timeout_s} s for {what}")
        time.sleep(0.01)


def hang_up(client: paho.Client) -> None:
    """End a client, and close the sockets by which its thread was woken: it leaves those to the garbage collector."""
    client.disconnect()
    client.loop_stop()
    client.reinitialise()


def listens(port: int) -> bool:
    """Whether somebody takes connections on a port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Broker:
    """One broker process; `start`, `kill` and `start` again gives an empty one on the same port."""

    name = ""
    leaves = FROM_CABINET, TO_CABINET  # that a cabinet may publish and subscribe to

    def __init__(self) -> None:
        self.port = free_port()
        self.directory = Path(tempfile.mkdtemp(prefix=f"partsbay-{self.name}-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._log = (self.directory / "log").open("ab")

    def start(self) -> None:
        """Start with nothing remembered; returns when it takes connections."""
        store = self.directory / "store"
        shutil.rmtree(store, ignore_errors=True)
        store.mkdir()
        self._process = subprocess.Popen(self.command(store), stdout=self._log, stderr=self._log)
        wait_until(self._is_up, f"{self.name} on port {self.port}")

    def kill(self) -> None:
        """SIGKILL: nothing is written, nobody is told."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """End the broker and remove what it wrote."""
        self.kill()
        self._log.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self) -> str:
        """What the broker has written to its log."""
        return (self.directory / "log").read_text(errors="replace")

    def command(self, store: Path) -> list[str]:
        """The program and its arguments, its configuration written beside `store`."""
        raise NotImplementedError

    def _is_up(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            pytest.fail(f"{self.name} ended with {self._process.returncode}:\n{self.log()}")
        return listens(self.port)


class Nats(Broker):
    """NATS with the configuration that the gateway gives its own broker."""

    name = "nats"

    def command(self, store: Path) -> list[str]:
        """The production server and its permissions; the store lies where that configuration wants it."""
        cabinets = {name: CabinetSettings(password, "00" * 32) for name, password in CABINETS.items()}
        settings = Settings(gateway="gw-1", data_dir=self.directory, cabinets=cabinets)
        users = password_users(settings, GATEWAY[1])
        path = self.directory / "nats.conf"
        path.write_text(nats_config(settings, Listener("127.0.0.1", self.port), users, store.parent))
        return [find_server(), "--config", str(path)]


class Mosquitto(Broker):
    """Mosquitto with a password file and an access list by user name."""

    name = "mosquitto"

    def command(self, store: Path) -> list[str]:
        """A fresh configuration; passwords are hashed by mosquitto_passwd's own format."""
        passwords = self.directory / "passwords"
        passwords.write_text("".join(f"{user}:{hashed(password)}\n" for user, password in self._people()))
        passwords.chmod(0o700)
        rules = [f"user {GATEWAY[0]}", "topic readwrite partsbay/1/#"]
        rules += [f"pattern write partsbay/1/%u/{leaf}" for leaf in self.leaves[0]]
        rules += [f"pattern read partsbay/1/%u/{leaf}" for leaf in self.leaves[1]]
        access = self.directory / "access"
        access.write_text("\n".join(rules) + "\n")
        access.chmod(0o700)
        lines = (
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous false",
            f"password_file {passwords}",
            f"acl_file {access}",
            "max_queued_messages 0",
            f"persistence_location {store}/",
            "user root" if os.geteuid() == 0 else "",
        )
        path = self.directory / "mosquitto.conf"
        path.write_text("\n".join(lines) + "\n")
        return [MOSQUITTO, "-c", str(path)]

    def _people(self) -> list[tuple[str, str]]:
        return [GATEWAY, *CABINETS.items()]


def hashed(password: str) -> str:
    """A password as `mosquitto_passwd` writes it: `$7$<iterations>$<salt>$<PBKDF2-HMAC-SHA512>`."""
    salt = os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 101, 64)
    return f"$7$101${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def broker_of(name: str) -> Broker:
    """A broker by name, not yet started; a missing Mosquitto skips the test, or fails it where CI=true."""
    if name == "nats":
        return Nats()
    if not Path(MOSQUITTO).exists():
        reason = f"expected Mosquitto at {MOSQUITTO}, found none: install the package mosquitto"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return Mosquitto()
