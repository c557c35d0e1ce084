"""Runs under MicroPython: the journal on littlefs, power cut at every program and erase of a workload.

`run(journal_class)` records the flash operations of one run, then for each operation and each way it can tear builds
the flash as the cut leaves it, boots a journal on it and checks it. `fail_once()` lets each operation fail once with
an I/O error while the firmware lives on. Never raises inside the block device: MicroPython wants an errno.
"""

import json
import sys

import vfs

sys.path.insert(0, sys.argv[1])

from cabinet import journal, wire

BLOCK = 512
BLOCKS = 48
APPENDS = 24
TEARS = ("nothing", "half", "some", "all", "garbage")
CONTROL_STEP = 3  # the control is cut at every third operation only: it shows the check works


class Flash:
    """NOR flash: erase sets bits, programming clears them. `log` records, `fail_at` fails one operation."""

    def __init__(self, data=None):
        self.data = data or bytearray(b"\xff" * (BLOCK * BLOCKS))
        self.log = None
        self.fail_at = -1
        self.operations = 0

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        buffer[:] = self.data[at : at + len(buffer)]
        return 0

    def writeblocks(self, block, buffer, offset=0):
        return self._do(block * BLOCK + offset, bytes(buffer))

    def ioctl(self, operation, argument):
        if operation == 4:
            return BLOCKS
        if operation == 5:
            return BLOCK
        if operation == 6:
            return self._do(argument * BLOCK, None)
        return 0

    def _do(self, at, data):
        self.operations += 1
        if self.operations - 1 == self.fail_at:
            return -5
        if self.log is not None:
            self.log.append((at, data))
        apply(self.data, at, data)
        return 0


def apply(flash, at, data):
    """Erase (`data` is None) or program."""
    if data is None:
        flash[at : at + BLOCK] = b"\xff" * BLOCK
        return
    for i in range(len(data)):
        flash[at + i] &= data[i]


