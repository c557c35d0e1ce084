"""Mosquitto as Debian runs it, persistence on, as a process that is killed and started again.

With the default persistence it writes its memory when it is asked to end, when it is told to (SIGUSR1) and every half
hour: after SIGKILL it comes back empty, or with a memory of long ago. Ends only what it started, by process id.
"""

import asyncio
import contextlib
import os
import shutil
import signal
from pathlib import Path

from simulator.ports import free_port
from simulator.programs import ProgramError

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
START_S = 20


class Mosquitto:
    """One broker on one port that stays."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True)
        self.port = free_port()
        self._memory = folder / "mosquitto.db"
        self._log = folder / "mosquitto.log"
        self._configuration = folder / "mosquitto.conf"
        self._configuration.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
            f"persistence true\npersistence_location {folder}/\n"
            f"max_queued_messages 0\n{'user root' if os.geteuid() == 0 else ''}\n"
        )
        self._process: asyncio.subprocess.Process | None = None
        self._forgotten = 0

    async def start(self) -> None:
        """Start it with whatever memory it finds; returns when it takes connections."""
        if MOSQUITTO is None:
            raise ProgramError("expected Mosquitto, found none: install the package mosquitto")
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                MOSQUITTO, "-c", str(self._configuration), stdout=log, stderr=log
            )
        async with asyncio.timeout(START_S):
            while not await self._listens():
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """SIGKILL: nothing is written, nobody is told."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def save(self) -> None:
        """Have it write its memory, as it does every half hour."""
        if self._process is None:
            return
        before = self._saved()
        self._process.send_signal(signal.SIGUSR1)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_S):
                while self._saved() == before:
                    await asyncio.sleep(0.02)

    def forget(self) -> None:
        """Put its memory away, so that the next one starts empty."""
        with contextlib.suppress(FileNotFoundError):
            self._memory.rename(self._memory.with_suffix(f".forgotten-{self._forgotten}"))
            self._forgotten += 1

    def _saved(self) -> int:
        return self._memory.stat().st_mtime_ns if self._memory.exists() else 0

    async def _listens(self) -> bool:
        if self._process is not None and self._process.returncode is not None:
            raise ProgramError(f"expected Mosquitto to start, found: {self._log.read_text()[-2000:]}")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True
