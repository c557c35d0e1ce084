"""Nothing lost, nothing twice: the gateway killed, the broker killed and started empty, controllers that are rude."""

import io
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_gateway import ledger_check
from edge_gateway.broker import command_line
from simulator.ports import free_port
from tests.firmware.brokers import CABINETS, GATEWAY, broker_of, wait_until
from tests.gateway.program import PASSWORD, GatewayProgram
from tests.gateway.rude_controller import RudeController
from tests.gateway.world import Journal, row

SESSIONS = 80  # of four events each


def busy_journal(cabinet: str) -> Journal:
    """A journal in which one filter leaves and comes back, over and over, and one stays away in the end."""
    journal = Journal(cabinet)
    journal.created()
    for number in range(SESSIONS):
        away = number % 2 == 0
        journal.session([row(1, 6_000_000 - 600_000 * (not away), 6_000_000 - 600_000 * away)])
    journal.session([row(1, 6_000_000, 5_400_000)])
    return journal


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[GatewayProgram]:
    """A gateway with its own broker, on a port that stays."""
    program = GatewayProgram(tmp_path, f'kind = "embedded"\nport = {free_port()}')
    yield program
    program.close()


class Streams:
    """Two rude controllers with long journals."""

    def __init__(self, port: int, passwords: dict[str, str]) -> None:
        self.journals = [busy_journal(cabinet) for cabinet in ("cab-1", "cab-2")]
        self.controllers = [
            RudeController(port, journal.cabinet, passwords[journal.cabinet], journal.lines)
            for journal in self.journals
        ]

    def start(self) -> None:
        """Begin to send."""
        for controller in self.controllers:
            controller.start()

    def close(self) -> None:
        """Stop both."""
        for controller in self.controllers:
            controller.close()

    def wait_for(self, share: float) -> None:
        """Until this share of all events is acknowledged."""

        def reached() -> bool:
            return all(c.through >= share * len(c.lines) for c in self.controllers)

        wait_until(reached, f"{share:.0%} of the journals", 60)

    def check(self, database: Path) -> None:
        """Every event once and in order, every movement once, and the ledger agrees with itself."""
        db = sqlite3.connect(database)
        try:
            for journal in self.journals:
                lines = db.execute(
                    "select line from inbox where cabinet = ? order by seq", (journal.cabinet,)
                ).fetchall()
                assert [bytes(line) for (line,) in lines] == journal.lines
                held = db.execute(
                    "select quantity from balance where account = ?", (f"bin:{journal.cabinet}/1",)
                ).fetchone()
                assert held == (9,)
                moved = db.execute(
                    "select count(*) from movement where cabinet = ? and cause != 'opening'", (journal.cabinet,)
                ).fetchone()
                assert moved == (SESSIONS + 1,)
        finally:
            db.close()
        out = io.StringIO()
        assert ledger_check.verify(database, out) == 0, out.getvalue()


def test_the_gateway_killed_in_mid_stream(embedded: GatewayProgram) -> None:
    embedded.start()
    streams = Streams(embedded.mqtt_port(), dict.fromkeys(("cab-1", "cab-2"), PASSWORD))
    streams.start()
    try:
        for share in (0.3, 0.6):
            streams.wait_for(share)
            broker = embedded.broker_pid()
            embedded.kill()
            wait_until(lambda broker=broker: not command_line(broker), "the end of the broker with its gateway")
            embedded.start()
        streams.wait_for(1)
    finally:
        streams.close()
    broker = embedded.broker_pid()
    assert embedded.stop() == 0
    assert not command_line(broker)
    streams.check(embedded.database)


def test_the_embedded_broker_killed_in_mid_stream(embedded: GatewayProgram) -> None:
    embedded.start()
    streams = Streams(embedded.mqtt_port(), dict.fromkeys(("cab-1", "cab-2"), PASSWORD))
    streams.start()
    try:
        streams.wait_for(0.3)
        killed = embedded.broker_pid()
        os.kill(killed, signal.SIGKILL)
        streams.wait_for(1)
        assert embedded.broker_pid() != killed
    finally:
        streams.close()
    assert embedded.stop(signal.SIGINT) == 0
    streams.check(embedded.database)


@pytest.mark.parametrize("name", ["nats", "mosquitto"])
def test_an_external_broker_killed_and_started_empty(tmp_path: Path, name: str) -> None:
    broker = broker_of(name)
    broker.start()
    user, password = GATEWAY
    where = f'kind = "external"\nport = {broker.port}\nusername = "{user}"\npassword = "{password}"'
    program = GatewayProgram(tmp_path, where)
    streams = Streams(broker.port, CABINETS)
    try:
        program.start()
        streams.start()
        for share in (0.3, 0.6):
            streams.wait_for(share)
            broker.kill()
            broker.start()
        streams.wait_for(1)
        assert program.stop() == 0
    finally:
        streams.close()
        program.close()
        broker.close()
    streams.check(program.database)
