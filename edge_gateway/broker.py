"""The embedded MQTT broker: a NATS server as a child process, with a user and permissions for every cabinet.

With certificates it is told anew whom it lets in whenever that changes, without a restart: who is on the list no longer
is cut off at once. While a shop changes over, a door beside it takes passwords.

It is started and ended with the gateway, by process id, and does not outlive one that was killed: a watcher ends it.
Should both be killed, the pid file leads the next gateway to the broker they left behind. The broker stores nothing
that matters: every event stays in its controller's journal until the gateway has committed it.
"""

import contextlib
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from edge_gateway.broker_keys import BrokerKeys
from edge_gateway.broker_log import BrokerLog, NatsLines
from edge_gateway.identity.trust import Trust
from edge_gateway.nats_config import GATEWAY_USER, Listener, User, nats_config, password_users
from edge_gateway.password_door import PasswordDoor
from edge_gateway.refusals import Refuse
from edge_gateway.secret_file import write_secret
from edge_gateway.settings import Settings

log = logging.getLogger(__name__)

START_S = 15.0
RELOAD_S = 5.0
END_S = 5.0
PORT_S = 3.0
LOOK_S = 2.0  # how often the disk is looked at
FULL_BYTES = 1_000_000  # with less left on the disk the server may have failed to store something,
ROOM_BYTES = 2_000_000  # and with so much again it is worth starting it anew
# Reads a pipe that nobody writes to: its end is the end of whoever held the other side, however he ended.
_WATCH = 'read -r _; kill -9 "$0" 2>/dev/null'


class BrokerError(OSError):
    """The broker cannot be started; the text says why."""


@dataclass(frozen=True)
class BrokerAddress:
    """Where a broker is, and as whom the gateway signs in: by password or by certificate (files in PEM)."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    authority: Path | None = None
    certificate: Path | None = None  # and its key


class EmbeddedBroker:
    """A NATS server kept running until `close`. `trust`: with certificates, whom it lets in at first."""

    def __init__(self, settings: Settings, trust: Trust | None = None, refuse: Refuse = lambda *_: None) -> None:
        self._settings = settings
        self._trust = trust
        self._refuse = refuse
        self._keys: BrokerKeys | None = None
        self._door: PasswordDoor | None = None
        self._log: BrokerLog | None = None
        self._dir = settings.data_dir / "broker"
        self._password = secrets.token_hex(24)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._was_full = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None
        self._keeper: threading.Thread | None = None
        self.address = BrokerAddress(settings.broker.host, 0, GATEWAY_USER, self._password)

    @property
    def pid(self) -> int:
        """The process id of the server that runs now; 0 when none does."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else 0

    def start(self) -> None:
        """Start the server and wait until it answers; from then on it is started again whenever it ends."""
        self._dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        end_left_behind(self._pid_file, self._config_file)
        self._log = BrokerLog(self._dir / "nats.log", NatsLines(), self._refuse)
        self._choose_address()
        self._write_config()
        self._start_process()
        self._keeper = threading.Thread(target=self._keep_running, name="broker", daemon=True)
        self._keeper.start()
        self._log.start()
        if self._settings.broker.tls == "both":
            self._open_door()

    def admit(self, trust: Trust) -> None:
        """From now on let in these; whoever is in and no longer listed is cut off. Returns when that is done."""
        with self._lock:
            self._trust = trust
            if self._door is not None:
                self._door.barred = trust.barred
            self._write_config()
            if self.pid:
                self._reload()

    def _reload(self) -> None:
        path = self._dir / "nats.log"
        begin = path.stat().st_size if path.exists() else 0
        os.kill(self.pid, signal.SIGHUP)
        deadline = time.monotonic() + RELOAD_S
        while time.monotonic() < deadline and self.pid:
            said = _said_since(path, begin)
            if b"Reloaded server configuration" in said:
                return
            if b"Failed to reload" in said:
                break
            self._closing.wait(0.01)
        log.error("expected the broker to take its new list, found that it did not: ending it, it comes back with that")
        if self._process is not None:
            end_process(self._process)

    @property
    def door_port(self) -> int:
        """Where cabinets with passwords come while a shop changes over; 0 when they do not."""
        return self._door.port if self._door is not None else 0

    def _choose_address(self) -> None:
        broker, host = self._settings.broker, self.address.host
        if self._trust is None:
            port = broker.port or free_port(host)
            self.address = BrokerAddress(host, port, GATEWAY_USER, self._password)
            return
        names = self._settings.cabinets if broker.tls == "both" else ()
        self._keys = BrokerKeys(self._dir / "keys", [GATEWAY_USER, *names])
        port = broker.tls_port or free_port(host)
        own = self._keys.file_of(GATEWAY_USER)
        self.address = BrokerAddress(host, port, "", "", authority=self._trust.authority, certificate=own)

    def _write_config(self) -> None:
        trust, keys = self._trust, self._keys
        listener, users = Listener(self.address.host, self.address.port), password_users(self._settings, self._password)
        if trust is not None and keys is not None:
            authorities = keys.authorities_with(trust.authority)
            listener = Listener(listener.host, listener.port, authorities, trust.certificate, trust.key)
            by_password = [name for name in keys.names if name not in trust.barred]
            users = [User(keys.uri_of(name), "" if name == GATEWAY_USER else name) for name in by_password]
            users += [User(one.uri, one.cabinet) for one in trust.admitted]
        write_secret(self._config_file, nats_config(self._settings, listener, users, self._dir))

    def _open_door(self) -> None:
        """Let cabinets in by password, too."""
        keys, trust, broker = self._keys, self._trust, self._settings.broker
        if keys is None or trust is None:
            return
        passwords = {name: cabinet.password for name, cabinet in self._settings.cabinets.items()}
        inside = (self.address.host, self.address.port)
        passes = {name: keys.context_of(name, trust.authority) for name in passwords}
        door = PasswordDoor((broker.host, broker.port), inside, passwords, passes, self._refuse)
        door.barred = trust.barred
        door.start()
        self._door = door

    def close(self) -> None:
        """End the server and wait for it."""
        self._closing.set()
        for part in (self._door, self._log):
            if part is not None:
                part.close()
        self._end_watcher()
        process = self._process
        if process is not None:
            end_process(process)
        if self._keeper is not None:
            self._keeper.join(END_S)
        self._pid_file.unlink(missing_ok=True)

    def disk_was_full(self) -> None:
        """Somebody else could not write to this disk: start the server anew when there is room again."""
        self._was_full.set()

    @property
    def _config_file(self) -> Path:
        return self._dir / "nats.conf"

    @property
    def _pid_file(self) -> Path:
        return self._dir / "nats.pid"

    def _start_process(self) -> None:
        refuse_taken_port(self.address.host, self.address.port)
        command = [find_server(), "--config", str(self._config_file)]
        with (self._dir / "nats.out").open("wb") as out:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        self._pid_file.write_text(str(self._process.pid))
        self._watcher = watch(self._process.pid)
        self._wait_until_it_answers(self._process)

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise BrokerError(f"expected the broker to run, found that it ended: {self._last_words()}")
            with contextlib.suppress(OSError):
                socket.create_connection((self.address.host, self.address.port), timeout=1).close()
                return
            self._closing.wait(0.02)
        end_process(process)
        raise BrokerError(f"expected the broker to answer within {START_S:.0f} s, found: {self._last_words()}")

    def _end_watcher(self) -> None:
        """Before the server's process id may become another's."""
        watcher = self._watcher
        if watcher is not None:
            watcher.kill()
            watcher.communicate()

    def _last_words(self) -> str:
        lines = (self._dir / "nats.out").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def _keep_running(self) -> None:
        """Start the server again whenever it ends. It may start empty: nothing that matters is stored in it."""
        while not self._closing.is_set():
            process = self._process
            if process is not None:
                self._wait_for_end(process)
            self._end_watcher()
            if self._closing.is_set():
                return
            log.error("the broker ended; starting it again")
            try:
                self._start_process()
            except OSError as error:
                log.error("%s; trying again with an empty store", error)  # noqa: TRY400 - the text says it all
                self._empty_store()
                self._closing.wait(1.0)

    def _wait_for_end(self, process: subprocess.Popen[bytes]) -> None:
        """Until the server has ended; ended here when the disk was full and no longer is.

        A stream of this server that once failed to store something refuses everything from then on.
        """
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_S)
                return
            free_bytes = shutil.disk_usage(self._dir).free
            if free_bytes < FULL_BYTES:
                self._was_full.set()
            if self._was_full.is_set() and free_bytes >= ROOM_BYTES:
                log.warning("there is room on the disk again: ending the broker, which may store nothing any more")
                self._was_full.clear()
                end_process(process)
                self._empty_store()
                return

    def _empty_store(self) -> None:
        shutil.rmtree(self._dir / "store", ignore_errors=True)


