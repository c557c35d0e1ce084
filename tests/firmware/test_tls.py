"""The link over TLS, and servers that it must not talk to: the controller's side of every refusal.

The real link under the real interpreter in 128 KB. The servers are a few lines each: a broker would not do wrong.
"""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.firmware.brokers import wait_until
from tests.firmware.link_world import Cabinet, compiled_firmware
from tests.firmware.reconnecting import INSIDE, reconnect
from tests.firmware.shop_authority import ShopAuthority
from tests.firmware.tls_server import Server, broker, context_of

CONFIG_BYTES = 16_000  # in one TLS record, and nothing after it: most of it waits inside the TLS layer


@pytest.fixture(scope="module")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled_firmware(tmp_path_factory.mktemp("compiled"))


@pytest.fixture
def shop(tmp_path: Path) -> ShopAuthority:
    return ShopAuthority(tmp_path / "authority")


def refusing(one: socket.socket) -> None:
    """Refuses whoever signs in."""
    one.recv(4096)
    one.sendall(b"\x20\x02\x00\x05")
    one.recv(4096)


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
    wait_until(
        lambda: ["config", CONFIG_BYTES] in neighbour.state.get("messages", []), "all of a record that came at once"
    )
    assert good.shown == [int(own.serial, 16)]


def test_a_certificate_that_was_replaced_on_flash_is_shown_at_the_next_connection(
    firmware: Path, tmp_path: Path, shop: ShopAuthority, end: ExitStack
) -> None:
    old, new = shop.make("cab-1"), shop.make("cab-1")
    server = Server(context_of(shop, shop.server), refusing)
    cabinet = cabinet_at(end, firmware, tmp_path / "flash", server, shop.settings_of(old))
    wait_until(lambda: server.shown, "the first connection")
    for path, after in ((old.key, new.key), (old.cert, new.cert)):
        after.replace(path)
    wait_until(lambda: int(new.serial, 16) in server.shown, "the new certificate")
    assert server.shown[0] == int(old.serial, 16)
    wait_until(lambda: "refusal 5" in cabinet.state.get("trouble", ""), "a word about why")  # told a moment later


def test_it_connects_again_and_again_in_a_heap_that_lies_in_pieces(tmp_path: Path) -> None:
    """`make soak` does it two hundred times, and with TLS outside of a smaller heap, too."""
    found = reconnect(tmp_path, 20, INSIDE)
    assert (found.attempts, found.connects, found.troubles) == (20, 20, [])
