"""Runs MicroPython scripts over the compiled fakes, without a world; what several tests begin with."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator import controller_process, ports
from tests.firmware.brokers import Broker, Nats
from tests.simulation.oracle_world import World, copy_of, live_a_day

JUMPING = """
import virtual_time

class JumpingClock:
    def __init__(self):
        self.us = 0

    def now_us(self):
        return self.us

    def wait(self, poller, until_us):
        ready = [(stream, events) for stream, events in poller.ipoll(0)]
        if not ready and until_us > self.us:
            self.us = until_us
        return ready

    def wait_for_ever(self, poller):
        return [(stream, events) for stream, events in poller.ipoll(5000)]

virtual_time.start(JumpingClock())
import select, time, virtual_asyncio
"""

Run = Callable[..., list[str]]


@pytest.fixture(scope="session")
def fakes_path() -> str:
    """MICROPYPATH with the compiled fakes and firmware."""
    return controller_process.import_path(controller_process.build())


@pytest.fixture
def run_plain(tmp_path: Path) -> Run:
    """Run a script on the bare interpreter; its lines."""
    return lambda source: _run(source, ".frozen", tmp_path)


@pytest.fixture
def run_jumping(fakes_path: str, tmp_path: Path) -> Run:
    """Run a script over the fakes, on a clock that jumps to the next thing due; its lines."""

    def run(source: str, ticks_start_ms: int = 0) -> list[str]:
        start = f"time.start({ticks_start_ms}, select.poll(), None)\nvirtual_asyncio.install()\n"
        return _run(JUMPING + start + source, fakes_path, tmp_path)

    return run


def _run(source: str, path: str, directory: Path) -> list[str]:
    script = directory / "script.py"
    script.write_text(source)
    done = subprocess.run(
        [controller_process.interpreter(), str(script)],
        # East of Greenwich: a board has no time zone, wherever the machine that plays it stands.
        env={**os.environ, "MICROPYPATH": path, "TZ": "CST-8"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """One broker for all scenes of a module; each has a cabinet of its own journal."""
    nats = Nats()
    nats.start()
    yield nats
    nats.close()


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    return ports.free_port()


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A small shop with its oracle after a day, at rest and closed."""
    world = World(tmp_path_factory.mktemp("lived"))
    live_a_day(world)
    world.stop()
    return world


@pytest.fixture
def world(lived: World, tmp_path: Path) -> Iterator[World]:
    """A copy of it, for one test to break or to go on with."""
    copied = copy_of(lived, tmp_path / "copy")
    yield copied
    copied.stop()
