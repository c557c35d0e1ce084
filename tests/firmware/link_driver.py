"""Runs under MicroPython: a journal and the real link, with an event every few milliseconds, for tests of the link.

Arguments: firmware folder, flash folder, a file of settings in JSON, events to append, milliseconds between them,
milliseconds that the broker may take for an answer (a machine with much to do may hold a broker up for seconds), and
milliseconds that acknowledgements may stand still. Writes a line of JSON whenever its state has changed. Waits are
short, so that a test of an outage takes no minute.
"""

import asyncio
import gc
import json
import os
import sys

sys.path.insert(0, sys.argv[1])

from cabinet import link, wire
from cabinet.journal import Journal

link.RETRY_MS_MIN = int(sys.argv[7])
link.RETRY_MS_MAX = 4 * link.RETRY_MS_MIN
link.FIRST_ACK_MS = 500
link.BACKOFF_MS_MIN = 40
link.BACKOFF_MS_MAX = 200
link.PING_MS = 300
link.ANSWER_MS = int(sys.argv[6])


def body(number):
    """Chinese text and a length that varies, to have what a journal has."""
    return {
        "kind": "command_done",
        "boot": 1,
        "up_ms": number,
        "id": f"c{number}",
        "result": "done",
        "detail": "货柜" * (number % 16),
    }


class Counting:
    """Receives a message in pieces and keeps its length."""

    def __init__(self, driver):
        self._driver = driver
        self._length = 0

    def write(self, data):
        self._length += len(data)
        self._driver.piece_max = max(self._driver.piece_max, len(data))

    def end(self):
        self._driver.messages.append(["config", self._length])

    def abandon(self):
        self._driver.abandoned += 1


class Driver:
    """What the controller is to the link, cut down to what a test looks at."""

    def __init__(self, directory, settings, events):
        os.chdir(directory)
        self.events = events
        self.messages = []
        self.piece_max = 0
        self.abandoned = 0
        self.heap_free_min = gc.mem_free()
        self.journal = Journal("journal", settings["cabinet"], 400000, 4000)
        self.journal.snapshot = lambda: {"session": 0}
        self.journal.open(lambda snapshot: None, lambda seq, event: None)
        self.link = link.Link(settings, self.journal, self.on_message, boot=3)
        self.link.on_online = self.on_online
        self.link.receivers["config"] = lambda: Counting(self)

    def on_message(self, leaf, payload):
        if leaf == "command":
            wire.decode_command(payload)
        self.messages.append([leaf, len(payload)])

    def on_online(self):
        health = {field[0]: 0 for field in wire.fields("health") if field[1] == wire.INT and field[0] != "v"}
        health.update({"boot": 3, "epoch": self.journal.epoch, "firmware": "test", "reset_cause": "soft"})
        health["journal_first"] = self.journal.first
        self.link.publish("health", wire.encode("health", health))

    async def append_all(self, pause_ms):
        while self.journal.last < self.events:
            self.journal.append(body(self.journal.last + 1))
            self.link.wake()
            await asyncio.sleep_ms(pause_ms)

    async def report(self):
        said = None
        while True:
            one = self.link
            gc.collect()
            self.heap_free_min = min(self.heap_free_min, gc.mem_free())
            now = {
                "online": one.online,
                "connects": one.connects,
                "refused": one.refused,
                "trouble": one.trouble,
                "last": self.journal.last,
                "through": self.journal.through,
                "epoch": self.journal.epoch,
                "messages": self.messages,
                "piece_max": self.piece_max,
                "abandoned": self.abandoned,
            }
            text = json.dumps(now)
            if text != said:
                said = text
                now["heap_free_min"] = self.heap_free_min
                sys.stdout.write(json.dumps(now) + "\n")
            await asyncio.sleep_ms(20)


def read_settings(path):
    with open(path) as file:  # noqa: PTH123 - this runs under MicroPython
        settings = json.load(file)
    settings["access_key"] = bytes.fromhex(settings["access_key"])
    return settings


async def main():
    driver = Driver(sys.argv[2], read_settings(sys.argv[3]), int(sys.argv[4]))
    await asyncio.gather(driver.report(), driver.append_all(int(sys.argv[5])), driver.link.run())


asyncio.run(main())
