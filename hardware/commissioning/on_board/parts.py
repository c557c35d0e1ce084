"""Runs on the board while it is commissioned: has each part by itself do what it is there for, and says what was seen.

It lies in the board's memory beside the firmware's own drivers, never in its flash. Every function answers with what
`json` can say; nothing here judges, and nothing waits for ever. Coils are let go of whatever happens, and those of
fail-safe locks held for as long as their doors are shut.
"""

import json
import os
import sys
import time

import machine
import vfs
from cabinet import board as boards
from cabinet.nau7802 import CODE_HIGH, CODE_LOW
from cabinet.tca9548a import CHANNELS

_BLOCK_BYTES = 4096
_CONVERTER = 0x2A
_MARK = 0x10
_PERIOD_MS = 100  # of a conversion
_STARTED_MS_MAX = 1500
_POLL_MS = 10
_AFTER_OPEN_MS = 200
_JUMP = 24000  # codes from one to the next: no cell at rest

_board = None
_doors = []
_held = False  # whether locks are fail-safe: the coil holds, and off is open
_i2c = None
_mux = None
_adc = None
_pixels = None
_uart = None


def begin(board):
    """Make the devices of a board file, with what its `locks` are; coils are let go of first."""
    global _board, _doors, _held, _i2c, _mux, _adc, _pixels
    _board = board
    _doors = []
    _held = board.get("locks") == "fail_safe"
    for row in board["doors"]:
        pin = machine.Pin
        lock = pin(row["lock"], pin.OUT, value=0)
        contact = pin(row["contact"], pin.IN, pin.PULL_UP)
        _lock(lock, contact)
        _doors.append((lock, contact, pin(row["bolt"], pin.IN, pin.PULL_UP), row))
    _mux, _adc = boards.make_converters(board)
    if "i2c" in board:
        row = board["i2c"]
        _i2c = machine.I2C(row["id"], scl=machine.Pin(row["scl"]), sda=machine.Pin(row["sda"]), freq=row["freq_hz"])
    _pixels = boards.make_pixels(board)


# ---- multiplexers and converters ----


def muxes():
    """Per multiplexer [address, whether it answers]; then whether a converter answers with every channel shut.

    A board whose cells hang on shelf nodes has none.
    """
    if _i2c is None:
        return [[], False]
    count = (_board["bins"] + CHANNELS - 1) // CHANNELS
    _mux.close(count)
    found = _i2c.scan()
    first = _board["mux_first"]
    return [[[address, address in found] for address in range(first, first + count)], _CONVERTER in found]


def start(bins):
    """Start converters; per bin "" or what was wrong. All are marked with their bin's number first."""
    wrong = {}
    for bin_ in bins:
        wrong[bin_] = _tried(bin_, _reset)
    time.sleep_ms(5)
    for step, wait_ms in ((_configure, 200), (_adc.calibrate, 0)):
        for bin_ in bins:
            wrong[bin_] = wrong[bin_] or _tried(bin_, step)
        time.sleep_ms(wait_ms)
    for bin_ in bins:
        wrong[bin_] = wrong[bin_] or _tried(bin_, _convert)
    time.sleep_ms(5 * _PERIOD_MS)
    return [wrong[bin_] for bin_ in bins]


def marks(bins):
    """Whose mark stands in the converter that answers for each bin; None where none answers."""
    if _i2c is None:
        return list(bins)  # a shelf node looks for itself
    found = []
    mark = bytearray(1)
    for bin_ in bins:
        try:
            _mux.select(bin_)
            _i2c.readfrom_mem_into(_CONVERTER, _MARK, mark)
            found.append(mark[0])
        except OSError:
            found.append(None)
    return found


def _tried(bin_, step):
    try:
        _mux.select(bin_)
        _adc.bin = bin_
        step()
    except OSError as error:
        return str(error) or "no answer"
    return ""


def _reset():
    _adc.reset()


def _configure():
    _wait_for(_adc.powered)
    _adc.configure()


