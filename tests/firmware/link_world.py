"""The world around the link in its tests: a gateway written from docs/mqtt.md, the controller's process, a cable.

The gateway here shares no code with the production gateway or with the wire module: it reads the protocol as a
stranger would. Each thing ends what it started.
"""

import json
import os
import random
import select
import socket
import subprocess
import threading
import uuid
import zlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as paho

from tests.firmware import brokers

HERE = Path(__file__).parent


class StrangersGateway:
    """Takes the next seq only, answers every event publish, every `state` and every `health` with a `journal_ack`."""

    def __init__(self, port: int, cabinet: str = "cab-1") -> None:
        self.prefix = f"partsbay/1/{cabinet}/"
        self.subscribed = False
        self.retained = False  # the broker keeps something for the cabinet
        self.reset()
        # No two of one name: the broker would throw out the one for the other, over and over.
        name = f"stranger-of-{cabinet}-{uuid.uuid4().hex}"
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=name)
        self._client.username_pw_set(*brokers.GATEWAY)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.connect_async("127.0.0.1", port, keepalive=20)
        self._client.loop_start()

    def reset(self) -> None:
        """Know nothing, of no epoch."""
        self.silent = False  # alive, hears nothing, says nothing
        self.losing: random.Random | None = None  # one publish in three is not heard
        self.arrivals: dict[str, list[bytes]] = {}  # by epoch: lines in order of their first arrival
        self.through: dict[str, int] = {}
        self.publishes = 0
        self.duplicates = 0
        self.broken = 0
        self.states: list[dict[str, Any]] = []
        self.health: list[dict[str, Any]] = []
        self._epoch = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        brokers.hang_up(self._client)

    def send(self, leaf: str, payload: bytes, retain: bool = False) -> None:
        """Publish anything to the cabinet."""
        sent = self._client.publish(self.prefix + leaf, payload, qos=1, retain=retain)
        if retain:  # who subscribes next is to find it
            sent.wait_for_publish(20)
            self.retained = bool(payload)

    def send_to(self, cabinet: str, leaf: str, payload: bytes) -> None:
        """Publish anything to any cabinet."""
        self._client.publish(f"partsbay/1/{cabinet}/{leaf}", payload, qos=1)

    def rewind(self, epoch: str, through: int) -> None:
        """What a gateway restored from a backup does: it stands at `through` and asks for the rest again."""
        self.through[epoch] = through
        self._acknowledge(epoch, again=1)

    def _on_connect(self, client: paho.Client, *_: Any) -> None:
        client.subscribe([(self.prefix + leaf, 1) for leaf in ("event", "live", "health", "state")])

    def _on_subscribe(self, *_: Any) -> None:
        self.subscribed = True

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        leaf = message.topic.removeprefix(self.prefix)
        if self.silent:
            return
        if leaf == "event":
            self.publishes += 1
            if self.losing is None or self.losing.random() > 1 / 3:
                self._take_lines(message.payload.split(b"\n"))
        elif leaf in ("state", "health"):
            found = json.loads(message.payload)
            (self.states if leaf == "state" else self.health).append(found)
            if leaf == "health" or found["online"]:
                self._acknowledge(found["epoch"])

    def _take_lines(self, lines: Iterable[bytes]) -> None:
        again = 0
        for line in lines:
            envelope = envelope_of(line)
            if envelope is None:
                self.broken += 1
                again = 1
                break
            self._epoch = envelope["epoch"]
            through = self.through.setdefault(self._epoch, 0)
            if envelope["seq"] == through + 1:
                self.through[self._epoch] += 1
                arrived = self.arrivals.setdefault(self._epoch, [])
                if envelope["seq"] > len(arrived):
                    arrived.append(line)
                else:
                    assert arrived[envelope["seq"] - 1] == line
            elif envelope["seq"] <= through:
                self.duplicates += 1
            else:
                again = 1
        self._acknowledge(self._epoch, again)

    def _acknowledge(self, epoch: str, again: int = 0) -> None:
        message = '{"v":1,"epoch":"%s","through":%d,"in_cloud":0,"again":%d}'
        self.send("journal_ack", (message % (epoch, self.through.get(epoch, 0), again)).encode())


def envelope_of(line: bytes) -> dict[str, Any] | None:
    """The envelope of a line, read as JSON; None when the line or its check is broken."""
    try:
        found: dict[str, Any] = json.loads(line)
        head = line[: line.rindex(b',"crc":')]
    except ValueError:
        return None
    return found if f"{zlib.crc32(head):08x}" == found["crc"] else None


