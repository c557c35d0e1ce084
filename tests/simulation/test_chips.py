"""The virtual chips against their datasheets: registers, frames and levels, without any driver of ours."""

from itertools import pairwise

from tests.simulation.conftest import Run

CONVERTERS = """
import machine
from chips.i2c_bus import I2cBus
from chips.nau7802 import FAULTS, Scales

class Steady:
    def counts(self, bin_, at_us, rate_sps):
        return bin_ * 1000 - 500

    def restart(self, bin_, at_us):
        started.append((bin_, at_us // 1000))

started = []
scales = Scales(12, Steady())
bus = I2cBus(0x70, 12, scales)
machine.attach({}, {}, {0: bus}, None, 1, b"")
i2c = machine.I2C(0)

def refused(call, *arguments):
    try:
        call(*arguments)
    except OSError as error:
        return error.errno

def register(number):
    return i2c.readfrom_mem(0x2A, number, 1)[0]

def start(channel, ctrl2=0):
    i2c.writeto(0x70, bytes([1 << channel]))
    i2c.writeto_mem(0x2A, 0x00, b"\\x01")
    i2c.writeto_mem(0x2A, 0x00, b"\\x02")
    time.sleep_ms(1)
    i2c.writeto_mem(0x2A, 0x01, b"\\x2f")
    i2c.writeto_mem(0x2A, 0x02, bytes([ctrl2 | 4]))
    i2c.writeto_mem(0x2A, 0x00, b"\\x96")
"""


def test_a_multiplexer_puts_one_converter_on_the_bus(run_jumping: Run) -> None:
    lines = run_jumping(
        CONVERTERS
        + """
print(i2c.scan(), refused(i2c.readfrom_mem, 0x2A, 0, 1), refused(i2c.writeto, 0x73, b"\\x01"))
i2c.writeto(0x71, b"\\x08")
print(i2c.scan(), i2c.readfrom(0x71, 1), i2c.readfrom(0x70, 1))
i2c.writeto(0x70, b"\\x01")
print(refused(i2c.readfrom_mem, 0x2A, 0, 1))
i2c.writeto(0x71, b"\\x00")
print(refused(i2c.readfrom_mem, 0x2A, 0, 1))
i2c.writeto(0x70, b"\\x03")
print(refused(i2c.readfrom_mem, 0x2A, 0, 1))
i2c.writeto(0x71, b"\\x10")  # twelve bins: this channel is empty
i2c.writeto(0x70, b"\\x00")
print(refused(i2c.readfrom_mem, 0x2A, 0, 1))
"""
    )
    assert lines == ["[112, 113] 19 19", "[42, 112, 113] b'\\x08' b'\\x00'", "5", "None", "5", "19"]


def test_a_converter_starts_calibrates_and_converts(run_jumping: Run) -> None:
    lines = run_jumping(
        CONVERTERS
        + """
i2c.writeto(0x70, b"\\x04")
print(register(0x1F) & 15, register(0x00), register(0x07))
i2c.writeto_mem(0x2A, 0x00, b"\\x02")
print(register(0x00))
time.sleep_ms(1)
print(register(0x00))  # PUR after 200 us
start(2)
print(register(0x02) & 4)
time.sleep_ms(490)
print(register(0x02) & 4)
time.sleep_ms(20)
print(register(0x02) & 4, register(0x00) & 0x20)
time.sleep_ms(380)
print(register(0x00) & 0x20)
time.sleep_ms(20)  # the filter has settled: four conversions at 10 per second
print(register(0x00) & 0x20, i2c.readfrom_mem(0x2A, 0x12, 3), register(0x00) & 0x20)
time.sleep_ms(100)
print(register(0x00) & 0x20)
start(0)
time.sleep_ms(1000)
print(i2c.readfrom_mem(0x2A, 0x12, 3))
"""
    )
    assert lines[:3] == ["15 0 128", "2", "10"]  # bit 3 is PUR
    assert lines[3:7] == ["4", "4", "0 0", "0"]
    assert lines[7:9] == ["32 b'\\x00\\x05\\xdc' 0", "32"]  # 1500, and CR is cleared by reading it
    assert lines[9] == "b'\\xff\\xfe\\x0c'"  # -500 in two's complement


def test_the_rate_and_the_gain_are_those_of_the_registers(run_jumping: Run) -> None:
    lines = run_jumping(
        CONVERTERS
        + """
for crs, sps in ((0, 10), (1, 20), (2, 40), (3, 80), (7, 320)):
    start(3, crs << 4)
    time.sleep_ms(1000)
    ready = 0
    i2c.readfrom_mem(0x2A, 0x12, 3)
    for _ in range(2000):
        time.sleep_us(500)
        if register(0x00) & 0x20:
            ready += 1
            i2c.readfrom_mem(0x2A, 0x12, 3)
    print(sps, ready)
i2c.writeto_mem(0x2A, 0x01, b"\\x2e")
time.sleep_ms(1000)
print(i2c.readfrom_mem(0x2A, 0x12, 3))
"""
    )
    for line in lines[:5]:
        expected, found = map(int, line.split())
        assert abs(expected - found) <= 1
    assert lines[5] == "b'\\x00\\x04\\xe2'"  # 2500 at gain 128 is 1250 at gain 64