def _wait_for(ready):
    """Until the selected converter is; a shelf node that starts it is asked again."""
    began = time.ticks_ms()
    while not ready():
        if time.ticks_diff(time.ticks_ms(), began) > _STARTED_MS_MAX:
            raise OSError("expected a converter that starts within %d ms" % _STARTED_MS_MAX)
        time.sleep_ms(_POLL_MS)
        _mux.select(_adc.bin)


def _convert():
    _wait_for(_adc.calibrated)
    _adc.convert()


def codes(bins, count):
    """`count` codes of each bin, ten a second: [codes, base, sum, sum of squares, low, high, same, jumps, silent].

    Sums are of what each code differs from `base`, the first; `same` counts codes equal to the one before, `jumps`
    those far off it, `silent` looks that found no converter.
    """
    rows = [_Row() for _ in bins]
    for _ in range(count + count // 4 + 2):  # its clock is not ours
        began = time.ticks_ms()
        for i in range(len(bins)):
            if rows[i].taken < count:
                _look(bins[i], rows[i])
        if min([row.taken for row in rows]) >= count:
            break
        time.sleep_ms(max(1, _PERIOD_MS - time.ticks_diff(time.ticks_ms(), began)))
    return [row.said() for row in rows]


class _Row:
    """What has been seen of one bin."""

    def __init__(self):
        self.taken = self.base = self.last = self.sum = self.squares = 0
        self.low = CODE_HIGH
        self.high = CODE_LOW
        self.same = self.jumps = self.silent = 0

    def take(self, code):
        if self.taken:
            self.same += code == self.last
            self.jumps += abs(code - self.last) > _JUMP
        else:
            self.base = code
        self.taken += 1
        self.last = code
        off = code - self.base
        self.sum += off
        self.squares += off * off
        self.low = min(self.low, code)
        self.high = max(self.high, code)

    def said(self):
        return [
            self.taken, self.base, self.sum, self.squares, self.low, self.high, self.same, self.jumps, self.silent,
        ]  # fmt: skip


def _look(bin_, row):
    try:
        _mux.select(bin_)
        _adc.bin = bin_
        code = _adc.read()
    except OSError:
        row.silent += 1
        return
    if code is not None:
        row.take(code)


def trace(bins, for_ms):
    """Every code of some bins as it comes: prints t_ms, bin, code, a row each, and "." at the end."""
    began = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), began) < for_ms:
        looked = time.ticks_ms()
        for bin_ in bins:
            row = _Row()
            _look(bin_, row)
            if row.taken:
                print(time.ticks_diff(time.ticks_ms(), began), bin_, row.last)
        time.sleep_ms(max(1, _PERIOD_MS - time.ticks_diff(time.ticks_ms(), looked)))
    print(".")


def temperature():
    """Of the controller, in degrees Celsius, or None: warmer than the air around it."""
    try:
        import esp32  # noqa: PLC0415 - not every board is one
    except ImportError:
        return None
    return esp32.mcu_temperature() if hasattr(esp32, "mcu_temperature") else None


# ---- lights ----


def show(rows):
    """Light some bins, [[bin, red, green, blue], ...], and no others."""
    _pixels.fill((0, 0, 0))
    for bin_, red, green, blue in rows:
        _pixels[bin_ - 1] = (red, green, blue)
    _pixels.write()


def show_in_turn(bins, each_ms):
    """Light one bin after the other, then none."""
    for bin_ in bins:
        show([[bin_, 40, 40, 40]])
        time.sleep_ms(each_ms)
    show([])


# ---- doors ----


def door(index):
    """[whether the contact says open, whether the bolt says latched]."""
    _, contact, bolt, _ = _doors[index]
    return [bool(contact.value()), not bolt.value()]


def _lock(lock, contact):
    """The coil as it is while nobody opens: off, or, of a fail-safe lock on a shut door, on."""
    lock.value(1 if _held and not contact.value() else 0)


