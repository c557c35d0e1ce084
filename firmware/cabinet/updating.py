"""Updates of this firmware: takes the command, tells how far things are; what an update needs is loaded only for it.

At rest this is an event to wait for. `fetching.py` gets and installs a bundle, `trial.py` proves what was installed;
both work only while nothing else happens at the cabinet, and neither decides what is to be installed.
"""

import asyncio
import sys

from cabinet import session
from cabinet.health import FIRMWARE
from cabinet.slots import Slots

_PAUSE_MS = 2000


class Updating:
    """What `device.py` loads when there is an update; `tell` says that what `device` says has changed."""

    def __init__(self, parts, board: str, slots, tell):
        self.link, self.journal, self.recorder, self._attendant, self.scanner, self.clock = parts
        self.slots = Slots(slots[0], slots[1])
        self.board = board
        self.got_bytes = 0  # of the bundle that is being fetched
        self.job = None  # [version, bytes, sha256, downgrade, bytes got]
        self.tell = tell
        self.piece = None  # takes the piece of a bundle that is waited for
        self.trial = 0
        self._asked = asyncio.Event()
        self.link.receivers["bundle"] = self._receive

    @property
    def at_rest(self) -> bool:
        """Whether every door is shut, and nobody is served."""
        return self._attendant.started and self._attendant.state == session.SHUT

    def start(self) -> None:
        """Take up what the record says, and journal what has become of an update."""
        record = self.slots.read()
        self.trial = record["trial"]
        if record["gone"]:
            self.slots.clear()  # it must not be what a damaged record leads to
            self.recorder.record("update_returned", version=record["gone"][0], reason=_ascii(record["gone"][1]))
            self.slots.write(gone=None)
        elif self.trial and not record["told"]:
            before = self.slots.header(self.slots.other)
            self.recorder.record("update_installed", version=FIRMWARE, before=before[1]["version"] if before else "?")
            self.slots.write(told=1)
        self._take_up(record["job"])

    def begin(self, command: dict) -> str:
        """Fetch a bundle; one that is being fetched goes on. Why that is refused, "" when it is not."""
        if self.trial:
            return "expected proven firmware, found %s on trial" % FIRMWARE
        job = [command["version"], command["bytes"], command["sha256"], command["downgrade"], 0]
        if not self.job or self.job[:4] != job[:4]:
            self.slots.write(job=job)
            self._take_up(job)
            self.tell()
        return ""

    def drop(self) -> None:
        """There is nothing to be fetched any more."""
        self.slots.write(job=None)
        self._take_up(None)

    def refuse(self, version: str, reason: str) -> None:
        """Give a bundle up, and say why."""
        self.drop()
        self.recorder.record_minor("update_refused", version=version, reason=_ascii(reason))
        self.tell()

    def progress(self):
        """(trial, version being fetched, bytes got, of bytes), as `device` says it."""
        if self.job is None:
            return self.trial, "", 0, 0
        return self.trial, self.job[0], self.got_bytes, self.job[1]

    async def run(self) -> None:
        """Prove this firmware if it is on trial, then fetch what is asked for, for ever."""
        if self.trial:
            from cabinet.trial import prove  # noqa: PLC0415 - seldom needed

            await prove(self)
            prove = None
            _forget("trial")
            _forget("interpreter")
            _forget("bundle")
        while True:
            if self.job is None:
                self._asked.clear()
                await self._asked.wait()
            await self._fetch(self.job)

    async def rest(self) -> None:
        """Wait until the gateway can be asked and nobody is at the cabinet."""
        while not (self.link.online and self.at_rest):
            await asyncio.sleep_ms(_PAUSE_MS)

    async def _fetch(self, job):
        from cabinet.fetching import fetch  # noqa: PLC0415 - seldom needed

        try:
            await fetch(self, job)
        except Exception as error:  # a flash that refuses, no memory: the cabinet goes on without the update
            self.refuse(job[0], "%r" % error)
        finally:
            fetch = self.piece = None
            _forget("fetching")
            _forget("interpreter")
            _forget("bundle")

    def _take_up(self, job):
        self.job = job
        self.got_bytes = job[4] if job else 0
        self._asked.set()

    def _receive(self):
        return self.piece or _Nobody()


class _Nobody:
    """Takes a piece that nobody asked for."""

    def write(self, data):
        """Pass it over."""

    def end(self):
        """The same."""

    def abandon(self):
        """The same."""


def _forget(name):
    """Let go of a module: it takes heap."""
    if sys.modules.pop("cabinet." + name, None):
        delattr(sys.modules["cabinet"], name)


def _ascii(sentence):
    """A sentence that surely fits where the wire allows 96 bytes, whatever was quoted in it."""
    return bytes([byte if 32 <= byte <= 126 else 63 for byte in sentence.encode()[:96]]).decode()
