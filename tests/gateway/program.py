"""The gateway as a real process, for tests that kill it.

The present one is forked from a process that has imported it (`tests/warm_programs.py`); how it comes up from
nothing is what `test_first_run.py` looks at.
"""

import os
import signal
import subprocess
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

from edge_gateway.shop_document import encode_document
from tests import warm_programs
from tests.firmware.brokers import wait_until
from tests.gateway.world import Shop, document

PASSWORD = "cabinet-secret"
ROOT = Path(__file__).parents[2]
PUT_DOCUMENT = """
import sys
from pathlib import Path
from edge_gateway import intake, opening, shop_document, store
held = store.Store(Path(sys.argv[1]), "gw-1", 1)
taken = intake.Intake(held.load(1), frozenset({"cab-1", "cab-2"}), held)
data = Path(sys.argv[2]).read_bytes()
opening.put_into_force(shop_document.decode_document(data), data, taken.batch, 1)
held.write(taken.batch)
held.close()
"""


class GatewayProgram:
    """`partsbay gateway run` in a folder, its document already in force. Ends only what it started."""

    def __init__(self, folder: Path, broker: str, root: Path = ROOT) -> None:
        """`root`: where the program's sources are, of another version perhaps."""
        self.folder = folder
        self._root = root
        self._put_document()
        self.database = folder / "gateway.db"
        self.config = folder / "gateway.toml"
        cabinets = "".join(
            f'[cabinets.{name}]\npassword = "{PASSWORD}"\naccess_key = "{"0" * 64}"\n' for name in ("cab-1", "cab-2")
        )
        self.config.write_text(
            f'gateway = "gw-1"\ndata_dir = "{folder}"\n[kiosk]\nport = 0\n[broker]\n{broker}\n{cabinets}'
        )
        self.ready = ""
        self.log = folder / "gateway.log"
        self._process: subprocess.Popen[bytes] | BaseProcess | None = None

    def start(self) -> None:
        """Start it; returns when it is ready."""
        said_before = len(self._said())
        self._process = self._begun()

        def is_ready() -> bool:
            return "gateway ready" in self._said()[said_before:] or not self.pid

        try:
            wait_until(is_ready, "a gateway that is ready", 60)
        finally:
            (self.ready,) = [line for line in self._said()[said_before:].splitlines() if "gateway ready" in line] or [
                ""
            ]
            if not self.ready:
                self.kill()
        assert self.ready, self._said()

    def kill(self) -> None:
        """SIGKILL: nothing is finished."""
        assert self._process is not None
        self._process.kill()
        self._ended()

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """End it politely; its exit status."""
        if self.pid:
            os.kill(self.pid, with_signal)
        return self._ended()

    def close(self) -> None:
        """End whatever is left."""
        if self.pid:
            self.stop()

    @property
    def pid(self) -> int:
        """Its process id; 0 when it does not run."""
        process = self._process
        if isinstance(process, subprocess.Popen):
            return process.pid if process.poll() is None else 0
        return process.pid or 0 if process is not None and process.is_alive() else 0

    def broker_pid(self) -> int:
        """The process id of its embedded broker; 0 when it has none."""
        try:
            return int((self.folder / "broker" / "nats.pid").read_text())
        except FileNotFoundError:
            return 0

    def mqtt_port(self) -> int:
        """Where the cabinets connect."""
        return int(self.ready.strip().rsplit(":", 1)[1])

    def environment(self) -> dict[str, str]:
        """In which that version's sources are found."""
        return {**os.environ, "PYTHONPATH": f"{self._root / 'firmware'}:{self._root}"}

    def _put_document(self) -> None:
        """Have the shop's document in force, by that version's own code."""
        if self._root == ROOT:
            shop = Shop(self.folder)
            shop.put_document(document())
            shop.close()
            return
        data = self.folder / "document.json"
        data.write_bytes(encode_document(document()))
        command = [sys.executable, "-c", PUT_DOCUMENT, str(self.folder / "gateway.db"), str(data)]
        subprocess.run(command, env=self.environment(), cwd=self.folder, check=True)

    def _begun(self) -> subprocess.Popen[bytes] | BaseProcess:
        arguments = ["gateway", "run", "--config", str(self.config)]
        if self._root == ROOT:
            return warm_programs.start(*arguments, log=self.log)
        command = [sys.executable, str(self._root / "partsbay.py"), *arguments]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=self.environment(), cwd=self.folder)

    def _said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _ended(self) -> int:
        """Its exit status, once it has ended."""
        process, self._process = self._process, None
        assert process is not None
        if isinstance(process, subprocess.Popen):
            return process.wait(30)
        process.join(30)
        assert process.exitcode is not None, "expected the gateway to end within 30 s"
        return process.exitcode
