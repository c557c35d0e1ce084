"""The serial line to a board: its raw REPL, as mpremote's transport speaks it, and the functions of `on_board/` there.

What a board answers is JSON. A line that is missing, held by somebody else, silent, or not a MicroPython's is a
`LineError`, whose key is one of `words.TEXTS`.
"""

import base64
import contextlib
import io
import json
import re
import struct
import time
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import serial
from mpremote.transport import TransportError  # type: ignore[import-untyped]
from mpremote.transport_serial import SerialTransport  # type: ignore[import-untyped]

from hardware import firmware_build
from hardware.commissioning.refusal import RefusalError

ON_BOARD = Path(__file__).resolve().parent / "on_board"
_PROMPT_S = 3.0
_PROMPT_TRIES = 3
_HOLD_TRIES = 5
_READ_S = 2.0  # a prompt that says nothing for so long is none
_CALL_S = 20.0  # a function that says nothing for so long has gone astray
_LOAD_BYTES = 6000  # of source that every board has room for
_FILE_BYTES = 16384  # of a file at once
_WINDOW_BITS = 12  # of what is compressed: so much memory it takes to expand it
_ALONE_S = 900  # a board that was left alone for so long starts its own program again
_FEED_S = 2
_DRIVERS = ("__init__", "wire", "door", "board", "slots", "nau7802", "tca9548a", "pn532")
_TAG_DRIVERS = ("r200",)
_SHELF_DRIVERS = ("modbus", "shelf_registers", "shelves")
_AGAIN_S = 12.0  # a board with a USB port of its own is gone for a moment when it starts


class LineError(RefusalError):
    """There is no board to speak with; the text says what was found instead."""


class BoardError(RefusalError):
    """What was run on the board ended in an error."""


class SerialLine:
    """A board at its raw prompt. `call(name, ...)` has a function of `on_board/parts.py` run there."""

    def __init__(self, port: str):
        self.port = port
        self._transport = _open(port)
        self._loaded = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the port; the board stays as it is."""
        with contextlib.suppress(OSError, serial.SerialException):  # the cable was pulled: nothing is left to let go of
            self._transport.close()

    # ---- the prompt ----

    def interrupt(self) -> None:
        """Stop whatever runs, have a fresh interpreter at its raw prompt, and feed a firmware's watchdog.

        One that bites before it is fed starts the board anew while it is spoken with: then all of it is done again.
        """
        for tries_left in reversed(range(_HOLD_TRIES)):
            try:
                with contextlib.redirect_stdout(io.StringIO()):  # the transport prints what it did not expect
                    self._take_hold()
            except LineError as error:
                if error.key != "line_lost" or not tries_left:
                    raise
            else:
                return

    def _take_hold(self) -> None:
        self._enter(soft_reset=False)
        watched = self._watchdog_ms()
        if watched:
            self._hold(watched)
        self._enter(soft_reset=True)
        self._load(watched)

    def _enter(self, *, soft_reset: bool) -> None:
        """Have the raw prompt. A board that is starting just now hears nothing of what is typed: it is typed again."""
        said = b""
        for _ in range(_PROMPT_TRIES):
            heard = io.StringIO()
            try:
                with contextlib.redirect_stdout(heard):  # it prints what it did not expect
                    self._transport.enter_raw_repl(soft_reset=soft_reset, timeout_overall=_PROMPT_S)
            except TransportError:
                said = _literal(heard.getvalue() or "b''") or said
            except (OSError, serial.SerialException) as error:
                raise LineError("line_lost", port=self.port) from error
            else:
                return
        raise _no_prompt(self.port, said)

    def _watchdog_ms(self) -> int:
        """How long the watchdog of the firmware on it waits; 0 when there is no firmware that may have started one."""
        text = self.execute(
            "import os, json\n"
            "try:\n print(json.load(open('board.json'))['watchdog_ms'] if 'main.py' in os.listdir() else 0)\n"
            "except (OSError, ValueError, KeyError):\n print(0)"
        )
        return int(text)

    def _hold(self, watchdog_ms: int) -> None:
        self.execute((ON_BOARD / "in_memory.py").read_text())
        self.execute(f"watchdog.hold({watchdog_ms}, {_ALONE_S // _FEED_S})")

    def _load(self, watchdog_ms: int) -> None:
        """Put drivers and test functions into the board's memory."""
        self.execute((ON_BOARD / "in_memory.py").read_text())
        if watchdog_ms:
            self.execute(f"watchdog.hold({watchdog_ms}, {_ALONE_S // _FEED_S})")
        self._load_modules(_DRIVERS)
        self._put("parts.mpy", _compiled("parts", ON_BOARD / "parts.py"))
        self.execute("import parts")

    def _load_modules(self, names: Sequence[str]) -> None:
        for name in names:
            self._put(
                f"cabinet/{name}.mpy", _compiled(f"cabinet/{name}", firmware_build.FIRMWARE / f"cabinet/{name}.py")
            )

    def _put(self, name: str, data: bytes) -> None:
        """Put a module into the board's memory."""
        self._send(packed(data))
        self.execute(f"memory.files[{name!r}]=expanded(m)\ndel m")

    def _send(self, text: str) -> None:
        """Have the text as `m` on the board."""
        self.execute(f"m='{text[:_LOAD_BYTES]}'")
        for at in range(_LOAD_BYTES, len(text), _LOAD_BYTES):
            self.execute(f"m+='{text[at : at + _LOAD_BYTES]}'")

    def begin(self, board: Mapping[str, Any]) -> None:
        """Have the board make the devices of its board file, with what its `locks` are; coils are let go of."""
        self._load_modules((*(_TAG_DRIVERS if "tags" in board else ()), *(_SHELF_DRIVERS if "rs485" in board else ())))
        self.execute(f"parts.begin({dict(board)!r})")

    def execute(self, source: str, timeout_s: float = _CALL_S) -> str:
        """Run source there; what it printed."""
        try:
            out, error = self._transport.exec_raw(f"{source}\n", timeout=timeout_s)
        except (TransportError, OSError, serial.SerialException, struct.error) as lost:
            raise LineError("line_lost", port=self.port) from lost
        if error:
            raise BoardError("board_error", error=_last_line(error.decode(errors="replace")))
        return str(out.decode())

    def call(self, name: str, *arguments: Any, timeout_s: float = 60.0) -> Any:
        """Run a function of `on_board/parts.py`; its answer."""
        text = ", ".join(repr(each) for each in arguments)
        feed = f"watchdog.feeds_left={_ALONE_S // _FEED_S}"
        return json.loads(self.execute(f"{feed}\nparts.say(parts.{name}({text}))", timeout_s))

    def stream(self, name: str, *arguments: Any, timeout_s: float = 60.0) -> list[str]:
        """Run a function that prints lines; the lines."""
        text = ", ".join(repr(each) for each in arguments)
        return self.execute(f"parts.{name}({text})", timeout_s).split("\r\n")

    # ---- files ----

    def read(self, path: str) -> bytes | None:
        """A file of the board's flash, or None."""
        text = self.execute(f"try:\n print(open({path!r}, 'rb').read())\nexcept OSError:\n print(None)")
        found: bytes | None = _literal(text)
        return found

    def write(self, path: str, data: bytes) -> None:
        """Write a file beside and rename it: what was there stays until the new one is whole."""
        self.call("make_folders", path)
        self.execute(f"f=open({path + '.new'!r},'wb')")
        for at in range(0, len(data), _FILE_BYTES):
            self._send(packed(data[at : at + _FILE_BYTES]))
            self.execute("f.write(expanded(m))")
        self.execute(f"f.close()\nimport os\nos.rename({path + '.new'!r},{path!r})")

    def write_block(self, number: int, data: bytes) -> str:
        """Write a block of the partition for firmware; the SHA-256 of what it then reads."""
        self._send(packed(data))
        return str(json.loads(self.execute(f"parts.say(parts.write_block({number}, expanded(m)))")))

    # ---- the start ----

    def restart(self) -> None:
        """Reset the board as its button would: it starts its program."""
        with contextlib.suppress(
            TransportError, OSError, serial.SerialException
        ):  # a USB port of its own is gone at once
            self._transport.exec_raw_no_follow("import machine\nmachine.reset()\n")
        self._transport.in_raw_repl = False

    def said(self, for_s: float) -> str:
        """What it prints by itself meanwhile."""
        end_s = time.monotonic() + for_s
        text = bytearray()
        while time.monotonic() < end_s:
            try:
                text += self._transport.serial.read(max(1, self._transport.serial.inWaiting()))
            except (OSError, serial.SerialException):
                self._reopen()
        return text.decode(errors="replace")

    def _reopen(self) -> None:
        end_s = time.monotonic() + _AGAIN_S
        self.close()
        while True:
            try:
                self._transport = _open(self.port)
            except LineError:
                if time.monotonic() > end_s:
                    raise
                time.sleep(0.2)
            else:
                return


