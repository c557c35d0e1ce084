"""The gateway as a real process, for tests that kill it."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from edge_gateway.shop_document import encode_document
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
        self._process: subprocess.Popen[str] | None = None
        self._log = (folder / "gateway.log").open("a")

    def start(self) -> None:
        """Start it; returns when it is ready."""
        command = [sys.executable, str(self._root / "partsbay.py"), "gateway", "run", "--config", str(self.config)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self._log, text=True, env=self.environment(), cwd=self.folder
        )
        assert self._process.stdout is not None
        guard = threading.Timer(60, self._process.kill)
        guard.start()
        self.ready = self._process.stdout.readline()
        guard.cancel()
        if not self.ready.startswith("gateway ready"):
            self.kill()
            raise AssertionError((self.folder / "gateway.log").read_text())

    def kill(self) -> None:
        """SIGKILL: nothing is finished."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._end_pipe()

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """End it politely; its exit status."""
        assert self._process is not None
        self._process.send_signal(with_signal)
        status = self._process.wait(30)
        self._end_pipe()
        return status

    def close(self) -> None:
        """End whatever is left."""
        if self._process is not None and self._process.poll() is None:
            self.stop()
        self._log.close()

    @property
    def pid(self) -> int:
        """Its process id; 0 when it does not run."""
        return self._process.pid if self._process is not None and self._process.poll() is None else 0

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

    def _end_pipe(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None
