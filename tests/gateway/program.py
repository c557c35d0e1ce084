"""The gateway as a real process, for tests that kill it."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from tests.gateway.world import Shop, document

PASSWORD = "cabinet-secret"
ROOT = Path(__file__).parents[2]


class GatewayProgram:
    """`partsbay gateway run` in a folder, its document already in force. Ends only what it started."""

    def __init__(self, folder: Path, broker: str) -> None:
        self.folder = folder
        shop = Shop(folder)
        shop.put_document(document())
        shop.close()
        self.database = shop.path
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
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'firmware'}:{ROOT}"}
        command = [sys.executable, str(ROOT / "partsbay.py"), "gateway", "run", "--config", str(self.config)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self._log, text=True, env=environment, cwd=self.folder
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

    def _end_pipe(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None
