"""The shelf node: makes its parts from `board.json` and runs them, for ever.

One loop, no tasks: bytes, an answer when the line has fallen silent, a visit to a converter when one is due. Its
address is 1 plus what the address pins read, each a jumper to ground.
"""

import json
import time

import machine
from cabinet import modbus
from cabinet import shelf_registers as at
from cabinet.nau7802 import Nau7802
from cabinet.tca9548a import Tca9548a

from shelf_node.server import Registers, Server
from shelf_node.shelf import Shelf

_VISIT_MS = 12  # from one converter to the next: eight in less than a conversion's 100 ms
_LOOK_US = 100
_UNWATCHED_MS = 10000  # after a start: whoever renews its files must be able to stop it
_I2C_TIMEOUT_US = 2000  # a bus that hangs must not keep the line waiting


class Node:
    """One shelf node; `step` does what is due and returns."""

    def __init__(self, uart, de, baud: int, server, shelf, registers):
        self._uart = uart
        self._de = de
        self._baud = baud
        self._server = server
        self._shelf = shelf
        self._registers = registers
        self._heard_us = time.ticks_us()
        self._visit_ms = time.ticks_ms()
        self._hears = False

    def step(self) -> None:
        """Take what has come, answer when it has ended, visit a converter when that is due."""
        data = self._uart.read()
        now_us = time.ticks_us()
        if data:
            self._server.take(data)
            self._heard_us = now_us
            self._hears = True
        elif self._hears:
            if time.ticks_diff(now_us, self._heard_us) >= modbus.SILENCE_US:
                self._hears = False
                self._say(self._server.answer())
        elif time.ticks_diff(time.ticks_ms(), self._visit_ms) >= _VISIT_MS:
            self._visit_ms = time.ticks_ms()
            self._shelf.visit()
            self._registers.tick()

    def _say(self, frame):
        if frame is not None:
            modbus.send(self._uart, self._de, frame, self._baud)


def address_of(pins) -> int:
    """The node's address by its jumpers: one to ground counts, the first pin is the lowest bit."""
    address = 1
    for number in range(len(pins)):
        address += (1 - pins[number].value()) << number
    return address


def make_node(board: dict) -> Node:
    """The node of a board file."""
    pin = machine.Pin
    row = board["rs485"]
    de = pin(row["de"], pin.OUT, value=0)  # first of all: the line is the others'
    uart = machine.UART(row["uart"], baudrate=row["baud"], tx=pin(row["tx"]), rx=pin(row["rx"]), timeout=0, rxbuf=512)
    bus = board["i2c"]
    i2c = machine.I2C(bus["id"], scl=pin(bus["scl"]), sda=pin(bus["sda"]), freq=bus["freq_hz"], timeout=_I2C_TIMEOUT_US)
    mux = Tca9548a(i2c, board["mux_first"])
    mux.close(1)
    shelf = Shelf(mux, Nau7802(i2c))
    address = address_of([pin(number, pin.IN, pin.PULL_UP) for number in board["address_pins"]])
    registers = Registers(shelf, address)
    return Node(uart, de, row["baud"], Server(address, registers), shelf, registers)


def run() -> None:
    """Run the node of this board."""
    with open("board.json") as file:
        board = json.load(file)
    if board["bins"] != at.BINS:
        raise ValueError("expected %d bins in board.json, found %r" % (at.BINS, board["bins"]))
    node = make_node(board)
    watchdog = None
    started_ms = time.ticks_ms()
    while True:
        node.step()
        if watchdog is not None:
            watchdog.feed()
        elif time.ticks_diff(time.ticks_ms(), started_ms) > _UNWATCHED_MS:
            watchdog = machine.WDT(timeout=board["watchdog_ms"])
        time.sleep_us(_LOOK_US)
