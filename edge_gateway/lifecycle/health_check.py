"""Whether a version that was just started works: it answers, its ledger agrees, and it hears the cabinets.

It looks again and again until all is well or the time is over; the last thing that was wrong is the reason.
"""

import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

from edge_gateway import schema
from edge_gateway.lifecycle.health import Health
from edge_gateway.lifecycle.supervisor import Supervisor
from edge_gateway.settings import KioskSettings

LOOK_S = 0.25
ANSWER_S = 5.0
VERIFY_S = 900
HEARD_BEFORE_MS = 600_000  # a cabinet says how it is every five minutes


@dataclass(frozen=True)
class HealthCheck:
    """What is looked at, and how long for."""

    kiosk: KioskSettings
    config: Path
    program: Path  # of the version that runs
    supervisor: Supervisor
    wait_s: float
    sleep: Callable[[float], None] = time.sleep

    def wait(self, expected: Iterable[str], since_ms: int) -> str:
        """ "" once all is well and every expected cabinet was heard since; else why not, when the time is over."""
        deadline = time.monotonic() + self.wait_s
        while True:
            wrong = self.supervisor.trouble() or self._look(expected, since_ms)
            if not wrong:
                return self._verify()
            if time.monotonic() >= deadline or self.supervisor.trouble():
                return wrong
            self.sleep(LOOK_S)

    def _look(self, expected: Iterable[str], since_ms: int) -> str:
        try:
            answer = httpx.get(f"http://{_reachable(self.kiosk.host)}:{self.kiosk.port}/healthz", timeout=ANSWER_S)
            health = msgspec.json.decode(answer.content, type=Health)
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            return f"expected the kiosk's /healthz to answer, found: {str(error) or type(error).__name__}"
        if answer.status_code != httpx.codes.OK:
            return f"expected a gateway that is well, found: {health.trouble or answer.status_code}"
        silent = sorted(name for name in expected if health.cabinets.get(name, 0) < since_ms)
        return f"expected every cabinet to be heard, found {', '.join(silent)} silent" if silent else ""

    def _verify(self) -> str:
        command = [str(self.program), "gateway", "verify-ledger", "--config", str(self.config)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=VERIFY_S, check=False)
        return (
            "" if ran.returncode == 0 else f"expected a ledger that agrees, found: {(ran.stdout + ran.stderr)[-600:]}"
        )


def heard_lately(database: Path, now_ms: int) -> list[str]:
    """The cabinets that a database's gateway had heard from in the last ten minutes."""
    with closing(schema.open_for_reading(str(database))) as db:
        rows = db.execute(
            "select cabinet from controller_status where online and heard_ms > ?", (now_ms - HEARD_BEFORE_MS,)
        )
        try:
            return sorted(row[0] for row in rows)
        except sqlite3.Error:
            return []


def _reachable(host: str) -> str:
    """The address to ask at of one that is listened on."""
    if host in ("0.0.0.0", ""):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
