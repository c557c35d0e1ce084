"""Everything together, on real processes: the real firmware, a real broker, the gateway and the cloud.

Each test lets people work for a while, does something rude in the middle, and then compares the physical truth with
both ledgers. The comparison itself is tested in `test_comparison.py`.
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
from pathlib import Path

import pytest

from simulator.comparison import Comparison
from simulator.demo import Demo
from simulator.programs import free_port

SPEED = 8.0
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


async def _until(what: str, condition: Callable[[], bool], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


def _sessions(demo: Demo) -> int:
    return sum(visit.let_in for people in demo.people.values() for visit in people.visits)


@contextlib.asynccontextmanager
async def _at_work(demo: Demo) -> AsyncIterator[None]:
    """People work while the body runs; afterwards everything arrives and the cabinets are switched off."""
    stopping = asyncio.Event()
    try:
        await demo.start()
        work = asyncio.create_task(demo.work(stopping))
        try:
            yield
        finally:
            stopping.set()
            await work
        assert await demo.all_arrived(), "not everything arrived"
    finally:
        await demo.shop.stop()


def _run(demo: Demo, rude: Callable[[Demo], Awaitable[None]]) -> Comparison:
    async def run() -> None:
        async with _at_work(demo):
            await _until("sessions before", lambda: _sessions(demo) >= 4)
            await rude(demo)
            before = _sessions(demo)
            await _until("sessions after", lambda: _sessions(demo) >= before + 4)

    asyncio.run(run())
    found = demo.compare()
    assert found.good, found.differences
    assert found.wrong_counts == 0, found.differences
    assert found.sessions >= 8
    return found


def test_gateway_killed_and_started_again(tmp_path: Path) -> None:
    async def kill(demo: Demo) -> None:
        gateway = demo.shop.gateway
        for times in (1, 2):
            gateway.kill()
            await _until("the gateway to be back", lambda times=times: gateway.restarts == times and gateway.pid > 0)

    _run(Demo(tmp_path, SPEED, seed=3), kill)


def test_cloud_killed_and_started_again(tmp_path: Path) -> None:
    async def kill(demo: Demo) -> None:
        demo.shop.cloud.kill()
        await _until("the cloud to be back", lambda: demo.shop.cloud.restarts == 1 and demo.shop.cloud.pid > 0)

    _run(Demo(tmp_path, SPEED, seed=4), kill)


def test_embedded_broker_killed_and_started_empty(tmp_path: Path) -> None:
    async def kill(demo: Demo) -> None:
        folder = demo.shop.gateway_database.parent / "broker"
        pid = int((folder / "nats.pid").read_text())
        (folder / "store").rename(folder / "store-before")  # the next one is started at once, and must not find it
        os.kill(pid, signal.SIGKILL)
        await _until("another broker", lambda: (folder / "nats.pid").read_text() not in ("", str(pid)))

    _run(Demo(tmp_path, SPEED, seed=8), kill)


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


def test_power_cut_with_the_door_open(tmp_path: Path) -> None:
    """The session is reported as recovered, with what is missing; what was taken is booked."""

    async def run(demo: Demo) -> None:
        cabinet = demo.shop.cabinets["cab-1"]
        people = demo.people["cab-1"]
        try:
            await demo.start()
            await people.visit_with_power_cut((1, "OF-1012"))
            assert await demo.all_arrived(), "not everything arrived"
        finally:
            await demo.shop.stop()
        assert cabinet.boots == 2

    demo = Demo(tmp_path, SPEED, seed=6)
    asyncio.run(run(demo))
    found = demo.compare()
    assert found.good, found.differences
    ((how, missing),) = demo.ledgers().gateway("SELECT how, missing FROM session WHERE cabinet = 'cab-1'")
    assert how == "recovered"
    assert missing != ""
    assert found.wrong_counts == 0, found.differences


def test_unattended_demo_reports(tmp_path: Path) -> None:
    """The command as a user calls it, and the keys of its report."""
    report = tmp_path / "report.json"
    command = ["demo", "--headless", "--minutes", "0.3", "--speed", "8", "--json", str(report), "--seed", "7"]
    ran = subprocess.run(
        [sys.executable, "-m", "partsbay", *command], capture_output=True, text=True, timeout=240, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads(report.read_text())
    assert found["sessions"] > 0
    assert found["events"] > found["sessions"]
    assert (found["lost"], found["doubled"], found["wrong_counts"]) == (0, 0, 0)
    assert found["truth_equals_ledger"]
    assert found["ledger_equals_cloud"]
    for key in ("door_shut_to_ledger_ms", "door_shut_to_cloud_ms"):
        assert 0 <= found[key]["p50"] <= found[key]["p99"]


def test_attended_demo_ends_with_ctrl_c(tmp_path: Path) -> None:
    """Ctrl-C ends every program that was started: none is left behind."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    demo = subprocess.Popen(
        [sys.executable, "-m", "partsbay", "demo", "--speed", "4", "--dir", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
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
        demo.send_signal(signal.SIGINT)
        rest, _ = demo.communicate(timeout=60)
        assert demo.returncode == 0, "".join(lines) + rest
    finally:
        demo.kill()
        demo.wait()
    asyncio.run(_until("every program to be gone", lambda: not any(map(_runs, started))))


def _below(pid: int) -> set[int]:
    """The processes that a process has started, and those they have."""
    found: set[int] = set()
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, listed.read_text().split()):
            found |= {child, *_below(child)}
    return found


def _runs(pid: int) -> bool:
    """Whether a process is there; one that has ended and is still listed has no command line."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False
