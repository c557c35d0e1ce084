"""Runs one controller: the MicroPython interpreter with the compiled fakes and the compiled firmware, and its power.

The process asks for its world on an AF_UNIX socket and speaks JSON lists, one a line; `fakes/world.py` is the other
end. What the controller may be told (`ask`), and the value of the answer:

    load bin mg lies_mg · move bin mg lies_mg reach_ms leave_ms · lean bin mg for_ms
    badge uid iso14443_4 for_ms more_ms -> times read (more_ms: after it was read, or null)
    pull door -> opened · pull_within door for_ms reach_ms -> opened · force door · shut door latches
    fault bin kind · cable linked · sleep ms
    tag_put epc · tag_take epc near · tag_reader kind (a board with a tag reader)
    node address kind (a board with shelf nodes)
    heap -> [free bytes, bytes that the fakes held before the firmware was imported; none in lockstep]
    bus_bytes -> [virtual us, bytes on the I2C wire]
    type hex: bytes on the serial port, without an answer (`tell`)

What it says by itself (`heard`): `time virtual_us wall_ms` whenever virtual time is tied to the wall clock anew,
`lock door on`, `latched door yes`, `open door yes`, `light bin red green blue`, `reset how` (a soft one of a board with
a serial port: also whether its prompt was raw, and its watchdog's time), `stopped`; and this module
adds `log line` for its console and `ended status` when the process ends by itself.
This module knows neither the firmware nor what a message means.
"""

import asyncio
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hardware import firmware_build, rom_image
from simulator.questions import PowerCutError, Questions

SIMULATOR = Path(__file__).resolve().parent
ROM_START = SIMULATOR / "rom_start.py"
_NATIVE = ("-X", "emit=native", "-march=x64")
# What runs all the time, as machine code: a third faster. It takes heap, so the rest is bytecode; firmware always is.
_HOT = ("virtual_asyncio.py", "virtual_time.py", "time.py", "machine.py", "chips/nau7802.py", "chips/i2c_bus.py")
START_S = 20


class StartError(Exception):
    """The interpreter did not start; the text holds what it printed."""


def interpreter() -> str:
    """The MicroPython interpreter: PARTSBAY_MICROPYTHON, or the one installed beside this Python."""
    named = os.environ.get("PARTSBAY_MICROPYTHON")
    if named:
        return named
    beside = Path(sys.executable).parent / "micropython"
    if not beside.exists():
        raise StartError(f"expected a MicroPython interpreter at {beside} or in PARTSBAY_MICROPYTHON, found none")
    return str(beside)


def build() -> list[Path]:
    """Compile fakes and firmware where they are stale; their folders, the fakes first."""
    options = native_options()
    fakes = firmware_build.BUILD / ("fakes_native" if options else "fakes")
    for name in _HOT:
        firmware_build.compile_file(SIMULATOR / "fakes" / name, (fakes / name).with_suffix(".mpy"), name, *options)
    (fakes / "physics.mpy").unlink(missing_ok=True)  # of before it was a folder
    for source in sorted((SIMULATOR / "physics").glob("*.py")):
        name = f"physics/{source.name}"
        firmware_build.compile_file(source, (fakes / name).with_suffix(".mpy"), name, *options)
    firmware_build.compile_tree(SIMULATOR / "fakes", fakes)  # the rest
    return [fakes, firmware_build.build(), firmware_build.build_shelf_node()]


def native_options() -> tuple[str, ...]:
    """How hot fakes are compiled: to machine code, where the interpreter runs in place and knows it."""
    return _NATIVE if runs_in_place() and platform.machine() == "x86_64" else ()


def import_path(folders: list[Path]) -> str:
    """The MICROPYPATH that finds what lies in the folders."""
    return ":".join([*map(str, folders), ".frozen"])


def runs_in_place() -> bool:
    """Whether bytecode stays outside the interpreter's heap; one that was named cannot be handed memory."""
    return "PARTSBAY_MICROPYTHON" not in os.environ


def _command(folders: list[Path], heap: str, directory: Path, slots: Path | None) -> tuple[list[str], dict[str, str]]:
    """What to execute, and the environment added to ours, to run `power_on` from the folders."""
    world = str(directory / "world")
    if not runs_in_place():
        start = [interpreter(), "-X", f"heapsize={heap}", "-m", "power_on", world]
        return start, {"MICROPYPATH": import_path(folders)}
    image = directory / "image"
    image.write_bytes(rom_image.pack(folders))
    mapped = ["--slots", str(slots)] if slots is not None else []
    return [sys.executable, str(ROM_START), *mapped, str(image), heap, "power_on", world], {}


