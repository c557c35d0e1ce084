"""Runs under MicroPython: asks each of several time services for the date, on a board whose calendar stands at 2000.

Arguments: firmware folder, access key in hex, ports; one with a + before it is asked while the calendar has a date.
Writes a line for each: the year the calendar shows then, and what was the matter.
"""

import asyncio
import sys
import time

sys.path.insert(0, sys.argv[1])


class RTC:
    """The chip's calendar."""

    fields = (2000, 1, 1, 5, 0, 0, 0, 0)

    def datetime(self, fields=None):
        if fields is None:
            return RTC.fields
        RTC.fields = fields
        return None


class _Machine:
    pass


_Machine.RTC = RTC
sys.modules["machine"] = _Machine

from cabinet import date  # noqa: E402 - it wants a board

date.ANSWER_MS = 3000  # a machine with much to do may hold the right answer up


async def ask(port, doubtful):
    settings = {"cabinet": "cab-1", "broker_host": "127.0.0.1", "time_port": port}
    settings["access_key"] = bytes.fromhex(sys.argv[2])
    RTC.fields = (2027 if doubtful else 2000, 1, 1, 5, 0, 0, 0, 0)
    trouble = ""
    try:
        await date.have(settings, doubtful)
    except OSError as error:
        trouble = str(error)
    year, month, day, weekday, hour, minute, second, _ = RTC.fields
    stamp = time.mktime((year, month, day, hour, minute, second, 0, 0))
    sys.stdout.write(f"{year} {weekday} {stamp} {trouble}\n")


async def main():
    for word in sys.argv[3:]:
        await ask(int(word.lstrip("+")), word.startswith("+"))


asyncio.run(main())
