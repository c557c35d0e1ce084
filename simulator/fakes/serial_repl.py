"""The prompt on a board's serial port: MicroPython's friendly and raw REPL, byte for byte, run by this interpreter.

What goes in comes from the world (`type`), what goes out is this process's standard output, where `print` and
tracebacks go, too: the host puts both on a pseudo-terminal. The protocol is that of `shared/runtime/pyexec.c`; the
test beside has the interpreter's own raw REPL answer the same bytes. While nothing is typed the world and the
hardware go on. Ctrl-C interrupts what runs as soon as it waits for anything: here no code is broken into elsewhere.
"""

import io
import os
import sys

import virtual_time

_CTRL_A = 1
_CTRL_B = 2
_CTRL_C = 3
_CTRL_D = 4
_CTRL_E = 5
_BACKSPACES = (8, 127)
_WINDOW_BYTES = 2048  # of raw paste; boards take 128: every window is a round trip
_RAW = "raw REPL; CTRL-B to exit\r\n>"
_LONG_US = 3600000000


class Console:
    """What somebody types, and what becomes of it. `reset()` resets the board softly and does not return."""

    def __init__(self, world, banner, raw, reset):
        self._world = world
        self._banner = banner
        self._raw = raw
        self._reset = reset
        self._typed = b""
        self._taken = 0  # of what was typed
        self._running = False
        self._globals = {"__name__": "__main__"}
        world.on("type", self._type)

    @property
    def raw(self):
        """Whether whoever is at the other end is a program."""
        return self._raw

    # ---- bytes in and out ----

    def _type(self, _, digits):
        data = bytes.fromhex(digits)
        if self._running and _CTRL_C in data:
            self._typed = data[data.rfind(b"\x03") + 1 :]
            self._taken = 0
            self._running = False  # so that a second one waits for its turn
            raise KeyboardInterrupt
        self._typed = self._typed[self._taken :] + data
        self._taken = 0

    def _read(self):
        """The next byte, whenever it comes; the world goes on meanwhile."""
        while self._taken == len(self._typed):
            now_us = virtual_time.clock.now_us()
            virtual_time.agenda.run(now_us)
            due_us = virtual_time.agenda.next_us()
            until_us = now_us + _LONG_US if due_us is None else due_us
            for _ in virtual_time.clock.wait(self._world.poller, until_us):
                self._world.serve()
        self._taken += 1
        return self._typed[self._taken - 1]

    def _say(self, text):
        sys.stdout.write(text)

    # ---- what runs ----

    def run_file(self, name):
        """Run a file as the board does after its start, to its end or until it is interrupted."""
        with open(name) as file:
            text = file.read()
        self._execute(text, name, "exec")

    def _execute(self, source, name, mode, eof=""):
        """Run source; whether it did not end the interpreter. `eof` is printed between output and error."""
        error = None
        self._running = True
        try:
            exec(compile(source, name, mode), self._globals)  # noqa: S102 - what a prompt is for
        except SystemExit:
            self._running = False
            self._say(eof)
            return False
        except BaseException as raised:
            error = raised
        self._running = False
        self._say(eof)
        if error is not None:
            self._say(_traceback(error))
        return True

    # ---- the two prompts ----

    def serve(self):
        """Answer for ever."""
        if not self._raw:
            self._greet()
        while True:
            if self._raw:
                self._serve_raw()
            else:
                self._serve_friendly()

    def _greet(self):
        self._say(self._banner + '\r\nType "help()" for more information.\r\n>>> ')

    def _serve_raw(self):
        self._say(_RAW)
        line = bytearray()
        while True:
            byte = self._read()
            if byte == _CTRL_A and len(line) == 2 and line[0] == _CTRL_E:
                self._paste(line[1])
            elif byte == _CTRL_A:
                self._say(_RAW)
            elif byte == _CTRL_B:
                self._raw = False
                self._say("\r\n")
                self._greet()
                return
            elif byte == _CTRL_D:
                self._say("OK")
                if not line:
                    self._say("\r\n")
                    self._soft_reset()
                self._finish(bytes(line))
            elif byte != _CTRL_C:
                line.append(byte)
                continue
            line = bytearray()

    def _finish(self, source):
        going_on = self._execute(source, "<stdin>", "exec", "\x04")
        self._say("\x04")
        if not going_on:
            self._soft_reset()
        self._say(">")

    def _paste(self, kind):
        """Take source with flow control: a window more each time one is full."""
        if kind != 65:
            self._say("R\x00>")
            return
        self._say("R\x01%c%c\x01" % (_WINDOW_BYTES & 0xFF, _WINDOW_BYTES >> 8))
        source = bytearray()
        while True:
            byte = self._read()
            if byte in (_CTRL_C, _CTRL_D):
                break
            source.append(byte)
            if not len(source) % _WINDOW_BYTES:
                self._say("\x01")
        self._say("\x04")
        if byte == _CTRL_C:
            self._say("\x04" + _traceback(KeyboardInterrupt()) + "\x04>")
        else:
            self._finish(bytes(source))

    def _serve_friendly(self):
        line = bytearray()
        while True:
            byte = self._read()
            if byte == _CTRL_A:
                self._say("\r\n")
                self._raw = True
                return
            if byte == _CTRL_D and not line:
                self._say("\r\n")
                self._soft_reset()
            if byte == _CTRL_B and not line:
                self._say("\r\n")
                self._greet()
            elif byte == _CTRL_C:
                line = bytearray()
                self._say("\r\n>>> ")
            elif byte in _BACKSPACES and line:
                line = line[:-1]
                self._say("\x08\x1b[K")
            elif byte == 13:
                self._say("\r\n")
                if line.strip():
                    self._execute(bytes(line), "<stdin>", "single")
                line = bytearray()
                self._say(">>> ")
            elif byte >= 32:
                line.append(byte)
                self._say(chr(byte))

    def _soft_reset(self):
        self._say("MPY: soft reboot\r\n")
        self._reset()


def _traceback(error):
    """As the interpreter prints it, without the lines of whoever ran the code here."""
    text = io.StringIO()
    sys.print_exception(error, text)
    lines = [line for line in text.getvalue().split("\n") if 'File "serial_repl.py"' not in line]
    if lines[0].startswith("Traceback") and not lines[1].startswith("  File"):
        lines = lines[1:]  # nothing is left to be traced back
    return "\n".join(lines)


def start(console):
    """What a board does once it has power: its program, unless a program is at the other end; then its prompt."""
    if not console.raw and "main.py" in os.listdir():
        console.run_file("main.py")
    console.serve()
