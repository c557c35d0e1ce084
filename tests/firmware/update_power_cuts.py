"""Runs under MicroPython, over the fakes: updates of the firmware, power cut at every program and erase of them.

Starter, slots, updating, fetching, interpreter, trial and journal are the firmware's own; the flashes, a gateway that
answers at once and a cabinet at rest are here, the bootloader is `simulator/fakes/bootloader.py`. One life of a story
is recorded; then, for each of its flash operations and each way it can tear, the flashes are built as the cut leaves
them and lived on, until nothing changes any more. Prints one line of JSON: cases, and what was wrong. Arguments:
firmware/, old bundle, new bundle, new bundle with an interpreter, keys, step (1: every case), and how many times that
for the stories with an interpreter.
"""

# ruff: noqa: E402, PLW0603, PTH123, RUF006, UP031 - time must be virtual before anything else; MicroPython

import json
import sys

import virtual_time


class JumpingClock:
    """Time that jumps to whatever is due."""

    def __init__(self):
        self.us = 0

    def now_us(self):
        return self.us

    def wait(self, poller, until_us):
        self.us = max(self.us, until_us)
        return ()

    def wait_for_ever(self, poller):
        raise Rest


class Rest(BaseException):
    """Nothing more will happen."""


class Reset(BaseException):
    """The controller starts anew."""


virtual_time.start(JumpingClock())
import asyncio
import os
import select
import time

import esp32
import machine
import rom_vfs
import vfs
import virtual_asyncio

time.start(0, select.poll(), None)
virtual_asyncio.install()
sys.modules["vfs"] = rom_vfs
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/boot"]

import starter
from bootloader import Bootloader
from cabinet import fetching, session, trial, updating
from cabinet.clock import Clock
from cabinet.journal import Journal
from cabinet.recording import Recorder

BOARD = "esp32s3-w5500-12"
LFS_BLOCK = 1024
LFS_BLOCKS = 48
SLOT_BLOCKS = 4
APP_BLOCKS = 3
PARTITION_BLOCK = 4096
PAGE = 256
TEARS = ("nothing", "half", "all", "garbage")
LIVES_MAX = 12


def read(path):
    with open(path, "rb") as file:
        return file.read()


OLD, PLAIN, WITH_INTERPRETER, KEYS = (read(path) for path in sys.argv[2:6])
NEW = PLAIN


def header_of(bundle):
    return json.loads(bundle[12 : 12 + int.from_bytes(bundle[8:12], "big")])


