"""What a supervisor is told: ready, still alive, ending. The protocol of systemd's sd_notify(3), a datagram each.

Without `NOTIFY_SOCKET` in the environment nothing happens.
"""

import os
import socket


def notify(message: str) -> None:
    """Tell the supervisor, if there is one; one that cannot be reached is no reason to stop."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.sendto(message.encode(), address)
    except OSError:
        return


def watchdog_s() -> float:
    """How often to say that all is well: half of what the supervisor allows; 0 when it does not watch."""
    allowed_us = os.environ.get("WATCHDOG_USEC", "")
    return int(allowed_us) / 2_000_000 if allowed_us.isdigit() else 0.0
