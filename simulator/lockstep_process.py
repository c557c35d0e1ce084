"""Runs one controller in lockstep: the same interpreter, fakes and firmware, but time moves when the conductor says so.

The seam is that of `controller_process.py`: power on and off, `ask`, `heard`. Chance and network are the world's: the
firmware's `os.urandom` is seeded, its TCP goes to `network`. `fakes_in_step/lockstep.py` is the other end of the line.
Calls block until the interpreter waits; a cut of the power kills it there, or in the middle of a flash operation when
`cut_in` asked for that.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from hardware import firmware_build, rom_image
from simulator.conductor import Conductor
from simulator.controller_process import ROM_START, SIMULATOR, StartError, build, native_options
from simulator.questions import PowerCutError, Questions

IN_STEP_BUILD = firmware_build.BUILD / "fakes_in_step"
ANSWER_S = 120.0  # by the wall clock: an interpreter that computes for so long has lost its way
_NEVER_US = 1 << 52


class Wire(Protocol):
    """Where the controller's TCP goes."""

    def said(self, message: list[Any]) -> None:
        """`tcp_open number host port`, `tcp_data number hex` or `tcp_close number`."""
        ...

    def power_lost(self) -> None:
        """The controller is gone without a word to anybody."""
        ...


def write_image(path: Path, *, has_slots: bool = False) -> Path:
    """What a controller in lockstep runs, packed into a file; `has_slots`: its firmware is in its own flash."""
    for source in sorted((SIMULATOR / "fakes_in_step").glob("*.py")):
        made = (IN_STEP_BUILD / source.name).with_suffix(".mpy")
        firmware_build.compile_file(source, made, source.name, *native_options())
    folders = build()
    path.write_bytes(rom_image.pack([IN_STEP_BUILD, *(folders[:1] if has_slots else folders)]))
    return path


