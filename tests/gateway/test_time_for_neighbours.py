"""The time service beside somebody in the shop's network who wants nobody to have the date."""

import socket
from contextlib import ExitStack

import pytest

from edge_gateway import per_hour
from edge_gateway.per_hour import PerHour
from edge_gateway.time_service import AT_ONCE_MAX, TimeService, code

KEY = b"k" * 32


def answered(port: int) -> bytes:
    """What a cabinet is told that asks as it should."""
    said = b"partsbay-time-question 1 cab-1 " + b"ab" * 16
    with socket.create_connection(("127.0.0.1", port), 10) as asking:
        asking.sendall(said + b" " + code(KEY, said) + b"\n")
        return asking.recv(200)


def test_one_address_cannot_keep_the_others_out() -> None:
    """It holds as many connections as it can, and says nothing on any of them."""
    refused: list[str] = []
    service = TimeService(
        "127.0.0.1", 0, {"cab-1": KEY}, lambda: 1_795_000_000_000, lambda kind, who, why: refused.append(who)
    )
    service.start()
    with ExitStack() as holding:
        holding.callback(service.close)
        for _ in range(AT_ONCE_MAX + 10):
            holding.enter_context(socket.create_connection(("127.0.0.1", service.port), 10, ("127.0.0.2", 0)))
        assert answered(service.port).startswith(b"partsbay-time-answer 1 cab-1 ")
        assert "127.0.0.2" in refused and "127.0.0.1" not in refused


def test_addresses_without_end_are_not_all_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(per_hour, "NAMES_MAX", 100)
    allowed = PerHour(2)
    for at in range(1000):
        assert allowed.allows(f"fe80::{at:x}", 0)
        assert len(allowed._counts) <= 100
    assert allowed.allows("fe80::3e7", 0) and not allowed.allows("fe80::3e7", 0)
