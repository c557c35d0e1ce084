"""`machine` as an ESP32 has it, with virtual chips behind its pins and buses.

`attach` says what hangs where; without it every pin is free and every bus empty. Nothing here knows a chip.
"""

import time

import virtual_asyncio
import virtual_time

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
SOFT_RESET = 5

_nets = {}  # pin number -> what hangs on it: level() and drive(value)
_lines = {}  # UART number -> the chip at its other end
_buses = {}  # I2C number -> bus
_reset = None
_reset_cause = PWRON_RESET
_unique_id = b"\x00\x00\x00\x00\x00\x00"


def attach(nets, lines, buses, reset, reset_cause, unique_id):
    """Wire the board up. `reset(how)` cuts and restores the power and does not return."""
    global _nets, _lines, _buses, _reset, _reset_cause, _unique_id
    _nets = nets
    _lines = lines
    _buses = buses
    _reset = reset
    _reset_cause = reset_cause
    _unique_id = unique_id


def unique_id():
    return _unique_id


def reset_cause():
    return _reset_cause


def reset():
    _reset("hard")


def soft_reset():
    _reset("soft")


def freq(*_):
    return 240000000


def idle():
    pass


class FreePin:
    """A pin on which nothing hangs: it reads what drives it, or its own pull."""

    def __init__(self):
        self._level = 0
        self.on_change = None

    def level(self):
        return self._level

    def drive(self, value):
        changed = value != self._level
        self._level = value
        if changed and self.on_change is not None:
            self.on_change(value)


class Pin:
    """One pin. An interrupt calls its handler at once: here no code is under way that it could break into."""

    IRQ_RISING = 1
    IRQ_FALLING = 2
    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2

    def __init__(self, number, mode=-1, pull=-1, value=None):
        self.number = number
        if number not in _nets:
            _nets[number] = FreePin()
            if pull == Pin.PULL_UP:
                _nets[number].drive(1)
        self._net = _nets[number]
        self.init(mode, pull, value)

    def init(self, mode=-1, pull=-1, value=None):
        if value is not None:
            self._net.drive(1 if value else 0)

    def value(self, value=None):
        if value is None:
            return self._net.level()
        return self._net.drive(1 if value else 0)

    __call__ = value

    def irq(self, handler, trigger=3):
        """Have `handler(pin)` called at each edge that `trigger` names."""
        self._handler = handler
        self._trigger = trigger
        self._net.on_change = self._change

    def _change(self, level):
        if self._trigger & (Pin.IRQ_RISING if level else Pin.IRQ_FALLING):
            self._handler(self)

    def on(self):
        self._net.drive(1)

    def off(self):
        self._net.drive(0)


class I2C:
    """The hardware controller: `OSError(19)` when nobody answers, as the ESP32 port raises it."""

    def __init__(self, number, scl=None, sda=None, freq=400000, timeout=50000):
        if number not in _buses:
            raise ValueError("expected an I2C bus of the board, found %r" % number)
        bus = self._bus = _buses[number]
        self.readfrom_mem_into = bus.readfrom_mem_into
        self.readfrom_into = bus.readfrom_into
        self.writeto = bus.writeto
        self.writeto_mem = bus.writeto_mem

    def scan(self):
        return [address for address in range(8, 120) if self._bus.answers(address)]

    def readfrom(self, address, count, stop=True):
        buffer = bytearray(count)
        self._bus.readfrom_into(address, buffer)
        return bytes(buffer)

    def readfrom_mem(self, address, register, count):
        buffer = bytearray(count)
        self._bus.readfrom_mem_into(address, register, buffer)
        return bytes(buffer)


class SPI:
    """Only carried to `network.LAN`: the virtual Ethernet chip needs no bytes."""

    def __init__(self, number, baudrate=1000000, **pins):
        self.number = number


class UART(virtual_asyncio.InProcessStream):
    """A serial line; the chip at the other end hands its bytes to `arrive`."""

    def __init__(self, number, baudrate=9600, **settings):
        if number not in _lines:
            raise ValueError("expected a UART of the board, found %r" % number)
        self._chip = _lines[number]
        self._received = bytearray()
        self.init(baudrate, **settings)
        self._chip.connect(self.arrive)

    def init(self, baudrate=9600, **settings):
        self.baudrate = baudrate

    def deinit(self):
        self._chip.connect(None)

    def arrive(self, data):
        self._received += data
        self.wake()

    def ready(self, events):
        return events if self._received else events & ~1  # 1: POLLIN; there is always room to write

    def any(self):
        return len(self._received)

    def read(self, count=-1):
        if not self._received:
            return None
        if count < 0:
            count = len(self._received)
        data = bytes(self._received[:count])
        self._received = self._received[count:]
        return data

    def readinto(self, buffer, count=-1):
        data = self.read(len(buffer) if count < 0 else count)
        if data is None:
            return None
        buffer[: len(data)] = data
        return len(data)

    def write(self, data):
        self._chip.receive(data, self.baudrate)
        return len(data)


class WDT:
    """The watchdog: once made it cannot be stopped, and resets when it is not fed in time."""

    running_ms = 0  # of the one that was made

    def __init__(self, id=0, timeout=5000):
        WDT.running_ms = timeout
        self._timeout_us = timeout * 1000
        self.feed()

    def feed(self):
        # A date beside the agenda: what is put off all the time, and never comes, costs no entry and no wake-up.
        virtual_time.agenda.set_alarm(virtual_time.clock.now_us() + self._timeout_us, self._bite)

    def _bite(self):
        _reset("watchdog")


class Timer:
    """A hardware timer, one for each number; its callback breaks in wherever this controller waits."""

    ONE_SHOT = 0
    PERIODIC = 1
    _dues = {}

    def __init__(self, id=-1, **settings):
        self._number = id
        if settings:
            self.init(**settings)

    def init(self, mode=PERIODIC, period=-1, callback=None):
        self.deinit()
        self._periodic = mode == Timer.PERIODIC
        self._period_ms = period
        self._callback = callback
        self._dues[self._number] = virtual_time.after_ms(period, self._ring)

    def deinit(self):
        due = self._dues.pop(self._number, None)
        if due is not None:
            virtual_time.agenda.drop(due)

    def _ring(self):
        self._dues.pop(self._number, None)
        if self._periodic:
            self._dues[self._number] = virtual_time.after_ms(self._period_ms, self._ring)
        self._callback(self)


def keep_date(utc_s):
    """A battery kept the calendar going: it is so many seconds after 1970 now."""
    RTC._set_s = utc_s - 946684800 - time.time()


class RTC:
    """The calendar in the chip: it goes while there is power, and begins at 2000 where no battery kept it going."""

    _set_s = 0  # seconds between the calendar and the time since power-on

    def datetime(self, fields=None):
        if fields is None:
            year, month, day, hour, minute, second, weekday = time.gmtime(time.time() + RTC._set_s)[:7]
            return (year, month, day, weekday, hour, minute, second, 0)
        year, month, day, _, hour, minute, second, _ = fields
        RTC._set_s = time.mktime((year, month, day, hour, minute, second, 0, 0)) - time.time()
        return None