class Nor:
    """A NOR flash in memory; every program of a page and every erase goes to the power's log."""

    def __init__(self, power, block, blocks):
        self.block = block
        self.blocks = blocks
        self.data = bytearray(b"\xff" * (block * blocks))
        self._power = power
        self._number = len(power.flashes)
        power.flashes.append(self)

    def readblocks(self, block, buffer, offset=0):
        at = block * self.block + offset
        buffer[:] = self.data[at : at + len(buffer)]
        return 0

    def writeblocks(self, block, buffer, offset=0):
        at = block * self.block + offset
        for start in range(0, len(buffer), PAGE):
            self._do(at + start, bytes(buffer[start : start + PAGE]))
        return 0

    def ioctl(self, operation, argument):
        if operation == 4:
            return self.blocks
        if operation == 5:
            return self.block
        if operation == 6:
            self._do(argument * self.block, None)
        return 0

    def _do(self, at, data):
        self._power.log.append((self._number, at, data))
        self.apply(at, data)

    def apply(self, at, data):
        if data is None:
            self.data[at : at + self.block] = b"\xff" * self.block
        else:
            for i in range(len(data)):
                self.data[at + i] &= data[i]

    def tear(self, at, data, how, number):
        """The operation as a power cut leaves it."""
        length = self.block if data is None else len(data)
        if how == "garbage":
            for i in range(length):
                noise = ((at + i + number) * 2654435761 & 0xFFFFFFFF) >> 13 & 0xFF
                self.data[at + i] = self.data[at + i] | noise if data is None else self.data[at + i] & (data[i] | noise)
        else:
            done = {"nothing": 0, "half": length // 2, "all": length}[how]
            if data is None:
                self.data[at : at + done] = b"\xff" * done
            else:
                self.apply(at, data[:done])


class Power:
    """The flashes of one controller, and what was done to them."""

    def __init__(self):
        self.flashes = []
        self.log = []
        self.files = Nor(self, LFS_BLOCK, LFS_BLOCKS)
        self.slots = Nor(self, PARTITION_BLOCK, 2 * SLOT_BLOCKS)
        apps = [Nor(self, PARTITION_BLOCK, APP_BLOCKS) for _ in range(2)]
        self.bootloader = Bootloader(Nor(self, PARTITION_BLOCK, 2), apps)

    def copied(self):
        return [bytes(flash.data) for flash in self.flashes]

    def put_back(self, data):
        for i in range(len(data)):
            self.flashes[i].data[:] = data[i]


class Gateway:
    """Answers `want` at once, and acknowledges what is journaled if it can hear it."""

    def __init__(self, hears):
        self.online = True
        self.receivers = {}
        self.hears = hears

    def publish(self, leaf, payload):
        if leaf == "want":
            want = json.loads(payload)
            asyncio.create_task(self._answer(want))

    async def _answer(self, want):
        receiver = self.receivers["bundle"]()
        line = json.dumps({"v": 1, "version": want["version"], "offset": want["offset"]}).encode() + b"\n"
        data = line + handed[want["offset"] : want["offset"] + want["bytes"]]
        for at in range(0, len(data), 500):
            receiver.write(data[at : at + 500])
        receiver.end()


class AtRest:
    """Attendant and scanner of a cabinet at which nothing happens."""

    started = True
    state = session.SHUT

    def blind(self):
        return 0

    def going_on(self, now_ms):
        return True


class Life:
    """From a start to a reset, to rest, or to a cut. `hears`: whether the gateway hears firmware that is new."""

    updating = None

    def __init__(self, power, hears):
        self._power = power
        self._hears = hears
        self.kinds = []
        self.ended = ""
        self.told = ""  # the last reason of a refusal or a return

    def live(self):
        if has_apps:
            self._power.bootloader.start()
            esp32.attach([], self._power.bootloader)
        self.interpreter = interpreter_of(self._power.bootloader)
        if self.interpreter == "new" and is_dead:
            self.ended = "reset"  # it never comes to `main.py`
            return self
        try:
            self._start()
            loop = asyncio.new_event_loop()
            self.updating._asked = asyncio.Event()
            asyncio.create_task(self.updating.run())
            loop.run_forever()
        except Reset:
            self.ended = "reset"
        except Rest:
            self.ended = "rest"
        finally:
            self.torn = self._torn_events()
            self.record = self.updating.slots.read()
            self.journal.close()
            for place in ("/" + self.slot, "/flash"):
                vfs.umount(place)
            sys.path.pop(0)
        return self

    def _start(self):
        rom_vfs._memory = self._power.slots.data
        files = vfs.VfsLfs2(self._power.files)
        vfs.mount(files, "/flash")
        os.chdir("/flash")
        starter.mount()
        self.slot = sys.path[0][1]
        self.version = starter._header(starter._halves()[self.slot])[1]["version"]
        self.image = read("/%s/which.mpy" % self.slot)
        for module in (updating, fetching, trial):
            module.FIRMWARE = self.version
        is_new = self.version == header_of(NEW)["version"]
        if has_apps and self.interpreter != ("new" if is_new else "old"):
            parted.append(self.version + " on the " + self.interpreter + " interpreter")
        self.journal = Journal("journal", "cab-1", 16384, 4096)
        begun = self.journal.open(lambda snapshot: None, lambda seq, body: self.kinds.append(body["kind"]))
        clock = Clock(1)
        recorder = Recorder(self.journal, clock)
        self.gateway = Gateway(self._hears or not is_new)
        recorder.on_record = self._recorded
        if begun:
            recorder.record("journal_created", reason=begun)
        recorder.record("booted", reset_cause="hard", firmware=self.version, board=BOARD, bins=1, doors=1, session=0)
        parts = self.gateway, self.journal, recorder, AtRest(), AtRest(), clock
        self.updating = updating.Updating(parts, BOARD, (self._power.slots, self.slot), lambda: None)
        self.updating.start()
        given_up = "update_returned" in self.kinds or "update_refused" in self.kinds
        if not is_new and not given_up:
            self.updating.begin({"version": header_of(NEW)["version"], "bytes": len(NEW), "sha256": "", "downgrade": 0})

    def _torn_events(self):
        """How many events between the first and the last are not there as they were written."""
        torn = 0
        for seq in range(1, self.journal.last + 1):
            try:
                self.told = self.journal.read(seq).get("reason", self.told)
            except (IndexError, ValueError):
                torn += 1
        return torn

    def _recorded(self, kind):
        self.kinds.append(kind)
        if self.gateway.hears:
            self.journal.acknowledge(self.journal.epoch, self.journal.last, 0)


def interpreter_of(bootloader):
    """Which interpreter runs: "old", "new", or "broken"."""
    data = bootloader.flashes[bootloader.running].data
    for name, image in (("old", OLD_INTERPRETER), ("new", NEW_INTERPRETER)):
        if data[: len(image)] == image:
            return name
    return "broken"


def reset(how):
    raise Reset


class Unfed:
    """The watchdog, which the controller's own task feeds: that is not here."""

    def __init__(self, timeout):
        pass


def blank():
    """A controller as commissioning leaves it, and its first start."""
    power = Power()
    vfs.VfsLfs2.mkfs(power.files)
    files = vfs.VfsLfs2(power.files)
    vfs.mount(files, "/flash")
    os.chdir("/flash")
    with open("release_keys", "wb") as file:
        file.write(KEYS)
    vfs.umount("/flash")
    head = len(OLD) - header_of(OLD)["image_bytes"]
    last = (SLOT_BLOCKS - 1) * PARTITION_BLOCK
    power.slots.data[: len(OLD) - head] = OLD[head:]
    power.slots.data[last : last + 4 + head] = b"\0\0\0\1" + OLD[:head]
    power.bootloader.flashes[0].data[: len(OLD_INTERPRETER)] = OLD_INTERPRETER  # as a cable leaves it: none is named
    power.log = []
    return power


def live_on(power, hears, marks=None):
    """Lives until it rests; the last of them. `marks`: after how many operations which event was durable."""
    for _ in range(LIVES_MAX):
        life = Life(power, hears).live()
        if marks is not None:
            marks.append((len(power.log), life.journal.last if life.updating else marks[-1][1]))
        if life.ended == "rest":
            return life
    return life


def verdict(life, hears, journaled):  # noqa: PLR0911 - a reason each
    """What is wrong with how it ended; "" when nothing is."""
    returned = has_apps and "update_returned" in life.kinds  # a start in the middle of the trial is one too many
    expected = header_of(NEW if hears and not is_dead and not returned else OLD)["version"]
    if parted:
        return "expected firmware on the interpreter it came with, found %s" % parted.pop()
    if life.ended != "rest":
        return "expected it to come to rest, found it starting for ever"
    if life.version != expected:
        return "expected %s to run in the end, found %s: %s" % (expected, life.version, life.told)
    if life.image[-8:].decode() != "=" + life.version + "==":
        return "expected the image of %s, found another" % life.version
    if any(life.record[name] for name in ("trial", "job", "gone", "app")):
        return "expected an update that is over, found %r" % life.record
    if life.journal.last < journaled or life.torn:
        return "expected %d sound events, found %d, %d of them torn" % (journaled, life.journal.last, life.torn)
    return ""


def story(hears, step):
    """(cases, complaints) of one story: a release that works, or one whose gateway never hears it."""
    power = blank()
    start = power.copied()
    marks = [(0, 0)]
    last = live_on(power, hears, marks)
    complaints = [verdict(last, hears, 0)]
    if hears and not is_dead and last.version != header_of(NEW)["version"]:
        complaints.append("expected the new one to stay, found it gone: %s" % last.told)
    log = power.log
    power.log = []
    cases = returned = 0
    states = start
    for number in range(len(log)):
        flash, at, data = log[number]
        for tear in range(len(TEARS)):
            if (number + tear) % step:
                continue
            cases += 1
            power.put_back(states)
            power.flashes[flash].tear(at, data, TEARS[tear], number)
            journaled = max([seq for after, seq in marks if after <= number])
            life = live_on(power, hears)
            why = verdict(life, hears, journaled)
            returned += "update_returned" in life.kinds
            if why:
                complaints.append("operation %d, %s: %s" % (number, TEARS[tear], why))
            power.log = []
        power.put_back(states)
        power.flashes[flash].apply(at, data)
        states = power.copied()
    return cases, len(log), returned, [why for why in complaints if why]


def refusal(data):
    """What a controller journals of such bytes in the place of the new bundle, and which version runs in the end."""
    global handed
    handed = data
    life = live_on(blank(), True)
    handed = NEW
    return [life.told, life.version]


OLD_INTERPRETER = b"\xe9" + bytes(range(255)) * 8
NEW_INTERPRETER = WITH_INTERPRETER[-header_of(WITH_INTERPRETER)["interpreter"]["bytes"] :]
handed = NEW  # by the gateway
has_apps = is_dead = False
parted = []  # firmware that was started on an interpreter it did not come with
machine.attach({}, {}, {}, reset, 1, b"")
machine.WDT = Unfed
step = int(sys.argv[6])
found = {}


def tell(name, hears, step):
    cases, operations, returned, complaints = story(hears, step)
    found[name] = {
        "operations": operations, "cases": cases, "returned": returned,
        "complaints": complaints[:5], "wrong": len(complaints),
    }  # fmt: skip


tell("good", True, step)
tell("silent", False, step)
found["refused"] = {
    "tampered": refusal(NEW[:-9] + b"!" + NEW[-8:]),
    "truncated": refusal(NEW[:-9]),
    "no bundle": refusal(b"#" * len(NEW)),
}
NEW = handed = WITH_INTERPRETER
found["refused"]["no partitions"] = refusal(NEW)
has_apps = True
found["refused"]["interpreter tampered"] = refusal(NEW[:-9] + b"!" + NEW[-8:])
APP_BLOCKS = 1
found["refused"]["interpreter too big"] = refusal(NEW)
APP_BLOCKS = 3
step *= int(sys.argv[7])
tell("good interpreter", True, step)
tell("silent interpreter", False, step)
is_dead = True
tell("dead interpreter", True, step)
sys.stdout.write(json.dumps(found) + "\n")