def _said_since(path: Path, begin: int) -> bytes:
    """What a log has from there on; all of it when it was begun anew."""
    try:
        with path.open("rb") as file:
            file.seek(begin if path.stat().st_size >= begin else 0)
            return file.read()
    except OSError:
        return b""  # just being begun anew


def find_server() -> str:
    """The path of the NATS server that came with this installation."""
    beside = Path(sys.executable).with_name("nats-server")
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise BrokerError(
            'expected nats-server beside the Python interpreter, found none: use broker.kind = "external"'
        )
    return found


def free_port(host: str) -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def refuse_taken_port(host: str, port: int) -> None:
    """Refuse a port somebody listens on: his answer would be taken for our broker's.

    A broker that was just ended may hold it for a moment longer than its process lives.
    """
    deadline = time.monotonic() + PORT_S
    while (taken := _taken(host, port)) is not None:
        if time.monotonic() > deadline:
            raise BrokerError(f"expected to start the broker at {host}:{port}, found: {taken}")
        time.sleep(0.05)


def _taken(host: str, port: int) -> OSError | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def watch(pid: int) -> subprocess.Popen[bytes]:
    """A process that kills another as soon as this one is gone. It does nothing while its input stays open."""
    return subprocess.Popen(
        ["/bin/sh", "-c", _WATCH, str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def end_process(process: subprocess.Popen[bytes]) -> None:
    """End a child, gently first."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_left_behind(pid_file: Path, config_file: Path) -> None:
    """End the broker of a gateway that was killed: the process of the pid file, if it runs with our configuration."""
    try:
        pid = int(pid_file.read_text())
    except (OSError, ValueError):
        return
    if str(config_file) in command_line(pid):
        log.warning("ending the broker that an earlier gateway left behind, process %d", pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + END_S
        while command_line(pid) and time.monotonic() < deadline:
            time.sleep(0.01)
    pid_file.unlink(missing_ok=True)


def command_line(pid: int) -> str:
    """The command line of a process; empty when there is none, or it is a zombie."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            return ""
    command = ["/bin/ps", "-o", "args=", "-p", str(pid)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5)
    return found.stdout.strip()
