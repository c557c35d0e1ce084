"""A broker's log, read as it grows: who was refused, and why. Pure patterns, and one file that is followed.

Brokers tell refusals nowhere else. The lines are those of NATS 2.9 to 2.15 and Mosquitto 2.0; what no pattern knows is
passed over. A log that was rotated or truncated is read from its beginning.
"""

import logging
import re
import threading
from collections.abc import Container
from pathlib import Path

from cabinet import wire

from edge_gateway.refusals import Refuse

log = logging.getLogger(__name__)

LOOK_S = 0.25
LINE_BYTES_MAX = 2048
READ_BYTES_MAX = 1 << 20  # at one look: a flood is skipped, not followed
KEPT_BYTES = 8 << 20  # a log of more is emptied, where it is ours to keep small

_AT = r'(?P<at>\[?[0-9a-f.:]+\]?):\d+ - (?P<link>mid(?:_ws)?:\d+)(?: - "(?P<client>[^"]*)")?'
_TLS = _AT + " - TLS handshake error: "
_NATS = (
    (_TLS + "tls: client didn't provide a certificate", "no_certificate"),
    (_TLS + ".*certificate signed by unknown authority", "foreign_certificate"),
    (_TLS + r".*not yet valid: current time \S+ is after", "expired_certificate"),
    (_TLS + r".*not yet valid: current time \S+ is before", "early_certificate"),
    (_TLS + "tls: first record does not look like a TLS handshake", "no_tls"),
    (_TLS + ".*x509", "bad_certificate"),
    (_AT + r' - User in cert \["[^"]*CN=(?P<user>[^",+]*)[^"]*"\], not found', "unknown_certificate"),
    (_AT + r' - authentication error - User "(?P<user>[^"]*)"', "password"),
    (_AT + r' - Publish Violation - .*Subject "(?P<detail>[^"]*)"', "publish"),
    (_AT + r' - Subscription Violation - .*Subject "(?P<detail>[^"]*)"', "subscribe"),
)
_NATS_SIGNED_IN = re.compile(_AT + r' - Using URI found in cert for auth \["urn:partsbay:(?P<user>[a-z0-9-]+):')
_NAMES_MAX = 1000  # of connections that are remembered
# What a handshake failed of stands after either: the second, when all of it had come before the server looked.
_FAILED = r"(?:OpenSSL Error\[\d+\]|Client connection from (?P<at>\S+) failed): "
_MOSQUITTO = (
    (_FAILED + ".*peer did not return a certificate", "no_certificate"),
    (_FAILED + ".*certificate verify failed", "bad_certificate"),
    (_FAILED + ".*(?:wrong version number|http request|unknown protocol)", "no_tls"),
    (r"Client (?P<client>\S+) disconnected, not authorised", "password"),
    (r"Denied PUBLISH from (?P<client>\S+) \(.*?'(?P<detail>[^']*)'", "publish"),
)
_SUBSCRIBED = re.compile(r"^\d+: (?P<client>[a-z0-9-]+) [012] (?P<topic>\S+)$")
_NEW_CLIENT = re.compile(r"New connection from (?P<at>\S+?)(?::\d+)? on port")

Told = tuple[str, str, str]  # kind, who, detail


class NatsLines:
    """Lines of nats-server, "debug" among them. A client's id is what it says of itself; its certificate's is true."""

    def __init__(self) -> None:
        self._patterns = [(re.compile(pattern), kind) for pattern, kind in _NATS]
        self._names: dict[str, str] = {}  # by connection, of those that signed in by certificate

    def read(self, line: str) -> Told | None:
        """What was refused, when a line tells that."""
        if signed_in := _NATS_SIGNED_IN.search(line):
            self._remember(signed_in["link"], signed_in["user"])
            return None
        for pattern, kind in self._patterns:
            if found := pattern.search(line):
                names = found.groupdict()
                who = names.get("user") or self._names.get(names["link"]) or names["client"] or names["at"]
                subject = names.get("detail") or ""
                return kind, who, subject.replace(".", "/") or names["at"]
        return None

    def _remember(self, link: str, name: str) -> None:
        while len(self._names) >= _NAMES_MAX:
            del self._names[next(iter(self._names))]
        self._names[link] = name


class MosquittoLines:
    """Lines of Mosquitto; an OpenSSL error is told without an address, of the connection that came last.

    It grants every subscription and delivers what is allowed: who asks for another's topic is found here. `cabinets`
    are what those who came by certificate are called.
    """

    def __init__(self, cabinets: Container[str] = ()) -> None:
        self._patterns = [(re.compile(pattern), kind) for pattern, kind in _MOSQUITTO]
        self._cabinets = cabinets
        self._last = ""

    def read(self, line: str) -> Told | None:
        """What was refused, when a line tells that."""
        if new := _NEW_CLIENT.search(line):
            self._last = new["at"]
            return None
        if asked := _SUBSCRIBED.match(line):
            return self._of_another(asked["client"], asked["topic"])
        for pattern, kind in self._patterns:
            if found := pattern.search(line):
                names = found.groupdict()
                who = names.get("client") or names.get("at") or self._last
                return kind, who, names.get("detail") or names.get("at") or self._last
        return None

    def _of_another(self, client: str, topic: str) -> Told | None:
        is_own = topic.startswith(f"{wire.ROOT}/{client}/")
        return ("subscribe", client, topic) if client in self._cabinets and not is_own else None


class BrokerLog:
    """Follows one log from where it ends now, until `close`. `keeps_small`: empty it when it has grown large."""

    def __init__(
        self, path: Path, lines: NatsLines | MosquittoLines, refuse: Refuse, keeps_small: bool = False
    ) -> None:
        self._path = path
        self._lines = lines
        self._refuse = refuse
        self._keeps_small = keeps_small
        self._closing = threading.Event()
        self._position = path.stat().st_size if path.exists() else 0
        self._rest = b""
        self._thread = threading.Thread(target=self._follow, name="broker-log", daemon=True)

    def start(self) -> None:
        """Begin to follow; returns at once."""
        self._thread.start()

    def close(self) -> None:
        """Read what is there, and end."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _follow(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._closing.wait(LOOK_S)
            try:
                self._look()
            except OSError as error:
                log.warning("the broker's log cannot be read: %s", error)

    def _look(self) -> None:
        if not self._path.exists():
            return
        size = self._path.stat().st_size
        if size < self._position:
            self._position, self._rest = 0, b""
        skipped = max(0, size - self._position - READ_BYTES_MAX)
        with self._path.open("rb") as file:
            file.seek(self._position + skipped)
            data = file.read(READ_BYTES_MAX)
        self._position += skipped + len(data)
        self._take(data if not skipped else data[data.find(b"\n") + 1 :])
        if self._keeps_small and self._position > KEPT_BYTES:
            self._path.write_bytes(b"")  # its writer appends: what comes next is at the new end

    def _take(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-LINE_BYTES_MAX:]
        for line in lines:
            if told := self._lines.read(line[:LINE_BYTES_MAX].decode(errors="replace")):
                self._refuse(*told)