def tear(flash, at, data, how, number):
    """Apply operation `number` as a power cut leaves it: `some` is done up to a byte anywhere in it."""
    length = BLOCK if data is None else len(data)
    done = {"nothing": 0, "half": length // 2, "some": scattered(number) % length, "all": length}.get(how)
    if done is None:
        garble(flash, at, data, length)
    elif data is None:
        flash[at : at + done] = b"\xff" * done
    else:
        apply(flash, at, data[:done])


def scattered(number):
    """Anything, and always the same of one number."""
    return (number + 1) * 2654435761 >> 7 & 0xFFFF


def garble(flash, at, data, length):
    """Leave cells half programmed, or half erased where `data` is None."""
    for i in range(length):  # half-programmed or half-erased cells read as anything
        noise = (i * 197 + at * 31 + 13) % 256
        flash[at + i] = noise if data is None else flash[at + i] & (data[i] | noise)


def body(number):
    """An event that tells itself from every other."""
    return {
        "kind": "command_done",
        "boot": 1,
        "up_ms": number,
        "id": f"c{number}",
        "result": "done",
        "detail": "d" * (number % 40),
    }


def snapshot_of(opened):
    def snapshot():
        return {"session": 0, "events": opened.last}

    return snapshot


def mount(flash):
    filesystem = vfs.VfsLfs2(flash, progsize=16, readsize=16)
    vfs.mount(filesystem, "/flash")


def start(journal_class):
    made = journal_class("/flash/journal", "cab-1", 6000, 700)
    made.snapshot = snapshot_of(made)
    return made


def workload(journal_class, on_append, on_acknowledge):
    """Appends with rotations and acknowledgements; tells what has returned, and what the cloud has."""
    one = start(journal_class)
    one.open(None, None)
    for number in range(1, APPENDS + 1):
        seq = one.append(body(number))
        on_append(seq)
        if number % 6 == 0:
            on_acknowledge(number - 4)  # the cloud has it before the journal hears of it
            one.acknowledge(one.epoch, number - 1, number - 4)
    return one


def record(journal_class):
    """The flash before, its operations, and after each: (appended, in_cloud) as the caller knew it."""
    flash = Flash()
    vfs.VfsLfs2.mkfs(flash, progsize=16, readsize=16)
    before = bytes(flash.data)
    flash.log = []
    marks = []

    def appended(seq):
        marks.append((len(flash.log), seq, marks[-1][2] if marks else 0))

    def acknowledged(in_cloud):
        marks.append((len(flash.log), marks[-1][1], in_cloud))

    mount(flash)
    workload(journal_class, appended, acknowledged).close()
    vfs.umount("/flash")
    return before, flash.log, marks


def check(data, appended, in_cloud):
    """What is wrong with the journal on this flash, or None."""
    mount(Flash(data))
    try:
        one = start(journal.Journal)
        snapshots = []
        replayed = []
        verdict = one.open(snapshots.append, lambda seq, event: replayed.append((seq, event)))
        if verdict != "":
            return None if appended == 0 and verdict == "first" else f"journal {verdict} after {appended}"
        wrong = check_boot(one, snapshots, replayed, appended, in_cloud)
        if one.append(body(one.last + 1)) != one.last:
            wrong = wrong or "appended at the wrong seq"
        wrong = wrong or check_lines(one)
        one.close()
        return wrong
    finally:
        vfs.umount("/flash")


def check_boot(one, snapshots, replayed, appended, in_cloud):
    """What is wrong with the cursors and with what the boot handed over, or None."""
    if not appended <= one.last <= appended + 1:
        return f"last {one.last}, appended {appended}"
    if one.first > in_cloud + 1:
        return f"first {one.first}, in cloud {in_cloud}"
    for seq, event in replayed:
        if event != body(seq):
            return f"replayed {seq} as {event!r}"
    if snapshots[0]["events"] + len(replayed) != one.last:
        return f"snapshot of {snapshots} and {len(replayed)} events, last {one.last}"
    return None


def check_lines(one):
    """Every event from first to last, through the reading side; what is wrong, or None."""
    seq = one.first
    while seq <= one.last:
        for line in one.lines_from(seq, 600):
            envelope = wire.decode_envelope(line)
            if envelope.seq != seq or envelope.epoch != one.epoch or wire.decode_body(envelope) != body(seq):
                return f"line of {envelope.seq} at {seq}"
            seq += 1
    return None


def run(journal_class, step=1):
    """Every cut, or the cut of every so many operations, in every mode: (cuts, wrong, the first few sentences)."""
    before, log, marks = record(journal_class)
    flash = bytearray(before)
    wrong = []
    cuts = 0
    for number in range(len(log)):
        appended, in_cloud = 0, 0
        for after, seq, cloud in marks:
            if after <= number:
                appended, in_cloud = seq, cloud
        for how in TEARS if number % step == 0 else ():
            cut = bytearray(flash)
            tear(cut, log[number][0], log[number][1], how, number)
            cuts += 1
            try:
                found = check(cut, appended, in_cloud)
            except (OSError, ValueError, IndexError, KeyError) as error:
                found = repr(error)
            if found:
                wrong.append(f"operation {number} {how}: {found}")
        apply(flash, log[number][0], log[number][1])
    return cuts, len(wrong), wrong[:5]


class WithoutFlush(journal.Journal):
    """The control: an append that returns before its line is on flash."""

    def _write(self, file, line):
        file.write(b"".join(line) + b"\n")


def fail_once():
    """Each operation fails once with an I/O error: whatever returned must be there, at run time and after a boot."""
    runs = 0
    wrong = []
    number = 0
    while True:
        flash = Flash()
        vfs.VfsLfs2.mkfs(flash, progsize=16, readsize=16)
        mount(flash)
        flash.operations = 0
        flash.fail_at = number
        found = live_through(flash)
        if flash.operations <= number:
            return runs, len(wrong), wrong[:5]
        runs += 1
        if found:
            wrong.append(f"operation {number}: {found}")
        number += 3


def live_through(flash):
    """One run with one failing operation; what is wrong, or None."""
    refused = 0
    one = start(journal.Journal)
    try:
        try:
            one.open(None, None)
        except OSError:
            one = start(journal.Journal)
            one.open(None, None)
        while one.last < APPENDS:
            try:
                one.append(body(one.last + 1))
                if one.last % 6 == 0:
                    one.acknowledge(one.epoch, one.last - 1, one.last - 4)
            except OSError:
                refused += 1
                if refused > 1:
                    return "refused twice"
        wrong = check_lines(one)
        one.close()
    finally:
        vfs.umount("/flash")
    return wrong or check(flash.data, APPENDS, APPENDS - 4)


def counted(result):
    return {"runs": result[0], "wrong": result[1], "first": result[2]}


def main():
    verdict = {
        "tears": TEARS,
        "cuts": counted(run(journal.Journal)),
        "without_flush": counted(run(WithoutFlush, CONTROL_STEP)),
        "errors": counted(fail_once()),
    }
    sys.stdout.write(json.dumps(verdict))


main()
