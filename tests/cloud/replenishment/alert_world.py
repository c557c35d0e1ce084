"""A dealer's alerts for tests: judged on demand, told to a real server of mail and a real program on this machine."""

import contextlib
import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cloud.catalogue.bot_hooks import Seal
from cloud.people.mail import OutboundMail
from cloud.replenishment.alerts.judge import QUICK, SLOW, Judge
from cloud.replenishment.alerts.keeping import Kept
from cloud.replenishment.alerts.outbound import Outbound
from cloud.replenishment.alerts.telling import Telling
from cloud.replenishment.alerts.ways import PURPOSE
from cloud.settings import MailSettings
from tests.cloud import worlds
from tests.cloud.conftest import Cloud
from tests.cloud.worlds import FILTER, movement, opening, request, request_end, take, upload

KINDS = (*QUICK, *SLOW)
BASE = "https://parts.dealer.example"


@dataclass(frozen=True)
class Call:
    """What a program got."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Program:
    """A program outside that takes webhooks, and what it answers: a status, or what a function says of the call."""

    address: str = ""
    answer: int | Callable[[Call], int] = 204
    headers: dict[str, str] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)  # ids of what was answered well

    @property
    def names(self) -> list[str]:
        """The ids of the calls, in order."""
        return [call.headers["x-partsbay-id"] for call in self.calls]


@contextlib.contextmanager
def running_program() -> Iterator[Program]:
    """A real server of HTTP on this machine."""
    program = Program()

    class Taker(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            call = Call(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            program.calls.append(call)
            status = program.answer if isinstance(program.answer, int) else program.answer(call)
            if status < 300:
                program.accepted.append(call.headers["x-partsbay-id"])
            self.send_response(status)
            for name, value in program.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            """The test says what matters."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taker) as server:
        server.daemon_threads = False
        program.address = f"http://127.0.0.1:{server.server_address[1]}/partsbay"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield program
        finally:
            server.shutdown()
            thread.join()


def telling(cloud: Cloud, *, mail_port: int = 0) -> Telling:
    """What tells the alerts of a cloud; by mail when there is a server."""
    settings = MailSettings("127.0.0.1", "Partsbay <parts@dealer.example>", port=mail_port, security="none")
    mail = OutboundMail(settings, pause=lambda _seconds: None) if mail_port else None
    return Telling(
        cloud.services.database, Seal(worlds.SECRET, PURPOSE), Outbound(inside=True), mail, BASE, cloud.clock
    )


def judge(cloud: Cloud, dealer: str = "north") -> Kept:
    """One look at everything of a dealer."""
    return Judge(cloud.services.database).look(dealer, KINDS, (), cloud.clock.ms)


def make_way(cloud: Cloud, kind: str, address: str, **more: Any) -> dict[str, Any]:
    """A way of the northern dealer's, made by its admin."""
    answer = cloud.browser().post("/api/alert-ways", json={"kind": kind, "address": address, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@dataclass
class Bin:
    """Bin 1 of cab-1 of a shop, which is emptied and filled again by what its gateway says."""

    cloud: Cloud
    gateway: str = "gw-1"
    shop: str = "shop-1"
    dealer: str = "north"
    _seq: int = 1
    _round: int = 0

    def start(self) -> None:
        """Two filters lie there."""
        self._send(opening("m0", 2, dealer=self.dealer))

    def empty(self) -> None:
        """Both are taken, and more is asked for."""
        self._round += 1
        at_ms = self.cloud.clock.ms
        self._send(take(f"take-{self._round}", 2, shop=self.shop, at_ms=at_ms), request(f"r-{self._round}"))

    def fill(self) -> None:
        """Two came."""
        lines = [("bin:cab-1/1", FILTER.number, 2), (f"dealer:{self.dealer}", FILTER.number, -2)]
        brought = movement(f"fill-{self._round}", *lines, cause="restock", occurred_ms=self.cloud.clock.ms)
        self._send(brought, request_end(f"r-{self._round}"))

    def _send(self, *items: Any) -> None:
        self.cloud.receipt(upload(items, first=self._seq, gateway=self.gateway), gateway=self.gateway)
        self._seq += len(items)
