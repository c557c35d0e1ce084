"""Ports of 127.0.0.1 for programs that are started, ended and started again."""

import contextlib
import itertools
import os
import socket
from typing import Final

# Below those that the system gives to whoever asks for any port, or calls out: of those, one that was found free may be
# somebody else's by the time it is used, or used again.
PORTS: Final = range(20_000, 32_000)
_tries = itertools.count(os.getpid() * 1009)  # processes beside this one begin elsewhere


def free_port() -> int:
    """A TCP port that nobody listens on, and that nobody is given by chance before it is used."""
    while True:
        port = PORTS[next(_tries) % len(PORTS)]
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
