"""The first-run page: who may use it, what it says, and that a shop's gateway comes of it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from edge_gateway import settings
from edge_gateway.identity import first_run
from edge_gateway.identity.first_run import FirstRun
from edge_gateway.identity.first_run_page import TEXTS, first_run_app
from edge_gateway.identity.settings_file import settings_text
from edge_gateway.identity.setup_tries import ADDRESSES_MAX, FORGOTTEN_S, FREE_TRIES, SetupTries
from simulator.ports import free_port
from tests.firmware.brokers import wait_until
from tests.gateway.test_enrolment import Bridge, Clock, code_for, still

__all__ = ["still"]  # a fixture
PATIENCE_S = 60.0


def browser(run: FirstRun, host: str = "gateway.local", at: str = "127.0.0.1", **options: Any) -> httpx.AsyncClient:
    headers = {"Accept-Language": "en", **options.pop("headers", {})}
    transport = httpx.ASGITransport(first_run_app(run), client=(at, 49152))
    return httpx.AsyncClient(transport=transport, base_url=f"http://{host}", headers=headers, follow_redirects=True)


def test_nobody_gets_in_without_the_setup_code(tmp_path: Path) -> None:
    run = FirstRun(tmp_path / "gateway.toml", "0.0.0.0", 8080, Clock())  # noqa: S104
    local = FirstRun(tmp_path / "gateway.toml", "127.0.0.1", 8080, Clock())

    async def visit() -> None:
        async with browser(run) as client:
            assert "Setup code" in (await client.get("/")).text
            assert "Setup code" in (await client.post("/start", data={"alone": "1"})).text
            assert (await client.post("/setup", data={"code": "22222-22222"})).status_code == 403
            assert "Join your dealer" in (await client.post("/setup", data={"code": run.code.lower()})).text
        async with browser(run, headers={"Origin": "http://elsewhere.example"}) as foreign:
            assert (await foreign.post("/start", data={"alone": "1"})).status_code == 403
        async with browser(local, "127.0.0.1:8080") as here:
            assert "Join your dealer" in (await here.get("/")).text
        async with browser(local, "rebound.example") as rebound:
            assert (await rebound.get("/")).status_code == 403

    asyncio.run(visit())
    assert run.state == local.state == "asking" and not run.config.exists()
    assert run.code in first_run.console_lines(run) and run.code not in repr(run)
    assert "setup code" not in first_run.console_lines(local)


@pytest.fixture
def in_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the time zone of this process until the test has ended."""

    def put(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield put
    monkeypatch.undo()
    time.tzset()


def test_the_clock_is_shown_with_its_time_zone(tmp_path: Path, in_zone: Callable[[str], None]) -> None:
    """For whoever stands there to compare with a watch: people at the kiosk read this machine's time."""
    shown = {}
    for zone in ("UTC", "Asia/Shanghai"):
        in_zone(zone)
        for now_ms in (1_794_873_600_000, 0):  # 2026-11-17 00:00 UTC, and a clock that was never set
            run = FirstRun(tmp_path / "gateway.toml", "127.0.0.1", 8080, lambda now_ms=now_ms: now_ms)
            [check] = [check for check in run.checks() if check.name == "clock"]
            shown[zone, now_ms > 0] = (check.is_well, check.found)
    assert shown == {
        ("UTC", True): (True, "2026-11-17 00:00 (UTC+00:00)"),
        ("Asia/Shanghai", True): (True, "2026-11-17 08:00 (UTC+08:00)"),
        ("UTC", False): (False, "1970-01-01 00:00 (UTC+00:00)"),
        ("Asia/Shanghai", False): (False, "1970-01-01 08:00 (UTC+08:00)"),
    }


class Seconds:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 86_400.0

    def __call__(self) -> float:
        return self.now


def test_whoever_guesses_waits_ever_longer_and_never_for_good(tmp_path: Path) -> None:
    """He alone; not even the right code is looked at meanwhile, and to ask does not prolong it."""
    seconds = Seconds()
    run = FirstRun(tmp_path / "gateway.toml", "0.0.0.0", 8080, Clock(), tries=SetupTries(seconds))  # noqa: S104
    wrong, right = {"code": "33333-33333"}, {"code": run.code}

    async def visit() -> None:
        async with browser(run) as guesser, browser(run, at="192.168.1.9") as other:
            for _ in range(FREE_TRIES):
                assert (await guesser.post("/setup", data=wrong)).status_code == 403
            for pause_s in (15, 30, 60, 120, 240, 480, 900, 900):
                told = await guesser.post("/setup", data=wrong)
                assert (told.status_code, told.headers["Retry-After"]) == (429, str(pause_s))
                seconds.now += pause_s - 0.5
                assert (await guesser.post("/setup", data=right)).headers["Retry-After"] == "1"
                assert "Setup code" in (await other.get("/")).text
                seconds.now += 0.5
            told = await guesser.get("/")
            assert told.status_code == 200 and 'name="code"' in told.text
            told = await guesser.post("/setup", data=wrong)
            assert "please wait 15 min 00 s" in told.text and 'name="code"' not in told.text
            assert told.headers["Refresh"] == "5;url=/"  # it counts down by itself
            seconds.now += 840
            assert "请等 1 分 00 秒" in (await guesser.get("/?lang=zh")).text
            seconds.now += 57
            last = await guesser.get("/?lang=zh")
            assert "请等 3 秒" in last.text and last.headers["Refresh"] == "3;url=/"
            assert "Join your dealer" in (await other.post("/setup", data=right)).text
            seconds.now += 3
            assert "Join your dealer" in (await guesser.post("/setup", data=right)).text

    asyncio.run(visit())


def test_wrong_tries_are_forgotten_and_never_more_are_kept_than_there_is_room_for() -> None:
    seconds = Seconds()
    tries = SetupTries(seconds)

    def waits_after(wrong: int, address: str) -> int:
        for _ in range(wrong):
            tries.was_wrong(address)
        return tries.left_s(address)

    assert waits_after(FREE_TRIES, "192.168.1.7") == 0 and waits_after(1, "192.168.1.7") == 15
    seconds.now += FORGOTTEN_S
    assert waits_after(FREE_TRIES, "192.168.1.7") == 0  # an hour without a wrong one
    tries.was_right("192.168.1.7")
    assert waits_after(FREE_TRIES, "192.168.1.7") == 0
    assert waits_after(1, "192.168.1.7") == 15
    for number in range(ADDRESSES_MAX - 1):
        tries.was_wrong(f"2001:db8::{number:x}")
    assert tries.left_s("192.168.1.7") == 15
    tries.was_wrong("2001:db8::ffff")
    assert tries.left_s("192.168.1.7") == 0


def test_a_refused_code_is_explained_and_the_next_one_joins(still: tuple[FastAPI, Clock], tmp_path: Path) -> None:
    app, clock = still
    run = FirstRun(tmp_path / "gateway.toml", "127.0.0.1", 8080, clock, Bridge(app))

    async def visit() -> None:
        async with browser(run, "localhost:8080") as client:

            async def join(code: str) -> str:
                await client.post("/start", data={"cloud": "http://cloud", "code": code})
                while run.state == "working":
                    await asyncio.sleep(0.01)
                return (await client.get("/")).text

            assert TEXTS["refused_mistyped"][1] in await join("7KM3Q")
            refused = await join("22222-22222")
            assert TEXTS["refused_unknown"][1] in refused and 'value="http://cloud"' in refused
            assert not run.config.exists()  # a start now asks again
            done = await join(code_for(app.state.services))
            assert "This is the gateway of Shop (Dealer)" in done

    asyncio.run(visit())
    loaded = settings.load(run.config)
    assert (loaded.gateway, loaded.cloud.url, loaded.kiosk.port, loaded.broker.tls) == (
        "gw-1",
        "http://cloud",
        8080,
        "both",
    )
    assert not first_run.is_needed(run.config)
    (loaded.data_dir / "identity" / "gateway.pem").unlink()
    assert first_run.is_needed(run.config)  # its disk was changed: it has nothing to show the cloud


def test_the_program_goes_on_as_the_gateway_it_was_told_to_be(tmp_path: Path) -> None:
    """`partsbay gateway run` with nothing to show its cloud: the page, then the kiosk at the same address."""
    config, out, port = tmp_path / "gateway.toml", tmp_path / "out", free_port()
    ports = {"host": "127.0.0.1", "port": free_port()}
    kept = {"gateway": "gw-7", "data_dir": str(tmp_path / "books"), "kiosk": {"host": "127.0.0.1", "port": port}}
    config.write_text(settings_text({**kept, "broker": ports, "cloud": {"url": "http://cloud.example"}}))
    command = [sys.executable, "-m", "partsbay", "gateway", "run", "--config", config]
    with out.open("wb") as said:
        program = subprocess.Popen(command, stdout=said, stderr=said, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: f"open {base}/" in out.read_text(), "the page's address")
        wait_until(lambda: _answers(base), "the page")
        assert httpx.post(f"{base}/start", data={"alone": "1"}, timeout=PATIENCE_S).status_code == 303
        wait_until(lambda: "gateway ready" in out.read_text(), "the gateway")
        assert httpx.get(base, timeout=PATIENCE_S).status_code == 200
        loaded = settings.load(config)
        assert (loaded.gateway, loaded.broker.port, loaded.cloud.url) == ("gw-7", ports["port"], "")
    finally:
        program.send_signal(signal.SIGTERM)
        assert program.wait(30) == 0, out.read_text()


def _answers(base: str) -> bool:
    try:
        return httpx.get(base).status_code == 200
    except httpx.HTTPError:
        return False
