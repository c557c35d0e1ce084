"""Starting, watching and ending the programs of a shop as real processes, each by its own process id."""

import asyncio
import contextlib
import os
import signal
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

from simulator import forked_programs

STARTS_MAX = 5  # in a row without success


class ProgramError(RuntimeError):
    """A program did not start or ended by itself; the text ends with the last lines it wrote."""


class Program:
    """One `partsbay` program as a child process; what it writes goes to `log`, and it is ready when it says so."""

    def __init__(self, name: str, arguments: list[str], log: Path):
        self.name = name
        self.restarts = 0
        self._arguments = arguments
        self._log = log
        self._process: BaseProcess | None = None
        self._ended = asyncio.Event()

    @property
    def pid(self) -> int:
        """The process id, 0 when it does not run."""
        return self._process.pid or 0 if self._process and not self._ended.is_set() else 0

    async def start(self, timeout_s: float = 60.0) -> None:
        """Start it and wait for its line `<name> ready …` (`ProgramError` when it does not come)."""
        offset = self._log.stat().st_size if self._log.exists() else 0
        self._begin()
        try:
            async with asyncio.timeout(timeout_s):
                await self._ready(offset)
        except TimeoutError as error:
            await self.stop()
            raise ProgramError(f"expected `{self.name} ready` within {timeout_s} s, found {self._tail()}") from error

    async def run(self) -> None:
        """Run it to its end; `ProgramError` when it does not end well."""
        self._begin()
        if await self.wait() != 0:
            raise ProgramError(f"expected {self.name} to end well, found {self._tail()}")

    async def wait(self) -> int:
        """Wait until it ends; its exit status."""
        if self._process is None:
            raise ProgramError(f"expected {self.name} to have been started")
        process = self._process
        await self._ended.wait()
        return process.exitcode or 0

    def kill(self) -> None:
        """SIGKILL: as if its power were cut."""
        with contextlib.suppress(ProcessLookupError):  # it may have ended just now
            if self.pid:
                os.kill(self.pid, signal.SIGKILL)

    async def stop(self, timeout_s: float = 15.0) -> None:
        """SIGTERM, then SIGKILL when it does not end in time."""
        if self._process is None or not self.pid:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._ended.wait(), timeout_s)
        except TimeoutError:
            self.kill()
            await self._ended.wait()

    def _begin(self) -> None:
        """Start the process, and hear of its end."""
        self._log.touch()
        process = forked_programs.start(self._arguments, self._log)
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()

        def note() -> None:
            loop.remove_reader(process.sentinel)
            process.join()
            ended.set()

        loop.add_reader(process.sentinel, note)
        self._process, self._ended = process, ended

    async def _ready(self, offset: int) -> None:
        ready = f"{self.name} ready".encode()
        while ready not in self._log.read_bytes()[offset:]:
            if self._process and self._ended.is_set():
                raise ProgramError(
                    f"expected {self.name} to start, found exit {self._process.exitcode}: {self._tail()}"
                )
            await asyncio.sleep(0.05)

    def _tail(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return "\n".join(lines[-20:]) or "no output"


async def keep_running(program: Program, stopping: asyncio.Event) -> None:
    """Start a program again whenever it ends by itself, until `stopping` is set; gives up when it will not start."""
    failures = 0
    while not stopping.is_set():
        status = await program.wait()
        if stopping.is_set():
            return
        announce(f"{program.name} ended with {status}; starting it again")
        try:
            await program.start()
        except ProgramError:
            failures += 1
            if failures == STARTS_MAX:
                raise
        else:
            failures = 0
            program.restarts += 1


def announce(text: str) -> None:
    """One line for the person at the terminal, at once; nobody reads it when that was closed."""
    with contextlib.suppress(OSError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