def draw(index):
    """Draw a lock's bolt, or let go of it, until the door is open, or as long as its coil may be on.

    [ms until the bolt was free, until the door was open, that it took]; None: it never was.
    """
    lock, contact, bolt, row = _doors[index]
    free_ms = open_ms = None
    began = time.ticks_ms()
    try:
        lock.value(0 if _held else 1)
        on_ms = 0
        while on_ms + _POLL_MS < row["lock_ms_max"]:
            if free_ms is None and bolt.value():
                free_ms = on_ms
            if open_ms is None and contact.value():
                open_ms = on_ms
            if open_ms is not None and on_ms >= open_ms + _AFTER_OPEN_MS:
                break
            time.sleep_ms(_POLL_MS)
            on_ms = time.ticks_diff(time.ticks_ms(), began)
    finally:
        _lock(lock, contact)
    return [free_ms, open_ms, time.ticks_diff(time.ticks_ms(), began)]


def wait_door(index, open_, latched, for_ms):
    """Wait until contact and bolt (None: or not) say so: ms until each did; None: it never did."""
    lock, contact, bolt, _ = _doors[index]
    contact_ms = bolt_ms = None
    began = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), began) < for_ms:
        at_ms = time.ticks_diff(time.ticks_ms(), began)
        _lock(lock, contact)
        if contact_ms is None and bool(contact.value()) == open_:
            contact_ms = at_ms
        if bolt_ms is None and contact_ms is not None and latched in (None, not bolt.value()):
            bolt_ms = at_ms
        if bolt_ms is not None:
            break
        time.sleep_ms(_POLL_MS)
    return [contact_ms, bolt_ms]


# ---- readers ----


def badge_reader():
    """The PN532's chip and firmware, [chip, version, revision]; None when nothing answers."""
    global _uart
    from cabinet import pn532  # noqa: PLC0415 - one driver at a time is in memory

    _uart = boards.make_reader_uart(_board)
    _uart.write(b"\x55\x55" + bytes(14) + pn532.frame(b"\x14\x01\x14\x01"))
    _frames(pn532.Frames(), 300)
    reply = _asked(pn532, b"\x02", 300)
    return list(reply[1:4]) if reply and reply[0] == 3 else None


def badge(for_ms):
    """The number of the next card held to the reader, as hexadecimal digits; "" when none came."""
    from cabinet import pn532  # noqa: PLC0415

    reply = _asked(pn532, b"\x4a\x01\x00", for_ms)
    if not reply:
        _uart.write(pn532.ACK)  # it gives up
        return ""
    return pn532.uid_of(reply).hex()


def _asked(pn532, command, for_ms):
    """The reply to a command, after its acknowledgement."""
    _uart.read()
    _uart.write(pn532.frame(command))
    for found in _frames(pn532.Frames(), for_ms, 2):
        if isinstance(found, bytes):
            return found
    return None


def tag_reader():
    """What the R200 says it is; None when nothing answers."""
    global _uart
    from cabinet import r200  # noqa: PLC0415

    row = _board["tags"]
    _uart = boards._make_uart(row, 1024)
    _uart.write(r200.frame(b"\x03\x00", row["header"], row["trailer"]))
    for body in _frames(r200.Frames(row["header"], row["trailer"]), 500, 1):
        if body[1] == 3:
            return "".join([chr(byte) for byte in body[5:] if 32 <= byte < 127])
    return None


def _frames(frames, for_ms, count=1):
    """What comes over the serial line until there are `count` frames or the time is over."""
    found = []
    began = time.ticks_ms()
    while len(found) < count and time.ticks_diff(time.ticks_ms(), began) < for_ms:
        data = _uart.read()
        if data:
            found += frames.feed(data)
        else:
            time.sleep_ms(_POLL_MS)
    return found


# ---- network and clock ----


def connect(for_ms):
    """Bring the network up: its own address, "" when there was no link or no address in time."""
    lan = boards.make_network(_board)
    began = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), began) < for_ms:
        if lan.isconnected() and lan.ifconfig()[0] != "0.0.0.0":  # noqa: S104 - not an address yet
            return lan.ifconfig()[0]
        time.sleep_ms(_POLL_MS)
    return ""


