"""A shelf node and its controller on one line, byte by byte: its loop, its converters, what the controller sees."""

from cabinet import modbus, shelves
from cabinet import shelf_registers as at
from cabinet.nau7802 import Nau7802
from cabinet.shelves import Shelves
from cabinet.tca9548a import Tca9548a
from cabinet_bench import Clock, Converters
from shelf_node import server as server_module
from shelf_node import shelf as shelf_module
from shelf_node.node import Node, address_of
from shelf_node.server import Registers, Server
from shelf_node.shelf import Shelf

BAUD = 500000


class Time:
    """Ticks that stand still until somebody sleeps, or the test moves them."""

    def __init__(self, clock):
        self.clock = clock
        self.us = 0
        self.on_sleep = None

    def move(self, ms):
        self.us += ms * 1000
        self.clock.now_ms += ms

    def ticks_us(self):
        return self.us

    def ticks_ms(self):
        return self.us // 1000

    def ticks_add(self, ticks, delta):
        return ticks + delta

    def ticks_diff(self, end, start):
        return end - start

    def sleep_us(self, us):
        for _ in range(us // 100):
            self.us += 100
            self.clock.now_ms = self.us // 1000
            if self.on_sleep:
                self.on_sleep()

    def sleep_ms(self, ms):
        self.sleep_us(1000 * ms)


class Pin:
    def __init__(self, level=0):
        self.level = level

    def value(self, level=None):
        if level is None:
            return self.level
        self.level = level
        return None


class Uart:
    """One end of the line; what is written while its pin lets it talk arrives at `other`."""

    def __init__(self, de):
        self.de = de
        self.received = b""
        self.other = None
        self.garble = None

    def read(self):
        data, self.received = self.received, b""
        return data or None

    def write(self, data):
        if self.de.level:
            self.other.received += self.garble(data) if self.garble else data


class Line:
    """A controller's end, and one node with converters of its own."""

    def __init__(self, address=1):
        self.clock = Clock()
        self.time = Time(self.clock)
        for module in (modbus, shelves, server_module, shelf_module, __import__("shelf_node.node").node):
            module.time = self.time
        self.converters = Converters(self.clock, 8)
        self.de, self.node_de = Pin(), Pin()
        self.uart, self.node_uart = Uart(self.de), Uart(self.node_de)
        self.uart.other, self.node_uart.other = self.node_uart, self.uart
        self.shelf = Shelf(Tca9548a(self.converters, 0x70), Nau7802(self.converters))
        self.registers = Registers(self.shelf, address)
        self.node = Node(
            self.node_uart, self.node_de, BAUD, Server(address, self.registers), self.shelf, self.registers
        )
        self.time.on_sleep = self.node.step
        self.shelves = Shelves(self.uart, self.de, 1, BAUD)

    def live(self, ms):
        for _ in range(ms):
            self.time.move(1)
            self.node.step()

    def started(self):
        for bin_ in range(1, 9):
            self.shelves.select(bin_)
            self.shelves.reset()
        self.live(50)
        self.shelves.select(1)  # tells the node
        self.live(2500)
        return self

    def codes(self):
        """What each bin gives: a code, None, or the sentence of its refusal."""
        found = []
        for bin_ in range(1, 9):
            try:
                self.shelves.select(bin_)
                self.shelves.bin = bin_
                found.append(self.shelves.read())
            except OSError as error:
                found.append(str(error))
        return found


def test_codes_of_all_bins_come_once_each():
    line = Line().started()
    first = line.codes()
    assert [round((code - 50000) / 1000) for code in first] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert line.codes() == [None] * 8  # of the same fetch, and counted
    line.live(250)
    again = line.codes()
    assert [abs(again[i] - first[i]) in (0, 120) for i in range(8)] == [True] * 8  # by turns plus and minus 60
    assert line.de.level == line.node_de.level == 0
    line.converters.codes[4] = -0x800000
    line.converters.noise = 0
    line.live(250)
    assert line.codes()[3] == -0x800000


def test_a_node_that_has_started_anew_is_no_converter_until_it_is_asked_to_start():
    line = Line()
    assert line.codes() == ["expected a converter that converts, found one that was not started"] * 8
    line.started()
    assert line.codes()[0] is not None


def test_a_silent_converter_is_named_and_starts_again_when_it_is_well():
    line = Line().started()
    line.converters.fault[5] = "nack"
    line.live(600)
    found = line.codes()
    assert found[4] == "expected converter 5 of node 1 to answer, found it silent"
    assert found[3] is not None
    del line.converters.fault[5]
    line.shelves.select(5)
    line.shelves.reset()
    line.live(100)
    line.shelves.select(1)
    line.live(2500)
    assert not isinstance(line.codes()[4], str)


def test_a_converter_that_stops_gives_no_code_and_one_at_a_rail_its_rail():
    line = Line().started()
    line.codes()
    line.converters.fault[1] = "stuck"
    line.converters.fault[2] = "high"
    line.live(300)
    found = line.codes()
    assert found[0] is None
    assert found[1] == 0x7FFFFF


def test_a_garbled_or_missing_answer_is_waited_for_once_a_scan():
    line = Line().started()
    for garble in (
        lambda data: data[:-1],
        lambda data: b"\x02" + data[1:],
        lambda data: data[:9] + b"\xff" + data[10:],
        lambda data: b"",
    ):
        line.node_uart.garble = garble
        line.live(100)
        before_ms = line.time.ticks_ms()
        assert line.codes() == ["expected an answer of node 1, found none"] * 8
        assert line.time.ticks_ms() - before_ms < 30
    line.node_uart.garble = None
    line.live(100)
    assert None not in line.codes()


def test_a_node_that_no_longer_looks_gives_no_codes():
    line = Line().started()
    line.codes()
    line.shelf.visit = lambda: None
    line.shelf._sequence[0] += 1
    line.live(1500)
    assert line.codes() == [None] * 8


def test_a_node_counts_what_is_not_whole_and_says_who_it_is():
    line = Line(3)
    line.de.value(1)
    for request in (b"\x03\x04\x00", modbus.request(4, 4, 0, 1), modbus.request(3, 4, at.IDENTITY, at.IDENTITY_COUNT)):
        line.uart.write(request)
        line.live(10)
    asked = modbus.request(3, 4, at.IDENTITY, at.IDENTITY_COUNT)
    got = line.uart.read()
    modbus.check_answer(got, asked)
    assert [modbus.register(got, number) for number in range(6)] == [at.MAGIC, at.MAP_VERSION, 8, 3, 0, 1]
    assert address_of([Pin(1), Pin(0), Pin(1)]) == 3
    assert Registers(line.shelf, 3).write(at.START, 256) is False
