"""The end of the program: whatever fails, no lock coil stays on until the watchdog bites."""

import asyncio
import sys
import time

for name in ("machine", "neopixel", "network"):  # the board's own modules; nothing here uses them
    sys.modules.setdefault(name, sys)

from cabinet import board, controller  # noqa: E402
from cabinet.door import Door  # noqa: E402
from cabinet_bench import Pin  # noqa: E402


class Clock:
    def up_ms(self):
        return time.ticks_ms()


class TwoDoors(controller.Controller):
    """A controller of nothing but two doors, that fails while both coils are on."""

    locks = (Pin(), Pin())

    def __init__(self, board, settings):
        self._doors = [Door(number, self.locks[number - 1], Pin(), Pin(), 60000) for number in (1, 2)]

    def begin(self):
        pass

    async def run(self):
        for door in self._doors:
            door.unlock(Clock())
        while not (self.locks[0].level and self.locks[1].level):
            await asyncio.sleep_ms(5)
        raise KeyError("a part of the firmware")


def test_a_program_that_fails_lets_go_of_every_coil():
    board.read_board = board.read_settings = lambda path: {}
    controller.Controller = TwoDoors
    try:
        controller.run()
    except KeyError:
        assert [lock.level for lock in TwoDoors.locks] == [0, 0]
    else:
        raise AssertionError("expected the failure to be told")
