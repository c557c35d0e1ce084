"""The cloud as a program of its own: started, asked over a socket, killed, started again, ended by signal.

One of each command comes up from nothing here; the others are forked from a process that has imported them.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx
import pytest

from cloud import migrations
from cloud.database import open_database
from cloud.tables import Gateway
from edge_gateway.shop_document import decode_document
from edge_gateway.upload_format import decode_receipt
from tests import warm_programs
from tests.cloud import worlds
from tests.cloud.worlds import FILTER, opening, take, upload

END_S = 60
GATEWAY = {"Authorization": f"Bearer {worlds.KEYS['gw-1']}"}


class Server:
    """`partsbay cloud` on a database of its own."""

    def __init__(self, folder: Path, address: str) -> None:
        self.config = folder / "cloud.toml"
        self.config.write_text(f'secret = "{worlds.SECRET}"\ndatabase_url = "{address}"\nport = 0\n')
        self.seed_file = folder / "seed.json"
        self.seed_file.write_bytes(worlds.seed_json())
        self.process: BaseProcess | subprocess.Popen[bytes] | None = None
        self.url = ""
        self._logs = (folder / f"cloud-{number}.log" for number in count(1))

    def seed(self) -> None:
        """Load the seed file."""
        asked = ("cloud", "seed", "--config", self.config, self.seed_file)
        warm_programs.run(*asked, log=self.config.with_name("seed.log"))

    def start(self, action: str = "run", *, name: str = "cloud", from_nothing: bool = False) -> int:
        """Start and wait for the line that says it is ready; the process id."""
        words, log = ("cloud", action, "--config", str(self.config)), next(self._logs)
        if from_nothing:
            with log.open("wb") as output:
                self.process = subprocess.Popen([sys.executable, "-m", "partsbay", *words], stdout=output)
        else:
            self.process = warm_programs.start(*words, log=log)
        self.url = self._ready(log, re.compile(rf"^{name} ready (http://127\.0\.0\.1:\d+)$", re.MULTILINE))
        assert self.process.pid is not None
        return self.process.pid

    def _ready(self, log: Path, line: re.Pattern[str]) -> str:
        deadline = time.monotonic() + END_S
        while time.monotonic() < deadline and self._runs():
            if log.exists() and (match := line.search(log.read_text())):
                return match[1]
            time.sleep(0.02)
        raise AssertionError(f"expected the cloud to start, found {log.read_text() if log.exists() else 'nothing'}")

    def _runs(self) -> bool:
        assert self.process is not None
        return self.process.is_alive() if isinstance(self.process, BaseProcess) else self.process.poll() is None

    def end(self, number: signal.Signals) -> int:
        """Send a signal; the exit status."""
        process, self.process = self.process, None
        assert process is not None and process.pid is not None
        os.kill(process.pid, number)
        if isinstance(process, subprocess.Popen):
            return process.wait(END_S)
        process.join(END_S)
        assert process.exitcode is not None, f"expected the cloud to end within {END_S} s"
        return process.exitcode


@pytest.fixture
def server(empty_address: str, tmp_path: Path) -> Iterator[Server]:
    """A cloud's program, seeded; ended by its process id."""
    made = Server(tmp_path, empty_address)
    made.seed()
    yield made
    if made.process is not None:
        made.end(signal.SIGKILL)


def _sent(server: Server, body: bytes) -> httpx.Response:
    """The answer, however long a process that has only just been started imports: httpx itself gives up after 5 s."""
    return httpx.post(f"{server.url}/api/gateway/upload", content=body, headers=GATEWAY, timeout=END_S)


def _send(server: Server, body: bytes) -> int:
    answer = _sent(server, body)
    assert answer.status_code == 200, answer.text
    return decode_receipt(answer.content).through


def test_what_was_acknowledged_survives_a_kill(server: Server, kind: str) -> None:
    """Upload, kill, start, upload again with an overlap; then ended as asked while a gateway waits."""
    server.start(from_nothing=kind == "sqlite")
    assert _send(server, upload([opening("m1", 20), take("m2", 3)])) == 2
    assert server.end(signal.SIGKILL) == -signal.SIGKILL
    server.start()
    assert _send(server, upload([take("m2", 3), take("m3", 1)], first=2)) == 3
    with httpx.Client(base_url=server.url, timeout=END_S) as browser:
        email = "li@north.example"
        credentials = {"email": email, "password": worlds.PASSWORDS[email]}
        assert browser.post("/api/sign-in", json=credentials).status_code == 204
        balances = browser.get("/api/shops/shop-1/ledger").json()["balances"]
    assert {(row["account"], row["part"]): row["quantity"] for row in balances} == {
        ("dealer:north", FILTER.number): -20,
        ("bin:cab-1/1", FILTER.number): 16,
        ("shop:shop-1", FILTER.number): 4,
    }
    assert server.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("kind", ["sqlite"])
def test_the_end_does_not_wait_for_those_who_wait(server: Server) -> None:
    """A gateway's long poll of 30 s is let go with 204 when the program is asked to end."""
    server.start()
    answers: list[httpx.Response] = []

    def note(step: str, _about: object) -> None:
        """What is asked must be on the line before the end is: a program that has ended answers nobody."""
        if step == "http11.send_request_body.complete":
            polling.set()

    def poll() -> None:
        with httpx.Client(base_url=server.url, headers=GATEWAY, timeout=END_S) as gateway:
            version = decode_document(gateway.get("/api/gateway/document").content).version
            waits = f"/api/gateway/document?version={version}&wait_s=30"
            answers.append(gateway.get(waits, extensions={"trace": note}))

    polling = threading.Event()
    gateway = threading.Thread(target=poll)
    gateway.start()
    assert polling.wait(END_S)
    healthy = httpx.get(f"{server.url}/healthz", timeout=END_S).json()
    assert healthy == {"status": "ok", "schema_version": int(migrations.head())}
    assert server.end(signal.SIGINT) == 0
    gateway.join(END_S)
    assert [answer.status_code for answer in answers] == [204]


@pytest.mark.parametrize("kind", ["postgresql"])
def test_several_processes_take_what_gateways_send(server: Server, empty_address: str) -> None:
    """One that dies is replaced, a withdrawn key is refused by all of them at once, and all end when asked."""
    with server.config.open("a") as config:
        config.write("workers = 2\ningest_port = 0\n")
    program = server.start("ingest", name="cloud ingest", from_nothing=True)
    workers = _workers(program, 2, without=None)
    assert _send(server, upload([opening("m1", 20)])) == 1
    os.kill(workers[0], signal.SIGKILL)
    assert _send(server, upload([take("m2", 3)], first=2)) == 2
    workers = _workers(program, 2, without=workers[0])
    database = open_database(empty_address)
    with database.writing() as session:
        session.get_one(Gateway, "gw-1").withdrawn_ms = worlds.NOW_MS
    database.close()
    answers = [_sent(server, b"") for _ in range(8)]
    assert {answer.status_code for answer in answers} == {401}
    assert server.end(signal.SIGTERM) == 0
    assert [worker for worker in workers if Path(f"/proc/{worker}").exists()] == []


def _workers(program: int, wanted: int, *, without: int | None) -> list[int]:
    """The processes that answer, once there are as many as wanted."""
    deadline = time.monotonic() + END_S
    while time.monotonic() < deadline:
        listed = Path(f"/proc/{program}/task/{program}/children").read_text().split()
        found = [int(pid) for pid in listed if int(pid) != without and b"spawn_main" in _command_line(int(pid))]
        if len(found) == wanted:
            return found
        time.sleep(0.05)
    raise AssertionError(f"expected {wanted} processes, found {listed}")


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""
