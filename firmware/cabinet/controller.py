"""The controller: makes every part, hands them to each other, and runs them.

The only module that knows all others. The current directory is the root of the flash: `board.json`, `settings.json`,
`calibration.json`, `access`, `boot`, `journal/`. An exception here ends the program; the watchdog then starts it anew.
"""

import asyncio
import sys

from cabinet import board as boards
from cabinet import wire
from cabinet.access import Access, AccessError
from cabinet.attendant import Attendant
from cabinet.calibration import Calibration
from cabinet.clock import Clock, count_boot
from cabinet.commands import IDS_MAX, Commands
from cabinet.health import FIRMWARE, Health
from cabinet.journal import Journal
from cabinet.lights import Lights
from cabinet.link import Link
from cabinet.live import Live
from cabinet.pn532 import Pn532
from cabinet.recording import Recorder
from cabinet.scanner import UNCALIBRATED, Scanner
from cabinet.weighing import Weighing

_FEEDS = 2  # in the watchdog's time


class Recall:
    """What the journal tells at boot: the open session, the last commands, the last boot."""

    def __init__(self):
        self.session = 0
        self.commands = []
        self.boot = 0

    def on_snapshot(self, snapshot: dict) -> None:
        """The owner's state at the beginning of the segment."""
        self.session = snapshot.get("session", 0)
        self.commands = snapshot.get("commands", [])
        self.boot = snapshot.get("boot", 0)

    def on_body(self, seq: int, body: dict) -> None:
        """An event after it."""
        kind = body["kind"]
        self.boot = max(self.boot, body["boot"])
        if kind == "session_opened":
            self.session = seq
        elif kind == "session_closed":
            self.session = 0
        elif kind == "command_done":
            self.commands = (self.commands + [body["id"]])[-IDS_MAX:]


