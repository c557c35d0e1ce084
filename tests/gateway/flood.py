"""A stranger's controller that floods: on plain sockets, written from `docs/mqtt.md` and the MQTT 3.1.1 standard alone.

It repeats, skips, forges and babbles, on its own topics and on others', reads no answer, breaks the protocol itself,
and comes back when the broker throws it out. `RUDENESS` is the list of what it does; a seed draws from it.
"""

import contextlib
import random
import secrets
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable

from tests.gateway.strange_lines import Book, event_line, health, packed, sealed, state

KEEP_ALIVE_S = 30
SEND_S = 5
HUGE_BYTES = 200_000
REPEATED = 12  # lines in a PUBLISH of old ones


def _text(value: bytes) -> bytes:
    return len(value).to_bytes(2, "big") + value


def packet(kind: int, content: bytes) -> bytes:
    """An MQTT packet: first byte, remaining length, content."""
    length, left = b"", len(content)
    while True:
        left, low = divmod(left, 128)
        length += bytes([low | (128 if left else 0)])
        if not left:
            return bytes([kind]) + length + content


def connect(client_id: str, user: str, password: str) -> bytes:
    """CONNECT with a clean session."""
    flags = b"\xc2"  # user name, password, clean session
    head = _text(b"MQTT") + b"\x04" + flags + KEEP_ALIVE_S.to_bytes(2, "big")
    return packet(0x10, head + _text(client_id.encode()) + _text(user.encode()) + _text(password.encode()))


def publish(topic: str, payload: bytes, *, qos: int = 1, number: int = 1, retained: bool = False) -> bytes:
    """PUBLISH; a repeated packet id is no sin of the topic's."""
    mid = number.to_bytes(2, "big") if qos else b""
    return packet(0x30 | qos << 1 | retained, _text(topic.encode()) + mid + payload)