def test_faults_of_a_converter(run_jumping: Run) -> None:
    lines = run_jumping(
        CONVERTERS
        + """
start(5)
time.sleep_ms(1000)
scales.fault(5, FAULTS["saturated"])
time.sleep_ms(200)
print(i2c.readfrom_mem(0x2A, 0x12, 3))
scales.fault(5, FAULTS["stuck"])
time.sleep_ms(200)
print(register(0) & 0x20, i2c.readfrom_mem(0x2A, 0x12, 3))
scales.fault(5, FAULTS["nack"])
print(refused(register, 0), i2c.scan())
scales.fault(5, FAULTS["well"])
time.sleep_ms(200)
print(i2c.readfrom_mem(0x2A, 0x12, 3))
"""
    )
    assert lines == ["b'\\x7f\\xff\\xff'", "32 b'\\x7f\\xff\\xff'", "19 [112, 113]", "b'\\x00\\x11\\x94'"]


def test_a_cell_is_told_when_its_front_end_was_calibrated(run_jumping: Run) -> None:
    lines = run_jumping(
        CONVERTERS
        + """
start(5)
time.sleep_ms(400)
register(0)
print(started)
time.sleep_ms(200)
register(0)
register(0)
print(started)
start(5)
time.sleep_ms(600)
register(0)
print(started)
"""
    )
    assert lines[0] == "[]"  # calibrating takes five conversions: 500 ms
    assert [bin_ for bin_, _ in eval(lines[1])] == [5]  # noqa: S307 - our own print
    assert [bin_ for bin_, _ in eval(lines[2])] == [5, 5]  # noqa: S307


def test_an_open_wire_is_at_the_lower_rail_or_adrift(run_jumping: Run) -> None:
    lines = run_jumping(
        CONVERTERS
        + """
start(5)
time.sleep_ms(1000)
scales.fault(5, FAULTS["open_rail"])
time.sleep_ms(200)
print(i2c.readfrom_mem(0x2A, 0x12, 3))
scales.fault(5, FAULTS["open_wander"])
codes = []
for _ in range(300):
    time.sleep_ms(100)
    code = int.from_bytes(i2c.readfrom_mem(0x2A, 0x12, 3), "big")
    codes.append(code - 0x1000000 if code & 0x800000 else code)
print(codes)
scales.fault(5, FAULTS["well"])
time.sleep_ms(200)
print(i2c.readfrom_mem(0x2A, 0x12, 3))
"""
    )
    assert (lines[0], lines[2]) == ("b'\\x80\\x00\\x00'", "b'\\x00\\x11\\x94'")
    codes = eval(lines[1])  # noqa: S307 - our own print
    steps = [abs(b - a) for a, b in pairwise(codes)]
    assert max(codes) - min(codes) > 2_000_000
    assert max(steps) <= 400_000
    assert sum(steps) / len(steps) > 100_000  # never quiet


def test_a_hung_multiplexer_shows_one_bin_for_all_of_its_own(run_jumping: Run) -> None:
    lines = run_jumping(
        CONVERTERS
        + """
for channel in (2, 6):
    start(channel)
time.sleep_ms(1000)
def code(address, mask):
    i2c.writeto(0x70, b"\\x00")
    i2c.writeto(0x71, b"\\x00")
    i2c.writeto(address, bytes([mask]))
    return i2c.readfrom_mem(0x2A, 0x12, 3)[2]
print(code(0x70, 1 << 2), code(0x70, 1 << 6))
bus.stick(2, True)
print(code(0x70, 1 << 2), code(0x70, 1 << 6), refused(code, 0x71, 1))
bus.stick(5, False)  # another bin's being well mends nothing
print(code(0x70, 1 << 6))
bus.stick(2, False)
print(code(0x70, 1 << 2), code(0x70, 1 << 6))
"""
    )
    assert lines == ["220 124", "220 220 5", "220", "220 124"]  # 1500 and 5500 by their lowest bytes


def test_two_cells_that_are_swapped_weigh_for_each_other(run_jumping: Run) -> None:
    lines = run_jumping(
        CONVERTERS
        + """
def codes(*channels):
    found = []
    for channel in channels:
        i2c.writeto(0x70, bytes([1 << channel]))
        time.sleep_ms(200)
        found.append(int.from_bytes(i2c.readfrom_mem(0x2A, 0x12, 3), "big"))
    return found
for channel in (2, 3):
    start(channel)
    time.sleep_ms(1000)
print(codes(2, 3))
scales.fault(2, FAULTS["swapped"])
print(codes(2, 3))
scales.fault(2, FAULTS["swapped"])
print(codes(2, 3))
scales.fault(2, FAULTS["stuck"])
scales.fault(2, FAULTS["well"])
print(codes(2, 3))
"""
    )
    assert lines == ["[1500, 2500]", "[2500, 1500]", "[2500, 1500]", "[1500, 2500]"]


