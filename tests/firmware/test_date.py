"""A controller without a clock: the date is its gateway's to say, and nobody else's.

The firmware under the real interpreter, the real service, and everybody who might want to say it, too.
"""

import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge_gateway.time_service import PER_HOUR_MAX, QuestionError, TimeService, answer
from tests.firmware.brokers import micropython, wait_until
from tests.firmware.link_world import HERE, compiled_firmware

KEY = "0123456789abcdef" * 4
KEYS = {"cab-1": bytes.fromhex(KEY)}


class Says:
    """A service of a stranger's: `say(question)` is what it answers to each."""

    def __init__(self, say: Callable[[bytes], bytes]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._say = say
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                asked, _ = self._listener.accept()
            except OSError:
                return
            with asked:
                said = self._say(asked.recv(400))
                asked.sendall(said)
                if not said:
                    self._ended.wait()  # it holds its tongue for longer than anybody waits

    def close(self) -> None:
        """Hang up."""
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.fixture
def refused() -> list[tuple[str, str, str]]:
    return []


@pytest.fixture
def service(refused: list[tuple[str, str, str]]) -> Iterator[TimeService]:
    one = TimeService("127.0.0.1", 0, KEYS, lambda: time.time_ns() // 1_000_000, lambda *told: refused.append(told))
    one.start()
    yield one
    one.close()


def asked(firmware: Path, key: str, *ports: str) -> list[list[str]]:
    """What a controller made of each service: year, weekday, seconds since 1970, trouble."""
    command = [micropython(), "-X", "heapsize=128K", str(HERE / "date_driver.py"), str(firmware), key, *ports]
    # The driver counts seconds with the interpreter's `mktime`, which goes by the time zone; the firmware never does.
    environment = os.environ | {"TZ": "UTC0"}
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    return [line.split(" ", 3) for line in ran.stdout.splitlines()]


def test_only_the_gateway_sets_the_date_and_only_for_this_question(
    service: TimeService, tmp_path: Path, refused: list[tuple[str, str, str]]
) -> None:
    firmware = compiled_firmware(tmp_path)
    now = time.time_ns() // 1_000_000
    kept: list[bytes] = []

    def replayed(question: bytes) -> bytes:
        kept.append(answer(question, KEYS, now + 10**9))
        return kept[0]

    def foreign(question: bytes) -> bytes:
        said = answer(question, KEYS, now)
        return said[:-2] + (b"1\n" if said.endswith(b"0\n") else b"0\n")

    replays = Says(replayed)
    babbling, curt, silent_one = (Says(lambda _, said=said: said) for said in (b"\xff" * 400, b"x\n", b""))
    strangers = [replays, replays, Says(foreign), babbling, curt, silent_one]
    try:
        ports = [str(service.port), *(str(one.port) for one in strangers), f"+{silent_one.port}", f"+{service.port}"]
        good, first, again, other_code, garbage, word, silent, doubted, corrected = asked(firmware, KEY, *ports)
    finally:
        for one in {*strangers}:
            one.close()
    for found in (good, corrected):
        assert abs(int(found[2]) - now // 1000) < 30
        assert int(found[1]) == time.gmtime(int(found[2])).tm_wday
    assert first[0] != "2000"  # the key's own answer, to this very question
    for found in (again, other_code, garbage, word, silent):
        assert found[0] == "2000"
    for found, why in ((again, "this question"), (other_code, "this cabinet's key"), (silent, "date from the gateway")):
        assert why in found[3]
    assert doubted[0] == "2027"  # an old date does when nobody says a better one
    assert not refused


def test_a_stranger_gets_no_answer_and_is_recorded(
    service: TimeService, tmp_path: Path, refused: list[tuple[str, str, str]]
) -> None:
    [found] = asked(compiled_firmware(tmp_path), "ff" * 32, str(service.port))
    assert found[0] == "2000"
    wait_until(lambda: ("time", "cab-1") in {told[:2] for told in refused}, "the record of the wrong key")
    for said in (b"GET / HTTP/1.1\r\n", b"x" * 400 + b"\n", b"\xff\n"):
        with socket.create_connection(("127.0.0.1", service.port)) as one:
            before = len(refused)
            one.sendall(said)
            assert hung_up(one)
            wait_until(lambda before=before: len(refused) > before, "the record")
    assert not {told[1] for told in refused} - {"cab-1", "127.0.0.1"}  # nobody's word fills the list


def hung_up(one: socket.socket) -> bool:
    """Whether the other side says nothing and goes."""
    one.settimeout(10)
    try:
        return one.recv(100) == b""
    except ConnectionResetError:
        return True


def test_a_flood_is_bounded_and_a_question_made_for_another_is_refused(service: TimeService) -> None:
    """Those who only hold a line are few at a time, and an address has so many questions an hour."""
    with pytest.raises(QuestionError):
        answer(b"partsbay-time-question 1 cab-9 " + b"0" * 32 + b" " + b"0" * 64 + b"\n", KEYS, 1)
    holding = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(40)]
    try:
        assert any(hung_up(one) for one in holding[32:])
    finally:
        for one in holding:
            one.close()
    for _ in range(PER_HOUR_MAX):
        service._allowed.allows("127.0.0.1", time.time_ns() // 1_000_000)
    with socket.create_connection(("127.0.0.1", service.port)) as one:
        assert hung_up(one)
