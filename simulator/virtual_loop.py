"""An asyncio event loop on virtual time: when nothing is left to run, time moves instead of the machine waiting.

Everything that runs on it must stay in this process and on this thread: a call handed to a thread is made at once, in
its place, so that a run depends on its seed only. It knows nothing of what runs on it; `pass_time` is told until when
nothing is due, and moves time.
"""

import asyncio
import contextlib
import selectors
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import anyio.to_thread


class Time(Protocol):
    """Who owns virtual time."""

    now_us: int

    def pass_time(self, until_us: int | None) -> None:
        """Let time pass to `until_us` (None: as far as there is anything to wait for), or less when something came."""
        ...


class StuckError(RuntimeError):
    """Nothing will ever happen again."""


class _Idle(selectors.BaseSelector):
    """What the loop asks when it has nothing to run. No file is ever watched."""

    def __init__(self, time: Time):
        self._time = time
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Remember the loop's own pair of sockets; nothing is ever written to it."""
        key = self._keys[fileobj] = selectors.SelectorKey(fileobj, 0, events, data)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Forget it."""
        return self._keys.pop(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Let time pass."""
        if timeout is None:
            self._time.pass_time(None)
        elif timeout > 0:
            self._time.pass_time(self._time.now_us + max(1, round(timeout * 1_000_000 + 0.499)))
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """What was registered."""
        return self._keys

    def close(self) -> None:
        """Forget everything."""
        self._keys.clear()


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop; `time()` is virtual, in seconds."""

    def __init__(self, time: Time):
        self._virtual = time
        super().__init__(_Idle(time))

    def time(self) -> float:
        """Virtual seconds."""
        return self._virtual.now_us / 1_000_000

    @property
    def has_work(self) -> bool:
        """Whether something is to run now."""
        return bool(self._ready)  # type: ignore[attr-defined]

    @property
    def next_us(self) -> int | None:
        """When the first timer is due; None without one."""
        timers = self._scheduled  # type: ignore[attr-defined]
        return round(timers[0].when() * 1_000_000) if timers else None

    def run_in_executor(self, _executor: Any, call: Any, *arguments: Any) -> Any:  # type: ignore[override]
        """Make the call here and now."""
        future = self.create_future()
        try:
            future.set_result(call(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    def _write_to_self(self) -> None:
        """Nobody sleeps in a poll: there is nobody to wake."""


async def _call_here(call: Callable[..., Any], *arguments: Any, **_how: Any) -> Any:
    return call(*arguments)


@contextlib.contextmanager
def without_threads() -> Iterator[None]:
    """Have anyio, too, make calls in their place: what starlette would hand to a thread."""
    threaded = anyio.to_thread.run_sync
    anyio.to_thread.run_sync = _call_here  # type: ignore[assignment]
    try:
        yield
    finally:
        anyio.to_thread.run_sync = threaded