READER = """
from binascii import hexlify, unhexlify
from chips.pn532 import Pn532
import machine
chip = Pn532()
machine.attach({}, {1: chip}, {}, None, 1, b"")
uart = machine.UART(1, 115200)

def said():
    time.sleep_ms(50)
    return hexlify(uart.read() or b"").decode()

def send(text):
    uart.write(unhexlify(text.replace(" ", "")))
    return said()

LIST = "0000FF 04FC D44A0100 E100"
send("5555" + "00" * 14)
"""


def test_reader_answers_with_the_manuals_frames(run_jumping: Run) -> None:
    lines = run_jumping(
        READER.replace('send("5555" + "00" * 14)', "")
        + """
print(send("0000FF 02FE D402 2A00"))  # asleep
print(send("5555" + "00" * 14 + "0000FF 05FB D4140114 01 0200"))
print(send("0000FF 02FE D402 2A00"))
print(send("0000FF 02FE D402 2B00"))  # wrong checksum
"""
    )
    ack = "0000ff00ff00"
    assert lines == [
        "",
        ack + "0000ff02fed5151600",
        ack + "0000ff06fad50332010607e800",
        "0000ff01ff7f8100",
    ]


def test_reader_is_silent_until_a_card_comes(run_jumping: Run) -> None:
    lines = run_jumping(
        READER
        + """
print(send(LIST), said())
chip.present(b"\\xa1\\xb2\\xc3\\xd4")
print(said(), said())
chip.take_away()
print(send(LIST))
uart.write(unhexlify("0000FF00FF00"))  # the host gives up
chip.present(b"\\x04\\xa1\\xb2\\xc3\\xd4\\xe5\\xf6")
print(said() == "")
print(send(LIST))
chip.present(b"\\xa1\\xb2\\xc3\\xd4", True)
print(send(LIST))
"""
    )
    ack = "0000ff00ff00"
    four = "0000ff0cf4d54b010100040804a1b2c3d4"
    assert lines[0] == ack + " "
    assert lines[1] == four + checksum(four) + "00 "
    assert lines[2] == ack
    assert lines[3] == "True"
    seven = "0000ff0ff1d54b010100440007" + "04a1b2c3d4e5f6"
    assert lines[4] == ack + seven + checksum(seven) + "00"
    assert lines[5].startswith(ack + "0000ff1ce4d54b010100042804a1b2c3d410788090")


def checksum(frame: str) -> str:
    """DCS of a frame's bytes after LCS, in hex."""
    return f"{-sum(bytes.fromhex(frame)[5:]) & 0xFF:02x}"


def test_a_door_obeys_its_coil_and_hands(run_jumping: Run) -> None:
    lines = run_jumping(
        """
import machine
from chips.door import Door
door = Door(1, lambda *told: print(*told))
machine.attach(door.nets(4, 5, 6), {}, {}, None, 1, b"")
lock, contact, bolt = machine.Pin(4, machine.Pin.OUT), machine.Pin(5), machine.Pin(6)
print(contact.value(), bolt.value(), door.pull())
lock.value(1)
time.sleep_ms(40)
print(bolt.value(), door.pull())
time.sleep_ms(20)
print(bolt.value(), door.pull(), contact.value())
lock.value(0)
time.sleep_ms(100)
print(contact.value(), bolt.value())
door.shut()
print(contact.value(), bolt.value())
lock.value(1)
time.sleep_ms(60)
door.pull()
lock.value(0)
door.shut(False)
time.sleep_ms(100)
print(contact.value(), bolt.value(), door.pull())
door.shut()
door.force()
print(contact.value(), bolt.value())
"""
    )
    states = [line for line in lines if line[0].isdigit()]
    assert states == ["0 0 False", "0 False", "1 True 1", "1 1", "0 0", "0 1 True", "1 1"]
    assert lines.count("lock 1 1") == 2


def test_the_watchdog_bites_only_when_hungry(run_jumping: Run) -> None:
    lines = run_jumping(
        """
import machine
def reset(how):
    print(how, time.ticks_ms())
    raise SystemExit
machine.attach({}, {}, {}, reset, 1, b"")
dog = machine.WDT(timeout=8000)
for _ in range(4):
    time.sleep_ms(7000)
    dog.feed()
print("fed")
time.sleep_ms(8100)
"""
    )
    assert lines[0] == "fed"
    how, at_ms = lines[1].split()
    assert how == "watchdog"
    assert 36000 <= int(at_ms) <= 36002


def test_pixels_tell_what_changed(run_jumping: Run) -> None:
    lines = run_jumping(
        """
import machine, neopixel
from chips.lights import Lights
machine.attach({21: Lights(3, lambda *told: print(*told))}, {}, {}, None, 1, b"")
pixels = neopixel.NeoPixel(machine.Pin(21, machine.Pin.OUT), 3)
pixels[1] = (1, 2, 3)
pixels.write()
pixels.write()
print(pixels[1], bytes(pixels.buf[3:6]))
pixels.fill((0, 0, 0))
pixels.write()
"""
    )
    assert lines == ["light 2 1 2 3", "(1, 2, 3) b'\\x02\\x01\\x03'", "light 2 0 0 0"]  # green goes first
