"""asyncio on virtual time: what waits for hours takes no time, threads are calls, and two runs are the same."""

import asyncio
from collections.abc import Iterator

import anyio.to_thread
import pytest

from simulator.conductor import Conductor
from simulator.virtual_loop import StuckError


@pytest.fixture
def conductor() -> Iterator[Conductor]:
    """One whose loop is closed when the test is over."""
    conductor = Conductor()
    yield conductor
    conductor.close()


def test_waiting_moves_time_and_nothing_else(conductor: Conductor) -> None:
    async def wait() -> float:
        await asyncio.sleep(86_400 * 30)
        return asyncio.get_running_loop().time()

    assert conductor.run(wait()) == 86_400 * 30
    assert conductor.now_us == 86_400 * 30 * 1_000_000


def test_what_is_due_first_comes_first(conductor: Conductor) -> None:
    said: list[str] = []

    async def say(word: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        said.append(word)

    async def all_of_them() -> None:
        await asyncio.gather(say("late", 3.0), say("soon", 0.000_001), say("between", 2.999_999))

    conductor.run(all_of_them())
    assert said == ["soon", "between", "late"]


def test_a_time_out_is_virtual(conductor: Conductor) -> None:
    async def wait() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 600)

    conductor.run(wait())
    assert conductor.now_us == 600_000_000


def test_calls_for_threads_are_made_in_their_place(conductor: Conductor) -> None:
    async def ask() -> tuple[int, int]:
        main = await asyncio.to_thread(_thread)
        return main, await anyio.to_thread.run_sync(_thread)

    assert conductor.run(ask()) == (_thread(), _thread())


def _thread() -> int:
    import threading  # noqa: PLC0415 - only here

    return threading.get_ident()


def test_waiting_for_nothing_is_an_error(conductor: Conductor) -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    with pytest.raises(StuckError, match="expected something to wait for"):
        conductor.run(wait())


class Player:
    """Waits for each of its times in turn, and says at each when it is; `told` are the times it was granted."""

    def __init__(self, conductor: Conductor, times_us: list[int]):
        self.heard: list[int] = []
        self.granted: list[int] = []
        self.has_said = False
        self._conductor = conductor
        self._times_us = times_us

    @property
    def next_us(self) -> int:
        return self._times_us[0] if self._times_us else 1 << 52

    def play(self, granted_us: int) -> None:
        self.granted.append(granted_us)
        self.has_said = True

    def hear(self) -> None:
        self.has_said = False
        self.heard.append(self._conductor.now_us)
        self._times_us.pop(0)


def test_players_are_heard_in_the_order_of_time(conductor: Conductor) -> None:
    one, two = Player(conductor, [10, 500_000, 900_000]), Player(conductor, [20, 400_000])
    conductor.players += [one, two]

    async def wait() -> None:
        await asyncio.sleep(0.6)

    conductor.run(wait())
    assert one.heard == [10, 500_000]
    assert two.heard == [20, 400_000]
    assert conductor.now_us == 600_000
    assert set(one.granted) == set(two.granted) == {600_000}
