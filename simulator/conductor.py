"""The conductor: owns virtual time, and lets whoever is next have it.

Controllers run the real firmware in interpreters of their own, each in lockstep over one socket; the gateway, the
cloud, the network and the people are tasks on the loop of `virtual_loop`. Only one of them ever runs at a time. A
controller is granted time up to the next thing that could reach it; it says so when it waits beyond that, or has
something to say. Nothing here knows what anybody says.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from simulator.virtual_loop import StuckError, VirtualLoop, without_threads

Result = TypeVar("Result")

_FAR_US = 3_600_000_000  # granted where nothing else is waited for


class Player(Protocol):
    """A controller in lockstep."""

    until_us: int

    def play(self, now_us: int, granted_us: int) -> int | None:
        """Be at `now_us`, with time up to `granted_us`; blocks until it waits again. When it said something, if so."""
        ...

    def hear(self) -> None:
        """Have what it said come out; time is what `play` returned."""
        ...


class Conductor:
    """Virtual microseconds since the run began, and who waits until when."""

    def __init__(self) -> None:
        self.now_us = 0
        self.players: list[Player] = []
        self.exchanges = 0
        self.loop = VirtualLoop(self)
        self.after_step: Callable[[], None] = lambda: None  # called whenever everything has run that was due

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run `work` to its end in virtual time."""
        asyncio.set_event_loop(self.loop)
        try:
            with without_threads():
                try:
                    return self.loop.run_until_complete(work)
                finally:
                    self._end_tasks()
        finally:
            asyncio.set_event_loop(None)

    def _end_tasks(self) -> None:
        """What still waits is cancelled, as `asyncio.run` does it."""
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))

    def close(self) -> None:
        """Give the loop back."""
        self.loop.close()

    def pass_time(self, until_us: int | None) -> None:
        """Let controllers play until the loop has something to do, at `until_us` at the latest."""
        self.after_step()
        while not self.loop.has_work:
            player = min(self.players, key=lambda one: one.until_us, default=None)
            if player is None or (until_us is not None and player.until_us >= until_us):
                if until_us is None:
                    raise StuckError("expected something to wait for, found nothing that will ever happen")
                self.now_us = max(self.now_us, until_us)
                return
            if self._play(player, until_us):
                return

    def _play(self, player: Player, until_us: int | None) -> bool:
        """Let one controller have the time that nobody can disturb; whether it said something."""
        limits = [other.until_us for other in self.players if other is not player]
        if until_us is not None:
            limits.append(until_us)
        self.now_us = max(self.now_us, player.until_us)
        self.exchanges += 1
        said_us = player.play(self.now_us, min(limits, default=self.now_us + _FAR_US))
        if said_us is None:
            return False
        self.now_us = said_us
        player.hear()
        return True