class Cabinet:
    """The driver's process: the compiled firmware under the real interpreter in 128 KB."""

    def __init__(
        self,
        firmware: Path,
        flash: Path,
        port: int,
        events: int,
        pause_ms: int = 3,
        *,
        answer_ms: int = 10000,
        retry_ms: int = 400,
        **changed: Any,
    ) -> None:
        settings = {
            "cabinet": "cab-1",
            "broker_host": "127.0.0.1",
            "broker_port": port,
            "username": "cab-1",
            "password": brokers.CABINETS["cab-1"],
            "access_key": "00" * 32,
        } | changed
        self.flash = flash
        self.state: dict[str, Any] = {"online": False, "connects": 0, "refused": 0, "last": 0, "through": 0}
        self.output: list[str] = []
        program = [brokers.micropython(), "-X", "heapsize=128K", str(HERE / "link_driver.py")]
        papers = flash / "settings.json"  # an argument may be no longer than 255 bytes
        papers.write_text(json.dumps(settings))
        arguments = [str(firmware), str(flash), str(papers), str(events), str(pause_ms), str(answer_ms)]
        arguments.append(str(retry_ms))
        self._process = subprocess.Popen(
            program + arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ)
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stdout:
            self._process.stdout.close()
        if error is not None:
            error.add_note(f"cabinet: {self.state}\n{self.output[-20:]}")

    def _read(self) -> None:
        for line in self._process.stdout or ():
            if line.startswith("{") and line.endswith("\n"):  # of one that is killed the last may be cut
                self.state = json.loads(line)
            else:
                self.output.append(line)

    def journaled(self) -> list[bytes]:
        """Every line of the journal on flash, in order."""
        lines: list[bytes] = []
        for path in sorted((self.flash / "journal").glob("*.log")):
            lines += path.read_bytes().split(b"\n")[1:-1]
        return lines


class Cable:
    """A TCP proxy that can be cut, can swallow everything, and can say something of its own to the cabinet."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.swallow = False  # connections stay up and nothing passes: a half-open connection
        self.accepted = 0
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self._ended = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended = True
        self._thread.join()
        self.cut()
        self._listener.close()

    def cut(self) -> None:
        """Close every connection."""
        with self._lock:
            for pair in self._pairs:
                for end in pair:
                    end.close()
            self._pairs.clear()

    def say(self, data: bytes) -> None:
        """Send bytes to the cabinet as if the broker had."""
        with self._lock:
            for cabinet, _ in self._pairs:
                cabinet.sendall(data)

    def _run(self) -> None:
        while not self._ended:
            with self._lock:
                ends = {end: other for a, b in self._pairs for end, other in ((a, b), (b, a))}
                readable, _, _ = select.select([self._listener, *ends], [], [], 0)
                for end in readable:
                    self._pass(end, ends)
            if not readable:
                select.select([self._listener], [], [], 0.002)

    def _pass(self, end: socket.socket, ends: dict[socket.socket, socket.socket]) -> None:
        if end is self._listener:
            self._accept()
            return
        try:
            data = end.recv(65536)
            if data and not self.swallow:
                ends[end].sendall(data)
        except OSError:
            data = b""
        if not data:
            self._drop(end)

    def _accept(self) -> None:
        cabinet, _ = self._listener.accept()
        try:
            broker = socket.create_connection(("127.0.0.1", self._target), timeout=5)
        except OSError:
            cabinet.close()
            return
        self.accepted += 1
        self._pairs.append((cabinet, broker))

    def _drop(self, end: socket.socket) -> None:
        for pair in self._pairs:
            if end in pair:
                pair[0].close()
                pair[1].close()
        self._pairs = [pair for pair in self._pairs if end not in pair]


def compiled_firmware(directory: Path) -> Path:
    """The modules of the link, compiled as a board has them."""
    target = directory / "firmware" / "cabinet"
    target.mkdir(parents=True)
    compiler = Path(brokers.micropython()).parent / "mpy-cross"
    source = HERE.parents[1] / "firmware" / "cabinet"
    for name in ("__init__", "wire", "journal", "mqtt", "link", "secure", "date", "access"):
        subprocess.run([compiler, "-o", target / f"{name}.mpy", source / f"{name}.py"], check=True)
    return target.parent