def _open(port: str) -> Any:
    if "://" not in port and not port.upper().startswith("COM") and not Path(port).exists():
        raise LineError("port_missing", port=port, ports=", ".join(ports()) or "-")
    try:  # asked for once without mpremote, which does not say why
        serial.serial_for_url(port, exclusive=True, timeout=_READ_S).close()
        return SerialTransport(port, timeout=_READ_S)
    except (OSError, serial.SerialException, TransportError) as error:
        busy = getattr(error, "errno", None) in (11, 16) or "exclusively lock" in str(error)
        raise LineError("port_busy" if busy else "port_refused", port=port, error=str(error)) from error


def ports() -> Sequence[str]:
    """The serial ports of this computer."""
    from serial.tools import list_ports  # noqa: PLC0415 - slow, and only for a sentence

    return sorted(found.device for found in list_ports.comports())


def _no_prompt(port: str, said: bytes) -> LineError:
    if not said.strip():
        return LineError("port_silent", port=port)
    text = said.decode("ascii", errors="replace").strip()
    return LineError("port_stranger", port=port, said=re.sub(r"[^ -~]+", " ", text)[-60:])


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _literal(text: str) -> Any:
    import ast  # noqa: PLC0415 - here only

    return ast.literal_eval(text.strip())


def _compiled(name: str, source: Path) -> bytes:
    """A module as it goes into the board's memory: names as the sources have them."""
    target = (firmware_build.BUILD / "commissioning" / name).with_suffix(".mpy")
    firmware_build.compile_file(source, target, f"{name}.py")
    return target.read_bytes()


def packed(data: bytes) -> str:
    """Bytes as they go over the line: compressed, in base64."""
    how = zlib.compressobj(9, zlib.DEFLATED, _WINDOW_BITS)
    return base64.b64encode(how.compress(data) + how.flush()).decode()
