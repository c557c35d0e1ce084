"""The conductor: owns virtual time, and lets whoever is next have it.

Controllers run the real firmware in interpreters of their own, each in lockstep over one socket; the gateway, the
cloud, the network and the people are tasks on the loop of `virtual_loop`. Only one of them ever runs at a time. A
controller is granted time up to the next timer of the loop, and may so be ahead of the others while it has nothing to
say; what it says is heard when everybody else has come as far. What then reaches it was late by as much, as things are
on a network. Nothing here knows what anybody says.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from simulator.virtual_loop import StuckError, VirtualLoop, without_threads

Result = TypeVar("Result")

_FAR_US = 3_600_000_000  # granted where nothing else is waited for


class Player(Protocol):
    """A controller in lockstep."""

    @property
    def next_us(self) -> int:
        """When it has said something that nobody has heard yet; else until when it waits."""
        ...

    @property
    def has_said(self) -> bool:
        """Whether it has said something that nobody has heard yet."""
        ...

    def play(self, granted_us: int) -> None:
        """Go on from where it waits, up to `granted_us`; blocks until it waits beyond that or has said something."""
        ...

    def hear(self) -> None:
        """Have what it said come out; it is `next_us` now."""
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
            player = min(self.players, key=_next, default=None)
            if player is None or (until_us is not None and player.next_us >= until_us):
                if until_us is None:
                    raise StuckError("expected something to wait for, found nothing that will ever happen")
                self.now_us = max(self.now_us, until_us)
                return
            if player.has_said:
                self.now_us = max(self.now_us, player.next_us)
                player.hear()
                return
            self.exchanges += 1
            player.play(max(self.now_us, player.next_us) + _FAR_US if until_us is None else until_us)


def _next(player: Player) -> int:
    return player.next_us
