"""Everything together, on real processes: the real firmware, a real broker, the gateway and the cloud.

Each test lets people work for a while, does something rude in the middle, and then compares the physical truth with
both ledgers. The comparison itself is tested in `test_comparison.py`. Programs are forked from one that has imported
them, but for `test_attended_demo_ends_with_ctrl_c`, in which all comes up from nothing.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

import partsbay
from simulator.comparison import Comparison
from simulator.demo import Demo
from simulator.ports import free_port
from simulator.programs import Program

SPEED = 8.0
Rudeness = Callable[[Demo], Awaitable[None]]
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


async def _until(what: str, condition: Callable[[], bool], seconds: float = 180.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


def _sessions(demo: Demo) -> int:
    return sum(visit.let_in for people in demo.people.values() for visit in people.visits)


@contextlib.asynccontextmanager
async def _at_work(demo: Demo, at_first: Rudeness | None = None) -> AsyncIterator[None]:
    """People work while the body runs; afterwards everything arrives and the cabinets are switched off."""
    stopping = asyncio.Event()
    try:
        await demo.start()
        if at_first is not None:
            await at_first(demo)
        work = asyncio.create_task(demo.work(stopping))
        try:
            yield
        finally:
            stopping.set()
            await work
        assert await demo.all_arrived(), "not everything arrived"
    finally:
        await demo.shop.stop()


def _run(demo: Demo, *rude: Rudeness, at_first: Rudeness | None = None) -> Comparison:
    """One shop: what happens `at_first`, sessions, then each rudeness with sessions after it; all must agree."""

    async def run() -> None:
        async with _at_work(demo, at_first):
            await _sessions_more(demo, 2)
            for strike in rude:
                await strike(demo)
                await _sessions_more(demo, 3)

    asyncio.run(run())
    found = demo.compare()
    assert found.good, found.differences
    assert found.wrong_counts == 0, found.differences
    assert found.sessions >= 2 + 3 * len(rude)
    return found


async def _sessions_more(demo: Demo, sessions: int) -> None:
    before = _sessions(demo)
    await _until("sessions", lambda: _sessions(demo) >= before + sessions)


async def _cut_power_with_the_door_open(demo: Demo) -> None:
    await demo.people["cab-1"].visit_with_power_cut((1, "OF-1012"))
    assert demo.shop.cabinets["cab-1"].boots == 2


async def _kill_gateway_twice(demo: Demo) -> None:
    for times in (1, 2):
        demo.shop.gateway.kill()
        await _until("the gateway to be back", partial(_is_back, demo.shop.gateway, times))


async def _kill_cloud(demo: Demo) -> None:
    demo.shop.cloud.kill()
    await _until("the cloud to be back", partial(_is_back, demo.shop.cloud, 1))


def _is_back(program: Program, times: int) -> bool:
    return program.restarts == times and program.pid > 0


async def _kill_embedded_broker(demo: Demo) -> None:
    folder = demo.shop.gateway_database.parent / "broker"
    pid = int((folder / "nats.pid").read_text())
    (folder / "store").rename(folder / "store-before")  # the next one is started at once, and must not find it
    os.kill(pid, signal.SIGKILL)
    await _until("another broker", lambda: (folder / "nats.pid").read_text() not in ("", str(pid)))


def test_power_gateway_cloud_and_broker_fail_one_after_the_other(tmp_path: Path) -> None:
    """The session of the power cut is reported as recovered, with what is missing; what was taken is booked."""
    demo = Demo(tmp_path, SPEED, seed=3)
    _run(demo, _kill_gateway_twice, _kill_cloud, _kill_embedded_broker, at_first=_cut_power_with_the_door_open)
    recovered = demo.ledgers().gateway("SELECT cabinet, missing != '' FROM session WHERE how = 'recovered'")
    assert recovered == [("cab-1", 1)]


def test_mosquitto_killed_and_started_empty(tmp_path: Path) -> None:
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not installed")
    port = free_port()
    configuration = tmp_path / "mosquitto.conf"
    configuration.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n")

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([MOSQUITTO, "-c", str(configuration)], stderr=subprocess.DEVNULL)

    broker = start()

    async def kill(_demo: Demo) -> None:
        nonlocal broker
        broker.kill()
        broker.wait()
        broker = start()

    try:
        _run(Demo(tmp_path / "shop", SPEED, seed=5, external_broker_port=port), kill)
    finally:
        broker.kill()
        broker.wait()


def test_unattended_demo_reports(tmp_path: Path) -> None:
    """The command as a user calls it, and the keys of its report."""
    report = tmp_path / "report.json"
    command = ["demo", "--headless", "--minutes", "0.2", "--speed", "8", "--json", str(report), "--seed", "7"]
    assert partsbay.main([*command, "--dir", str(tmp_path / "shop")]) == 0
    found = json.loads(report.read_text())
    assert found["sessions"] > 0
    assert found["events"] > found["sessions"]
    assert (found["lost"], found["doubled"], found["wrong_counts"]) == (0, 0, 0)
    assert found["truth_equals_ledger"]
    assert found["ledger_equals_cloud"]
    for key in ("door_shut_to_ledger_ms", "door_shut_to_cloud_ms"):
        assert 0 <= found[key]["p50"] <= found[key]["p99"]


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 0), (signal.SIGHUP, 0), (signal.SIGKILL, -signal.SIGKILL)],
    ids=["ctrl-c", "closed terminal", "kill -9"],
)
def test_an_attended_demo_leaves_no_program_behind(tmp_path: Path, number: signal.Signals, status: int) -> None:
    """However it is ended: what a terminal sends, it sends to the whole group."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    demo = subprocess.Popen(
        [sys.executable, "-m", "partsbay", "demo", "--speed", "4", "--dir", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        start_new_session=True,
    )
    try:
        assert demo.stdout is not None
        lines = []
        for line in demo.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        assert any("http://127.0.0.1:" in line for line in lines), lines
        started = _below(demo.pid)
        assert {int(pid) for pid in re.findall(r"pid (\d+)", "".join(lines))} <= started
        os.killpg(demo.pid, number)
        rest, _ = demo.communicate(timeout=60)
        assert demo.returncode == status, "".join(lines) + rest
        assert "starting it again" not in rest
    finally:
        demo.kill()
        demo.wait()
    asyncio.run(_until("every program to be gone", lambda: not any(map(_runs, started))))


def _below(pid: int) -> set[int]:
    """The processes that a process has started, and those they have."""
    found: set[int] = set()
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread has ended
            for child in map(int, listed.read_text().split()):
                found |= {child, *_below(child)}
    return found


def _runs(pid: int) -> bool:
    """Whether a process is there; one that has ended and is still listed has no command line."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False