class Controller:
    """One cabinet."""

    def __init__(self, board: dict, settings: dict):
        self._board = board
        self._settings = settings
        self._doors = boards.make_doors(board, settings["locks"])  # first of all: coils off
        self._recall = Recall()
        self._journal = Journal("journal", settings["cabinet"], board["journal_bytes"])
        self._begun = self._journal.open(self._recall.on_snapshot, self._recall.on_body)
        self._clock = Clock(count_boot("boot", self._recall.boot))
        self._recorder = Recorder(self._journal, self._clock)
        self._weighing = Weighing(board["bins"])
        self._calibration = Calibration("calibration.json", self._weighing)
        self._lights = Lights(boards.make_pixels(board), board["bins"])
        self._access = Access("access", settings["cabinet"], settings["access_key"], self._clock)
        self._config_refused = None
        self._refused = 0
        self._make_sensors()
        self._make_link()
        self._make_people()
        self._make_health()

    def _make_sensors(self):
        mux, adc = boards.make_converters(self._board)
        self._scanner = Scanner(mux, adc, self._weighing, self._clock, self._on_fault)
        self._reader = Pn532(boards.make_reader_uart(self._board), self._clock)

    def _make_people(self):
        self._attendant = Attendant(
            self._doors, self._weighing, self._scanner, self._recorder, self._access, self._lights, self._clock
        )
        parts = self._link, self._journal, self._recorder, self._attendant, self._scanner, self._clock
        self._device = None  # while an update is under way
        self._device_of = parts, self._board["name"], self._settings, boards.find_slots()
        self._certificate = "", 0
        self._commands = Commands(
            self._attendant, self._calibration, self._weighing, self._lights, self._recorder, self._clock
        )
        self._commands.update = self._update
        self._inventory = None
        if "tags" in self._board:
            self._make_inventory()
        self._live = Live(self._attendant, self._doors, self._weighing, self._clock)

    def _make_inventory(self):
        from cabinet.inventory import Inventory  # noqa: PLC0415 - only for a board with a tag reader

        self._tag_reader = boards.make_tag_reader(self._board)
        self._inventory = self._attendant.tags = Inventory(self._tag_reader, self._recorder, self._clock)

    def _make_link(self):
        self._link = Link(self._settings, self._journal, self._on_message, self._clock.boot)
        self._link.on_online = self._send_health
        self._link.is_bad_moment = self._is_unlocking
        self._link.receivers["config"] = lambda: self._access.receive(self._take_config)
        self._recorder.on_record = self._recorded
        self._journal.snapshot = self._snapshot

    def _make_health(self):
        self._health = Health(
            self._clock,
            self._journal,
            self._recorder,
            self._link,
            self._scanner,
            self._access,
            self._reader,
            boards.reset_cause(),
        )
        self._health.tags = self._inventory
        self._health.refused = lambda: self._refused + self._commands.refused

    # ---- start ----

    def begin(self) -> None:
        """Take up what flash holds and journal this boot."""
        recall = self._recall
        self._access.load()
        self._calibration.load()
        self._commands.remember(recall.commands)
        if recall.session:
            self._attendant.resume(recall.session, self._journaled(recall.session), self._clock.boot)
        if self._begun:
            self._recorder.record("journal_created", reason=self._begun)
        self._recorder.record(
            "booted",
            reset_cause=boards.reset_cause(),
            firmware=FIRMWARE,
            board=self._board["name"],
            bins=self._board["bins"],
            doors=len(self._doors),
            session=recall.session,
        )
        for bin_ in range(1, self._weighing.bins + 1):
            if not self._weighing.calibration(bin_)[1]:
                self._recorder.record("bin_fault", bin=bin_, fault=UNCALIBRATED)
        self._with_device("start")

    def _with_device(self, act, *arguments):
        """What `device.py` answers: loaded for it, and let go of unless an update is under way."""
        from cabinet.device import Device  # noqa: PLC0415 - it takes heap

        device = self._device or Device(*self._device_of, self._certificate)
        answer = getattr(device, act)(*arguments)
        self._certificate = device.certificate
        self._device = device if device.updating else None
        if not self._device:
            del sys.modules["cabinet.device"], sys.modules["cabinet"].device
        return answer

    def _update(self, command):
        return self._with_device("update", command)

    def _journaled(self, seq):
        try:
            return self._journal.read(seq)
        except (IndexError, wire.WireError):
            return None  # gone or damaged: the session is closed without the weights before

    def _snapshot(self):
        return {"session": self._attendant.session, "commands": self._commands.ids, "boot": self._clock.boot}

    async def run(self) -> None:
        """Run all parts for ever; ends only by an exception of one of them."""
        self._network = boards.make_network(self._board)
        self._watchdog = boards.make_watchdog(self._board)
        tick_ms = self._board["watchdog_ms"] // _FEEDS
        self._board = self._recall = None  # every device has been made
        _forget_start()
        self._health.collect()
        parts = [
            self._scanner.run(self._scanned),
            self._attendant.run(),
            self._reader.run(self._attendant.badge),
            self._link.run(),
            self._tick(tick_ms),
        ]
        if self._inventory is not None:
            parts += [self._tag_reader.run(), self._inventory.run()]
        await asyncio.gather(*parts)

    def _is_unlocking(self):
        """A coil must be let go of in time: no handshake may begin now."""
        return any(door.unlocking for door in self._doors)

    def drop_locks(self) -> None:
        """Let go of every lock coil: nobody is there any longer to do it in time."""
        for door in self._doors:
            door.drop()

    async def _tick(self, ms):
        """Feed the watchdog while scanning goes on; a look at the doors, should an interrupt have been missed."""
        while True:
            now_ms = self._clock.up_ms()
            if self._scanner.going_on(now_ms):
                self._watchdog.feed()
            self._attendant.poll(now_ms)
            await asyncio.sleep_ms(ms)

    def _scanned(self):
        """Bins have been read: send what is due."""
        self._attendant.scanned()
        now_ms = self._clock.up_ms()
        happening = self._scanner.is_fast() or self._attendant.session != 0
        if happening:
            self._health.tick(now_ms)
        if not self._link.online:
            return
        if self._scanner.turned or now_ms >= self._health.due_ms:
            self._health.tick(now_ms)
            self._send_health()
        live = self._live.message(now_ms, happening)
        if live is not None:
            self._link.publish("live", live)

    def _send_health(self):
        self._scanner.turned = False
        self._link.publish("health", self._health.message())
        if not (self._scanner.is_fast() and self._attendant.session):  # a session's end is a worst moment
            self._with_device("tell")

    def _recorded(self, kind):
        self._link.wake()
        if kind == "session_closed":
            self._health.collect()  # the rows of all bins are still in memory: a worst moment
        if kind in ("session_closed", "config_taken"):
            self._health.due_ms = 0

    # ---- what comes in ----

    def _on_fault(self, bin_, fault):
        if fault is None:
            self._recorder.record_minor("bin_well", bin=bin_)
        else:  # one that comes and goes must not eat the room that an open session needs to be closed
            self._recorder.record_minor("bin_fault", bin=bin_, fault=fault)

    def _on_message(self, leaf, payload):
        if leaf == "command":
            self._commands.take(payload)
        elif leaf == "time":
            self._take_time(payload)
        elif leaf == "certificate":
            self._with_device("take", payload)

    def _take_time(self, payload):
        try:
            message = wire.decode("time", payload)
        except wire.WireError:
            self._refused += 1
            return
        self._clock.take(message)

    def _take_config(self, draft):
        self._health.collect()  # the other worst moment
        try:
            if self._access.take(draft):
                self._recorder.record("config_taken", version=self._access.version)
        except AccessError as error:
            self._refused += 1
            if str(error) != self._config_refused:  # it comes again with every connection
                self._config_refused = str(error)
                self._recorder.record_minor("config_refused", version=draft.version, reason=_ascii(str(error)))


def _forget_start():
    """Let go of what only the start needs: it takes heap."""
    global boards, Recall
    del boards, Recall, sys.modules["cabinet.board"]
    del sys.modules["cabinet"].board


def _ascii(sentence):
    """A sentence that surely fits where the wire allows 96 bytes, whatever was quoted in it."""
    return bytes([byte if 32 <= byte <= 126 else 63 for byte in sentence.encode()[:96]]).decode()


def run() -> None:
    """Run the controller of this board."""
    controller = Controller(boards.read_board("board.json"), boards.read_settings("settings.json"))
    try:
        controller.begin()
        asyncio.run(controller.run())
    finally:
        controller.drop_locks()
