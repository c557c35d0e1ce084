"""The link over TLS, and servers that it must not talk to: the controller's side of every refusal.

The real link under the real interpreter in 128 KB. The servers are a few lines each: a broker would not do wrong.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cabinet import mqtt

from tests.firmware.brokers import wait_until
from tests.firmware.link_world import Cabinet, compiled_firmware
from tests.firmware.shop_authority import Held, ShopAuthority

CONFIG_BYTES = 16_000  # in one TLS record, and nothing after it: most of it waits inside the TLS layer


@pytest.fixture(scope="module")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled_firmware(tmp_path_factory.mktemp("compiled"))


@pytest.fixture
def shop(tmp_path: Path) -> ShopAuthority:
    return ShopAuthority(tmp_path / "authority")


class Server:
    """Takes connections one after the other; `speak` is what it does with each that shook hands."""

    def __init__(self, context: ssl.SSLContext | None, speak: Callable[[socket.socket], None]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.shown: list[int] = []  # the serials of the certificates it was shown
        self._context = context
        self._speak = speak
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            plain.settimeout(5)
            with plain:
                self._serve(plain)

    def _serve(self, plain: socket.socket) -> None:
        try:
            if self._context is None:
                self._speak(plain)
                return
            with self._context.wrap_socket(plain, server_side=True) as secure:
                self.shown.append(int((secure.getpeercert() or {})["serialNumber"], 16))
                self._speak(secure)
        except OSError:
            pass  # the cabinet hung up: it is what it is here for


def context_of(shop: ShopAuthority, held: Held) -> ssl.SSLContext:
    """A server with this certificate that wants one of the shop's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(held.pem)
    context.load_verify_locations(shop.pem)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def broker(config: bytes) -> Callable[[socket.socket], None]:
    """Accepts, subscribes, sends a retained config at once, and is silent from then on."""

    def speak(one: socket.socket) -> None:
        one.recv(4096)
        one.sendall(b"\x20\x02\x00\x00")
        said = one.recv(4096)
        leaves = said.count(b"partsbay/1/cab-1/") - 1  # the first is of `state`
        one.sendall(b"\x40\x02\x00\x01\x90" + bytes([2 + leaves, 0, 2]) + bytes(leaves))
        one.sendall(mqtt.publish("partsbay/1/cab-1/config", config))
        while one.recv(4096):
            pass

    return speak


@pytest.fixture
def end() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def cabinet_at(end: ExitStack, firmware: Path, folder: Path, server: Server, tls: dict[str, str]) -> Cabinet:
    """A cabinet that tries that server."""
    end.callback(server.close)
    folder.mkdir()
    return end.enter_context(Cabinet(firmware, folder, server.port, 5, 10, tls=tls))


def test_a_server_that_is_not_the_shops_is_refused_in_words_and_a_good_one_is_not(
    firmware: Path, tmp_path: Path, shop: ShopAuthority, end: ExitStack
) -> None:
    own = shop.make("cab-1")
    names = ("partsbay-gateway",)
    tls = shop.settings_of(own)
    cases = {
        "foreign CA": shop.make("gateway", "server", foreign=True, names=names),
        "another name": shop.make("gateway", "server", names=("somebody-else",)),
        "has expired": shop.make("gateway", "server", begins_days=-30, ends_days=-2, names=names),
        "not valid yet": shop.make("gateway", "server", begins_days=2, names=names),
    }
    cabinets = {
        why: cabinet_at(end, firmware, tmp_path / why, Server(context_of(shop, held), broker(b"")), tls)
        for why, held in cases.items()
    }
    plain = Server(None, lambda one: one.sendall(b"HTTP/1.1 400 Bad Request\r\n"))
    cabinets["does not speak TLS"] = cabinet_at(end, firmware, tmp_path / "plain", plain, tls)
    missing = tls | {"key": str(tmp_path / "none.der")}
    good = Server(context_of(shop, shop.server), broker(b"c" * CONFIG_BYTES))
    neighbour = cabinet_at(end, firmware, tmp_path / "good", good, tls)
    unused = Server(context_of(shop, shop.server), broker(b""))
    cabinets["expected certificates and a key"] = cabinet_at(end, firmware, tmp_path / "none", unused, missing)
    for why, cabinet in cabinets.items():
        wait_until(lambda cabinet=cabinet: cabinet.state.get("trouble"), why)
        assert why in cabinet.state["trouble"]
        assert (cabinet.state["connects"], cabinet.state["online"]) == (0, False)
    wait_until(lambda: ["config", CONFIG_BYTES] in neighbour.state["messages"], "all of a record that came at once")
    assert good.shown == [int(own.serial, 16)]


def test_a_certificate_that_was_replaced_on_flash_is_shown_at_the_next_connection(
    firmware: Path, tmp_path: Path, shop: ShopAuthority, end: ExitStack
) -> None:
    old, new = shop.make("cab-1"), shop.make("cab-1")
    server = Server(context_of(shop, shop.server), lambda one: one.sendall(b"\x20\x02\x00\x05"))
    cabinet = cabinet_at(end, firmware, tmp_path / "flash", server, shop.settings_of(old))
    wait_until(lambda: server.shown, "the first connection")
    for path, after in ((old.key, new.key), (old.cert, new.cert)):
        after.replace(path)
    wait_until(lambda: int(new.serial, 16) in server.shown, "the new certificate")
    assert server.shown[0] == int(old.serial, 16)
    assert "refusal 5" in cabinet.state["trouble"]
