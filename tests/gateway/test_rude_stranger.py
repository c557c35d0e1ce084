"""A stranger's controller as rude as it likes, beside one that behaves: both written from `docs/mqtt.md` alone.

The gateway must neither lose, double nor stop, and must not grow: the well-behaved cabinet's events all arrive, once
and in order, while the stranger sends fifty messages for each of them. A cabinet of the demo, with somebody at it all
the time, makes 2.0 publishes in a second of its own time, 0.3 of them events; here both send as fast as they are
served, which is some thousand times that.
"""

import ast
import io
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge_gateway import ledger_check
from simulator.ports import free_port
from tests.firmware.brokers import CABINETS, GATEWAY, broker_of, wait_until
from tests.gateway import flood, rude_controller, strange_lines
from tests.gateway.flood import RUDENESS, Flood
from tests.gateway.program import PASSWORD, GatewayProgram
from tests.gateway.rude_controller import RudeController
from tests.gateway.strange_lines import Book

SESSIONS = 30  # of four events each
EVENTS_PER_PUBLISH_MAX = 5
FLOOD = 50  # messages of the stranger for each event of the other
GROWN_KB_MAX = 20_000
_HOURS = 2  # that a test may touch
ROWS_MAX = {  # by the bounds for one cabinet and hour
    "quarantine": 200 * 3 * _HOURS,  # of the two cabinets, and of nobody
    "cursor": 20 * 2 * _HOURS,
    "boot_clock": 60 * 2 * _HOURS,
}


class Meeting:
    """A gateway, a cabinet that behaves, and the stranger."""

    def __init__(self, program: GatewayProgram, port: int, passwords: dict[str, str]) -> None:
        self.program = program
        self.book = Book("cab-1")
        for number in range(SESSIONS):
            away = number % 2 == 0
            self.book.session(6_000_000 - 600_000 * (not away), 6_000_000 - 600_000 * away)
        self.flood = Flood(port, "cab-2", passwords["cab-2"], "cab-1")
        self.polite = RudeController(port, "cab-1", passwords["cab-1"], self.book.lines, 0, may_send=self._may_send)

    def _may_send(self, seq: int) -> bool:
        """The next event of the polite one waits until the stranger has had his fifty."""
        self.flood.allow(seq * FLOOD)
        return self.flood.sent >= (seq - 1) * FLOOD

    def hold(self, share: float) -> None:
        """Until this share of the polite one's events is acknowledged."""
        wait_until(lambda: self.polite.through >= share * len(self.book.lines), f"{share:.0%} of the journal", 120)

    def memory_kb(self) -> int:
        """What the gateway's process holds."""
        status = Path(f"/proc/{self.program.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])


@pytest.fixture(params=["embedded", "mosquitto"])
def meeting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Meeting]:
    """On the gateway's own broker, and on Mosquitto."""
    if request.param == "embedded":
        program = GatewayProgram(tmp_path, f'kind = "embedded"\nport = {free_port()}')
        program.start()
        yield Meeting(program, program.mqtt_port(), dict.fromkeys(("cab-1", "cab-2"), PASSWORD))
        program.close()
        return
    broker = broker_of("mosquitto")
    broker.start()
    user, password = GATEWAY
    where = f'kind = "external"\nport = {broker.port}\nusername = "{user}"\npassword = "{password}"'
    program = GatewayProgram(tmp_path, where)
    program.start()
    yield Meeting(program, broker.port, CABINETS)
    program.close()
    broker.close()


def test_a_flood_of_rudeness_costs_nobody_else_anything(meeting: Meeting) -> None:
    pid = meeting.program.pid
    meeting.polite.start()
    meeting.flood.start()
    try:
        meeting.hold(0.5)
        halfway_kb = meeting.memory_kb()
        meeting.hold(1)
        grown_kb = meeting.memory_kb() - halfway_kb
    finally:
        meeting.polite.close()
        meeting.flood.close()
    assert meeting.program.pid == pid
    assert Path(f"/proc/{pid}").exists()
    assert meeting.flood.sent >= FLOOD * (len(meeting.book.lines) - EVENTS_PER_PUBLISH_MAX)
    assert meeting.flood.done.keys() == RUDENESS.keys()
    assert grown_kb < GROWN_KB_MAX
    assert meeting.program.stop() == 0
    _check(meeting)


def _check(meeting: Meeting) -> None:
    database = meeting.program.database
    with closing(sqlite3.connect(database)) as db:
        lines = [bytes(line) for (line,) in db.execute("select line from inbox where cabinet='cab-1' order by seq")]
        assert lines == meeting.book.lines
        assert _count(db, "movement", "cabinet = 'cab-1' and cause != 'opening'") == SESSIONS
        assert _count(db, "discrepancy", "cabinet = 'cab-1'") == 0
        for table, most in ROWS_MAX.items():
            assert 0 < _count(db, table) <= most, table
    out = io.StringIO()
    assert ledger_check.verify(database, out) == 0, out.getvalue()


def _count(db: sqlite3.Connection, table: str, where: str = "true") -> int:
    (count,) = db.execute(f"select count(*) from {table} where {where}").fetchone()
    return int(count)


def test_the_stranger_knows_nothing_of_the_product() -> None:
    """Only the standard library, paho and each other: what it can do, the page has told it."""
    allowed = set(sys.stdlib_module_names) | {"paho"}
    for module in (flood, rude_controller, strange_lines):
        tree = ast.parse(Path(str(module.__file__)).read_text())
        names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
        names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        strange = {name for name in names if name.split(".")[0] not in allowed}
        assert strange <= {"tests.gateway.strange_lines"}
