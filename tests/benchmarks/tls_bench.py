"""TLS on the controller, by the real link under the real interpreter: a handshake, what waits for it, what it holds.

Everything else stands still during the longest piece of a handshake. The limit is the longest handshake of the run:
whatever the scanner is late by, it is no more than that.
"""

import tempfile
from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.firmware.reconnecting import OUTSIDE, reconnect

COUNT = 60


def measure() -> list[Figure]:
    """All figures of TLS."""
    with tempfile.TemporaryDirectory(prefix="partsbay-bench-") as folder:
        found = reconnect(Path(folder), COUNT, OUTSIDE)
    longest_ms = found.handshake_us_max / 1000
    return [
        Figure("a handshake and CONNECT, median", found.handshake_us / 1000, "ms", longest_ms, "the longest of them"),
        Figure("late by a handshake, at most", found.late_us_max / 1000, "ms", longest_ms, "the longest of them", 1.0),
        Figure("connections that came about", found.connects, "", found.attempts, "tried", 1.0),
        Figure("heap: the code for TLS, when it is loaded", found.secure_bytes / 1024, "KB"),
        Figure("heap: certificates, key and objects, for a moment", found.held_bytes / 1024, "KB"),
    ]
