"""Chooses which half of the firmware's flash runs, so that there is always one that does.

The flash partition `romfs` has two halves, *slots* `a` and `b`. A slot begins with a ROMFS image; its last block holds
a number (four bytes, big endian: the newest has the highest) and the head of the bundle it came from, whose header
names the image's length and SHA-256. The file `slots` is the boot record: a line of JSON, a line feed, its CRC-32 as
eight hex digits, written beside and renamed. The starter reads and writes of it

    run     which slot: "a" or "b"
    trial   1: what runs there has not proved itself yet
    starts  how often it has been started on trial
    app     label of the partition whose interpreter is on trial together with it; "" or missing: none is
    gone    [version, reason] of firmware that was given up, until the firmware has journaled that; null

and keeps the rest as it is; `cabinet/slots.py` is the other end. A trial gets three starts; a half whose image is
damaged, that cannot be imported, or that stops with an exception on trial, gives way to the other. With an interpreter
it gets one start, as the bootloader gives that: neither stays without the other. Without a sound
record the newest sound half is on trial. A watchdog and, on trial, a timer are running before the firmware has its
first word. It never asks the network, and is never updated: what it does must be enough for ever.
"""

import hashlib
import json
import os
import sys
import time
from binascii import crc32, hexlify

import machine
import vfs

_BLOCK_BYTES = 4096
_MAGIC = b"PBFW\x00\x00\x00\x01"
_HEADER_BYTES_MAX = 2048
_STARTS_MAX = 3
_SILENT_MS = 60000  # from here to the controller's own watchdog, and for a start that hangs
_TRIAL_MS = 1800000  # firmware that has not proved itself by then, nor given itself up, is started again
_PAUSE_MS = 10000  # neither half can be imported: not so fast


def mount() -> None:
    """Choose a slot and make its firmware the first that is imported from; `OSError` when there is none."""
    machine.WDT(timeout=_SILENT_MS)
    try:
        vfs.umount("/rom")  # where MicroPython has mounted the first half by itself: it may be the one that is written
    except OSError:
        pass
    halves = _halves()
    record = _chosen(_read(), halves)
    slot = record["run"]
    header = _header(halves[slot])[1]
    image = halves[slot][: header["image_bytes"]]
    vfs.mount(vfs.VfsRom(image), "/" + slot)  # type: ignore[attr-defined]
    sys.path.insert(0, "/" + slot)
    if record["trial"]:
        timer = machine.Timer(0)
        timer.init(mode=machine.Timer.ONE_SHOT, period=_TRIAL_MS, callback=lambda _: machine.reset())


def failed(error, is_import: bool) -> None:
    """The firmware could not be imported, or has stopped: the other half's turn, or the watchdog's."""
    sys.print_exception(error)
    halves = _halves()
    record = _read()
    if record is None or not (is_import or record["trial"]):
        raise error  # proven firmware met a broken invariant: the watchdog starts it anew
    if not record["trial"]:
        time.sleep_ms(_PAUSE_MS)
    if _give_up(record, halves, "stopped: %r" % error):
        _write(record)
    machine.reset()


def _halves():
    memory = memoryview(vfs.rom_ioctl(2, 0))
    half = len(memory) // 2
    return {"a": memory[:half], "b": memory[half:]}


def _chosen(record, halves):
    """The record by which to start now, written where it is another than before."""
    changed = record is None
    if record is None:
        record = _newest(halves)
    elif record["trial"] and record.get("app"):
        changed = _with_interpreter(record, halves)
    elif record["trial"] and record["starts"] >= _STARTS_MAX:
        changed = _give_up(record, halves, "%d starts without proof" % _STARTS_MAX)
    if not _is_sound(halves[record["run"]]):
        with_interpreter = record["trial"] and record.get("app")
        if not _give_up(record, halves, "its image is damaged"):
            raise OSError("expected firmware in one of two slots, found none")
        changed = True
        if with_interpreter:
            _write(record)
            machine.reset()  # the bootloader brings back the interpreter before
    if record["trial"]:
        record["starts"] += 1
        changed = True
    if changed:
        _write(record)
    return record


def _with_interpreter(record, halves):
    """Whether the record is another one, because the interpreter that is on trial too has gone or has been kept.

    The bootloader starts it once. If it runs a second time it has been marked valid, which is done when all is proven;
    a soft reset, which only a cable can ask for, is no start of the bootloader's.
    """
    import esp32  # noqa: PLC0415 - only boards of that family have two partitions for it

    running = esp32.Partition(esp32.Partition.RUNNING)  # type: ignore[arg-type]
    if running.info()[4] != record["app"]:
        return _give_up(record, halves, "its interpreter was started anew before it had proved itself")
    if record["starts"] and machine.reset_cause() != machine.SOFT_RESET:
        record["trial"] = record["starts"] = 0
        record["app"] = ""
        return True
    return False


def _newest(halves):
    """What to go by without a record: the newest sound half; on trial, where there is another to return to."""
    sound = [(_header(halves[slot])[0], slot) for slot in halves if _is_sound(halves[slot])]
    if not sound:
        raise OSError("expected firmware in one of two slots, found none")
    return {"run": max(sound)[1], "trial": len(sound) - 1, "starts": 0, "gone": None}


def _give_up(record, halves, reason):
    """Have the other half run, if it is sound; whether it is."""
    slot = record["run"]
    other = "b" if slot == "a" else "a"
    if not _is_sound(halves[other]):
        return False
    found = _header(halves[slot])
    record["gone"] = [found[1]["version"] if found else "?", reason[:96]]
    record["run"] = other
    record["trial"] = record["starts"] = 0
    record["app"] = ""
    return True


# ---- what lies in the flash ----


def _header(half):
    """(number, header) of a slot; None when there is none."""
    head = half[len(half) - _BLOCK_BYTES :]
    length = int.from_bytes(head[12:16], "big")
    if bytes(head[4:12]) != _MAGIC or length > _HEADER_BYTES_MAX:
        return None
    try:
        header = json.loads(bytes(head[16 : 16 + length]))
        if type(header["image_bytes"]) is int and header["image_sha256"] and header["version"]:
            return int.from_bytes(head[:4], "big"), header
    except (ValueError, KeyError, TypeError):
        pass  # a bit has turned
    return None


def _is_sound(half):
    found = _header(half)
    if found is None:
        return False
    image_bytes = found[1]["image_bytes"]
    if not 0 < image_bytes <= len(half) - _BLOCK_BYTES:
        return False
    return hexlify(hashlib.sha256(half[:image_bytes]).digest()).decode() == found[1]["image_sha256"]


def _read():
    """The record; None when there is none, or a damaged one."""
    try:
        with open("slots") as file:
            line, check = file.read().split("\n")
        return json.loads(line) if check == "%08x" % (crc32(line.encode()) & 0xFFFFFFFF) else None
    except (OSError, ValueError):
        return None


def _write(record):
    line = json.dumps(record)
    with open("slots.new", "w") as file:
        file.write("%s\n%08x" % (line, crc32(line.encode()) & 0xFFFFFFFF))
    os.rename("slots.new", "slots")
