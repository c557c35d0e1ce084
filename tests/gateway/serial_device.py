"""A device on the other end of a pseudo-terminal: a scale that answers, falls silent, babbles, or is pulled out."""

import os
import threading
import tty
from collections.abc import Callable
from pathlib import Path


class SerialDevice:
    """`answer` makes bytes of what came; `name` is a link that stays the same, as /dev/serial/by-id does."""

    def __init__(self, name: Path, answer: Callable[[bytes], bytes]) -> None:
        self.name = name
        self.answer = answer
        self.heard = bytearray()
        self._master = -1
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> str:
        """What the settings name."""
        return str(self.name)

    def plug_in(self) -> None:
        """A line of its own behind the name."""
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.name.unlink(missing_ok=True)
        self.name.symlink_to(os.ttyname(slave))
        os.close(slave)
        os.set_blocking(self._master, False)
        self._ended.clear()
        self._thread = threading.Thread(target=self._run, name="serial-device", daemon=True)
        self._thread.start()

    def pull_out(self) -> None:
        """The line is gone, and so is the name."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._master >= 0:
            os.close(self._master)
            self._master = -1
        self.name.unlink(missing_ok=True)

    def say(self, data: bytes) -> None:
        """Send unasked; what nobody reads is lost, as on a line."""
        try:
            os.write(self._master, data)
        except BlockingIOError:
            return

    def _run(self) -> None:
        while not self._ended.wait(0.005):
            try:
                data = os.read(self._master, 4096)
            except BlockingIOError:
                continue
            except OSError:  # nobody has the other end open
                continue
            self.heard += data
            answer = self.answer(data)
            if answer:
                self.say(answer)
