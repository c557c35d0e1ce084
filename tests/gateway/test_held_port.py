"""The port at which cabinets enrol, held by whoever is silent there: a technician gets through, and silence ends."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from edge_gateway import certificates
from edge_gateway.certificates import REQUEST_BYTES_MAX
from edge_gateway.identity.est_listener import CABINET_PATH, EstListener, Ports
from edge_gateway.identity.https_door import AT_ONCE_MAX, OF_ONE_MAX
from tests.firmware.brokers import wait_until
from tests.gateway.test_enrolment import EST, SECRETS, Scene, asked, scene

__all__ = ["scene"]  # a fixture
PATIENCE_S = 60.0
BEGUN = b"POST " + EST.encode() + b"/simpleenroll HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nTUlJ"
ADDRESSES = ("127.0.0.1", *(f"127.0.0.{number}" for number in range(2, 8)))  # the technician's is the first


@pytest.fixture
def held(scene: Scene, request: pytest.FixtureRequest) -> Iterator[EstListener]:
    """Open, and patient for as many seconds as the test says."""
    refuse = lambda kind, who, why: scene.refused.append(f"{kind} {who} {why}")  # noqa: E731
    listener = EstListener(scene.shop, ("127.0.0.1", 0), SECRETS, Ports(1883, 8883, 8884), refuse, ask_s=request.param)
    scene.shop.make_code("cab-1")
    with closing(listener):
        listener.see_to()
        scene.listener = listener
        yield listener


def knock(port: int, address: str = "127.0.0.1", *, said: bytes | None = None) -> socket.socket:
    """A connection from an address: without a handshake (None), or after it and after so many bytes."""
    plain = socket.create_connection(("127.0.0.1", port), PATIENCE_S, (address, 0))
    if said is None:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    wrapped = context.wrap_socket(plain)
    try:
        wrapped.sendall(said)
    except OSError:
        wrapped.close()  # or it is garbage, open
        raise
    return wrapped


def is_ended(connection: socket.socket) -> bool:
    """Whether the other side has hung up; it has said nothing."""
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True


@pytest.mark.parametrize("held", [600.0], indirect=True)
def test_who_holds_connections_keeps_no_technician_out(scene: Scene, held: EstListener) -> None:
    """Before the handshake, after it, in the middle of a request: from other addresses, and from his own."""
    code, key = scene.shop.make_code("cab-1").code.text, certificates.new_key()
    with ExitStack() as holding:
        silent = [
            holding.enter_context(knock(held.port, address, said=said))
            for address in ADDRESSES
            for said in (None, b"", BEGUN) * OF_ONE_MAX
        ]
        with scene.laptop(scene.shop.authority.certificate) as laptop:
            assert asked(laptop, code, key).status_code == 200
            login = {"auth": ("", code), "extensions": {"sni_hostname": "partsbay-gateway"}}
            assert laptop.get(CABINET_PATH, **login).json()["cabinet"] == "cab-1"
        wait_until(lambda: sum(not is_ended(each) for each in silent) <= AT_ONCE_MAX, "the oldest to give way", 60)
        refused = {line.split(" held ")[0] for line in scene.refused}
        assert refused == {f"silent {address}" for address in ADDRESSES}
        assert sum(not is_ended(each) for each in silent) >= AT_ONCE_MAX - 3  # for whoever has room is let be


@pytest.mark.parametrize("held", [0.5], indirect=True)
def test_silence_ends(scene: Scene, held: EstListener) -> None:
    """Whatever was said before it; drop by drop is no way to ask, either."""
    with ExitStack() as holding:
        for said in (None, b"", BEGUN):
            with contextlib.suppress(OSError):  # ended while it still shook hands
                connection = holding.enter_context(knock(held.port, said=said))
                wait_until(lambda: is_ended(connection), f"the end of who said {said!r}", PATIENCE_S)  # noqa: B023
        with contextlib.suppress(OSError):
            slow = holding.enter_context(knock(held.port, said=BEGUN))
            wait_until(lambda: not slow.send(b"A"), "the end of who says a byte at a time", PATIENCE_S)
    wait_until(lambda: len(scene.refused) == 4, "four records")
    assert set(scene.refused) == {"silent 127.0.0.1 expected a request within 0.5 s, found none"}


@pytest.mark.parametrize("held", [600.0], indirect=True)
def test_what_is_no_request_is_answered_in_words(held: EstListener) -> None:
    long = 2 * REQUEST_BYTES_MAX + 1
    begin = b"POST " + EST.encode() + b"/simpleenroll HTTP/1.1\r\nHost: x\r\n"
    for said, expected in (
        (b"good morning\r\n\r\n", (b"HTTP/1.1 400 ", b"expected a request in HTTP")),
        (b"GET /elsewhere HTTP/1.1\r\nHost: x\r\n\r\n", (b"HTTP/1.1 404 ",)),
        (b"HEAD " + EST.encode() + b"/cacerts HTTP/1.1\r\nHost: x\r\n\r\n", (b"HTTP/1.1 200 ", b"certs-only")),
        (begin + b"Content-Length: %d\r\n\r\n" % long + b"A" * long, (b"HTTP/1.1 413 ", b"at most")),
        (begin + b"Expect: 100-continue\r\nContent-Length: 4\r\n\r\n", (b"HTTP/1.1 100 ",)),
    ):
        with knock(held.port, said=said) as connection:
            answer = _until_ended(connection, begin_only=b"100-continue" in said)
            assert all(part in answer for part in expected), answer
    with knock(held.port) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        wait_until(lambda: is_ended(plain), "the end of who speaks no TLS", PATIENCE_S)


def _until_ended(connection: socket.socket, *, begin_only: bool) -> bytes:
    """All that is answered; where the answer only invites, the body is sent then."""
    answer = connection.recv(4096)
    if begin_only:
        connection.sendall(b"TUlJ")
        rest = b""
        while piece := connection.recv(4096):
            rest += piece
        assert rest.startswith(b"HTTP/1.1 422 "), rest
        return answer
    while piece := connection.recv(4096):
        answer += piece
    return answer