class Flood:
    """`start` it, let it send as many messages as `allowed` says, `close` it."""

    def __init__(self, port: int, cabinet: str, password: str, victim: str, seed: int = 1) -> None:
        self.sent = 0
        self.thrown_out = 0
        self.done: Counter[str] = Counter()
        self.failure: BaseException | None = None
        self._where = ("127.0.0.1", port)
        self._login = (cabinet, password)
        self._victim = victim
        self._draw = random.Random(seed)
        self._book = Book(cabinet)
        self._allowed = 0
        self._news = threading.Condition()
        self._ended = False
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin; nothing is sent before `allow`."""
        self._thread.start()

    def allow(self, messages: int) -> None:
        """So many messages in all may have been sent."""
        with self._news:
            self._allowed = max(self._allowed, messages)
            self._news.notify_all()

    def close(self) -> None:
        """Stop, and say what went wrong here."""
        with self._news:
            self._ended = True
            self._news.notify_all()
        self._thread.join()
        self._hang_up()
        if self.failure is not None:
            raise self.failure

    # ---- the thread ----

    def _run(self) -> None:
        try:
            while self._may_send():
                self._rude()
        except BaseException as error:  # told by `close`
            self.failure = error

    def _may_send(self) -> bool:
        with self._news:
            self._news.wait_for(lambda: self._ended or self.sent < self._allowed)
            return not self._ended

    def _rude(self) -> None:
        names, weights = zip(*((name, weight) for name, (weight, _) in RUDENESS.items()), strict=True)
        name = self._draw.choices(names, weights)[0]
        data = RUDENESS[name][1](self)
        self.done[name] += 1
        self.sent += 1
        try:
            self._line().sendall(data)
        except OSError:
            self.thrown_out += 1
            self._hang_up()
        if name == "broken_mqtt":  # or what follows might be taken for the rest of it
            self._hang_up()

    def _line(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(self._where)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_S, 0))
            client_id = f"partsbay-{self._login[0]}"
            if self._draw.random() < 0.02:
                client_id = self._victim  # whose connection the broker then ends
            self._socket.sendall(connect(client_id, *self._login))
        self._forget_answers(self._socket)
        return self._socket

    def _forget_answers(self, line: socket.socket) -> None:
        """Whatever was said to it; when that is the end of the connection, so be it."""
        with contextlib.suppress(BlockingIOError):
            while line.recv(65536, socket.MSG_DONTWAIT):
                pass
            raise ConnectionResetError("the broker has hung up")

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    # ---- what it says ----

    def own(self, leaf: str) -> str:
        """One of its own topics."""
        return f"partsbay/1/{self._login[0]}/{leaf}"

    def event(self, payload: bytes) -> bytes:
        """On its own topic of events, in one of the ways of MQTT."""
        qos = self._draw.choice((0, 1, 1, 1))
        retained = self._draw.random() < 0.01
        return publish(self.own("event"), payload, qos=qos, number=self._draw.randrange(1, 9), retained=retained)

    def repeat(self) -> bytes:
        """Something old, once more."""
        at = self._draw.randrange(len(self._book.lines))
        return self.event(b"\n".join(self._book.lines[at : at + REPEATED]))

    def go_on(self) -> bytes:
        """A right event for once, sent before the one before it was acknowledged."""
        self._book.session(6_000_000, 6_000_000)
        return self.event(b"\n".join(self._book.lines[-4:]))

    def leave_a_gap(self) -> bytes:
        """A number far too high."""
        seq = len(self._book.lines) + self._draw.randrange(2, 10 ** self._draw.randrange(1, 15))
        return self.event(event_line(self._login[0], self._book.epoch, seq, self._book.body("bin_well", bin=1)))

    def unknown_kind(self) -> bytes:
        """The next event, of a kind that nobody knows."""
        seq = self._book.write_body(self._book.body("tea_was_made", cups=self._draw.randrange(9)))
        return self.event(self._book.lines[seq - 1])

    def strange_body(self) -> bytes:
        """The next event, with a body that is none."""
        bodies = (
            b"[" * 1500 + b"]" * 1500,
            b'{"kind":' + b"9" * 3000 + b"}",
            b"{}",
            b"null",
            b'"' + b"\xff" * 9 + b'"',
        )
        seq = self._book.write_body(self._draw.choice(bodies))
        return self.event(self._book.lines[seq - 1])

    def another_version(self) -> bytes:
        """An old version, or one of the future."""
        version = self._draw.choice((0, 2, 99, 255, 256))
        seq = self._draw.choice((1, len(self._book.lines) + 1))
        return self.event(
            event_line(self._login[0], self._book.epoch, seq, self._book.body("bin_well", bin=1), version)
        )

    def forge(self) -> bytes:
        """Other content under an identity that was used."""
        seq = self._draw.randrange(1, len(self._book.lines) + 1)
        body = self._book.body("bin_fault", bin=self._draw.randrange(1, 65), fault="stuck")
        return self.event(event_line(self._login[0], self._book.epoch, seq, body))

    def another_cabinet(self) -> bytes:
        """An event that says it is somebody else's, on its own topic."""
        cabinet = self._draw.choice((self._victim, "cab-99", "CAB 1", "x" * 40, ""))
        return self.event(event_line(cabinet, self._book.epoch, 1, self._book.body("bin_well", bin=1)))

    def break_envelope(self) -> bytes:
        """A line damaged in one way or another."""
        line = bytearray(self._draw.choice(self._book.lines))
        at = self._draw.randrange(len(line))
        wrong = (
            bytes(line[:at]),
            bytes(line) + b"\n",
            bytes(line[:at]) + b"\n" + bytes(line[at:]),
            bytes([*line[:at], line[at] ^ 0xFF, *line[at + 1 :]]),
            b"",
            self._draw.randbytes(at),
            event_line(self._login[0], self._book.epoch, self._draw.choice(("0", "01", "-1", "1e3", "9" * 400)), b"{}"),
            event_line(self._login[0], self._book.epoch, len(self._book.lines) + 1, b'"' + b"x" * 5000 + b'"'),
            sealed(b'{"seq":1,"v":1'),
        )
        return self.event(self._draw.choice(wrong))

    def the_same_nonsense(self) -> bytes:
        """Nonsense that is the same every time: after three times it counts as an event."""
        return self.event(b"nonsense")

    def begin_anew(self) -> bytes:
        """A new journal, and never a second event in it."""
        line = event_line(self._login[0], secrets.token_hex(8), 1, self._book.body("journal_created", reason="lost"))
        return self.event(line)

    def other_topic(self) -> bytes:
        """Where it has no business; a broker that knows its users lets none of it pass."""
        topics = (
            f"partsbay/1/{self._victim}/event",
            f"partsbay/1/{self._victim}/journal_ack",
            f"partsbay/1/{self._victim}/command",
            f"partsbay/1/{self._victim}/config",
            f"partsbay/1/{self._victim}/state",
            "partsbay/1/nobody/event",
            "partsbay/2/cab-1/event",
            self.own("journal_ack"),
            self.own("event/more"),
            "partsbay",
        )
        ack = packed({"v": 1, "epoch": self._book.epoch, "through": 10**9, "in_cloud": 10**9, "again": 0})
        return publish(self._draw.choice(topics), self._draw.choice((ack, *self._book.lines[:3])))

    def babble(self) -> bytes:
        """State, health and live, right in form and wrong in fact, or wrong in both."""
        draw = self._draw
        own, other = self._book.epoch, secrets.token_hex(8)
        last = draw.randrange(10**6)
        words = (
            ("state", state(draw.choice((own, other)), last, draw.randrange(1, 10**9))),
            ("state", state(draw.choice((own, other)), last, online=0)),
            ("health", health(own, 1, last, draw.randrange(1, 10**9), draw.randrange(2**53))),
            ("health", health(other, last + 1, last, draw.randrange(1, 10**9), draw.randrange(2**53))),
            ("health", health("?" * 16, 1, 1)),
            (
                "live",
                packed({"v": 1, "up_ms": 1, "session": 0, "person": "", "doors": [], "bins": [[1, None, 2]] * 64}),
            ),
            ("live", draw.randbytes(200)),
            ("state", b"{" * 4000),
        )
        leaf, payload = draw.choice(words)
        return publish(self.own(leaf), payload, qos=draw.choice((0, 1)), retained=leaf == "state")

    def be_huge(self) -> bytes:
        """More than anybody wants to read."""
        return self.event(self._draw.choice((b"x", b"\n", b'{"v":1,')) * (HUGE_BYTES // 8))

    def break_mqtt(self) -> bytes:
        """What no broker forgives."""
        wrong = (
            self._draw.randbytes(40),
            connect("again", *self._login),
            packet(0x32, _text(b"partsbay/1/+/event") + b"\0\1" + b"x"),
            packet(0x32, _text(b"\xff\xfe") + b"\0\1" + b"x"),
            packet(0x30, b"\xff\xff"),
            b"\x32\xff\xff\xff\x7f" + b"half a packet",
            publish(self.own("event"), b"at most twice", qos=3),
            packet(0x82, b"\0\1" + _text(b"#") + b"\1"),
        )
        return self._draw.choice(wrong)


RUDENESS: dict[str, tuple[int, Callable[[Flood], bytes]]] = {  # how often, and how
    "repeat": (20, Flood.repeat),
    "go_on": (2, Flood.go_on),
    "gap": (12, Flood.leave_a_gap),
    "unknown_kind": (2, Flood.unknown_kind),
    "strange_body": (2, Flood.strange_body),
    "another_version": (6, Flood.another_version),
    "different_content": (8, Flood.forge),
    "another_cabinet": (8, Flood.another_cabinet),
    "broken_envelope": (14, Flood.break_envelope),
    "same_nonsense": (4, Flood.the_same_nonsense),
    "new_journal": (3, Flood.begin_anew),
    "other_topic": (8, Flood.other_topic),
    "babble": (12, Flood.babble),
    "huge": (1, Flood.be_huge),
    "broken_mqtt": (1, Flood.break_mqtt),
}
