"""A signed POST to a program outside, and to nothing inside: no redirect, no private address, no endless answer.

The name is resolved here, every address it has is looked at, and the connection goes to one of those that were: a name
that answers differently the second time leads nowhere else. TLS is checked against the name. What is signed is the
time, a full stop and the body, as a chat robot's own program signs (docs/bot.md), so that neither can be changed and
an old call cannot be sent again. Of the answer only its status is read.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from cloud.catalogue.bot_signatures import plain_signature

TIMEOUT_S: Final = 10.0  # for each step
DEADLINE_S: Final = 20.0  # for all of it
_INSIDE_V6 = tuple(ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


class OutboundError(OSError):
    """A program outside was not told; the text says why, and nothing of what it answered."""


@dataclass(frozen=True)
class Outbound:
    """Sends signed JSON. `inside`: to private addresses, too, and there without TLS: programs of one's own network."""

    inside: bool = False
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context

    def post(self, address: str, secret: str, name: str, body: bytes, now_ms: int) -> None:
        """One call (`OutboundError` unless the answer is 200 to 299). `name`: by which a repeat is known."""
        parts = urlsplit(address)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Partsbay",
            "X-Partsbay-Id": name,
            "X-Partsbay-Timestamp": str(now_ms),
            "X-Partsbay-Signature": plain_signature(secret, str(now_ms), body),
        }
        try:
            status = self._send(parts, headers, body)
        except OutboundError:
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise OutboundError(f"expected {parts.hostname} to take it, found {_short(error)}") from error
        if not 200 <= status < 300:
            raise OutboundError(f"expected an answer of 200 to 299 from {parts.hostname}, found {status}")

    def _send(self, parts: SplitResult, headers: dict[str, str], body: bytes) -> int:
        found = self._resolved(parts)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or _port(parts), timeout=TIMEOUT_S)
        connection.auto_open = 0  # the connection that was looked at, or none
        is_late = threading.Event()
        watch = threading.Timer(DEADLINE_S, _cut, [connection, is_late])
        watch.daemon = True
        watch.start()
        try:
            self._connect(connection, found, parts, is_late)
            connection.request("POST", parts._replace(scheme="", netloc="").geturl() or "/", body, headers)
            status = connection.getresponse().status  # what it says beside that is not read
        except (OSError, http.client.HTTPException):
            if not is_late.is_set():
                raise  # otherwise it is what our own cut looks like from here
        finally:
            watch.cancel()
            connection.close()
        if is_late.is_set():
            raise OutboundError(f"expected {parts.hostname} to answer within {DEADLINE_S:.0f} s, found that it did not")
        return status

    def _resolved(self, parts: SplitResult) -> list[tuple[str, int]]:
        """Where a name leads, with the port; refuses one of which any address is inside."""
        host, port = parts.hostname or "", parts.port or _port(parts)
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        inside = [each for each in found if is_inside(each)]
        if inside and not self.inside:
            raise OutboundError(f"expected {host} to be outside, found that it leads to {inside[0]}")
        if parts.scheme != "https" and len(inside) < len(found):
            raise OutboundError(f"expected https for {host}, which is outside, found http")
        return [(each, port) for each in found]

    def _connect(
        self,
        connection: http.client.HTTPConnection,
        found: list[tuple[str, int]],
        parts: SplitResult,
        is_late: threading.Event,
    ) -> None:
        connection.sock = made = _first_that_answers(found)
        if parts.scheme == "https":
            connection.sock = made = self.tls().wrap_socket(
                made, server_hostname=parts.hostname, do_handshake_on_connect=False
            )
        if is_late.is_set():
            raise TimeoutError("there was nothing yet that could be cut")
        if isinstance(made, ssl.SSLSocket):
            made.do_handshake()


def _first_that_answers(found: list[tuple[str, int]]) -> socket.socket:
    for at, each in enumerate(found):
        try:
            return socket.create_connection(each, timeout=TIMEOUT_S)
        except OSError:
            if at == len(found) - 1:
                raise
    raise OutboundError("expected a name that leads somewhere, found that it has no address")


def is_inside(address: str) -> bool:
    """Whether an address is not one of the public internet, also when it is hidden in one of IPv6."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_inside(str(found.ipv4_mapped))
        if found.is_site_local or any(found in network for network in _INSIDE_V6):
            return True
    return not found.is_global or found.is_multicast or found.is_reserved


def _port(parts: SplitResult) -> int:
    return 443 if parts.scheme == "https" else 80


def _cut(connection: http.client.HTTPConnection, is_late: threading.Event) -> None:
    """End a call that takes too long in all, wherever it stands."""
    is_late.set()
    made = connection.sock
    if made is not None:
        try:
            made.shutdown(socket.SHUT_RDWR)
        except OSError:
            made.close()


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:200]
