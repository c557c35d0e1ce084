"""Who starts and ends the gateway: systemd, or, on a machine without it, this program by a file with the process's id.

Both start `<root>/current/bin/partsbay gateway run`: which version that is, the link says.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

STOP_S = 60.0
LOOK_S = 0.1
UNIT = "partsbay-gateway"


class SupervisorError(ValueError):
    """The gateway could not be ended or started; the text says what was expected and what was found."""


class Supervisor(Protocol):
    """Ends and starts the one gateway of a machine."""

    def stop(self) -> None:
        """End it; it has ended when this returns. Not running is as good."""
        ...

    def start(self) -> None:
        """Start it; it may still be coming up when this returns."""
        ...

    def trouble(self) -> str:
        """Why it does not run any more; "" while it runs or is starting."""
        ...


class Systemd:
    """A unit of systemd."""

    def __init__(self, unit: str = UNIT) -> None:
        self._unit = unit

    def stop(self) -> None:
        """As `systemctl stop`, which waits."""
        self._call("stop")

    def start(self) -> None:
        """As `systemctl start`, without waiting: what it says of itself is looked at anyway."""
        self._call("reset-failed", must=False)
        self._call("start", "--no-block")

    def trouble(self) -> str:
        """`failed` and `inactive` are trouble; a unit that is started again and again is `activating`."""
        state = self._call("is-active", must=False)
        return "" if state in ("active", "activating", "reloading", "deactivating") else f"the unit is {state}"

    def _call(self, verb: str, *more: str, must: bool = True) -> str:
        command = ["systemctl", verb, *more, self._unit]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=2 * STOP_S, check=False)
        if must and ran.returncode != 0:
            raise SupervisorError(f"expected `{' '.join(command)}` to end well, found: {ran.stderr.strip()}")
        return ran.stdout.strip()


class OwnProcess:
    """A process started here and left running; `<root>/gateway.pid` has its id, `<root>/gateway.log` what it says."""

    def __init__(self, root: Path, config: Path, sleep: Callable[[float], None] = time.sleep) -> None:
        self._pid_file = root / "gateway.pid"
        self._log = root / "gateway.log"
        self._command = [str(root / "current" / "bin" / "partsbay"), "gateway", "run", "--config", str(config)]
        self._sleep = sleep
        self._child: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        """SIGTERM, then SIGKILL when it does not end in time."""
        pid = self._pid()
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not pid:
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            pid = self._gone(pid)
        if pid:
            raise SupervisorError(f"expected process {pid} to end, found that it did not")
        self._pid_file.unlink(missing_ok=True)

    def start(self) -> None:
        """In a session of its own: it outlives whoever started it."""
        if self._pid():
            raise SupervisorError(f"expected no gateway to run, found process {self._pid()}")
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._pid_file.write_text(f"{self._child.pid}\n")

    def trouble(self) -> str:
        """The end of the log, once it has ended."""
        if self._pid():
            return ""
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return "it ended: " + (" / ".join(lines[-3:]) or "it said nothing")

    def _pid(self) -> int:
        """The id of the process, if it is still the one that was started here; 0 otherwise."""
        if self._child is not None:  # of its own child it need not ask the system, which knows its name a moment later
            return self._child.pid if self._child.poll() is None else 0
        try:
            pid = int(self._pid_file.read_text())
            told = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return 0
        return pid if self._command[-1].encode() in told and b"gateway" in told else 0

    def _gone(self, pid: int) -> int:
        deadline = time.monotonic() + STOP_S
        while self._pid() == pid and time.monotonic() < deadline:
            self._sleep(LOOK_S)
        return pid if self._pid() == pid else 0