class LockstepProcess:
    """A controller that can be switched on and off. Its crystal is `ppm` fast."""

    def __init__(  # noqa: PLR0917 - as ControllerProcess, and where it is
        self,
        conductor: Conductor,
        image: Path,
        heap: str,
        log_path: Path,
        heard: Callable[[list[Any]], None],
        wire: Wire,
        *,
        ppm: int = 0,
        slots: Path | None = None,  # the flash of the partition for firmware, in a file
    ):
        self._until_us = _NEVER_US
        self.cpu_s = 0.0  # of all interpreters that have ended
        self._conductor = conductor
        mapped = ["--slots", str(slots)] if slots is not None else []
        self._command = [sys.executable, str(ROM_START), *mapped, str(image), heap, "power_on"]
        self._log_path = log_path
        self._heard = heard
        self._wire = wire
        self._rate = 1_000_000 + ppm
        self._process: subprocess.Popen[bytes] | None = None
        self._line: BinaryIO | None = None
        self._socket: socket.socket | None = None
        self._boot_us = 0
        self._local_us = 0
        self._until_local_us = 0
        self._to_tell: list[list[Any]] = []
        self._said: list[list[Any]] = []
        self._questions = Questions()

    # ---- the seam of ControllerProcess ----

    @property
    def powered(self) -> bool:
        """Whether it is on."""
        return self._line is not None

    @property
    def pid(self) -> int | None:
        """The process id while it is on."""
        return self._process.pid if self._process else None

    async def power_on(self, boot: Callable[[], dict[str, Any]]) -> None:
        """Start the interpreter, tell it its world, and let it come as far as its first wait."""
        if self._process is not None:
            raise StartError("expected the power to be off, found it on")
        self._start()
        self._send(boot())
        self._boot_us = self._conductor.now_us
        self._local_us = 0
        self._to_tell = []
        self._take()
        self._conductor.players.append(self)
        self._heard(["time", 0, self._conductor.now_us // 1000])
        self.hear()

    def power_cut(self) -> None:
        """Take the power away, now."""
        process = self._process
        if process is None:
            return
        process.send_signal(signal.SIGKILL)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = -signal.SIGKILL
        self.cpu_s += usage.ru_utime + usage.ru_stime
        self._conductor.players.remove(self)
        for end in (self._line, self._socket):
            if end is not None:
                end.close()
        self._process = self._line = self._socket = None
        self._said = []
        self._wire.power_lost()
        self._questions.power_lost()

    async def stop(self) -> None:
        """Take the power away."""
        self.power_cut()

    async def ask(self, name: str, *arguments: Any) -> Any:
        """Tell the controller's world something and wait for the answer, which may come later in virtual time."""
        if self._line is None:
            raise PowerCutError(f"expected a controller with power for {name}, found none")
        return await self._questions.ask(self._tell, name, *arguments)

    def tell(self, name: str, *arguments: Any) -> None:
        """Tell the controller's world something that wants no answer; nobody is there without power."""
        if self._line is not None:
            self._tell([0, name, *arguments])

    # ---- the seam of the conductor ----

    @property
    def next_us(self) -> int:
        """When it has said something that nobody has heard yet; else until when it waits."""
        return self._to_host_us(self._local_us) if self._said else self._until_us

    @property
    def has_said(self) -> bool:
        """Whether it has said something that nobody has heard yet."""
        return bool(self._said)

    def play(self, granted_us: int) -> None:
        """Go on from where it waits, up to `granted_us`; blocks until it waits beyond that or has said something."""
        told, self._to_tell = self._to_tell, []
        at_us = self._until_local_us
        if self._until_us < self._to_host_us(at_us):  # it was told something before
            at_us = min(at_us, max(self._local_us, self._to_local_us(self._until_us)))
        self._send([at_us, max(at_us, self._to_local_us(granted_us)), told])
        self._take()

    def hear(self) -> None:
        """Have what it said come out."""
        said, self._said = self._said, []
        for message in said:
            if message[0] == "done":
                self._questions.answered(*message[1:])
            elif message[0].startswith("tcp_"):
                self._wire.said(message)
            else:
                self._heard(message)
            if self._line is None:
                return  # somebody cut the power at what was said

    # ---- inside ----

    def _tell(self, message: list[Any]) -> None:
        self._to_tell.append(message)
        self._until_us = min(self._until_us, max(self._conductor.now_us, self._to_host_us(self._local_us)))

    def _to_local_us(self, host_us: int) -> int:
        return (host_us - self._boot_us) * self._rate // 1_000_000

    def _to_host_us(self, local_us: int) -> int:
        return self._boot_us - -local_us * 1_000_000 // self._rate

    def _start(self) -> None:
        with tempfile.TemporaryDirectory(prefix="partsbay-") as directory, socket.socket(socket.AF_UNIX) as server:
            path = f"{directory}/world"  # a socket's path must be short
            server.bind(path)
            server.listen(1)
            server.settimeout(ANSWER_S)
            with self._log_path.open("ab") as log:
                self._process = subprocess.Popen(
                    [*self._command, path, "lockstep"], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
                )
            try:
                self._socket, _ = server.accept()
            except TimeoutError:
                raise StartError(f"expected the interpreter to ask for its world; see {self._log_path}") from None
        self._socket.settimeout(ANSWER_S)
        self._line = self._socket.makefile("rb")
        self._line.readline()  # ["hello"]

    def _send(self, message: Any) -> None:
        assert self._socket is not None  # noqa: S101 - it is on
        self._socket.sendall(json.dumps(message).encode() + b"\n")

    def _take(self) -> None:
        """Wait until it waits."""
        assert self._line is not None  # noqa: S101 - it is on
        line = self._line.readline()
        if not line:
            tail = self._log_path.read_text(errors="replace")[-800:]
            raise StartError(f"expected the controller to wait, found it ended: {tail}")
        self._local_us, self._until_local_us, self._said = json.loads(line)
        self._until_us = min(_NEVER_US, self._to_host_us(self._until_local_us))
