"""A shop whose cabinets sign in by certificate: a whole gateway at NATS or Mosquitto, and a cabinet at work in it.

The cabinet is the real link under the real interpreter. Everything ends what it started.
"""

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from edge_gateway import mosquitto
from edge_gateway.gateway import Gateway
from edge_gateway.settings import Settings, parse
from simulator.ports import free_port
from tests.firmware import brokers
from tests.firmware.brokers import listens, wait_until
from tests.firmware.link_world import Cabinet
from tests.firmware.shop_authority import Held, ShopAuthority
from tests.gateway.world import document, encode_document

PASSWORDS = {"cab-1": "secret-of-1", "cab-2": "secret-of-2"}
KEY = "0123456789abcdef" * 4
EVENTS = 100_000  # more than there is time for: the neighbour is at work as long as the test lasts
LATE = 5  # events that a cabinet may have journaled and sent, and not yet told in its state


def settings_of(folder: Path, broker: dict[str, Any]) -> Settings:
    """Of a shop with two cabinets."""
    return parse(
        {
            "gateway": "gw-1",
            "data_dir": str(folder),
            "broker": broker,
            "kiosk": {"port": 0},
            "cabinets": {name: {"password": secret, "access_key": KEY} for name, secret in PASSWORDS.items()},
        }
    )


class GuardedShop:
    """Gateway and broker of `kind` (nats, mosquitto), running; `tls` as in the settings."""

    def __init__(self, folder: Path, kind: str, tls: str = "required") -> None:
        self.kind = kind
        self.folder = folder
        self.authority = ShopAuthority(folder / "authority")
        self.password_port, self.port = free_port(), free_port()
        broker: dict[str, Any] = {"port": self.password_port, "tls_port": self.port, "time_port": 0, "tls": tls}
        if kind == "mosquitto":
            broker |= {"kind": "external", "username": "partsbay-gateway", "password": "gateway-secret"}
        self.settings = settings_of(folder, broker)
        self._mosquitto: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if self.kind == "mosquitto":
            self._start_mosquitto()
        try:
            self._start_gateway()
            new = document()
            self.gateway.put_document(new, encode_document(new))
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.gateway.close()
        if self._mosquitto is not None:
            self._mosquitto.kill()
            self._mosquitto.wait()

    def restart(self, meanwhile: Callable[[], object]) -> None:
        """The gateway ends, something happens, and it is started again; a Mosquitto runs on."""
        self.gateway.close()
        meanwhile()
        self._start_gateway()

    def admit(self) -> None:
        """Have the gateway put into force what the authority lists now."""
        self.gateway.admit(self.authority.trust())

    def inbox(self, cabinet: str) -> int:
        """How many events of a cabinet the gateway has taken in."""
        return self._count("select count(*) from inbox where cabinet = ?", cabinet)

    def set_aside(self, cabinet: str) -> int:
        """How many messages on a cabinet's topic were set aside as said in another's name."""
        named = "select count(*) from quarantine where cabinet = ? and reason like '%found one of%'"
        return self._count(named, cabinet)

    def refused(self, kind: str) -> int:
        """How often something of a kind was refused, by the record."""
        return sum(one.times for one in self.gateway.refusals.newest(500) if one.kind == kind)

    def wait_refused(self, *kinds: str, after: int) -> None:
        """Until the record has more of one of these kinds."""
        wait_until(lambda: sum(map(self.refused, kinds)) > after, f"a record of {' or '.join(kinds)}")

    def neighbour(self, firmware: Path, held: Held, port: int = 0) -> Cabinet:
        """A cabinet that works and goes on working."""
        tls = self.authority.settings_of(held)
        flash = self.folder / f"flash-{held.name}"
        flash.mkdir(exist_ok=True)
        return Cabinet(firmware, flash, port or self.port, EVENTS, 20, cabinet=held.name, tls=tls)

    def goes_on(self, neighbour: Cabinet, cabinet: str = "cab-1") -> None:
        """A neighbour delivers: what it says from now on comes into the books, too."""
        before = self.inbox(cabinet)
        through = neighbour.state["last"] + LATE  # or what the books had at `before` may be all that was acknowledged

        def went_on() -> bool:
            return neighbour.state["through"] > through and self.inbox(cabinet) > before

        wait_until(went_on, "the neighbour to be acknowledged, with more in the books")

    def _start_gateway(self) -> None:
        self.gateway = Gateway(self.settings, trust=self.authority.trust)
        self.gateway.start()

    def _count(self, question: str, cabinet: str) -> int:
        with closing(sqlite3.connect(self.settings.database)) as connection:
            (count,) = connection.execute(question, (cabinet,)).fetchone()
        return int(count)

    def _start_mosquitto(self) -> None:
        if not Path(brokers.MOSQUITTO).exists():
            pytest.skip("expected Mosquitto, found none: install the package mosquitto")
        path = mosquitto.write_config(self.settings, self.authority.trust(), "127.0.0.1")
        log = subprocess.DEVNULL
        self._mosquitto = subprocess.Popen([brokers.MOSQUITTO, "-c", str(path)], stdout=log, stderr=log)
        wait_until(lambda: listens(self.port), "Mosquitto")
