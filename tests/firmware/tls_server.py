"""Servers over TLS for the link's tests: a few lines each, for a broker would not do wrong."""

import socket
import ssl
import threading
from collections.abc import Callable

from cabinet import mqtt

from tests.firmware.shop_authority import Held, ShopAuthority


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
            plain.settimeout(30)
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
    """Accepts, subscribes, sends a retained config at once, and is silent from then on; without one it hangs up."""

    def speak(one: socket.socket) -> None:
        one.recv(4096)
        one.sendall(b"\x20\x02\x00\x00")
        said = one.recv(4096)
        leaves = said.count(b"partsbay/1/cab-1/") - 1  # the first is of `state`
        if leaves < 0:
            return  # it hung up
        one.sendall(b"\x40\x02\x00\x01\x90" + bytes([2 + leaves, 0, 2]) + bytes(leaves))
        if not config:
            return
        one.sendall(mqtt.publish("partsbay/1/cab-1/config", config))
        while one.recv(4096):
            pass

    return speak