class ControllerProcess:
    """A controller that can be switched on and off; `heard` gets what it says by itself."""

    def __init__(  # noqa: PLR0917 - handed over one by one
        self,
        heap: str,
        log_path: Path,
        heard: Callable[[list[Any]], None],
        folders: list[Path] | None = None,
        console: Callable[[bytes], None] | None = None,
        slots: Path | None = None,
        shelves: bool = False,
    ):
        self._heap = heap
        self._log_path = log_path
        self._heard = heard
        self._folders = folders
        self._shelves = shelves  # beside it run shelf nodes, of the firmware built here
        self._slots = slots  # the flash of the partition for firmware, in a file
        self._console = console  # gets what it prints as it comes: its serial port
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._readers: list[asyncio.Task[None]] = []
        self._questions = Questions()

    @property
    def powered(self) -> bool:
        """Whether it is on."""
        return self._writer is not None

    @property
    def pid(self) -> int | None:
        """The process id while it is on."""
        return self._process.pid if self._process else None

    async def power_on(self, boot: Callable[[], dict[str, Any]]) -> None:
        """Start the interpreter and tell it its world as `boot` finds it in the moment when it listens."""
        if self._process is not None:
            raise StartError("expected the power to be off, found it on")
        await self._ended()  # two processes must never write to one flash
        folders = self._folders or build()
        if self._slots is not None:
            folders = folders if self._shelves else folders[:1]  # the firmware is in its flash
        with tempfile.TemporaryDirectory(prefix="partsbay-") as directory:  # a socket's path must be short
            connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
            connected = asyncio.get_running_loop().create_future()
            server = await asyncio.start_unix_server(
                lambda reader, writer: connected.set_result((reader, writer)), f"{directory}/world"
            )
            try:
                await self._start(*_command(folders, self._heap, Path(directory), self._slots))
                reader, writer = await self._connected(connected)
            finally:
                server.close()
        await reader.readline()  # ["hello"]
        writer.write(json.dumps(boot()).encode() + b"\n")
        self._writer = writer
        self._readers.append(asyncio.create_task(self._listen(reader)))

    def power_cut(self) -> None:
        """Take the power away, now."""
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.kill()
        self._gone()

    async def stop(self) -> None:
        """Take the power away and wait until the process is gone."""
        self.power_cut()
        await self._ended()

    async def ask(self, name: str, *arguments: Any) -> Any:
        """Tell the controller's world something and wait for the answer, which may come later in virtual time."""
        if self._writer is None:
            raise PowerCutError(f"expected a controller with power for {name}, found none")
        writer = self._writer
        return await self._questions.ask(lambda line: writer.write(json.dumps(line).encode() + b"\n"), name, *arguments)

    def tell(self, name: str, *arguments: Any) -> None:
        """Tell the controller's world something that has no answer; without power nobody hears it."""
        if self._writer is not None:
            self._writer.write(json.dumps([0, name, *arguments]).encode() + b"\n")

    async def _ended(self) -> None:
        """Wait for a process that has been killed; whoever reads from it ends with it."""
        ends = await asyncio.gather(*self._readers, return_exceptions=True)
        self._readers.clear()
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _start(self, command: list[str], environment: dict[str, str]) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **environment},
        )
        self._readers.append(asyncio.create_task(self._log(self._process)))

    async def _connected(
        self, connected: "asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]"
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        assert self._process is not None  # noqa: S101 - started one line above
        ended = asyncio.create_task(self._process.wait())
        waited: list[asyncio.Future[Any]] = [connected, ended]
        await asyncio.wait(waited, timeout=START_S, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if connected.done():
            return connected.result()
        self.power_cut()
        raise StartError(f"expected the interpreter to ask for its world, found in {self._log_path}: {self._tail()}")

    def _tail(self) -> str:
        return self._log_path.read_text(errors="replace")[-400:] if self._log_path.exists() else "no output"

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        writer = self._writer
        try:
            while line := await reader.readline():
                if self._writer is not writer:
                    break  # said before the power went, heard after: too late to be true
                message = json.loads(line)
                if message[0] == "done":
                    self._questions.answered(*message[1:])
                else:
                    self._heard(message)
        except ConnectionError:
            pass  # killed while it spoke
        if self._writer is writer and writer is not None:  # nobody cut the power: it ended by itself
            process = self._process
            self._gone()
            self._heard(["ended", await process.wait() if process else None])

    def _gone(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()
        self._writer = None
        self._process = None
        self._questions.power_lost()

    async def _log(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - asked for
        with self._log_path.open("ab") as log:
            if self._console is not None:
                while data := await process.stdout.read(4096):
                    self._console(data)
                    log.write(data)
                    log.flush()
            while line := await process.stdout.readline():
                log.write(line)
                log.flush()
                self._heard(["log", line.decode(errors="replace").rstrip("\n")])
        await process.wait()