def reach(host, port):
    """Connect to the gateway and hang up: "" or what was wrong."""
    import socket  # noqa: PLC0415

    line = socket.socket()
    try:
        line.connect(socket.getaddrinfo(host, port)[0][-1])
    except OSError as error:
        return str(error) or "OSError"
    finally:
        line.close()
    return ""


def clock(fields, for_ms):
    """Set the date, [year, month, day, weekday, hours, minutes, seconds, 0]: how far it goes in `for_ms`, in s."""
    rtc = machine.RTC()
    rtc.datetime(tuple(fields))
    time.sleep_ms(for_ms)
    now = rtc.datetime()
    return (now[4] * 60 + now[5]) * 60 + now[6] - (fields[4] * 60 + fields[5]) * 60 - fields[6]


# ---- flash ----


def files():
    """Every file in flash: [[path, bytes, SHA-256], ...]."""
    return _below("", [path for _, path in vfs.mount()])


def _below(folder, mounted):
    found = []
    for entry in os.ilistdir(folder or "/"):
        path = folder + "/" + entry[0]
        if entry[1] == 0x4000:
            if path not in mounted:
                found += _below(path, mounted)
        else:
            found.append([path[1:]] + _digest(path))
    return found


def _digest(path):
    import hashlib  # noqa: PLC0415

    digest = hashlib.sha256()
    length = 0
    block = bytearray(512)
    with open(path, "rb") as file:
        while True:
            count = file.readinto(block)
            if not count:
                break
            digest.update(memoryview(block)[:count])
            length += count
    return [length, digest.digest().hex()]


def romfs_bytes():
    """The length of the partition for firmware; 0 when there is none."""
    found = _romfs()
    return found.ioctl(4, 0) * _BLOCK_BYTES if found else 0


def write_block(block, data):
    """Write one block of that partition, erased first; "" or the SHA-256 of what it then reads."""
    import hashlib  # noqa: PLC0415

    partition = _romfs()
    partition.ioctl(6, block)
    partition.writeblocks(block, data, 0)
    return hashlib.sha256(_block(partition, block)).digest().hex()


def block_digests(count):
    """The SHA-256 of each of the first blocks."""
    import hashlib  # noqa: PLC0415

    partition = _romfs()
    return [hashlib.sha256(_block(partition, block)).digest().hex() for block in range(count)]


def _block(partition, block):
    data = bytearray(_BLOCK_BYTES)
    partition.readblocks(block, data, 0)
    return data


def _romfs():
    import esp32  # noqa: PLC0415 - only that family has partitions

    found = esp32.Partition.find(esp32.Partition.TYPE_DATA, label="romfs")
    return found[0] if found else None


def about():
    """The interpreter, the chip and what is free: implementation, version, build, mpy, machine, id, flash, heap."""
    import gc  # noqa: PLC0415

    gc.collect()
    how = sys.implementation
    flash = os.statvfs("/")
    return {
        "name": how[0],
        "version": ".".join([str(part) for part in how[1][:3]]),
        "build": getattr(how, "_build", ""),
        "mpy": getattr(how, "_mpy", 0) & 0xFF,
        "machine": getattr(how, "_machine", ""),
        "unique_id": machine.unique_id().hex(),
        "flash_kb": flash[0] * flash[2] // 1024,
        "free_kb": flash[0] * flash[3] // 1024,
        "heap_kb": gc.mem_free() // 1024,
    }


def remove(path):
    """Delete a file, and its folder when that was the last one."""
    os.remove(path)
    folder = path.rsplit("/", 1)[0] if "/" in path else ""
    if folder and not os.listdir(folder):
        os.rmdir(folder)


def make_folders(path):
    """Have the folders in which a file is to lie."""
    for at in range(len(path)):
        if path[at] == "/":
            try:
                os.mkdir(path[:at])
            except OSError:
                continue  # it is there


def say(value):
    """How the other end is answered."""
    print(json.dumps(value))
